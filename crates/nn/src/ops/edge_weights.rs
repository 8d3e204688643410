//! Loss of predicted edge weights: a bilinear form per edge (see [`bilinear`]), compared with the edge's weight `w`.
//!
//! | loss | prediction | mean over edges of |
//! |---|---|---|
//! | squared | `mean + deviation s` | `(s - (w - mean) / deviation)^2` |
//! | Poisson | `mean e^s` | `e^s - s w / mean`, the negative log-likelihood in units of the mean, less constants |
//!
//! `mean` and `deviation` are those of the training edges' weights, so that the scale of weights does not matter;
//! predictions stay within their range.
//! Backward: `2 (s - (w - mean) / deviation)` and `e^s - w / mean`, each over the number of edges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Pair;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::{Scalar, Standardiser};

use super::bilinear::{self, Forms, TypedPairs};

/// Loss of edge weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WeightLoss {
    /// Squared error, for weights of any sign.
    Squared,
    /// Negative log-likelihood of a Poisson distribution, for counts and other weights that are not negative.
    Poisson,
}

/// Location and scale of the weights of training edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightScale {
    /// Mean.
    pub mean: f64,
    /// Standard deviation; 1 if all weights are equal.
    pub deviation: f64,
    /// Smallest weight.
    pub least: f64,
    /// Largest weight.
    pub most: f64,
}

impl WeightScale {
    /// Returns the scale of `weights`, at least one.
    #[must_use]
    pub fn new(weights: &[f32]) -> Self {
        let values = weights.iter().map(|&weight| f64::from(weight));
        let Standardiser { mean, deviation } = Standardiser::fit(values);
        let least = weights.iter().copied().fold(f32::INFINITY, f32::min).into();
        let most = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max).into();
        Self { mean, deviation, least, most }
    }
}

impl WeightLoss {
    /// Returns the target of an edge of weight `weight`.
    fn target(self, scale: WeightScale, weight: f32) -> f64 {
        match self {
            Self::Squared => (f64::from(weight) - scale.mean) / scale.deviation,
            Self::Poisson => f64::from(weight) / scale.mean,
        }
    }

    /// Returns the weight that a form `s` predicts, within the range of the weights that it was learned from.
    #[must_use]
    pub fn predict(self, scale: WeightScale, s: f64) -> f64 {
        let WeightScale { mean, deviation, least, most } = scale;
        let weight = match self {
            Self::Squared => s.mul_add(deviation, mean),
            Self::Poisson => mean * s.exponential(),
        };
        // Comparisons keep a NaN.
        let weight = if weight < least { least } else { weight };
        if weight > most { most } else { weight }
    }

    /// Returns the term of a form `s` and its derivative.
    fn term(self, s: f64, target: f64) -> (f64, f64) {
        match self {
            Self::Squared => ((s - target).powi(2), 2.0 * (s - target)),
            Self::Poisson => {
                let rate = s.exponential();
                (s.mul_add(-target, rate), rate - target)
            }
        }
    }
}

/// Loss of the weights of fixed edges.
#[derive(Debug)]
pub struct EdgeWeightLoss<T> {
    loss: WeightLoss,
    factor: f64,
    scale: WeightScale,
    edges: TypedPairs,
    targets: Vec<f64>,
    /// Form of each edge, then its slope.
    slopes: Vec<T>,
    chunks: RowChunks,
    /// Sum of the terms of each chunk.
    sums: Vec<f64>,
}

impl<T: Scalar> EdgeWeightLoss<T> {
    /// Creates `factor` times the loss of `edges` of two different nodes below `nodes`, with a weight each. Weights for
    /// [`WeightLoss::Poisson`] must not be negative, nor all 0.
    #[must_use]
    pub fn new(
        nodes: usize,
        edges: &[Pair],
        weights: &[f32],
        (loss, factor): (WeightLoss, f64),
    ) -> Self {
        let scale = WeightScale::new(weights);
        let chunks = RowChunks::even(edges.len(), 4096);
        Self {
            loss,
            factor,
            scale,
            sums: vec![0.0; chunks.len()],
            chunks,
            targets: weights.iter().map(|&weight| loss.target(scale, weight)).collect(),
            slopes: vec![T::ZERO; edges.len()],
            edges: TypedPairs::new(nodes, edges.to_vec(), None),
        }
    }

    /// Returns location and scale of the weights.
    #[must_use]
    pub fn scale(&self) -> WeightScale {
        self.scale
    }

