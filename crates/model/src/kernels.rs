//! The dear operations of an epoch, alone: for measuring, and for other encoders and decoders. All run on the
//! current rayon pool and allocate nothing after `new`.

use std::fmt;
use std::sync::Arc;

use vgae_artifacts::{Features, Matrix, Seed, TrainView};

use crate::graph::Adjacency;
use crate::ops::inner_product_loss::InnerProductLoss;
use crate::ops::propagation::Propagation;
use crate::ops::sparse::Csr;
use crate::{ModelError, Negatives};

/// How many `f32` an instruction of the kernels takes at once on this processor: 16 with AVX-512, 8 with AVX2
/// and FMA, 4 with NEON, 1 in plain code. The results are the same bits.
#[must_use]
pub fn vector_lanes() -> usize {
    crate::simd::lanes()
}

/// The decoder's loss of an embedding and its gradient: weighted cross-entropy of `sigmoid(Z Z^T)` against
/// the training edges (Kipf & Welling 2016, arXiv 1611.07308, eq. 2), over all pairs or estimated.
pub struct PairLoss(InnerProductLoss<f32>);

impl PairLoss {
    /// For embeddings of `width` columns of a graph with these training edges.
    ///
    /// # Errors
    /// When there are no edges or the width is 0.
    pub fn new(
        train: TrainView<'_>,
        width: usize,
        negatives: Negatives,
    ) -> Result<Self, ModelError> {
        if train.edges().is_empty() {
            return Err(ModelError::NoTrainingEdges);
        }
        if width == 0 {
            return Err(ModelError::config("latent", "at least 1", "0"));
        }
        Ok(Self(InnerProductLoss::new(Arc::new(Adjacency::new(train)), width, negatives)))
    }

    /// Draws an epoch's pairs; nothing to do for the exact loss. Before the first draw a sampled loss pairs
    /// each node with itself.
    pub fn draw(&mut self, seed: Seed, epoch: u32) {
        self.0.draw(seed, epoch);
    }

    /// Returns the loss of `z` (`N x width`) and writes its gradient to `d_z`.
    ///
    /// # Errors
    /// When a shape differs from what [`PairLoss::new`] was told.
    pub fn loss_and_gradient(&mut self, z: &Matrix, d_z: &mut Matrix) -> Result<f64, ModelError> {
        check("z", z, self.0.shape())?;
        check("d_z", d_z, self.0.shape())?;
        Ok(self.0.forward_backward(z.as_slice(), d_z.as_mut_slice()))
    }
}

/// Products with sparse features `X` (`N x F`) and with their transpose, which is stored too.
pub struct FeatureProduct {
    x: Csr<f32>,
    transposed: Csr<f32>,
    shape: (usize, usize),
}

impl FeatureProduct {
    /// Of these features.
    #[must_use]
    pub fn new(features: &Features) -> Self {
        let x = Csr::new(features);
        let (transposed, _) = x.transpose(features.feature_count());
        Self { x, transposed, shape: (features.node_count(), features.feature_count()) }
    }

    /// `y = X w`; `w` is `F x width`, `y` is `N x width`.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub fn multiply(&self, w: &Matrix, y: &mut Matrix) -> Result<(), ModelError> {
        let (nodes, features) = self.shape;
        check("w", w, (features, w.cols()))?;
        check("y", y, (nodes, w.cols()))?;
        self.x.multiply(&self.x.values, w.as_slice(), w.cols(), y.as_mut_slice());
        Ok(())
    }

    /// `d_w = X^T d_y`; `d_y` is `N x width`, `d_w` is `F x width`.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub fn multiply_transposed(&self, d_y: &Matrix, d_w: &mut Matrix) -> Result<(), ModelError> {
        let (nodes, features) = self.shape;
        check("d_y", d_y, (nodes, d_y.cols()))?;
        check("d_w", d_w, (features, d_y.cols()))?;
        let values = &self.transposed.values;
        self.transposed.multiply(values, d_y.as_slice(), d_y.cols(), d_w.as_mut_slice());
        Ok(())
    }
}

/// Products with the normalised adjacency `A_hat = D^-1/2 (A + I) D^-1/2` of training edges (Kipf & Welling
/// 2017, arXiv 1609.02907, eq. 2).
pub struct NormalisedAdjacency {
    propagation: Propagation<f32>,
    nodes: usize,
}

impl NormalisedAdjacency {
    /// Of these training edges.
    #[must_use]
    pub fn new(train: TrainView<'_>) -> Self {
        let adjacency = Arc::new(Adjacency::new(train));
        Self { nodes: adjacency.nodes(), propagation: Propagation::new(adjacency) }
    }

    /// `y = A_hat x`, both `N x width`.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub fn multiply(&self, x: &Matrix, y: &mut Matrix) -> Result<(), ModelError> {
        check("x", x, (self.nodes, x.cols()))?;
        check("y", y, (self.nodes, x.cols()))?;
        self.propagation.apply(x.as_slice(), x.cols(), y.as_mut_slice());
        Ok(())
    }
}

fn check(name: &str, matrix: &Matrix, expected: (usize, usize)) -> Result<(), ModelError> {
    let found = (matrix.rows(), matrix.cols());
    if found == expected {
        return Ok(());
    }
    Err(ModelError::shape(name, Some(expected), Some(found)))
}

impl fmt::Debug for PairLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairLoss").field("shape", &self.0.shape()).finish_non_exhaustive()
    }
}

impl fmt::Debug for FeatureProduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeatureProduct").field("shape", &self.shape).finish_non_exhaustive()
    }
}

impl fmt::Debug for NormalisedAdjacency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalisedAdjacency").field("nodes", &self.nodes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{features, ring};

    #[test]
    fn shapes_are_checked() {
        let split = ring(9);
        assert!(PairLoss::new(split.train_view(), 0, Negatives::All).is_err());
        let mut loss = PairLoss::new(split.train_view(), 2, Negatives::All).expect("sound");
        let (z, mut d_z) = (Matrix::zeros(9, 2), Matrix::zeros(9, 2));
        let at_zero = loss.loss_and_gradient(&z, &mut d_z).expect("shapes fit");
        assert!(at_zero > 0.0 && d_z.as_slice().iter().all(|&d| d == 0.0));
        let error = loss.loss_and_gradient(&Matrix::zeros(8, 2), &mut d_z).expect_err("8 rows");
        assert!(error.to_string().contains('8') && error.to_string().contains('9'), "{error}");

        let product = FeatureProduct::new(&features(9, 5));
        let mut y = Matrix::zeros(9, 3);
        product.multiply(&Matrix::zeros(5, 3), &mut y).expect("shapes fit");
        assert!(product.multiply(&Matrix::zeros(5, 2), &mut y).is_err());
        assert!(product.multiply_transposed(&y, &mut Matrix::zeros(9, 3)).is_err());

        let adjacency = NormalisedAdjacency::new(split.train_view());
        adjacency.multiply(&Matrix::zeros(9, 3), &mut y).expect("shapes fit");
        assert!(adjacency.multiply(&Matrix::zeros(9, 4), &mut y).is_err());
    }
}
