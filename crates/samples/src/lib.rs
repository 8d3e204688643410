//! Samples without a graph: images, and rows of a table of numbers.
//!
//! [`load`] reads them ([`idx`] files of images, or a table that [`vgae_ingest`] opens), [`split`] divides them into
//! training, validation and test samples, [`certify`] proves a split, and [`evaluate`] measures what a model loses of
//! held-out samples, and how well its codes predict labels. Each has its counterpart for graphs in the crate of the
//! stage: `vgae_ingest`, `vgae_split`, `vgae_eval`.
//!
//! This crate does not train (`vgae_autoencoder` does), or write files.

mod audit;
mod error;
mod evaluate;
pub mod idx;
mod load;
mod model;
mod scale;
mod split;
mod table;

pub(crate) use audit::{audit_samples, named};
pub use error::SampleError;
pub use evaluate::evaluate;
pub use load::load;
pub use model::{EvalInput, SampleModel};
pub use split::{certify, split};
