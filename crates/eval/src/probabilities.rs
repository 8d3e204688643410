//! Calibration of probabilities.

use vgae_artifacts::{Part, ProbabilityMetrics, ReliabilityBin, Scores};

use crate::Calibration;

/// Number of bins of the reliability diagram.
const BINS: usize = 10;

/// Calibrates logits on validation pairs and measures the probabilities of test pairs. Returns `None` if the
/// calibration fails or there are no test pairs.
pub(crate) fn measure(scores: &Scores) -> Option<ProbabilityMetrics> {
    let (positive, negative) = scores.of_part(Part::Validation);
    let calibration = Calibration::fit(&positive, &negative)?;
    let (positive, negative) = scores.of_part(Part::Test);
    if positive.is_empty() && negative.is_empty() {
        return None;
    }
    let reliability = calibration.reliability(&positive, &negative, BINS);
    Some(ProbabilityMetrics {
        slope: calibration.slope,
        intercept: calibration.intercept,
        brier: brier(&calibration, &positive, &negative),
        calibration_error: calibration_error(&reliability),
        reliability,
    })
}

/// Returns the mean squared difference between probability and truth (Brier 1950).
fn brier(calibration: &Calibration, positive: &[f32], negative: &[f32]) -> f64 {
    let truths = [(positive, 1.0), (negative, 0.0)];
    let squares = truths.into_iter().flat_map(|(logits, truth)| {
        logits.iter().map(move |&logit| (calibration.probability(logit) - truth).powi(2))
    });
    squares.sum::<f64>() / (positive.len() + negative.len()) as f64
}

/// Returns the mean absolute difference between predicted and observed frequency, weighted by pairs.
fn calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let pairs: usize = bins.iter().map(|bin| bin.pairs).sum();
    let off = bins.iter().filter_map(|bin| {
        bin.predicted.map(|predicted| bin.pairs as f64 * (predicted - bin.observed()).abs())
    });
    // `sum` would return -0 for no terms.
    off.fold(0.0, |sum, term| sum + term) / pairs.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brier_score_is_a_mean_of_squares() {
        // Even odds at a logit of 0, and near certainty far from it.
        let calibration = Calibration { slope: 1.0, intercept: 0.0, positives: 1, negatives: 1 };
        let found = brier(&calibration, &[0.0, 80.0], &[0.0, 80.0]);
        assert!((found - (0.25 + 0.0 + 0.25 + 1.0) / 4.0).abs() < 1e-15, "{found}");
    }

    #[test]
    fn the_error_is_weighted_by_pairs() {
        let bin = |pairs, positives, predicted| ReliabilityBin {
            pairs,
            positives,
            predicted,
            ..ReliabilityBin::default()
        };
        let bins = [bin(3, 0, Some(0.1)), bin(0, 0, None), bin(1, 1, Some(0.6))];
        assert!((calibration_error(&bins) - (3.0 * 0.1 + 0.4) / 4.0).abs() < 1e-15);
        assert_eq!(calibration_error(&[]).to_bits(), 0.0f64.to_bits());
    }
}
