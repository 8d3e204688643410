//! Loss of a directed graph: logits `s_ij` of the edges `i -> j` by a [`DirectedDecoder`], weighted binary
//! cross-entropy over all `N x N` ordered pairs against `A_train + I` (Salha et al. 2019, "Gravity-inspired graph
//! autoencoders for directed link prediction", arXiv 1905.09570, section 3, with the weights of their code).
//!
//! With `P` the positive entries (the training edges in their direction, and the diagonal), the loss is that of
//! [`inner_product_loss`](super::inner_product_loss):
//!
//! `loss = norm / N^2 * ( sum over all (i, j) of softplus(s_ij)
//!                      + sum over P of pos_weight softplus(-s_ij) - softplus(s_ij) )`
//!
//! Backward: with `G = norm / N^2 * d(sum) / dS`, a node gathers from each pair twice, as its source and as its
//! target; the gradients of a logit are in `decoder.rs`. Nothing is scattered, so the bits do not depend on the
//! number of threads. Memory is O(N d): logits are computed in blocks of 64 columns and forgotten.

mod decoder;
#[cfg(test)]
mod tests;

use vgae_artifacts::{Pair, Seed};
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::simd::{LANES, vectorised};

pub use self::decoder::DirectedDecoder;
use super::inner_product_loss::sampled::SampledPairs;
use super::inner_product_loss::{LossScale, ReconstructionLoss};
use crate::Negatives;
use crate::ops::Kernels;

/// Columns in a block.
const BLOCK: usize = 64;
/// Logit of what fills the last block: its softplus and sigmoid vanish.
const NOTHING: f64 = -100.0;

/// First sum of the loss: over all pairs, or estimated.
enum Pairs<T> {
    /// Z transposed in blocks of 64 nodes, `[block][column of Z][node]`.
    All(Vec<T>),
    Sampled(SampledPairs),
}

/// Loss of a directed graph, for embeddings of one width.
pub struct DirectedLoss<T: Kernels> {
    decoder: DirectedDecoder,
    nodes: usize,
    width: usize,
    scale: LossScale,
    pairs: Pairs<T>,
    /// Partners of each node in the positive entries, and whether the node is the source.
    positives: Vec<(u32, bool)>,
    /// Start of each node in `positives`.
    starts: Vec<usize>,
    chunks: RowChunks,
    sums: Vec<f64>,
}

