//! `KL(N(mu, sigma^2) || N(0, 1)) = (mu^2 + sigma^2 - 1 - 2 log sigma) / 2`, summed over the `d`
//! dimensions and all nodes (Kingma & Welling 2014, arXiv 1312.6114, appendix B). `mu`, `sigma` and
//! `log_sigma` are `N x d`; the encoder gives `mu` and `log_sigma` side by side, `N x 2d`.
//!
//! Backward: `d_mu = mu`, `d_log_sigma = sigma^2 - 1`, times the sum's coefficient in the loss.

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::simd::vectorised;

/// Adds `coefficient * gradient` to `d_encoded = [d_mu | d_log_sigma]` and returns the sum of KL, without
/// the coefficient. `partial` has one value a chunk.
pub fn forward_backward<T: Scalar>(
    chunks: &RowChunks,
    width: usize,
    encoded: &[T],
    sigma: &[T],
    coefficient: f64,
    d_encoded: &mut [T],
    partial: &mut [f64],
) -> f64 {
    let scale = T::from_f64(coefficient);
    let out = (Rows::new(d_encoded, 2 * width), PerChunk { size: 1, data: &mut *partial });
    chunks.for_each(out, |_, rows, (d_encoded, partial)| {
        let mut sum = 0.0;
        vectorised(
            #[inline(always)]
            || {
                for (row, d_encoded) in rows.zip(d_encoded.data.chunks_exact_mut(2 * width)) {
                    let (d_mu, d_log_sigma) = d_encoded.split_at_mut(width);
                    let encoded = &encoded[2 * row * width..2 * (row + 1) * width];
                    let (mu, log_sigma) = encoded.split_at(width);
                    let sigma = &sigma[row * width..(row + 1) * width];
                    twice_row(mu, log_sigma, sigma, scale, d_mu, d_log_sigma, &mut sum);
                }
            },
        );
        partial.data[0] = 0.5 * sum;
    });
    partial.iter().sum()
}

/// One row, `d` values each: adds the gradient, and twice the row's KL to `sum`.
#[inline(always)]
pub fn twice_row<T: Scalar>(
    mu: &[T],
    log_sigma: &[T],
    sigma: &[T],
    scale: T,
    d_mu: &mut [T],
    d_log_sigma: &mut [T],
    sum: &mut f64,
) {
    for k in 0..d_mu.len() {
        let square = sigma[k] * sigma[k];
        *sum += (mu[k] * mu[k]).to_f64() + (square - T::ONE).to_f64() - 2.0 * log_sigma[k].to_f64();
        d_mu[k] = mu[k].fused(scale, d_mu[k]);
        d_log_sigma[k] = (square - T::ONE).fused(scale, d_log_sigma[k]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    fn run(encoded: &[f64], rows: usize, width: usize, c: f64) -> (f64, Vec<f64>) {
        let chunks = RowChunks::even(rows, 2);
        let sigma: Vec<f64> = encoded
            .chunks_exact(2 * width)
            .flat_map(|row| row[width..].iter().map(|x| x.exp()))
            .collect();
        let mut d_encoded = vec![0.0; encoded.len()];
        let mut partial = vec![0.0; chunks.len()];
        let sum =
            forward_backward(&chunks, width, encoded, &sigma, c, &mut d_encoded, &mut partial);
        (sum, d_encoded)
    }

    #[test]
    fn is_zero_at_the_prior_only() {
        let (sum, d_encoded) = run(&[0.0; 12], 3, 2, 1.0);
        assert!(sum.abs() < 1e-300 && d_encoded.iter().all(|d| d.abs() < 1e-300));
        // KL(N(1, e^2) || N(0, 1)) = (1 + e^2 - 1 - 2) / 2.
        let (sum, _) = run(&[1.0, 1.0], 1, 1, 1.0);
        assert!((sum - (1f64.exp().powi(2) - 2.0) / 2.0).abs() < 1e-14);
    }

    #[test]
    fn gradient() {
        let (rows, width, c) = (5, 3, 0.37);
        let encoded = gradcheck::point(2 * rows * width, 1);
        let (_, d_encoded) = run(&encoded, rows, width, c);
        gradcheck::assert_gradient("encoded", &encoded, &d_encoded, |encoded| {
            c * run(encoded, rows, width, c).0
        });
    }
}
