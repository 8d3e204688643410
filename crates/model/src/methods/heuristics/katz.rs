//! Truncated Katz index (Katz 1953, Psychometrika 18, 39-43; as a link predictor Liben-Nowell & Kleinberg
//! 2007, section 3.2): `sum over l = 1 to LONGEST of BETA^l (A^l)_uv`, the number of walks between two nodes,
//! with lower weights for long ones. The truncated sum is finite on every graph.

use super::by_source::FromSource;
use super::sparse_vector::SparseVector;
use vgae_numerics::Adjacency;

/// Weight per step of a walk.
pub(super) const BETA: f64 = 0.05;
/// Maximum length of walks.
pub(super) const LONGEST: usize = 5;

pub(super) struct Katz<'a>(pub(super) &'a Adjacency);

impl FromSource for Katz<'_> {
    /// Walks of two lengths, and the sum.
    type Scratch = [SparseVector; 3];

    fn scratch(&self) -> Self::Scratch {
        [(); 3].map(|()| SparseVector::new(self.0.nodes()))
    }

    fn score(&self, source: usize, targets: &[u32], scratch: &mut Self::Scratch) -> Vec<f64> {
        let [walks, longer, sum] = scratch;
        sum.clear();
        walks.clear();
        walks.add(source, 1.0);
        for _ in 0..LONGEST {
            longer.clear();
            for (node, value) in walks.entries() {
                for &other in self.0.neighbours(node) {
                    longer.add(other as usize, BETA * value);
                }
            }
            longer.entries().for_each(|(node, value)| sum.add(node, value));
            std::mem::swap(walks, longer);
        }
        targets.iter().map(|&target| sum.get(target as usize)).collect()
    }
}
