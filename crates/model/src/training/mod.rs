//! Training of any method, and the loop of graph auto-encoders.

pub(crate) mod checkpoint;
mod early_stopping;

use std::error::Error;
use std::time::Instant;

use tracing::{debug, info, warn};
use vgae_artifacts::{
    Chosen, ContentHash, Embedding, EpochRecord, History, Matrix, Pair, Seed, Validation,
};

use crate::methods::gae::parameters::Parameters;
use crate::methods::{deepwalk, sgc, spectral};
use crate::training::early_stopping::Selection;
use crate::{
    CheckedModelConfig, Checkpoint, DeepWalkDiagnostics, FitInput, Learned, Losses, Method,
    ModelError, Negatives, Select, SmoothingDiagnostics, SpectralDiagnostics, Trainer, Weights,
};
use vgae_nn::ops::inner_product_loss::LossScale;
use vgae_nn::training::NoCallback;

/// The logits of any pairs, at some weights.
pub type Logits<'a> = dyn FnMut(&[Pair]) -> Result<Vec<f32>, ModelError> + 'a;

/// Functions invoked during training. Every one has a default that does nothing.
pub trait Callback {
    /// Scores the validation pairs with `mu` (`N x latent`), the mean codes of the weights before the
    /// epoch's update; asked every [`evaluate_every`](crate::ModelConfig::evaluate_every) epochs and in the
    /// last. The only way in which held-out pairs come near a training: the scores are recorded and, with
    /// [`Select::Validation`], choose among the epochs.
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        let _ = mu;
        None
    }

    /// The same of a method whose decoder is learned ([`Method::learns_decoder`]), which is asked instead of
    /// [`Callback::validate`]: `logits` gives those of any pairs, one each in their order, and an error for pairs that
    /// are not of this graph.
    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let _ = logits;
        None
    }

    /// An epoch of `total` is done.
    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        let _ = (record, total);
    }

    /// A step of a method without epochs is done: of `total`, or of as many as it takes.
    fn step(&mut self, done: u32, total: Option<u32>) {
        let _ = (done, total);
    }

    /// Keeps a checkpoint; called every [`FitOptions::checkpoint_every`] epochs.
    ///
    /// # Errors
    /// When it cannot be kept; the training then stops.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
        let _ = checkpoint;
        Ok(())
    }
}

impl Callback for NoCallback {}

/// How to run a training; nothing here changes its result.
#[derive(Debug, Clone, Default)]
pub struct FitOptions {
    /// Hand out a checkpoint after every so many epochs (0 counts as 1), but not after the last.
    pub checkpoint_every: Option<u32>,
    /// Go on from here. The bits are those of a training that was never interrupted.
    pub resume: Option<Checkpoint>,
}

/// What a method gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What was learned; of auto-encoders, the weights after the last update or, with
    /// [`Select::Validation`], those that scored best.
    pub weights: Learned,
    /// All nodes. Of auto-encoders, encoded with those weights: one more forward pass, without noise or
    /// dropout.
    pub embedding: Embedding,
    /// One record an epoch; none of methods that have no epochs.
    pub history: History,
    /// What else is worth knowing.
    pub diagnostics: Diagnostics,
}

/// What else is worth knowing of a fit, in numbers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Diagnostics {
    /// Of a graph auto-encoder.
    Training(TrainingDiagnostics),
    /// Of a spectral embedding.
    Spectral(SpectralDiagnostics),
    /// Of random walks.
    DeepWalk(DeepWalkDiagnostics),
    /// Of smoothed features.
    Smoothing(SmoothingDiagnostics),
}

/// What a training was, in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingDiagnostics {
    /// How many numbers were learned.
    pub parameters: usize,
    /// Undirected edges learned from.
    pub train_edges: usize,
    /// The weights of the reconstruction loss.
    pub scale: LossScale,
    /// The coefficient of `mean_i KL_i` in the loss; `None` for methods without KL.
    pub kl_weight: Option<f64>,
    /// The last epoch's losses, at the weights before the last update.
    pub last: Losses,
    /// The epoch whose weights, before its update, are the result, if they were chosen.
    pub selected_epoch: Option<u32>,
    /// Whether training ended before the last epoch.
    pub stopped_early: bool,
    /// The epoch of the checkpoint that the training went on from.
    pub resumed_from: Option<u32>,
}

impl TrainingDiagnostics {
    /// The epoch that was chosen, for the history.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        let stopped_early = self.stopped_early;
        self.selected_epoch.map(|epoch| Chosen { epoch, stopped_early })
    }
}

