//! The decoder and its loss: logits `S = Z Z^T`, weighted binary cross-entropy over all `N x N` ordered
//! pairs against `A_train + I` (Kipf & Welling 2016, arXiv 1611.07308, eq. 2 and section 2, with the
//! weights of the authors' code).
//!
//! With `P` the positive entries (both directions of the training edges, and the diagonal),
//!
//! `loss = norm / N^2 * ( sum over all (i, j) of softplus(s_ij)
//!                      + sum over P of pos_weight softplus(-s_ij) - softplus(s_ij) )`
//!
//! since `softplus(s)` is the cross-entropy of a negative and `softplus(-s)` that of a positive. Only the
//! first sum is `N x N`, and it needs no matrix (see [`tiles`]); the second has one term an entry of
//! `A_train + I`.
//!
//! Backward: `S` and the targets are symmetric, so
//! `d_Z = 2 norm / N^2 * (sigmoid(S) Z + G Z)`, `G` being zero outside `P` and
//! `pos_weight (sigmoid(s) - 1) - sigmoid(s)` in it. The factor 2 is right on the diagonal too, where
//! `s_ii = z_i . z_i`.

mod tiles;

use std::sync::Arc;

pub(crate) use self::tiles::TiledPairs;
use crate::graph::Adjacency;
use crate::parallel::Rows;
use crate::scalar::Scalar;
use crate::simd::vectorised;

/// The weights of the loss, as the authors' code computes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossScale {
    /// Weight of a positive entry: `(N^2 - S) / S`, `S` the sum of `A_train` (two an edge, no diagonal).
    pub pos_weight: f64,
    /// `N^2 / (2 (N^2 - S))`.
    pub norm: f64,
}

impl LossScale {
    /// For `nodes` nodes and `train_edges` undirected training edges (at least one of each; with no
    /// edge `pos_weight` is infinite).
    #[must_use]
    pub fn new(nodes: usize, train_edges: usize) -> Self {
        let (all, positive) = ((nodes as f64).powi(2), 2.0 * train_edges as f64);
        Self { pos_weight: (all - positive) / positive, norm: all / (2.0 * (all - positive)) }
    }
}

/// The sum of softplus over all ordered pairs, and its gradient.
pub(crate) trait AllPairs<T>: Send {
    /// Buffers for `Z` of `nodes x width`.
    fn new(nodes: usize, width: usize) -> Self;

    /// Returns `sum over all (i, j) of softplus(z_i . z_j)` and writes `d_z = scale * sigmoid(Z Z^T) Z`.
    fn forward_backward(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64;
}

/// The oracle of [`TiledPairs`], and what gradient checks run: every pair by itself, in `f64`.
pub(crate) struct NaivePairs {
    width: usize,
}

impl<T: Scalar> AllPairs<T> for NaivePairs {
    fn new(_: usize, width: usize) -> Self {
        Self { width }
    }

