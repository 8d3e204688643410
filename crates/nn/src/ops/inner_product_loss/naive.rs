//! The loss pair by pair in `f64`: the oracle of the fast forms, and what gradient checks run.

use super::AllPairs;
use super::batch::{Batch, Term, TermSum};
use vgae_numerics::Scalar;

/// The oracle of [`TiledPairs`](super::TiledPairs): every pair by itself.
pub struct NaivePairs {
    width: usize,
}

impl<T: Scalar> AllPairs<T> for NaivePairs {
    fn new(_: usize, width: usize) -> Self {
        Self { width }
    }

    fn forward_backward(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64 {
        let mut sum = 0.0;
        for (z_i, d_i) in z.chunks_exact(self.width).zip(d_z.chunks_exact_mut(self.width)) {
            let mut row = vec![0.0; self.width];
            for z_j in z.chunks_exact(self.width) {
                let pair = Logit::of(z_i, z_j);
                sum += pair.softplus;
                for (row, z) in row.iter_mut().zip(z_j) {
                    *row += pair.sigmoid * z.to_f64();
                }
            }
            for (d, row) in d_i.iter_mut().zip(row) {
                *d = T::from_f64(scale * row);
            }
        }
        sum
    }
}

/// Functions of one logit for the loss, in `f64`, without overflow or cancellation.
struct Logit {
    /// `ln(1 + e^s)`.
    softplus: f64,
    /// `ln(1 + e^-s)`.
    softplus_of_minus: f64,
    /// `1 / (1 + e^-s)`.
    sigmoid: f64,
    /// `1 - sigmoid`.
    sigmoid_of_minus: f64,
}

impl Logit {
    #[inline(always)]
    fn of<T: Scalar>(z_i: &[T], z_j: &[T]) -> Self {
        let mut s = 0.0;
        for (a, b) in z_i.iter().zip(z_j) {
            s = a.to_f64().mul_add(b.to_f64(), s);
        }
        let e = (-s.abs()).exp();
        let (log, large, small) = (e.ln_1p(), 1.0 / (1.0 + e), e / (1.0 + e));
        let (sigmoid, sigmoid_of_minus) = if s >= 0.0 { (large, small) } else { (small, large) };
        // `s.max(0.0)` would hide a NaN.
        let (positive, negative) = if s >= 0.0 { (s, 0.0) } else { (0.0 * s, -s) };
        let (softplus, softplus_of_minus) = (positive + log, negative + log);
        Self { softplus, softplus_of_minus, sigmoid, sigmoid_of_minus }
    }
}

/// The oracle of [`batch::in_f32`](super::batch::in_f32).
pub fn in_f64(batch: Batch<'_, f64>, sum: &mut TermSum) {
    let Batch { z, width, term, scale, pairs, first_row, d_rows } = batch;
    for &(row, column) in pairs {
        let z_of = |node: usize| &z[node * width..][..width];
        let pair = Logit::of(z_of(row), z_of(column));
        let (value, slope) = match term {
            Term::Any => (pair.softplus, pair.sigmoid),
            Term::Positive { weight } => (
                weight * pair.softplus_of_minus - pair.softplus,
                -(weight * pair.sigmoid_of_minus + pair.sigmoid),
            ),
        };
        sum.value += value;
        let d_row = &mut d_rows[(row - first_row) * width..][..width];
        for (d, &z) in d_row.iter_mut().zip(z_of(column)) {
            *d = z.mul_add(scale * slope, *d);
        }
    }
}
