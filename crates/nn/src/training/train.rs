use std::time::Instant;

use tracing::{debug, info};
use vgae_artifacts::tensors::Tensor;
use vgae_artifacts::{ContentHash, EpochRecord, History};

use super::by_name::by_name;
use super::{Callback, Checkpoint, EarlyStopping, TrainingError, check_cancelled};
use crate::ShapeError;

/// How to run a training; nothing here changes its result.
#[derive(Debug, Clone, Default)]
pub struct FitOptions {
    /// Hands out a checkpoint after every so many epochs (0 counts as 1), but not after the last.
    pub checkpoint_every: Option<u32>,
    /// Goes on from here. The bits are those of a training that was never interrupted.
    pub resume: Option<Checkpoint>,
}

impl FitOptions {
    /// Whether checkpoints are read or written, so that the run must be identified.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.checkpoint_every.is_some() || self.resume.is_some()
    }
}

/// The length of a training.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Maximum number of epochs.
    pub epochs: u32,
    /// Validation scores without improvement after which training stops; 0: never.
    pub patience: u32,
    /// Identity of the run, for its checkpoints.
    pub run: Option<ContentHash>,
}

/// A model that [`train`] can train.
pub trait Trainable {
    /// Trains for one epoch, and offers a validation score with the weights that it belongs to, if epochs are
    /// selected by one. `seconds` of the record is filled in by the caller.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`].
    fn epoch(
        &mut self,
        epoch: u32,
        callback: &mut dyn Callback,
        stopping: &mut EarlyStopping,
    ) -> Result<EpochRecord, TrainingError>;

    /// The learned weights as named tensors.
    fn weights(&self) -> Vec<Tensor>;

    /// Adam's first and second moments, named as the weights.
    fn moments(&self) -> [Vec<Tensor>; 2];

    /// Replaces the weights.
    ///
    /// # Errors
    /// When a tensor is absent or has the wrong shape.
    fn set_weights(&mut self, weights: &[Tensor]) -> Result<(), ShapeError>;

    /// Replaces the moments by those after `epoch` epochs.
    ///
    /// # Errors
    /// When a tensor is absent or has the wrong shape.
    fn set_moments(&mut self, epoch: u32, moments: &[Vec<Tensor>; 2]) -> Result<(), ShapeError>;
}

/// The course of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One record per epoch.
    pub history: History,
    /// The epoch whose weights were kept, if epochs were selected.
    pub best_epoch: Option<u32>,
    /// Whether training ended before the last epoch.
    pub stopped_early: bool,
    /// The epoch of the checkpoint that the training went on from.
    pub resumed_from: Option<u32>,
}

/// Trains `model` for at most [`Plan::epochs`] epochs and leaves it with the weights of the best epoch, or the
/// last ones if epochs are not selected.
///
/// # Errors
/// When the loss is not finite any more, the callback cancels the training, or a checkpoint cannot be kept or does not
/// belong to this run.
pub fn train(
    model: &mut dyn Trainable,
    plan: Plan,
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<Outcome, TrainingError> {
    let resumed_from = options.resume.as_ref().map(Checkpoint::epoch);
    let (mut history, mut stopping) = match options.resume.zip(plan.run) {
        None => (History::default(), EarlyStopping::default()),
        Some((checkpoint, run)) => resume(model, plan.epochs, run, checkpoint)?,
    };
    let mut stopped_early = false;
    for epoch in resumed_from.unwrap_or(0) + 1..=plan.epochs {
        check_cancelled(callback)?;
        let started = Instant::now();
        let record = model.epoch(epoch, callback, &mut stopping)?;
        let record = EpochRecord { seconds: started.elapsed().as_secs_f64(), ..record };
        let EpochRecord { loss, reconstruction, kl, validation_loss, seconds, .. } = record;
        debug!(epoch, loss, reconstruction, kl, validation_loss, seconds, "epoch");
        callback.epoch(&record, plan.epochs);
        history.0.push(record);

        let is_last = epoch == plan.epochs;
        if stopping.is_exhausted(plan.patience) && !is_last {
            info!(epoch, patience = plan.patience, "validation did not improve: stopped early");
            stopped_early = true;
            break;
        }
        let due = options.checkpoint_every.is_some_and(|every| epoch.is_multiple_of(every.max(1)));
        if let (true, Some(run)) = (due && !is_last, plan.run) {
            let state = Checkpoint {
                run,
                weights: by_name(model.weights()),
                moments: model.moments().map(by_name),
                history: history.clone(),
                stopping: stopping.clone(),
            };
            callback.checkpoint(&state).map_err(|source| TrainingError::Keep { epoch, source })?;
        }
    }
    if let Some(best) = &stopping.best {
        model.set_weights(&best.weights)?;
    }
    let best_epoch = stopping.best.map(|best| best.epoch);
    Ok(Outcome { history, best_epoch, stopped_early, resumed_from })
}

/// Puts `model` into the state of `checkpoint`.
fn resume(
    model: &mut dyn Trainable,
    epochs: u32,
    run: ContentHash,
    checkpoint: Checkpoint,
) -> Result<(History, EarlyStopping), TrainingError> {
    if checkpoint.run != run {
        return Err(TrainingError::OtherRun { expected: run, found: checkpoint.run });
    }
    let epoch = checkpoint.epoch();
    if epoch > epochs {
        return Err(TrainingError::CheckpointAhead { checkpoint: epoch, epochs });
    }
    model.set_weights(&checkpoint.weights)?;
    model.set_moments(epoch, &checkpoint.moments)?;
    Ok((checkpoint.history, checkpoint.stopping))
}
