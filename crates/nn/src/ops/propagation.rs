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
//!
//! In a directed graph `A_hat = D^-1 (A_train + I)`, `D` the out-degrees of `A_train + I`: a node averages over itself and
//! its targets (Salha et al. 2019, arXiv 1905.09570, section 3.3.1). Backward: `d_X = A_hat^T d_Y`.

use std::sync::Arc;

use crate::ops::Kernels;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::Rows;

/// `A_hat` of a graph.
#[derive(Debug)]
pub struct Propagation<T> {
    adjacency: Arc<Adjacency>,
    /// `D^-1/2`, or `D^-1` in a directed graph.
    scale: Vec<T>,
}

impl<T: Kernels> Propagation<T> {
    /// The normalised adjacency of a graph.
    #[must_use]
    pub fn new(adjacency: Arc<Adjacency>) -> Self {
        let is_directed = adjacency.transposed().is_some();
        let scale = (0..adjacency.nodes())
            .map(|node| {
                let degree = match adjacency.weights(node) {
                    None => (adjacency.neighbours(node).len() + 1) as f64,
                    Some(weights) => {
                        1.0 + weights.iter().map(|&weight| f64::from(weight).abs()).sum::<f64>()
                    }
                };
                T::from_f64(1.0 / if is_directed { degree } else { degree.sqrt() })
            })
            .collect();
        Self { adjacency, scale }
    }

    /// `r = D^-1/2`, a value per node of an undirected graph.
    #[must_use]
    pub fn inverse_root_degrees(&self) -> &[T] {
        &self.scale
    }

    /// `y = A_hat x`, both `N x width`.
    pub fn apply(&self, x: &[T], width: usize, y: &mut [T]) {
        if self.adjacency.is_weighted() {
            return self.apply_weighted(x, width, y);
        }
        if self.adjacency.transposed().is_some() {
            let one = T::ONE;
            return Self::apply_directed(
                &self.adjacency,
                (x, width),
                |_| one,
                |node| self.scale[node],
                y,
            );
        }
        let scale = &self.scale[..];
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

    /// `y = A_hat^T x`, both `N x width`: the backward pass.
    pub fn apply_transposed(&self, x: &[T], width: usize, y: &mut [T]) {
        match self.adjacency.transposed() {
            None => self.apply(x, width, y),
            Some(sources) => {
                let one = T::ONE;
                Self::apply_directed(sources, (x, width), |node| self.scale[node], |_| one, y);
            }
        }
    }

    /// `y_i = outer(i) (inner(i) x_i + sum over the entries j of row i of inner(j) x_j)`.
    fn apply_directed(
        adjacency: &Adjacency,
        x: (&[T], usize),
        inner: impl Fn(usize) -> T + Sync,
        outer: impl Fn(usize) -> T + Sync,
        y: &mut [T],
    ) {
        adjacency.chunks.for_each(Rows::new(y, x.1), |_, rows, y| {
            let entries = |node: usize| {
                let inner = &inner;
                let others = adjacency.neighbours(node).iter().map(|&j| j as usize);
                std::iter::once(node).chain(others).map(move |j| (j, inner(j)))
            };
            T::row_sums(rows, x, y.data, entries, &outer);
        });
    }

    fn apply_weighted(&self, x: &[T], width: usize, y: &mut [T]) {
        let scale = &self.scale[..];
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

/// `Y = A_hat^k X`, `k` at least 1, for one width. Backward: `d_X = (A_hat^T)^k d_Y`.
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

    /// `y = A_hat^k x`, both `N x width`.
    pub fn apply(&mut self, x: &[T], y: &mut [T]) {
        self.repeat(Propagation::apply, x, y);
    }

    /// `y = (A_hat^T)^k x`, both `N x width`: the backward pass.
    pub fn apply_transposed(&mut self, x: &[T], y: &mut [T]) {
        self.repeat(Propagation::apply_transposed, x, y);
    }

    fn repeat(
        &mut self,
        apply: impl Fn(&Propagation<T>, &[T], usize, &mut [T]),
        x: &[T],
        y: &mut [T],
    ) {
        let Self { once, times, width, between } = self;
        apply(once, x, *width, y);
        for _ in 1..*times {
            between.copy_from_slice(y);
            apply(once, between, *width, y);
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

    /// 0 -> 1, 0 -> 2, 2 -> 1, and 3 alone.
    fn directed() -> Propagation<f64> {
        let edges = [(0, 1), (0, 2), (2, 1)].map(|(src, dst)| vgae_artifacts::Pair::new(src, dst));
        Propagation::new(Arc::new(Adjacency::directed(4, &edges)))
    }

    #[test]
    fn nodes_of_a_directed_graph_average_over_their_targets() {
        let identity: Vec<f64> = (0..16).map(|at| if at % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let mut dense = vec![0.0; 16];
        directed().apply(&identity, 4, &mut dense);
        let third = 1.0 / 3.0;
        #[rustfmt::skip]
        let expected = [
            third, third, third, 0.0,
            0.0,   1.0,   0.0,   0.0,
            0.0,   0.5,   0.5,   0.0,
            0.0,   0.0,   0.0,   1.0,
        ];
        for (found, expected) in dense.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{dense:?}");
        }
    }

    #[test]
    fn gradient() {
        for a_hat in [path_of_four(), directed()] {
            let width = 3;
            let (x, pull) = (gradcheck::point(4 * width, 1), gradcheck::point(4 * width, 2));
            let mut d_x = vec![0.0; 4 * width];
            a_hat.apply_transposed(&pull, width, &mut d_x);
            gradcheck::assert_gradient("X", &x, &d_x, |x| {
                let mut y = vec![0.0; 4 * width];
                a_hat.apply(x, width, &mut y);
                gradcheck::dot(&y, &pull)
            });
        }
    }
}
