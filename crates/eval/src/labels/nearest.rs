//! Exact nearest-neighbour search over blocks of samples, and classification by it.

use pulp::Arch;
use rayon::prelude::*;

use super::Labelled;

/// Training samples per block: with 20 dimensions, a block fills half of a first-level cache.
const BLOCK: usize = 256;
/// Test samples that scan the training samples together.
const TILE: usize = 64;
/// Distances tested by their minimum at once: nearly always none of them is among the nearest.
const GROUP: usize = 32;

/// Predicts the most common class among the `k` nearest training samples by Euclidean distance. Ties between
/// classes are resolved in favour of the first class, ties between distances in favour of the earlier sample.
/// The search is exact.
#[must_use]
pub fn predict(train: &Labelled, test: &Labelled, k: usize) -> Vec<usize> {
    let blocks = Blocks::new(train);
    let tests: Vec<usize> = (0..test.len()).collect();
    let tiles = tests.par_chunks(TILE).flat_map_iter(|tile| {
        let codes: Vec<&[f32]> = tile.iter().map(|&at| test.code(at)).collect();
        blocks.nearest(&codes, k).into_iter().map(|nearest| vote(train, &nearest))
    });
    tiles.collect()
}

fn vote(train: &Labelled, nearest: &[(f32, usize)]) -> usize {
    let mut votes = vec![0usize; train.classes];
    for (_, at) in nearest {
        if let Some(class) = train.of[*at] {
            votes[class] += 1;
        }
    }
    // `max_by_key` returns the last of equal elements, hence the reversed order.
    (0..votes.len()).rev().max_by_key(|&class| votes[class]).unwrap_or(0)
}

/// Codes in blocks of samples, column-major within a block, so that adjacent samples are computed by vector
/// instructions.
pub struct Blocks {
    /// `blocks x width x BLOCK`; the last block is padded with zeros.
    values: Vec<f32>,
    width: usize,
    samples: usize,
}

impl Blocks {
    /// Arranges the vectors of `train` in blocks.
    #[must_use]
    pub fn new(train: &Labelled) -> Self {
        let width = train.width;
        let mut values = vec![0.0; train.len().div_ceil(BLOCK) * width * BLOCK];
        for at in 0..train.len() {
            let block = &mut values[at / BLOCK * width * BLOCK..][..width * BLOCK];
            for (dimension, &value) in train.code(at).iter().enumerate() {
                block[dimension * BLOCK + at % BLOCK] = value;
            }
        }
        Self { values, width, samples: train.len() }
    }

    /// Computes the squared distances of `code` from all samples. Calls `each` with the index of the first
    /// sample of a block and the distances of the block, in order.
    pub fn distances(&self, code: &[f32], mut each: impl FnMut(usize, &[f32])) {
        let arch = Arch::new();
        let mut distances = [0.0; BLOCK];
        for start in (0..self.samples).step_by(BLOCK) {
            let block = &self.values[start * self.width..][..self.width * BLOCK];
            arch.dispatch(|| squared_distances(block, code, &mut distances));
            each(start, &distances[..(self.samples - start).min(BLOCK)]);
        }
    }

    /// Returns the `k` nearest samples of each code, nearest first: squared distance and index.
    fn nearest(&self, codes: &[&[f32]], k: usize) -> Vec<Vec<(f32, usize)>> {
        let arch = Arch::new();
        let mut nearest = vec![Vec::with_capacity(k + 1); codes.len()];
        let mut distances = [0.0; BLOCK];
        for start in (0..self.samples).step_by(BLOCK) {
            let block = &self.values[start * self.width..][..self.width * BLOCK];
            let filled = (self.samples - start).min(BLOCK);
            for (code, nearest) in codes.iter().zip(&mut nearest) {
                arch.dispatch(|| squared_distances(block, code, &mut distances));
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
#[expect(
    clippy::inline_always,
    reason = "it must be inlined into the function that `pulp` compiles for the machine"
)]
#[inline(always)]
fn squared_distances(block: &[f32], code: &[f32], out: &mut [f32; BLOCK]) {
    out.fill(0.0);
    for (values, &own) in block.chunks_exact(BLOCK).zip(code) {
        for (sum, &value) in out.iter_mut().zip(values) {
            *sum += (value - own) * (value - own);
        }
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

    fn labelled(width: usize, codes: Vec<f32>, of: Vec<Option<usize>>) -> Labelled {
        Labelled { codes, width, of, classes: 3 }
    }

    /// Returns all distances, sorted.
    fn naive(train: &Labelled, code: &[f32], k: usize) -> Vec<(f32, usize)> {
        let distance = |at: usize| -> f32 {
            train.code(at).iter().zip(code).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let mut all: Vec<(f32, usize)> = (0..train.len()).map(|at| (distance(at), at)).collect();
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
            let train = labelled(width, codes, vec![Some(0); samples]);
            let code = vec![0.7; width];
            let found = Blocks::new(&train).nearest(&[&code], k).remove(0);
            prop_assert_eq!(found, naive(&train, &code, k));
        }
    }

    #[test]
    fn the_first_of_equally_common_classes_wins() {
        let train = labelled(1, vec![0.0, 1.0, 2.0, 3.0], vec![Some(2), Some(1), Some(1), Some(2)]);
        let test = labelled(1, vec![1.4], vec![Some(1)]);
        assert_eq!(predict(&train, &test, 1), [1]);
        assert_eq!(predict(&train, &test, 3), [1]);
        assert_eq!(predict(&train, &test, 4), [1]);
        let huge = labelled(1, vec![f32::MAX, f32::MAX], vec![Some(2), Some(2)]);
        assert_eq!(predict(&huge, &labelled(1, vec![f32::MIN], vec![None]), 2), [2]);
    }
}
