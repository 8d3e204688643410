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
use vgae_nn::ops::relu;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::{RowChunks, Rows};

/// Hyper-parameters of `GraphSAGE` with mean aggregation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SageOptions {
    /// Width of hidden layers.
    #[schemars(range(min = 1, max = 65536))]
    pub hidden: usize,
}

impl EncoderKind for SageOptions {
    fn shapes(
        &self,
        inputs: usize,
        latent: usize,
        heads: &[&str],
    ) -> Vec<(String, (usize, usize))> {
        let mut shapes = vec![(hidden_name(0), (2 * inputs, self.hidden))];
        shapes.extend(head_shapes(2 * self.hidden, latent, heads));
        shapes
    }

    fn width(&self, latent: usize) -> usize {
        self.hidden.saturating_mul(3).saturating_add(latent)
    }
}

/// `GraphSAGE` with mean aggregation (Hamilton, Ying & Leskovec 2017, arXiv 1706.02216, algorithm 1, without
/// sampling): `H = ReLU([X | M X] W_0)`, `encoded = [H | M H] W_heads`, where row `v` of `M X` is the mean of
/// `x_u` over the neighbours `u` of `v`, and zero without neighbours. The upper half of each weight matrix
/// multiplies a node's own vector, the lower half that mean. Dropout applies to the input's nonzeros and to
/// `H`.
pub(crate) struct Sage<T> {
    mean: Mean<T>,
    input: Input<T>,
    head: Linear<T>,
    /// Dropout of `H`, with its probability.
    dropout: Option<(f64, Mask<T>)>,
    rows: RowChunks,
    hidden: usize,
    /// `X W_own` and `X W_mean`; all `N x hidden`.
    own: Vec<T>,
    projected: Vec<T>,
    h: Vec<T>,
    d_h: Vec<T>,
    /// `[H | M H]`, and its gradient: `N x 2 hidden`.
    both: Vec<T>,
    d_both: Vec<T>,
    /// `N x outputs`.
    encoded: Vec<T>,
}

impl<T: Kernels> Sage<T> {
    pub(super) fn new(
        options: SageOptions,
        io: Io,
        adjacency: Arc<Adjacency>,
        features: Option<&Features>,
    ) -> Self {
        let SageOptions { hidden } = options;
        let Io { outputs, dropout, .. } = io;
        let nodes = adjacency.nodes();
        let wide = |width: usize| vec![T::ZERO; nodes * width];
        Self {
            mean: Mean::new(adjacency),
            input: Input::new(nodes, features, dropout),
            head: Linear::new(nodes, 2 * hidden, outputs),
            dropout: (dropout > 0.0).then(|| (dropout, Mask::new(nodes * hidden, 1))),
            rows: RowChunks::even(nodes, 256),
            hidden,
            own: wide(hidden),
            projected: wide(hidden),
            h: wide(hidden),
            d_h: wide(hidden),
            both: wide(2 * hidden),
            d_both: wide(2 * hidden),
            encoded: wide(outputs),
        }
    }
}

impl<T: Kernels> Encoder<T> for Sage<T> {
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
        self.mean = Mean::new(adjacency);
    }

    fn encoded(&self) -> &[T] {
        &self.encoded
    }

    fn forward(&mut self, weights: &Parameters<T>, pass: Pass) {
        let Self { mean, input, rows, hidden, own, projected, h, both, .. } = self;
        let (w_own, w_mean) = halves(&weights.hidden[0].data);
        mean.apply(input.multiply(w_mean, *hidden, pass, projected), *hidden, h);
        let own = input.multiply(w_own, *hidden, pass, own);
        rows.for_each(Rows::new(h, *hidden), |_, rows, h| {
            for (h, own) in h.data.iter_mut().zip(&own[rows.start * *hidden..]) {
                *h += *own;
            }
        });
        relu::forward(rows, *hidden, h);
        if let (Some((_, mask)), Pass::Train) = (&self.dropout, pass) {
            mask.apply(h);
        }
        mean.apply(h, *hidden, projected);
        rows.for_each(Rows::new(both, 2 * *hidden), |_, rows, both| {
            for (node, both) in rows.zip(both.data.chunks_exact_mut(2 * *hidden)) {
                let row = node * *hidden..(node + 1) * *hidden;
                let (own, mean) = both.split_at_mut(*hidden);
                own.copy_from_slice(&h[row.clone()]);
                mean.copy_from_slice(&projected[row]);
            }
        });
        self.head.forward(&self.both, &weights.heads, &mut self.encoded);
    }

    fn backward(
        &mut self,
        weights: &Parameters<T>,
        d_encoded: &[T],
        d_weights: &mut Parameters<T>,
    ) {
        self.head.backward_weight(&self.both, d_encoded, &mut d_weights.heads);
        self.head.backward_input(d_encoded, &weights.heads, &mut self.d_both);
        let Self { mean, input, rows, hidden, own, projected, h, d_h, d_both, .. } = self;
        let half = |out: &mut [T], start: usize| {
            rows.for_each(Rows::new(out, *hidden), |_, rows, out| {
                for (node, out) in rows.zip(out.data.chunks_exact_mut(*hidden)) {
                    let at = 2 * node * *hidden + start;
                    out.copy_from_slice(&d_both[at..at + *hidden]);
                }
            });
        };
        half(own, 0);
        half(projected, *hidden);
        mean.apply_transposed(projected, *hidden, d_h);
        rows.for_each(Rows::new(d_h, *hidden), |_, rows, d_h| {
            for (d_h, own) in d_h.data.iter_mut().zip(&own[rows.start * *hidden..]) {
                *d_h += *own;
            }
        });
        if let Some((_, mask)) = &self.dropout {
            mask.apply(d_h);
        }
        // Dropout preserves the sign of kept values, so the sign of its output serves for that of ReLU.
        relu::backward(rows, *hidden, h, d_h);
        let (d_own, d_mean) = halves_mut(&mut d_weights.hidden[0].data);
        input.backward_weight(d_h, *hidden, d_own);
        mean.apply_transposed(d_h, *hidden, projected);
        input.backward_weight(projected, *hidden, d_mean);
    }
}

