//! Auto-encoder and variational auto-encoder of samples: rows of numbers without a graph, such as images
//! (Kingma & Welling 2014, "Auto-Encoding Variational Bayes", arXiv 1312.6114).
//!
//! Encoder and decoder are affine layers with `ReLU` between. The plain one minimises the reconstruction
//! loss of `x -> z -> y`; the variational one minus the evidence lower bound,
//! `-ln p(x | z) + beta KL(q(z | x) || N(0, I))`, with one sample `z = mu + sigma eps` a row. The second
//! head is the log variance, as in `PyTorch`'s example; a code's `log_sigma` is half of it. All losses are
//! sums over columns and means over samples, in nats where the loss is a likelihood.
//!
//! `shape.rs` says which layers there are, `plan.rs` passes a chunk of rows through them and back,
//! `training.rs` makes a step, `fit.rs` an epoch, `model.rs` is the result.
//!
//! **The same bits on any number of threads, and fast.** A step has two parallel parts. First, chunks of 32
//! rows: a task gathers its rows, draws their noise (a stream of the generator a row), goes forward and
//! back to the first layer, and never waits for another. Then, blocks of output units of all layers: a
//! task computes the gradient of its units' weights over the whole batch and updates them while they are
//! in its cache. No number is summed by two tasks.

mod config;
mod error;
mod fit;
mod model;
mod plan;
mod shape;
#[cfg(test)]
mod tests;
mod training;

pub use config::{AutoEncoderConfig, Likelihood};
pub use error::AutoEncoderError;
pub use fit::{FittedSamples, SampleDiagnostics, fit_samples};
pub use model::{AutoEncoder, SampleLoss};
