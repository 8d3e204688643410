use vgae_artifacts::{Matrix, Seed, Stream};

use super::{FullBatchLoss, Losses, Reconstruction};
use crate::ModelError;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::edge_weights::WeightScale;
use vgae_nn::ops::{gaussian_kl, reparameterise};
use vgae_numerics::Dense;
use vgae_numerics::parallel::RowChunks;

/// Variational graph auto-encoder: the encoder returns `mu` and `log sigma` of each node, a sample `z = mu +
/// sigma eps` is decoded, and `kl_weight * mean_i KL(q_i || N(0, I))` is added to the loss (Kipf & Welling
/// 2016, arXiv 1611.07308, section 1). The second head is log sigma, as in the authors' code, although their
/// slides show log sigma squared.
pub(crate) struct Vgae<T: Kernels> {
    loss: Reconstruction<T>,
    rows: RowChunks,
    latent: usize,
    /// Weight of a node's KL: `kl_weight / N`.
    coefficient: f64,
    /// All `N x latent`.
    eps: Vec<T>,
    sigma: Vec<T>,
    z: Vec<T>,
    d_z: Vec<T>,
    /// Sum of KL per chunk.
    partial: Vec<f64>,
}

impl<T: Kernels> Vgae<T> {
    pub(crate) fn new(loss: Reconstruction<T>, kl_weight: f64) -> Self {
        let (nodes, latent) = loss.shape();
        let rows = RowChunks::even(nodes, 256);
        let zeros = vec![T::ZERO; nodes * latent];
        Self {
            loss,
            latent,
            coefficient: kl_weight / nodes as f64,
            eps: zeros.clone(),
            sigma: zeros.clone(),
            z: zeros.clone(),
            d_z: zeros,
            partial: vec![0.0; rows.len()],
            rows,
        }
    }
}

impl<T: Kernels> FullBatchLoss<T> for Vgae<T> {
    fn draw(&mut self, seed: Seed, epoch: u32) {
        let rng = seed.stream(Stream::Noise, u64::from(epoch));
        reparameterise::draw_noise(&rng, self.latent, &mut self.eps);
        self.loss.draw(seed, epoch);
    }

    fn set_noise(&mut self, noise: Option<&Matrix>) -> Result<(), ModelError> {
        let expected = Some((self.eps.len() / self.latent, self.latent));
        let found = noise.map(|noise| (noise.rows(), noise.cols()));
        let Some(noise) = noise.filter(|_| found == expected) else {
            return Err(ModelError::shape("noise", expected, found));
        };
        for (eps, &noise) in self.eps.iter_mut().zip(noise.as_slice()) {
            *eps = T::from_f64(f64::from(noise));
        }
        Ok(())
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
        let Self { loss, rows, latent, coefficient, eps, sigma, z, d_z, partial } = self;
        reparameterise::forward(rows, *latent, encoded, eps, sigma, z);
        let reconstruction = loss.forward_backward(z, forms, d_z, d_forms);
        reparameterise::backward(rows, *latent, eps, sigma, d_z, d_encoded);
        let kl = *coefficient
            * gaussian_kl::forward_backward(
                rows,
                *latent,
                encoded,
                sigma,
                *coefficient,
                d_encoded,
                partial,
            );
        Losses { loss: reconstruction + kl, reconstruction, kl }
    }
}
