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
use vgae_nn::ops::{relu, residual};
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::RowChunks;

/// Hyper-parameters of several graph convolutions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeepOptions {
    /// Width of hidden layers.
    #[schemars(range(min = 1, max = 65536))]
    pub hidden: usize,
    /// Number of graph convolutions, including that of the heads.
    #[schemars(range(min = 2, max = 64))]
    pub layers: usize,
}

impl EncoderKind for DeepOptions {
    fn shapes(
        &self,
        inputs: usize,
        latent: usize,
        heads: &[&str],
    ) -> Vec<(String, (usize, usize))> {
        let rows = |layer: usize| if layer == 0 { inputs } else { self.hidden };
        let hidden = (0..self.layers - 1).map(|at| (hidden_name(at), (rows(at), self.hidden)));
        hidden.chain(head_shapes(self.hidden, latent, heads)).collect()
    }

    fn width(&self, latent: usize) -> usize {
        self.hidden.saturating_mul(self.layers).saturating_add(latent)
    }
}

/// Graph convolutions with residual connections between the hidden ones (Kipf & Welling 2017, arXiv
/// 1609.02907, appendix B): `H_1 = ReLU(A_hat X W_0)`, `H_k+1 = H_k + ReLU(A_hat H_k W_k)`, `encoded = A_hat
/// H_last W_heads`. With one hidden layer it equals [`Gcn`](super::gcn::Gcn). Dropout applies to the input's
/// nonzeros and to the input of each further layer, but not to the residual connection.
pub(crate) struct Deep<T> {
    propagation: Propagation<T>,
    input: Input<T>,
    layers: Vec<Layer<T>>,
    inner: Linear<T>,
    head: Linear<T>,
    probability: f64,
    rows: RowChunks,
    hidden: usize,
    outputs: usize,
    /// `H` of the current layer without dropout; later its gradient: `N x hidden`.
    h: Vec<T>,
    /// `H W` or `X W0`, and gradients: `N x hidden`.
    projected: Vec<T>,
    /// `N x hidden`.
    d_read: Vec<T>,
    /// `H W_heads`, and its gradient: `N x outputs`.
    mixed: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

/// Values of a hidden layer for the backward pass, all `N x hidden`.
struct Layer<T> {
    /// Output of `ReLU`.
    activated: Vec<T>,
    /// Input of the next layer: the sum of this and the previous layers, after dropout.
    read: Vec<T>,
    mask: Option<Mask<T>>,
}

impl<T: Kernels> Deep<T> {
    pub(super) fn new(
        options: DeepOptions,
        io: Io,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let DeepOptions { hidden, layers } = options;
        let Io { outputs, dropout, .. } = io;
        let nodes = adjacency.nodes();
        let wide = || vec![T::ZERO; nodes * hidden];
        let layer = |number: u32| Layer {
            activated: wide(),
            read: wide(),
            mask: (dropout > 0.0).then(|| Mask::new(nodes * hidden, number)),
        };
        Self {
            propagation: Propagation::new(adjacency),
            input: Input::new(nodes, features, dropout),
            layers: (1..).take(layers - 1).map(layer).collect(),
            inner: Linear::new(nodes, hidden, hidden),
            head: Linear::new(nodes, hidden, outputs),
            probability: dropout,
            rows: RowChunks::even(nodes, 256),
            hidden,
            outputs,
            h: wide(),
            projected: wide(),
            d_read: wide(),
            mixed: vec![T::ZERO; nodes * outputs],
            encoded: vec![T::ZERO; nodes * outputs],
        }
    }
}

impl<T: Kernels> Encoder<T> for Deep<T> {
    fn draw(&mut self, seed: Seed, epoch: u32) {
        let rng = seed.stream(Stream::Dropout, u64::from(epoch));
        self.input.draw(&rng);
        for mask in self.layers.iter_mut().filter_map(|layer| layer.mask.as_mut()) {
            mask.draw(&rng, self.probability);
        }
    }

    fn keep_all(&mut self) {
        self.input.keep_all();
        for mask in self.layers.iter_mut().filter_map(|layer| layer.mask.as_mut()) {
            mask.keep_all();
        }
    }

    fn drops(&self) -> bool {
        self.input.drops()
    }

    fn pass_over(&mut self, adjacency: Arc<Adjacency>) {
        self.propagation = Propagation::new(adjacency);
    }

    fn encoded(&self) -> &[T] {
        &self.encoded
    }

    fn forward(&mut self, weights: &Parameters<T>, pass: Pass) {
        let Self { propagation, input, layers, inner, rows, hidden, h, projected, .. } = self;
        for at in 0..layers.len() {
            let (before, rest) = layers.split_at_mut(at);
            let Layer { activated, read, mask } = &mut rest[0];
            let w = &weights.hidden[at];
            let projected = match before.last() {
                None => input.multiply(&w.data, *hidden, pass, projected),
                Some(before) => {
                    inner.forward(&before.read, w, projected);
                    &projected[..]
                }
            };
            propagation.apply(projected, *hidden, activated);
            relu::forward(rows, *hidden, activated);
            if at == 0 {
                h.copy_from_slice(activated);
            } else {
                residual::add(rows, *hidden, activated, h);
            }
            read.copy_from_slice(h);
            if let (Some(mask), Pass::Train) = (mask, pass) {
                mask.apply(read);
            }
        }
        if let Some(last) = self.layers.last() {
            self.head.forward(&last.read, &weights.heads, &mut self.mixed);
        }
        self.propagation.apply(&self.mixed, self.outputs, &mut self.encoded);
    }

    fn backward(
        &mut self,
        weights: &Parameters<T>,
        d_encoded: &[T],
        d_weights: &mut Parameters<T>,
    ) {
        let Self { propagation, input, layers, inner, head, rows, hidden, projected, .. } = self;
        let (hidden, d_h, d_read) = (*hidden, &mut self.h, &mut self.d_read);
        propagation.apply_transposed(d_encoded, self.outputs, &mut self.mixed);
        for at in (0..layers.len()).rev() {
            // The gradient from the next layer's input, and from the residual connection.
            if at + 1 == layers.len() {
                head.backward_weight(&layers[at].read, &self.mixed, &mut d_weights.heads);
                head.backward_input(&self.mixed, &weights.heads, d_read);
            } else {
                inner.backward_weight(&layers[at].read, projected, &mut d_weights.hidden[at + 1]);
                inner.backward_input(projected, &weights.hidden[at + 1], d_read);
            }
            let Layer { activated, mask, .. } = &layers[at];
            if let Some(mask) = mask {
                mask.apply(d_read);
            }
            if at + 1 == layers.len() {
                d_h.copy_from_slice(d_read);
            } else {
                residual::add(rows, hidden, d_read, d_h);
            }
            d_read.copy_from_slice(d_h);
            relu::backward(rows, hidden, activated, d_read);
            propagation.apply_transposed(d_read, hidden, projected);
        }
        input.backward_weight(projected, hidden, &mut d_weights.hidden[0].data);
    }
}
