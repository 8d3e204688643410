//! Interface of encoders.

use std::sync::Arc;

use vgae_artifacts::Seed;
use vgae_numerics::Adjacency;

use crate::methods::gae::parameters::Parameters;

/// Whether dropout acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    Train,
    Evaluate,
}

/// From features and weights to codes and back. Forward and backward allocate nothing.
pub(crate) trait Encoder<T>: Send {
    /// Draws the epoch's dropout masks.
    fn draw(&mut self, seed: Seed, epoch: u32);

    /// Makes masks that drop nothing.
    fn keep_all(&mut self);

    /// Whether training passes differ from evaluating ones.
    fn drops(&self) -> bool;

    /// Lets messages pass over another graph of the same nodes from now on.
    fn pass_over(&mut self, adjacency: Arc<Adjacency>);

    /// What the last forward pass gave, `N x outputs`.
    fn encoded(&self) -> &[T];

    /// Computes [`Encoder::encoded`].
    fn forward(&mut self, weights: &Parameters<T>, pass: Pass);

    /// Writes `d_weights`, after a forward pass of the kind [`Pass::Train`] with the same weights.
    fn backward(&mut self, weights: &Parameters<T>, d_encoded: &[T], d_weights: &mut Parameters<T>);
}

/// Properties of an encoder that follow from its hyper-parameters.
pub(crate) trait EncoderKind {
    /// Shapes of the learned tensors, for `inputs` features (or nodes) and heads of `latent` columns.
    fn shapes(&self, inputs: usize, latent: usize, heads: &[&str])
    -> Vec<(String, (usize, usize))>;

    /// Numbers per node in all layers.
    fn width(&self, latent: usize) -> usize;
}

/// Outputs and dropout, which do not depend on the kind of encoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Io {
    /// Width of the mean.
    pub(crate) latent: usize,
    /// `latent`, or twice that.
    pub(crate) outputs: usize,
    pub(crate) dropout: f64,
}

/// The weights of the heads, which read `inputs` numbers per node.
pub(crate) fn heads(inputs: usize, latent: usize, heads: &[&str]) -> Vec<(String, (usize, usize))> {
    heads.iter().map(|head| (format!("w_{head}"), (inputs, latent))).collect()
}
