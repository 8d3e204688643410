//! Support for the tests of other crates: gradient checks, small graphs and files.

mod files;
mod golden;
pub mod gradcheck;
mod graphs;

pub use files::{chain, write_parquet};
pub use golden::{golden, golden_edges, uniform};
pub use graphs::{features, on_threads, ring, split_of};
