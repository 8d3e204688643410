//! Ranks of positives among negatives: Hits@K and the mean reciprocal rank.
//!
//! A positive with `g` negatives above it and `e` tied with it can have any rank from `g + 1` to `g + e + 1`.
//! Evaluators that use the first rank overestimate models that give many pairs the same score, those that use
//! the last rank underestimate them, and sorting gives arbitrary results. Here ties are in uniformly random
//! order, and a metric is its expectation over that order, which requires no random numbers: a model with
//! constant scores gets the result of a random ranking. As a second definition, a positive has the mean of its
//! ranks (Li et al. 2023): a constant score has rank `1 + e / 2` and is a hit or not as a whole.

use std::collections::BTreeMap;

use vgae_artifacts::MeanRanks;
use vgae_numerics::elementary::ln_1p;

use crate::ranking::{CompensatedSum, sortable};

/// Values of K for which Hits@K is reported.
pub const HITS_AT: [u32; 6] = [1, 3, 10, 20, 50, 100];

/// Position of a positive among its negatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Number of negatives with a higher score.
    pub(crate) above: u64,
    /// Number of negatives with the same score.
    pub(crate) tied: u64,
    /// Number of negatives.
    pub(crate) negatives: u64,
}

impl Place {
    /// Counts the `negatives` above and tied with `score`. No score may be NaN.
    pub(crate) fn among(score: f32, negatives: &[f32]) -> Self {
        let own = sortable(score);
        let (mut above, mut tied) = (0, 0);
        for &negative in negatives {
            let other = sortable(negative);
            above += u64::from(other > own);
            tied += u64::from(other == own);
        }
        Self { above, tied, negatives: negatives.len() as u64 }
    }

    /// Returns the probability that the rank is at most `k`.
    fn hit(self, k: u64) -> f64 {
        let ranks = self.tied + 1;
        k.saturating_sub(self.above).min(ranks) as f64 / ranks as f64
    }

    /// Returns twice the mean of the ranks that the tie can have: `2 + 2 above + tied`.
    fn twice_mean_rank(self) -> u64 {
        2 + 2 * self.above + self.tied
    }

    /// Returns the expected reciprocal rank.
    fn reciprocal_rank(self) -> f64 {
        let ranks = self.tied + 1;
        reciprocals(self.above, self.above + ranks) / ranks as f64
    }
}

/// Returns `1 / (from + 1) + ... + 1 / to`. Long sums use the asymptotic series of the harmonic numbers, `ln
/// n + gamma + 1 / 2n - 1 / 12n^2 + 1 / 120n^4 - 1 / 252n^6 + ...` (Abramowitz & Stegun 1964, 6.3.18), whose
/// error is smaller than the first omitted term: below 4e-15 from [`SERIES`] on.
fn reciprocals(from: u64, to: u64) -> f64 {
    let directly = |from: u64, to: u64| (from + 1..=to).rev().map(|rank| 1.0 / rank as f64).sum();
    if to - from <= FEW_RANKS {
        return directly(from, to);
    }
    let start = from.max(SERIES);
    let tail = |n: u64| {
        let inverse = 1.0 / n as f64;
        let square = inverse * inverse;
        inverse / 2.0 - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square / 252.0))
    };
    let head: f64 = directly(from, start);
    head + ln_1p((to - start) as f64 / start as f64) + (tail(to) - tail(start))
}

/// Maximum number of reciprocals that are summed directly.
const FEW_RANKS: u64 = 256;
/// Smallest number for which the series is used.
const SERIES: u64 = 32;

/// Positions of positives among their negatives.
#[derive(Debug)]
pub(crate) struct Places(Vec<Place>);

impl Places {
    /// Sorts the positions, so that sums do not depend on the order of positives.
    pub(crate) fn new(mut places: Vec<Place>) -> Self {
        places.sort_unstable();
        Self(places)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the mean reciprocal rank; `None` if there are no positives.
    pub(crate) fn mean_reciprocal_rank(&self) -> Option<f64> {
        self.mean(Place::reciprocal_rank)
    }

    /// Returns Hits@K; `None` if there are no positives, or if one has fewer than `k` negatives and would be
    /// a hit with any score.
    pub(crate) fn hits_at(&self, k: u32) -> Option<f64> {
        if self.has_enough(k) { self.mean(|place| place.hit(k.into())) } else { None }
    }

    /// Returns MRR and Hits@K with the mean of the ranks that a tie can have as the rank; `None` if there are no
    /// positives.
    pub(crate) fn by_mean_rank(&self) -> Option<MeanRanks> {
        let mrr = self.mean(|place| 2.0 / place.twice_mean_rank() as f64)?;
        let share = |k: u32| {
            let is_hit = |place: Place| place.twice_mean_rank() <= 2 * u64::from(k);
            self.has_enough(k).then(|| self.mean(|place| f64::from(u8::from(is_hit(place)))))?
        };
        let hits = HITS_AT.into_iter().filter_map(|k| Some((k, share(k)?))).collect();
        Some(MeanRanks { mrr, hits })
    }

    /// Returns whether each positive has at least `k` negatives.
    fn has_enough(&self, k: u32) -> bool {
        self.0.iter().all(|place| place.negatives >= u64::from(k))
    }

    /// Returns Hits@K for all K of [`HITS_AT`] that are defined.
    pub(crate) fn hits(&self) -> BTreeMap<u32, f64> {
        HITS_AT.into_iter().filter_map(|k| Some((k, self.hits_at(k)?))).collect()
    }

    fn mean(&self, of: impl Fn(Place) -> f64) -> Option<f64> {
        let mut sum = CompensatedSum::default();
        for &place in &self.0 {
            sum.add(of(place));
        }
        (!self.0.is_empty()).then(|| sum.total() / self.0.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_sums_of_reciprocals_are_those_of_the_naive_twin() {
        for from in [0, 1, 2, 31, 32, 33, 1000, 123_456] {
            for ranks in [1, 255, 256, 257, 300, 10_000, 1_000_000] {
                let naive: f64 = (from + 1..=from + ranks).rev().map(|n| 1.0 / n as f64).sum();
                let found = reciprocals(from, from + ranks);
                assert!((found / naive - 1.0).abs() < 1e-13, "{from} {ranks}: {found}, {naive}");
            }
        }
    }

    proptest! {
        /// The definition: all orders of the ties, and so all ranks, have the same probability.
        #[test]
        fn a_place_is_the_mean_over_all_its_ranks(above in 0u64..30, tied in 0u64..40, k in 1u64..60) {
            let place = Place { above, tied, negatives: above + tied };
            let ranks = || above + 1..=above + tied + 1;
            let count = (tied + 1) as f64;
            let hits = ranks().filter(|rank| *rank <= k).count() as f64 / count;
            prop_assert!((place.hit(k) - hits).abs() < 1e-15);
            let reciprocal = ranks().map(|rank| 1.0 / rank as f64).sum::<f64>() / count;
            prop_assert!((place.reciprocal_rank() - reciprocal).abs() < 1e-15);
            let mean = ranks().map(|rank| rank as f64).sum::<f64>() / count;
            prop_assert!((place.twice_mean_rank() as f64 - 2.0 * mean).abs() < 1e-12);
        }
    }
}
