use vgae_artifacts::{Pair, Part};

use vgae_artifacts::NegativeSet;

/// Error of an evaluation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The number of nodes of the model differs from that of the split.
    #[error(
        "eval: expected a model of {expected} nodes, as the split has, found {found}; evaluate a model with \
         the split it was trained on"
    )]
    NodeCount {
        /// Number of nodes of the split.
        expected: usize,
        /// Number of nodes of the model.
        found: usize,
    },
    /// The number of nodes of an embedding differs from that of the data used with it.
    #[error(
        "eval: expected {what} of {expected} nodes, as the embedding has, found {found}; use files of one run"
    )]
    OtherNodes {
        /// Description of the data.
        what: &'static str,
        /// Number of nodes of the embedding.
        expected: usize,
        /// Number of nodes of the data.
        found: usize,
    },
    /// A node index is out of range.
    #[error("eval: expected a node below {nodes}, found {found}")]
    NoSuchNode {
        /// Number of nodes.
        nodes: usize,
        /// The index.
        found: u32,
    },
    /// The model score of a held-out pair is NaN.
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
    /// The model score of a ranked candidate pair is NaN.
    #[error(
        "eval: expected a number as the score of pair ({}, {}), found NaN; the model has diverged or its file is \
         damaged: train again", pair.src, pair.dst
    )]
    NanOfRanked {
        /// The pair.
        pair: Pair,
    },
    /// Cosine similarity was requested for a method without vectors.
    #[error(
        "eval: expected node vectors for cosine similarity, found a method without vectors; rank by logit"
    )]
    NoVectors,
    /// A list of scores contains a NaN.
    #[error("eval: expected numbers as scores, found NaN at index {index} of the {truth} scores")]
    NanScore {
        /// `positive` or `negative`.
        truth: &'static str,
        /// Index of the score, from 0.
        index: usize,
    },
    /// The lower bounds of slices do not increase.
    #[error(
        "eval: expected increasing lower bounds of slices, such as [0, 1, 2, 4, 8], found {next} after {previous}"
    )]
    SliceBounds {
        /// A lower bound.
        previous: u32,
        /// The next bound, which is not larger.
        next: u32,
    },
    /// A set of negatives is listed twice.
    #[error("eval: expected distinct sets of negatives, found duplicate {set}; remove one")]
    SameNegatives {
        /// The set.
        set: NegativeSet,
    },
    /// Given negatives were requested by their number.
    #[error(
        "eval: expected kinds of negatives that are made, found {set}; name the lists of a file with \
         `negatives = {{ test = \"FILE\" }}`"
    )]
    GivenWithoutFile {
        /// The set.
        set: NegativeSet,
    },
    /// A table with files of negatives names both or neither of its forms.
    #[error(
        "eval: expected either `validation` and `test`, or `file`, in the table of `negatives`, found {found}"
    )]
    NegativeFiles {
        /// `both` or `neither`.
        found: &'static str,
    },
    /// Hard negatives could not be generated.
    #[error("eval: cannot generate the negatives {set}")]
    Hard {
        /// The set.
        set: NegativeSet,
        /// Cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Hard or given negatives were requested from a function that draws negatives.
    #[error(
        "eval: expected uniform, degree-matched or corrupt negatives, found {set}, which are not drawn"
    )]
    NotDrawn {
        /// The set.
        set: NegativeSet,
    },
    /// Negatives of directed edges for an undirected split, or the other way round.
    #[error(
        "eval: negatives: expected {}, found \"{set}\"{}",
        if *is_directed { "\"reversed:1\" with `directed = true` in `[split]`" } else { "negatives other than \"reversed\"" },
        if *is_directed { "" } else { "; it requires `directed = true` in `[split]`" }
    )]
    Direction {
        /// The set.
        set: NegativeSet,
        /// Whether the split is directed.
        is_directed: bool,
    },
    /// The number of lists of negatives differs from the number of edges to rank.
    #[error(
        "eval: expected one list of negatives for each of {expected} {part} edges, found {found}; \
         generate them for this split"
    )]
    CandidateLists {
        /// Part of the edges.
        part: Part,
        /// Number of edges.
        expected: usize,
        /// Number of lists.
        found: usize,
    },
    /// A pair is not a valid negative of an edge.
    #[error(
        "eval: expected {expected} as a negative of {part} edge ({}, {}), found ({}, {}); generate them for this split",
        edge.src, edge.dst, found.src, found.dst
    )]
    Candidate {
        /// Part of the edge.
        part: Part,
        /// The edge.
        edge: Pair,
        /// Condition that the pair violates.
        expected: &'static str,
        /// The pair.
        found: Pair,
    },
    /// A scorer failed.
    #[error("eval: the model cannot score pairs")]
    Scorer {
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A scorer returned another number of logits than pairs.
    #[error(
        "eval: expected a model that returns {expected} logits for {expected} pairs, found {found}"
    )]
    LogitCount {
        /// Number of pairs.
        expected: usize,
        /// Number of logits.
        found: usize,
    },
}
