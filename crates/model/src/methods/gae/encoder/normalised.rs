use std::sync::Arc;

use vgae_artifacts::{Features, Seed, Stream};

use super::input::Input;
use super::{Encoder, Pass, Shape};
use crate::methods::gae::parameters::Parameters;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::bias;
use vgae_nn::ops::propagation::RepeatedPropagation;
use vgae_nn::ops::unit_rows::{self, Lengths};
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::RowChunks;

/// The normalised encoder: `V = X W + b`, the rows of its mean half scaled to length `s`, then
/// `encoded = A_hat^k V` (Ahn & Kim 2021, "Variational graph normalized autoencoders", arXiv 2108.08046,
/// with `s = 1.8` and `k = 1`). Codes of nodes without neighbours thus keep a length. Log sigma is not
/// normalised. Dropout acts on the input's nonzeros.
pub(crate) struct Normalised<T> {
    propagation: RepeatedPropagation<T>,
    input: Input<T>,
    rows: RowChunks,
    lengths: Lengths<T>,
    outputs: usize,
    /// `V` after scaling, `N x outputs`; backward needs it.
    scaled: Vec<T>,
    /// `N x outputs`.
    d_scaled: Vec<T>,
    /// Each chunk's share of the bias's gradient.
    partial: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

impl<T: Kernels> Normalised<T> {
    pub(super) fn new(
        shape: Shape,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let Shape { latent, outputs, dropout, scale, propagations, .. } = shape;
        let nodes = adjacency.nodes();
        let rows = RowChunks::even(nodes, 256);
        Self {
            input: Input::new(nodes, features, dropout),
            propagation: RepeatedPropagation::new(adjacency, propagations, outputs),
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
        self.propagation.apply(d_encoded, d_scaled);
        unit_rows::backward(rows, *outputs, lengths, scaled, d_scaled);
        if let Some(d_b) = &mut d_weights.bias {
            bias::backward(rows, d_scaled, partial, &mut d_b.data);
        }
        input.backward_weight(d_scaled, *outputs, &mut d_weights.heads.data);
    }
}
