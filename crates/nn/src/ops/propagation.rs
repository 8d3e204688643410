//! `Y = A_hat X`, `A_hat = D^-1/2 (A_train + I) D^-1/2`, `D` the degrees of `A_train + I`: one step of
//! message passing (Kipf & Welling 2017, arXiv 1609.02907, eq. 2). `X` and `Y` are `N x d`.
//!
//! Rows are scaled before and after the sum, so no weight is stored for an edge:
//! `y_i = r_i (r_i x_i + sum over neighbours j of r_j x_j)`, `r = D^-1/2`.
//!
//! Where edges have weights, `A_train` holds them, and `D` the sums of their absolute values plus 1 (as of a
//! signed graph: a negative weight must not empty a degree). Then `r_j x_j` is multiplied by the edge's weight.
//!
//! Backward: `A_hat` is symmetric, so `d_X = A_hat d_Y`.

use std::sync::Arc;

use crate::ops::Kernels;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::Rows;

/// `A_hat` of a graph.
#[derive(Debug)]
pub struct Propagation<T> {
    adjacency: Arc<Adjacency>,
    inverse_root_degree: Vec<T>,
}

impl<T: Kernels> Propagation<T> {
    /// The normalised adjacency of a graph.
    #[must_use]
    pub fn new(adjacency: Arc<Adjacency>) -> Self {
        let inverse_root_degree = (0..adjacency.nodes())
            .map(|node| {
                let degree = match adjacency.weights(node) {
                    None => (adjacency.neighbours(node).len() + 1) as f64,
                    Some(weights) => {
                        1.0 + weights.iter().map(|&weight| f64::from(weight).abs()).sum::<f64>()
                    }
                };
                T::from_f64(1.0 / degree.sqrt())
            })
            .collect();
        Self { adjacency, inverse_root_degree }
    }

    /// `r = D^-1/2`, a value per node.
    #[must_use]
    pub fn inverse_root_degrees(&self) -> &[T] {
        &self.inverse_root_degree
    }

    /// `y = A_hat x`, both `N x width`. Forward and backward.
    pub fn apply(&self, x: &[T], width: usize, y: &mut [T]) {
        if self.adjacency.is_weighted() {
            return self.apply_weighted(x, width, y);
        }
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

    fn apply_weighted(&self, x: &[T], width: usize, y: &mut [T]) {
        let scale = &self.inverse_root_degree[..];
        self.adjacency.chunks.for_each(Rows::new(y, width), |_, rows, y| {
            T::row_sums(
                rows,
                (x, width),
                y.data,
                #[inline(always)]
                |node| {
                    let weights = self.adjacency.weights(node).unwrap_or_default();
                    let neighbours = self.adjacency.neighbours(node).iter().zip(weights).map(
                        #[inline(always)]
                        |(&j, &weight)| {
                            let weight = T::from_f64(f64::from(weight));
                            (j as usize, scale[j as usize] * weight)
                        },
                    );
                    std::iter::once((node, scale[node])).chain(neighbours)
                },
                #[inline(always)]
                |node| scale[node],
            );
        });
    }
}

/// `Y = A_hat^k X`, `k` at least 1, for one width. Backward: `d_X = A_hat^k d_Y`.
#[derive(Debug)]
pub struct RepeatedPropagation<T> {
    once: Propagation<T>,
    times: u32,
    width: usize,
    /// `N x width`; empty if `k` is 1.
    between: Vec<T>,
}

impl<T: Kernels> RepeatedPropagation<T> {
    /// `times` hops for matrices of `width` columns.
    #[must_use]
    pub fn new(adjacency: Arc<Adjacency>, times: u32, width: usize) -> Self {
        let between = vec![T::ZERO; if times > 1 { adjacency.nodes() * width } else { 0 }];
        Self { once: Propagation::new(adjacency), times, width, between }
    }

    /// Goes on with another graph of the same nodes.
    pub fn pass_over(&mut self, adjacency: Arc<Adjacency>) {
        self.once = Propagation::new(adjacency);
    }

    /// `y = A_hat^k x`, both `N x width`. Forward and backward.
    pub fn apply(&mut self, x: &[T], y: &mut [T]) {
        let Self { once, times, width, between } = self;
        once.apply(x, *width, y);
        for _ in 1..*times {
            between.copy_from_slice(y);
            once.apply(between, *width, y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;
    use vgae_testing::split_of;

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

    fn weighted(weights: &[f32]) -> Propagation<f64> {
        let split = split_of(4, &[(0, 1), (1, 2)]).with_train_weights(weights.to_vec());
        Propagation::new(Arc::new(Adjacency::new(split.expect("two weights").train_view())))
    }

    /// The naive twin: a dense matrix by the formula.
    #[test]
    fn weights_stand_in_the_adjacency_and_their_sizes_in_the_degrees() {
        let identity: Vec<f64> = (0..16).map(|at| if at % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let dense = |a_hat: &Propagation<f64>| {
            let mut dense = vec![0.0; 16];
            a_hat.apply(&identity, 4, &mut dense);
            dense
        };
        assert_eq!(dense(&weighted(&[1.0, 1.0])), dense(&path_of_four()), "the same bits");

        let (a, b) = (2.5, -0.5);
        #[rustfmt::skip]
        let adjacency = [
            1.0, a,   0.0, 0.0,
            a,   1.0, b,   0.0,
            0.0, b,   1.0, 0.0,
            0.0, 0.0, 0.0, 1.0f64,
        ];
        let degree: Vec<f64> =
            adjacency.chunks(4).map(|row| row.iter().map(|weight| weight.abs()).sum()).collect();
        let found = dense(&weighted(&[2.5, -0.5]));
        for (at, found) in found.iter().enumerate() {
            let expected = adjacency[at] / (degree[at / 4] * degree[at % 4]).sqrt();
            assert!((found - expected).abs() < 1e-15, "{at}: {found} for {expected}");
        }
    }

    #[test]
    fn repeated_is_one_after_the_other() {
        let split = split_of(4, &[(0, 1), (1, 2)]);
        let adjacency = Arc::new(Adjacency::new(split.train_view()));
        let once = path_of_four();
        let mut expected = gradcheck::point(12, 1);
        for times in 1..=3 {
            let mut y = vec![0.0; 12];
            once.apply(&expected, 3, &mut y);
            expected = y;
            let mut found = vec![0.0; 12];
            RepeatedPropagation::new(Arc::clone(&adjacency), times, 3)
                .apply(&gradcheck::point(12, 1), &mut found);
            assert_eq!(found, expected);
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
