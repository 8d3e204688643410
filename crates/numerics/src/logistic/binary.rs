//! Binary logistic regression: minimises `sum of weighted cross-entropies + l2 |w|^2 / 2`, with a free bias, by
//! Newton's method with halved steps (Nocedal & Wright 2006, section 3.3; scikit-learn's `C` is `1 / l2`).

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::cross_entropy;

/// Largest entry of the gradient of the mean loss at the end.
const TOLERANCE: f64 = 1e-10;
const MOST_STEPS: usize = 100;
const HALVINGS: usize = 40;
/// Keeps the Hessian invertible along the bias where all examples are certain.
const RIDGE: f64 = 1e-9;

/// An example: its values, its target from 0 to 1, and its weight in the loss.
pub type Example<'a> = (&'a [f64], f64, f64);

/// Returns the weights of the columns, the bias last, for `count` examples of `width` columns.
pub fn fit<'a>(
    (count, width): (usize, usize),
    example: impl Fn(usize) -> Example<'a>,
    l2: f64,
) -> Vec<f64> {
    let problem = Problem { count, width, example, l2 };
    let mut weights = vec![0.0; width + 1];
    let mut value = problem.loss(&weights);
    for _ in 0..MOST_STEPS {
        let (gradient, mut hessian) = problem.derivatives(&weights);
        let largest = gradient.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        if largest <= TOLERANCE * count as f64 {
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
            let found = problem.loss(&tried);
            (found < value).then_some((tried, found))
        });
        // No lower point: only rounding is left.
        let Some(lower) = lower else { break };
        (weights, value) = lower;
    }
    weights
}

/// The logit of a row.
#[must_use]
pub fn logit(row: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = row.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum + weights[row.len()]
}

struct Problem<F> {
    count: usize,
    width: usize,
    example: F,
    l2: f64,
}

impl<'a, F: Fn(usize) -> Example<'a>> Problem<F> {
    fn loss(&self, weights: &[f64]) -> f64 {
        let sum: f64 = (0..self.count)
            .map(|at| {
                let (row, target, weight) = (self.example)(at);
                weight * cross_entropy(logit(row, weights), target).0
            })
            .sum();
        sum + 0.5 * self.l2 * weights[..self.width].iter().map(|w| w * w).sum::<f64>()
    }

    /// Gradient and Hessian: `X^T c (p - t) + l2 w` and `X^T c p (1 - p) X + l2 I`.
    fn derivatives(&self, weights: &[f64]) -> (Vec<f64>, Mat<f64>) {
        let size = weights.len();
        let (mut gradient, mut hessian) = (vec![0.0; size], vec![0.0; size * size]);
        let mut extended = vec![1.0; size];
        for at in 0..self.count {
            let (row, target, weight) = (self.example)(at);
            extended[..self.width].copy_from_slice(row);
            let (_, slope) = cross_entropy(logit(row, weights), target);
            let probability = slope + target;
            let curve = weight * probability * (1.0 - probability);
            for (i, &x) in extended.iter().enumerate() {
                gradient[i] += weight * slope * x;
                for (h, y) in hessian[i * size..].iter_mut().zip(&extended) {
                    *h += curve * x * y;
                }
            }
        }
        for at in 0..self.width {
            gradient[at] += self.l2 * weights[at];
            hessian[at * size + at] += self.l2;
        }
        (gradient, Mat::from_fn(size, size, |row, column| hessian[row * size + column]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern, -1 to 1.
    fn numbers(count: usize, phase: f64) -> Vec<f64> {
        (0..count).map(|at| (at as f64 * 1.7 + phase).sin()).collect()
    }

    /// Hard and soft targets of different weight.
    fn example<'a>(rows: &'a [f64]) -> impl Fn(usize) -> Example<'a> {
        move |at| {
            let target = if at * at % 7 < 3 { 1.0 } else { 0.1 };
            (&rows[at * 3..(at + 1) * 3], target, 0.5 + (at % 3) as f64)
        }
    }

    /// Central differences, eps 1e-6: right to about 1e-8 for a loss of size 40.
    #[test]
    fn derivatives_are_those_of_the_loss() {
        let rows = numbers(40 * 3, 0.3);
        let problem = Problem { count: 40, width: 3, example: example(&rows), l2: 0.7 };
        let weights = numbers(4, 2.0);
        let (gradient, hessian) = problem.derivatives(&weights);
        let moved = |at: usize, by: f64| {
            let mut weights = weights.clone();
            weights[at] += by;
            weights
        };
        for at in 0..4 {
            let numeric = (problem.loss(&moved(at, 1e-6)) - problem.loss(&moved(at, -1e-6))) / 2e-6;
            assert!((numeric - gradient[at]).abs() < 1e-6, "{at}: {numeric} {}", gradient[at]);
            let (up, _) = problem.derivatives(&moved(at, 1e-6));
            let (down, _) = problem.derivatives(&moved(at, -1e-6));
            for column in 0..4 {
                let numeric = (up[column] - down[column]) / 2e-6;
                let found = hessian[(at, column)];
                assert!((numeric - found).abs() < 1e-6, "{at} {column}: {numeric} {found}");
            }
        }
    }

    #[test]
    fn the_gradient_vanishes_at_the_end() {
        let rows = numbers(40 * 3, 0.3);
        let weights = fit((40, 3), example(&rows), 1.0);
        let problem = Problem { count: 40, width: 3, example: example(&rows), l2: 1.0 };
        let (gradient, _) = problem.derivatives(&weights);
        assert!(gradient.iter().all(|entry| entry.abs() < 1e-8), "{gradient:?}");
    }

    #[test]
    fn separable_examples_and_constant_columns() {
        let rows: Vec<f64> = (0..20).flat_map(|at| [f64::from(at) - 9.5, 0.0]).collect();
        let example = |at: usize| (&rows[at * 2..(at + 1) * 2], f64::from(u8::from(at >= 10)), 1.0);
        let weights = fit((20, 2), example, 1.0);
        assert!(weights[0] > 0.0 && weights[1] == 0.0 && weights.iter().all(|w| w.is_finite()));
    }
}
