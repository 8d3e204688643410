//! Exact nearest-neighbour search over blocks of samples.

use crate::simd::vectorised;

/// Samples per block: with 20 dimensions, a block fills half of a first-level cache.
const BLOCK: usize = 256;
/// Distances tested by their minimum at once: nearly always none of them is among the nearest.
const GROUP: usize = 32;

/// Codes in blocks of samples, column-major within a block, so that adjacent samples are computed by vector
/// instructions.
pub struct Blocks {
    /// `blocks x width x BLOCK`; the last block is padded with zeros.
    values: Vec<f32>,
    width: usize,
    samples: usize,
}

impl Blocks {
    /// Arranges codes, `samples x width` and row-major, in blocks.
    #[must_use]
    pub fn new(codes: &[f32], width: usize) -> Self {
        let samples = codes.len().checked_div(width).unwrap_or(0);
        let mut values = vec![0.0; samples.div_ceil(BLOCK) * width * BLOCK];
        for (at, code) in codes.chunks_exact(width.max(1)).enumerate() {
            let block = &mut values[at / BLOCK * width * BLOCK..][..width * BLOCK];
            for (dimension, &value) in code.iter().enumerate() {
                block[dimension * BLOCK + at % BLOCK] = value;
            }
        }
        Self { values, width, samples }
    }

    /// Computes the squared distances of `code` from all samples. Calls `each` with the index of the first
    /// sample of a block and the distances of the block, in order.
    pub fn distances(&self, code: &[f32], mut each: impl FnMut(usize, &[f32])) {
        let mut distances = [0.0; BLOCK];
        for start in (0..self.samples).step_by(BLOCK) {
            let block = &self.values[start * self.width..][..self.width * BLOCK];
            vectorised(
                #[inline(always)]
                || squared_distances(block, code, &mut distances),
            );
            each(start, &distances[..(self.samples - start).min(BLOCK)]);
        }
    }

    /// Returns the `k` nearest samples of each code, nearest first: squared distance and index. The search is exact; of
    /// equally near samples the first is nearer.
    #[must_use]
    pub fn nearest(&self, codes: &[&[f32]], k: usize) -> Vec<Vec<(f32, usize)>> {
        let mut nearest = vec![Vec::with_capacity(k + 1); codes.len()];
        let mut distances = [0.0; BLOCK];
        for start in (0..self.samples).step_by(BLOCK) {
            let block = &self.values[start * self.width..][..self.width * BLOCK];
            let filled = (self.samples - start).min(BLOCK);
            for (code, nearest) in codes.iter().zip(&mut nearest) {
                vectorised(
                    #[inline(always)]
                    || squared_distances(block, code, &mut distances),
                );
                for (group, distances) in distances[..filled].chunks(GROUP).enumerate() {
                    keep(nearest, k, start + group * GROUP, distances);
                }
            }
        }
        nearest
    }
}

/// Computes squared distances as sums of squared differences. The faster expansion into inner products
/// suffers from cancellation between near codes. Each sum runs over the dimensions in order, so that the
/// result is the same on every machine.
#[inline(always)]
fn squared_distances(block: &[f32], code: &[f32], out: &mut [f32; BLOCK]) {
    for (group, out) in out.as_chunks_mut::<GROUP>().0.iter_mut().enumerate() {
        // As many sums as registers hold.
        let mut sums = [0.0f32; GROUP];
        for (values, &own) in block.as_chunks::<BLOCK>().0.iter().zip(code) {
            let values = &values.as_chunks::<GROUP>().0[group];
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += (value - own) * (value - own);
            }
        }
        *out = sums;
    }
}

/// Inserts those of `distances` (of the samples from `start` on) that are among the `k` nearest.
fn keep(nearest: &mut Vec<(f32, usize)>, k: usize, start: usize, distances: &[f32]) {
    let worst = |nearest: &[(f32, usize)]| match nearest.get(k - 1) {
        Some((distance, _)) => *distance,
        None => f32::INFINITY,
    };
    let least = distances.iter().fold(f32::INFINITY, |least, &value| least.min(value));
    // An infinite distance (of huge codes) is kept while there are fewer than `k`.
    if least >= worst(nearest) && nearest.len() == k {
        return;
    }
    for (at, &distance) in distances.iter().enumerate() {
        if distance < worst(nearest) || nearest.len() < k {
            let place = nearest.partition_point(|(other, _)| *other <= distance);
            nearest.insert(place, (distance, start + at));
            nearest.truncate(k);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The naive twin: all distances, sorted.
    fn naive(codes: &[f32], code: &[f32], k: usize) -> Vec<(f32, usize)> {
        let distance = |sample: &[f32]| -> f32 {
            sample.iter().zip(code).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let samples = codes.chunks(code.len()).map(distance);
        let mut all: Vec<(f32, usize)> = samples.zip(0..).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.truncate(k);
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn the_nearest_are_those_of_the_naive_twin(
            width in 1usize..4,
            samples in 1usize..600,
            k in 1usize..12,
            seed in any::<usize>(),
        ) {
            // Few distinct values, so that many distances are tied.
            let value = |at: usize| {
                at.wrapping_mul(2_654_435_761).wrapping_add(seed).rotate_left(13) % 5
            };
            let codes: Vec<f32> = (0..samples * width).map(|at| value(at) as f32 * 0.5).collect();
            let code = vec![0.7; width];
            let found = Blocks::new(&codes, width).nearest(&[&code], k).remove(0);
            prop_assert_eq!(found, naive(&codes, &code, k));
        }
    }
}
