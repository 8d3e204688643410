//! Truncated random walks (Perozzi et al. 2014, arXiv 1403.6652, algorithm 1), and the biased walks of
//! node2vec (Grover & Leskovec 2016, arXiv 1607.00653, section 3.2).
//!
//! Walks are generated in blocks, each a function of seed and block number with its own random stream. They
//! are regenerated on demand and never stored: this costs a few percent of the training time, and memory is
//! that of the vectors.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use vgae_artifacts::{Seed, Stream};

use super::DeepWalkConfig;
use vgae_numerics::Adjacency;
use vgae_numerics::random::{draw, draw_unit, shuffle};

/// Number of walks in a block.
pub(super) const BLOCK: usize = 64;

/// All walks of a graph.
#[derive(Debug)]
pub(super) struct Walks<'a> {
    adjacency: &'a Adjacency,
    length: usize,
    /// `1 / p` and `1 / q`; `None` if both are 1.
    bias: Option<(f64, f64)>,
    seed: Seed,
    /// Start of each walk: per round every node once, in random order.
    starts: Vec<u32>,
}

impl<'a> Walks<'a> {
    pub(super) fn new(adjacency: &'a Adjacency, config: &DeepWalkConfig, seed: Seed) -> Self {
        let nodes = u32::try_from(adjacency.nodes()).unwrap_or(u32::MAX);
        let mut starts = Vec::with_capacity(adjacency.nodes() * config.walks_per_node as usize);
        for round in 0..config.walks_per_node {
            let mut rng = seed.stream(Stream::WalkOrder, u64::from(round));
            let first = starts.len();
            starts.extend(0..nodes);
            shuffle(&mut rng, &mut starts[first..]);
        }
        #[expect(clippy::float_cmp, reason = "the exact value that has no effect")]
        let bias = (config.p != 1.0 || config.q != 1.0).then(|| (1.0 / config.p, 1.0 / config.q));
        Self { adjacency, length: config.walk_length as usize, bias, seed, starts }
    }

    /// Returns the number of walks.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// Returns the number of blocks; the last may be smaller.
    pub(super) fn blocks(&self) -> usize {
        self.starts.len().div_ceil(BLOCK)
    }

    /// Calls `visit` with each walk of a block, in order. A walk from a node without edges consists of that
    /// node.
    pub(super) fn for_each_in(&self, block: usize, mut visit: impl FnMut(usize, &[u32])) {
        let mut rng = self.seed.stream(Stream::Walks, block as u64);
        let mut walk = Vec::with_capacity(self.length);
        let first = block * BLOCK;
        let last = self.starts.len().min(first + BLOCK);
        for (number, &start) in (first..last).zip(&self.starts[first..last]) {
            walk.clear();
            walk.push(start);
            let mut node = start;
            while walk.len() < self.length {
                let neighbours = self.adjacency.neighbours(node as usize);
                if neighbours.is_empty() {
                    break;
                }
                let before = walk.len().checked_sub(2).map(|at| walk[at]);
                node = match (self.bias, before) {
                    (Some(bias), Some(before)) => self.biased(bias, before, neighbours, &mut rng),
                    _ => neighbours[draw(&mut rng, neighbours.len())],
                };
                walk.push(node);
            }
            visit(number, &walk);
        }
    }

    /// Draws a second-order step: a neighbour in proportion to its weight, given the previous node `before`.
    fn biased(
        &self,
        (back, away): (f64, f64),
        before: u32,
        neighbours: &[u32],
        rng: &mut ChaCha8Rng,
    ) -> u32 {
        let around = self.adjacency.neighbours(before as usize);
        let weight = |node: u32| {
            if node == before {
                back
            } else if around.binary_search(&node).is_ok() {
                1.0
            } else {
                away
            }
        };
        // Rejection sampling usually accepts early. Otherwise the weights are summed; both methods draw from
        // the same distribution.
        let most = back.max(away).max(1.0);
        for _ in 0..16 {
            let node = neighbours[draw(rng, neighbours.len())];
            if draw_unit(rng) * most < weight(node) {
                return node;
            }
        }
        let total: f64 = neighbours.iter().map(|&node| weight(node)).sum();
        let mut rest = draw_unit(rng) * total;
        for &node in neighbours {
            rest -= weight(node);
            if rest < 0.0 {
                return node;
            }
        }
        neighbours[neighbours.len() - 1]
    }

