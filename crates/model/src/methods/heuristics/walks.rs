//! Entries of powers of `A_hat = D^-1/2 (A + I) D^-1/2` (Kipf & Welling 2017, arXiv 1609.02907, eq. 2): the
//! influence of one node on another after a number of message-passing steps.
//!
//! Two steps are computed from the source; as `A_hat` is symmetric, the remaining steps are computed from the
//! target: `(A_hat^4)_uv = (A_hat^2 (A_hat^2 e_u))_v`. Thus no row of the fourth power is stored.

use super::by_source::FromSource;
use super::sparse_vector::SparseVector;
use vgae_numerics::Adjacency;

/// `A_hat` of a graph, ignoring edge weights.
pub(super) struct Steps<'a> {
    adjacency: &'a Adjacency,
    /// `(d + 1)^-1/2`.
    scale: Vec<f64>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(adjacency: &'a Adjacency) -> Self {
        let scale = (0..adjacency.nodes())
            .map(|node| 1.0 / (adjacency.neighbours(node).len() as f64 + 1.0).sqrt());
        Self { adjacency, scale: scale.collect() }
    }

    /// Returns the entries of a row of `A_hat`.
    pub(super) fn row(&self, node: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let own = self.scale[node];
        let neighbours = self.adjacency.neighbours(node).iter().map(|&other| other as usize);
        std::iter::once(node).chain(neighbours).map(move |other| (other, own * self.scale[other]))
    }

    /// Computes `to = A_hat from`.
    fn send(&self, from: &SparseVector, to: &mut SparseVector) {
        to.clear();
        for (node, value) in from.entries() {
            self.row(node).for_each(|(other, weight)| to.add(other, weight * value));
        }
    }

    /// Returns `(A_hat^steps x)_node`.
    fn fetch(&self, x: &SparseVector, node: usize, steps: usize) -> f64 {
        if steps == 0 {
            return x.get(node);
        }
        self.row(node).map(|(other, weight)| weight * self.fetch(x, other, steps - 1)).sum()
    }
}

/// Entries of `A_hat^length`, with `length` at least 2.
pub(super) struct Walks<'a> {
    pub(super) steps: &'a Steps<'a>,
    pub(super) length: usize,
}

impl FromSource for Walks<'_> {
    type Scratch = [SparseVector; 2];

    fn scratch(&self) -> Self::Scratch {
        [(); 2].map(|()| SparseVector::new(self.steps.adjacency.nodes()))
    }

    fn score(&self, source: usize, targets: &[u32], [one, two]: &mut Self::Scratch) -> Vec<f64> {
        two.clear();
        two.add(source, 1.0);
        self.steps.send(two, one);
        self.steps.send(one, two);
        let fetch = |&target: &u32| self.steps.fetch(two, target as usize, self.length - 2);
        targets.iter().map(fetch).collect()
    }
}
