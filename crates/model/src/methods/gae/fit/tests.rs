use std::error::Error;

use vgae_artifacts::{EdgeSplit, Features, Matrix, Pair, Provenance, Validation};
use vgae_testing::{features, on_threads, ring, split_of};

use serde_json::{Value, json};

use super::*;

use crate::testing::{auto_encoders, fit, gae};
use crate::{Checkpoint, Logits, MlpDecoder, NoCallback};

fn small(method: &str) -> GaeConfig {
    let paper = json!({"scale": 2.2, "feature_scaling": "as-given", "keep_best": false, "validate_every": 1});
    let options = json!({"hidden": 8, "latent": 4, "epochs": 9, "dropout": 0.3, "batches": 3});
    gae(method, &paper).with(&options).expect("sound")
}

fn with(config: GaeConfig, options: &Value) -> GaeConfig {
    config.with(options).expect("sound")
}

/// Callback that records checkpoints and steps.
#[derive(Default)]
struct Keeper {
    checkpoints: Vec<Checkpoint>,
    first_mu: Option<Matrix>,
    /// Validation scores in order; without any, a value of the embedding.
    scores: Vec<f64>,
    told: Vec<(u32, u32)>,
}

impl Keeper {
    fn score(&mut self, number: f32) -> Validation {
        let next = if self.scores.is_empty() { None } else { Some(self.scores.remove(0)) };
        Validation { auc: next.unwrap_or(f64::from(number)), ap: 0.5 }
    }
}

impl Callback for Keeper {
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        self.first_mu.get_or_insert_with(|| mu.clone());
        Some(self.score(mu.as_slice()[0]))
    }

    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let found = logits(&[Pair::new(0, 1)]).expect("nodes of the graph");
        Some(self.score(found[0]))
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        self.told.push((record.epoch, total));
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.checkpoints.push(checkpoint.clone());
        Ok(())
    }
}

fn run(
    split: &EdgeSplit,
    features: &Features,
    config: GaeConfig,
    options: FitOptions,
    keeper: &mut Keeper,
) -> Result<Fitted, ModelError> {
    let input = FitInput { features: Some(features), train: split.train_view() };
    fit(input, &config, Seed(3), options, keeper)
}

/// Returns the bits of everything except the seconds.
fn bits(fitted: &Fitted) -> (vgae_artifacts::ContentHash, Learned, Vec<[u64; 4]>) {
    let history = fitted.history.0.iter().map(|record| {
        let auc = record.validation.map_or(0.0, |validation| validation.auc);
        [record.loss, record.reconstruction, record.kl, auc].map(f64::to_bits)
    });
    (fitted.embedding.content_hash(), fitted.weights.clone(), history.collect())
}

fn training(fitted: &Fitted) -> TrainingDiagnostics {
    match &fitted.diagnostics {
        Diagnostics::Training(diagnostics) => *diagnostics,
        other => panic!("a training, not {other:?}"),
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    // Several chunks of rows, entries, noise and masks.
    let (split, features) = (ring(700), features(700, 60));
    for method in auto_encoders() {
        let config = with(small(method), &json!({"epochs": 3, "layers": 4, "hops": 2}));
        let on = |threads| {
            let run =
                || run(&split, &features, config, FitOptions::default(), &mut Keeper::default());
            bits(&on_threads(threads, run).expect("trains"))
        };
        let one = on(1);
        assert!(one == on(2) && one == on(5), "{method}");
    }
}

#[test]
fn resuming_at_any_epoch_gives_the_same_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let (split, features) = (ring(40), features(40, 12));
    for method in auto_encoders() {
        let mut keeper = Keeper::default();
        let options = FitOptions { checkpoint_every: Some(1), resume: None };
        let whole = run(&split, &features, small(method), options, &mut keeper).expect("trains");
        assert_eq!(keeper.checkpoints.len(), 8, "one an epoch, none after the last");
        for checkpoint in keeper.checkpoints {
            let path = folder.path().join("checkpoint.safetensors");
            checkpoint.write(&path, &Provenance::of_stage("test")).expect("writes");
            let read = Checkpoint::read(&path).expect("reads");
            assert!(read == checkpoint, "read back");
            let epoch = checkpoint.epoch();
            let options = FitOptions { checkpoint_every: None, resume: Some(read) };
            let resumed = run(&split, &features, small(method), options, &mut Keeper::default());
            let resumed = resumed.expect("trains");
            assert!(bits(&resumed) == bits(&whole), "{method} from epoch {epoch}");
            assert_eq!(training(&resumed).resumed_from, Some(epoch));
        }
    }
}

/// Returns a configuration with validation in epochs 2, 4, 6, 8, 10; the third and fourth scores are the
/// best.
fn selecting(method: &str, patience: u32) -> GaeConfig {
    let options =
        json!({"keep_best": true, "validate_every": 2, "patience": patience, "epochs": 10});
    with(small(method), &options)
}

