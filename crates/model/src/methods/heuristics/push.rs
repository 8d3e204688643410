//! Approximate personalised `PageRank` by pushing forward (Andersen, Chung & Lang 2006, "Local graph partitioning
//! using `PageRank` vectors"): from a source, without seeing the rest of the graph.
//!
//! All of the walk's mass waits at the source at first. A node with at least `EPSILON` waiting for each of its
//! edges keeps the share `RETURN` and sends the rest on, evenly. What is still waiting at the end is lost: node `v`
//! has at most `EPSILON d(v)` less than the exact value. Work is below `1 / (RETURN EPSILON)` edges, whatever the
//! size of the graph.

use std::collections::VecDeque;

use super::page_rank::RETURN;
use super::sparse_vector::SparseVector;
use vgae_numerics::Adjacency;

/// What the released code of Li et al. (2023) takes for Cora, Citeseer and Pubmed.
pub(super) const EPSILON: f64 = 1e-5;

#[derive(Debug)]
pub(super) struct Push {
    /// What nodes keep.
    pub(super) kept: SparseVector,
    waiting: SparseVector,
    queue: VecDeque<u32>,
}

impl Push {
    pub(super) fn new(nodes: usize) -> Self {
        let (kept, waiting) = (SparseVector::new(nodes), SparseVector::new(nodes));
        Self { kept, waiting, queue: VecDeque::new() }
    }

    /// Leaves in `kept` where a walk from `source` is.
    pub(super) fn run(&mut self, adjacency: &Adjacency, source: u32) {
        let Self { kept, waiting, queue } = self;
        kept.clear();
        waiting.clear();
        waiting.add(source as usize, 1.0);
        queue.push_back(source);
        while let Some(node) = queue.pop_front() {
            let mass = waiting.take(node as usize);
            kept.add(node as usize, RETURN * mass);
            let neighbours = adjacency.neighbours(node as usize);
            let share = (1.0 - RETURN) * mass / neighbours.len() as f64;
            for &other in neighbours {
                let enough = EPSILON * adjacency.neighbours(other as usize).len() as f64;
                let before = waiting.get(other as usize);
                waiting.add(other as usize, share);
                // It is in the queue if it had enough before.
                if before < enough && before + share >= enough {
                    queue.push_back(other);
                }
            }
        }
    }
}
