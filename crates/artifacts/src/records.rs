use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, ImageShape, NegativeSet, Part};

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's interface")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

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
    /// Number of relation types of edges; absent if there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub relations: usize,
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
    /// No pair is in two parts or twice in one, in either direction; in a directed split, in the same direction.
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
    /// Facts about a split whose parts were given in files; absent for a drawn split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenSplit>,
    /// Rule that assigns edges to parts, unless they are drawn or given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SplitRule>,
}

/// Rule that assigns edges to parts.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum SplitRule {
    /// Training edges are the earliest, test edges the latest. An edge with several entries has the time of the
    /// earliest.
    Time {
        /// Column of the edge tables.
        column: String,
        /// Last time of a training edge.
        train_until: String,
        /// First and last time of a validation edge; absent without validation edges.
        validation: Option<[String; 2]>,
        /// First time of a test edge; absent without test edges.
        test_from: Option<String>,
    },
    /// Test edges are those of test nodes, validation edges the others of validation nodes. Training edges join
    /// the other nodes.
    Nodes {
        /// Number of nodes with training edges or without any edges.
        train: usize,
        /// Number of validation nodes.
        validation: usize,
        /// Number of test nodes.
        test: usize,
    },
}

/// Facts about a split whose parts were given in files: the rows that were left out, and the conditions of a
/// drawn split that the files violate.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct GivenSplit {
    /// The lists of pairs, those of the files and those that were drawn or derived because no file has them.
    pub lists: Vec<GivenList>,
    /// Pairs that two lists have in common; lists without common pairs are absent.
    pub overlaps: Vec<Overlap>,
    /// Number of negatives that are edges of the graph or of a part.
    pub negatives_that_are_edges: usize,
    /// Number of edges of the parts that are not edges of the graph.
    pub edges_outside_the_graph: usize,
    /// Number of edges of the graph that are in no part.
    pub edges_in_no_part: usize,
    /// Lists of negatives of single edges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negative_lists: Vec<GivenNegatives>,
    /// Decisions on how the files were read.
    pub readings: Vec<TableReading>,
}

/// Edges or negatives of one part of a given split.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct GivenList {
    /// Part.
    pub part: Part,
    /// Whether the pairs are edges.
    pub positive: bool,
    /// Origin of the pairs.
    pub origin: ListOrigin,
    /// Number of rows; of pairs, if they are not from a file.
    pub rows: usize,
    /// Number of pairs in the split.
    pub pairs: usize,
    /// Number of self-loops, which were left out.
    pub self_loops: usize,
    /// Number of rows that repeat a pair in the same direction, which were left out.
    pub duplicates: usize,
    /// Number of rows that repeat a pair in the other direction, which were left out.
    pub reversed_duplicates: usize,
    /// Number of rows that were left out since the graph lacks a node of theirs, or since they lack an id.
    pub unknown: usize,
}

/// Origin of the pairs of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListOrigin {
    /// A file.
    File,
    /// Drawn uniformly from the pairs that are not edges, as many as the part has edges.
    Drawn,
    /// The edges of the graph that are in no other part.
    Rest,
}

/// Pairs that two lists of a split have in common.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Overlap {
    /// Names of the lists, such as `train` and `test negatives`.
    pub lists: [String; 2],
    /// Number of pairs in both.
    pub pairs: usize,
}

/// Given lists of negatives of the edges of a part.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct GivenNegatives {
    /// Validation or test.
    pub part: Part,
    /// Name of the set in `hard-negatives.parquet` and `metrics.json`, such as `given:500`.
    #[schemars(with = "String")]
    pub set: NegativeSet,
    /// File.
    pub path: String,
    /// Number of edges with a list.
    pub edges: usize,
    /// Number of negatives in all lists.
    pub pairs: usize,
    /// Number of negatives that are edges of the graph or of a part. They are kept.
    pub edges_among_negatives: usize,
    /// Number of negatives that repeat one of the same list, in either direction. They are kept.
    pub duplicates: usize,
    /// Number of self-loops. They are left out.
    pub self_loops: usize,
}

impl fmt::Display for SplitRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { column, train_until, validation, test_from } => {
                write!(f, "by time (`{column}`): training edges until {train_until}")?;
                if let Some([first, last]) = validation {
                    write!(f, ", validation edges from {first} to {last}")?;
                }
                if let Some(first) = test_from {
                    write!(f, ", test edges from {first}")?;
                }
                Ok(())
            }
            Self::Nodes { train, validation, test } => {
                write!(f, "by node: {train} training, {validation} validation, {test} test nodes")
            }
        }
    }
}

impl GivenSplit {
    /// Returns a sentence per condition that the files violate and per kind of rows that were left out.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        for list in &self.lists {
            let name = list.name();
            let counts = [
                (list.self_loops, "self-loops"),
                (list.duplicates, "duplicates"),
                (list.reversed_duplicates, "reversed duplicates"),
                (list.unknown, "rows with unknown or missing ids"),
            ];
            let left_out = counts.into_iter().filter(|(count, _)| *count > 0);
            findings
                .extend(left_out.map(|(count, what)| format!("{name}: {count} {what} left out")));
            match list.origin {
                ListOrigin::File => {}
                ListOrigin::Drawn => findings.push(format!(
                    "{name}: no file, {} drawn uniformly from the pairs that are not edges",
                    list.pairs
                )),
                ListOrigin::Rest => findings.push(format!(
                    "{name}: no file, the {} edges of the graph in no other part",
                    list.pairs
                )),
            }
        }
        for Overlap { lists: [first, second], pairs } in &self.overlaps {
            findings.push(format!("{pairs} pairs are in both {first} and {second}"));
        }
        let counts = [
            (self.negatives_that_are_edges, "negatives are edges"),
            (self.edges_outside_the_graph, "edges of the parts are not edges of the graph"),
            (self.edges_in_no_part, "edges of the graph are in no part"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        findings.extend(counts.map(|(count, what)| format!("{count} {what}")));
        for lists in &self.negative_lists {
            let counts = [
                (lists.edges_among_negatives, "are edges (kept)"),
                (lists.duplicates, "repeat one of the same list (kept)"),
                (lists.self_loops, "are self-loops (left out)"),
            ];
            let counts = counts.into_iter().filter(|(count, _)| *count > 0);
            findings.extend(counts.map(|(count, what)| {
                let GivenNegatives { part, path, pairs, .. } = lists;
                format!("{path}, negatives of {part} edges: {count} of {pairs} {what}")
            }));
        }
        findings
    }
}

impl GivenList {
    /// Returns the name of the list: `train`, `val negatives`.
    #[must_use]
    pub fn name(&self) -> String {
        let Self { part, positive, .. } = self;
        if *positive { part.to_string() } else { format!("{part} negatives") }
    }
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
