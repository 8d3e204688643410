//! Classifiers of vectors: a linear probe and nearest neighbours.

mod labelled;
pub mod linear;
pub mod nearest;

pub use labelled::{Labelled, classes};
