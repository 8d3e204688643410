//! Results of a training.

use vgae_artifacts::{Chosen, Embedding, History};
use vgae_nn::ops::inner_product_loss::LossScale;

use crate::{DeepWalkDiagnostics, Learned, Losses, SmoothingDiagnostics, SpectralDiagnostics};

/// What a method gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What was learned; of auto-encoders, the weights after the last update or, with
    /// `keep_best`, those that scored best.
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
