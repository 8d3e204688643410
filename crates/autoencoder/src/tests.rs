use std::error::Error;

use serde_json::Value;
use vgae_artifacts::{
    EpochRecord, Matrix, Provenance, SampleSplit, SampleValues, SampleView, Samples, Seed,
};

use vgae_nn::training::{Callback, Checkpoint, FitOptions, NoCallback, TrainingError};
use vgae_testing::{golden, gradcheck, on_threads, uniform};

use crate::shape::{Affine, Shape};
use crate::training::Training;
use crate::*;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Method {
    Ae,
    Vae,
}

impl Method {
    fn is_variational(self) -> bool {
        self == Self::Vae
    }

    /// Weight of the KL term.
    fn beta(self) -> Option<f64> {
        self.is_variational().then_some(1.0)
    }
}

/// Several layers, a batch that does not divide the samples, validation that stops.
fn small(likelihood: Likelihood) -> AutoEncoderConfig {
    AutoEncoderConfig {
        hidden: vec![9, 7],
        latent: 3,
        likelihood,
        epochs: 5,
        batch_size: 70,
        learning_rate: 0.01,
        ..AutoEncoderConfig::default()
    }
}

/// `rows x 13` values in 0 to 1 with structure: two waves a row.
fn samples(rows: usize) -> Samples {
    let value = |at: usize| {
        let (row, column) = ((at / 13) as f32, (at % 13) as f32);
        0.5 + 0.25 * (row * 0.7 + column * 0.5).sin() + 0.2 * (row * 1.3 - column).cos()
    };
    let matrix = Matrix::from_row_major(rows, 13, (0..rows * 13).map(value).collect());
    Samples::new(SampleValues::Reals(matrix.expect("a shape")), None, None).expect("sound")
}

fn split(train: u32, validation: u32) -> SampleSplit {
    SampleSplit {
        train: (0..train).collect(),
        validation: (train..train + validation).collect(),
        test: Vec::new(),
    }
}

#[derive(Default)]
struct Keeper {
    checkpoints: Vec<Checkpoint>,
    told: Vec<(u32, u32)>,
    batches: usize,
}

impl Callback for Keeper {
    fn batch(&mut self, _: u32, done: usize, total: usize) {
        assert!(done <= total);
        self.batches += 1;
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        self.told.push((record.epoch, total));
    }

    fn checkpoint(&mut self, state: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.checkpoints.push(state.clone());
        Ok(())
    }
}

fn run(
    samples: &Samples,
    split: &SampleSplit,
    (method, config): (Method, AutoEncoderConfig),
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<FittedSamples, AutoEncoderError> {
    let view = SampleView::new(samples, split).expect("rows in range");
    fit_samples(view, &config, method.beta(), Seed(3), options, callback)
}

/// Everything but the seconds, to the bit.
fn bits(fitted: &FittedSamples) -> (Vec<u32>, Vec<[u64; 4]>, Option<u32>) {
    let weights =
        fitted.model.weights.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias));
    let history = fitted.history.0.iter().map(|record| {
        let validation = record.validation_loss.unwrap_or(0.0);
        [record.loss, record.reconstruction, record.kl, validation].map(f64::to_bits)
    });
    (weights.map(|w| w.to_bits()).collect(), history.collect(), fitted.diagnostics.best_epoch)
}

const ALL: [(Method, Likelihood); 5] = [
    (Method::Ae, Likelihood::Squared),
    (Method::Ae, Likelihood::Bernoulli),
    (Method::Ae, Likelihood::Gaussian),
    (Method::Vae, Likelihood::Bernoulli),
    (Method::Vae, Likelihood::Gaussian),
];

