use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Features, Seed, Stream};

use super::input::Input;
use super::pass::{Encoder, EncoderKind, Io, Pass, heads as head_shapes};
use crate::methods::gae::parameters::Parameters;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::bias;
use vgae_nn::ops::propagation::RepeatedPropagation;
use vgae_nn::ops::unit_rows::{self, Lengths};
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::RowChunks;

/// Hyper-parameters of propagation of rows scaled to a fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NormalisedOptions {
    /// L2 norm to which the vectors of nodes are scaled before propagation.
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub scale: f64,
    /// Number of propagation steps.
    #[schemars(range(min = 1, max = 64))]
    pub hops: u32,
}

impl EncoderKind for NormalisedOptions {
    fn shapes(
        &self,
        inputs: usize,
        latent: usize,
        heads: &[&str],
    ) -> Vec<(String, (usize, usize))> {
        let weights = head_shapes(inputs, latent, heads);
        let biases = heads.iter().map(|head| (format!("b_{head}"), (1, latent)));
        weights.into_iter().chain(biases).collect()
    }

    fn width(&self, latent: usize) -> usize {
        latent
    }
}

/// Normalised encoder: `V = X W + b`, the rows of its mean half scaled to length `s`, then `encoded = A_hat^k
/// V` (Ahn & Kim 2021, "Variational graph normalized autoencoders", arXiv 2108.08046, with `s = 1.8` and `k =
/// 1`). Codes of nodes without neighbours thus keep a minimum length. Log sigma is not normalised. Dropout
/// applies to the input's nonzeros.
pub(crate) struct Normalised<T> {
    propagation: RepeatedPropagation<T>,
    input: Input<T>,
    rows: RowChunks,
    lengths: Lengths<T>,
    outputs: usize,
    /// `V` after scaling, `N x outputs`; required by the backward pass.
    scaled: Vec<T>,
    /// `N x outputs`.
    d_scaled: Vec<T>,
    /// Gradient of the bias per chunk.
    partial: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

impl<T: Kernels> Normalised<T> {
    pub(super) fn new(
        options: NormalisedOptions,
        io: Io,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let NormalisedOptions { scale, hops } = options;
        let Io { latent, outputs, dropout } = io;
        let nodes = adjacency.nodes();
        let rows = RowChunks::even(nodes, 256);
        Self {
            input: Input::new(nodes, features, dropout),
            propagation: RepeatedPropagation::new(adjacency, hops, outputs),
            lengths: Lengths::new(nodes, latent, scale),
            outputs,
            scaled: vec![T::ZERO; nodes * outputs],
            d_scaled: vec![T::ZERO; nodes * outputs],
            partial: vec![T::ZERO; rows.len() * outputs],
            rows,
            encoded: vec![T::ZERO; nodes * outputs],
        }
    }
}

impl<T: Kernels> Encoder<T> for Normalised<T> {
    fn draw(&mut self, seed: Seed, epoch: u32) {
        self.input.draw(&seed.stream(Stream::Dropout, u64::from(epoch)));
    }

    fn keep_all(&mut self) {
        self.input.keep_all();
    }

    fn drops(&self) -> bool {
        self.input.drops()
    }

    fn pass_over(&mut self, adjacency: Arc<Adjacency>) {
        self.propagation.pass_over(adjacency);
    }

    fn encoded(&self) -> &[T] {
        &self.encoded
    }

    fn forward(&mut self, weights: &Parameters<T>, pass: Pass) {
        let Self { input, rows, lengths, outputs, scaled, .. } = self;
        input.multiply(&weights.heads.data, *outputs, pass, scaled);
        if let Some(b) = &weights.bias {
            bias::forward(rows, &b.data, scaled);
        }
        unit_rows::forward(rows, *outputs, lengths, scaled);
        self.propagation.apply(&self.scaled, &mut self.encoded);
    }

    fn backward(&mut self, _: &Parameters<T>, d_encoded: &[T], d_weights: &mut Parameters<T>) {
        let Self { input, rows, lengths, outputs, scaled, d_scaled, partial, .. } = self;
        self.propagation.apply_transposed(d_encoded, d_scaled);
        unit_rows::backward(rows, *outputs, lengths, scaled, d_scaled);
        if let Some(d_b) = &mut d_weights.bias {
            bias::backward(rows, d_scaled, partial, &mut d_b.data);
        }
        input.backward_weight(d_scaled, *outputs, &mut d_weights.heads.data);
    }
}
