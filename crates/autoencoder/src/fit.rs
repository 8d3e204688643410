use tracing::{info, warn};
use vgae_artifacts::tensors::Tensor;
use vgae_artifacts::{ContentHash, EpochRecord, History, SampleView, Seed, Stream};
use vgae_nn::ShapeError;
use vgae_nn::training::{
    self, Callback, EarlyStopping, FitOptions, Plan, Trainable, TrainingError,
};
use vgae_numerics::random::shuffle;
use vgae_options::{OptionError, Options};

use crate::AutoEncoderError;
use crate::model::{self, AutoEncoder, SampleLoss};
use crate::plan::Plan as Layout;
use crate::shape::{Affine, Shape};
use crate::training::{LayerState, Training};
use crate::{AutoEncoderConfig, Likelihood};

/// Result of a training over samples.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedSamples {
    /// With the weights after the last update or, if `patience` is above 0, those of the epoch with the
    /// lowest validation loss.
    pub model: AutoEncoder,
    /// One record an epoch.
    pub history: History,
    /// Diagnostics.
    pub diagnostics: SampleDiagnostics,
}

/// Diagnostics of a training over samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleDiagnostics {
    /// How many numbers were learned.
    pub parameters: usize,
    /// Samples learned from.
    pub train_samples: usize,
    /// Samples chosen by.
    pub validation_samples: usize,
    /// The epoch whose weights were kept, if `patience` is above 0.
    pub best_epoch: Option<u32>,
    /// Whether training ended before the last epoch.
    pub stopped_early: bool,
    /// The epoch of the checkpoint that the training went on from.
    pub resumed_from: Option<u32>,
}

/// Trains an auto-encoder by minibatch steps of Adam: on the reconstruction loss (`ae`), or on minus the
/// evidence lower bound (`vae`, whose KL term has the weight `beta`; Kingma & Welling 2014, arXiv 1312.6114, algorithm 1, one noise sample a
/// data point).
///
/// The same samples, configuration and seed give the same bits, however many threads the current rayon
/// pool has and however often the training was interrupted and resumed. Only [`EpochRecord::seconds`]
/// differs.
///
/// ```
/// use vgae_artifacts::{SampleSplit, SampleValues, SampleView, Samples, Seed};
/// use vgae_autoencoder::{AutoEncoderConfig, fit_samples};
/// use vgae_nn::training::{FitOptions, NoCallback};
///
/// let data = (0..64 * 9).map(|at| if at % 9 == at / 64 { 255 } else { 0 }).collect();
/// let samples = Samples::new(SampleValues::Bytes { columns: 9, data }, None, None)?;
/// let split = SampleSplit { train: (0..64).collect(), ..SampleSplit::default() };
/// let config = AutoEncoderConfig { latent: 2, ..AutoEncoderConfig::default() };
///
/// let view = SampleView::new(&samples, &split)?;
/// let options = FitOptions::default();
/// let fitted = fit_samples(view, &config, Some(1.0), Seed(1), options, &mut NoCallback)?;
/// assert_eq!(fitted.model.encode(samples.values())?.mu().cols(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a hyper-parameter is out of its range, the samples do not suit the configuration, the checkpoint belongs
/// to another run or cannot be kept, or the loss is not finite any more.
pub fn fit_samples(
    view: SampleView<'_>,
    config: &AutoEncoderConfig,
    beta: Option<f64>,
    seed: Seed,
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<FittedSamples, AutoEncoderError> {
    config.check(beta)?;
    check(view, config)?;
    let shape = Shape::of(config, beta.is_some(), view.columns());
    let size = config.batch_size.min(view.train_len());
    let run = options.keeps().then(|| run_hash(view, config, beta, seed)).transpose()?;
    info!(
        method = if beta.is_some() { "vae" } else { "ae" },
        samples = view.train_len(),
        columns = view.columns(),
        parameters = shape.parameters(),
        batches = view.train_len().div_ceil(size),
        resumed_from = options.resume.as_ref().map(training::Checkpoint::epoch),
        "training"
    );
    let (beta, rate) = (beta.unwrap_or(0.0), config.learning_rate);
    let mut epochs = Epochs {
        training: Training::new(&shape, shape.initial(seed), size, beta, rate),
        layout: Layout::new(&shape),
        shape: shape.clone(),
        beta,
        view,
        config,
        seed,
        size,
        order: Vec::new(),
    };
    let plan = Plan { epochs: config.epochs, patience: config.patience, run };
    let outcome = training::train(&mut epochs, plan, options, callback)?;

    let weights = epochs.training.weights;
    let mut numbers = weights.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias));
    if !numbers.all(|value| value.is_finite()) {
        // Only the last update can have gone wrong unnoticed.
        return Err(diverged(config, config.epochs, f64::NAN).into());
    }
    let diagnostics = SampleDiagnostics {
        parameters: shape.parameters(),
        train_samples: view.train_len(),
        validation_samples: view.validation_len(),
        best_epoch: outcome.best_epoch,
        stopped_early: outcome.stopped_early,
        resumed_from: outcome.resumed_from,
    };
    let model = AutoEncoder { shape, weights };
    Ok(FittedSamples { model, history: outcome.history, diagnostics })
}

