use rayon::prelude::*;
use vgae_artifacts::LinkMetrics;

use crate::EvalError;
use crate::place::Places;
use crate::ranked::shared_places;
use crate::ranking::{NotANumber, RankMetrics, Ranking};

/// The area under the ROC curve: the chance that a positive scores above a negative, ties counting half.
/// The same as scikit-learn's `roc_auc_score`. Scores are any finite or infinite numbers, larger meaning
/// likelier; only their order matters.
///
/// Nothing when a list is empty or holds a NaN; [`link_metrics`] tells these apart.
#[must_use]
pub fn roc_auc(positive: &[f32], negative: &[f32]) -> Option<f64> {
    measure(positive, negative).ok().flatten().map(|metrics| metrics.auc)
}

/// Average precision: the sum over distinct scores, from high to low, of the precision there times the
/// recall gained there. The same as scikit-learn's `average_precision_score`; a sum of steps, not of
/// trapezoids, which would be too kind.
///
/// Nothing when a list is empty or holds a NaN; [`link_metrics`] tells these apart. (scikit-learn gives
/// 1 where there are no negatives and 0 where there are no positives.)
#[must_use]
pub fn average_precision(positive: &[f32], negative: &[f32]) -> Option<f64> {
    measure(positive, negative).ok().flatten().map(|metrics| metrics.ap)
}

/// Hits@K of positives that share their negatives: the share of positives that rank among the first `k`, a
/// positive's rank being counted among itself and all negatives. Ties are put in a uniformly random order, of
/// which this is the expectation: a positive with `g` negatives above it and `e` tied counts as
/// `(k - g) / (e + 1)`, at least 0 and at most 1. (OGB's evaluator, Hu et al. 2020, counts a tie as a miss and
/// gives 1 where there are fewer than `k` negatives.)
///
/// Nothing when there are no positives, fewer than `k` negatives, or a score is NaN.
#[must_use]
pub fn hits_at_k(positive: &[f32], negative: &[f32], k: u32) -> Option<f64> {
    places(positive, negative)?.hits_at(k)
}

/// The mean reciprocal rank of positives that share their negatives: the mean over positives of one divided by
/// the rank among itself and all negatives. Ties as in [`hits_at_k`]: a positive with `g` negatives above it and
/// `e` tied counts as the mean of `1 / (g + 1)` to `1 / (g + e + 1)`.
///
/// Nothing when a list is empty or holds a NaN.
#[must_use]
pub fn mean_reciprocal_rank(positive: &[f32], negative: &[f32]) -> Option<f64> {
    places(positive, negative)?.mean_reciprocal_rank()
}

fn places(positive: &[f32], negative: &[f32]) -> Option<Places> {
    let numbers = positive.iter().chain(negative).all(|score| !score.is_nan());
    numbers.then(|| shared_places(positive, negative))
}

/// Both metrics with the counts they rest on. A metric is absent when a list is empty.
///
/// # Errors
/// When a score is NaN.
pub fn link_metrics(positive: &[f32], negative: &[f32]) -> Result<LinkMetrics, EvalError> {
    let metrics = measure(positive, negative).map_err(nan_score)?;
    Ok(LinkMetrics {
        auc: metrics.map(|metrics| metrics.auc),
        ap: metrics.map(|metrics| metrics.ap),
        positives: positive.len(),
        negatives: negative.len(),
    })
}

pub(crate) fn nan_score(NotANumber { positive, index }: NotANumber) -> EvalError {
    EvalError::NanScore { truth: if positive { "positive" } else { "negative" }, index }
}

fn measure(positive: &[f32], negative: &[f32]) -> Result<Option<RankMetrics>, NotANumber> {
    let mut ranking = Ranking::with_capacity(positive.len() + negative.len());
    ranking.rank(positive.par_iter().copied(), negative.par_iter().copied())?;
    Ok(ranking.measure())
}