    /// Returns the loss, adds its gradient with respect to `z` to `d_z`, and writes that of the parameters.
    pub fn forward_backward(
        &mut self,
        (z, width): (&[T], usize),
        forms: &Forms<&[T]>,
        d_z: &mut [T],
        d_forms: Forms<&mut [T]>,
    ) -> f64 {
        let Self { loss, factor, edges, targets, slopes, chunks, sums, .. } = self;
        bilinear::forward(edges, (z, width), forms, slopes);
        let each = *factor / targets.len().max(1) as f64;
        let out = (Rows::new(slopes, 1), PerChunk { size: 1, data: &mut sums[..] });
        chunks.for_each(out, |_, range, (slopes, sum)| {
            sum.data[0] = 0.0;
            for (slope, &target) in slopes.data.iter_mut().zip(&targets[range]) {
                let (term, derivative) = loss.term(slope.to_f64(), target);
                sum.data[0] += term;
                *slope = T::from_f64(each * derivative);
            }
        });
        bilinear::backward(edges, (z, width), forms, slopes, d_z, d_forms);
        each * sums.iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::{golden, golden_edges, gradcheck, uniform};

    const LOSSES: [WeightLoss; 2] = [WeightLoss::Squared, WeightLoss::Poisson];

    #[test]
    fn the_gradient_is_that_of_the_formula() {
        let edges = [(0, 1), (1, 2), (2, 4), (3, 4)].map(|(a, b)| Pair::new(a, b));
        let weights = [1.0, 4.0, 0.0, 2.5];
        let width = 3;
        let (z, d) = (gradcheck::point(5 * width, 1), gradcheck::point(width, 2));
        for loss in LOSSES {
            let formula = |z: &[f64], d: &[f64], b: f64| {
                let term = |(pair, &weight): (&Pair, &f32)| {
                    let (i, j) = (pair.src as usize * width, pair.dst as usize * width);
                    let s = b + (0..width).map(|k| d[k] * z[i + k] * z[j + k]).sum::<f64>();
                    let weight = f64::from(weight);
                    match loss {
                        // Mean 1.875; the mean of squares is 5.8125.
                        WeightLoss::Squared => {
                            (s - (weight - 1.875) / (5.8125f64 - 1.875 * 1.875).sqrt()).powi(2)
                        }
                        WeightLoss::Poisson => s.exp() - s * weight / 1.875,
                    }
                };
                edges.iter().zip(&weights).map(term).sum::<f64>() / 4.0
            };
            let mut own = EdgeWeightLoss::<f64>::new(5, &edges, &weights, (loss, 1.0));
            let (mut d_z, mut d_d, mut d_b) = (vec![0.0; z.len()], vec![0.0; width], [0.0]);
            let forms = Forms { diagonals: &d[..], biases: &[0.3] };
            let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b };
            let found = own.forward_backward((&z, width), &forms, &mut d_z, d_forms);
            assert!((found - formula(&z, &d, 0.3)).abs() < 1e-12, "{loss:?}");
            gradcheck::assert_gradient("Z", &z, &d_z, |z| formula(z, &d, 0.3));
            gradcheck::assert_gradient("D", &d, &d_d, |d| formula(&z, d, 0.3));
            gradcheck::assert_gradient("b", &[0.3], &d_b, |b| formula(&z, &d, b[0]));
        }
    }

    #[test]
    fn predictions_undo_the_scale() {
        let weights = [3.0, 5.0, 10.0];
        let scale = WeightScale::new(&weights);
        for weight in weights {
            let s = WeightLoss::Squared.target(scale, weight);
            assert!((WeightLoss::Squared.predict(scale, s) - f64::from(weight)).abs() < 1e-12);
            let s = WeightLoss::Poisson.target(scale, weight).ln();
            assert!((WeightLoss::Poisson.predict(scale, s) - f64::from(weight)).abs() < 1e-12);
        }
        assert!(
            (WeightLoss::Squared.predict(scale, 99.0) - 10.0).abs() < 1e-12,
            "no more than seen"
        );
        assert!((WeightLoss::Poisson.predict(scale, -99.0) - 3.0).abs() < 1e-12);
        let equal = WeightScale { mean: 2.0, deviation: 1.0, least: 2.0, most: 2.0 };
        assert_eq!(WeightScale::new(&[2.0, 2.0]), equal);
    }

    #[test]
    fn loss_and_gradients_are_those_of_torch() {
        let golden = golden("torch_bilinear.json");
        let (nodes, width) = (40, 8);
        let edges = golden_edges(nodes);
        let weights: Vec<f32> =
            (0..edges.len()).map(|edge| 1.0 + (5 * edge % 11) as f32 / 2.0).collect();
        let nodes = nodes as usize;
        let z: Vec<f64> = uniform(7, nodes * width).map(|u| u - 0.5).collect();
        let d: Vec<f64> = uniform(8, width).map(|u| u - 0.5).collect();
        for (name, loss) in ["squared", "poisson"].into_iter().zip(LOSSES) {
            let mut own = EdgeWeightLoss::<f64>::new(nodes, &edges, &weights, (loss, 1.0));
            let (mut d_z, mut d_d, mut d_b) = (vec![0.0; z.len()], vec![0.0; width], [0.0]);
            let forms = Forms { diagonals: &d[..], biases: &[0.3] };
            let d_forms = Forms { diagonals: &mut d_d[..], biases: &mut d_b };
            let found = own.forward_backward((&z, width), &forms, &mut d_z, d_forms);
            let expected = golden[name]["loss"].as_f64().expect("a number");
            assert!((found - expected).abs() < 1e-12 * expected.abs(), "{name}: {found}");
            let all = [("z", &d_z[..]), ("diagonal", &d_d[..])];
            for (key, found) in all {
                let expected = golden[name][key].as_array().expect("numbers");
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    let expected = expected.as_f64().expect("a number");
                    assert!((found - expected).abs() < 1e-13, "{name} {key}: {found}, {expected}");
                }
            }
            let bias = golden[name]["bias"].as_f64().expect("a number");
            assert!((d_b[0] - bias).abs() < 1e-13, "{name}: {} for {bias}", d_b[0]);
        }
    }
}
