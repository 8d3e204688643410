use serde::{Deserialize, Serialize};

/// Data kind of a dataset.
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
    /// Rows of numbers without a graph: images or a table.
    Samples,
}
