//! Losses and gradients of ten training steps of the linear, normalised and deep encoders, beside those that
//! `PyTorch` finds in f64. `tests/golden/torch_encoders.py` made the numbers; its header states the rules that
//! both sides follow.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Matrix, Pair, Seed};
use vgae_model::{FitInput, ModelConfig, Trainer, Weights};

/// What f32 training may differ from f64 by, relative: rounding of about 1e-7 a value, grown by sums of both
/// signs and by nine steps of Adam, which divides small gradients by their own size.
const TOLERANCE: f64 = 1e-4;
const NODES: u32 = 60;
const FEATURES: u32 = 23;

/// Numbers in [0, 1): the top 24 bits of splitmix64 from `stream * 2^32`.
fn uniform(stream: u64, count: usize) -> impl Iterator<Item = f64> {
    let mut state = stream << 32;
    (0..count).map(move |_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24)
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the script rounds to f32 too")]
fn matrix(rows: usize, cols: usize, stream: u64, map: impl Fn(f64) -> f64) -> Matrix {
    let values = uniform(stream, rows * cols).map(|u| map(u) as f32).collect();
    Matrix::from_row_major(rows, cols, values).expect("shape")
}

fn weight(stream: u64, rows: usize, cols: usize) -> Matrix {
    let limit = (6.0 / (rows + cols) as f64).sqrt();
    matrix(rows, cols, stream, |u| (2.0 * u - 1.0) * limit)
}

fn data() -> (EdgeSplit, Features) {
    let ends = (0..NODES).flat_map(|i| [(i, (i + 1) % NODES), (i, (i * 7 + 3) % NODES)]);
    let edges: BTreeSet<(u32, u32)> =
        ends.filter(|(i, j)| i != j).map(|(i, j)| (i.min(j), i.max(j))).collect();
    let pairs = edges.into_iter().map(|(src, dst)| Pair::new(src, dst)).collect();
    let none = LabelledPairs::default;
    let split = EdgeSplit::new(NODES as usize, pairs, none(), none()).expect("canonical pairs");
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for i in 0..NODES {
        for f in (0..FEATURES).filter(|f| (i * 31 + f * 17) % 29 < 7) {
            columns.push(f);
            values.push((1 + (i + 2 * f) % 3) as f32);
        }
        starts.push(columns.len());
    }
    let features = Features::from_rows(FEATURES as usize, starts, columns, values);
    (split, features.expect("sound rows"))
}

/// The norm of the difference over the norm.
fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    let relative = difference / norm(&mut expected.iter().copied());
    assert!(relative <= TOLERANCE, "{what}: off by {relative:e}");
}

#[test]
fn ten_steps_of_each_encoder_work_like_torch() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/torch_encoders.json");
    let text = std::fs::read_to_string(path).expect("golden file");
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    let (split, features) = data();
    let input = FitInput { features: Some(&features), train: split.train_view() };

    for run in golden["runs"].as_array().expect("runs") {
        let mut wanted = run["config"].clone();
        for (key, value) in [
            ("hidden", json!(12)),
            ("latent", json!(9)),
            ("learning_rate", json!(0.01)),
            ("negatives", json!("all")),
            ("kl_weight", json!("1/n")),
            ("scale", json!(1.8)),
        ] {
            wanted[key] = value;
        }
        let config: ModelConfig = serde_json::from_value(wanted).expect("a configuration");
        let latent = config.latent;
        let variational = config.method.is_variational();
        let config = config.check().expect("sound");

        // The script numbers streams in the order of its shapes: heads together with their biases.
        let order = |name: &str| match name {
            "w_mu" => 100,
            "b_mu" => 101,
            "w_log_sigma" => 102,
            "b_log_sigma" => 103,
            hidden => hidden[1..].parse::<usize>().expect("a number"),
        };
        let shapes = Weights::glorot(FEATURES as usize, &config, Seed(0));
        let mut names: Vec<_> = shapes.named();
        names.sort_by_key(|(name, _)| order(name));
        let tensors = (1..).zip(names).map(|(stream, (name, shape))| {
            (name.to_owned(), weight(stream, shape.rows(), shape.cols()))
        });
        let weights = Weights::from_tensors(tensors);
        let mut trainer = Trainer::new(input, &config, &weights).expect("suits");

        for (step, golden) in (1..).zip(run["steps"].as_array().expect("steps")) {
            let noise = variational.then(|| matrix(60, latent, 100 + step, |u| 4.0 * u - 2.0));
            let losses = trainer.step_with_noise(noise.as_ref()).expect("noise of its shape");
            let what = format!("{} step {step}", run["config"]);
            for (name, found) in [
                ("loss", losses.loss),
                ("reconstruction", losses.reconstruction),
                ("kl", losses.kl),
            ] {
                let expected = golden[name].as_f64().expect("a number");
                let difference = (found - expected).abs();
                assert!(
                    difference <= TOLERANCE * expected.abs(),
                    "{what} {name}: {found} {expected}"
                );
            }
            let gradients = trainer.gradients();
            assert_eq!(
                gradients.named().len(),
                golden["gradients"].as_object().expect("all").len()
            );
            for (name, found) in gradients.named() {
                let expected = golden["gradients"][name].as_array().expect("a list");
                let expected: Vec<f64> = expected.iter().filter_map(Value::as_f64).collect();
                let found = found.as_slice().iter().take(60).map(|&v| f64::from(v));
                assert_close(&format!("{what} {name}"), &found.collect::<Vec<_>>(), &expected);
            }
        }
    }
}
