use vgae_artifacts::Matrix;

use crate::Weights;
use crate::dense::Dense;
use crate::scalar::Scalar;

/// Weights as training holds them: the heads side by side. Also gradients and Adam's moments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameters<T> {
    /// `F x hidden`, or `N x hidden` without features.
    pub(crate) w0: Dense<T>,
    /// `hidden x latent`, or `hidden x 2 latent`: `[w_mu | w_log_sigma]`.
    pub(crate) heads: Dense<T>,
}

impl<T: Scalar> Parameters<T> {
    pub(crate) fn of(weights: &Weights) -> Self {
        Self {
            w0: Dense::beside(&weights.w0, None),
            heads: Dense::beside(&weights.w_mu, weights.w_log_sigma.as_ref()),
        }
    }

    /// Zeros of the same shapes.
    pub(crate) fn zeros_like(&self) -> Self {
        Self {
            w0: Dense::zeros(self.w0.rows, self.w0.cols),
            heads: Dense::zeros(self.heads.rows, self.heads.cols),
        }
    }

    /// The tensors, in a fixed order.
    pub(crate) fn tensors(&self) -> [&Dense<T>; 2] {
        [&self.w0, &self.heads]
    }

    /// The tensors, in the same order, to be written.
    pub(crate) fn tensors_mut(&mut self) -> [&mut Dense<T>; 2] {
        [&mut self.w0, &mut self.heads]
    }

    /// How many numbers.
    pub(crate) fn len(&self) -> usize {
        self.tensors().iter().map(|tensor| tensor.data.len()).sum()
    }

    /// The heads taken apart, `latent` columns each.
    pub(crate) fn to_weights(&self, latent: usize) -> Weights {
        let head = |at: usize| -> Option<Matrix> {
            (at < self.heads.cols).then(|| self.heads.columns(at, latent))
        };
        Weights {
            w0: self.w0.to_matrix(),
            w_mu: self.heads.columns(0, latent),
            w_log_sigma: head(latent),
        }
    }
}
