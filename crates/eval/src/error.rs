use vgae_artifacts::{Pair, Part};

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
    /// A list of scores holds something that is no number.
    #[error("eval: expected numbers as scores, found NaN in place {index} of the {truth} scores")]
    NanScore {
        /// `positive` or `negative`.
        truth: &'static str,
        /// The place, from 0.
        index: usize,
    },
    /// The parts of a run over samples do not belong together.
    #[error(
        "eval: expected {expected} as there are samples, found {found}; evaluate the files of one run"
    )]
    SampleCount {
        /// What there should be as many of, and how many samples there are.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A split names a sample that is not there.
    #[error("eval: expected samples below {samples} in the split, found {found}")]
    SampleOfSplit {
        /// How many samples there are.
        samples: usize,
        /// The one named.
        found: u32,
    },
    /// A model could not reconstruct.
    #[error("eval: the model cannot reconstruct the {part} samples")]
    Model {
        /// Validation or test.
        part: Part,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model gave a reconstruction of another shape than the samples.
    #[error(
        "eval: expected reconstructions of {part} samples of {expected} values, found {found}; evaluate a \
         model with the samples it was trained on"
    )]
    ReconstructionShape {
        /// Validation or test.
        part: Part,
        /// Rows by columns.
        expected: String,
        /// Rows by columns.
        found: String,
    },
    /// A model's reconstruction or loss is no number.
    #[error(
        "eval: expected a number as the {what} of {part} samples, found {found}; the model has diverged: \
         lower its learning rate and train again"
    )]
    NotFinite {
        /// Validation or test.
        part: Part,
        /// Which number.
        what: &'static str,
        /// What it is instead.
        found: f64,
    },
    /// An eigen-solver did not converge.
    #[error(
        "eval: the principal component analysis did not converge on {columns} columns; set eval.samples.pca to \
         false to go without"
    )]
    Pca {
        /// Numbers a sample.
        columns: usize,
    },
    /// Degree slices that are not in order.
    #[error(
        "eval: expected degree slices by rising lower bounds, such as [0, 1, 2, 4, 8], found {next} after \
         {previous}"
    )]
    DegreeSlices {
        /// A lower bound.
        previous: u32,
        /// The one after it, which is not larger.
        next: u32,
    },
}
