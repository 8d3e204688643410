//! Network with one hidden layer: `logit = w2 . relu(W1 x + b1) + b2`, which minimises the mean weighted
//! cross-entropy `+ DECAY |W|^2 / 2` by Adam on mini-batches, with early stopping on a fraction of the pairs.
//! Several networks, each with its own initialisation and early-stopping pairs, are averaged.
//!
//! Backward: `d_b2 = d`, `d_w2 = d h`, `d_b1 = d w2 [h > 0]`, `d_W1 = d_b1 x^T`, with `d = weight
//! (sigmoid(logit) - truth)`.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Seed, Stream};
use vgae_numerics::logistic::cross_entropy;

use super::combiner::Labelled;
use vgae_nn::optim::AdamStep;
use vgae_numerics::random::{draw_coarse, shuffle};

/// Number of averaged networks.
const MEMBERS: u64 = 8;
const LEARNING_RATE: f64 = 0.005;
const DECAY: f64 = 1e-3;
/// Batch size in pairs.
const BATCH: usize = 128;
/// One of this many pairs is reserved for early stopping.
const ASIDE: usize = 5;
const MOST_EPOCHS: usize = 200;
/// Patience of early stopping, in epochs.
const PATIENCE: usize = 15;

/// Parameters of one network, concatenated: `W1` (`hidden x width`, row-major), `b1`, `w2`, `b2`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub(super) struct Network {
    hidden: usize,
    values: Vec<f64>,
}

impl Network {
    fn new(width: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let mut values = vec![0.0; hidden * (width + 2) + 1];
        // Glorot & Bengio 2010.
        let mut fill = |values: &mut [f64], ends: usize| {
            let limit = (6.0 / ends as f64).sqrt();
            for w in values {
                *w = limit * (2.0 * draw_coarse(rng) - 1.0);
            }
        };
        fill(&mut values[..hidden * width], width + hidden);
        fill(&mut values[hidden * (width + 1)..hidden * (width + 2)], hidden + 1);
        Self { hidden, values }
    }

    fn width(&self) -> usize {
        (self.values.len() - 1) / self.hidden - 2
    }

    /// Returns whether the network accepts rows of this width, since files may be inconsistent.
    pub(super) fn takes(&self, width: usize) -> bool {
        let size = self.hidden.checked_mul(width + 2);
        self.hidden > 0 && size.is_some_and(|size| self.values.len().checked_sub(1) == Some(size))
    }

    pub(super) fn logit(&self, row: &[f64]) -> f64 {
        self.forward(row, &mut vec![0.0; self.hidden])
    }

    fn forward(&self, row: &[f64], out: &mut [f64]) -> f64 {
        let (w1, rest) = self.values.split_at(self.hidden * row.len());
        let (b1, rest) = rest.split_at(self.hidden);
        let mut logit = rest[self.hidden];
        for (at, out) in out.iter_mut().enumerate() {
            let w = &w1[at * row.len()..(at + 1) * row.len()];
            let sum: f64 = w.iter().zip(row).map(|(w, x)| w * x).sum();
            *out = (sum + b1[at]).max(0.0);
            logit += *out * rest[at];
        }
        logit
    }

    /// Returns the mean loss over some pairs and writes its gradient to `gradient`.
    fn loss_and_gradient(&self, pairs: &Labelled<'_>, which: &[u32], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let (width, hidden) = (self.width(), self.hidden);
        let share = 1.0 / which.len() as f64;
        let mut out = vec![0.0; hidden];
        let mut loss = 0.0;
        let (first, second) = (hidden * width, hidden * (width + 1));
        for &at in which {
            let (row, truth, weight) = pairs.pair(at as usize);
            let (own, slope) = cross_entropy(self.forward(row, &mut out), truth);
            loss += share * weight * own;
            let d = share * weight * slope;
            for (unit, &out) in out.iter().enumerate().filter(|(_, out)| **out > 0.0) {
                gradient[second + unit] += d * out;
                let d_b1 = d * self.values[second + unit];
                gradient[first + unit] += d_b1;
                let d_w1 = &mut gradient[unit * width..(unit + 1) * width];
                d_w1.iter_mut().zip(row).for_each(|(g, x)| *g += d_b1 * x);
            }
            gradient[second + hidden] += d;
        }
        for range in [0..first, second..second + hidden] {
            for (g, w) in gradient[range.clone()].iter_mut().zip(&self.values[range]) {
                *g += DECAY * w;
                loss += 0.5 * DECAY * w * w;
            }
        }
        loss
    }

