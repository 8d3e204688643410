//! Evaluates link predictions: area under the ROC curve, average precision, both by training degree and by distance;
//! Hits@K and reciprocal ranks among several kinds of negatives; calibration; prediction of labels.
//!
//! [`evaluate`] scores the held-out pairs of a split and returns finished metrics, the scores, and the curves of the
//! test pairs; [`measure_scores`] is the part of it that follows from scores alone. [`roc_auc`] and
//! [`average_precision`] are scikit-learn's definitions over plain scores, and [`Validator`] is the same
//! without allocation, for use in every epoch. Ranks are counted in whole numbers, so no metric depends
//! on the order of the pairs. [`draw_candidates`] gives each edge negatives of its own, harder ones than those
//! of a split or more of them, and [`evaluate_ranking`] ranks it among these; [`hits_at_k`] and
//! [`mean_reciprocal_rank`] are the same over plain scores.
//!
//! [`labels`] has the classifiers that predict labels from vectors. [`top_pairs`] finds the pairs with the highest scores of
//! all, [`neighbours`] the nodes most like one, and [`Calibration`] turns logits into probabilities.
//! [`evaluate_nodes`] asks what vectors know of labels.
//!
//! ```
//! use vgae_eval::{average_precision, roc_auc};
//!
//! let (positive, negative) = ([3.0, 1.0], [1.0, -2.0]);
//! assert_eq!(roc_auc(&positive, &negative), Some(0.875)); // one tie in four comparisons
//! assert_eq!(average_precision(&positive, &negative), Some(0.5 * 1.0 + 0.5 * (2.0 / 3.0)));
//! ```
//!
//! What this crate does not do: train, choose an epoch, or average over runs (`pipeline` does).

mod config;
mod distance;
mod error;
mod evaluate;
mod importance;
pub mod labels;
mod link;
mod negatives;
mod nodes;
mod pairs;
mod place;
mod pool;
mod probabilities;
mod ranked;
mod ranking;
mod scorer;
mod scores;
mod sliced;
mod slices;
mod validator;

pub use config::{EvalConfig, SampleEvalConfig};
pub use error::EvalError;
pub use evaluate::{EvalInput, Evaluation, HardLists, evaluate};
pub use importance::{ColumnScorer, PairColumn};
pub use link::{average_precision, hits_at_k, link_metrics, mean_reciprocal_rank, roc_auc};
pub use negatives::{Candidates, NegativeSets, draw_candidates};
pub use nodes::{MOST_CLASSES, evaluate_nodes};
pub use pairs::{
    Among, Calibration, Neighbour, RankedPair, Similarity, all_pairs, neighbours, top_pairs,
    top_scored,
};
pub use place::HITS_AT;
pub use ranked::evaluate_ranking;
pub use scorer::PairScorer;
pub use scores::{ScoreMetrics, curves, measure_scores};
pub use slices::{SliceBounds, SliceRange};
pub use validator::Validator;
