//! Encoders from features to codes.

mod deep;
mod gcn;
mod input;
mod linear;
mod normalised;
mod pass;
mod sage;

use std::sync::Arc;

use vgae_artifacts::Features;

use self::deep::Deep;
pub use self::deep::DeepOptions;
use self::gcn::Gcn;
pub use self::gcn::GcnOptions;
use self::linear::Linear;
pub use self::linear::LinearOptions;
use self::normalised::Normalised;
pub use self::normalised::NormalisedOptions;
pub(crate) use self::pass::{Encoder, EncoderKind, Io, Pass};
use self::sage::Sage;
pub use self::sage::SageOptions;
use vgae_nn::ops::Kernels;
use vgae_numerics::Adjacency;
use vgae_options::Options;

/// Encoder of a graph auto-encoder, with its hyper-parameters. A new encoder requires a variant here, and a
/// file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EncoderOptions {
    /// Two graph convolutions, as in the paper.
    Gcn(GcnOptions),
    /// Propagation without hidden layers.
    Linear(LinearOptions),
    /// Propagation of rows scaled to a fixed length.
    Normalised(NormalisedOptions),
    /// Several graph convolutions.
    Deep(DeepOptions),
    /// `GraphSAGE` with mean aggregation.
    Sage(SageOptions),
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

    /// Builds the encoder. Without `features` (graph convolutions only) the input is one-hot.
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
