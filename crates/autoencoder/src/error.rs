use vgae_artifacts::ArtifactError;
use vgae_nn::ShapeError;
use vgae_nn::training::TrainingError;
use vgae_options::OptionError;

/// An error of an auto-encoder of samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AutoEncoderError {
    /// A hyper-parameter is out of its range.
    #[error("model: {0}")]
    Option(#[from] OptionError),
    /// A tensor has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// There is no training sample.
    #[error("model: the split has no training samples, so there is nothing to learn from")]
    NoTrainingSamples,
    /// Values that the likelihood cannot have produced.
    #[error(
        "model: the Bernoulli likelihood needs values from 0 to 1, but column {column} of {part} sample {sample} is {value}; scale the data, or set `likelihood` to \"gaussian\""
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
    /// The training ended with an error.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A file is missing, damaged, or not what it should be.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}
