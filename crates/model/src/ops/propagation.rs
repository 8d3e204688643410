//! `Y = A_hat X`, `A_hat = D^-1/2 (A_train + I) D^-1/2`, `D` the degrees of `A_train + I`: one step of
//! message passing (Kipf & Welling 2017, arXiv 1609.02907, eq. 2). `X` and `Y` are `N x d`.
//!
//! Rows are scaled before and after the sum, so no weight is stored for an edge:
//! `y_i = r_i (r_i x_i + sum over neighbours j of r_j x_j)`, `r = D^-1/2`.
//!
//! Backward: `A_hat` is symmetric, so `d_X = A_hat d_Y`.

use std::sync::Arc;

use crate::graph::Adjacency;
use crate::parallel::Rows;
use crate::scalar::Scalar;

/// `A_hat` of a graph.
#[derive(Debug)]
pub(crate) struct Propagation<T> {
    adjacency: Arc<Adjacency>,
    inverse_root_degree: Vec<T>,
}

impl<T: Scalar> Propagation<T> {
    pub(crate) fn new(adjacency: Arc<Adjacency>) -> Self {
        let inverse_root_degree = (0..adjacency.nodes())
            .map(|node| {
                let degree = adjacency.neighbours(node).len() + 1;
                T::from_f64(1.0 / (degree as f64).sqrt())
            })
            .collect();
        Self { adjacency, inverse_root_degree }
    }

    /// `y = A_hat x`, both `N x width`. Forward and backward.
    pub(crate) fn apply(&self, x: &[T], width: usize, y: &mut [T]) {
        let scale = &self.inverse_root_degree[..];
        self.adjacency.chunks.for_each(Rows::new(y, width), |_, rows, y| {
            T::row_sums(
                rows,
                (x, width),
                y.data,
                #[inline(always)]
                |node| {
                    let neighbours = self.adjacency.neighbours(node).iter().map(
                        #[inline(always)]
                        |&j| (j as usize, scale[j as usize]),
                    );
                    std::iter::once((node, scale[node])).chain(neighbours)
                },
                #[inline(always)]
                |node| scale[node],
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck;
    use crate::testing::split_of;

    fn path_of_four() -> Propagation<f64> {
        // 0 - 1 - 2, and 3 alone.
        let split = split_of(4, &[(0, 1), (1, 2)]);
        Propagation::new(Arc::new(Adjacency::new(split.train_view())))
    }

    #[test]
    fn is_the_normalised_adjacency() {
        let a_hat = path_of_four();
        let identity: Vec<f64> = (0..16).map(|at| if at % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let mut dense = vec![0.0; 16];
        a_hat.apply(&identity, 4, &mut dense);
        let side = 1.0 / 6f64.sqrt();
        #[rustfmt::skip]
        let expected = [
            0.5,  side,      0.0,  0.0,
            side, 1.0 / 3.0, side, 0.0,
            0.0,  side,      0.5,  0.0,
            0.0,  0.0,       0.0,  1.0,
        ];
        for (found, expected) in dense.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{dense:?}");
        }
    }

    #[test]
    fn gradient() {
        let (a_hat, width) = (path_of_four(), 3);
        let (x, pull) = (gradcheck::point(4 * width, 1), gradcheck::point(4 * width, 2));
        let mut d_x = vec![0.0; 4 * width];
        a_hat.apply(&pull, width, &mut d_x);
        gradcheck::assert_gradient("X", &x, &d_x, |x| {
            let mut y = vec![0.0; 4 * width];
            a_hat.apply(x, width, &mut y);
            gradcheck::dot(&y, &pull)
        });
    }
}
