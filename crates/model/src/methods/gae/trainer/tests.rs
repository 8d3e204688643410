use proptest::prelude::*;
use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair};

use super::*;
use vgae_numerics::{Dense, Scalar};
use vgae_testing::{features, gradcheck, ring, split_of};

use serde_json::json;

use crate::testing::{auto_encoders, gae};

/// Options of the paper for methods that have them; small.
fn config(method: &str, dropout: f64) -> GaeConfig {
    let paper = json!({"feature_scaling": "as-given", "scale": 2.2, "hops": 1, "layers": 3});
    let config = gae(method, &paper);
    let small = json!({
        "hidden": 6, "latent": 3, "dropout": dropout, "kl_weight": 0.7, "batches": 3, "epochs": 200,
    });
    config.with(&small).expect("sound")
}

/// Options beyond the paper: two additional hidden layers, two hops, scaled features.
fn rich(method: &str, dropout: f64) -> GaeConfig {
    let options = json!({"layers": 4, "hops": 2, "feature_scaling": "tf-idf"});
    config(method, dropout).with(&options).expect("sound")
}

fn nth(parameters: &Parameters<f64>, tensor: usize) -> &Dense<f64> {
    parameters.tensors().nth(tensor).expect("as many tensors")
}

/// Gradients of every weight of the whole model: dropout, noise, both layers, sampling, loss and KL.
#[test]
fn gradients_of_the_whole_loss() {
    let (split, features) = (ring(11), features(11, 5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for method in auto_encoders() {
        for dropout in [0.0, 0.4] {
            check_gradients(input, &rich(method, dropout), &format!("{method} dropout {dropout}"));
        }
    }
}

/// The same of the decoders of directed edges.
#[test]
fn gradients_of_the_whole_loss_of_directed_graphs() {
    let (split, features) = (arrows(11), features(11, 5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for (decoder, negatives) in
        [("gravity", json!("all")), ("source-target", json!("all")), ("gravity", json!(3))]
    {
        for method in ["gae", "vgae", "linear-vgae", "gae*", "gnae"] {
            let options = json!({"decoder": decoder, "negatives": negatives, "latent": 4});
            let config = rich(method, 0.4).with(&options).expect("sound");
            check_gradients(input, &config, &format!("{method} {decoder} {negatives}"));
        }
    }
}

/// A directed split with training edges only: a ring in one direction, with chords both ways.
fn arrows(nodes: u32) -> EdgeSplit {
    let ring = (0..nodes).map(|node| Pair::new(node, (node + 1) % nodes));
    let chords = (0..nodes / 3).map(|node| Pair::new(node, node + nodes / 2));
    let back = (0..nodes / 4).map(|node| Pair::new(node + nodes / 2, node));
    let edges = ring.chain(chords).chain(back).collect();
    let none = LabelledPairs::default;
    EdgeSplit::directed(nodes as usize, edges, none(), none()).expect("a sound split")
}

#[test]
fn a_decoder_of_directed_edges_needs_a_directed_split() {
    let config = config("gae*", 0.0).with(&json!({"decoder": "gravity"})).expect("sound");
    let weights = Weights::glorot(11, &config, Seed(1));
    let train = |split: &EdgeSplit| {
        let input = FitInput { features: None, train: split.train_view() };
        Trainer::new(input, &config, &weights).map(drop)
    };
    train(&arrows(11)).expect("directed");
    let error = train(&ring(11)).expect_err("undirected");
    assert!(error.to_string().contains("`directed = true` in `[split]`"), "{error}");
}

fn check_gradients(input: FitInput<'_>, config: &GaeConfig, name: &str) {
    let inputs = input.width(config).expect("suits");
    let mut start = Parameters::of(&Weights::glorot(inputs, config, Seed(4)));
    // With zero biases, a node without features has no direction, and neither has a decoder that
    // reads it.
    let decoder = start.decoder.iter_mut().filter(|tensor| tensor.rows == 1);
    for bias in start.bias.iter_mut().chain(decoder) {
        bias.data = gradcheck::point(bias.data.len(), 3);
    }
    let mut model = Model::<f64>::new(input, config).expect("suits");
    model.draw(Seed(4), 1, 0);
    let mut gradient = start.zeros_like();
    model.forward_backward(&start, &mut gradient);
    let count = start.tensors().count();
    for tensor in 0..count {
        let at = nth(&start, tensor).data.clone();
        let name = format!("{name} tensor {tensor}");
        gradcheck::assert_gradient(&name, &at, &nth(&gradient, tensor).data, |at| {
            let mut weights = start.clone();
            let tensor = weights.tensors_mut().nth(tensor).expect("as many");
            tensor.data.copy_from_slice(at);
            model.forward_backward(&weights, &mut start.zeros_like()).loss
        });
    }
}

/// Renumbers the nodes of a graph: node `i` becomes `new[i]`.
fn permuted(split: &EdgeSplit, features: &Features, new: &[usize]) -> (EdgeSplit, Features) {
    let name = |node: u32| u32::try_from(new[node as usize]).expect("a node");
    let edges: Vec<(u32, u32)> = split
        .train_view()
        .edges()
        .iter()
        .map(|&Pair { src, dst }| (name(src), name(dst)))
        .collect();
    let mut old = vec![0; new.len()];
    for (node, &new) in new.iter().enumerate() {
        old[new] = node;
    }
    let (mut row_starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for &node in &old {
        for (column, value) in features.row(node) {
            columns.push(column);
            values.push(value);
        }
        row_starts.push(columns.len());
    }
    let features = Features::from_rows(features.feature_count(), row_starts, columns, values);
    (split_of(new.len(), &edges), features.expect("sound rows"))
}

fn rows_to(matrix: &Matrix, new: &[usize]) -> Matrix {
    let mut out = Matrix::zeros(matrix.rows(), matrix.cols());
    for (node, &new) in new.iter().enumerate() {
        let cols = matrix.cols();
        out.as_mut_slice()[new * cols..(new + 1) * cols].copy_from_slice(matrix.row(node));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    /// Renumbering the nodes permutes the rows of the embedding and changes nothing else, for training steps
    /// on the whole graph. (The edges in a batch depend on their order.)
    #[test]
    fn nodes_have_no_order(
        new in Just((0..70usize).collect::<Vec<_>>()).prop_shuffle(),
        method in prop::sample::select(
            auto_encoders().filter(|name| *name != "mlp-gae").collect::<Vec<_>>()
        ),
    ) {
        let (split, features) = (ring(70), features(70, 9));
        let (other_split, other_features) = permuted(&split, &features, &new);
        let config = rich(method, 0.0);
        let run = |split: &EdgeSplit, features: &Features, renames: bool| {
            let input = FitInput { features: Some(features), train: split.train_view() };
            let mut weights = Weights::glorot(input.width(&config).expect("suits"), &config, Seed(1));
            let noise = gradcheck::point(210, 2).into_iter().map(Scalar::from_f64).collect();
            let mut noise = Matrix::from_row_major(70, 3, noise).expect("shape");
            if renames {
                noise = rows_to(&noise, &new);
                if config.features.is_none() {
                    let renamed = weights.named().into_iter().map(|(name, matrix)| {
                        let first = name == "w0";
                        let matrix = if first { rows_to(matrix, &new) } else { matrix.clone() };
                        (name.to_owned(), matrix)
                    });
                    weights = Weights::from_tensors(renamed.collect::<Vec<_>>());
                }
            }
            let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
            for _ in 0..3 {
                trainer.step_with_noise(config.is_variational().then_some(&noise)).expect("steps");
            }
            trainer.embedding().expect("finite")
        };
        let expected = rows_to(run(&split, &features, false).mu(), &new);
        let found = run(&other_split, &other_features, true);
        // Only the order of sums differs, by some hundred roundings. But Adam divides a gradient by its own
        // magnitude, so three steps of 0.01 may turn a rounding of a tiny gradient into a similar share of a
        // step: 1e-3 of the 0.03 that a weight moves.
        for (found, expected) in found.mu().as_slice().iter().zip(expected.as_slice()) {
            prop_assert!((found - expected).abs() <= 1e-4 + 1e-3 * expected.abs(), "{found} {expected}");
        }
    }
}

#[test]
fn one_hidden_layer_is_the_paper_s_encoder() {
    let (split, features) = (ring(40), features(40, 12));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for (deep, method) in [("deep-gae", "gae"), ("deep-vgae", "vgae")] {
        let run = |method| {
            let config = config(method, 0.4).with(&json!({"layers": 2})).expect("sound");
            let weights = Weights::glorot(12, &config, Seed(1));
            let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
            for epoch in 1..=5 {
                trainer.step(Seed(1), epoch);
            }
            trainer.embedding().expect("finite")
        };
        assert!(run(deep) == run(method), "{method}, to the bit");
    }
}

#[test]
fn unsuitable_input_is_refused_with_the_mend() {
    let (split, features) = (ring(8), features(8, 4));
    let with = |features, split: &EdgeSplit, method| {
        let input = FitInput { features, train: split.train_view() };
        input.width(&config(method, 0.0)).map_err(|error| error.to_string())
    };
    assert_eq!(with(Some(&features), &split, "vgae"), Ok(4));
    assert_eq!(with(Some(&features), &split, "vgae*"), Ok(8));
    let error = with(None, &split, "vgae").expect_err("no features");
    assert!(error.contains("`vgae*`"), "{error}");
    let error = with(Some(&features), &ring(9), "gae").expect_err("another graph");
    assert!(error.contains("8 nodes") && error.contains('9'), "{error}");
    let error = with(None, &split_of(8, &[]), "gae*").expect_err("no edges");
    assert!(error.contains("no training edges"), "{error}");
    let error = with(None, &split_of(1, &[]), "gae*").expect_err("one node");
    assert!(error.contains("at least 2"), "{error}");
}

#[test]
fn weights_and_noise_of_other_shapes_are_refused() {
    let split = ring(8);
    let input = FitInput { features: None, train: split.train_view() };
    let (gae, vgae) = (config("gae*", 0.0), config("vgae*", 0.0));
    let weights = Weights::glorot(8, &gae, Seed(1));
    let error = Trainer::new(input, &vgae, &weights).expect_err("one head short").to_string();
    assert!(error.contains("w_log_sigma: expected 6 x 3, found none"), "{error}");
    let two_heads = Weights::glorot(8, &vgae, Seed(1));
    let error = Trainer::new(input, &gae, &two_heads).expect_err("one head too many").to_string();
    assert!(error.contains("w_log_sigma: expected none, found 6 x 3"), "{error}");
    let weights = Weights::glorot(9, &gae, Seed(1));
    let error = Trainer::new(input, &gae, &weights).expect_err("9 rows").to_string();
    assert!(error.contains("w0: expected 8 x 6, found 9 x 6"), "{error}");
    let weights = Weights::glorot(8, &vgae, Seed(1));
    let mut trainer = Trainer::new(input, &vgae, &weights).expect("suits");
    assert!(trainer.step_with_noise(None).is_err());
    assert!(trainer.step_with_noise(Some(&Matrix::zeros(8, 2))).is_err());
    assert!(trainer.step_with_noise(Some(&Matrix::zeros(8, 3))).is_ok());
}

#[test]
fn batches_are_training_edges_against_pairs_of_nodes() {
    let (split, features) = (ring(20), features(20, 6));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let trainer = |method| {
        let config = config(method, 0.3);
        let weights = Weights::glorot(6, &config, Seed(1));
        Trainer::new(input, &config, &weights).expect("suits")
    };
    let mut mlp = trainer("mlp-gae");
    let (edge, other) = (Pair::new(1, 0), Pair::new(0, 5));
    assert!(mlp.step_on(&[edge], &[other]).expect("sound").loss > 0.0);
    assert!(mlp.step_on(&[edge], &[]).expect("no negatives").loss > 0.0);
    assert!(mlp.step_on(&[], &[]).expect("nothing to learn").loss.abs() < 1e-12);
    assert!(mlp.step_on(&[other], &[]).is_err(), "no edge");
    for wrong in [Pair::new(2, 2), Pair::new(0, 20)] {
        assert!(matches!(mlp.step_on(&[edge], &[wrong]), Err(ModelError::NoSuchPair { .. })));
    }
    let error = mlp.step_with_noise(None).expect_err("a step is a batch").to_string();
    assert!(error.contains("method"), "{error}");
    assert!(trainer("gnae").step_on(&[edge], &[other]).is_err(), "no batches");
}

#[test]
fn steps_with_given_noise_drop_nothing() {
    let (split, features) = (ring(20), features(20, 6));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for method in ["gae", "gae*"] {
        let run = |dropout: f64, draws_first: bool| {
            let config = config(method, dropout);
            let weights = Weights::glorot(input.width(&config).expect("suits"), &config, Seed(1));
            let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
            if draws_first {
                trainer.evaluate(Seed(1), 1);
            }
            (trainer.step_with_noise(None).expect("steps"), trainer.weights())
        };
        let without = run(0.0, false);
        assert!(without == run(0.5, false) && without == run(0.5, true), "{method}");
    }
}
