use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Features, Seed, Stream};

use super::input::Input;
use super::pass::{Encoder, EncoderKind, Io, Pass, heads as head_shapes};
use crate::methods::gae::parameters::Parameters;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::propagation::RepeatedPropagation;
use vgae_numerics::Adjacency;

/// Hyper-parameters of propagation without hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinearOptions {
    /// Number of propagation steps.
    #[schemars(range(min = 1, max = 64))]
    pub hops: u32,
}

impl EncoderKind for LinearOptions {
    fn shapes(
        &self,
        inputs: usize,
        latent: usize,
        heads: &[&str],
    ) -> Vec<(String, (usize, usize))> {
        head_shapes(inputs, latent, heads)
    }

    fn width(&self, latent: usize) -> usize {
        latent
    }
}

/// Linear encoder: `encoded = A_hat^k X W_heads`, with `k = 1` in the paper and no activation (Salha,
/// Hennequin & Vazirgiannis 2020, arXiv 2001.07614). Dropout applies to the input's nonzeros.
pub(crate) struct Linear<T> {
    propagation: RepeatedPropagation<T>,
    input: Input<T>,
    outputs: usize,
    /// `X W`, and its gradient: `N x outputs`.
    projected: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

impl<T: Kernels> Linear<T> {
    pub(super) fn new(
        options: LinearOptions,
        io: Io,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let Io { outputs, dropout, .. } = io;
        let values = adjacency.nodes() * outputs;
        Self {
            input: Input::new(adjacency.nodes(), features, dropout),
            propagation: RepeatedPropagation::new(adjacency, options.hops, outputs),
            outputs,
            projected: vec![T::ZERO; values],
            encoded: vec![T::ZERO; values],
        }
    }
}

impl<T: Kernels> Encoder<T> for Linear<T> {
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
        let w = &weights.heads.data;
        let projected = self.input.multiply(w, self.outputs, pass, &mut self.projected);
        self.propagation.apply(projected, &mut self.encoded);
    }

    fn backward(&mut self, _: &Parameters<T>, d_encoded: &[T], d_weights: &mut Parameters<T>) {
        self.propagation.apply_transposed(d_encoded, &mut self.projected);
        self.input.backward_weight(&self.projected, self.outputs, &mut d_weights.heads.data);
    }
}
