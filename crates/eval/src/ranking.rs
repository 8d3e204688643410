use rayon::prelude::*;

/// Key of a NaN, which no score has.
const NO_KEY: u64 = u64::MAX;

/// Number of scores below which a second thread does not pay off.
pub(crate) const FEW: usize = 1 << 13;

/// Sorted scores with their truth, from which AUC and average precision are counted.
///
/// A score and its truth are packed into one integer with the order of the score, so that a single sort of
/// integers serves both metrics, in a reusable buffer.
#[derive(Debug, Default)]
pub(crate) struct Ranking {
    /// Ascending keys. Bits 1 to 32: the score; bit 0: whether it is a positive.
    keys: Vec<u64>,
}

/// AUC and average precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RankMetrics {
    pub(crate) auc: f64,
    pub(crate) ap: f64,
}

/// Error for a NaN score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotANumber {
    pub(crate) positive: bool,
    pub(crate) index: usize,
}

impl Ranking {
    pub(crate) fn with_capacity(scores: usize) -> Self {
        Self { keys: Vec::with_capacity(scores) }
    }

    /// Replaces the scores.
    pub(crate) fn rank(
        &mut self,
        positive: impl IndexedParallelIterator<Item = f32>,
        negative: impl IndexedParallelIterator<Item = f32>,
    ) -> Result<(), NotANumber> {
        let key = |positive: bool| {
            move |score: f32| match score {
                score if score.is_nan() => NO_KEY,
                score => u64::from(sortable(score)) << 1 | u64::from(positive),
            }
        };
        let positives = positive.len();
        self.keys.clear();
        let keys = positive.map(key(true)).chain(negative.map(key(false)));
        self.keys.par_extend(keys.with_min_len(FEW));
        if let Some(index) = self.keys.iter().position(|&key| key == NO_KEY) {
            let positive = index < positives;
            return Err(NotANumber {
                positive,
                index: if positive { index } else { index - positives },
            });
        }
        self.keys.par_sort_unstable();
        Ok(())
    }

    /// Returns both metrics, or `None` if there are no positives or no negatives.
    pub(crate) fn measure(&self) -> Option<RankMetrics> {
        RankMetrics::of_blocks(
            self.blocks().map(|(_, positives, negatives)| (positives, negatives)),
        )
    }

    /// Returns every distinct score from high to low, with the numbers of positives and negatives that have
    /// it.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (f32, u64, u64)> + '_ {
        self.keys.chunk_by(|a, b| a >> 1 == b >> 1).rev().map(|block| {
            let positives = block.iter().map(|key| key & 1).sum::<u64>();
            #[expect(clippy::cast_possible_truncation, reason = "32 bits of a key are its score")]
            let score = from_sortable((block[0] >> 1) as u32);
            (score, positives, block.len() as u64 - positives)
        })
    }
}

impl RankMetrics {
    /// Returns both metrics, or `None` if there are no positives or no negatives. `blocks` contains the
    /// numbers of positives and negatives per distinct score, from high to low. Scores that only negatives
    /// have may be merged into one block if no positive lies between them.
    ///
    /// With `tp` and `fp` counted up to and including a block (scikit-learn's `roc_auc_score` and
    /// `average_precision_score`):
    /// - AUC is the probability that a positive scores above a negative, with ties counted as one half
    ///   (Mann-Whitney), which is the area under the trapezoids through the ends of the blocks;
    /// - AP is the sum of precision `tp / (tp + fp)` times the block's share of all positives: steps, not
    ///   trapezoids (Davis & Goadrich 2006).
    pub(crate) fn of_blocks(blocks: impl Iterator<Item = (u64, u64)>) -> Option<Self> {
        let (mut tp, mut fp) = (0u64, 0u64);
        let mut twice_wins = 0u128;
        let mut precision = CompensatedSum::default();
        for (positives, negatives) in blocks {
            twice_wins += u128::from(negatives) * (2 * u128::from(tp) + u128::from(positives));
            tp += positives;
            fp += negatives;
            if positives > 0 {
                precision.add(positives as f64 * tp as f64 / (tp + fp) as f64);
            }
        }
        if tp == 0 || fp == 0 {
            return None;
        }
        let twice_comparisons = 2 * u128::from(tp) * u128::from(fp);
        Some(Self {
            auc: twice_wins as f64 / twice_comparisons as f64,
            ap: precision.total() / tp as f64,
        })
    }
}

/// Returns an integer with the order of the number; both zeros map to the same integer, in accordance with
/// `==`.
pub(crate) fn sortable(score: f32) -> u32 {
    let bits = (score + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// Inverts [`sortable`].
pub(crate) fn from_sortable(integer: u32) -> f32 {
    f32::from_bits(if integer & SIGN == 0 { !integer } else { integer & !SIGN })
}

/// Sign bit of `f32`.
const SIGN: u32 = 1 << 31;

/// Neumaier's compensated sum, with an error of about one rounding for any number of terms.
#[derive(Debug, Default)]
pub(crate) struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    /// Adds a non-negative term.
    pub(crate) fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        let (large, small) = if self.sum >= term { (self.sum, term) } else { (term, self.sum) };
        self.lost += (large - sum) + small;
        self.sum = sum;
    }

    pub(crate) fn total(&self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_scores_sort_as_numbers_do(a in any::<f32>(), b in any::<f32>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(a.partial_cmp(&b), Some(sortable(a).cmp(&sortable(b))));
            prop_assert_eq!(from_sortable(sortable(a)).to_bits(), (a + 0.0).to_bits());
        }
    }

    #[test]
    fn both_zeros_tie_and_infinities_are_the_ends() {
        assert_eq!(sortable(-0.0), sortable(0.0));
        assert!(sortable(f32::NEG_INFINITY) < sortable(f32::MIN));
        assert!(sortable(-f32::from_bits(1)) < sortable(0.0));
        assert!(sortable(f32::MAX) < sortable(f32::INFINITY));
    }

    #[test]
    fn small_terms_are_not_lost() {
        let mut sum = CompensatedSum::default();
        sum.add(1.0);
        for _ in 0..1000 {
            sum.add(f64::EPSILON / 4.0);
        }
        assert_eq!(sum.total().to_bits(), (1.0 + 250.0 * f64::EPSILON).to_bits());
    }
}
