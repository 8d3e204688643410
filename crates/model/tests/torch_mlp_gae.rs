//! Losses and gradients of ten training steps of `mlp-gae`, compared with `PyTorch` in f64. The values are
//! from `tests/golden/torch_mlp_gae.py`, whose header documents the rules of both sides.

mod made_up;

use made_up::{FEATURES, NODES, TOLERANCE, assert_close, data, weight};
use serde_json::{Value, json};
use vgae_artifacts::{Pair, Seed};
use vgae_model::{FitInput, GaeConfig, Trainer, Weights};
use vgae_testing::golden;

#[test]
fn ten_steps_work_like_torch() {
    let golden = golden("torch_mlp_gae.json");
    let (split, features) = data();
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let options = json!({"hidden": 12, "latent": 9, "scale": 1.8, "learning_rate": 0.01});
    let config = GaeConfig::of("mlp-gae").expect("a method").with(&options).expect("sound");
    // Weights list their tensors in the order of the script's streams.
    let shapes = Weights::glorot(FEATURES as usize, &config, Seed(0));
    let tensors = (1..).zip(shapes.named()).map(|(stream, (name, shape))| {
        (name.to_owned(), weight(stream, shape.rows(), shape.cols()))
    });
    let mut trainer = Trainer::new(input, &config, &Weights::from_tensors(tensors)).expect("suits");

    let edges = split.train();
    for (step, golden) in (1..).zip(golden["steps"].as_array().expect("steps")) {
        let numbered = (0..).zip(edges);
        let positives: Vec<Pair> =
            numbered.filter(|(number, _)| number % 5 == step % 5).map(|(_, pair)| *pair).collect();
        let negatives: Vec<Pair> = (0..NODES)
            .map(|i| Pair::new(i, (i * 11 + 5 + step) % NODES))
            .filter(|pair| !pair.is_self_loop() && !edges.contains(&pair.canonical()))
            .collect();
        assert_eq!(golden["negatives"], negatives.len(), "the script's rule");
        let loss = trainer.step_on(&positives, &negatives).expect("sound pairs").loss;
        let expected = golden["loss"].as_f64().expect("a number");
        assert!((loss - expected).abs() <= TOLERANCE * expected, "step {step}: {loss} {expected}");
        let gradients = trainer.gradients();
        assert_eq!(gradients.named().len(), golden["gradients"].as_object().expect("all").len());
        for (name, found) in gradients.named() {
            let expected = golden["gradients"][name].as_array().expect("a list");
            let expected: Vec<f64> = expected.iter().filter_map(Value::as_f64).collect();
            let found = found.as_slice().iter().take(60).map(|&v| f64::from(v));
            assert_close(&format!("step {step} {name}"), &found.collect::<Vec<_>>(), &expected);
        }
    }
}