    /// Returns the mean loss over some pairs, without weight decay.
    fn loss(&self, pairs: &Labelled<'_>, which: &[u32]) -> f64 {
        let mut out = vec![0.0; self.hidden];
        let losses = which.iter().map(|&at| {
            let (row, truth, weight) = pairs.pair(at as usize);
            weight * cross_entropy(self.forward(row, &mut out), truth).0
        });
        losses.sum::<f64>() / which.len() as f64
    }
}

/// Fits the networks, each with its own random stream.
pub(super) fn fit(pairs: &Labelled<'_>, hidden: usize, seed: Seed) -> Vec<Network> {
    let members = (0..MEMBERS).into_par_iter();
    members.map(|member| fit_one(pairs, hidden, seed.stream(Stream::Combiner, member))).collect()
}

fn fit_one(pairs: &Labelled<'_>, hidden: usize, mut rng: ChaCha8Rng) -> Network {
    let mut network = Network::new(pairs.width, hidden, &mut rng);
    let mut order: Vec<u32> = (0u32..).take(pairs.len()).collect();
    shuffle(&mut rng, &mut order);
    let (aside, order) = order.split_at_mut(pairs.len() / ASIDE);
    // With too few pairs, all are used for both.
    let aside = if aside.is_empty() { order.to_vec() } else { aside.to_vec() };
    let size = network.values.len();
    let [mut gradient, mut first, mut second] = [(); 3].map(|()| vec![0.0; size]);
    let mut best = (network.loss(pairs, &aside), network.clone());
    let (mut since, mut steps) = (0, 0);
    for _ in 0..MOST_EPOCHS {
        shuffle(&mut rng, order);
        for batch in order.chunks(BATCH) {
            network.loss_and_gradient(pairs, batch, &mut gradient);
            steps += 1;
            AdamStep::new(LEARNING_RATE, steps).apply(
                &mut network.values,
                &gradient,
                &mut first,
                &mut second,
            );
        }
        let loss = network.loss(pairs, &aside);
        since += 1;
        if loss < best.0 {
            best = (loss, network.clone());
            since = 0;
        }
        if since == PATIENCE {
            break;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let rows = gradcheck::point(12 * 3, 1);
        let positive: Vec<bool> = (0..12).map(|at| at % 3 == 0).collect();
        let pairs = Labelled::new(&rows, 3, &positive);
        let network = Network { hidden: 5, values: gradcheck::point(26, 2) };
        let which: Vec<u32> = (0..12).collect();
        let mut gradient = vec![0.0; 26];
        network.loss_and_gradient(&pairs, &which, &mut gradient);
        gradcheck::assert_gradient("network", &network.values, &gradient, |values| {
            let network = Network { hidden: 5, values: values.to_vec() };
            network.loss_and_gradient(&pairs, &which, &mut [0.0; 26])
        });
    }

    #[test]
    fn what_no_line_parts_is_learned() {
        let rows: Vec<f64> =
            (0..400).flat_map(|at| [f64::from(at % 20) - 9.5, f64::from(at / 20) - 9.5]).collect();
        let positive: Vec<bool> = rows.chunks(2).map(|row| row[0] * row[1] > 0.0).collect();
        let networks = fit(&Labelled::new(&rows, 2, &positive), 16, Seed(1));
        let logit = |row: &[f64]| networks.iter().map(|network| network.logit(row)).sum::<f64>();
        let right = rows.chunks(2).zip(&positive).filter(|(row, is)| (logit(row) > 0.0) == **is);
        assert!(right.count() >= 380, "of 400");
    }
}
