use vgae_artifacts::{Features, Finding, Pair, TableReading};

/// A graph as its files tell it, before anything is dropped or collapsed. Nodes are rows of `ids`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawGraph {
    /// The source's own ids, each once.
    pub ids: Vec<String>,
    /// Whether the source has them in a column of text, so that an id which looks like a number is none.
    /// In a source without types, such as CSV, ids have the type that all of them look like.
    pub ids_are_text: bool,
    /// A class label for each node, where there is one.
    pub labels: Vec<Option<String>>,
    /// Type of each node in a heterogeneous graph, such as `user`.
    pub types: Option<Vec<String>>,
    /// Every edge entry in the order of the source, with its direction, self-loops and repetitions.
    pub edges: Vec<Pair>,
    /// One finite weight an entry of `edges`, if the source has weights.
    pub weights: Option<Vec<f32>>,
    /// Relation type of each entry of `edges`, if the source has relation types.
    pub relations: Option<Vec<String>>,
    /// Features of each node, if there are any.
    pub features: Option<Features>,
    /// Entries left out because they name a node that the node table lacks.
    pub unknown_ends_dropped: usize,
    /// Nodes that the node table lacks; they follow the others.
    pub added_nodes: usize,
    /// Entries left out because they lack an end or a weight.
    pub incomplete_dropped: usize,
    /// How each table was read.
    pub readings: Vec<TableReading>,
    /// Sentences on what may be wrong.
    pub warnings: Vec<String>,
    /// Sentences on how this was read.
    pub notes: Vec<String>,
    /// Missing, duplicate and contradictory entries of the source, and their treatment.
    pub findings: Vec<Finding>,
}
