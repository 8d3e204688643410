//! Scores by common neighbours: a sum over the common neighbours `w` of 1 (common neighbours; Newman 2001,
//! Phys. Rev. E 64, 025102), `1 / ln d(w)` (Adamic & Adar 2003, Social Networks 25, 211-230), or `1 / d(w)`
//! (resource allocation; Zhou, Lu & Zhang 2009, Eur. Phys. J. B 71, 623-630).

use super::by_source::FromSource;
use super::sparse_vector::SparseVector;
use vgae_numerics::Adjacency;

/// Weighted sum over common neighbours.
pub(super) struct Common<'a> {
    adjacency: &'a Adjacency,
    /// Weight of each node as a common neighbour.
    worth: Vec<f64>,
}

impl<'a> Common<'a> {
    /// Creates the sum with weights `worth` by degree; called for degrees of at least 2 only, since a common
    /// neighbour has two neighbours.
    pub(super) fn new(adjacency: &'a Adjacency, worth: impl Fn(f64) -> f64) -> Self {
        let of = |node| match adjacency.neighbours(node).len() {
            0 | 1 => 0.0,
            degree => worth(degree as f64),
        };
        Self { adjacency, worth: (0..adjacency.nodes()).map(of).collect() }
    }
}

impl Common<'_> {
    /// Writes to `scores` those of `source` with all nodes that have a common neighbour with it.
    pub(super) fn all(&self, source: usize, scores: &mut SparseVector) {
        scores.clear();
        for &middle in self.adjacency.neighbours(source) {
            for &target in self.adjacency.neighbours(middle as usize) {
                scores.add(target as usize, self.worth[middle as usize]);
            }
        }
    }
}

impl FromSource for Common<'_> {
    /// Whether a node is a neighbour of the source; all false between calls.
    type Scratch = Vec<bool>;

    fn scratch(&self) -> Vec<bool> {
        vec![false; self.adjacency.nodes()]
    }

    fn score(&self, source: usize, targets: &[u32], is_near: &mut Vec<bool>) -> Vec<f64> {
        let near = self.adjacency.neighbours(source);
        for &node in near {
            is_near[node as usize] = true;
        }
        let scores = targets.iter().map(|&target| {
            let common = self.adjacency.neighbours(target as usize).iter();
            let common = common.filter(|&&node| is_near[node as usize]);
            common.map(|&node| self.worth[node as usize]).sum()
        });
        let scores = scores.collect();
        for &node in near {
            is_near[node as usize] = false;
        }
        scores
    }
}
