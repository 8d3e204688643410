use std::error::Error;
use std::time::Instant;

use tracing::{debug, info, warn};
use vgae_artifacts::{ContentHash, EpochRecord, History, SampleView, Seed, Stream};

use crate::checkpoint::{Best, SampleCheckpoint};
use crate::model::{self, AutoEncoder, SampleLoss};
use crate::plan::Plan;
use crate::shape::{Affine, Shape};
use crate::training::{LayerState, Training};
use crate::{AutoEncoderConfig, Likelihood};
use vgae_nn::ConfigError;
use vgae_nn::training::NoCallback;
use vgae_numerics::random::shuffle;

use crate::AutoEncoderError;

/// Who looks on while a model of samples is trained. Every method has a default that does nothing.
pub trait SampleCallback {
    /// `done` of an epoch's `total` batches are done.
    fn batch(&mut self, epoch: u32, done: usize, total: usize) {
        let _ = (epoch, done, total);
    }

    /// An epoch of at most `total` is done.
    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        let _ = (record, total);
    }

    /// Keeps a checkpoint; called every [`SampleFitOptions::checkpoint_every`] epochs.
    ///
    /// # Errors
    /// When it cannot be kept; the training then stops.
    fn checkpoint(
        &mut self,
        checkpoint: &SampleCheckpoint,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let _ = checkpoint;
        Ok(())
    }
}

impl SampleCallback for NoCallback {}

/// How to run a training; nothing here changes its result.
#[derive(Debug, Clone, Default)]
pub struct SampleFitOptions {
    /// Hand out a checkpoint after every so many epochs (0 counts as 1), but not after the last.
    pub checkpoint_every: Option<u32>,
    /// Go on from here. The bits are those of a training that was never interrupted.
    pub resume: Option<SampleCheckpoint>,
}

/// What a training over samples gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedSamples {
    /// With the weights after the last update or, if `patience` is above 0, those of the epoch with the
    /// lowest validation loss.
    pub model: AutoEncoder,
    /// One record an epoch.
    pub history: History,
    /// What else is worth knowing.
    pub diagnostics: SampleDiagnostics,
}

/// What a training over samples was, in numbers.
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
/// evidence lower bound (`vae`; Kingma & Welling 2014, arXiv 1312.6114, algorithm 1, one noise sample a
/// data point).
///
/// The same samples, configuration and seed give the same bits, however many threads the current rayon
/// pool has and however often the training was interrupted and resumed. Only [`EpochRecord::seconds`]
/// differs.
///
/// ```
/// use vgae_artifacts::{SampleSplit, SampleValues, SampleView, Samples, Seed};
/// use vgae_autoencoder::{AutoEncoderConfig, SampleFitOptions, fit_samples};
/// use vgae_nn::training::NoCallback;
///
/// let data = (0..64 * 9).map(|at| if at % 9 == at / 64 { 255 } else { 0 }).collect();
/// let samples = Samples::new(SampleValues::Bytes { columns: 9, data }, None, None)?;
/// let split = SampleSplit { train: (0..64).collect(), ..SampleSplit::default() };
/// let config = AutoEncoderConfig { latent: 2, ..AutoEncoderConfig::default() };
///
/// let view = SampleView::new(&samples, &split)?;
/// let options = SampleFitOptions::default();
/// let fitted = fit_samples(view, &config, true, Seed(1), options, &mut NoCallback)?;
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
    variational: bool,
    seed: Seed,
    options: SampleFitOptions,
    callback: &mut dyn SampleCallback,
) -> Result<FittedSamples, AutoEncoderError> {
    config.check(variational)?;
    let wanted = config;
    check(view, wanted)?;
    let shape = Shape::of(config, variational, view.columns());
    let beta = if shape.variational { wanted.beta } else { 0.0 };
    let size = wanted.batch.min(view.train_len());
    let batches = view.train_len().div_ceil(size);

    let keeps = options.checkpoint_every.is_some() || options.resume.is_some();
    let run = keeps.then(|| SampleCheckpoint::run_hash(view, config, variational, seed));
    let resumed_from = options.resume.as_ref().map(SampleCheckpoint::epoch);
    let mut state = match options.resume.zip(run) {
        None => State::new(shape, shape.initial(seed), wanted, size),
        Some((checkpoint, run)) => State::resume(checkpoint, run, shape, wanted, size, batches)?,
    };
    info!(
        method = if variational { "vae" } else { "ae" },
        samples = view.train_len(),
        columns = view.columns(),
        parameters = shape.parameters(),
        batches,
        resumed_from,
        "training"
    );

    let diverged = |epoch: u32, loss: f64| AutoEncoderError::Diverged {
        epoch,
        loss,
        learning_rate: wanted.learning_rate,
    };
    let plan = Plan::new(shape);
    let mut stopped_early = false;
    let mut order: Vec<u32> = Vec::new();
    for epoch in resumed_from.unwrap_or(0) + 1..=wanted.epochs {
        let started = Instant::now();
        order.clear();
        order.extend(0..u32::try_from(view.train_len()).unwrap_or(u32::MAX));
        shuffle(&mut seed.stream(Stream::Shuffle, u64::from(epoch)), &mut order);
        let mut progress = |done: usize| callback.batch(epoch, done, batches);
        let losses = one_epoch(&mut state.training, view, &order, size, seed, epoch, &mut progress);
        let loss = losses.total(beta);
        if !loss.is_finite() {
            return Err(diverged(epoch, loss));
        }
        let validation_loss = (view.validation_len() > 0).then(|| {
            let copy = |at: usize, out: &mut [f32]| view.copy_validation(at, out);
            let rows = view.validation_len();
            model::loss(&plan, &state.training.weights, rows, seed, &copy).total(beta)
        });
        if let Some(loss) = validation_loss
            && !loss.is_finite()
        {
            return Err(diverged(epoch, loss));
        }
        let record = EpochRecord {
            epoch,
            loss,
            reconstruction: losses.reconstruction,
            kl: beta * losses.kl,
            validation: None,
            validation_loss,
            seconds: started.elapsed().as_secs_f64(),
        };
        debug!(epoch, loss, validation_loss, seconds = record.seconds, "epoch");
        callback.epoch(&record, wanted.epochs);
        state.history.0.push(record);

        if let Some(loss) = validation_loss.filter(|_| wanted.patience > 0) {
            let since = state.since_best(epoch, loss);
            if since >= wanted.patience && epoch < wanted.epochs {
                info!(epoch, since, "no better validation loss: stopped early");
                stopped_early = true;
                break;
            }
        }
        let due = options.checkpoint_every.is_some_and(|every| epoch.is_multiple_of(every.max(1)));
        if let (true, Some(run)) = (due && epoch < wanted.epochs, run) {
            let state = state.checkpoint(run, shape);
            callback
                .checkpoint(&state)
                .map_err(|source| AutoEncoderError::Keep { epoch, source })?;
        }
    }

    let State { training, best, history } = state;
    let best_epoch = best.as_ref().map(|best| best.epoch);
    let weights = best.map_or(training.weights, |best| best.weights);
    let mut numbers = weights.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias));
    if !numbers.all(|value| value.is_finite()) {
        // Only the last update can have gone wrong unnoticed.
        return Err(diverged(wanted.epochs, f64::NAN));
    }
    let diagnostics = SampleDiagnostics {
        parameters: shape.parameters(),
        train_samples: view.train_len(),
        validation_samples: view.validation_len(),
        best_epoch,
        stopped_early,
        resumed_from,
    };
    Ok(FittedSamples { model: AutoEncoder { shape, weights }, history, diagnostics })
}