/// Every weight and bias of the whole model, in every loss, with no, one and two hidden layers.
#[test]
fn gradients_of_the_whole_loss() {
    // More rows than one chunk.
    let (rows, columns) = (40, 5);
    let beta = 0.6;
    for (method, likelihood) in ALL {
        for widths in [&[][..], &[4], &[4, 3]] {
            let hidden = widths.to_vec();
            let autoencoder =
                AutoEncoderConfig { hidden, latent: 2, likelihood, ..AutoEncoderConfig::default() };
            let shape = Shape::of(&autoencoder, method.is_variational(), columns);
            let start: Vec<Affine<f64>> = (shape.initial(Seed(5)).iter())
                .map(|layer| Affine {
                    weight: layer.weight.iter().map(|&w| f64::from(w)).collect(),
                    bias: layer.bias.iter().map(|&b| f64::from(b)).collect(),
                })
                .collect();
            let fill = |row: usize, x: &mut [f64], eps: &mut [f64]| {
                let point = gradcheck::point(columns, row as u64);
                x.copy_from_slice(&point.iter().map(|x| x.abs()).collect::<Vec<_>>());
                let noise = gradcheck::point(eps.len(), 100 + row as u64);
                eps.copy_from_slice(&noise);
            };
            let chunks = Training::<f64>::chunks(rows);
            assert!(chunks.len() > 1);
            let mut training = Training::new(&shape, start.clone(), rows, beta, 0.1);
            training.forward_backward(&chunks, rows, &fill);
            training.gradients(rows, None);
            assert!(training.weights == start, "no update was asked for");
            for layer in 0..start.len() {
                let gradient = training.layers[layer].gradient.clone();
                let value = |at: &[f64], is_bias: bool| {
                    let mut weights = start.clone();
                    let to = &mut weights[layer];
                    if is_bias { &mut to.bias } else { &mut to.weight }.copy_from_slice(at);
                    let mut other = Training::new(&shape, weights, rows, beta, 0.1);
                    other.forward_backward(&chunks, rows, &fill).total(beta)
                };
                let name = format!("{method:?} {likelihood:?} {widths:?} layer {layer}");
                let (weight, bias) = (&start[layer].weight, &start[layer].bias);
                gradcheck::assert_gradient(&name, weight, &gradient.weight, |w| value(w, false));
                gradcheck::assert_gradient(&name, bias, &gradient.bias, |b| value(b, true));
            }
        }
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let (samples, split) = (samples(300), split(230, 70));
    for (method, likelihood) in ALL {
        let wide = vec![130, 50];
        let autoencoder = AutoEncoderConfig { hidden: wide, epochs: 2, ..small(likelihood) };
        let of = |threads: usize| {
            on_threads(threads, || {
                let options = FitOptions::default();
                let config = (method, autoencoder.clone());
                let fitted =
                    run(&samples, &split, config, options, &mut NoCallback).expect("trains");
                let code = fitted.model.encode(samples.values()).expect("encodes").content_hash();
                let loss = fitted.model.loss(samples.values(), &split.validation, Seed(1));
                (bits(&fitted), code, loss.expect("rows").total(1.0).to_bits())
            })
        };
        let one = of(1);
        assert!(one == of(2) && one == of(5), "{method:?} {likelihood:?}");
    }
}

#[test]
fn a_resumed_training_gives_the_same_bits_from_any_epoch() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("checkpoint.safetensors");
    let (samples, split) = (samples(120), split(100, 20));
    for (method, likelihood) in ALL {
        // A rate at which validation gets worse now and then.
        let autoencoder =
            AutoEncoderConfig { patience: 3, epochs: 9, learning_rate: 0.05, ..small(likelihood) };
        let config = (method, autoencoder.clone());
        let mut keeper = Keeper::default();
        let options = FitOptions { checkpoint_every: Some(1), resume: None };
        let whole = run(&samples, &split, config.clone(), options, &mut keeper).expect("trains");
        assert!(keeper.checkpoints.len() >= 2);
        assert_eq!(keeper.told[0], (1, 9));
        assert_eq!(keeper.batches, 2 * keeper.told.len());
        for checkpoint in &keeper.checkpoints {
            checkpoint.write(&path, &Provenance::of_stage("test")).expect("writes");
            let read = Checkpoint::read(&path).expect("reads");
            assert!(&read == checkpoint, "read back");
            let epoch = read.epoch();
            let options = FitOptions { checkpoint_every: None, resume: Some(read) };
            let resumed =
                run(&samples, &split, config.clone(), options, &mut NoCallback).expect("trains");
            assert!(bits(&resumed) == bits(&whole), "{method:?} {likelihood:?} from epoch {epoch}");
            assert_eq!(resumed.diagnostics.resumed_from, Some(epoch));
        }
        let of_another =
            FitOptions { checkpoint_every: None, resume: Some(keeper.checkpoints[0].clone()) };
        let other = AutoEncoderConfig { batch_size: 71, ..autoencoder.clone() };
        let error = run(&samples, &split, (method, other), of_another, &mut NoCallback);
        let error = error.expect_err("another batch");
        assert!(
            matches!(error, AutoEncoderError::Training(TrainingError::OtherRun { .. })),
            "{error}"
        );
    }
}