/// Fits a model to the training edges: auto-encoders by full-batch steps of Adam on the loss over all pairs,
/// exact or estimated ([`Negatives`]), the other methods as their own files say.
///
/// The same input, configuration and seed give the same bits, however many threads the current rayon
/// pool has and however often the training was interrupted and resumed. Only
/// [`EpochRecord::seconds`] differs.
///
/// ```
/// use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};
/// use vgae_model::{FitInput, FitOptions, Method, ModelConfig, NoCallback, fit};
///
/// let ring = (0..9).map(|node| Pair::new(node, node + 1)).collect();
/// let split = EdgeSplit::new(10, ring, LabelledPairs::default(), LabelledPairs::default())?;
/// let config = ModelConfig { method: Method::VgaeStar, epochs: 20, ..ModelConfig::default() };
///
/// let input = FitInput { features: None, train: split.train_view() };
/// let fitted = fit(input, &config.check()?, Seed(1), FitOptions::default(), &mut NoCallback)?;
/// assert_eq!(fitted.embedding.mu().cols(), 16);
/// assert_eq!(fitted.history.0.len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the input does not suit the method, the checkpoint belongs to another run, a checkpoint cannot
/// be kept, or the loss is not finite any more.
pub fn fit(
    input: FitInput<'_>,
    config: &CheckedModelConfig,
    seed: Seed,
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    match config.get().method {
        Method::Sc => spectral::fit(input, &config.get().spectral, seed, callback),
        Method::Dw => deepwalk::fit(input, &config.get().deepwalk, seed, callback),
        method @ (Method::Ae | Method::Vae) => Err(ModelError::NeedsSamples { method }),
        Method::Smooth => sgc::fit(input, config.get(), callback),
        method @ (Method::Pairs(_) | Method::Hybrid) => Err(ModelError::NoEmbedding { method }),
        Method::Gae
        | Method::Vgae
        | Method::GaeStar
        | Method::VgaeStar
        | Method::LinearGae
        | Method::LinearVgae
        | Method::Gnae
        | Method::Vgnae
        | Method::DeepGae
        | Method::DeepVgae
        | Method::MlpGae => train(input, config, seed, options, callback),
    }
}

/// The loop over epochs.
fn train(
    input: FitInput<'_>,
    config: &CheckedModelConfig,
    seed: Seed,
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    let inputs = input.width(config)?;
    let wanted = config.get();
    let (nodes, train_edges) = (input.train.node_count(), input.train.edges().len());
    let scale = scale_of(wanted.method, nodes, train_edges);
    let kl_weight = wanted.method.is_variational().then(|| wanted.kl_weight.value(nodes));
    let keeps = options.checkpoint_every.is_some() || options.resume.is_some();
    let run = if keeps { Some(Checkpoint::run_hash(input, config, seed)?) } else { None };

    let resumed_from = options.resume.as_ref().map(Checkpoint::epoch);
    let (mut trainer, mut history, mut selection) =
        if let (Some(checkpoint), Some(run)) = (options.resume, run) {
            resume(input, config, run, checkpoint)?
        } else {
            let weights = Weights::glorot(inputs, config, seed);
            (Trainer::new(input, config, &weights)?, History::default(), Selection::new())
        };
    info!(
        method = %wanted.method,
        nodes,
        inputs,
        train_edges,
        parameters = trainer.parameter_count(),
        pos_weight = scale.pos_weight,
        norm = scale.norm,
        kl_weight,
        resumed_from,
        "training"
    );

    warn_of_long_epochs(wanted.negatives, nodes);

    let diverged = |epoch: u32, loss: f64| ModelError::Diverged {
        epoch,
        loss,
        learning_rate: wanted.learning_rate,
    };
    let finite =
        |epoch, loss: f64| if loss.is_finite() { Ok(()) } else { Err(diverged(epoch, loss)) };
    let selects = wanted.select == Select::Validation;
    let mut stopped_early = false;
    for epoch in resumed_from.unwrap_or(0) + 1..=wanted.epochs {
        let started = Instant::now();
        let first = trainer.evaluate(seed, epoch);
        finite(epoch, first.loss)?;
        let scores = epoch.is_multiple_of(wanted.evaluate_every) || epoch == wanted.epochs;
        let validation = if scores { trainer.validate(callback) } else { None };
        if let (true, Some(validation)) = (selects, validation) {
            selection.offer(epoch, validation, trainer.parameters());
        }
        trainer.update();
        let Losses { loss, reconstruction, kl } = trainer.finish(seed, epoch, first);
        finite(epoch, loss)?;
        let seconds = started.elapsed().as_secs_f64();
        let record = EpochRecord {
            epoch,
            loss,
            reconstruction,
            kl,
            validation,
            validation_loss: None,
            seconds,
        };
        debug!(epoch, loss, reconstruction, kl, seconds, "epoch");
        callback.epoch(&record, wanted.epochs);
        history.0.push(record);

        if selection.is_exhausted(wanted.patience) && epoch < wanted.epochs {
            info!(epoch, "no better validation scores: stopped early");
            stopped_early = true;
            break;
        }
        let due = options.checkpoint_every.is_some_and(|every| epoch.is_multiple_of(every.max(1)));
        if let (true, Some(run)) = (due && epoch < wanted.epochs, run) {
            let state = state_of(&trainer, &selection, &history, run, epoch);
            callback.checkpoint(&state).map_err(|source| ModelError::Keep { epoch, source })?;
        }
    }

    let last = history.0.last().map_or(
        Losses { loss: 0.0, reconstruction: 0.0, kl: 0.0 },
        |&EpochRecord { loss, reconstruction, kl, .. }| Losses { loss, reconstruction, kl },
    );
    match selection.best() {
        Some(best) => trainer.restore(&best.weights),
        None if selects => {
            warn!(
                "there were no validation pairs to choose an epoch by: the last one's weights are kept"
            );
        }
        None => {}
    }
    // Only the last update can have gone wrong unnoticed.
    let embedding = trainer.embedding().map_err(|_| diverged(wanted.epochs, f64::NAN))?;
    let diagnostics = Diagnostics::Training(TrainingDiagnostics {
        parameters: trainer.parameter_count(),
        train_edges,
        scale,
        kl_weight,
        last,
        selected_epoch: selection.best().map(|best| best.epoch),
        stopped_early,
        resumed_from,
    });
    let weights = Learned::Encoder(trainer.weights());
    Ok(Fitted { weights, embedding, history, diagnostics })
}

