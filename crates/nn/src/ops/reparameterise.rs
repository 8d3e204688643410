//! `z = mu + sigma * eps`, `sigma = exp(log_sigma)`, `eps ~ N(0, I)`: a sample that gradients pass
//! through (Kingma & Welling 2014, arXiv 1312.6114, section 2.4). All are `N x d`; the encoder gives
//! `mu` and `log_sigma` side by side, `N x 2d`.
//!
//! Backward: `d_mu = d_z`, `d_log_sigma = d_z * eps * sigma`.

use rand_chacha::ChaCha8Rng;

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_numerics::simd::vectorised;

/// Rows of noise that are drawn from one stream of a generator.
const BLOCK: usize = 128;

/// Draws `eps` (`N x width`): rows in blocks of 128, each from its own stream of `rng`, so that threads
/// share the work and the numbers do not depend on how.
pub fn draw_noise<T: Scalar>(rng: &ChaCha8Rng, width: usize, eps: &mut [T]) {
    use rayon::prelude::*;
    eps.par_chunks_mut(BLOCK * width).enumerate().for_each(|(block, eps)| {
        let mut rng = rng.clone();
        rng.set_stream(block as u64);
        for value in eps {
            *value = T::standard_normal(&mut rng);
        }
    });
}

/// Writes `sigma` (kept for backward) and `z` from `encoded = [mu | log_sigma]`.
pub fn forward<T: Scalar>(
    chunks: &RowChunks,
    width: usize,
    encoded: &[T],
    eps: &[T],
    sigma: &mut [T],
    z: &mut [T],
) {
    chunks.for_each((Rows::new(sigma, width), Rows::new(z, width)), |_, rows, (sigma, z)| {
        let eps = eps[rows.start * width..].chunks_exact(width);
        let encoded = encoded[2 * rows.start * width..].chunks_exact(2 * width);
        let out = sigma.data.chunks_exact_mut(width).zip(z.data.chunks_exact_mut(width));
        for ((encoded, eps), (sigma, z)) in encoded.zip(eps).zip(out) {
            let (mu, log_sigma) = encoded.split_at(width);
            forward_row(mu, log_sigma, eps, sigma, z);
        }
    });
}

/// One row of [`forward`], `d` values each.
#[inline]
pub fn forward_row<T: Scalar>(mu: &[T], log_sigma: &[T], eps: &[T], sigma: &mut [T], z: &mut [T]) {
    vectorised(
        #[inline(always)]
        || {
            let (mu, log_sigma, eps) = (&mu[..z.len()], &log_sigma[..z.len()], &eps[..z.len()]);
            let sigma = &mut sigma[..z.len()];
            for k in 0..z.len() {
                sigma[k] = log_sigma[k].exponential();
                z[k] = sigma[k].fused(eps[k], mu[k]);
            }
        },
    );
}

/// Writes `d_encoded = [d_mu | d_log_sigma]`.
pub fn backward<T: Scalar>(
    chunks: &RowChunks,
    width: usize,
    eps: &[T],
    sigma: &[T],
    d_z: &[T],
    d_encoded: &mut [T],
) {
    chunks.for_each(Rows::new(d_encoded, 2 * width), |_, rows, d_encoded| {
        for (row, d_encoded) in rows.zip(d_encoded.data.chunks_exact_mut(2 * width)) {
            let (d_mu, d_log_sigma) = d_encoded.split_at_mut(width);
            let of = row * width..(row + 1) * width;
            let (eps, sigma, d_z) = (&eps[of.clone()], &sigma[of.clone()], &d_z[of]);
            backward_row(eps, sigma, d_z, d_mu, d_log_sigma);
        }
    });
}

/// One row of [`backward`], `d` values each.
#[inline]
pub fn backward_row<T: Scalar>(
    eps: &[T],
    sigma: &[T],
    d_z: &[T],
    d_mu: &mut [T],
    d_log_sigma: &mut [T],
) {
    for k in 0..d_z.len() {
        d_mu[k] = d_z[k];
        d_log_sigma[k] = d_z[k] * eps[k] * sigma[k];
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{Seed, Stream};

    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let (rows, width) = (7, 3);
        let chunks = RowChunks::even(rows, 2);
        let mut eps = vec![0.0f64; rows * width];
        draw_noise(&Seed(1).stream(Stream::Noise, 1), width, &mut eps);
        let (encoded, pull) =
            (gradcheck::point(2 * rows * width, 1), gradcheck::point(rows * width, 2));
        let forward = |encoded: &[f64]| {
            let (mut sigma, mut z) = (vec![0.0; rows * width], vec![0.0; rows * width]);
            forward(&chunks, width, encoded, &eps, &mut sigma, &mut z);
            (sigma, z)
        };
        let mut d_encoded = vec![0.0; 2 * rows * width];
        backward(&chunks, width, &eps, &forward(&encoded).0, &pull, &mut d_encoded);
        gradcheck::assert_gradient("encoded", &encoded, &d_encoded, |encoded| {
            gradcheck::dot(&forward(encoded).1, &pull)
        });
    }

    #[test]
    fn noise_is_standard_normal() {
        let mut eps = vec![0.0f32; 16 * 10_000];
        draw_noise(&Seed(1).stream(Stream::Noise, 1), 16, &mut eps);
        let n = eps.len() as f64;
        let mean = eps.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let square = eps.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / n;
        // Five standard errors: 1 / sqrt(n) of the mean, sqrt(2 / n) of the mean square.
        assert!(mean.abs() < 5.0 / n.sqrt(), "{mean}");
        assert!((square - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{square}");
    }
}
