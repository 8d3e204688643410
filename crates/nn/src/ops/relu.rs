//! `y = max(x, 0)`, in place, any shape.
//!
//! Backward: `d_x = d_y where y > 0, else 0`. At the kink the derivative is taken as 0, as `PyTorch` does.

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};

/// `x = max(x, 0)`; a NaN stays one, so that a training that went wrong is noticed.
pub fn forward<T: Scalar>(chunks: &RowChunks, width: usize, x: &mut [T]) {
    chunks.for_each(Rows::new(x, width), |_, _, x| {
        for x in x.data {
            *x = if *x < T::ZERO { T::ZERO } else { *x };
        }
    });
}

/// `d = 0` where the output `y` is not positive.
pub fn backward<T: Scalar>(chunks: &RowChunks, width: usize, y: &[T], d: &mut [T]) {
    chunks.for_each(Rows::new(d, width), |_, rows, d| {
        for (d, y) in d.data.iter_mut().zip(&y[rows.start * width..]) {
            *d = if *y > T::ZERO { *d } else { T::ZERO };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let chunks = RowChunks::even(10, 3);
        // Away from the kink.
        let x: Vec<f64> = gradcheck::point(20, 1).iter().map(|x| x + 0.1 * x.signum()).collect();
        let pull = gradcheck::point(20, 2);
        let forward = |x: &[f64]| {
            let mut y = x.to_vec();
            forward(&chunks, 2, &mut y);
            y
        };
        let mut d_x = pull.clone();
        backward(&chunks, 2, &forward(&x), &mut d_x);
        gradcheck::assert_gradient("x", &x, &d_x, |x| gradcheck::dot(&forward(x), &pull));
    }
}
