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
//! first sum is `N x N`, and it needs no matrix (see `tiles`), or is estimated (see `sampled`); the second
//! has one term an entry of `A_train + I` (see `visit`).
//!
//! Backward: `S` and the targets are symmetric, so
//! `d_Z = 2 norm / N^2 * (sigmoid(S) Z + G Z)`, `G` being zero outside `P` and
//! `pos_weight (sigmoid(s) - 1) - sigmoid(s)` in it. The factor 2 is right on the diagonal too, where
//! `s_ii = z_i . z_i`.

mod all_pairs;
mod batch;
mod naive;
pub(super) mod sampled;
mod softplus;
mod tiles;
mod typed;
mod visit;

use std::sync::Arc;

use vgae_artifacts::{PairTypes, Seed};

pub use self::all_pairs::AllPairs;
use self::batch::Term;
pub use self::batch::{Batch, TermSum, in_f32};
pub use self::naive::{NaivePairs, in_f64};
use self::sampled::SampledPairs;
pub use self::tiles::TiledPairs;
use self::typed::Excluded;
use self::visit::Visit;
use crate::Negatives;
use crate::ops::Kernels;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::{PerChunk, Rows};

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
        Self::of_entries((nodes as f64).powi(2), 2.0 * train_edges as f64)
    }

    /// For `nodes` nodes and `train_edges` directed training edges.
    #[must_use]
    pub fn directed(nodes: usize, train_edges: usize) -> Self {
        Self::of_entries((nodes as f64).powi(2), train_edges as f64)
    }

    /// For a loss over `all` ordered pairs, `positive` of which are edges.
    fn of_entries(all: f64, positive: f64) -> Self {
        Self { pos_weight: (all - positive) / positive, norm: all / (2.0 * (all - positive)) }
    }
}

/// Loss of a decoder over the pairs of a graph, for embeddings of one width.
pub trait ReconstructionLoss<T>: Send {
    /// `N` and the width.
    fn shape(&self) -> (usize, usize);

    /// Draws the epoch's pairs, if they are sampled.
    fn draw(&mut self, seed: Seed, epoch: u32);

    /// Returns the loss of `z` (`N x width`) and writes its gradient to `d_z`. A NaN or an infinity in
    /// `z` gives a loss that is not finite.
    fn forward_backward(&mut self, z: &[T], d_z: &mut [T]) -> f64;
}

/// The first sum: over all pairs, or estimated.
enum Pairs<T: Kernels> {
    All(T::Pairs),
    Sampled(SampledPairs),
}

/// The loss of a graph, for embeddings of one width.
pub struct InnerProductLoss<T: Kernels> {
    adjacency: Arc<Adjacency>,
    width: usize,
    scale: LossScale,
    pairs: Pairs<T>,
    /// Pairs that are not part of the loss, in a graph whose nodes have types.
    excluded: Option<Excluded<T>>,
    /// Number of ordered pairs that are part of the loss.
    entries: f64,
    /// Each chunk's sum over its positive entries.
    corrections: Vec<f64>,
}

impl<T: Kernels> InnerProductLoss<T> {
    /// The loss of a graph for embeddings of `width` columns.
    #[must_use]
    pub fn new(adjacency: Arc<Adjacency>, width: usize, negatives: Negatives) -> Self {
        let (nodes, edges) = (adjacency.nodes(), adjacency.edges());
        let pairs = match negatives {
            Negatives::All => Pairs::All(T::Pairs::new(nodes, width)),
            Negatives::PerPositive(count) => {
                Pairs::Sampled(SampledPairs::new(nodes, edges * count.get() as usize))
            }
        };
        Self {
            scale: LossScale::new(nodes, edges),
            pairs,
            excluded: None,
            entries: (nodes as f64).powi(2),
            corrections: vec![0.0; adjacency.chunks.len()],
            width,
            adjacency,
        }
    }

    /// Restricts the loss to the pairs that `types` allows: `N^2` becomes their number, and the diagonal is left out
    /// where nodes of one type are never joined. Without types nothing changes.
    #[must_use]
    pub fn with_pair_types(mut self, types: Option<&Arc<PairTypes>>) -> Self {
        let Some(types) = types else { return self };
        let (nodes, edges) = (self.adjacency.nodes(), self.adjacency.edges());
        let is_exact = matches!(self.pairs, Pairs::All(_));
        let excluded = Excluded::new(Arc::clone(types), self.width, is_exact);
        self.entries = excluded.entries();
        self.scale = LossScale::of_entries(self.entries, 2.0 * edges as f64);
        if let Pairs::Sampled(pairs) = &mut self.pairs {
            *pairs = SampledPairs::new(nodes, excluded.drawn(pairs.count()));
        }
        self.excluded = Some(excluded);
        self
    }

    /// The terms over positive entries: returns their sum and adds their gradient.
    fn correct(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64 {
        let (width, adjacency) = (self.width, &self.adjacency);
        let term = Term::Positive { weight: self.scale.pos_weight };
        let allows = self.excluded.as_ref().map(Excluded::allows);
        let has_diagonal = |row| allows.as_ref().is_none_or(|allows| allows(row, row));
        let out = (Rows::new(d_z, width), PerChunk { size: 1, data: &mut self.corrections[..] });
        adjacency.chunks.for_each(out, |_, rows, (d_z, sum)| {
            let mut visit = Visit::new((z, width), term, scale, rows.start, d_z.data);
            for row in rows {
                if has_diagonal(row) {
                    visit.pair(row, row);
                }
                for &column in adjacency.neighbours(row) {
                    visit.pair(row, column as usize);
                }
            }
            sum.data[0] = visit.finish();
        });
        self.corrections.iter().sum()
    }
}

impl<T: Kernels> ReconstructionLoss<T> for InnerProductLoss<T> {
    fn shape(&self) -> (usize, usize) {
        (self.adjacency.nodes(), self.width)
    }

    fn draw(&mut self, seed: Seed, epoch: u32) {
        if let Pairs::Sampled(pairs) = &mut self.pairs {
            pairs.draw(seed, epoch);
        }
    }

    fn forward_backward(&mut self, z: &[T], d_z: &mut [T]) -> f64 {
        let per_pair = self.scale.norm / self.entries;
        let scale = 2.0 * per_pair;
        let mut all = match (&mut self.pairs, &self.excluded) {
            (Pairs::All(pairs), _) => pairs.forward_backward(z, scale, d_z),
            (Pairs::Sampled(pairs), None) => {
                pairs.forward_backward((z, self.width), scale, |_, _| true, d_z)
            }
            (Pairs::Sampled(pairs), Some(excluded)) => {
                let allows = excluded.allows();
                pairs.forward_backward((z, self.width), scale, allows, d_z)
            }
        };
        if let Some(excluded) = &mut self.excluded {
            all += excluded.forward_backward(z, scale, d_z);
        }
        let positive = self.correct(z, 2.0 * per_pair, d_z);
        per_pair * (all + positive)
    }
}

#[cfg(test)]
mod tests;
