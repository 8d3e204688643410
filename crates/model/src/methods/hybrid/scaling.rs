use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_numerics::Standardiser;

use crate::methods::heuristics::PairTable;

/// Fraction of a column's values that remain distinct; larger values are set to this quantile (winsorised).
const TOLD_APART: f64 = 0.9;

/// Standardisation of each column to mean 0 and standard deviation 1 over the pairs of the fit, with values
/// clipped at the larger of the 0.9 quantiles of edges and of all pairs.
///
/// Few pairs of the fit have the largest values of a column, and nearly all of them are edges: differences
/// learned there are noise, but would determine the ranking of the most likely pairs (`docs/hybrid.md`).
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub(super) struct Scaling {
    mean: Vec<f64>,
    /// Standard deviation; 1 for a constant column.
    deviation: Vec<f64>,
    /// Largest unscaled value.
    most: Vec<f64>,
}

impl Scaling {
    /// Fits the scaling to a table with at least one positive pair.
    pub(super) fn of(table: &PairTable, positive: &[bool]) -> Self {
        let (mut means, mut deviations, mut most) = (Vec::new(), Vec::new(), Vec::new());
        for column in table.columns() {
            let Standardiser { mean, deviation } = Standardiser::fit(column.iter().copied());
            means.push(mean);
            deviations.push(deviation);
            let edges = column.iter().zip(positive).filter(|(_, is)| **is);
            let of_edges = quantile(edges.map(|(&value, _)| value).collect());
            most.push(of_edges.max(quantile(column.clone())));
        }
        Self { mean: means, deviation: deviations, most }
    }

    /// Returns whether the scaling has this number of columns, since files may be inconsistent.
    pub(super) fn takes(&self, width: usize) -> bool {
        [&self.mean, &self.deviation, &self.most].iter().all(|column| column.len() == width)
    }

    /// Returns the scaled table, `rows x columns`, row-major.
    pub(super) fn apply(&self, table: &PairTable) -> Vec<f64> {
        let width = table.columns().len();
        let mut scaled = vec![0.0; table.rows() * width];
        for (at, column) in table.columns().iter().enumerate() {
            for (row, &value) in column.iter().enumerate() {
                let kept = value.min(self.most[at]);
                scaled[row * width + at] = (kept - self.mean[at]) / self.deviation[at];
            }
        }
        scaled
    }
}

/// Returns the smallest value that at least a fraction [`TOLD_APART`] of the values do not exceed.
fn quantile(mut values: Vec<f64>) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a count, between 0 and the count"
    )]
    let place = (values.len() as f64 * TOLD_APART).ceil() as usize;
    let place = place.saturating_sub(1);
    if place >= values.len() {
        return f64::NEG_INFINITY;
    }
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        assert!(quantile(vec![]) == f64::NEG_INFINITY);
        assert!(quantile(vec![3.0]) >= 3.0);
        let ten: Vec<f64> = (0..10).rev().map(f64::from).collect();
        let found = quantile(ten);
        assert!((found - 8.0).abs() < 1e-12, "nine of ten are at most {found}");
    }
}
