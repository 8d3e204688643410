use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Features, Seed, Stream};

use super::input::Input;
use super::pass::{Encoder, EncoderKind, Io, Pass, heads as head_shapes};
use crate::methods::gae::parameters::Parameters;
use crate::methods::gae::weights::hidden_name;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::dropout::Mask;
use vgae_nn::ops::linear::Linear;
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::relu;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::RowChunks;

/// Hyper-parameters of two graph convolutions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GcnOptions {
    /// Width of hidden layers.
    #[schemars(range(min = 1, max = 65536))]
    pub hidden: usize,
}

impl EncoderKind for GcnOptions {
    fn shapes(
        &self,
        inputs: usize,
        latent: usize,
        heads: &[&str],
    ) -> Vec<(String, (usize, usize))> {
        let mut shapes = vec![(hidden_name(0), (inputs, self.hidden))];
        shapes.extend(head_shapes(self.hidden, latent, heads));
        shapes
    }

    fn width(&self, latent: usize) -> usize {
        self.hidden.saturating_add(latent)
    }
}

/// Two-layer graph convolution: `H = ReLU(A_hat X W0)`, `encoded = A_hat H W_heads` (Kipf & Welling 2016,
/// arXiv 1611.07308, section 2). The heads' weights are concatenated, so mean and log sigma share one product
/// and one propagation. Dropout applies to the input's nonzeros and to `H`, as in the authors' code.
pub(crate) struct Gcn<T> {
    propagation: Propagation<T>,
    input: Input<T>,
    head: Linear<T>,
    /// Dropout of `H`, with its probability.
    dropout: Option<(f64, Mask<T>)>,
    rows: RowChunks,
    hidden: usize,
    outputs: usize,
    /// `X W0`, and its gradient: `N x hidden`. Empty if `X W0` is `W0` itself.
    projected: Vec<T>,
    /// `H` after `ReLU` and dropout, `N x hidden`; required by the backward pass.
    h: Vec<T>,
    /// `N x hidden`.
    d_h: Vec<T>,
    /// `H W_heads`, and its gradient: `N x outputs`.
    mixed: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

impl<T: Kernels> Gcn<T> {
    pub(super) fn new(
        options: GcnOptions,
        io: Io,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let GcnOptions { hidden } = options;
        let Io { outputs, dropout, .. } = io;
        let nodes = adjacency.nodes();
        let input = Input::new(nodes, features, dropout);
        Self {
            propagation: Propagation::new(adjacency),
            head: Linear::new(nodes, hidden, outputs),
            dropout: (dropout > 0.0).then(|| (dropout, Mask::new(nodes * hidden, 1))),
            rows: RowChunks::even(nodes, 256),
            hidden,
            outputs,
            projected: vec![T::ZERO; if input.is_identity() { 0 } else { nodes * hidden }],
            input,
            h: vec![T::ZERO; nodes * hidden],
            d_h: vec![T::ZERO; nodes * hidden],
            mixed: vec![T::ZERO; nodes * outputs],
            encoded: vec![T::ZERO; nodes * outputs],
        }
    }
}

impl<T: Kernels> Encoder<T> for Gcn<T> {
    fn draw(&mut self, seed: Seed, epoch: u32) {
        let rng = seed.stream(Stream::Dropout, u64::from(epoch));
        self.input.draw(&rng);
        if let Some((probability, mask)) = &mut self.dropout {
            mask.draw(&rng, *probability);
        }
    }

    fn keep_all(&mut self) {
        self.input.keep_all();
        if let Some((_, mask)) = &mut self.dropout {
            mask.keep_all();
        }
    }

    fn drops(&self) -> bool {
        self.dropout.is_some()
    }

    fn pass_over(&mut self, adjacency: Arc<Adjacency>) {
        self.propagation = Propagation::new(adjacency);
    }

    fn encoded(&self) -> &[T] {
        &self.encoded
    }

    fn forward(&mut self, weights: &Parameters<T>, pass: Pass) {
        let w0 = &weights.hidden[0].data;
        let projected = self.input.multiply(w0, self.hidden, pass, &mut self.projected);
        self.propagation.apply(projected, self.hidden, &mut self.h);
        relu::forward(&self.rows, self.hidden, &mut self.h);
        if let (Some((_, mask)), Pass::Train) = (&self.dropout, pass) {
            mask.apply(&mut self.h);
        }
        self.head.forward(&self.h, &weights.heads, &mut self.mixed);
        self.propagation.apply(&self.mixed, self.outputs, &mut self.encoded);
    }

    fn backward(
        &mut self,
        weights: &Parameters<T>,
        d_encoded: &[T],
        d_weights: &mut Parameters<T>,
    ) {
        let d_mixed = &mut self.mixed;
        self.propagation.apply_transposed(d_encoded, self.outputs, d_mixed);
        self.head.backward_weight(&self.h, d_mixed, &mut d_weights.heads);
        self.head.backward_input(d_mixed, &weights.heads, &mut self.d_h);
        if let Some((_, mask)) = &self.dropout {
            mask.apply(&mut self.d_h);
        }
        // Dropout preserves the sign of kept values, and dropped ones have no gradient, so the sign of its
        // output serves for that of ReLU.
        relu::backward(&self.rows, self.hidden, &self.h, &mut self.d_h);

        let (d_h, d_w0) = (&self.d_h[..], &mut d_weights.hidden[0].data);
        if self.input.is_identity() {
            return self.propagation.apply_transposed(d_h, self.hidden, d_w0);
        }
        self.propagation.apply_transposed(d_h, self.hidden, &mut self.projected);
        self.input.backward_weight(&self.projected, self.hidden, d_w0);
    }
}
