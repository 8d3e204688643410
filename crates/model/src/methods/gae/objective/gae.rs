use vgae_artifacts::{Matrix, Seed};

use super::{FullBatchLoss, Losses, Reconstruction};
use crate::ModelError;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::edge_weights::WeightScale;
use vgae_numerics::Dense;

/// Graph auto-encoder: `Z = GCN(X, A)`, and the loss of `Z Z^T` (Kipf & Welling 2016, arXiv 1611.07308,
/// section 2, "Non-probabilistic graph auto-encoder"). The encoder's output is `Z` itself.
pub(crate) struct Gae<T: Kernels> {
    loss: Reconstruction<T>,
}

impl<T: Kernels> Gae<T> {
    pub(crate) fn new(loss: Reconstruction<T>) -> Self {
        Self { loss }
    }
}

impl<T: Kernels> FullBatchLoss<T> for Gae<T> {
    fn draw(&mut self, seed: Seed, epoch: u32) {
        self.loss.draw(seed, epoch);
    }

    fn set_noise(&mut self, noise: Option<&Matrix>) -> Result<(), ModelError> {
        match noise {
            None => Ok(()),
            Some(noise) => {
                Err(ModelError::shape("noise", None, Some((noise.rows(), noise.cols()))))
            }
        }
    }

    fn weight_scale(&self) -> Option<WeightScale> {
        self.loss.weight_scale()
    }

    fn forward_backward(
        &mut self,
        encoded: &[T],
        forms: &[Dense<T>],
        d_encoded: &mut [T],
        d_forms: &mut [Dense<T>],
    ) -> Losses {
        let reconstruction = self.loss.forward_backward(encoded, forms, d_encoded, d_forms);
        Losses { loss: reconstruction, reconstruction, kl: 0.0 }
    }
}
