//! Neural-network building blocks: differentiable operations with hand-written gradients, and Adam.
//!
//! [`ops`] has one file per operation: formula, source, forward, backward and its finite-difference test.

#![expect(
    clippy::inline_always,
    reason = "functions called under vector dispatch must be inlined into it, see `vgae_numerics::simd`"
)]

mod error;
mod negatives;
pub mod ops;
pub mod optim;
pub mod training;

pub use error::ShapeError;
pub use negatives::Negatives;
