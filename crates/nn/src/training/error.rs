use vgae_artifacts::{ArtifactError, ContentHash};

use crate::ShapeError;

/// An error that ends a training.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// The loss is not finite any more.
    #[error(
        "model: training diverged in epoch {epoch}: the loss is {loss}; lower `{key}` (it is {learning_rate}), or scale the data if its values are large"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
        /// NaN or infinite.
        loss: f64,
        /// Key of the learning rate in the configuration.
        key: &'static str,
        /// The learning rate.
        learning_rate: f64,
    },
    /// A callback cancelled the training, see [`Callback::is_cancelled`](super::Callback::is_cancelled).
    #[error("model: the training was cancelled")]
    Cancelled,
    /// A checkpoint of another run.
    #[error(
        "model: the checkpoint was made by another run: expected configuration, seed and data with hash {expected}, found {found}; delete it to start afresh, or restore what was changed"
    )]
    OtherRun {
        /// Hash of this run.
        expected: ContentHash,
        /// Hash in the checkpoint.
        found: ContentHash,
    },
    /// A checkpoint from beyond the last epoch.
    #[error(
        "model: the checkpoint is of epoch {checkpoint}, but only {epochs} epochs are configured; raise `epochs` or delete the checkpoint"
    )]
    CheckpointAhead {
        /// The checkpoint's epoch.
        checkpoint: u32,
        /// Configured epochs.
        epochs: u32,
    },
    /// A callback could not keep a checkpoint.
    #[error("model: cannot keep the checkpoint of epoch {epoch}")]
    Keep {
        /// The epoch, from 1.
        epoch: u32,
        /// The callback's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tensor of a checkpoint has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A checkpoint is missing, damaged, or not a checkpoint.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}
