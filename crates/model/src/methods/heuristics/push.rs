//! Approximate personalised `PageRank` by forward push (Andersen, Chung & Lang 2006, "Local graph
//! partitioning using `PageRank` vectors"), which visits only the surroundings of the source.
//!
//! Initially all of the mass waits at the source. A node with waiting mass of at least `EPSILON` per edge
//! keeps the share `RETURN` and distributes the rest evenly to its neighbours. The mass still waiting at the
//! end is discarded: the result of node `v` is at most `EPSILON d(v)` below the exact value. The work is
//! below `1 / (RETURN EPSILON)` edges for any graph size.

use std::collections::VecDeque;

use super::page_rank::RETURN;
use super::sparse_vector::SparseVector;
use vgae_numerics::Adjacency;

/// Value of the released code of Li et al. (2023) for Cora, Citeseer and Pubmed.
pub(super) const EPSILON: f64 = 1e-5;

#[derive(Debug)]
pub(super) struct Push {
    /// Mass kept by nodes.
    pub(super) kept: SparseVector,
    waiting: SparseVector,
    queue: VecDeque<u32>,
}

impl Push {
    pub(super) fn new(nodes: usize) -> Self {
        let (kept, waiting) = (SparseVector::new(nodes), SparseVector::new(nodes));
        Self { kept, waiting, queue: VecDeque::new() }
    }

    /// Writes to `kept` the approximate distribution of a walk from `source`.
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
                // The node is already in the queue if it had enough before.
                if before < enough && before + share >= enough {
                    queue.push_back(other);
                }
            }
        }
    }
}
