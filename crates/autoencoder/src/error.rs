use vgae_artifacts::{ArtifactError, ContentHash};
use vgae_nn::{ConfigError, ShapeError};

/// An error of an auto-encoder of samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AutoEncoderError {
    /// A hyper-parameter is out of its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A tensor has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// There is no training sample.
    #[error("model: the split has no training samples, so there is nothing to learn from")]
    NoTrainingSamples,
    /// Values that the likelihood cannot have produced.
    #[error(
        "model: the Bernoulli likelihood needs values from 0 to 1, but column {column} of {part} sample {sample} is {value}; scale the data, or set `autoencoder.likelihood` to \"gaussian\""
    )]
    NotInUnitRange {
        /// `training` or `validation`.
        part: &'static str,
        /// Position within its part.
        sample: usize,
        /// The column.
        column: usize,
        /// The value found.
        value: f32,
    },
    /// The loss is not finite any more.
    #[error(
        "model: training diverged in epoch {epoch}: the loss is {loss}; lower `autoencoder.learning_rate` (it is {learning_rate}), or scale the data if its values are large"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
        /// NaN or infinite.
        loss: f64,
        /// As configured.
        learning_rate: f64,
    },
    /// A checkpoint of another run.
    #[error(
        "model: the checkpoint was made by another run: expected configuration, seed and data with hash {expected}, found {found}; delete it to start afresh, or restore what was changed"
    )]
    OtherRun {
        /// Of this run.
        expected: ContentHash,
        /// In the checkpoint.
        found: ContentHash,
    },
    /// A checkpoint from beyond the end.
    #[error(
        "model: the checkpoint is of epoch {checkpoint}, but only {epochs} epochs are configured; raise `epochs` or delete the checkpoint"
    )]
    CheckpointAhead {
        /// The checkpoint's epoch.
        checkpoint: u32,
        /// As configured.
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
    /// A file is missing, damaged, or not what it should be.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}