/// What changes from epoch to epoch.
struct State {
    training: Training<f32>,
    best: Option<Best>,
    history: History,
}

impl State {
    fn new(
        shape: Shape,
        weights: Vec<Affine<f32>>,
        config: &AutoEncoderConfig,
        size: usize,
    ) -> Self {
        let training = Training::new(shape, weights, size, config.beta, config.learning_rate);
        Self { training, best: None, history: History::default() }
    }

    fn resume(
        checkpoint: SampleCheckpoint,
        run: ContentHash,
        shape: Shape,
        config: &AutoEncoderConfig,
        size: usize,
        batches: usize,
    ) -> Result<Self, AutoEncoderError> {
        if checkpoint.run != run || checkpoint.shape != shape {
            return Err(AutoEncoderError::OtherRun { expected: run, found: checkpoint.run });
        }
        let (epoch, epochs) = (checkpoint.epoch(), config.epochs);
        if epoch > epochs {
            return Err(AutoEncoderError::CheckpointAhead { checkpoint: epoch, epochs });
        }
        let SampleCheckpoint { weights, first_moment, second_moment, best, history, .. } =
            checkpoint;
        let mut state = Self { best, history, ..Self::new(shape, weights, config, size) };
        let moments = first_moment.into_iter().zip(second_moment);
        for (layer, (first, second)) in state.training.layers.iter_mut().zip(moments) {
            (layer.first_moment, layer.second_moment) = (first, second);
        }
        state.training.step = epoch.saturating_mul(u32::try_from(batches).unwrap_or(u32::MAX));
        Ok(state)
    }

    /// Keeps the weights if `loss` is the lowest so far; returns how many epochs ago that was.
    fn since_best(&mut self, epoch: u32, loss: f64) -> u32 {
        match &self.best {
            Some(best) if best.loss <= loss => epoch.saturating_sub(best.epoch),
            _ => {
                self.best = Some(Best { epoch, loss, weights: self.training.weights.clone() });
                0
            }
        }
    }

    fn checkpoint(&self, run: ContentHash, shape: Shape) -> SampleCheckpoint {
        let moments = |of: fn(&LayerState<f32>) -> &Affine<f32>| {
            self.training.layers.iter().map(|layer| of(layer).clone()).collect()
        };
        SampleCheckpoint {
            run,
            shape,
            weights: self.training.weights.clone(),
            first_moment: moments(|layer| &layer.first_moment),
            second_moment: moments(|layer| &layer.second_moment),
            best: self.best.clone(),
            history: self.history.clone(),
        }
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
        return Err(ConfigError::new("autoencoder.patience", expected, found).into());
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
