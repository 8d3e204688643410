//! Numerical building blocks below the stages: graph adjacency, deterministic parallel loops, vector
//! instructions, dense matrices, random draws.
//!
//! Every function returns the same bits at any number of threads and on any processor.

#![expect(
    clippy::inline_always,
    reason = "functions called under vector dispatch must be inlined into it, see `simd`"
)]

mod adjacency;
mod dense;
pub mod parallel;
pub mod random;
mod scalar;
pub mod simd;

pub use adjacency::Adjacency;
pub use dense::{Dense, constant, copy_columns};
pub use scalar::Scalar;
