use serde::{Deserialize, Serialize};

/// What a dataset consists of.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum DataKind {
    /// Nodes and edges.
    Graph,
    /// Rows of numbers without a graph between them: images or a table.
    Samples,
}
