//! Graph auto-encoders (Kipf & Welling 2016, arXiv 1611.07308) with the encoder of the paper, and linear,
//! normalised, deep and `GraphSAGE` encoders.
//!
//! `encoder/` composes the operations of `vgae_nn::ops`; `objective/` contains the losses; `mlp_decoder/` is
//! a learned decoder; `directed.rs` scores directed edges; `edge_weights.rs` predicts weights;
//! `trainer.rs` implements training steps and `fit.rs` the training loop; `inference.rs` embeds other nodes with trained weights.

pub(crate) mod config;
pub(crate) mod directed;
pub(crate) mod edge_weights;
pub(crate) mod encoder;
pub(crate) mod fit;
pub(crate) mod inference;
mod initial;
pub(crate) mod kl_weight;
pub(crate) mod mlp_decoder;
pub(crate) mod objective;
pub(crate) mod parameters;
mod presets;
pub(crate) mod relations;
pub(crate) mod scaling;
pub(crate) mod structural;
pub(crate) mod trainer;
pub(crate) mod weights;

pub(crate) use presets::METHODS;
