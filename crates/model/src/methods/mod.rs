//! Methods, one folder or file each. `method.rs` lists them.

pub(crate) mod autoencoder;
pub(crate) mod deepwalk;
pub(crate) mod fastrp;
pub(crate) mod gae;
pub(crate) mod heuristics;
pub(crate) mod hybrid;
pub(crate) mod pair_model;
pub(crate) mod prone;
pub(crate) mod sgc;
pub(crate) mod spectral;
