//! Optimisers. One file each.

mod adam;

pub use adam::{Adam, AdamStep, ParameterSet};
