//! Optimisers. One file each.

mod adam;

pub(crate) use adam::{Adam, AdamStep};