#[test]
fn early_stop_keeps_the_best_weights() {
    let (samples, split) = (samples(60), split(40, 20));
    // Steps so large that validation does not get better for long.
    let autoencoder = AutoEncoderConfig {
        patience: 2,
        epochs: 200,
        learning_rate: 0.1,
        ..small(Likelihood::Bernoulli)
    };
    let options = FitOptions::default();
    let fitted = run(&samples, &split, (Method::Vae, autoencoder), options, &mut NoCallback);
    let fitted = fitted.expect("trains");
    assert!(fitted.diagnostics.stopped_early);
    let best = fitted.diagnostics.best_epoch.expect("patience is set");
    assert_eq!(fitted.history.0.len(), best as usize + 2);
    let of = |record: &EpochRecord| record.validation_loss.expect("measured");
    let least = fitted.history.0.iter().map(of).fold(f64::INFINITY, f64::min);
    assert!((of(&fitted.history.0[best as usize - 1]) - least).abs() < 1e-300);
    // The same noise as in training, so the same loss to the bit.
    let loss = fitted.model.loss(samples.values(), &split.validation, Seed(3)).expect("rows");
    assert_eq!(loss.total(1.0).to_bits(), least.to_bits());
}

#[test]
fn the_loss_falls_and_the_file_gives_the_same_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("weights.safetensors");
    let (samples, split) = (samples(500), split(500, 0));
    for (method, likelihood) in ALL {
        let autoencoder = AutoEncoderConfig { epochs: 30, ..small(likelihood) };
        let options = FitOptions::default();
        let fitted = run(&samples, &split, (method, autoencoder), options, &mut NoCallback);
        let fitted = fitted.expect("trains");
        let of = |at: usize| fitted.history.0[at].loss;
        assert!(of(29) < of(0), "{method:?} {likelihood:?}: {} to {}", of(0), of(29));
        assert!(fitted.history.0.iter().all(|r| (r.kl > 0.0) == method.is_variational()));

        let model = fitted.model;
        model.write(&path, &Provenance::of_stage("test")).expect("writes");
        assert_eq!(AutoEncoder::read(&path).expect("reads"), model);
        let y = model.reconstruct(samples.values()).expect("reconstructs");
        assert_eq!((y.rows(), y.cols()), (500, 13));
        if likelihood == Likelihood::Squared {
            // The loss is what it says.
            let mut x = [0.0; 13];
            let error = |row: usize| {
                samples.values().copy_row(row, &mut x);
                x.iter().zip(y.row(row)).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>()
            };
            let mean = (0..500).map(error).sum::<f64>() / 500.0;
            let loss = model.loss(samples.values(), &split.train, Seed(9)).expect("rows");
            assert!((mean - loss.reconstruction).abs() < 1e-5 * mean, "{mean} {loss:?}");
        } else if likelihood == Likelihood::Bernoulli {
            assert!(y.as_slice().iter().all(|p| (0.0..=1.0).contains(p)));
        }
        assert!(model.decode(&Matrix::zeros(2, 4)).is_err());
        assert!(model.encode(&SampleValues::Bytes { columns: 2, data: vec![0; 4] }).is_err());
        assert!(model.loss(samples.values(), &[500], Seed(1)).is_err());
        assert_eq!(
            model.encode(samples.values()).expect("encodes").log_sigma().is_some(),
            method.is_variational()
        );
    }
}

#[test]
fn files_of_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("weights.safetensors");
    let provenance = Provenance::of_stage("test");
    let matrix = Matrix::zeros(4, 2);
    let named = [("w_mu", &matrix)];
    let kind = vgae_artifacts::Kind::Weights;
    vgae_artifacts::tensors::write(&path, kind, &named, &provenance).expect("writes");
    let error = AutoEncoder::read(&path).expect_err("of another method").to_string();
    assert!(error.contains("belongs to another method"), "{error}");
    // Widths that would divide by zero or overflow.
    let shape = Shape::of(&small(Likelihood::Bernoulli), true, 13);
    for wrong in [
        Shape { latent: 0, ..shape.clone() },
        Shape { latent: usize::MAX, ..shape.clone() },
        Shape { columns: 0, ..shape.clone() },
        Shape { hidden: vec![0], ..shape.clone() },
        Shape { latent: 4, ..shape.clone() },
    ] {
        let tensors = shape.tensors("", &shape.initial(Seed(1)));
        vgae_artifacts::tensors::write_all(&path, kind, &tensors, &wrong, &provenance)
            .expect("writes");
        assert!(AutoEncoder::read(&path).is_err(), "{wrong:?}");
    }
}

