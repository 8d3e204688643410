//! Support for the tests of other crates: gradient checks and small graphs.

pub mod gradcheck;
mod graphs;

pub use graphs::{features, on_threads, ring, split_of};