impl<T: Kernels> DirectedLoss<T> {
    /// Creates the loss of `edges`, sorted, over `nodes` nodes for embeddings of `width` columns: an even number for
    /// [`DirectedDecoder::SourceTarget`], at least 2 otherwise.
    #[must_use]
    pub fn new(
        nodes: usize,
        edges: &[Pair],
        width: usize,
        decoder: DirectedDecoder,
        negatives: Negatives,
    ) -> Self {
        let mut entries: Vec<(u32, u32, bool)> = Vec::with_capacity(2 * (edges.len() + nodes));
        for pair in edges {
            entries.extend([(pair.src, pair.dst, true), (pair.dst, pair.src, false)]);
        }
        entries
            .extend((0..).take(nodes).flat_map(|node| [(node, node, true), (node, node, false)]));
        entries.sort_unstable();
        let mut starts = vec![0; nodes + 1];
        for &(node, ..) in &entries {
            starts[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let pairs = match negatives {
            Negatives::All => Pairs::All(vec![T::ZERO; nodes.div_ceil(BLOCK) * BLOCK * width]),
            Negatives::PerPositive(count) => {
                Pairs::Sampled(SampledPairs::new(nodes, edges.len() * count.get() as usize))
            }
        };
        let chunks = match &pairs {
            Pairs::All(_) => RowChunks::even(nodes, 8),
            Pairs::Sampled(_) => RowChunks::by_entries(&starts),
        };
        Self {
            decoder,
            nodes,
            width,
            scale: LossScale::directed(nodes, edges.len()),
            pairs,
            positives: entries.into_iter().map(|(_, other, source)| (other, source)).collect(),
            starts,
            sums: vec![0.0; chunks.len()],
            chunks,
        }
    }
}

impl<T: Kernels> ReconstructionLoss<T> for DirectedLoss<T> {
    fn shape(&self) -> (usize, usize) {
        (self.nodes, self.width)
    }

    fn draw(&mut self, seed: Seed, epoch: u32) {
        if let Pairs::Sampled(pairs) = &mut self.pairs {
            pairs.draw(seed, epoch);
        }
    }

    fn forward_backward(&mut self, z: &[T], d_z: &mut [T]) -> f64 {
        if !z.iter().all(|z| z.to_f64().is_finite()) {
            d_z.fill(T::from_f64(f64::NAN));
            return f64::NAN;
        }
        let Self { decoder, nodes, width, scale, pairs, positives, starts, chunks, sums } = self;
        let (decoder, nodes, width) = (*decoder, *nodes, *width);
        if let Pairs::All(transposed) = pairs {
            transpose(z, width, transposed);
        }
        let per_pair = scale.norm / (nodes as f64).powi(2);
        let out = (Rows::new(d_z, width), PerChunk { size: 1, data: &mut sums[..] });
        chunks.for_each(out, |_, rows, (d_z, sum)| {
            let mut all = AllOfRow { decoder, width, nodes, sums: vec![[T::ZERO; LANES]; width] };
            let mut few = Few::new(decoder, z, width);
            for (row, d_row) in rows.zip(d_z.data.chunks_exact_mut(width)) {
                d_row.fill(T::ZERO);
                match &*pairs {
                    Pairs::All(transposed) => {
                        let z_row = &z[row * width..][..width];
                        sum.data[0] += all.add(z_row, transposed, per_pair, d_row);
                    }
                    Pairs::Sampled(sampled) => {
                        let each = sampled.pairs_per_draw();
                        let term = Term { of_positive: 0.0, of_any: 1.0 };
                        let found =
                            few.add(row, sampled.meetings(row), term, per_pair * each, d_row);
                        sum.data[0] += each * found;
                    }
                }
                let own = &positives[starts[row]..starts[row + 1]];
                let own = own.iter().map(|&(other, is_source)| (other as usize, is_source));
                let term = Term { of_positive: scale.pos_weight, of_any: -1.0 };
                sum.data[0] += few.add(row, own, term, per_pair, d_row);
            }
        });
        let total: f64 = sums.iter().sum();
        sums.fill(0.0);
        per_pair * total
    }
}

/// Writes Z in transposed blocks; columns after the last node repeat it.
fn transpose<T: Kernels>(z: &[T], width: usize, blocks: &mut [T]) {
    let nodes = z.len() / width;
    for (block, out) in blocks.chunks_exact_mut(BLOCK * width).enumerate() {
        for (k, out) in out.chunks_exact_mut(BLOCK).enumerate() {
            for (at, out) in out.iter_mut().enumerate() {
                let node = (block * BLOCK + at).min(nodes - 1);
                *out = z[node * width + k];
            }
        }
    }
}

/// Pairs of one row with all nodes, as source and as target.
struct AllOfRow<T> {
    decoder: DirectedDecoder,
    width: usize,
    nodes: usize,
    /// Sums over columns in 16 lanes, per column of Z.
    sums: Vec<[T; LANES]>,
}

impl<T: Kernels> AllOfRow<T> {
    /// Adds `scale` times the gradient to `d_row`; returns the sum of softplus over the pairs with the row as source.
    fn add(&mut self, z_row: &[T], transposed: &[T], scale: f64, d_row: &mut [T]) -> f64 {
        let Self { decoder, width, nodes, sums } = self;
        sums.fill([T::ZERO; LANES]);
        let mut pulls = [T::ZERO; LANES];
        let (truths, nothing) = ([T::ZERO; BLOCK], T::from_f64(NOTHING));
        let mut total = 0.0;
        for (block, z) in transposed.chunks_exact(BLOCK * *width).enumerate() {
            let columns = (*nodes - block * BLOCK).min(BLOCK);
            let (mut out, mut inward) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
            let mut squared = [T::ZERO; BLOCK];
            match *decoder {
                DirectedDecoder::SourceTarget => {
                    let half = *width / 2;
                    add_products(&z_row[..half], &z[half * BLOCK..], &mut out);
                    add_products(&z_row[half..], z, &mut inward);
                }
                DirectedDecoder::Gravity { distance_weight } => {
                    let last = *width - 1;
                    squared = [T::from_f64(DirectedDecoder::LEAST_DISTANCE); BLOCK];
                    add_squares(&z_row[..last], z, &mut squared);
                    let mut logs = squared;
                    T::logarithms(&mut logs);
                    let weight = T::from_f64(-distance_weight);
                    let masses = &z[last * BLOCK..];
                    for c in 0..BLOCK {
                        out[c] = logs[c].fused(weight, masses[c]);
                        inward[c] = logs[c].fused(weight, z_row[last]);
                    }
                }
            }
            out[columns..].fill(nothing);
            inward[columns..].fill(nothing);
            total += T::bernoulli(&truths, &mut out, scale);
            T::bernoulli(&truths, &mut inward, scale);
            out[columns..].fill(T::ZERO);
            inward[columns..].fill(T::ZERO);
            match *decoder {
                DirectedDecoder::SourceTarget => {
                    let half = *width / 2;
                    let (sources, targets) = sums.split_at_mut(half);
                    add_to_lanes(&out, &z[half * BLOCK..], sources);
                    add_to_lanes(&inward, z, targets);
                }
                DirectedDecoder::Gravity { distance_weight } => {
                    let last = *width - 1;
                    let factor = T::from_f64(-2.0 * distance_weight);
                    let mut pull = [T::ZERO; BLOCK];
                    for c in 0..BLOCK {
                        pull[c] = factor * (out[c] + inward[c]) / squared[c];
                    }
                    for (at, &pull) in pull.iter().enumerate() {
                        pulls[at % LANES] += pull;
                    }
                    for (at, &slope) in inward.iter().enumerate() {
                        sums[last][at % LANES] += slope;
                    }
                    add_to_lanes(&pull, z, &mut sums[..last]);
                }
            }
        }
        let sum = |lanes: &[T; LANES]| lanes.iter().fold(T::ZERO, |sum, &lane| sum + lane);
        match *decoder {
            DirectedDecoder::SourceTarget => {
                for (d, lanes) in d_row.iter_mut().zip(&*sums) {
                    *d += sum(lanes);
                }
            }
            DirectedDecoder::Gravity { .. } => {
                let pull = sum(&pulls);
                let last = *width - 1;
                for ((d, lanes), &z) in d_row[..last].iter_mut().zip(&*sums).zip(z_row) {
                    *d += z.fused(pull, -sum(lanes));
                }
                d_row[last] += sum(&sums[last]);
            }
        }
        total
    }
}

/// `out[c] += sum over k of row[k] z[k][c]`.
fn add_products<T: Kernels>(row: &[T], z: &[T], out: &mut [T; BLOCK]) {
    vectorised(
        #[inline(always)]
        || {
            for (&factor, z) in row.iter().zip(z.chunks_exact(BLOCK)) {
                for (out, &z) in out.iter_mut().zip(z) {
                    *out = factor.fused(z, *out);
                }
            }
        },
    );
}

/// `out[c] += sum over k of (row[k] - z[k][c])^2`.
fn add_squares<T: Kernels>(row: &[T], z: &[T], out: &mut [T; BLOCK]) {
    vectorised(
        #[inline(always)]
        || {
            for (&own, z) in row.iter().zip(z.chunks_exact(BLOCK)) {
                for (out, &z) in out.iter_mut().zip(z) {
                    let difference = own - z;
                    *out = difference.fused(difference, *out);
                }
            }
        },
    );
}

/// `sums[k] += sum over c of slopes[c] z[k][c]`, each lane every 16th column.
fn add_to_lanes<T: Kernels>(slopes: &[T; BLOCK], z: &[T], sums: &mut [[T; LANES]]) {
    vectorised(
        #[inline(always)]
        || {
            for (sums, z) in sums.iter_mut().zip(z.chunks_exact(BLOCK)) {
                for (slopes, z) in slopes.chunks_exact(LANES).zip(z.chunks_exact(LANES)) {
                    for ((sum, &slope), &z) in sums.iter_mut().zip(slopes).zip(z) {
                        *sum = slope.fused(z, *sum);
                    }
                }
            }
        },
    );
}

/// Term of a pair with logit `s`: `of_positive softplus(-s) + of_any softplus(s)`.
#[derive(Clone, Copy)]
struct Term {
    of_positive: f64,
    of_any: f64,
}

/// Pairs of one row with a few nodes.
struct Few<'a, T> {
    decoder: DirectedDecoder,
    z: &'a [T],
    width: usize,
    pairs: Vec<(usize, bool)>,
    raw: Vec<T>,
    logits: Vec<T>,
    slopes: Vec<T>,
    truths: Vec<T>,
}

impl<'a, T: Kernels> Few<'a, T> {
    fn new(decoder: DirectedDecoder, z: &'a [T], width: usize) -> Self {
        let (pairs, raw, logits) = (Vec::new(), Vec::new(), Vec::new());
        Self { decoder, z, width, pairs, raw, logits, slopes: Vec::new(), truths: Vec::new() }
    }