#[test]
fn names_are_those_of_a_torch_state_dict() {
    let shape = Shape::of(&small(Likelihood::Bernoulli), true, 13);
    let tensors = shape.tensors("", &shape.initial(Seed(1)));
    let said: Vec<String> =
        tensors.iter().map(|tensor| format!("{} {:?}", tensor.name, tensor.shape)).collect();
    let expected = [
        "encoder.0.weight [9, 13]",
        "encoder.0.bias [9]",
        "encoder.2.weight [7, 9]",
        "encoder.2.bias [7]",
        "mu.weight [3, 7]",
        "mu.bias [3]",
        "log_var.weight [3, 7]",
        "log_var.bias [3]",
        "decoder.0.weight [7, 3]",
        "decoder.0.bias [7]",
        "decoder.2.weight [9, 7]",
        "decoder.2.bias [9]",
        "decoder.4.weight [13, 9]",
        "decoder.4.bias [13]",
    ];
    assert_eq!(said, expected);
    let whole: usize = tensors.iter().map(|tensor| tensor.values.len()).sum();
    assert_eq!(whole, shape.parameters());
}

#[test]
fn odd_input_gives_a_sound_result() {
    let options = FitOptions::default;
    for (method, likelihood) in ALL {
        // One row; a batch larger than the data; a code wider than the samples.
        let wide = AutoEncoderConfig { latent: 20, batch_size: 1000, ..small(likelihood) };
        for rows in [1, 2, 33] {
            let samples = samples(rows as usize);
            let fitted =
                run(&samples, &split(rows, 0), (method, wide.clone()), options(), &mut NoCallback);
            assert!(fitted.expect("trains").model.reconstruct(samples.values()).is_ok());
        }
        // Constant columns.
        let constant = SampleValues::Bytes { columns: 4, data: [0, 255, 7, 0].repeat(50) };
        let samples = Samples::new(constant, None, None).expect("sound");
        let fitted =
            run(&samples, &split(50, 0), (method, small(likelihood)), options(), &mut NoCallback);
        assert!(fitted.expect("trains").history.0.iter().all(|record| record.loss.is_finite()));
    }
}

#[test]
fn unsuitable_input_is_refused_with_the_mend() {
    let samples = samples(40);
    let fail = |samples: &Samples, split: &SampleSplit, config: (Method, AutoEncoderConfig)| {
        let options = FitOptions::default();
        run(samples, split, config, options, &mut NoCallback).expect_err("refused").to_string()
    };
    let vae = (Method::Vae, small(Likelihood::Bernoulli));
    let error = fail(&samples, &split(0, 9), vae.clone());
    assert!(error.contains("no training samples"), "{error}");
    let patient = AutoEncoderConfig { patience: 2, ..vae.1.clone() };
    let error = fail(&samples, &split(40, 0), (Method::Vae, patient));
    assert!(error.contains("patience") && error.contains("validation"), "{error}");
    let fast = AutoEncoderConfig { learning_rate: 1e30, ..vae.1.clone() };
    let error = fail(&samples, &split(40, 0), (Method::Vae, fast));
    assert!(error.contains("epoch 2") && error.contains("lower `learning_rate`"), "{error}");

    let mut values = vec![0.5; 40];
    values[17] = 1.5;
    let matrix = Matrix::from_row_major(10, 4, values).expect("a shape");
    let outside = Samples::new(SampleValues::Reals(matrix), None, None).expect("finite");
    let error = fail(&outside, &split(10, 0), vae);
    assert!(error.contains("column 1 of training sample 4 is 1.5"), "{error}");
    assert!(error.contains("gaussian"), "{error}");
}

