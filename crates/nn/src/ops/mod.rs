//! One file per differentiable operation: formula with its source, shapes, forward, backward, and a
//! finite-difference test of the pair. Matrices are row-major slices; `N` nodes, `F` features, `d` width.

pub mod affine;
pub mod bernoulli;
pub mod bias;
pub mod bilinear;
pub mod directed_loss;
pub mod dropout;
pub mod edge_weights;
pub mod gaussian_kl;
pub mod inner_product_loss;
mod kernels;
pub mod linear;
pub mod logarithm;
pub mod pair_product;
pub mod propagation;
pub mod relu;
pub mod reparameterise;
pub mod residual;
pub mod row_sum;
pub mod sparse;
pub mod squared_error;
pub mod unit_rows;

pub use kernels::Kernels;
