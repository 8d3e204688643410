use rayon::prelude::*;
use vgae_artifacts::{LabelledPairs, Matrix, Pair, Validation};

use crate::ranking::Ranking;

/// Measures an embedding on the same pairs again and again, as training does each epoch, without
/// allocating.
#[derive(Debug)]
pub struct Validator {
    ranking: Ranking,
}

impl Validator {
    /// Makes room for `pairs`.
    #[must_use]
    pub fn new(pairs: &LabelledPairs) -> Self {
        Self { ranking: Ranking::with_capacity(pairs.positive.len() + pairs.negative.len()) }
    }

    /// AUC and AP of the inner products of `mu`'s rows, `node_count x width`. They equal what
    /// [`crate::evaluate`] finds for the same means, to the last bit.
    ///
    /// Nothing when there are no positives or no negatives, and when a logit is NaN: then training has
    /// diverged, which its loss shows too.
    ///
    /// # Panics
    /// When a pair names a node that `mu` has no row for.
    #[must_use]
    pub fn validate(&mut self, pairs: &LabelledPairs, mu: &Matrix) -> Option<Validation> {
        let logit = |pair: &Pair| mu.inner_product(pair.src as usize, pair.dst as usize);
        let (positive, negative) = (pairs.positive.par_iter(), pairs.negative.par_iter());
        self.ranking.rank(positive.map(logit), negative.map(logit)).ok()?;
        self.ranking.measure().map(|metrics| Validation { auc: metrics.auc, ap: metrics.ap })
    }
}
