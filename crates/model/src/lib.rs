//! Graph auto-encoders (Kipf & Welling 2016, arXiv 1611.07308) with linear, normalised and deep variants,
//! trained on the exact loss over all pairs of nodes or an estimate of it, with hand-written gradients; and
//! other embedding methods.
//!
//! A [`Method`] is a name; [`Method::configure`] adds validated hyper-parameters, and [`ModelConfig::fit`]
//! takes features and training edges (never the graph, which contains the held-out edges) and returns
//! weights, an embedding and a history. [`Trainer`] trains a graph auto-encoder step by step.
//!
//! `method.rs` is the registry of methods, `estimator.rs` the trait that each implements, `methods/` has one
//! folder per method.
//!
//! [`PairScores`] scores pairs by structure and feature cosine, without a decoder; [`Hybrid`] combines such
//! scores with embeddings.
//!
//! [`Estimator::infer`] embeds the nodes of another graph with trained weights.
//!
//! The same input, configuration and seed give bitwise equal results for any number of threads. The loss over
//! `N x N` pairs takes time quadratic in N but memory linear in N.
//!
//! This crate does not read or write run folders, split edges, or start threads (it uses the current rayon
//! pool).

#![expect(
    clippy::inline_always,
    reason = "functions called under vector dispatch must be inlined into it, see `vgae_numerics::simd`"
)]

mod choice;
mod config;
mod error;
mod estimator;
mod fit;
mod input;
mod learned;
mod method;
mod methods;
mod non_edges;
mod registry;
mod renamed;
#[cfg(test)]
mod testing;

pub use choice::Choice;
pub use config::ModelConfig;
pub use error::ModelError;
pub use estimator::{DataSize, Estimator, FeatureUse, FittedModel, Needs, Scoring};
pub use fit::{Diagnostics, Fitted, TrainingDiagnostics};
pub use input::FitInput;
pub use learned::Learned;
pub use method::Method;
pub use methods::deepwalk::{DeepWalkConfig, DeepWalkDiagnostics, SkipGramObjective};
pub use methods::fastrp::FastRpConfig;
pub use methods::gae::config::{
    CodeOptions, DecoderOptions, FeatureOptions, GaeConfig, InnerProductOptions, MlpOptions,
    PriorOptions, StructuralFeatures, TrainingOptions,
};
pub use methods::gae::edge_weights::EdgeWeightDecoder;
pub use methods::gae::encoder::{
    DeepOptions, EncoderOptions, GcnOptions, LinearOptions, NormalisedOptions, SageOptions,
};
pub use methods::gae::kl_weight::KlWeight;
pub use methods::gae::mlp_decoder::MlpDecoder;
pub use methods::gae::objective::Losses;
pub use methods::gae::relations::RelationDecoder;
pub use methods::gae::scaling::FeatureScaling;
pub use methods::gae::trainer::Trainer;
pub use methods::gae::weights::Weights;
pub use methods::heuristics::{
    PairFeature, PairScores, PairTable, hard_negatives, split_hard_negatives,
};
pub use methods::hybrid::{Combiner, Hybrid, HybridConfig, hold_out};
pub use methods::pair_model::{FittedHybrid, PairModel, PairModelScores};
pub use methods::prone::ProneConfig;
pub use methods::sgc::{SgcConfig, SmoothingDiagnostics};
pub use methods::spectral::{Regularisation, Scaling, SpectralConfig, SpectralDiagnostics};
pub use vgae_nn::Negatives;
pub use vgae_nn::ops::directed_loss::DirectedDecoder;
pub use vgae_nn::ops::edge_weights::WeightLoss;
pub use vgae_nn::ops::inner_product_loss::LossScale;
pub use vgae_nn::training::{Callback, Checkpoint, FitOptions, Logits, NoCallback, TrainingError};
