use vgae_artifacts::{Matrix, Seed};

use super::{FullBatchLoss, Losses};
use crate::ModelError;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::inner_product_loss::ReconstructionLoss;

/// Graph auto-encoder: `Z = GCN(X, A)`, and the loss of `Z Z^T` (Kipf & Welling 2016, arXiv 1611.07308,
/// section 2, "Non-probabilistic graph auto-encoder"). The encoder's output is `Z` itself.
pub(crate) struct Gae<T: Kernels> {
    loss: Box<dyn ReconstructionLoss<T>>,
}

impl<T: Kernels> Gae<T> {
    pub(crate) fn new(loss: Box<dyn ReconstructionLoss<T>>) -> Self {
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

    fn forward_backward(&mut self, encoded: &[T], d_encoded: &mut [T]) -> Losses {
        let reconstruction = self.loss.forward_backward(encoded, d_encoded);
        Losses { loss: reconstruction, reconstruction, kl: 0.0 }
    }
}