#[test]
fn the_table_is_checked() {
    let base = AutoEncoderConfig::default();
    let linear = AutoEncoderConfig { hidden: Vec::new(), ..base.clone() };
    linear.check(Some(0.0)).expect("no hidden layers, and no KL term");
    let wrong = [
        (AutoEncoderConfig { hidden: vec![4, 0], ..base.clone() }, "hidden"),
        (AutoEncoderConfig { hidden: vec![1; 7], ..base.clone() }, "hidden"),
        (AutoEncoderConfig { latent: 0, ..base.clone() }, "latent"),
        (AutoEncoderConfig { likelihood: Likelihood::Squared, ..base.clone() }, "likelihood"),
        (AutoEncoderConfig { epochs: 0, ..base.clone() }, "epochs"),
        (AutoEncoderConfig { batch_size: 0, ..base.clone() }, "batch_size"),
        (AutoEncoderConfig { learning_rate: 0.0, ..base.clone() }, "learning_rate"),
        (AutoEncoderConfig { learning_rate: f64::NAN, ..base.clone() }, "learning_rate"),
    ];
    for (table, key) in wrong {
        let error = table.check(Some(1.0)).expect_err(key).to_string();
        assert!(error.starts_with(&format!("{key}: expected ")), "{error}");
    }
    assert!(base.check(Some(f64::NAN)).expect_err("not finite").to_string().starts_with("beta"));
    let squared = AutoEncoderConfig { likelihood: Likelihood::Squared, ..base };
    squared.check(None).expect("for the plain one");
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// Losses, gradients and weights of five steps beside those of `PyTorch` in f64, in `f64` and `f32`.
/// `tests/golden/torch_autoencoder.py` made the numbers; it draws inputs, weights and noise by the rule in
/// its header, which [`uniform`] follows.
#[test]
fn five_steps_work_like_torch() {
    let golden = golden("torch_autoencoder.json");
    for (method, likelihood) in ALL {
        let autoencoder = AutoEncoderConfig {
            hidden: vec![6, 5],
            latent: 3,
            likelihood,
            ..AutoEncoderConfig::default()
        };
        let shape = Shape::of(&autoencoder, method.is_variational(), 8);
        let word = match likelihood {
            Likelihood::Bernoulli => "bernoulli",
            Likelihood::Gaussian => "gaussian",
            Likelihood::Squared => "squared",
        };
        let golden =
            &golden[format!("{} {word}", if method == Method::Vae { "vae" } else { "ae" })];
        // f64 differs by the order of sums only; f32 by roundings of 1e-7, which Adam's division by a
        // small gradient's own size may grow.
        works_like_torch::<f64>(&shape, golden, 1e-10);
        works_like_torch::<f32>(&shape, golden, 1e-4);
    }
}

fn works_like_torch<T: vgae_nn::ops::Kernels>(shape: &Shape, golden: &Value, tolerance: f64) {
    const ROWS: usize = 40;
    let cast = |values: Vec<f64>| values.into_iter().map(T::from_f64).collect::<Vec<T>>();
    let signed = |stream, count| cast(uniform(stream, count).map(|u| 2.0 * u - 1.0).collect());
    let weights = (0..).zip(shape.layers()).map(|(layer, of)| Affine {
        weight: signed(10 + 2 * layer, of.outputs * of.inputs),
        bias: signed(11 + 2 * layer, of.outputs),
    });
    let mut training = Training::new(shape, weights.collect(), ROWS, 0.5, 0.01);
    let x = cast(uniform(1, ROWS * 8).collect());
    let chunks = Training::<T>::chunks(ROWS);
    let close = |what: &str, found: f64, expected: f64, size: f64| {
        let off = (found - expected).abs();
        assert!(off <= tolerance * size, "{what}: {found}, PyTorch {expected}");
    };
    for (step, golden) in (0..).zip(golden.as_array().expect("steps")) {
        let noise = signed(100 + step, ROWS * shape.latent);
        let fill = |row: usize, to: &mut [T], eps: &mut [T]| {
            to.copy_from_slice(&x[row * 8..(row + 1) * 8]);
            let width = eps.len();
            eps.copy_from_slice(&noise[row * width..(row + 1) * width]);
        };
        let loss = training.step(&chunks, ROWS, &fill);
        for (name, found) in [("reconstruction", loss.reconstruction), ("kl", loss.kl)] {
            let expected = golden[name].as_f64().expect("a number");
            close(&format!("step {step} {name}"), found, expected, expected.abs());
        }
        for (layer, state) in training.layers.iter().enumerate() {
            for (name, found) in
                [("weight", &state.gradient.weight), ("bias", &state.gradient.bias)]
            {
                let expected = numbers(&golden["gradients"][format!("{layer}.{name}")]);
                assert_eq!(found.len(), expected.len());
                let size = expected.iter().map(|x| x * x).sum::<f64>().sqrt();
                for (found, expected) in found.iter().zip(expected) {
                    let what = format!("step {step} layer {layer} {name}");
                    close(&what, found.to_f64(), expected, size);
                }
            }
        }
    }
}
