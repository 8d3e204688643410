//! `sum of (x - y)^2` of a row `x` and its reconstruction `y`.
//!
//! Backward: `d_y = 2 (y - x)`, times the sum's coefficient in the loss.

use vgae_numerics::Scalar;
use vgae_numerics::simd::vectorised;

/// Returns the sum for one row and replaces `y` by `coefficient * 2 (y - x)`.
pub fn forward_backward<T: Scalar>(x: &[T], y: &mut [T], coefficient: f64) -> f64 {
    const LANES: usize = 16;
    let scale = T::from_f64(2.0 * coefficient);
    let mut sums = [0.0f64; LANES];
    vectorised(
        #[inline(always)]
        || {
            for (y, x) in y.chunks_mut(LANES).zip(x.chunks(LANES)) {
                for ((y, &x), sum) in y.iter_mut().zip(x).zip(&mut sums) {
                    let off = *y - x;
                    *sum += (off * off).to_f64();
                    *y = scale * off;
                }
            }
        },
    );
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let (x, y) = (gradcheck::point(19, 1), gradcheck::point(19, 2));
        let mut d_y = y.clone();
        let sum = forward_backward(&x, &mut d_y, 0.3);
        let expected: f64 = x.iter().zip(&y).map(|(x, y)| (x - y).powi(2)).sum();
        assert!((sum - expected).abs() < 1e-12);
        gradcheck::assert_gradient("y", &y, &d_y, |y| {
            0.3 * forward_backward(&x, &mut y.to_vec(), 1.0)
        });
    }
}
