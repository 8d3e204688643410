use vgae_artifacts::{Pair, Part};

use vgae_artifacts::NegativeSet;

/// Why a model cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The model knows other nodes than the split.
    #[error(
        "eval: expected a model of {expected} nodes, as the split has, found {found}; evaluate a model with \
         the split it was trained on"
    )]
    NodeCount {
        /// The nodes of the split.
        expected: usize,
        /// The nodes the model knows.
        found: usize,
    },
    /// Something that goes with an embedding knows other nodes.
    #[error(
        "eval: expected {what} of {expected} nodes, as the embedding has, found {found}; take the files of one run"
    )]
    OtherNodes {
        /// What goes with it.
        what: &'static str,
        /// The nodes of the embedding.
        expected: usize,
        /// The nodes of the other.
        found: usize,
    },
    /// A node is asked about that is not there.
    #[error("eval: expected a node below {nodes}, found {found}")]
    NoSuchNode {
        /// How many nodes there are.
        nodes: usize,
        /// The one asked about.
        found: u32,
    },
    /// A model gave a pair no number.
    #[error(
        "eval: expected a number as the score of {part} pair ({}, {}), found NaN; the model has diverged: \
         lower its learning rate and train again", pair.src, pair.dst
    )]
    NanOfPair {
        /// Validation or test.
        part: Part,
        /// The pair.
        pair: Pair,
    },
    /// A model gave a pair no number, of those that were ranked.
    #[error(
        "eval: expected a number as the score of pair ({}, {}), found NaN; the model has diverged or its file is \
         damaged: train again", pair.src, pair.dst
    )]
    NanOfRanked {
        /// The pair.
        pair: Pair,
    },
    /// Nodes are to be compared by vectors that they do not have.
    #[error(
        "eval: expected vectors to take cosines of, found a method that scores pairs without; ask for logits"
    )]
    NoVectors,
    /// A list of scores holds something that is no number.
    #[error("eval: expected numbers as scores, found NaN in place {index} of the {truth} scores")]
    NanScore {
        /// `positive` or `negative`.
        truth: &'static str,
        /// The place, from 0.
        index: usize,
    },
    /// Slices that are not in order.
    #[error(
        "eval: expected slices by rising lower bounds, such as [0, 1, 2, 4, 8], found {next} after {previous}"
    )]
    SliceBounds {
        /// A lower bound.
        previous: u32,
        /// The one after it, which is not larger.
        next: u32,
    },
    /// The same set of negatives twice.
    #[error("eval: expected each set of negatives once, found {set} twice; remove one")]
    SameNegatives {
        /// The set.
        set: NegativeSet,
    },
    /// Hard negatives could not be made.
    #[error("eval: cannot make the negatives {set}")]
    Hard {
        /// The set.
        set: NegativeSet,
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Hard negatives are asked of a function that cannot make them.
    #[error(
        "eval: expected uniform, degree-matched or corrupt negatives to draw, found {set}, which a model must make"
    )]
    NotDrawn {
        /// The set.
        set: NegativeSet,
    },
    /// Another number of lists of negatives than there are edges to rank.
    #[error(
        "eval: expected negatives for each of {expected} {part} edges, found lists for {found}; make them for this split"
    )]
    CandidateLists {
        /// Whose edges.
        part: Part,
        /// The edges.
        expected: usize,
        /// The lists.
        found: usize,
    },
    /// A pair that cannot be a negative of an edge.
    #[error(
        "eval: expected {expected} as a negative of {part} edge ({}, {}), found ({}, {}); make them for this split",
        edge.src, edge.dst, found.src, found.dst
    )]
    Candidate {
        /// Whose edges.
        part: Part,
        /// The edge.
        edge: Pair,
        /// What the pair should be.
        expected: &'static str,
        /// The pair.
        found: Pair,
    },
    /// A scorer could not score.
    #[error("eval: the model cannot score pairs")]
    Scorer {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A scorer gave more or fewer logits than it was asked for.
    #[error(
        "eval: expected a model that gives {expected} logits for {expected} pairs, found {found}"
    )]
    LogitCount {
        /// The pairs.
        expected: usize,
        /// The logits.
        found: usize,
    },
}
