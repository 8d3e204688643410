//! Losses and gradients of ten training steps of the linear, normalised and deep encoders, compared with
//! `PyTorch` in f64. The values are from `tests/golden/torch_encoders.py`, whose header documents the rules
//! of both sides.

mod made_up;

use made_up::{FEATURES, TOLERANCE, assert_close, data, matrix, weight};
use serde_json::{Value, json};
use vgae_artifacts::Seed;
use vgae_model::{FitInput, GaeConfig, Trainer, Weights};
use vgae_testing::golden;

#[test]
fn ten_steps_of_each_encoder_work_like_torch() {
    let golden = golden("torch_encoders.json");
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
        let method = wanted["method"].as_str().expect("a name");
        let config = GaeConfig::of(method).expect("a method").with(&wanted).expect("sound");
        let (latent, variational) = (config.code.latent, config.is_variational());

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
