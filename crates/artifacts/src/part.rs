use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Part of a split.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Part {
    /// Used for training.
    Train,
    /// Used for model selection.
    #[serde(rename = "val")]
    #[strum(serialize = "val")]
    Validation,
    /// Used for the final evaluation.
    Test,
}
