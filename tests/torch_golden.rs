//! Losses and gradients of ten training steps on Cora, beside those that `PyTorch` finds in f64.
//!
//! `golden/torch_gae.py` made the numbers; its header states the rules that both sides follow.

use serde_json::Value;
use vgae_artifacts::{EdgeSplit, LabelledPairs, Matrix};
use vgae_model::{FitInput, GaeConfig, LossScale, Trainer, Weights};
use vgae_testing::{golden, uniform};

use crate::common::graph;

/// Relative tolerance of f32 training against f64: rounding of about 1e-7 per value, grown by sums
/// over thousands of terms of both signs and by nine steps of Adam, which divides small gradients by
/// their own size.
const TOLERANCE: f64 = 1e-4;

#[expect(clippy::cast_possible_truncation, reason = "the script rounds to f32 too")]
fn matrix(rows: usize, cols: usize, values: impl Iterator<Item = f64>) -> Matrix {
    Matrix::from_row_major(rows, cols, values.map(|value| value as f32).collect()).expect("shape")
}

fn weight(stream: u64, rows: usize, cols: usize) -> Matrix {
    let limit = (6.0 / (rows + cols) as f64).sqrt();
    matrix(rows, cols, uniform(stream, rows * cols).map(|u| (2.0 * u - 1.0) * limit))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

/// The norm of the difference over the norm.
fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let difference = norm(found.iter().zip(expected).map(|(a, b)| a - b));
    let relative = difference / norm(expected.iter().copied());
    assert!(relative <= TOLERANCE, "{what}: off by {relative:e}");
}

fn values(matrix: &Matrix) -> Vec<f64> {
    matrix.as_slice().iter().map(|&value| f64::from(value)).collect()
}

#[test]
fn ten_steps_of_gae_and_vgae_work_like_torch() {
    let golden = golden("torch_gae.json");

    let graph = graph("cora");
    let features = graph.features.as_ref().expect("Cora has features");
    let (nodes, width) = (graph.node_count(), features.feature_count());
    let kept = graph.edges.pairs().iter().enumerate().filter(|(number, _)| number % 20 >= 3);
    let train: Vec<_> = kept.map(|(_, &pair)| pair).collect();
    assert_eq!(golden["nodes"], nodes);
    assert_eq!(golden["features"], width);
    assert_eq!(golden["train_edges"], train.len());
    let scale = LossScale::new(nodes, train.len());
    let split = EdgeSplit::new(nodes, train, LabelledPairs::default(), LabelledPairs::default());
    let split = split.expect("canonical pairs");

    for method in ["gae", "vgae"] {
        let golden = &golden[method];
        let constants = numbers(&serde_json::json!([golden["norm"], golden["pos_weight"]]));
        assert_close("norm and pos_weight", &[scale.norm, scale.pos_weight], &constants);

        let config = GaeConfig::of(method).expect("a method");
        let (hidden, latent) = (32, config.code.latent);
        let mut tensors = vec![
            ("w0".to_owned(), weight(1, width, hidden)),
            ("w_mu".to_owned(), weight(2, hidden, latent)),
        ];
        if config.is_variational() {
            tensors.push(("w_log_sigma".to_owned(), weight(3, hidden, latent)));
        }
        let weights = Weights::from_tensors(tensors);
        let input = FitInput { features: Some(features), train: split.train_view() };
        let mut trainer = Trainer::new(input, &config, &weights).expect("suits");

        for (step, golden) in (1..).zip(golden["steps"].as_array().expect("steps")) {
            let noise = config.is_variational().then(|| {
                matrix(nodes, latent, uniform(100 + step, nodes * latent).map(|u| 4.0 * u - 2.0))
            });
            let losses = trainer.step_with_noise(noise.as_ref()).expect("noise of its shape");
            let gradients = trainer.gradients();

            let terms = [
                ("loss", losses.loss),
                ("reconstruction", losses.reconstruction),
                ("kl", losses.kl),
            ];
            for (name, found) in terms {
                let expected = golden[name].as_f64().expect("a number");
                let difference = (found - expected).abs();
                let what = format!("{method} step {step} {name}: {found}, PyTorch {expected}");
                assert!(difference <= TOLERANCE * expected.abs(), "{what}");
            }
            for (name, found) in gradients.named() {
                let what = format!("{method} step {step} gradient of {name}");
                if name == "w0" {
                    let found = values(found);
                    let whole = [norm(found.iter().copied())];
                    assert_close(&what, &whole, &numbers(&serde_json::json!([golden["w0_norm"]])));
                    let places = (0..1000).map(|k| k * 45_853 % found.len());
                    let sample: Vec<f64> = places.map(|place| found[place]).collect();
                    assert_close(&what, &sample, &numbers(&golden["w0_sample"]));
                } else {
                    assert_close(&what, &values(found), &numbers(&golden[name]));
                }
            }
        }
    }
}
