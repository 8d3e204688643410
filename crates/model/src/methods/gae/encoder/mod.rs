//! Encoders: from features to codes.

mod deep;
mod gcn;
mod input;
mod linear;
mod normalised;
mod sage;

use std::sync::Arc;

use vgae_artifacts::{Features, Seed};

use self::deep::Deep;
pub use self::deep::DeepOptions;
use self::gcn::Gcn;
pub use self::gcn::GcnOptions;
use self::linear::Linear;
pub use self::linear::LinearOptions;
use self::normalised::Normalised;
pub use self::normalised::NormalisedOptions;
use self::sage::Sage;
pub use self::sage::SageOptions;
use crate::methods::gae::parameters::Parameters;
use vgae_nn::ops::Kernels;
use vgae_numerics::Adjacency;
use vgae_options::Options;

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

/// The encoder of a graph auto-encoder, with its hyper-parameters. Adding one: a variant here, and its file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EncoderOptions {
    /// Two graph convolutions, as in the paper.
    Gcn(GcnOptions),
    /// Propagation without hidden layer.
    Linear(LinearOptions),
    /// The same of rows scaled to one length.
    Normalised(NormalisedOptions),
    /// Several graph convolutions.
    Deep(DeepOptions),
    /// `GraphSAGE` with mean aggregation.
    Sage(SageOptions),
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

impl EncoderOptions {
    pub(crate) const GCN: Self = Self::Gcn(GcnOptions { hidden: 32 });
    pub(crate) const LINEAR: Self = Self::Linear(LinearOptions { hops: 1 });
    pub(crate) const DEEP: Self = Self::Deep(DeepOptions { hidden: 32, layers: 3 });

    pub(crate) const SAGE: Self = Self::Sage(SageOptions { hidden: 32 });

    pub(crate) const fn normalised(scale: f64) -> Self {
        Self::Normalised(NormalisedOptions { scale, hops: 1 })
    }

    pub(crate) fn options(&mut self) -> &mut dyn Options {
        match self {
            Self::Gcn(options) => options,
            Self::Linear(options) => options,
            Self::Normalised(options) => options,
            Self::Deep(options) => options,
            Self::Sage(options) => options,
        }
    }

    pub(crate) fn kind(&self) -> &dyn EncoderKind {
        match self {
            Self::Gcn(options) => options,
            Self::Linear(options) => options,
            Self::Normalised(options) => options,
            Self::Deep(options) => options,
            Self::Sage(options) => options,
        }
    }

    /// Builds the encoder. Without `features` (of graph convolutions only) the input is one-hot.
    pub(crate) fn build<T: Kernels>(
        self,
        io: Io,
        graph: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Box<dyn Encoder<T>> {
        match self {
            Self::Gcn(options) => Box::new(Gcn::new(options, io, graph, features)),
            Self::Linear(options) => Box::new(Linear::new(options, io, graph, features)),
            Self::Normalised(options) => Box::new(Normalised::new(options, io, graph, features)),
            Self::Deep(options) => Box::new(Deep::new(options, io, graph, features)),
            Self::Sage(options) => Box::new(Sage::new(options, io, graph, features)),
        }
    }
}

/// The weights of the heads, which read `inputs` numbers per node.
pub(crate) fn heads(inputs: usize, latent: usize, heads: &[&str]) -> Vec<(String, (usize, usize))> {
    heads.iter().map(|head| (format!("w_{head}"), (inputs, latent))).collect()
}