/// Identifies a run by its configuration (but for the number of epochs, so that it can be prolonged), seed and
/// samples.
fn run_hash(
    view: SampleView<'_>,
    config: &AutoEncoderConfig,
    beta: Option<f64>,
    seed: Seed,
) -> Result<ContentHash, AutoEncoderError> {
    let sizes = [view.columns(), view.train_len(), view.validation_len()];
    let sizes = sizes.iter().flat_map(|&size| (size as u64).to_le_bytes()).collect();
    let mut row = vec![0.0; view.columns()];
    let samples = (0..view.train_len() + view.validation_len()).map(|at| {
        match at.checked_sub(view.train_len()) {
            None => view.copy_train(at, &mut row),
            Some(at) => view.copy_validation(at, &mut row),
        }
        row.iter().flat_map(|x| x.to_le_bytes()).collect()
    });
    let inputs = std::iter::once(sizes).chain(samples);
    let mut options: serde_json::Map<_, _> = config.values().into_iter().collect();
    options.insert("beta".to_owned(), beta.into());
    Ok(training::run_hash(&options, &["epochs"], seed, inputs)?)
}

fn diverged(config: &AutoEncoderConfig, epoch: u32, loss: f64) -> TrainingError {
    let learning_rate = config.learning_rate;
    TrainingError::Diverged { epoch, loss, key: "learning_rate", learning_rate }
}

/// A training, epoch by epoch.
struct Epochs<'a> {
    training: Training<f32>,
    layout: Layout,
    shape: Shape,
    /// Weight of the KL term.
    beta: f64,
    view: SampleView<'a>,
    config: &'a AutoEncoderConfig,
    seed: Seed,
    /// Samples per batch.
    size: usize,
    order: Vec<u32>,
}

