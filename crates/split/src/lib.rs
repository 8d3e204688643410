//! Splits the edges of a graph into training, validation and test edges, and proves that nothing leaks.
//!
//! [`split_edges`] draws held-out edges and as many non-edges from one seed: the same graph, fractions
//! and seed give the same pairs on every machine. [`certify`] counts and proves from scratch, for splits
//! made here and elsewhere. An undirected pair is one thing whatever its direction, so directed graphs
//! are split by their [`undirected_pairs`](vgae_artifacts::Edges::undirected_pairs).
//!
//! ```
//! use vgae_artifacts::{Edges, Pair, Seed};
//! use vgae_split::{SplitConfig, certify, split_edges};
//!
//! let ring = (0..40).map(|node| Pair::new(node, (node + 1) % 40)).collect();
//! let edges = Edges::undirected(40, ring)?;
//! let split = split_edges(&edges, &SplitConfig::default().check()?, Seed(7))?;
//! assert_eq!((split.train().len(), split.test().positive.len()), (34, 4));
//! assert!(certify(&edges, &split).holds());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: choose negatives that are hard, keep the graph connected, or read and
//! write files (`artifacts` does).

mod certificate;
mod config;
mod edges;
mod error;
mod fraction;
mod negatives;
mod shuffle;

pub use certificate::certify;
pub use config::{CheckedSplitConfig, SplitConfig};
pub use edges::{hold_out_nothing, split_edges, split_typed_edges};
pub use error::SplitError;
pub use fraction::Fraction;
pub use shuffle::shuffle_front;
