//! L-BFGS: minimisation of a smooth convex function.

use std::collections::VecDeque;

/// Number of steps kept.
const MEMORY: usize = 10;
/// Share of the predicted descent that a step must achieve (Armijo).
const DESCENT: f64 = 1e-4;
/// Maximum number of times that a step is halved.
const HALVINGS: usize = 40;

/// A step, the change of the gradient along it, and the inverse of their product.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

/// Minimises `function` (value and gradient) from `start` on, by L-BFGS (Nocedal & Wright, algorithms 7.4
/// and 7.5) with halved steps, until no entry of the gradient is larger than `tolerance`, at most
/// `most_steps` steps. Returns the best point and how many steps were made.
pub(super) fn minimise(
    start: Vec<f64>,
    tolerance: f64,
    most_steps: usize,
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> (Vec<f64>, usize) {
    let mut point = start;
    let (mut value, mut gradient) = function(&point);
    let mut memory: VecDeque<Pair> = VecDeque::with_capacity(MEMORY);
    for steps in 0..most_steps {
        if gradient.iter().all(|entry| entry.abs() <= tolerance) {
            return (point, steps);
        }
        let direction = direction(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        // The first step has no scale of its own.
        let mut length = if memory.is_empty() { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let mut next = None;
        for _ in 0..HALVINGS {
            let tried: Vec<f64> =
                point.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            let found = function(&tried);
            if found.0 <= value + DESCENT * length * slope {
                next = Some((tried, found));
                break;
            }
            length *= 0.5;
        }
        // Nothing lower to be found: what is left is rounding.
        let Some((tried, found)) = next else { return (point, steps) };
        let step: Vec<f64> = tried.iter().zip(&point).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = found.1.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let product = dot(&step, &change);
        // A convex function curves upwards; where rounding says otherwise nothing is learned.
        if product > f64::EPSILON * norm(&step) * norm(&change) {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Pair { step, change, inverse: 1.0 / product });
        }
        (point, (value, gradient)) = (tried, found);
    }
    (point, most_steps)
}

/// Minus the gradient times the approximate inverse of the Hessian (the two-loop recursion).
fn direction(gradient: &[f64], memory: &VecDeque<Pair>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|value| -value).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let share = pair.inverse * dot(&pair.step, &direction);
        add(&mut direction, -share, &pair.change);
        shares.push(share);
    }
    if let Some(last) = memory.back() {
        let scale = 1.0 / (last.inverse * dot(&last.change, &last.change));
        for value in &mut direction {
            *value *= scale;
        }
    }
    for (pair, share) in memory.iter().zip(shares.into_iter().rev()) {
        let back = pair.inverse * dot(&pair.change, &direction);
        add(&mut direction, share - back, &pair.step);
    }
    direction
}

fn add(to: &mut [f64], times: f64, other: &[f64]) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += times * other;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badly_scaled_bowl_has_its_lowest_point_found() {
        let scales: Vec<f64> = (0..12).map(|at| 10f64.powi(at % 5 - 2)).collect();
        let lowest: Vec<f64> = (0..12).map(|at| f64::from(at) - 5.0).collect();
        let bowl = |x: &[f64]| {
            let gradient: Vec<f64> = (0..12).map(|at| scales[at] * (x[at] - lowest[at])).collect();
            let value = (0..12).map(|at| 0.5 * gradient[at] * (x[at] - lowest[at])).sum();
            (value, gradient)
        };
        let (found, steps) = minimise(vec![0.0; 12], 1e-9, 500, bowl);
        assert!(steps < 200, "{steps} steps");
        for (found, lowest) in found.iter().zip(lowest) {
            // The flattest direction curves by 0.01: a gradient of 1e-9 is a distance of 1e-7.
            assert!((found - lowest).abs() <= 1e-7, "{found} {lowest}");
        }
    }

    #[test]
    fn the_lowest_point_is_left_alone() {
        let (found, steps) = minimise(vec![0.0; 3], 0.0, 10, |x| (0.0, x.to_vec()));
        assert_eq!((found, steps), (vec![0.0; 3], 0));
    }
}
