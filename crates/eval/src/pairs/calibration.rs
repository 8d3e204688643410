//! From logits to probabilities.

use vgae_artifacts::ReliabilityBin;
use vgae_numerics::Standardiser;
use vgae_numerics::logistic::{binary, sigmoid};

/// Platt scaling: the probability of an edge is `sigmoid(slope * logit + intercept)`, fitted to pairs whose
/// truth is known (Platt 1999, "Probabilistic outputs for support vector machines", with his smoothed
/// targets; Newton's method with halved steps after Lin, Lin & Weng 2007).
///
/// The probability is that of a pair drawn from such pairs: of held-out pairs, where there are as many
/// non-edges as edges. Among all pairs of a graph edges are far rarer: [`Calibration::probability_at`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// What a unit of the logit counts.
    pub slope: f64,
    /// The log odds at a logit of 0.
    pub intercept: f64,
    /// Edges it was fitted to.
    pub positives: usize,
    /// Non-edges it was fitted to.
    pub negatives: usize,
}

impl Calibration {
    /// Fits both numbers to the logits of edges and non-edges. Nothing where either are missing or a logit
    /// is not finite.
    #[must_use]
    pub fn fit(positive: &[f32], negative: &[f32]) -> Option<Self> {
        let all = || positive.iter().chain(negative);
        if positive.is_empty() || negative.is_empty() || all().any(|logit| !logit.is_finite()) {
            return None;
        }
        let (positives, negatives) = (positive.len() as f64, negative.len() as f64);
        // Standardised, so that no step is lost to the scale of the logits.
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

    /// How likely a pair with that logit is an edge, 0 to 1, among pairs as it was fitted to.
    #[must_use]
    pub fn probability(&self, logit: f32) -> f64 {
        sigmoid(self.log_odds(logit))
    }

    /// The same among pairs of which a share of `rate`, between 0 and 1, are edges (Bayes' rule; right as
    /// far as edges there have the logits of the edges it was fitted to, and likewise the others).
    #[must_use]
    pub fn probability_at(&self, logit: f32, rate: f64) -> f64 {
        let fitted = self.positives as f64 / self.negatives as f64;
        sigmoid(self.log_odds(logit) + (rate / (1.0 - rate)).ln() - fitted.ln())
    }

    fn log_odds(&self, logit: f32) -> f64 {
        self.slope * f64::from(logit) + self.intercept
    }

    /// Pairs of known truth by their predicted probability, in `bins` ranges of equal width.
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
                reason = "0 to the number of bins; what is no number counts in the first"
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
