use std::error::Error;

use vgae_artifacts::{EpochRecord, Matrix, Pair, Validation};

use super::{Checkpoint, TrainingError};

/// An error of any kind.
type AnyError = Box<dyn Error + Send + Sync>;

/// The logits of any pairs of nodes, at some weights.
pub type Logits<'a> = dyn FnMut(&[Pair]) -> Result<Vec<f32>, AnyError> + 'a;

/// Functions invoked during training. Every one has a default that does nothing.
pub trait Callback {
    /// Scores the validation pairs with `mu` (`N x latent`), the mean codes of the weights before the
    /// epoch's update. The only way in which held-out pairs come near a training: the scores are recorded and
    /// may select the best epoch.
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        let _ = mu;
        None
    }

    /// Scores the validation pairs of a method with a learned decoder, in place of [`Callback::validate`].
    /// `logits` returns one logit per pair, and an error for pairs that are not of this graph.
    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let _ = logits;
        None
    }

    /// `done` of the `total` mini-batches of an epoch are done.
    fn batch(&mut self, epoch: u32, done: usize, total: usize) {
        let _ = (epoch, done, total);
    }

    /// An epoch of at most `total` is done.
    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        let _ = (record, total);
    }

    /// A step of a method without epochs is done: of `total`, or of as many as it takes.
    fn step(&mut self, done: u32, total: Option<u32>) {
        let _ = (done, total);
    }

    /// Returns whether the training is to end. Called before every epoch, and after every step of a method without
    /// epochs; the training then ends with [`TrainingError::Cancelled`].
    fn is_cancelled(&mut self) -> bool {
        false
    }

    /// Keeps a checkpoint; called every [`FitOptions::checkpoint_every`](super::FitOptions) epochs.
    ///
    /// # Errors
    /// When it cannot be kept; the training then stops.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), AnyError> {
        let _ = checkpoint;
        Ok(())
    }
}

/// Ends a training that its callback cancels.
///
/// # Errors
/// [`TrainingError::Cancelled`] if [`Callback::is_cancelled`].
pub fn check_cancelled(callback: &mut dyn Callback) -> Result<(), TrainingError> {
    if callback.is_cancelled() { Err(TrainingError::Cancelled) } else { Ok(()) }
}

/// A [`Callback`] that ignores all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCallback;

impl Callback for NoCallback {}
