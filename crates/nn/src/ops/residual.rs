//! `h = h + f`, any shape: a residual connection past what gave `f` (He et al. 2016, arXiv 1512.03385).
//!
//! Backward: the gradient goes both ways unchanged, so what comes back through `f` is added the same way.

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};

/// `sum += term`. Forward, and backward for gradients that meet.
pub fn add<T: Scalar>(chunks: &RowChunks, width: usize, term: &[T], sum: &mut [T]) {
    chunks.for_each(Rows::new(sum, width), |_, rows, sum| {
        for (sum, &term) in sum.data.iter_mut().zip(&term[rows.start * width..]) {
            *sum += term;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        // h + 3 h, so the gradient that comes back is the pull and three times the pull.
        let chunks = RowChunks::even(10, 3);
        let (x, pull) = (gradcheck::point(20, 1), gradcheck::point(20, 2));
        let thrice = |x: &[f64]| x.iter().map(|x| 3.0 * x).collect::<Vec<_>>();
        let mut d_x = pull.clone();
        add(&chunks, 2, &thrice(&pull), &mut d_x);
        gradcheck::assert_gradient("h", &x, &d_x, |x| {
            let mut y = x.to_vec();
            add(&chunks, 2, &thrice(x), &mut y);
            gradcheck::dot(&y, &pull)
        });
    }
}