    /// Adds `scale` times the gradient of the terms of the pairs of `row` to `d_row`. Returns the sum of the terms of
    /// those that have the row as source: the others are counted by their sources.
    fn add(
        &mut self,
        row: usize,
        pairs: impl Iterator<Item = (usize, bool)>,
        term: Term,
        scale: f64,
        d_row: &mut [T],
    ) -> f64 {
        let Self { decoder, z, width, pairs: own, raw, logits, slopes, truths } = self;
        let of = |node: usize| &z[node * *width..][..*width];
        let ends = |other: usize, is_source: bool| {
            if is_source { (of(row), of(other)) } else { (of(other), of(row)) }
        };
        own.clear();
        own.extend(pairs);
        // Sources first, so that their terms are a prefix.
        own.sort_by_key(|&(_, is_source)| !is_source);
        let sources = own.partition_point(|&(_, is_source)| is_source);
        raw.clear();
        raw.extend(own.iter().map(|&(other, is_source)| {
            let (source, target) = ends(other, is_source);
            decoder.raw(source, target)
        }));
        logits.clear();
        logits.extend_from_slice(raw);
        if let DirectedDecoder::Gravity { distance_weight } = *decoder {
            T::logarithms(logits);
            let weight = T::from_f64(-distance_weight);
            for (logit, &(other, is_source)) in logits.iter_mut().zip(&*own) {
                let (_, target) = ends(other, is_source);
                *logit = logit.fused(weight, target[*width - 1]);
            }
        }
        let mut total = 0.0;
        let mut terms = |truth: T, weight: f64, slopes: &mut [T]| {
            truths.clear();
            truths.resize(slopes.len(), truth);
            let (first, second) = slopes.split_at_mut(sources);
            total += weight * T::bernoulli(&truths[..sources], first, scale * weight);
            T::bernoulli(&truths[sources..], second, scale * weight);
        };
        slopes.clear();
        slopes.extend_from_slice(logits);
        terms(T::ZERO, term.of_any, slopes);
        if term.of_positive != 0.0 {
            terms(T::ONE, term.of_positive, logits);
            for (slope, &positive) in slopes.iter_mut().zip(&*logits) {
                *slope += positive;
            }
        }
        for ((&(other, is_source), &raw), &slope) in own.iter().zip(&*raw).zip(&*slopes) {
            decoder.add_gradient((of(row), of(other)), is_source, (raw, slope), d_row);
        }
        total
    }
}