/// The weights of the loss; a batch of a learned decoder has none.
fn scale_of(method: Method, nodes: usize, train_edges: usize) -> LossScale {
    if method.learns_decoder() {
        return LossScale { pos_weight: 1.0, norm: 1.0 };
    }
    LossScale::new(nodes, train_edges)
}

/// What a training that is interrupted now would go on from.
fn state_of(
    trainer: &Trainer,
    selection: &Selection,
    history: &History,
    run: ContentHash,
    epoch: u32,
) -> Checkpoint {
    let (first_moment, second_moment) = trainer.moments();
    let best = selection.best();
    Checkpoint {
        run,
        epoch,
        weights: trainer.weights(),
        first_moment,
        second_moment,
        history: history.clone(),
        best: best.map(|best| (best.epoch, trainer.with_constants(&best.weights))),
    }
}

/// Where the exact loss would take minutes an epoch, people may not know that there is another.
fn warn_of_long_epochs(negatives: Negatives, nodes: usize) {
    /// What a core of a few years ago does, both triangles counted.
    const PAIRS_A_SECOND: f64 = 2e9;
    if negatives == Negatives::All && nodes > Negatives::EXACT_NODES {
        let pairs = (nodes as f64).powi(2);
        let seconds = pairs / (PAIRS_A_SECOND * rayon::current_num_threads() as f64);
        warn!(
            nodes,
            "the exact loss goes over all {pairs:.1e} pairs of nodes, some {seconds:.0} s an epoch here; \
             with `negatives = 1` an epoch takes time by edges only"
        );
    }
}

/// A trainer in the state of `checkpoint`, the history and the best weights so far.
fn resume(
    input: FitInput<'_>,
    config: &CheckedModelConfig,
    run: ContentHash,
    checkpoint: Checkpoint,
) -> Result<(Trainer, History, Selection), ModelError> {
    let epochs = config.get().epochs;
    if checkpoint.run != run {
        return Err(ModelError::OtherRun { expected: run, found: checkpoint.run });
    }
    if checkpoint.epoch > epochs {
        return Err(ModelError::CheckpointAhead { checkpoint: checkpoint.epoch, epochs });
    }
    let inputs = input.width(config)?;
    let Checkpoint { epoch, weights, first_moment, second_moment, history, best, .. } = checkpoint;
    first_moment.check("checkpoint adam_m/", inputs, config)?;
    second_moment.check("checkpoint adam_v/", inputs, config)?;
    let mut trainer = Trainer::new(input, config, &weights)?;
    trainer.resume(config.get().learning_rate, epoch, &first_moment, &second_moment);
    let selection = match best {
        None => Selection::new(),
        Some((epoch, weights)) => {
            weights.check("checkpoint best/", inputs, config)?;
            Selection::resume(epoch, Parameters::of(&weights), &history)
        }
    };
    Ok((trainer, history, selection))
}

#[cfg(test)]
mod tests;
