use serde::{Deserialize, Serialize};

use crate::ContentHash;

/// What ingest found in the raw data and what it did about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Sentences for a person: how these counts relate to figures quoted elsewhere, what was mended.
    pub notes: Vec<String>,
}

/// How the graph falls apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentCount {
    /// How many components.
    pub count: usize,
    /// Nodes in the largest.
    pub largest: usize,
}

/// Proof that a split does not leak, with the counts a reader wants to check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Pairs in each part.
    pub counts: CertificateCounts,
    /// No pair stands in two places, in either direction.
    pub parts_disjoint: bool,
    /// The positive pairs together are exactly the edges of the graph.
    pub positives_cover_the_graph: bool,
    /// No negative is an edge of the whole graph.
    pub no_negative_is_an_edge: bool,
    /// Messages pass over training edges only.
    pub message_passing: String,
    /// Test edges with an end that no training edge touches.
    pub cold_test_edges: usize,
    /// Hash over every pair and its part.
    pub split_hash: ContentHash,
}

/// Pairs in each part of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        self.parts_disjoint && self.positives_cover_the_graph && self.no_negative_is_an_edge
    }
}
