//! Scores of pairs without a trained decoder: named structural and feature heuristics ([`PairFeature`]), each
//! a method of its own by [`PairScores::score`].
//!
//! All use training edges only. A pair that is a training edge is scored with its own edge in the graph,
//! unlike held-out pairs: nothing must be fitted on such scores. [`hold_out`] removes the edges of the fit
//! from the graph first.
//!
//! Edge weights are ignored.

mod by_source;
mod config;
mod feature;
mod hard;
mod katz;
mod neighbours;
mod page_rank;
mod push;
mod sparse_vector;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod walks;

pub(crate) use config::METHODS;
pub use feature::PairFeature;
pub use hard::{hard_negatives, split_hard_negatives};
pub use table::{PairScores, PairTable};
