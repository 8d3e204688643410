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
