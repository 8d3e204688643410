use rayon::prelude::*;
use vgae_artifacts::LinkMetrics;

use crate::EvalError;
use crate::place::Places;
use crate::ranked::shared_places;
use crate::ranking::{NotANumber, RankMetrics, Ranking};

/// Area under the ROC curve: the probability that a positive scores above a negative, with ties counted as
/// one half. Equal to scikit-learn's `roc_auc_score`. Scores are finite or infinite numbers; a higher score
/// means a higher likelihood of an edge, and only the order matters.
///
/// Returns `None` if a list is empty or contains a NaN; [`link_metrics`] distinguishes these cases.
#[must_use]
pub fn roc_auc(positive: &[f32], negative: &[f32]) -> Option<f64> {
    measure(positive, negative).ok().flatten().map(|metrics| metrics.auc)
}

/// Average precision: the sum over distinct scores, from high to low, of precision times the gain in recall.
/// Equal to scikit-learn's `average_precision_score`; a sum of steps, since trapezoids overestimate it.
///
/// Returns `None` if a list is empty or contains a NaN; [`link_metrics`] distinguishes these cases.
/// (scikit-learn returns 1 without negatives and 0 without positives.)
#[must_use]
pub fn average_precision(positive: &[f32], negative: &[f32]) -> Option<f64> {
    measure(positive, negative).ok().flatten().map(|metrics| metrics.ap)
}

/// Hits@K of positives with common negatives: the share of positives with rank at most `k` among itself and
/// all negatives. Ties are in uniformly random order, of which this is the expectation: a positive with `g`
/// negatives above it and `e` tied counts as `(k - g) / (e + 1)`, clamped to 0..=1. (OGB's evaluator, Hu et
/// al. 2020, counts a tie as a miss and returns 1 if there are fewer than `k` negatives.)
///
/// Returns `None` if there are no positives, fewer than `k` negatives, or a score is NaN.
#[must_use]
pub fn hits_at_k(positive: &[f32], negative: &[f32], k: u32) -> Option<f64> {
    places(positive, negative)?.hits_at(k)
}

/// Mean reciprocal rank of positives with common negatives: the mean over positives of one divided by the
/// rank among itself and all negatives. Ties are treated as in [`hits_at_k`]: a positive with `g` negatives
/// above it and `e` tied counts as the mean of `1 / (g + 1)` to `1 / (g + e + 1)`.
///
/// Returns `None` if a list is empty or contains a NaN.
#[must_use]
pub fn mean_reciprocal_rank(positive: &[f32], negative: &[f32]) -> Option<f64> {
    places(positive, negative)?.mean_reciprocal_rank()
}

fn places(positive: &[f32], negative: &[f32]) -> Option<Places> {
    let numbers = positive.iter().chain(negative).all(|score| !score.is_nan());
    numbers.then(|| shared_places(positive, negative))
}

/// Returns AUC and average precision with the counts of positives and negatives. The metrics are `None` if a
/// list is empty.
///
/// # Errors
/// Returns an error when a score is NaN.
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
