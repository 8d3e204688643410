//! Splits the edges of a graph into training, validation and test edges, and certifies that splits are valid.
//!
//! [`split_edges`] draws held-out edges and as many negatives from one seed: the same graph, fractions and
//! seed give the same pairs on every machine. [`certify`] counts the edges and verifies any split from its
//! pairs alone. [`split_by_hash`] needs no shuffle, [`split_by_time`] trains on the past and tests on the future, [`split_by_nodes`] tests on unseen
//! nodes. [`given_split`] accepts parts from another source and records what does not hold of them.
//! Directed graphs are split by their
//! [`undirected_pairs`](vgae_artifacts::Edges::undirected_pairs), since a pair belongs to one part in both
//! directions; with `directed = true` each direction is an edge of its own.
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
//! This crate does not select hard negatives, keep the training graph connected, or read and write files
//! (`artifacts` does).

mod certificate;
mod config;
mod directed;
mod edges;
mod error;
mod fraction;
mod given;
mod hashed;
mod negatives;
mod nodes;
mod parts;
mod shuffle;
mod time;

pub use certificate::certify;
pub use config::{CheckedSplitConfig, SplitConfig, SplitMethod, SplitTable};
pub use edges::{hold_out_nothing, split_edges, split_typed_edges};
pub use error::SplitError;
pub use fraction::Fraction;
pub use given::{Given, GivenPairs, GivenParts, check_negative_lists, given_split};
pub use hashed::{HashSplit, NonEdges, split_by_hash};
pub use nodes::{NodeSplit, split_by_nodes};
pub use shuffle::shuffle_front;
pub use time::{TimeSplit, split_by_time};
