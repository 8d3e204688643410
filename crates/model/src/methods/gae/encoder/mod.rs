//! What stands between features and codes.

mod deep;
mod gcn;
mod input;
mod linear;
mod normalised;

use std::sync::Arc;

use vgae_artifacts::{Features, Seed};

use self::deep::Deep;
use self::gcn::Gcn;
use self::linear::Linear;
use self::normalised::Normalised;
use crate::method::EncoderKind;
use crate::methods::gae::parameters::Parameters;
use vgae_nn::ops::Kernels;
use vgae_numerics::Adjacency;

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

/// What an encoder is, beside its weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) kind: EncoderKind,
    /// Width of hidden layers, where there are any, and their number.
    pub(crate) hidden: usize,
    pub(crate) hidden_layers: usize,
    /// Width of the mean.
    pub(crate) latent: usize,
    /// `latent`, or twice that.
    pub(crate) outputs: usize,
    pub(crate) dropout: f64,
    /// The length of a row before propagation, of the normalised encoder.
    pub(crate) scale: f64,
    /// Steps of propagation, of the linear ones.
    pub(crate) propagations: u32,
}

/// The encoder of `shape`; without `features` (of the graph convolutions only) the input is one-hot.
pub(crate) fn build<T: Kernels>(
    shape: Shape,
    adjacency: Arc<Adjacency>,
    features: Option<&Features>,
) -> Box<dyn Encoder<T>> {
    match shape.kind {
        EncoderKind::Gcn => Box::new(Gcn::new(shape, adjacency, features)),
        EncoderKind::Deep => Box::new(Deep::new(shape, adjacency, features)),
        EncoderKind::Linear => Box::new(Linear::new(shape, adjacency, features)),
        EncoderKind::Normalised => Box::new(Normalised::new(shape, adjacency, features)),
    }
}