fn halves<T>(weights: &[T]) -> (&[T], &[T]) {
    weights.split_at(weights.len() / 2)
}

fn halves_mut<T>(weights: &mut [T]) -> (&mut [T], &mut [T]) {
    weights.split_at_mut(weights.len() / 2)
}

/// Mean over neighbours, `Y = M X`: `y_v = sum over neighbours u of w_vu x_u / d_v`, where `d_v` is the sum
/// of `|w_vu|`, and weights are 1 in unweighted graphs.
struct Mean<T> {
    adjacency: Arc<Adjacency>,
    inverse_degree: Vec<T>,
}

impl<T: Kernels> Mean<T> {
    fn new(adjacency: Arc<Adjacency>) -> Self {
        let inverse = |node: usize| {
            let degree = match adjacency.weights(node) {
                None => adjacency.neighbours(node).len() as f64,
                Some(weights) => weights.iter().map(|&weight| f64::from(weight).abs()).sum(),
            };
            T::from_f64(if degree > 0.0 { 1.0 / degree } else { 0.0 })
        };
        let inverse_degree = (0..adjacency.nodes()).map(inverse).collect();
        Self { adjacency, inverse_degree }
    }

    /// Computes `y = M x`, both `N x width`.
    fn apply(&self, x: &[T], width: usize, y: &mut [T]) {
        let one = T::from_f64(1.0);
        self.sum(x, width, y, |_| one, |node| self.inverse_degree[node]);
    }

    /// Computes `d_x = M^T d_y`, both `N x width`.
    fn apply_transposed(&self, d_y: &[T], width: usize, d_x: &mut [T]) {
        let one = T::from_f64(1.0);
        self.sum(d_y, width, d_x, |node| self.inverse_degree[node], |_| one);
    }

    /// Computes `y_v = outer(v) * sum over neighbours u of w_vu inner(u) x_u`.
    fn sum(
        &self,
        x: &[T],
        width: usize,
        y: &mut [T],
        inner: impl Fn(usize) -> T + Sync,
        outer: impl Fn(usize) -> T + Sync,
    ) {
        self.adjacency.chunks.for_each(Rows::new(y, width), |_, rows, y| {
            let entries = |node: usize| {
                let weights = self.adjacency.weights(node);
                let neighbours = self.adjacency.neighbours(node).iter().enumerate();
                let inner = &inner;
                neighbours.map(move |(at, &other)| {
                    let weight = weights.map_or(1.0, |weights| f64::from(weights[at]));
                    (other as usize, inner(other as usize) * T::from_f64(weight))
                })
            };
            T::row_sums(rows, (x, width), y.data, entries, &outer);
        });
    }
}

#[cfg(test)]
mod tests {
    use vgae_testing::{features, gradcheck, split_of};

    use super::*;
    use crate::{GaeConfig, Weights};

    /// Naive implementation: node by node in f64, by the formulas. Node 5 has no neighbours.
    #[test]
    fn is_the_formula() {
        let (nodes, inputs, hidden) = (6usize, 4usize, 3usize);
        let split = split_of(nodes, &[(0, 1), (0, 2), (1, 2), (2, 3), (3, 4)]);
        let features = features(6, 4);
        let adjacency = Arc::new(Adjacency::new(split.train_view()));
        let mut x = vec![vec![0.0; inputs]; nodes];
        for (node, x) in x.iter_mut().enumerate() {
            for (column, value) in features.row(node) {
                x[column as usize] = f64::from(value);
            }
        }
        let layer = |x: &[Vec<f64>], w: &[f64], outputs: usize| -> Vec<Vec<f64>> {
            let width = x[0].len();
            let row = |node: usize| {
                let others = adjacency.neighbours(node);
                let mean = |at: usize| {
                    let sum: f64 = others.iter().map(|&other| x[other as usize][at]).sum();
                    sum / others.len().max(1) as f64
                };
                let both = (0..width).map(|at| x[node][at]).chain((0..width).map(mean));
                let mut out = vec![0.0; outputs];
                for (at, value) in both.enumerate() {
                    for (out, w) in out.iter_mut().zip(&w[at * outputs..]) {
                        *out += value * w;
                    }
                }
                out
            };
            (0..nodes).map(row).collect()
        };
        let options = serde_json::json!({"hidden": hidden, "latent": 2});
        let config = GaeConfig::of("sage-vgae").expect("a method").with(&options).expect("sound");
        let mut weights = Parameters::<f64>::of(&Weights::glorot(inputs, &config, Seed(1)));
        weights.hidden[0].data = gradcheck::point(2 * inputs * hidden, 1);
        weights.heads.data = gradcheck::point(2 * hidden * 4, 2);
        let io = Io { latent: 2, outputs: 4, dropout: 0.0 };
        let mut sage =
            Sage::new(SageOptions { hidden }, io, Arc::clone(&adjacency), Some(&features));
        sage.forward(&weights, Pass::Evaluate);

        let mut h = layer(&x, &weights.hidden[0].data, hidden);
        h.iter_mut().flatten().for_each(|value| *value = value.max(0.0));
        let expected = layer(&h, &weights.heads.data, 4);
        for (found, expected) in sage.encoded().iter().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
}
