//! Training of any method.

use vgae_artifacts::{Chosen, Embedding, History, Seed};
use vgae_nn::ops::inner_product_loss::LossScale;
use vgae_nn::training::{Callback, FitOptions};

use crate::methods::{deepwalk, gae, sgc, spectral};
use crate::{
    CheckedModelConfig, DeepWalkDiagnostics, FitInput, Learned, Losses, Method, ModelError,
    SmoothingDiagnostics, SpectralDiagnostics,
};
/// What a method gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What was learned; of auto-encoders, the weights after the last update or, with
    /// [`Select::Validation`](crate::Select::Validation), those that scored best.
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
    /// The epoch whose weights, before its update, are the result, if epochs were selected.
    pub best_epoch: Option<u32>,
    /// Whether training ended before the last epoch.
    pub stopped_early: bool,
    /// The epoch of the checkpoint that the training went on from.
    pub resumed_from: Option<u32>,
}

impl TrainingDiagnostics {
    /// The best epoch, for the history.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        let stopped_early = self.stopped_early;
        self.best_epoch.map(|epoch| Chosen { epoch, stopped_early })
    }
}

/// Fits a model to the training edges: auto-encoders by full-batch steps of Adam on the loss over all pairs,
/// exact or estimated ([`Negatives`](crate::Negatives)), the other methods as their own files say.
///
/// The same input, configuration and seed give the same bits, however many threads the current rayon
/// pool has and however often the training was interrupted and resumed. Only
/// [`EpochRecord::seconds`](vgae_artifacts::EpochRecord::seconds) differs.
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
        | Method::MlpGae => gae::fit::fit(input, config, seed, options, callback),
    }
}