    fn forward_backward(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64 {
        let mut sum = 0.0;
        for (z_i, d_i) in z.chunks_exact(self.width).zip(d_z.chunks_exact_mut(self.width)) {
            let mut row = vec![0.0; self.width];
            for z_j in z.chunks_exact(self.width) {
                let pair = Logit::of(z_i, z_j);
                sum += pair.softplus;
                for (row, z) in row.iter_mut().zip(z_j) {
                    *row += pair.sigmoid * z.to_f64();
                }
            }
            for (d, row) in d_i.iter_mut().zip(row) {
                *d = T::from_f64(scale * row);
            }
        }
        sum
    }
}

/// What the loss needs of one pair, in `f64`, without overflow or cancellation.
struct Logit {
    /// `ln(1 + e^s)`.
    softplus: f64,
    /// `ln(1 + e^-s)`.
    softplus_of_minus: f64,
    /// `1 / (1 + e^-s)`.
    sigmoid: f64,
    /// `1 - sigmoid`.
    sigmoid_of_minus: f64,
}

impl Logit {
    #[inline(always)]
    fn of<T: Scalar>(z_i: &[T], z_j: &[T]) -> Self {
        let mut s = 0.0;
        for (a, b) in z_i.iter().zip(z_j) {
            s = a.to_f64().mul_add(b.to_f64(), s);
        }
        let e = (-s.abs()).exp();
        let (log, large, small) = (e.ln_1p(), 1.0 / (1.0 + e), e / (1.0 + e));
        let (sigmoid, sigmoid_of_minus) = if s >= 0.0 { (large, small) } else { (small, large) };
        // `s.max(0.0)` would hide a NaN.
        let (positive, negative) = if s >= 0.0 { (s, 0.0) } else { (0.0 * s, -s) };
        let (softplus, softplus_of_minus) = (positive + log, negative + log);
        Self { softplus, softplus_of_minus, sigmoid, sigmoid_of_minus }
    }
}

/// The loss of a graph, for embeddings of one width.
pub(crate) struct InnerProductLoss<T: Scalar> {
    adjacency: Arc<Adjacency>,
    width: usize,
    scale: LossScale,
    pairs: T::Pairs,
    /// Each row's sum over its positive entries.
    corrections: Vec<f64>,
}

impl<T: Scalar> InnerProductLoss<T> {
    pub(crate) fn new(adjacency: Arc<Adjacency>, width: usize) -> Self {
        let nodes = adjacency.nodes();
        Self {
            scale: LossScale::new(nodes, adjacency.edges()),
            pairs: T::Pairs::new(nodes, width),
            corrections: vec![0.0; nodes],
            width,
            adjacency,
        }
    }

    /// `N` and the width.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.adjacency.nodes(), self.width)
    }

    /// Returns the loss of `z` (`N x width`) and writes its gradient to `d_z`. A NaN or an infinity in
    /// `z` gives a loss that is not finite.
    pub(crate) fn forward_backward(&mut self, z: &[T], d_z: &mut [T]) -> f64 {
        let per_pair = self.scale.norm / (self.adjacency.nodes() as f64).powi(2);
        let all = self.pairs.forward_backward(z, 2.0 * per_pair, d_z);
        let positive = self.correct(z, 2.0 * per_pair, d_z);
        per_pair * (all + positive)
    }

    /// The terms over positive entries: returns their sum and adds their gradient. Each row of the
    /// symmetric `A_train + I` is one task's, so nothing is shared.
    fn correct(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64 {
        let (width, weight, adjacency) = (self.width, self.scale.pos_weight, &self.adjacency);
        let of = |node: usize| &z[node * width..(node + 1) * width];
        let out = (Rows::new(d_z, width), Rows::new(&mut self.corrections, 1));
        adjacency.chunks.for_each(out, |_, rows, (d_z, sums)| {
            vectorised(
                #[inline(always)]
                || {
                    let out = d_z.data.chunks_exact_mut(width).zip(sums.data);
                    for (node, (d_z, sum)) in rows.zip(out) {
                        let z_i = of(node);
                        *sum = correct_one(weight, scale, z_i, z_i, d_z);
                        for &j in adjacency.neighbours(node) {
                            *sum += correct_one(weight, scale, z_i, of(j as usize), d_z);
                        }
                    }
                },
            );
        });
        self.corrections.iter().sum()
    }
}

#[inline(always)]
fn correct_one<T: Scalar>(weight: f64, scale: f64, z_i: &[T], z_j: &[T], d_z: &mut [T]) -> f64 {
    let pair = Logit::of(z_i, z_j);
    let slope = -(weight * pair.sigmoid_of_minus + pair.sigmoid);
    let slope = T::from_f64(scale * slope);
    for (d, &z) in d_z.iter_mut().zip(z_j) {
        *d = z.fused(slope, *d);
    }
    weight * pair.softplus_of_minus - pair.softplus
}

#[cfg(test)]
mod tests;
