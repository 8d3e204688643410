//! Evaluates link prediction: AUC and average precision, overall and by training degree and distance; Hits@K
//! and reciprocal ranks among several kinds of negatives; calibration; prediction of labels.
//!
//! [`evaluate`] scores the held-out pairs of a split and returns metrics, scores and the curves of the test
//! pairs; [`measure_scores`] returns the metrics that depend on scores only. [`roc_auc`] and
//! [`average_precision`] follow scikit-learn's definitions for plain scores, and [`Validator`] computes them
//! without allocation, for use in every epoch. Ranks are counted in integers, so no metric depends on the
//! order of the pairs. [`draw_candidates`] draws separate negatives for each edge, harder or more than those
//! of a split, and [`evaluate_ranking`] ranks the edge among them; [`hits_at_k`] and [`mean_reciprocal_rank`]
//! do this for plain scores.
//!
//! [`labels`] contains classifiers that predict labels from vectors, and [`evaluate_nodes`] measures how well
//! they predict node labels. [`top_pairs`] finds the pairs with the highest scores, [`neighbours`] the nodes
//! most similar to a given node, and [`Calibration`] converts logits to probabilities.
//!
//! ```
//! use vgae_eval::{average_precision, roc_auc};
//!
//! let (positive, negative) = ([3.0, 1.0], [1.0, -2.0]);
//! assert_eq!(roc_auc(&positive, &negative), Some(0.875)); // one tie in four comparisons
//! assert_eq!(average_precision(&positive, &negative), Some(0.5 * 1.0 + 0.5 * (2.0 / 3.0)));
//! ```
//!
//! This crate does not train models, select the best epoch, or average over runs (`pipeline` does).

mod config;
mod distance;
mod edge_weights;
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
mod relations;
mod scorer;
mod scores;
mod sliced;
mod slices;
mod validator;

pub use config::{EvalConfig, SampleEvalConfig};
pub use edge_weights::edge_weight_metrics;
pub use error::EvalError;
pub use evaluate::{
    EvalInput, Evaluation, HardLists, RelationScorer, WeightPredictor, evaluate, evaluate_given,
};
pub use importance::{ColumnScorer, PairColumn};
pub use link::{average_precision, hits_at_k, link_metrics, mean_reciprocal_rank, roc_auc};
pub use negatives::{Candidates, NegativeFiles, NegativeSets, draw_candidates};
pub use nodes::{MOST_CLASSES, clusters, evaluate_nodes};
pub use pairs::{
    Among, Calibration, ExpectedShare, LEAST_VALIDATION_EDGES, MissingLinks, Neighbour, RankedPair,
    Similarity, all_pairs, neighbours, top_pairs, top_scored,
};
pub use place::HITS_AT;
pub use ranked::evaluate_ranking;
pub use scorer::PairScorer;
pub use scores::{ScoreMetrics, curves, measure_scores};
pub use slices::{SliceBounds, SliceRange};
pub use validator::Validator;
