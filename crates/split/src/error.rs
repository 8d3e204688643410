use vgae_artifacts::ArtifactError;
use vgae_options::OptionError;

/// Why a graph or a table of samples cannot be split as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A fraction is outside its range.
    #[error("split: {0}")]
    Option(#[from] OptionError),
    /// The parts leave nothing to learn from.
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
        /// The fewest edges that give it one.
        needed: u128,
        /// The edges of the graph.
        edges: usize,
    },
    /// No edge would be left to train on.
    #[error(
        "split: expected at least one edge left to train on, found {edges} edges of which {held_out} are \
         to be held out; use a graph with more edges or lower the fractions"
    )]
    NothingToTrain {
        /// The edges of the graph.
        edges: usize,
        /// Validation and test edges together.
        held_out: usize,
    },
    /// The graph is too dense for the negatives asked.
    #[error(
        "split: expected {asked} pairs without an edge (one for each held-out edge), found {available} in \
         a graph of {nodes} nodes and {edges} edges; lower the fractions"
    )]
    TooDense {
        /// Negatives asked: validation and test together.
        asked: usize,
        /// Pairs without an edge: `nodes * (nodes - 1) / 2 - edges`, or fewer if nodes have types.
        available: u64,
        /// The nodes of the graph.
        nodes: u32,
        /// The edges of the graph.
        edges: usize,
    },
    /// More nodes than a pair can name.
    #[error("split: expected at most {} nodes, found {found}", u32::MAX)]
    TooManyNodes {
        /// The nodes of the graph.
        found: usize,
    },
    /// The parts do not form a split: a defect of this crate, not of the graph.
    #[error("split: the parts that were drawn break a rule of splits; please report this")]
    Artifact(#[from] ArtifactError),
}
