//! Personalised `PageRank` (Page et al. 1999; Jeh & Widom 2003): the distribution of a walk from `u` that at
//! each step returns to `u` with probability `RETURN`, and otherwise moves to a random neighbour. The score
//! of a pair is `pi_u(v) + pi_v(u)`.
//!
//! `pi_u = RETURN (I - (1 - RETURN) A D^-1)^-1 e_u`. With `S = D^-1/2 A D^-1/2` and the symmetric `G = RETURN
//! (I - (1 - RETURN) S)^-1` it is `pi_u(v) = sqrt(d_v / d_u) G_uv`, so one end is enough: `pi_u(v) + pi_v(u)
//! = (sqrt(d_v / d_u) + sqrt(d_u / d_v)) G_uv`.
//!
//! A column `x` of `G` solves `x = (1 - RETURN) S x + RETURN e_u`, and the eigenvalues of `rho S`, `rho = 1 -
//! RETURN`, lie in `-rho` to `rho`. With these bounds, the Chebyshev semi-iteration (Golub & Varga 1961,
//! Numer. Math. 3, 147-168) `x_k+1 = x_k-1 + w_k+1 (rho S x_k + RETURN e_u - x_k-1)` with `w_1 = 1`, `w_2 = 1
//! / (1 - rho^2 / 2)`, `w_k+1 = 1 / (1 - rho^2 w_k / 4)` reduces the error to at most `1 / cosh(k arcosh(1 /
//! rho))` after `k` steps, `2 x 1.796^-k`. This is the rate of conjugate gradients, without inner products,
//! so that several columns are computed in one pass over the edges without affecting each other. The stored
//! vector is `y = D^-1/2 x`, for which a step requires sums over neighbours only.

use super::by_source::{Asked, FromSources};
use vgae_numerics::simd::vectorised;
use vgae_numerics::{Adjacency, Scalar};

/// Return probability.
pub(super) const RETURN: f64 = 0.15;
/// Number of steps, for an error of at most 4.7e-8 in a column of unit length, below the rounding of `f32`.
const STEPS: usize = 30;
/// Number of columns per pass: one cache line.
const COLUMNS: usize = 16;

pub(super) struct PageRank<'a>(pub(super) &'a Adjacency);

/// Values of one node in all columns.
type Row = [f32; COLUMNS];

impl PageRank<'_> {
    fn degree(&self, node: usize) -> f64 {
        self.0.neighbours(node).len() as f64
    }

    /// Replaces `y_k-1` by `y_k+1`, except for the return to the sources.
    #[inline(always)]
    fn step(&self, weight: f32, y: &[Row], out: &mut [Row]) {
        for (node, out) in out.iter_mut().enumerate() {
            let neighbours = self.0.neighbours(node);
            let mut sum = [0.0; COLUMNS];
            for &other in neighbours {
                for (sum, y) in sum.iter_mut().zip(&y[other as usize]) {
                    *sum += y;
                }
            }
            let share = (1.0 - RETURN) / (neighbours.len().max(1)) as f64;
            let share = f32::from_f64(share);
            for (out, sum) in out.iter_mut().zip(sum) {
                *out += weight * (share * sum - *out);
            }
        }
    }
}

impl FromSources for PageRank<'_> {
    /// `D^-1/2 x` of two steps.
    type Scratch = [Vec<Row>; 2];
    const SIDE_BY_SIDE: usize = COLUMNS;

    fn scratch(&self) -> Self::Scratch {
        [(); 2].map(|()| vec![[0.0; COLUMNS]; self.0.nodes()])
    }

    fn score(&self, asked: &[Asked], [y, next]: &mut Self::Scratch) -> Vec<Vec<f64>> {
        y.fill([0.0; COLUMNS]);
        next.fill([0.0; COLUMNS]);
        let mut weight = 1.0;
        for step in 0..STEPS {
            vectorised(
                #[inline(always)]
                || self.step(f32::from_f64(weight), y, next),
            );
            for (column, Asked { source, .. }) in asked.iter().enumerate() {
                // The column is scaled by sqrt(d), which avoids the roots.
                next[*source][column] += f32::from_f64(weight * RETURN);
            }
            std::mem::swap(y, next);
            let square = (1.0 - RETURN) * (1.0 - RETURN);
            weight = 1.0 / (1.0 - square * weight / if step == 0 { 2.0 } else { 4.0 });
        }
        let score = |(column, asked): (usize, &Asked)| {
            let own = self.degree(asked.source);
            let score = |&target: &u32| {
                let other = self.degree(target as usize);
                if own == 0.0 {
                    0.0
                } else {
                    (own + other) / own * f64::from(y[target as usize][column])
                }
            };
            asked.targets.iter().map(score).collect()
        };
        asked.iter().enumerate().map(score).collect()
    }
}
