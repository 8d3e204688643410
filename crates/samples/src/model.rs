//! Interface of the evaluation to auto-encoders of samples.

use std::error::Error;

use vgae_artifacts::{Embedding, Matrix, Nodes, SampleSplit, Samples};

/// A trained model as evaluation sees it, over the samples of a run.
pub trait SampleModel: Sync {
    /// Decodes the mean codes of `rows`: `rows x columns`, in the units that the model sees.
    ///
    /// # Errors
    /// When the model cannot.
    fn reconstruct(&self, rows: &[u32]) -> Result<Matrix, Box<dyn Error + Send + Sync>>;

    /// The reconstruction term of the loss and, for models with a prior, the KL term; means over `rows`.
    ///
    /// # Errors
    /// When the model cannot.
    fn loss(&self, rows: &[u32]) -> Result<(f64, Option<f64>), Box<dyn Error + Send + Sync>>;
}

/// Input of [`evaluate`](crate::evaluate).
#[derive(Clone, Copy)]
pub struct EvalInput<'a> {
    /// The samples.
    pub samples: &'a Samples,
    /// Their ids and labels.
    pub nodes: &'a Nodes,
    /// Which of them train, validate and test.
    pub split: &'a SampleSplit,
    /// The code of every sample.
    pub embedding: &'a Embedding,
    /// The model that encoded the samples and decodes the codes.
    pub model: &'a dyn SampleModel,
}