fn scoring() -> Keeper {
    Keeper { scores: vec![0.5, 0.4, 0.9, 0.9, 0.1], ..Keeper::default() }
}

#[test]
fn the_best_epoch_s_weights_are_kept() {
    let (split, features) = (ring(40), features(40, 12));
    for method in ["gae", "vgnae", "mlp-gae"] {
        let once = |config, keeper: &mut Keeper| {
            run(&split, &features, config, FitOptions::default(), keeper).expect("trains")
        };
        let fitted = once(selecting(method, 0), &mut scoring());
        assert_eq!(training(&fitted).best_epoch, Some(6));
        assert!(!training(&fitted).stopped_early);
        // The weights before the update of epoch 6 are those after five epochs.
        let five = once(with(small(method), &json!({"epochs": 5})), &mut Keeper::default());
        assert_eq!((&fitted.weights, &fitted.embedding), (&five.weights, &five.embedding));
        assert_eq!(fitted.history.0.len(), 10);
        let validated = fitted.history.0.iter().filter(|record| record.validation.is_some());
        assert_eq!(validated.map(|record| record.epoch).collect::<Vec<_>>(), [2, 4, 6, 8, 10]);

        let stopped = once(selecting(method, 1), &mut scoring());
        assert!(training(&stopped).stopped_early);
        assert_eq!((stopped.history.0.len(), training(&stopped).best_epoch), (4, Some(2)));
    }
}

#[test]
fn a_learned_decoder_is_kept_with_the_vectors_that_it_was_judged_with() {
    let (split, features) = (ring(40), features(40, 12));
    let config = with(small("mlp-gae"), &json!({"keep_best": true}));
    let fitted = run(&split, &features, config, FitOptions::default(), &mut Keeper::default());
    let fitted = fitted.expect("trains");
    let Learned::Encoder(weights) = &fitted.weights else { panic!("weights") };
    let decoder = MlpDecoder::from_weights(weights).expect("a decoder among them");
    let logits = decoder.logits(&fitted.embedding, &[Pair::new(0, 1)]).expect("two nodes");
    let best = training(&fitted).best_epoch.expect("chosen") as usize;
    let judged = fitted.history.0[best - 1].validation.expect("judged").auc;
    assert_eq!(f64::from(logits[0]).to_bits(), judged.to_bits());
    let gae = run(&split, &features, small("gae"), FitOptions::default(), &mut scoring());
    let Learned::Encoder(weights) = gae.expect("trains").weights else { panic!("weights") };
    assert!(MlpDecoder::from_weights(&weights).is_err(), "an inner product has no weights");
}

