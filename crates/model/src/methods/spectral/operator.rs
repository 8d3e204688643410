//! The operator `S = D^-1/2 A D^-1/2`: the normalised adjacency, with the same eigenvectors as the symmetric
//! normalised Laplacian `L = I - S` (Chung 1997, section 1.2). With regularisation (Amini et al. 2013, arXiv
//! 1207.2340), `A + tau/N 1 1^T` replaces `A` and `D + tau` replaces `D`; the rank-one part is a sum over
//! nodes, so that no `N x N` matrix is stored.
//!
//! A node without edges has a zero row in `S` and therefore eigenvalue 1 of `L` (0 in Chung): its indicator
//! vector carries no information about pairs and takes none of the dimensions.
//!
//! Eigenvectors of eigenvalue 0 of `L` are known without a solver. Without regularisation, each component of
//! two nodes or more has one, `sqrt(degree)` on the component; with regularisation, the graph is one
//! component.

use std::sync::Arc;

use crate::methods::spectral::{Regularisation, SpectralConfig};
use vgae_nn::ops::row_sum;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::simd::vectorised;
use vgae_numerics::{Adjacency, Components};

/// Normalised adjacency of a graph.
#[derive(Debug)]
pub(super) struct NormalisedAdjacency {
    adjacency: Arc<Adjacency>,
    /// Degrees, including `tau`.
    degrees: Vec<f64>,
    /// `D^-1/2`, 0 where the degree is 0.
    inverse_root: Vec<f64>,
    /// `tau / N`, the weight added to every pair; 0 without regularisation.
    everywhere: f64,
    /// Chunks for sums over all rows.
    chunks: RowChunks,
}

/// Coefficients of `out = product * S x + same * x + before * previous`.
#[derive(Clone, Copy)]
pub(super) struct Combination {
    pub(super) product: f64,
    pub(super) same: f64,
    pub(super) before: f64,
}

impl NormalisedAdjacency {
    pub(super) fn new(adjacency: Arc<Adjacency>, config: &SpectralConfig) -> Self {
        let nodes = adjacency.nodes();
        let tau = match config.regularisation {
            Regularisation::None => 0.0,
            Regularisation::Amini => {
                config.strength * 2.0 * adjacency.edges() as f64 / nodes as f64
            }
        };
        let degrees: Vec<f64> =
            (0..nodes).map(|node| adjacency.neighbours(node).len() as f64 + tau).collect();
        let inverse_root = degrees
            .iter()
            .map(|&degree| if degree > 0.0 { 1.0 / degree.sqrt() } else { 0.0 })
            .collect();
        Self {
            degrees,
            inverse_root,
            everywhere: tau / nodes as f64,
            chunks: RowChunks::even(nodes, nodes.div_ceil(16).max(256)),
            adjacency,
        }
    }

    /// Returns the number of nodes, `N`.
    pub(super) fn nodes(&self) -> usize {
        self.degrees.len()
    }

    /// Returns the degrees, of the regularised graph if applicable.
    pub(super) fn degrees(&self) -> &[f64] {
        &self.degrees
    }

    /// Returns a fixed partition of the rows, for sums over rows.
    pub(super) fn chunks(&self) -> &RowChunks {
        &self.chunks
    }

    /// Computes `out = S x`, both `N x width`, row-major.
    pub(super) fn apply(&self, x: &[f64], width: usize, out: &mut [f64]) {
        let only = Combination { product: 1.0, same: 0.0, before: 0.0 };
        self.combine(only, x, x, width, out);
    }

