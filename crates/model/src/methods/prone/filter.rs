//! Spectral propagation: a Chebyshev expansion of a band-pass filter.
//!
//! With the eigenvalues `l` of `L = I - D^-1 (A + I)`, vectors are multiplied by `1 - e^(-s ((l - m)^2 / 2 - 1))` and by
//! `A_hat`. As `e^(-s y) = I_0(s) + 2 sum over i of (-1)^i I_i(s) T_i(y)`, with modified Bessel functions `I_i` and
//! Chebyshev polynomials `T_i`, each term takes two propagations: `T_(i+1)(y) = 2 y T_i(y) - T_(i-1)(y)`.

use vgae_nn::ops::propagation::Propagation;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_numerics::simd::vectorised;

use super::steps::{Steps, to_f32};
use crate::ModelError;

/// Columns that are filtered at a time, which limits the memory.
const PANEL: usize = 64;

/// The filter, for matrices whose rows are scaled by `D^1/2`: `A_hat` is similar to `D^-1 (A + I)`.
#[derive(Debug)]
pub(super) struct BandPass {
    /// `1 - m`: `L - m` is this minus `A_hat`.
    shift: f32,
    /// Coefficients of the Chebyshev polynomials.
    coefficients: Vec<f32>,
}

impl BandPass {
    /// Creates the filter from `order` terms with the centre `m` and the scale `s`.
    pub(super) fn new(order: usize, centre: f64, scale: f64) -> Self {
        let term = |at: usize| {
            let sign = if at.is_multiple_of(2) { 1.0 } else { -1.0 };
            let twice = if at == 0 { 1.0 } else { 2.0 };
            // 1 - e^(-s y).
            to_f32(if at == 0 { 1.0 } else { 0.0 } - sign * twice * bessel(at, scale))
        };
        Self { shift: to_f32(1.0 - centre), coefficients: (0..order).map(term).collect() }
    }

    /// Replaces `x` (`N x width`) by `A_hat f(A_hat) x`.
    pub(super) fn apply(
        &self,
        propagation: &Propagation<f32>,
        width: usize,
        x: &mut [f32],
        steps: &mut Steps<'_>,
    ) -> Result<(), ModelError> {
        for start in (0..width).step_by(PANEL) {
            let columns = PANEL.min(width - start);
            let panel = x.chunks_exact(width).flat_map(|row| &row[start..start + columns]);
            let mut panel: Vec<f32> = panel.copied().collect();
            self.filter(propagation, columns, &mut panel, steps)?;
            for (row, panel) in x.chunks_exact_mut(width).zip(panel.chunks_exact(columns)) {
                row[start..start + columns].copy_from_slice(panel);
            }
        }
        Ok(())
    }

    fn filter(
        &self,
        propagation: &Propagation<f32>,
        width: usize,
        x: &mut Vec<f32>,
        steps: &mut Steps<'_>,
    ) -> Result<(), ModelError> {
        let rows = RowChunks::even(x.len() / width, 256);
        let mut sum: Vec<f32> = x.iter().map(|value| self.coefficients[0] * value).collect();
        let mut before = vec![0.0; x.len()];
        let (mut once, mut twice) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for (at, &coefficient) in self.coefficients.iter().enumerate().skip(1) {
            // `once = (L - m) x`, then the next polynomial in `before`.
            propagation.apply(x, width, &mut once);
            let shift = self.shift;
            rows.for_each(Rows::new(&mut once, width), |_, rows, once| {
                let x = &x[rows.start * width..rows.end * width];
                vectorised(
                    #[inline(always)]
                    || {
                        for (once, &x) in once.data.iter_mut().zip(x) {
                            *once = shift.mul_add(x, -*once);
                        }
                    },
                );
            });
            propagation.apply(&once, width, &mut twice);
            // `y = (L - m)^2 / 2 - 1`: `T_1 = y`, and from then on `2 y T_i - T_(i-1)`.
            let (square, same) = if at == 1 { (0.5, 1.0) } else { (1.0, 2.0) };
            let out = (Rows::new(&mut before, width), Rows::new(&mut sum, width));
            rows.for_each(out, |_, rows, (before, sum)| {
                let range = rows.start * width..rows.end * width;
                let (x, once, twice) = (&x[range.clone()], &once[range.clone()], &twice[range]);
                vectorised(
                    #[inline(always)]
                    || {
                        let products = x.iter().zip(once).zip(twice);
                        for ((before, sum), ((&x, &once), &twice)) in
                            before.data.iter_mut().zip(sum.data).zip(products)
                        {
                            let product = shift.mul_add(once, -twice);
                            let next = square * product - same * x - *before;
                            *before = next;
                            *sum = coefficient.mul_add(next, *sum);
                        }
                    },
                );
            });
            std::mem::swap(x, &mut before);
            steps.done()?;
        }
        propagation.apply(&sum, width, x);
        steps.done()
    }
}

/// Modified Bessel function of the first kind, `I_order(x)`, by its power series.
fn bessel(order: usize, x: f64) -> f64 {
    let half = 0.5 * x;
    let first = (1..=order).fold(1.0, |term, at| term * half / at as f64);
    let (mut term, mut sum) = (first, first);
    for at in 1..200 {
        term *= half * half / (at as f64 * (at + order) as f64);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_functions_are_those_of_tables() {
        // SciPy 1.17.
        for (order, x, expected) in [
            (0, 0.5, 1.063_483_370_741_324),
            (1, 0.5, 0.257_894_305_390_896_3),
            (2, 0.5, 0.031_906_149_177_738_25),
            (0, 10.0, 2_815.716_628_466_254),
            (4, 10.0, 1_226.490_537_759_492),
        ] {
            let found = bessel(order, x);
            assert!((found / expected - 1.0).abs() < 1e-13, "{order} {x}: {found}");
        }
    }

    #[test]
    fn the_expansion_is_the_function() {
        let filter = BandPass::new(20, 0.3, 1.5);
        for step in 0..=40 {
            // Both ends of the spectrum of L.
            let l = 0.05 * f64::from(step);
            let y = 0.5 * (l - 0.3) * (l - 0.3) - 1.0;
            // T_-1 = T_1.
            let (mut before, mut now) = (y, 1.0);
            let mut sum = f64::from(filter.coefficients[0]);
            for &coefficient in &filter.coefficients[1..] {
                (before, now) = (now, 2.0 * y * now - before);
                sum += f64::from(coefficient) * now;
            }
            assert!((sum - (1.0 - (-1.5 * y).exp())).abs() < 1e-5, "{l}: {sum}");
        }
    }
}
