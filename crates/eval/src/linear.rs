//! How much of the labels a linear map of codes tells.

use rayon::prelude::*;

use crate::labelled::Labelled;
use crate::lbfgs::minimise;

/// Samples whose losses are summed in one go; sums are over these chunks in their order, so that the
/// number of threads changes nothing.
const CHUNK: usize = 1024;
/// No entry of the gradient of the mean loss is larger in the end, ...
const TOLERANCE: f64 = 1e-6;
/// ... unless so many steps are made.
const MOST_STEPS: usize = 500;
/// Weight of the losses against half the squared weights (scikit-learn's `C`).
const C: f64 = 1.0;

/// A fitted classifier: multinomial logistic regression on standardised codes.
pub(crate) struct Probe {
    scaling: Scaling,
    classes: usize,
    /// `(width + 1) x classes`, row-major; the last row is the bias.
    weights: Vec<f64>,
}

/// Minimises `mean cross-entropy + |W|^2 / (2 C n)`, the bias being free.
pub(crate) fn fit(train: &Labelled) -> Probe {
    let scaling = Scaling::of(train);
    let classes = train.classes;
    let codes = scaling.apply(train);
    let size = (train.width + 1) * classes;
    let (weights, _) = minimise(vec![0.0; size], TOLERANCE, MOST_STEPS, |weights| {
        loss(&codes, &train.of, classes, weights)
    });
    Probe { scaling, classes, weights }
}

impl Probe {
    /// The likeliest class of each sample.
    pub(crate) fn predict(&self, test: &Labelled) -> Vec<usize> {
        let codes = self.scaling.apply(test);
        let inputs = test.width + 1;
        let mut logits = vec![0.0; self.classes];
        let rows = codes.chunks_exact(inputs).map(|code| {
            forward(code, &self.weights, &mut logits);
            let better =
                |best: usize, class| if logits[class] > logits[best] { class } else { best };
            (1..self.classes).fold(0, better)
        });
        rows.collect()
    }
}

/// `logits = code^T weights`; the code's last entry is the 1 of the bias.
fn forward(code: &[f64], weights: &[f64], logits: &mut [f64]) {
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
            *logit = (*logit - largest).exp();
            sum += *logit;
        }
        value += sum.ln() - own;
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

/// Mean 0 and standard deviation 1 over the training samples, for each dimension.
struct Scaling {
    mean: Vec<f64>,
    /// 1 for a dimension that does not vary.
    deviation: Vec<f64>,
}

impl Scaling {
    fn of(train: &Labelled) -> Self {
        let count = train.len().max(1) as f64;
        let rows = || (0..train.len()).map(|at| train.code(at));
        let mut mean = vec![0.0; train.width];
        for code in rows() {
            mean.iter_mut().zip(code).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        for sum in &mut mean {
            *sum /= count;
        }
        let mut deviation = vec![0.0; train.width];
        for code in rows() {
            for ((sum, &value), mean) in deviation.iter_mut().zip(code).zip(&mean) {
                *sum += (f64::from(value) - mean).powi(2);
            }
        }
        for (deviation, mean) in deviation.iter_mut().zip(&mean) {
            *deviation = (*deviation / count).sqrt();
            // What rounding leaves of a constant dimension is none; so it is with 0 and 0.
            if *deviation <= f64::EPSILON * count * mean.abs() {
                *deviation = 1.0;
            }
        }
        Self { mean, deviation }
    }

    /// Scaled codes, each followed by a 1: `samples x (width + 1)`.
    fn apply(&self, labelled: &Labelled) -> Vec<f64> {
        let mut scaled = Vec::with_capacity(labelled.len() * (labelled.width + 1));
        for at in 0..labelled.len() {
            let own = labelled.code(at).iter().zip(&self.mean).zip(&self.deviation);
            scaled.extend(
                own.map(|((&value, mean), deviation)| (f64::from(value) - mean) / deviation),
            );
            scaled.push(1.0);
        }
        scaled
    }
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

    #[test]
    fn one_class_and_constant_dimensions_are_no_trouble() {
        let labelled = |of: Vec<Option<usize>>, classes| {
            let codes = (0..of.len()).flat_map(|at| [at as f32, 7.1]).collect();
            Labelled { codes, width: 2, of, classes }
        };
        let one = labelled(vec![Some(0); 4], 1);
        assert_eq!(fit(&one).predict(&one), [0; 4]);
        let two = labelled(vec![Some(0), Some(0), Some(1), Some(1)], 2);
        assert_eq!(fit(&two).predict(&two), [0, 0, 1, 1]);
    }
}
