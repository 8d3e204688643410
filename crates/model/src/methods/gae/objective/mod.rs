mod gae;
mod vgae;

use vgae_artifacts::{Matrix, Seed};

pub(crate) use gae::Gae;
pub(crate) use vgae::Vgae;

use crate::ModelError;

/// What one training step minimised, before its update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// Reconstruction plus weighted KL.
    pub loss: f64,
    /// The weighted cross-entropy over all pairs.
    pub reconstruction: f64,
    /// The KL term as it enters the loss: with its weight; 0 for methods without one.
    pub kl: f64,
}

/// From the encoder's output to the loss and back: what tells the methods apart.
pub(crate) trait FullBatchLoss<T>: Send {
    /// Draws the epoch's random numbers, if there are any.
    fn draw(&mut self, _: Seed, _: u32) {}

    /// Takes the noise from the caller instead.
    fn set_noise(&mut self, noise: Option<&Matrix>) -> Result<(), ModelError>;

    /// Returns the loss of `encoded` and writes its gradient.
    fn forward_backward(&mut self, encoded: &[T], d_encoded: &mut [T]) -> Losses;
}
