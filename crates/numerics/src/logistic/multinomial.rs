//! Multinomial logistic regression: minimises `mean cross-entropy + |W|^2 / (2 C n)`, with a free bias, by L-BFGS.

use rayon::prelude::*;

use super::lbfgs::minimise;
use crate::elementary;

/// Samples whose losses are summed in one go; sums are over these chunks in their order, so that the
/// number of threads changes nothing.
const CHUNK: usize = 1024;
/// Largest entry of the gradient of the mean loss at the end, ...
const TOLERANCE: f64 = 1e-6;
/// ... unless so many steps are made.
const MOST_STEPS: usize = 500;
/// Weight of the losses against half the squared weights (scikit-learn's `C`).
const C: f64 = 1.0;

/// Returns the weights, `inputs x classes`, row-major. `codes` is `samples x inputs`, its last column 1: the last row
/// of the weights is the bias. A sample without a class has no loss.
#[must_use]
pub fn fit(codes: &[f64], inputs: usize, of: &[Option<usize>], classes: usize) -> Vec<f64> {
    let start = vec![0.0; inputs * classes];
    minimise(start, TOLERANCE, MOST_STEPS, |weights| loss(codes, of, classes, weights)).0
}

/// `logits = code^T weights`; the code's last entry is the 1 of the bias.
pub fn forward(code: &[f64], weights: &[f64], logits: &mut [f64]) {
    logits.fill(0.0);
    for (value, weights) in code.iter().zip(weights.chunks_exact(logits.len())) {
        for (logit, weight) in logits.iter_mut().zip(weights) {
            *logit += value * weight;
        }
    }
}

/// The loss and its gradient. `codes` is `samples x (width + 1)`, the last column being 1.
fn loss(codes: &[f64], of: &[Option<usize>], classes: usize, weights: &[f64]) -> (f64, Vec<f64>) {
    let inputs = weights.len() / classes;
    let chunks: Vec<(f64, Vec<f64>)> = codes
        .par_chunks(CHUNK * inputs)
        .zip(of.par_chunks(CHUNK))
        .map(|(codes, of)| chunk_loss(codes, of, classes, weights))
        .collect();
    let mut gradient = vec![0.0; weights.len()];
    let mut value = 0.0;
    for (chunk_value, chunk_gradient) in chunks {
        value += chunk_value;
        gradient.iter_mut().zip(chunk_gradient).for_each(|(sum, own)| *sum += own);
    }
    let share = 1.0 / of.len() as f64;
    value *= share;
    let free = weights.len() - classes;
    for (at, gradient) in gradient.iter_mut().enumerate() {
        *gradient *= share;
        if at < free {
            *gradient += share / C * weights[at];
            value += 0.5 * share / C * weights[at] * weights[at];
        }
    }
    (value, gradient)
}

/// Sums over some samples: `logsumexp(logits) - logits[class]`, and `code (softmax - one-hot)^T`.
fn chunk_loss(
    codes: &[f64],
    of: &[Option<usize>],
    classes: usize,
    weights: &[f64],
) -> (f64, Vec<f64>) {
    let inputs = weights.len() / classes;
    let mut gradient = vec![0.0; weights.len()];
    let mut d_logits = vec![0.0; classes];
    let mut value = 0.0;
    for (code, class) in codes.chunks_exact(inputs).zip(of) {
        let Some(class) = *class else { continue };
        forward(code, weights, &mut d_logits);
        let largest = d_logits.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let own = d_logits[class] - largest;
        let mut sum = 0.0;
        for logit in &mut d_logits {
            *logit = elementary::exp(*logit - largest);
            sum += *logit;
        }
        value += elementary::ln(sum) - own;
        for logit in &mut d_logits {
            *logit /= sum;
        }
        d_logits[class] -= 1.0;
        for (value, gradient) in code.iter().zip(gradient.chunks_exact_mut(classes)) {
            for (gradient, d_logit) in gradient.iter_mut().zip(&d_logits) {
                *gradient += value * d_logit;
            }
        }
    }
    (value, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central differences, eps 1e-6: right to about 1e-9 for a loss of size 1.
    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (samples, inputs, classes) = (9, 4, 3);
        let codes: Vec<f64> = (0..samples * inputs)
            .map(|at| if at % inputs == inputs - 1 { 1.0 } else { (at as f64 * 1.7).sin() })
            .collect();
        let of: Vec<Option<usize>> = (0..samples).map(|at| Some(at * at % classes)).collect();
        let weights: Vec<f64> = (0..inputs * classes).map(|at| (at as f64).cos()).collect();
        let (_, gradient) = loss(&codes, &of, classes, &weights);
        for at in 0..weights.len() {
            let moved = |by: f64| {
                let mut weights = weights.clone();
                weights[at] += by;
                loss(&codes, &of, classes, &weights).0
            };
            let numeric = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((numeric - gradient[at]).abs() < 1e-8, "{at}: {numeric} {}", gradient[at]);
        }
    }
}
