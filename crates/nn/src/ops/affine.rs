//! `Y = X W^T + b`, then `ReLU` if asked for, over a chunk of rows on one thread. `X` is `N x a`, `W` is
//! `b x a` (an output unit's weights are contiguous, as in `PyTorch`'s `nn.Linear`), `Y` is `N x b`.
//!
//! Backward: `d_X = d_Y W`, `d_W = d_Y^T X`, `d_b = sum of d_Y's rows`; where `Y` went through `ReLU`,
//! `d_Y` is first set to 0 where `Y` is not positive.
//!
//! `d_W` is cut between threads by its rows, the output units, over the whole batch: so there are no partial
//! sums, and the bits do not depend on the number of threads.

use std::ops::Range;

use vgae_numerics::Scalar;
use vgae_numerics::product::{View, multiply, multiply_within};
use vgae_numerics::simd::vectorised;

/// Columns of a row-major array of rows `stride` long.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Length of a row.
    pub stride: usize,
    /// The columns.
    pub of: Range<usize>,
}

impl Columns {
    fn view<'a, T: Scalar>(&self, rows: &'a [T]) -> View<'a, T> {
        let count = rows.len() / self.stride;
        View::columns(rows, self.stride, self.of.start, (count, self.of.len()))
    }
}

/// `y = x w^T + b`, `relu`: and `max(., 0)`; a NaN stays one.
pub fn forward<T: Scalar>(
    rows: &mut [T],
    x: &Columns,
    y: &Columns,
    weight: &[T],
    bias: &[T],
    relu: bool,
) {
    let w = View::new(weight, y.of.len(), x.of.len());
    multiply_within(rows, x.stride, x.of.start, w.t(), y.of.start);
    vectorised(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(y.stride) {
                for (y, &bias) in row[y.of.clone()].iter_mut().zip(bias) {
                    let sum = *y + bias;
                    *y = if relu && sum < T::ZERO { T::ZERO } else { sum };
                }
            }
        },
    );
}

/// `d_x = d_y w`; `relu_of`: the columns of `x`, if it is the output of a `ReLU`, so that `d_x` is of what
/// went into it.
pub fn backward_input<T: Scalar>(
    rows: &mut [T],
    d_y: &Columns,
    d_x: &Columns,
    relu_of: Option<&Columns>,
    weight: &[T],
) {
    let w = View::new(weight, d_y.of.len(), d_x.of.len());
    multiply_within(rows, d_y.stride, d_y.of.start, w, d_x.of.start);
    let Some(x) = relu_of else { return };
    // What is passed forward stands to the left of its gradient.
    vectorised(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(d_x.stride) {
                let (left, right) = row.split_at_mut(d_x.of.start);
                for (d, &x) in right[..d_x.of.len()].iter_mut().zip(&left[x.of.clone()]) {
                    *d = if x > T::ZERO { *d } else { T::ZERO };
                }
            }
        },
    );
}

/// `d_w` and `d_b` of the output units in `units`, over all rows of the batch.
pub fn backward_weight<T: Scalar>(
    batch: &[T],
    x: &Columns,
    d_y: &Columns,
    units: Range<usize>,
    d_weight: &mut [T],
    d_bias: &mut [T],
) {
    let d_y =
        Columns { stride: d_y.stride, of: d_y.of.start + units.start..d_y.of.start + units.end };
    multiply(d_y.view(batch).t(), x.view(batch), d_weight);
    vectorised(
        #[inline(always)]
        || {
            d_bias.fill(T::ZERO);
            for row in batch.chunks_exact(d_y.stride) {
                for (sum, &d) in d_bias.iter_mut().zip(&row[d_y.of.clone()]) {
                    *sum += d;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    /// Columns 0..3 are x, 3..5 y, 5..7 `d_y`, 7..10 `d_x`.
    fn columns(of: Range<usize>) -> Columns {
        Columns { stride: 10, of }
    }

    fn run(x: &[f64], w: &[f64], b: &[f64], relu: bool) -> Vec<f64> {
        let mut rows = vec![0.0; 5 * 10];
        for (row, x) in rows.chunks_exact_mut(10).zip(x.chunks_exact(3)) {
            row[..3].copy_from_slice(x);
        }
        forward(&mut rows, &columns(0..3), &columns(3..5), w, b, relu);
        rows
    }

    fn part(rows: &[f64], of: &Range<usize>) -> Vec<f64> {
        rows.chunks_exact(10).flat_map(|row| row[of.clone()].to_vec()).collect()
    }

    #[test]
    fn gradients() {
        let (x, w, b) = (gradcheck::point(15, 1), gradcheck::point(6, 2), gradcheck::point(2, 3));
        let pull = gradcheck::point(10, 4);
        for relu in [false, true] {
            let value = |x: &[f64], w: &[f64], b: &[f64]| {
                gradcheck::dot(&part(&run(x, w, b, relu), &(3..5)), &pull)
            };
            let mut rows = run(&x, &w, &b, relu);
            for (row, pull) in rows.chunks_exact_mut(10).zip(pull.chunks_exact(2)) {
                for k in 0..2 {
                    row[5 + k] = if relu && row[3 + k] <= 0.0 { 0.0 } else { pull[k] };
                }
            }
            backward_input(&mut rows, &columns(5..7), &columns(7..10), None, &w);
            let d_x = part(&rows, &(7..10));
            gradcheck::assert_gradient("x", &x, &d_x, |x| value(x, &w, &b));
            let (mut d_w, mut d_b) = ([0.0; 6], [0.0; 2]);
            for unit in 0..2 {
                let units = unit..unit + 1;
                let (d_w, d_b) = (&mut d_w[3 * unit..3 * unit + 3], &mut d_b[units.clone()]);
                backward_weight(&rows, &columns(0..3), &columns(5..7), units, d_w, d_b);
            }
            gradcheck::assert_gradient("w", &w, &d_w, |w| value(&x, w, &b));
            gradcheck::assert_gradient("b", &b, &d_b, |b| value(&x, &w, b));
            // The input as another ReLU's output: nothing passes where it is not positive.
            backward_input(&mut rows, &columns(5..7), &columns(7..10), Some(&columns(0..3)), &w);
            let masked = part(&rows, &(7..10));
            for ((masked, d_x), x) in masked.iter().zip(&d_x).zip(&x) {
                assert_eq!(masked.to_bits(), (if *x > 0.0 { *d_x } else { 0.0 }).to_bits());
            }
        }
    }
}
