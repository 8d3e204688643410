//! What pairs of nodes look like without a trained decoder: named numbers of structure and text
//! ([`PairFeature`]), each a method of its own by [`PairScores::score`].
//!
//! All see training edges only. A pair that is a training edge itself is scored with its own edge in the
//! graph, which no held-out pair has: nothing must be fitted on such scores. [`hold_out`] takes the edges that
//! are fitted on out of the graph first.
//!
//! Weights of edges are not looked at: an edge is there or not.

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