#[test]
fn nobody_to_ask_keeps_the_last_weights() {
    let (split, features) = (ring(20), features(20, 5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let of = |config: GaeConfig| {
        fit(input, &config, Seed(3), FitOptions::default(), &mut NoCallback).expect("trains")
    };
    let (last, none) = (of(small("gnae")), of(with(selecting("gnae", 1), &json!({"epochs": 9}))));
    assert_eq!(last.embedding, none.embedding);
    assert_eq!(training(&none).best_epoch, None);
}

#[test]
fn resuming_keeps_the_best_so_far() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("checkpoint.safetensors");
    let (split, features) = (ring(40), features(40, 12));
    for (method, patience) in [("vgae", 0), ("gnae", 2), ("deep-vgae", 0), ("mlp-gae", 2)] {
        let mut keeper = scoring();
        let options = FitOptions { checkpoint_every: Some(1), resume: None };
        let config = selecting(method, patience);
        let whole = run(&split, &features, config, options, &mut keeper).expect("trains");
        for checkpoint in keeper.checkpoints {
            checkpoint.write(&path, &Provenance::of_stage("test")).expect("writes");
            let read = Checkpoint::read(&path).expect("reads");
            assert!(read == checkpoint, "read back");
            let epoch = checkpoint.epoch();
            let options = FitOptions { checkpoint_every: None, resume: Some(read) };
            let mut later = scoring();
            later.scores.drain(..epoch as usize / 2);
            let resumed = run(&split, &features, config, options, &mut later).expect("trains");
            assert!(bits(&resumed) == bits(&whole), "{method} from epoch {epoch}");
            let of =
                |fitted: &Fitted| (training(fitted).best_epoch, training(fitted).stopped_early);
            assert_eq!(of(&resumed), of(&whole));
        }
    }
}

#[test]
fn a_training_can_be_prolonged_but_not_mistaken_for_another() {
    let (split, features) = (ring(40), features(40, 12));
    let mut keeper = Keeper::default();
    let options = FitOptions { checkpoint_every: Some(4), resume: None };
    run(&split, &features, small("vgae"), options, &mut keeper).expect("trains");
    let from = |split: &EdgeSplit, config: GaeConfig| {
        let resume = Some(keeper.checkpoints[0].clone());
        let options = FitOptions { checkpoint_every: None, resume };
        run(split, &features, config, options, &mut Keeper::default())
    };
    let longer = with(small("vgae"), &json!({"epochs": 12}));
    assert_eq!(from(&split, longer).expect("goes on").history.0.len(), 12);

    let ahead = from(&split, with(longer, &json!({"epochs": 2}))).expect_err("epoch 4 of 2");
    assert!(
        matches!(
            ahead,
            ModelError::Training(TrainingError::CheckpointAhead { checkpoint: 4, epochs: 2 })
        ),
        "{ahead}"
    );
    let edges = split.train_view().edges()[1..].iter().map(|&Pair { src, dst }| (src, dst));
    let fewer = split_of(40, &edges.collect::<Vec<_>>());
    let others = [
        (&split, with(longer, &json!({"learning_rate": 0.02}))),
        (&split, with(small("gae"), &json!({"epochs": 12}))),
        (&fewer, longer),
    ];
    for (split, config) in others {
        let error = from(split, config).expect_err("another run");
        assert!(matches!(error, ModelError::Training(TrainingError::OtherRun { .. })), "{error}");
    }
}

#[test]
fn the_callback_sees_mu_before_the_update_and_every_epoch() {
    let (split, features) = (ring(20), features(20, 5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for dropout in [0.0, 0.3] {
        let config = with(small("vgae"), &json!({"dropout": dropout}));
        let mut keeper = Keeper::default();
        let fitted = run(&split, &features, config, FitOptions::default(), &mut keeper);
        let fitted = fitted.expect("trains");
        assert_eq!(keeper.told, (1..=9).map(|epoch| (epoch, 9)).collect::<Vec<_>>());
        assert!(fitted.history.0.iter().all(|record| record.validation.is_some()));
        // The first validation uses the initial weights, without noise or dropout.
        let weights = Weights::glorot(5, &config, Seed(3));
        let mut trainer = Trainer::new(input, &config, &weights).expect("suits");
        let initial = trainer.embedding().expect("finite");
        assert_eq!(keeper.first_mu.as_ref(), Some(initial.mu()));
    }
}

#[test]
fn the_loss_falls() {
    let (split, features) = (ring(60), features(60, 20));
    for method in auto_encoders() {
        let paper = json!({"hidden": 32, "latent": 16, "epochs": 60, "dropout": 0, "scale": 2.2});
        let others = json!({"feature_scaling": "as-given", "keep_best": false});
        let config = with(gae(method, &paper), &others);
        let fitted = run(&split, &features, config, FitOptions::default(), &mut Keeper::default());
        let fitted = fitted.expect("trains");
        let of = |at: usize| fitted.history.0[at].loss;
        assert!(of(59) < 0.95 * of(0), "{method}: {} to {}", of(0), of(59));
        assert_eq!(fitted.embedding.log_sigma().is_some(), config.is_variational());
        assert_eq!(training(&fitted).kl_weight, config.is_variational().then_some(1.0 / 60.0));
        let kl_is_positive = fitted.history.0.iter().all(|record| record.kl > 0.0);
        assert_eq!(kl_is_positive, config.is_variational());
    }
}

#[test]
fn two_nodes_are_enough() {
    let split = split_of(2, &[(0, 1)]);
    let features = features(2, 3);
    for method in auto_encoders() {
        run(&split, &features, small(method), FitOptions::default(), &mut Keeper::default())
            .expect("trains");
    }
}

#[test]
fn divergence_names_the_epoch_and_the_mend() {
    let (split, features) = (ring(20), features(20, 5));
    for method in auto_encoders() {
        let config = with(small(method), &json!({"learning_rate": 1e30, "dropout": 0}));
        let error = run(&split, &features, config, FitOptions::default(), &mut Keeper::default())
            .expect_err("steps of 1e30")
            .to_string();
        // With several steps per epoch, the first step affects the first epoch; otherwise it affects the
        // second.
        let epoch = if config.learns_decoder() { "epoch 1" } else { "epoch 2" };
        assert!(error.contains(epoch) && error.contains("lower `learning_rate`"), "{error}");
    }
}

#[test]
fn a_checkpoint_that_cannot_be_kept_stops_the_training() {
    struct Full;
    impl Callback for Full {
        fn checkpoint(&mut self, _: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
            Err("no space left".into())
        }
    }
    let split = ring(20);
    let input = FitInput { features: None, train: split.train_view() };
    let options = FitOptions { checkpoint_every: Some(2), resume: None };
    let config = small("gae*");
    let error = fit(input, &config, Seed(1), options, &mut Full).expect_err("cannot keep");
    assert!(error.to_string().contains("epoch 2"), "{error}");
    assert_eq!(error.source().expect("kept").to_string(), "no space left");
}