    /// Computes one step of a recurrence in `S`; all matrices are `N x width`, row-major.
    pub(super) fn combine(
        &self,
        combination: Combination,
        x: &[f64],
        previous: &[f64],
        width: usize,
        out: &mut [f64],
    ) {
        let Combination { product, same, before } = combination;
        let (scale, everyone) = (&self.inverse_root[..], self.everyone(x, width));
        self.adjacency.chunks.for_each(Rows::new(out, width), |_, rows, out| {
            vectorised(
                #[inline(always)]
                || {
                    for (node, out) in rows.zip(out.data.chunks_exact_mut(width)) {
                        row_sum::in_f64(
                            node..node + 1,
                            (x, width),
                            &mut *out,
                            #[inline(always)]
                            |node| {
                                self.adjacency.neighbours(node).iter().map(
                                    #[inline(always)]
                                    |&j| (j as usize, scale[j as usize]),
                                )
                            },
                            #[inline(always)]
                            |_| 1.0,
                        );
                        let at = node * width;
                        let factor = product * scale[node];
                        let (x, previous) = (&x[at..at + width], &previous[at..at + width]);
                        for k in 0..width {
                            out[k] = factor * (out[k] + everyone[k])
                                + same * x[k]
                                + before * previous[k];
                        }
                    }
                },
            );
        });
    }

    /// Returns `tau/N 1^T D^-1/2 x`: the unscaled contribution of the rank-one part to every row.
    fn everyone(&self, x: &[f64], width: usize) -> Vec<f64> {
        let mut total = vec![0.0; width];
        if self.everywhere == 0.0 {
            return total;
        }
        let mut partial = vec![0.0; self.chunks.len() * width];
        let out = PerChunk { size: width, data: partial.as_mut_slice() };
        self.chunks.for_each(out, |_, rows, sum| {
            for (node, x) in rows.clone().zip(x[rows.start * width..].chunks_exact(width)) {
                for (sum, x) in sum.data.iter_mut().zip(x) {
                    *sum += self.everywhere * self.inverse_root[node] * x;
                }
            }
        });
        for part in partial.chunks_exact(width) {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
        total
    }

    /// Returns the eigenvectors of eigenvalue 0 of `L`, which need no solver.
    pub(super) fn null_vectors(&self) -> NullVectors {
        let component = if self.everywhere > 0.0 {
            vec![Some(0); self.nodes()]
        } else {
            components(&self.adjacency)
        };
        let count = component.iter().flatten().max().map_or(0, |&last| last + 1);
        let mut sums = vec![0.0; count];
        for (component, degree) in component.iter().zip(&self.degrees) {
            if let Some(component) = component {
                sums[*component] += degree;
            }
        }
        let value = |(component, degree): (&Option<usize>, &f64)| {
            component.map_or(0.0, |component| (degree / sums[component]).sqrt())
        };
        let values = component.iter().zip(&self.degrees).map(value).collect();
        NullVectors { count, component, values }
    }
}

/// Unit vectors with disjoint supports: vector `c` is `values` where `component` is `c`.
#[derive(Debug)]
pub(super) struct NullVectors {
    pub(super) count: usize,
    pub(super) component: Vec<Option<usize>>,
    pub(super) values: Vec<f64>,
}

impl NullVectors {
    /// Projects each column of `x` (`N x width`) onto the orthogonal complement of these vectors.
    pub(super) fn project_out(&self, x: &mut [f64], width: usize) {
        let mut along = vec![0.0; self.count * width];
        for ((component, value), x) in self.component.iter().zip(&self.values).zip(x.chunks(width))
        {
            let Some(component) = component else { continue };
            for (along, x) in along[component * width..].iter_mut().zip(x) {
                *along += value * x;
            }
        }
        for ((component, value), x) in
            self.component.iter().zip(&self.values).zip(x.chunks_mut(width))
        {
            let Some(component) = component else { continue };
            for (x, along) in x.iter_mut().zip(&along[component * width..]) {
                *x -= value * along;
            }
        }
    }
}

/// Returns the component of each node, numbered by decreasing size, ties by their first node; `None` for a
/// node without edges.
fn components(adjacency: &Adjacency) -> Vec<Option<usize>> {
    let Components { of, sizes } = adjacency.components();
    let mut order: Vec<usize> = (0..sizes.len()).filter(|&found| sizes[found] > 1).collect();
    order.sort_by_key(|&found| std::cmp::Reverse(sizes[found]));
    let mut number = vec![None; sizes.len()];
    for (rank, found) in order.into_iter().enumerate() {
        number[found] = Some(rank);
    }
    of.into_iter().map(|found| number[found as usize]).collect()
}