    /// Returns the number of visits of each node, over all walks.
    pub(super) fn visits(&self) -> Vec<u64> {
        let none = || vec![0u64; self.adjacency.nodes()];
        (0..self.blocks())
            .into_par_iter()
            .with_min_len(self.blocks().div_ceil(16))
            .fold(none, |mut visits, block| {
                self.for_each_in(block, |_, walk| {
                    for &node in walk {
                        visits[node as usize] += 1;
                    }
                });
                visits
            })
            .reduce(none, |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                a
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::{on_threads, split_of};

    fn config(p: f64, q: f64) -> DeepWalkConfig {
        DeepWalkConfig { walks_per_node: 200, walk_length: 40, p, q, ..DeepWalkConfig::default() }
    }

    /// A triangle 0 1 2, a path 2 - 3 - 4, and the isolated node 5.
    fn graph() -> Adjacency {
        let split = split_of(6, &[(0, 1), (0, 2), (1, 2), (2, 3), (3, 4)]);
        Adjacency::new(split.train_view())
    }

    #[test]
    fn every_node_starts_as_often_and_every_step_is_an_edge() {
        let graph = graph();
        let walks = Walks::new(&graph, &config(1.0, 1.0), Seed(1));
        let (mut starts, mut number) = ([0; 6], 0);
        for block in 0..walks.blocks() {
            walks.for_each_in(block, |at, walk| {
                assert_eq!(at, number);
                number += 1;
                starts[walk[0] as usize] += 1;
                assert_eq!(walk.len(), if walk[0] == 5 { 1 } else { 40 });
                for step in walk.windows(2) {
                    assert!(graph.neighbours(step[0] as usize).contains(&step[1]));
                }
            });
        }
        assert_eq!((starts, number), ([200; 6], walks.count()));
        let visits = walks.visits();
        assert_eq!(visits[5], 200);
        assert!(visits == on_threads(3, || walks.visits()));
        // In the long run, visits are proportional to degrees: 2 2 3 2 1 of 10 in 40,000 steps, which are
        // strongly dependent.
        for (visits, share) in visits.iter().zip([0.2, 0.2, 0.3, 0.2, 0.1]) {
            let found = *visits as f64 / 40_000.0;
            assert!((found - share).abs() < 0.03, "{found} {share}");
        }
    }

    #[test]
    fn steps_of_second_order_have_node2vecs_weights() {
        let graph = graph();
        // Mild and extreme values: the second falls back on summation.
        for (p, q) in [(4.0, 0.5), (1e4, 1e-4), (0.25, 4.0)] {
            let walks = Walks::new(&graph, &config(p, q), Seed(2));
            // At 2, coming from 0: back to 0, on to 1 (a neighbour of 0), away to 3.
            let mut counts = [0.0; 4];
            for block in 0..walks.blocks() {
                walks.for_each_in(block, |_, walk| {
                    for step in walk.windows(3).filter(|step| step[0] == 0 && step[1] == 2) {
                        counts[step[2] as usize] += 1.0;
                    }
                });
            }
            let steps: f64 = counts.iter().sum();
            let total = 1.0 / p + 1.0 + 1.0 / q;
            for (node, weight) in [(0, 1.0 / p), (1, 1.0), (3, 1.0 / q)] {
                let share = weight / total;
                // Five standard errors.
                let error = 5.0 * (share * (1.0 - share) / steps).sqrt() + 1.0 / steps;
                assert!((counts[node] / steps - share).abs() < error, "{p} {q} {node}");
            }
        }
    }
}
