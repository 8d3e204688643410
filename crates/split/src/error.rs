use vgae_artifacts::ArtifactError;
use vgae_options::OptionError;

/// Error of splitting a graph or a table of samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A fraction is outside its range.
    #[error("split: {0}")]
    Option(#[from] OptionError),
    /// The fractions leave no edges for training.
    #[error(
        "split: expected validation and test fractions that sum to less than 1, found {validation} + {test}; \
         lower one of them, so that edges are left to train on"
    )]
    Fractions {
        /// The validation fraction.
        validation: f64,
        /// The test fraction.
        test: f64,
    },
    /// Both files with the parts of a split and fractions are set.
    #[error(
        "split: expected either `files` or `validation` and `test`, found both; remove the fractions, since the \
         files contain the parts"
    )]
    FilesAndFractions,
    /// Files with the parts of a split have no training edges.
    #[error(
        "split: expected at least one training edge in the given parts, found none besides {left_out} rows that \
         were left out (self-loops, duplicates, unknown ids)"
    )]
    NoTrainingEdges {
        /// Number of rows that were left out.
        left_out: usize,
    },
    /// A part with a fraction above zero would be empty.
    #[error(
        "split: expected at least {needed} edges, so that a {part} fraction of {fraction} holds one, \
         found {edges}; raise the fraction, or set it to 0 to go without that part"
    )]
    TooFewEdges {
        /// `validation` or `test`.
        part: &'static str,
        /// Its fraction.
        fraction: f64,
        /// Smallest number of edges for which the part has one edge.
        needed: u128,
        /// Number of edges of the graph.
        edges: usize,
    },
    /// No training edges would remain.
    #[error(
        "split: expected at least one edge left to train on, found {edges} edges of which {held_out} are \
         to be held out; use a graph with more edges or lower the fractions"
    )]
    NothingToTrain {
        /// Number of edges of the graph.
        edges: usize,
        /// Number of validation and test edges.
        held_out: usize,
    },
    /// The graph has too few pairs without an edge for the negatives.
    #[error(
        "split: expected {asked} pairs without an edge (one for each held-out edge), found {available} in \
         a graph of {nodes} nodes and {edges} edges; lower the fractions"
    )]
    TooDense {
        /// Number of validation and test negatives.
        asked: usize,
        /// Number of pairs without an edge: `nodes * (nodes - 1) / 2 - edges`, or fewer if nodes have types.
        available: u64,
        /// Number of nodes of the graph.
        nodes: u32,
        /// Number of edges of the graph.
        edges: usize,
    },
    /// The graph has more nodes than a `u32` can index.
    #[error("split: expected at most {} nodes, found {found}", u32::MAX)]
    TooManyNodes {
        /// Number of nodes of the graph.
        found: usize,
    },
    /// The parts do not form a valid split: a defect of this crate, not of the graph.
    #[error("split: the drawn parts do not form a valid split; please report this defect")]
    Artifact(#[from] ArtifactError),
}
