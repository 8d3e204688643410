use rayon::prelude::*;
use vgae_artifacts::{LabelledPairs, Matrix, Pair, Validation};

use crate::ranking::Ranking;

/// Measures AUC and average precision on the same pairs in every epoch, without allocation.
#[derive(Debug)]
pub struct Validator {
    ranking: Ranking,
}

impl Validator {
    /// Allocates buffers for `pairs`.
    #[must_use]
    pub fn new(pairs: &LabelledPairs) -> Self {
        Self { ranking: Ranking::with_capacity(pairs.positive.len() + pairs.negative.len()) }
    }

    /// Returns AUC and AP of the inner products of the rows of `mu`, `node_count x width`. They are bitwise
    /// equal to the result of [`crate::evaluate`] for the same means.
    ///
    /// Returns `None` if there are no positives or no negatives, or if a logit is NaN because training has
    /// diverged.
    ///
    /// # Panics
    /// Panics when `mu` has no row for a node of a pair.
    #[must_use]
    pub fn validate(&mut self, pairs: &LabelledPairs, mu: &Matrix) -> Option<Validation> {
        let logit = |pair: &Pair| mu.inner_product(pair.src as usize, pair.dst as usize);
        let (positive, negative) = (pairs.positive.par_iter(), pairs.negative.par_iter());
        self.ranking.rank(positive.map(logit), negative.map(logit)).ok()?;
        self.ranking.measure().map(|metrics| Validation { auc: metrics.auc, ap: metrics.ap })
    }
}
