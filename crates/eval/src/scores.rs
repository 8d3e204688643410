use rayon::prelude::*;
use vgae_artifacts::{
    CurvePoint, Curves, EdgeWeightMetrics, LinkMetrics, Part, ProbabilityMetrics, RankingMetrics,
    Scores,
};

use crate::link::nan_score;
use crate::ranked::rank_in_common;
use crate::ranking::Ranking;
use crate::{EvalError, edge_weight_metrics, link_metrics, probabilities};

/// Metrics that depend on scores only.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMetrics {
    /// Metrics of validation pairs.
    pub validation: LinkMetrics,
    /// Metrics of test pairs.
    pub test: LinkMetrics,
    /// Predicted weights of validation edges.
    pub validation_weights: Option<EdgeWeightMetrics>,
    /// Predicted weights of test edges.
    pub test_weights: Option<EdgeWeightMetrics>,
    /// Ranks of validation and test edges among the negatives of their part.
    pub rankings: Vec<RankingMetrics>,
    /// Calibration on test pairs.
    pub probabilities: Option<ProbabilityMetrics>,
}

/// Measures the scores of validation and test pairs. `mean_ranks` selects whether rankings contain the second
/// definition of MRR and Hits@K.
///
/// # Errors
/// Returns an error when a score is NaN.
pub fn measure_scores(scores: &Scores, mean_ranks: bool) -> Result<ScoreMetrics, EvalError> {
    let part = |part: Part| -> Result<_, EvalError> {
        let (positive, negative) = scores.of_part(part);
        let metrics = link_metrics(&positive, &negative)?;
        let ranking = rank_in_common(part, &metrics, &positive, &negative);
        Ok((metrics, if mean_ranks { ranking } else { ranking.without_mean_ranks() }))
    };
    let (validation, validation_ranking) = part(Part::Validation)?;
    let (test, test_ranking) = part(Part::Test)?;
    Ok(ScoreMetrics {
        validation,
        test,
        validation_weights: edge_weight_metrics(scores, Part::Validation),
        test_weights: edge_weight_metrics(scores, Part::Test),
        rankings: vec![validation_ranking, test_ranking],
        probabilities: probabilities::measure(scores),
    })
}

/// Returns the ROC and precision-recall curves as counts at every distinct score, from high to low.
///
/// # Errors
/// Returns an error when a score is NaN.
pub fn curves(positive: &[f32], negative: &[f32]) -> Result<Curves, EvalError> {
    let mut ranking = Ranking::with_capacity(positive.len() + negative.len());
    let (positives, negatives) = (positive.par_iter().copied(), negative.par_iter().copied());
    ranking.rank(positives, negatives).map_err(nan_score)?;
    let counted = |counts: &mut (u64, u64), (threshold, positives, negatives)| {
        *counts = (counts.0 + positives, counts.1 + negatives);
        Some(CurvePoint { threshold, true_positives: counts.0, false_positives: counts.1 })
    };
    Ok(Curves(ranking.blocks().scan((0, 0), counted).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores() -> impl Strategy<Value = Vec<f32>> {
        // Few values, so that ties are common; both zeros are among them.
        prop::collection::vec(
            prop_oneof![Just(-0.0f32), (-8i8..8).prop_map(|n| f32::from(n) / 4.0)],
            1..60,
        )
    }

    proptest! {
        #[test]
        fn a_point_counts_the_pairs_that_score_as_much(positive in scores(), negative in scores()) {
            let curves = curves(&positive, &negative).expect("numbers").0;
            let at_least = |scores: &[f32], least: f32| {
                scores.iter().filter(|&&score| score >= least).count() as u64
            };
            for point in &curves {
                prop_assert_eq!(point.true_positives, at_least(&positive, point.threshold));
                prop_assert_eq!(point.false_positives, at_least(&negative, point.threshold));
            }
            prop_assert!(curves.windows(2).all(|ends| ends[0].threshold > ends[1].threshold));
            let mut distinct: Vec<f32> = positive.iter().chain(&negative).copied().collect();
            distinct.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            distinct.dedup();
            prop_assert_eq!(curves.len(), distinct.len());
        }
    }

    #[test]
    fn a_score_must_be_a_number() {
        curves(&[f32::NAN], &[1.0]).expect_err("a NaN");
    }
}