impl Trainable for Epochs<'_> {
    /// The validation loss is of the weights after the epoch.
    fn epoch(
        &mut self,
        epoch: u32,
        callback: &mut dyn Callback,
        stopping: &mut EarlyStopping,
    ) -> Result<EpochRecord, TrainingError> {
        let Self { training, layout, shape, beta, view, config, seed, size, order } = self;
        let beta = *beta;
        let finite = |loss: f64| {
            if loss.is_finite() { Ok(loss) } else { Err(diverged(config, epoch, loss)) }
        };
        order.clear();
        order.extend(0..u32::try_from(view.train_len()).unwrap_or(u32::MAX));
        shuffle(&mut seed.stream(Stream::Shuffle, u64::from(epoch)), order);
        let batches = order.len().div_ceil(*size);
        let mut progress = |done: usize| callback.batch(epoch, done, batches);
        let losses = one_epoch(training, *view, order, *size, *seed, epoch, &mut progress);
        let loss = finite(losses.total(beta))?;
        let rows = view.validation_len();
        let validation_loss = (rows > 0).then(|| {
            let copy = |at: usize, out: &mut [f32]| view.copy_validation(at, out);
            finite(model::loss(layout, &training.weights, rows, *seed, &copy).total(beta))
        });
        let validation_loss = validation_loss.transpose()?;
        if let Some(loss) = validation_loss.filter(|_| config.patience > 0) {
            stopping.offer(epoch, -loss, || shape.tensors("", &training.weights));
        }
        Ok(EpochRecord {
            epoch,
            loss,
            reconstruction: losses.reconstruction,
            kl: beta * losses.kl,
            validation: None,
            validation_loss,
            seconds: 0.0,
        })
    }

    fn weights(&self) -> Vec<Tensor> {
        self.shape.tensors("", &self.training.weights)
    }

    fn moments(&self) -> [Vec<Tensor>; 2] {
        let of = |moment: fn(&LayerState<f32>) -> &Affine<f32>| {
            let moments: Vec<_> =
                self.training.layers.iter().map(|layer| moment(layer).clone()).collect();
            self.shape.tensors("", &moments)
        };
        [of(|layer| &layer.first_moment), of(|layer| &layer.second_moment)]
    }

    fn set_weights(&mut self, weights: &[Tensor]) -> Result<(), ShapeError> {
        self.training.weights = self.shape.take_tensors("", weights)?;
        Ok(())
    }

    fn set_moments(&mut self, epoch: u32, moments: &[Vec<Tensor>; 2]) -> Result<(), ShapeError> {
        let [first, second] = moments;
        let first = self.shape.take_tensors("", first)?;
        let second = self.shape.take_tensors("", second)?;
        for (layer, moments) in self.training.layers.iter_mut().zip(first.into_iter().zip(second)) {
            (layer.first_moment, layer.second_moment) = moments;
        }
        let batches = self.view.train_len().div_ceil(self.size);
        self.training.step = epoch.saturating_mul(u32::try_from(batches).unwrap_or(u32::MAX));
        Ok(())
    }
}

/// Whether the samples suit the configuration.
fn check(view: SampleView<'_>, config: &AutoEncoderConfig) -> Result<(), AutoEncoderError> {
    if view.train_len() == 0 {
        return Err(AutoEncoderError::NoTrainingSamples);
    }
    if config.patience > 0 && view.validation_len() == 0 {
        let found = config.patience.to_string();
        let expected = "0 where there are no validation samples to stop by";
        return Err(OptionError::new("patience", expected, found).into());
    }
    if config.latent >= view.columns() {
        warn!(
            latent = config.latent,
            columns = view.columns(),
            "the code is as wide as the samples or wider: a plain auto-encoder can learn to copy"
        );
    }
    if config.likelihood != Likelihood::Bernoulli {
        return Ok(());
    }
    let mut row = vec![0.0; view.columns()];
    let mut scan = |part, samples: usize, copy: &dyn Fn(usize, &mut [f32])| {
        for sample in 0..samples {
            copy(sample, &mut row);
            let wrong = row.iter().position(|value| !(0.0..=1.0).contains(value));
            if let Some(column) = wrong {
                let value = row[column];
                return Err(AutoEncoderError::NotInUnitRange { part, sample, column, value });
            }
        }
        Ok(())
    };
    scan("training", view.train_len(), &|at, out| view.copy_train(at, out))?;
    scan("validation", view.validation_len(), &|at, out| view.copy_validation(at, out))
}

/// All batches of an epoch; means over its samples. Stops at a loss that is not finite and returns it.
fn one_epoch(
    training: &mut Training<f32>,
    view: SampleView<'_>,
    order: &[u32],
    size: usize,
    seed: Seed,
    epoch: u32,
    progress: &mut dyn FnMut(usize),
) -> SampleLoss {
    let noise = seed.stream(Stream::Noise, u64::from(epoch));
    let whole = Training::<f32>::chunks(size);
    let rest = Training::<f32>::chunks(order.len() % size);
    let (mut reconstruction, mut kl) = (0.0, 0.0);
    for (number, batch) in order.chunks(size).enumerate() {
        let rows = batch.len();
        let chunks = if rows == size { &whole } else { &rest };
        let fill = |row: usize, x: &mut [f32], eps: &mut [f32]| {
            view.copy_train(batch[row] as usize, x);
            model::draw(&noise, number * size + row, eps);
        };
        let loss = training.step(chunks, rows, &fill);
        let share = rows as f64 / order.len() as f64;
        reconstruction += share * loss.reconstruction;
        kl += share * loss.kl;
        if !(reconstruction + kl).is_finite() {
            break;
        }
        progress(number + 1);
    }
    SampleLoss { reconstruction, kl }
}
