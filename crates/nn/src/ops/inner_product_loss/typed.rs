//! The loss of a graph whose nodes have types: a sum over the pairs whose types edges join.
//!
//! The sum over all pairs is cheap per pair, as it needs no test, so the pairs that are not allowed are taken off
//! again: with `S(A)` the sum over all ordered pairs of nodes in `A`, pairs within a type `a` are `S(a)` and pairs
//! between types `a` and `b` are `S(a and b) - S(a) - S(b)`.

use std::collections::BTreeMap;
use std::sync::Arc;

use vgae_artifacts::PairTypes;
use vgae_artifacts::table::row_index;

use super::all_pairs::AllPairs;
use crate::ops::Kernels;

/// Most draws per pair that is wanted, where few pairs are allowed.
const MOST_DRAWS: f64 = 8.0;

/// The pairs that are not allowed.
pub(super) struct Excluded<T: Kernels> {
    types: Arc<PairTypes>,
    width: usize,
    blocks: Vec<Block<T>>,
}

/// Nodes whose pairs are added `coefficient` times.
struct Block<T: Kernels> {
    nodes: Vec<u32>,
    coefficient: f64,
    pairs: T::Pairs,
    z: Vec<T>,
    d_z: Vec<T>,
}

impl<T: Kernels> Excluded<T> {
    /// Without `is_exact` pairs are sampled, tested one by one, and need no blocks.
    pub(super) fn new(types: Arc<PairTypes>, width: usize, is_exact: bool) -> Self {
        let count = types.types().names().len();
        let mut coefficients: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut add = |key, value| *coefficients.entry(key).or_default() += value;
        let all = (0..count).flat_map(|a| (a..count).map(move |b| (a, b)));
        for (a, b) in all.filter(|&(a, b)| !types.joins(a, b)) {
            add((a, b), -1.0);
            if a != b {
                add((a, a), 1.0);
                add((b, b), 1.0);
            }
        }
        let blocks = coefficients.into_iter().filter(|&(_, value)| is_exact && value != 0.0);
        let blocks = blocks.map(|((a, b), coefficient)| {
            let mut nodes = types.members(a).to_vec();
            if a != b {
                nodes.extend_from_slice(types.members(b));
                nodes.sort_unstable();
            }
            let zeros = vec![T::ZERO; nodes.len() * width];
            let pairs = T::Pairs::new(nodes.len(), width);
            Block { nodes, coefficient, pairs, z: zeros.clone(), d_z: zeros }
        });
        let blocks = blocks.collect();
        Self { types, width, blocks }
    }

    /// Returns a function of two nodes: whether their pair is part of the loss.
    pub(super) fn allows(&self) -> impl Fn(usize, usize) -> bool + Sync + use<'_, T> {
        let types = &*self.types;
        let index = |node: usize| types.types().index(row_index(node));
        move |row, column| types.joins(index(row), index(column))
    }

    /// Returns the number of ordered pairs that are part of the loss, pairs of a node with itself included.
    pub(super) fn entries(&self) -> f64 {
        let all = 0..self.types.types().names().len();
        let diagonal = all.filter(|&own| self.types.joins(own, own));
        let diagonal: usize = diagonal.map(|own| self.types.members(own).len()).sum();
        2.0 * self.types.pair_count() as f64 + diagonal as f64
    }

    /// Returns the number of pairs to draw so that about `wanted` of them are allowed; at most eight times as many.
    pub(super) fn drawn(&self, wanted: usize) -> usize {
        let all = (self.types.types().node_count() as f64).powi(2);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most eight times a number of pairs in memory"
        )]
        let drawn = (wanted as f64 * (all / self.entries()).min(MOST_DRAWS)).ceil() as usize;
        drawn
    }

    /// Takes the pairs that are not allowed off a sum over all pairs: returns what is to be added to it, and adds
    /// `scale` times its gradient to `d_z`.
    pub(super) fn forward_backward(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64 {
        let width = self.width;
        let mut sum = 0.0;
        for Block { nodes, coefficient, pairs, z: own, d_z: d_own } in &mut self.blocks {
            let rows = |node: u32| node as usize * width..(node as usize + 1) * width;
            for (&node, own) in nodes.iter().zip(own.chunks_exact_mut(width)) {
                own.copy_from_slice(&z[rows(node)]);
            }
            sum += *coefficient * pairs.forward_backward(own, *coefficient * scale, d_own);
            for (&node, d_own) in nodes.iter().zip(d_own.chunks_exact(width)) {
                for (d, &d_own) in d_z[rows(node)].iter_mut().zip(d_own) {
                    *d = T::from_f64(d.to_f64() + d_own.to_f64());
                }
            }
        }
        sum
    }
}
