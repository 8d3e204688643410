//! `p_r = z_i * z_j`, entry by entry, of the pair `r = (i, j)`: `Z` is `N x d`, `P` has a row a pair.
//!
//! Backward: `d_z_i = sum of d_p_r * z_j over the pairs r of i with another node j`. A node gathers from its
//! pairs in their order and nothing is scattered, so the bits do not depend on the number of threads.

use vgae_artifacts::Pair;

use super::affine::Columns;
use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_numerics::simd::vectorised;

/// The pairs that each node is in.
#[derive(Debug)]
pub struct Meetings {
    starts: Vec<usize>,
    /// A pair's number and the other node.
    with: Vec<(u32, u32)>,
    chunks: RowChunks,
}

impl Meetings {
    /// Creates the products of `pairs` of two different nodes each.
    #[must_use]
    pub fn new(nodes: usize, pairs: &[Pair]) -> Self {
        let mut starts = vec![0usize; nodes + 1];
        for pair in pairs {
            starts[pair.src as usize + 1] += 1;
            starts[pair.dst as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut with = vec![(0, 0); starts[nodes]];
        for (number, pair) in (0..).zip(pairs) {
            for (node, other) in [(pair.src, pair.dst), (pair.dst, pair.src)] {
                let place = &mut next[node as usize];
                with[*place] = (number, other);
                *place += 1;
            }
        }
        Self { chunks: RowChunks::by_entries(&starts), starts, with }
    }

    /// Calls `gather` for each pair of each node, in the order of the pairs: with the node's row of `rows`, the
    /// number of the pair, and the other node. It must be inlined, see [`vectorised`].
    #[inline(always)]
    pub(super) fn for_each_node<T: Scalar>(
        &self,
        rows: Rows<'_, T>,
        gather: impl Fn(&mut [T], usize, u32) + Sync,
    ) {
        let width = rows.width;
        self.chunks.for_each(rows, |_, nodes, rows| {
            vectorised(
                #[inline(always)]
                || {
                    for (node, row) in nodes.zip(rows.data.chunks_exact_mut(width)) {
                        for &(pair, other) in &self.with[self.starts[node]..self.starts[node + 1]] {
                            gather(row, pair as usize, other);
                        }
                    }
                },
            );
        });
    }
}

/// Writes the products of `pairs` to columns `p` of `rows`, one row a pair.
pub fn forward<T: Scalar>((z, width): (&[T], usize), pairs: &[Pair], p: &Columns, rows: &mut [T]) {
    vectorised(
        #[inline(always)]
        || {
            for (row, pair) in rows.chunks_exact_mut(p.stride).zip(pairs) {
                let z_of = |node: u32| &z[node as usize * width..][..width];
                let products = row[p.of.clone()].iter_mut();
                for ((p, &a), &b) in products.zip(z_of(pair.src)).zip(z_of(pair.dst)) {
                    *p = a * b;
                }
            }
        },
    );
}

/// Writes `d_z` (`N x width`); columns `d_p` of `rows` hold the products' gradient.
pub fn backward<T: Scalar>(
    meetings: &Meetings,
    (z, width): (&[T], usize),
    d_p: &Columns,
    rows: &[T],
    d_z: &mut [T],
) {
    d_z.fill(T::ZERO);
    meetings.for_each_node(Rows::new(d_z, width), |d_z, pair, other| {
        let d_p = &rows[pair * d_p.stride..][d_p.of.clone()];
        let z = &z[other as usize * width..][..width];
        for ((d_z, &d_p), &z) in d_z.iter_mut().zip(d_p).zip(z) {
            *d_z = d_p.fused(z, *d_z);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let (nodes, width) = (6, 3);
        let pairs = [(0, 1), (0, 2), (2, 1), (4, 5), (1, 0)].map(|(a, b)| Pair::new(a, b));
        // One column before the products, one after.
        let p = Columns { stride: 5, of: 1..4 };
        let (z, pull) = (gradcheck::point(nodes * width, 1), gradcheck::point(5 * 5, 2));
        let mut d_z = vec![9.0; nodes * width];
        backward(&Meetings::new(nodes, &pairs), (&z, width), &p, &pull, &mut d_z);
        gradcheck::assert_gradient("Z", &z, &d_z, |z| {
            let mut rows = vec![0.0; 5 * 5];
            forward((z, width), &pairs, &p, &mut rows);
            gradcheck::dot(&rows, &pull)
        });
    }
}
