use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, ImageShape};

/// Findings of ingest in the raw data, and the actions taken.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Audit {
    /// Number of nodes in the graph.
    pub nodes: usize,
    /// Number of distinct edges in the graph.
    pub edges: usize,
    /// Whether the edges kept their direction.
    pub directed: bool,
    /// Number of edge entries in the raw data, before any were dropped.
    pub raw_edge_entries: usize,
    /// Number of dropped self-loops.
    pub self_loops_dropped: usize,
    /// Number of dropped duplicates of an edge (in undirected graphs including the other direction).
    pub duplicates_collapsed: usize,
    /// Number of dropped entries with a node that is not in the node table.
    pub unknown_ends_dropped: usize,
    /// Number of nodes that are not in the node table and were added from the edges. They follow the others.
    #[serde(default)]
    pub added_nodes: usize,
    /// Number of nodes without edges.
    pub isolated_nodes: usize,
    /// Largest degree.
    pub max_degree: usize,
    /// Connected components (ignoring direction).
    pub components: ComponentCount,
    /// Number of features; 0 without features.
    pub features: usize,
    /// Number of stored feature values.
    pub feature_nonzeros: usize,
    /// Number of nodes whose features are all zero (0 without features).
    pub zero_feature_nodes: usize,
    /// Number of distinct class labels.
    pub classes: usize,
    /// Number of nodes without a label.
    pub unlabelled_nodes: usize,
    /// Types of the nodes in a heterogeneous graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<TypeCounts>,
    /// Reading of each table; empty for a known dataset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<TableReading>,
    /// Sentences on possible problems of the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Sentences for readers: relation of these counts to published figures, repairs.
    pub notes: Vec<String>,
    /// Missing, duplicate or contradictory entries of the raw data, and the actions taken.
    pub findings: Vec<Finding>,
}

/// Types of nodes and the pairs of types that edges join.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct TypeCounts {
    /// Number of nodes of each type.
    pub nodes: BTreeMap<String, usize>,
    /// Joined types: `movie - user`. Negatives and predictions are pairs of these.
    pub joined: String,
}

/// Description of how a table was read, with reasons.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct TableReading {
    /// Key of the configuration that contains the path: `edges`, `nodes`, `table`.
    pub key: String,
    /// Path of the file as configured.
    pub path: String,
    /// Format: `CSV`, `TSV`, `text`, `Parquet`, `Arrow`.
    pub format: String,
    /// Decision as a pipeline would state it: the value of the key, with every detected option.
    pub stated: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of lines skipped as comments.
    pub comment_lines: usize,
    /// Use of the columns.
    pub columns: Vec<ColumnUse>,
    /// Reasons for the detected format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Columns with the same use.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ColumnUse {
    /// `src`, `dst`, `weight`, `id`, `label`, `feature`, `value`, `part` or `not used`.
    pub part: String,
    /// The columns.
    pub columns: NamedCount,
    /// Reason for the use.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Irregularity in the raw data that required a decision.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Finding {
    /// Description.
    pub what: String,
    /// Number of occurrences.
    pub count: usize,
    /// First occurrences, at most five: ids or rows.
    pub examples: Vec<String>,
    /// Action taken.
    pub action: String,
}

/// Connected components of the graph.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ComponentCount {
    /// Number of components.
    pub count: usize,
    /// Number of nodes in the largest component.
    pub largest: usize,
}

/// Certificate that a split does not leak, with the counts to verify it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Certificate {
    /// Number of pairs in each part.
    pub counts: CertificateCounts,
    /// No pair is in two parts or twice in one, in either direction.
    pub parts_disjoint: bool,
    /// The positive pairs together are exactly the edges of the graph.
    pub positives_cover_the_graph: bool,
    /// No negative is an edge of the whole graph.
    pub no_negative_is_an_edge: bool,
    /// Edges for message passing.
    pub message_passing: String,
    /// Leaks of evaluation edges into training.
    pub leaks: Vec<String>,
    /// Number of test edges with a cold-start node.
    pub cold_test_edges: usize,
    /// Hash over every pair and its part.
    pub split_hash: ContentHash,
}

/// Number of pairs in each part of a split.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct CertificateCounts {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of training edges.
    pub train: usize,
    /// Number of validation edges.
    pub validation: usize,
    /// Number of validation negatives.
    pub validation_negative: usize,
    /// Number of test edges.
    pub test: usize,
    /// Number of test negatives.
    pub test_negative: usize,
}

impl Certificate {
    /// Returns whether every property holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.parts_disjoint
            && self.positives_cover_the_graph
            && self.no_negative_is_an_edge
            && self.leaks.is_empty()
    }
}

/// Findings of ingest in samples without a graph, and the actions taken.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SampleAudit {
    /// Number of samples (rows).
    pub samples: usize,
    /// Number of values per sample (columns).
    pub columns: usize,
    /// Image shape of a sample, if it is an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageShape>,
    /// Columns with the same value in every sample, which carry no information for a model.
    pub constant_columns: NamedCount,
    /// Missing values in the source.
    pub missing: MissingValues,
    /// Number of distinct class labels.
    pub classes: usize,
    /// Number of samples without a label.
    pub unlabelled_samples: usize,
    /// Number of samples that the source assigns to each part, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_parts: Option<PartCounts>,
    /// Smallest stored value (for pixels from 0 to 255); 0 without samples.
    pub minimum: f32,
    /// Largest stored value.
    pub maximum: f32,
    /// Scaling of each column; empty without scaling.
    pub scaling: Vec<ColumnScale>,
    /// Reading of the table; absent for a known dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<TableReading>,
    /// Sentences for readers.
    pub notes: Vec<String>,
}

/// Number of columns, with the names of the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct NamedCount {
    /// Number of columns.
    pub count: usize,
    /// First names; for an image `row R, column C`, from 0.
    pub examples: Vec<String>,
}

/// Missing values of a source, and their replacement.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct MissingValues {
    /// Number of missing values.
    pub values: usize,
    /// Columns with missing values.
    pub columns: NamedCount,
    /// Action taken.
    pub action: String,
}

/// Scaling of a column: stored = (read - `offset`) / `divisor`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ColumnScale {
    /// Name of the column.
    pub column: String,
    /// Subtracted offset.
    pub offset: f64,
    /// Divisor; 0 for a constant column, whose stored values are all 0.
    pub divisor: f64,
}

/// Number of samples in each part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct PartCounts {
    /// Number of training samples.
    pub train: usize,
    /// Number of validation samples.
    pub validation: usize,
    /// Number of test samples.
    pub test: usize,
}

/// Certificate that a split of samples does not leak, with the counts to verify it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct SampleCertificate {
    /// Number of samples in the split.
    pub samples: usize,
    /// Number of samples in each part.
    pub counts: PartCounts,
    /// No sample is in two parts, or twice in one.
    pub parts_disjoint: bool,
    /// The parts together are exactly the samples.
    pub parts_cover_the_samples: bool,
    /// Whether the test part contains exactly the test samples assigned by the source, and the validation
    /// part the validation samples assigned by it. `null` if the source assigns neither.
    pub given_parts_kept: Option<bool>,
    /// Hash over every sample and its part.
    pub split_hash: ContentHash,
}

impl SampleCertificate {
    /// Returns whether every property holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.parts_disjoint && self.parts_cover_the_samples && self.given_parts_kept != Some(false)
    }
}
