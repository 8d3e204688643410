//! Results of a training.

use vgae_artifacts::{Chosen, Embedding, History};
use vgae_nn::ops::inner_product_loss::LossScale;

use crate::{DeepWalkDiagnostics, Learned, Losses, SmoothingDiagnostics, SpectralDiagnostics};

/// Result of training an encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Learned values. For auto-encoders, these are the weights after the last update or, with `keep_best`,
    /// those of the best epoch.
    pub weights: Learned,
    /// Embedding of all nodes. For auto-encoders, it is computed with these weights by one more forward pass,
    /// without noise or dropout.
    pub embedding: Embedding,
    /// One record per epoch; empty for methods without epochs.
    pub history: History,
    /// Diagnostics of the training.
    pub diagnostics: Diagnostics,
}

/// Diagnostics of a training, by family of methods.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Diagnostics {
    /// Graph auto-encoders.
    Training(TrainingDiagnostics),
    /// Spectral embedding.
    Spectral(SpectralDiagnostics),
    /// Random walks.
    DeepWalk(DeepWalkDiagnostics),
    /// Smoothed features.
    Smoothing(SmoothingDiagnostics),
}

/// Diagnostics of training a graph auto-encoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingDiagnostics {
    /// Number of learned parameters.
    pub parameters: usize,
    /// Number of undirected training edges.
    pub train_edges: usize,
    /// Weights of the reconstruction loss.
    pub scale: LossScale,
    /// Coefficient of `mean_i KL_i` in the loss; `None` for methods without KL.
    pub kl_weight: Option<f64>,
    /// Losses of the last epoch, before the last update.
    pub last: Losses,
    /// Best epoch, whose weights before its update are the result; `None` without best-epoch selection.
    pub best_epoch: Option<u32>,
    /// Whether early stopping ended the training.
    pub stopped_early: bool,
    /// Epoch of the checkpoint from which the training was resumed.
    pub resumed_from: Option<u32>,
}

impl TrainingDiagnostics {
    /// Returns the best epoch, for the history.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        let stopped_early = self.stopped_early;
        self.best_epoch.map(|epoch| Chosen { epoch, stopped_early })
    }
}
