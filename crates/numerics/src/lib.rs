//! Numerical building blocks below the stages: graph adjacency and components, deterministic parallel loops, vector
//! instructions, dense matrices, eigenpairs, PCA, nearest neighbours, logistic regression,
//! standardisation, random draws.
//!
//! Every function returns the same bits at any number of threads and on any processor.

#![expect(
    clippy::inline_always,
    reason = "functions called under vector dispatch must be inlined into it, see `simd`"
)]

mod adjacency;
mod components;
mod dense;
mod eigen;
pub mod elementary;
pub mod logistic;
mod nearest;
mod neighbour_map;
pub mod parallel;
mod pca;
pub mod product;
pub mod random;
mod scalar;
pub mod simd;
mod standardiser;

pub use adjacency::Adjacency;
pub use components::Components;
pub use dense::{Dense, constant, copy_columns};
pub use eigen::SymmetricEigen;
pub use nearest::Blocks;
pub use neighbour_map::neighbour_map;
pub use pca::{NotConverged, Pca, RowSource};
pub use scalar::Scalar;
pub use standardiser::Standardiser;
