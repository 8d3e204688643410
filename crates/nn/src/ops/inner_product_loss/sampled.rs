//! The sum over all pairs estimated from a few, for graphs where `N x N` is out of reach.
//!
//! `K` ordered pairs are drawn anew each epoch, and `N^2 / K` times the sum of their softplus stands for the
//! sum over all `N^2`: without bias, in the value and in its gradient. Only this first sum of the loss is
//! estimated; the terms of positive entries stay exact, so a pair that is drawn and happens to be an edge is
//! no false negative (its softplus is taken off again there, as in the exact loss).
//!
//! Pairs are drawn as permutations: each of `ceil(K / N)` shuffles of the nodes pairs every node with another,
//! the last one only a run of nodes that begins anywhere. Every ordered pair is equally likely, and every
//! node meets as many others as the next, as row and as column. So the gradient of a node needs only the
//! permutations and their inverses: rows are gathered, nothing is scattered, and the same bits come out on
//! any number of threads. Memory is 8 bytes a pair drawn; time is linear in pairs.

use rayon::prelude::*;
use vgae_artifacts::{Seed, Stream};

use super::batch::Term;
use super::visit::Visit;
use crate::ops::Kernels;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::random::{draw, shuffle};

/// A sample of pairs.
pub(in crate::ops) struct SampledPairs {
    nodes: usize,
    /// Pairs of an epoch, `K`.
    count: usize,
    permutations: Vec<Permutation>,
    /// Rows of the last permutation that take part begin here, and go round.
    offset: usize,
    chunks: RowChunks,
    sums: Vec<f64>,
}

#[derive(Clone)]
pub(super) struct Permutation {
    pub(super) forward: Vec<u32>,
    pub(super) inverse: Vec<u32>,
}

impl SampledPairs {
    /// Creates a sample of `count` ordered pairs of `nodes` nodes, at least one of each. Until [`SampledPairs::draw`],
    /// each node is paired with itself.
    pub(in crate::ops) fn new(nodes: usize, count: usize) -> Self {
        let identity: Vec<u32> = (0..).take(nodes).collect();
        let identity = Permutation { forward: identity.clone(), inverse: identity };
        Self::of(nodes, count, vec![identity; count.div_ceil(nodes)], 0)
    }

    pub(super) fn of(
        nodes: usize,
        count: usize,
        permutations: Vec<Permutation>,
        offset: usize,
    ) -> Self {
        let chunks = RowChunks::even(nodes, 64);
        Self { nodes, count, permutations, offset, sums: vec![0.0; chunks.len()], chunks }
    }

    /// Returns the number of pairs that are drawn.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Draws the pairs of an epoch.
    pub(in crate::ops) fn draw(&mut self, seed: Seed, epoch: u32) {
        self.permutations.par_iter_mut().enumerate().for_each(|(index, permutation)| {
            let mut rng = seed.stream(Stream::Negatives, stream_index(epoch, index));
            let Permutation { forward, inverse } = permutation;
            for (node, place) in (0..).zip(forward.iter_mut()) {
                *place = node;
            }
            shuffle(&mut rng, forward);
            for (node, &place) in (0..).zip(&*forward) {
                inverse[place as usize] = node;
            }
        });
        let last = stream_index(epoch, self.permutations.len());
        let mut rng = seed.stream(Stream::Negatives, last);
        self.offset = draw(&mut rng, self.nodes);
    }

    /// As [`AllPairs::forward_backward`](super::AllPairs::forward_backward), estimated, over the pairs that
    /// `allows` returns `true` for. It must be symmetric.
    pub(super) fn forward_backward<T: Kernels>(
        &mut self,
        (z, width): (&[T], usize),
        scale: f64,
        allows: impl Fn(usize, usize) -> bool + Sync,
        d_z: &mut [T],
    ) -> f64 {
        if !z.par_chunks(1 << 14).all(|z| z.iter().all(|z| z.to_f64().is_finite())) {
            d_z.fill(T::from_f64(f64::NAN));
            return f64::NAN;
        }
        // A pair is met twice, once by each of its nodes.
        let per_meeting = self.pairs_per_draw() / 2.0;
        let mut sums = std::mem::take(&mut self.sums);
        let sample = &*self;
        let out = (Rows::new(d_z, width), PerChunk { size: 1, data: &mut sums[..] });
        sample.chunks.for_each(out, |_, rows, (d_z, sum)| {
            d_z.data.fill(T::ZERO);
            let scale = scale * per_meeting;
            let mut visit = Visit::new((z, width), Term::Any, scale, rows.start, d_z.data);
            for row in rows {
                for (other, _) in sample.meetings(row) {
                    if allows(row, other) {
                        visit.pair(row, other);
                    }
                }
            }
            sum.data[0] = visit.finish();
        });
        let sum = per_meeting * sums.iter().sum::<f64>();
        self.sums = sums;
        sum
    }

    /// Returns the number of ordered pairs that a drawn one stands for.
    pub(in crate::ops) fn pairs_per_draw(&self) -> f64 {
        (self.nodes as f64).powi(2) / self.count as f64
    }

    /// Returns the nodes that `row` is paired with, and whether it is the first of the pair.
    pub(in crate::ops) fn meetings(&self, row: usize) -> impl Iterator<Item = (usize, bool)> + '_ {
        let Self { nodes, count, ref permutations, offset, .. } = *self;
        let of_last = count - (permutations.len() - 1) * nodes;
        let takes_part = move |index: usize, row: usize| {
            let from_offset = row + nodes - offset;
            let from_offset = if from_offset >= nodes { from_offset - nodes } else { from_offset };
            index + 1 < permutations.len() || from_offset < of_last
        };
        permutations.iter().enumerate().flat_map(move |(index, permutation)| {
            let meets = permutation.forward[row] as usize;
            let met_by = permutation.inverse[row] as usize;
            let first = takes_part(index, row).then_some((meets, true));
            let second = takes_part(index, met_by).then_some((met_by, false));
            [first, second].into_iter().flatten()
        })
    }
}

/// Each permutation of each epoch has numbers of its own.
fn stream_index(epoch: u32, permutation: usize) -> u64 {
    (u64::from(epoch) << 32) + permutation as u64
}
