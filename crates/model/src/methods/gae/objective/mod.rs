mod gae;
mod reconstruction;
mod vgae;

use vgae_artifacts::{Matrix, Seed};

pub(crate) use gae::Gae;
pub(crate) use reconstruction::Reconstruction;
pub(crate) use vgae::Vgae;

use vgae_nn::ops::edge_weights::WeightScale;
use vgae_numerics::Dense;

use crate::ModelError;

/// Losses of one training step, before its update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// Reconstruction plus weighted KL.
    pub loss: f64,
    /// Weighted cross-entropy over all pairs, plus the loss of edge weights if they are predicted.
    pub reconstruction: f64,
    /// KL term including its weight in the loss; 0 for methods without one.
    pub kl: f64,
}

/// Loss over the whole graph as a function of the encoder's output.
pub(crate) trait FullBatchLoss<T>: Send {
    /// Draws the random numbers of an epoch, if any.
    fn draw(&mut self, _: Seed, _: u32) {}

    /// Sets the noise instead of drawing it.
    fn set_noise(&mut self, noise: Option<&Matrix>) -> Result<(), ModelError>;

    /// Returns the scale of edge weights, if they are predicted.
    fn weight_scale(&self) -> Option<WeightScale>;

    /// Returns the loss of `encoded` and writes the gradients. `forms` are diagonals and biases of bilinear forms;
    /// empty if there are none.
    fn forward_backward(
        &mut self,
        encoded: &[T],
        forms: &[Dense<T>],
        d_encoded: &mut [T],
        d_forms: &mut [Dense<T>],
    ) -> Losses;
}
