use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, ImageShape};

/// What ingest found in the raw data and what it did about it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Audit {
    /// Nodes in the graph.
    pub nodes: usize,
    /// Edges in the graph, each once.
    pub edges: usize,
    /// Whether the edges kept their direction.
    pub directed: bool,
    /// Edge entries in the raw data, before anything was dropped.
    pub raw_edge_entries: usize,
    /// Entries from a node to itself, dropped.
    pub self_loops_dropped: usize,
    /// Entries that repeat an edge (in undirected graphs also the other direction), collapsed.
    pub duplicates_collapsed: usize,
    /// Entries that name a node the node table lacks, dropped.
    pub unknown_ends_dropped: usize,
    /// Nodes that the node table lacks, added from the edges. They follow the others.
    #[serde(default)]
    pub added_nodes: usize,
    /// Nodes without any edge.
    pub isolated_nodes: usize,
    /// Largest degree.
    pub max_degree: usize,
    /// Connected components (direction ignored).
    pub components: ComponentCount,
    /// Features a node can have; 0 without features.
    pub features: usize,
    /// Stored feature values.
    pub feature_nonzeros: usize,
    /// Nodes whose features are all zero (0 without features).
    pub zero_feature_nodes: usize,
    /// Distinct class labels.
    pub classes: usize,
    /// Nodes without a label.
    pub unlabelled_nodes: usize,
    /// Types of the nodes in a heterogeneous graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<TypeCounts>,
    /// How each table was read; empty for a known dataset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<TableReading>,
    /// Sentences on what may be wrong with the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Sentences for a person: how these counts relate to figures quoted elsewhere, what was mended.
    pub notes: Vec<String>,
    /// What the raw data lacks, repeats or contradicts, and what was done about it.
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

/// How a table was read, and why so.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct TableReading {
    /// Key of the configuration that names the file: `edges`, `nodes`, `table`.
    pub key: String,
    /// Path of the file as the configuration has it.
    pub path: String,
    /// Format: `CSV`, `TSV`, `text`, `Parquet`, `Arrow`.
    pub format: String,
    /// The decision as a pipeline states it: the value of the key, with every option that was decided.
    pub stated: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of lines that were left out as comments.
    pub comment_lines: usize,
    /// Use of the columns.
    pub columns: Vec<ColumnUse>,
    /// Reasons for the form that was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Columns of one use.
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

/// Something in the raw data that had to be decided.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Finding {
    /// What it is, in words.
    pub what: String,
    /// How many there are.
    pub count: usize,
    /// The first of them, five at most: ids, or rows.
    pub examples: Vec<String>,
    /// What was done about each.
    pub action: String,
}

/// How the graph falls apart.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct ComponentCount {
    /// How many components.
    pub count: usize,
    /// Nodes in the largest.
    pub largest: usize,
}

/// Proof that a split does not leak, with the counts a reader wants to check.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Certificate {
    /// Pairs in each part.
    pub counts: CertificateCounts,
    /// No pair stands in two places, in either direction.
    pub parts_disjoint: bool,
    /// The positive pairs together are exactly the edges of the graph.
    pub positives_cover_the_graph: bool,
    /// No negative is an edge of the whole graph.
    pub no_negative_is_an_edge: bool,
    /// Over which edges messages pass.
    pub message_passing: String,
    /// Leaks of evaluation edges into training.
    pub leaks: Vec<String>,
    /// Test edges with an end that no training edge touches.
    pub cold_test_edges: usize,
    /// Hash over every pair and its part.
    pub split_hash: ContentHash,
}

/// Pairs in each part of a split.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct CertificateCounts {
    /// Nodes.
    pub nodes: usize,
    /// Training edges.
    pub train: usize,
    /// Validation edges.
    pub validation: usize,
    /// Validation non-edges.
    pub validation_negative: usize,
    /// Test edges.
    pub test: usize,
    /// Test non-edges.
    pub test_negative: usize,
}

impl Certificate {
    /// Whether every proof holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.parts_disjoint
            && self.positives_cover_the_graph
            && self.no_negative_is_an_edge
            && self.leaks.is_empty()
    }
}

/// What ingest found in rows of numbers without a graph, and what it did about it.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SampleAudit {
    /// Samples (rows).
    pub samples: usize,
    /// Numbers a sample (columns).
    pub columns: usize,
    /// What image a sample is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageShape>,
    /// Columns that hold the same number in every sample; a model learns nothing from them.
    pub constant_columns: NamedCount,
    /// Values that the source lacks.
    pub missing: MissingValues,
    /// Distinct class labels.
    pub classes: usize,
    /// Samples without a label.
    pub unlabelled_samples: usize,
    /// How many samples the source gives to each part, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_parts: Option<PartCounts>,
    /// The smallest value as stored (a pixel from 0 to 255); 0 without samples.
    pub minimum: f32,
    /// The largest value as stored.
    pub maximum: f32,
    /// How each column was scaled; empty if they were not.
    pub scaling: Vec<ColumnScale>,
    /// How the table was read; none for a known dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<TableReading>,
    /// Sentences for a person.
    pub notes: Vec<String>,
}

/// How many columns, and the names of the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct NamedCount {
    /// How many.
    pub count: usize,
    /// The first of them; for an image `row R, column C`, from 0.
    pub examples: Vec<String>,
}

/// Values that a source lacks, and what was put in their place.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct MissingValues {
    /// How many values are missing.
    pub values: usize,
    /// The columns that lack them.
    pub columns: NamedCount,
    /// What was done about them.
    pub action: String,
}

/// What a column's numbers were made of: stored = (read - `offset`) / `divisor`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ColumnScale {
    /// The column's name.
    pub column: String,
    /// What was taken away.
    pub offset: f64,
    /// What was divided by; 0 for a constant column, whose stored values are all 0.
    pub divisor: f64,
}

/// Samples in each part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct PartCounts {
    /// Learned from.
    pub train: usize,
    /// Chosen by.
    pub validation: usize,
    /// Judged by.
    pub test: usize,
}

/// Proof that a split of samples does not leak, with the counts a reader wants to check.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct SampleCertificate {
    /// Samples that were split.
    pub samples: usize,
    /// Samples in each part.
    pub counts: PartCounts,
    /// No sample is in two parts, or twice in one.
    pub parts_disjoint: bool,
    /// The parts together are exactly the samples.
    pub parts_cover_the_samples: bool,
    /// Where the source says which samples are for the test, exactly these are the test part, and those it
    /// gives for validation validate. Nothing to keep, and so `null`, where the source says neither.
    pub given_parts_kept: Option<bool>,
    /// Hash over every sample and its part.
    pub split_hash: ContentHash,
}

impl SampleCertificate {
    /// Whether every proof holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.parts_disjoint && self.parts_cover_the_samples && self.given_parts_kept != Some(false)
    }
}
