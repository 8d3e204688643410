//! Logistic regression: minimises `sum of weighted cross-entropies + l2 |w|^2 / 2`, the bias being free, by
//! Newton's method with halved steps (Nocedal & Wright 2006, section 3.3; scikit-learn's `C` is `1 / l2`).

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::combiner::{Labelled, cross_entropy};

/// No entry of the gradient of the mean is larger in the end.
const TOLERANCE: f64 = 1e-10;
const MOST_STEPS: usize = 100;
const HALVINGS: usize = 40;
/// Keeps the Hessian invertible along the bias where all pairs are certain.
const RIDGE: f64 = 1e-9;

/// The weights of the columns, the bias last.
pub(super) fn fit(pairs: &Labelled<'_>, l2: f64) -> Vec<f64> {
    let mut weights = vec![0.0; pairs.width + 1];
    let mut value = loss(pairs, l2, &weights);
    for _ in 0..MOST_STEPS {
        let (gradient, mut hessian) = derivatives(pairs, l2, &weights);
        let largest = gradient.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        if largest <= TOLERANCE * pairs.len() as f64 {
            break;
        }
        for at in 0..weights.len() {
            hessian[(at, at)] += RIDGE;
        }
        let Ok(factor) = hessian.llt(Side::Lower) else { break };
        let step = factor.solve(Mat::from_fn(weights.len(), 1, |row, _| gradient[row]));
        let mut length = 1.0;
        let lower = (0..HALVINGS).find_map(|_| {
            let tried: Vec<f64> =
                weights.iter().enumerate().map(|(at, w)| w - length * step[(at, 0)]).collect();
            length *= 0.5;
            let found = loss(pairs, l2, &tried);
            (found < value).then_some((tried, found))
        });
        // Nothing lower to be found: what is left is rounding.
        let Some(lower) = lower else { break };
        (weights, value) = lower;
    }
    weights
}

pub(super) fn logit(row: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = row.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum + weights[row.len()]
}

fn loss(pairs: &Labelled<'_>, l2: f64, weights: &[f64]) -> f64 {
    let sum: f64 = (0..pairs.len())
        .map(|at| {
            let (row, truth, weight) = pairs.pair(at);
            weight * cross_entropy(logit(row, weights), truth).0
        })
        .sum();
    sum + 0.5 * l2 * weights[..pairs.width].iter().map(|w| w * w).sum::<f64>()
}

/// Gradient and Hessian: `X^T c (p - y) + l2 w` and `X^T c p (1 - p) X + l2 I`.
fn derivatives(pairs: &Labelled<'_>, l2: f64, weights: &[f64]) -> (Vec<f64>, Mat<f64>) {
    let size = weights.len();
    let (mut gradient, mut hessian) = (vec![0.0; size], vec![0.0; size * size]);
    let mut extended = vec![1.0; size];
    for at in 0..pairs.len() {
        let (row, truth, weight) = pairs.pair(at);
        extended[..pairs.width].copy_from_slice(row);
        let (_, slope) = cross_entropy(logit(row, weights), truth);
        let probability = slope + truth;
        let curve = weight * probability * (1.0 - probability);
        for (i, &x) in extended.iter().enumerate() {
            gradient[i] += weight * slope * x;
            for (h, y) in hessian[i * size..].iter_mut().zip(&extended) {
                *h += curve * x * y;
            }
        }
    }
    for at in 0..pairs.width {
        gradient[at] += l2 * weights[at];
        hessian[at * size + at] += l2;
    }
    (gradient, Mat::from_fn(size, size, |row, column| hessian[row * size + column]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    fn example() -> (Vec<f64>, Vec<bool>) {
        (gradcheck::point(40 * 3, 1), (0..40).map(|at| at * at % 7 < 3).collect())
    }

    #[test]
    fn gradient() {
        let (rows, positive) = example();
        let pairs = Labelled::new(&rows, 3, &positive);
        let weights = gradcheck::point(4, 2);
        let (gradient, hessian) = derivatives(&pairs, 0.7, &weights);
        gradcheck::assert_gradient("w", &weights, &gradient, |w| loss(&pairs, 0.7, w));
        for at in 0..4 {
            let row: Vec<f64> = (0..4).map(|column| hessian[(at, column)]).collect();
            gradcheck::assert_gradient("slope", &weights, &row, |w| {
                derivatives(&pairs, 0.7, w).0[at]
            });
        }
    }

    #[test]
    fn the_gradient_vanishes_where_it_ends() {
        let (rows, positive) = example();
        let pairs = Labelled::new(&rows, 3, &positive);
        let weights = fit(&pairs, 1.0);
        let (gradient, _) = derivatives(&pairs, 1.0, &weights);
        assert!(gradient.iter().all(|entry| entry.abs() < 1e-8), "{gradient:?}");
    }

    #[test]
    fn pairs_that_a_line_parts_and_constant_columns_are_no_trouble() {
        let rows: Vec<f64> = (0..20).flat_map(|at| [f64::from(at) - 9.5, 0.0]).collect();
        let positive: Vec<bool> = (0..20).map(|at| at >= 10).collect();
        let weights = fit(&Labelled::new(&rows, 2, &positive), 1.0);
        assert!(weights[0] > 0.0 && weights[1] == 0.0 && weights.iter().all(|w| w.is_finite()));
    }
}
