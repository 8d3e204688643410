//! Calibration of logits to probabilities.

use vgae_artifacts::ReliabilityBin;
use vgae_numerics::Standardiser;
use vgae_numerics::logistic::{binary, sigmoid};

/// Platt scaling: the probability of an edge is `sigmoid(slope * logit + intercept)`, fitted to labelled
/// pairs (Platt 1999, "Probabilistic outputs for support vector machines", with smoothed targets; Newton's
/// method with step halving after Lin, Lin & Weng 2007).
///
/// The probability applies to pairs drawn like the fitted ones, e.g. held-out pairs with as many negatives as
/// edges. Among all pairs of a graph edges are far rarer: see [`super::MissingLinks`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Log odds per unit of the logit.
    pub slope: f64,
    /// Log odds at a logit of 0.
    pub intercept: f64,
    /// Number of edges in the fit.
    pub positives: usize,
    /// Number of negatives in the fit.
    pub negatives: usize,
}

impl Calibration {
    /// Fits slope and intercept to the logits of edges and negatives. Returns `None` if either list is empty
    /// or a logit is not finite.
    #[must_use]
    pub fn fit(positive: &[f32], negative: &[f32]) -> Option<Self> {
        let all = || positive.iter().chain(negative);
        if positive.is_empty() || negative.is_empty() || all().any(|logit| !logit.is_finite()) {
            return None;
        }
        let (positives, negatives) = (positive.len() as f64, negative.len() as f64);
        // Standardised, so that convergence does not depend on the scale of the logits.
        let scaling = Standardiser::fit(all().map(|&logit| f64::from(logit)));
        let rows: Vec<f64> = all().map(|&logit| scaling.apply(f64::from(logit))).collect();
        let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
        let example = |at: usize| {
            let target = if at < positive.len() { high } else { low };
            (&rows[at..=at], target, 1.0)
        };
        let weights = binary::fit((rows.len(), 1), example, 0.0);
        let slope = weights[0] / scaling.deviation;
        Some(Self {
            slope,
            intercept: weights[1] - slope * scaling.mean,
            positives: positive.len(),
            negatives: negative.len(),
        })
    }

    /// Returns the probability (0 to 1) that a pair with this logit is an edge, at the prevalence of the
    /// fitted pairs.
    #[must_use]
    pub fn probability(&self, logit: f32) -> f64 {
        sigmoid(self.log_odds(logit))
    }

    fn log_odds(&self, logit: f32) -> f64 {
        self.slope * f64::from(logit) + self.intercept
    }

    /// Groups labelled pairs by predicted probability, in `bins` ranges of equal width.
    #[must_use]
    pub fn reliability(
        &self,
        positive: &[f32],
        negative: &[f32],
        bins: usize,
    ) -> Vec<ReliabilityBin> {
        let width = 1.0 / bins as f64;
        let bin = |at: usize| ReliabilityBin {
            from: at as f64 * width,
            to: (at + 1) as f64 * width,
            pairs: 0,
            positives: 0,
            predicted: None,
        };
        let mut found: Vec<ReliabilityBin> = (0..bins).map(bin).collect();
        let rows = positive.iter().map(|&logit| (logit, 1));
        for (logit, truth) in rows.chain(negative.iter().map(|&logit| (logit, 0))) {
            let probability = self.probability(logit);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to the number of bins; NaN is counted in the first"
            )]
            let at = (probability / width) as usize;
            let bin = &mut found[at.min(bins - 1)];
            bin.pairs += 1;
            bin.positives += truth;
            *bin.predicted.get_or_insert(0.0) += probability;
        }
        for bin in &mut found {
            bin.predicted = bin.predicted.map(|sum| sum / bin.pairs as f64);
        }
        found
    }
}
