//! Interface of encoders.

use std::sync::Arc;

use vgae_artifacts::Seed;
use vgae_numerics::Adjacency;

use crate::methods::gae::parameters::Parameters;

/// Kind of a forward pass: with or without dropout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    Train,
    Evaluate,
}

/// Encoder from features and weights to codes. Forward and backward passes do not allocate.
pub(crate) trait Encoder<T>: Send {
    /// Draws the dropout masks of an epoch.
    fn draw(&mut self, seed: Seed, epoch: u32);

    /// Sets masks without dropout.
    fn keep_all(&mut self);

    /// Returns whether training passes differ from evaluation passes.
    fn drops(&self) -> bool;

    /// Replaces the graph for message passing by another one with the same nodes.
    fn pass_over(&mut self, adjacency: Arc<Adjacency>);

    /// Returns the output of the last forward pass, `N x outputs`.
    fn encoded(&self) -> &[T];

    /// Computes [`Encoder::encoded`].
    fn forward(&mut self, weights: &Parameters<T>, pass: Pass);

    /// Writes `d_weights`, after a forward pass of kind [`Pass::Train`] with the same weights.
    fn backward(&mut self, weights: &Parameters<T>, d_encoded: &[T], d_weights: &mut Parameters<T>);
}

/// Properties of an encoder that follow from its hyper-parameters.
pub(crate) trait EncoderKind {
    /// Returns the shapes of the learned tensors, for `inputs` features (or nodes) and heads of `latent`
    /// columns.
    fn shapes(&self, inputs: usize, latent: usize, heads: &[&str])
    -> Vec<(String, (usize, usize))>;

    /// Returns the number of values per node in all layers.
    fn width(&self, latent: usize) -> usize;
}

/// Outputs and dropout, which do not depend on the kind of encoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Io {
    /// Width of the mean.
    pub(crate) latent: usize,
    /// `latent`, or twice that for variational methods.
    pub(crate) outputs: usize,
    pub(crate) dropout: f64,
}

/// Returns the weight shapes of the heads, which read `inputs` values per node.
pub(crate) fn heads(inputs: usize, latent: usize, heads: &[&str]) -> Vec<(String, (usize, usize))> {
    heads.iter().map(|head| (format!("w_{head}"), (inputs, latent))).collect()
}
