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
        "split: expected either `files` or `validation`, `test`, `method` and `time`, found both; remove the latter, \
         since the files contain the parts"
    )]
    FilesAndFractions,
    /// A split by time lacks the column of times.
    #[error("split: expected the column of times in `time` beside `method = \"time\"`, found none")]
    NoTimeColumn,
    /// A column of times is set for a split by another rule.
    #[error(
        "split: expected `method = \"time\"` beside `time`, found another method; remove `time`"
    )]
    TimeColumn,
    /// A directed split by another rule than at random.
    #[error(
        "split: expected edges at random and messages over training edges beside `directed = true`, found {found}; \
         remove one of them"
    )]
    DirectedRule {
        /// The other setting.
        found: &'static str,
    },
    /// A directed split of a graph that has no directed edges, or more than that.
    #[error(
        "split: `directed = true`: expected directed edges without weights and node types, found {found}; set \
         `directed` in `[data]` for directed edges, remove `weight` or `type` there, or set `directed = false` in \
         `[split]`"
    )]
    DirectedGraph {
        /// Property of the graph.
        found: &'static str,
    },
    /// Edges of the graph have no time.
    #[error("split: expected a time for each of {edges} edges, found {missing} without one")]
    WithoutTime {
        /// Number of edges.
        edges: usize,
        /// Number of edges without a time.
        missing: usize,
    },
    /// Too few distinct times to separate the parts.
    #[error(
        "split: expected at least {needed} distinct times, so that no time is in two parts, found {found}; use a \
         finer column of times, or set the fraction of one part to 0"
    )]
    FewTimes {
        /// Number of parts.
        needed: usize,
        /// Number of distinct times.
        found: usize,
    },
    /// A split by nodes leaves a part without edges.
    #[error(
        "split: expected edges in each part of a split by nodes, found none for {part} among {nodes} nodes with \
         edges; change the fraction of that part, or another seed"
    )]
    EmptyNodePart {
        /// `training`, `validation` or `test`.
        part: &'static str,
        /// Number of nodes with edges.
        nodes: usize,
    },
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
