use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Model that combines several scores into one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, JsonSchema, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Combiner {
    /// Weighted sum, fitted by logistic regression.
    Logistic,
    /// Ensemble of networks with one hidden layer, whose logits are averaged.
    #[default]
    Mlp,
}

impl Combiner {
    /// Returns the name in configurations and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Standardised pairs with their truth and their weight in the loss: positives and negatives have the same
/// total weight, and the mean weight is 1.
pub(super) struct Labelled<'a> {
    /// `pairs x width`, row-major.
    pub(super) rows: &'a [f64],
    pub(super) width: usize,
    pub(super) positive: &'a [bool],
    weights: [f64; 2],
}

impl<'a> Labelled<'a> {
    /// Creates labelled pairs; both truths must occur.
    pub(super) fn new(rows: &'a [f64], width: usize, positive: &'a [bool]) -> Self {
        let positives = positive.iter().filter(|&&is| is).count() as f64;
        let count = positive.len() as f64;
        let weights = [0.5 * count / (count - positives), 0.5 * count / positives];
        Self { rows, width, positive, weights }
    }

    /// Returns the row, truth and weight of a pair.
    pub(super) fn pair(&self, at: usize) -> (&'a [f64], f64, f64) {
        let positive = self.positive[at];
        let row = &self.rows[at * self.width..(at + 1) * self.width];
        (row, f64::from(u8::from(positive)), self.weights[usize::from(positive)])
    }

    pub(super) fn len(&self) -> usize {
        self.positive.len()
    }
}
