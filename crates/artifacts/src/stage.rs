use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stage of a run. The order of the variants is the order in which stages run.
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
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stage {
    /// Converts raw files to a graph or to samples.
    Ingest,
    /// Splits edges or samples into training, validation and test parts.
    Split,
    /// Trains weights and an embedding on training edges or samples.
    Train,
    /// Measures an embedding: metrics and, for graphs, scored pairs.
    Eval,
    /// Writes an embedding to files for other tools.
    Export,
}

impl Stage {
    /// Version of the stage's implementation, increased when its output for the same input changes. It is
    /// part of the fingerprint.
    #[must_use]
    pub const fn version(self) -> u32 {
        match self {
            Self::Ingest => 3,
            Self::Split => 2,
            Self::Train => 6,
            Self::Eval => 7,
            Self::Export => 1,
        }
    }
}
