//! `y_i = s v_i / |v_i|`: rows scaled to one length `s`, in place, in the first `width` columns of each row of
//! `V` (`N x columns`); the others stay.
//!
//! Backward, with `u = y / s` the direction of a row: `d_v = s / |v| (d_y - u (u . d_y))`
//! `= s / |v| d_y - y (y . d_y) / (s |v|)`. A row of zeros has no direction: it stays, and has no gradient.

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_numerics::simd::{LANES, vectorised};

/// Below this length a row counts as zeros, as `PyTorch`'s `normalize` divides by no less.
const LEAST: f64 = 1e-12;

/// Row norms for the backward pass, with `s` and `width`.
pub struct Lengths<T> {
    width: usize,
    scale: f64,
    /// `1 / |v|`; 0 of a row of zeros.
    inverse: Vec<T>,
}

impl<T: Scalar> Lengths<T> {
    /// For `rows` rows to be scaled to `scale` in their first `width` columns.
    pub fn new(rows: usize, width: usize, scale: f64) -> Self {
        Self { width, scale, inverse: vec![T::ZERO; rows] }
    }
}

/// Scales `v`'s rows in place. A NaN or an infinity makes its row NaN.
pub fn forward<T: Scalar>(
    chunks: &RowChunks,
    columns: usize,
    lengths: &mut Lengths<T>,
    v: &mut [T],
) {
    let Lengths { width, scale, inverse } = lengths;
    let (width, scale) = (*width, T::from_f64(*scale));
    let out = (Rows::new(v, columns), Rows::new(inverse, 1));
    chunks.for_each(out, |_, _, (v, inverse)| {
        vectorised(
            #[inline(always)]
            || {
                for (v, inverse) in v.data.chunks_exact_mut(columns).zip(inverse.data) {
                    let v = &mut v[..width];
                    *inverse = inverse_length(dot(v, v));
                    let factor = scale * *inverse;
                    for v in v {
                        *v *= factor;
                    }
                }
            },
        );
    });
}

/// `y_i += c x_i / |x_i|` of matrices of `width` columns; a row of zeros adds nothing. Not differentiable here.
pub fn add<T: Scalar>(chunks: &RowChunks, width: usize, factor: T, x: &[T], y: &mut [T]) {
    chunks.for_each(Rows::new(y, width), |_, rows, y| {
        vectorised(
            #[inline(always)]
            || {
                let x = x[rows.start * width..rows.end * width].chunks_exact(width);
                for (y, x) in y.data.chunks_exact_mut(width).zip(x) {
                    let factor = factor * inverse_length(dot(x, x));
                    for (y, &x) in y.iter_mut().zip(x) {
                        *y = x.fused(factor, *y);
                    }
                }
            },
        );
    });
}

/// Turns the gradient of the output `y` into that of the input, in place.
pub fn backward<T: Scalar>(
    chunks: &RowChunks,
    columns: usize,
    lengths: &Lengths<T>,
    y: &[T],
    d: &mut [T],
) {
    let Lengths { width, scale, inverse } = lengths;
    let (width, scale, inverse_square) = (*width, T::from_f64(*scale), T::from_f64(scale.powi(-2)));
    chunks.for_each(Rows::new(d, columns), |_, rows, d| {
        let y = y[rows.start * columns..].chunks_exact(columns);
        vectorised(
            #[inline(always)]
            || {
                for ((d, y), &inverse) in
                    d.data.chunks_exact_mut(columns).zip(y).zip(&inverse[rows])
                {
                    let (d, y) = (&mut d[..width], &y[..width]);
                    let factor = scale * inverse;
                    let along = -(dot(y, d) * inverse_square);
                    for (d, &y) in d.iter_mut().zip(y) {
                        *d = factor * y.fused(along, *d);
                    }
                }
            },
        );
    });
}

#[inline(always)]
fn inverse_length<T: Scalar>(square: T) -> T {
    let length = square.to_f64().sqrt();
    if length < LEAST {
        T::ZERO
    } else if length.is_finite() {
        T::from_f64(1.0 / length)
    } else {
        T::from_f64(f64::NAN)
    }
}

/// The inner product, in as many sums as there are lanes: the same bits on every processor.
#[inline(always)]
fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let (a_lanes, b_lanes) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a_lanes.0.iter().zip(b_lanes.0) {
        for lane in 0..LANES {
            sums[lane] = a[lane].fused(b[lane], sums[lane]);
        }
    }
    for ((sum, &a), &b) in sums.iter_mut().zip(a_lanes.1).zip(b_lanes.1) {
        *sum = a.fused(b, *sum);
    }
    sums.iter().fold(T::ZERO, |sum, &lane| sum + lane)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use vgae_testing::gradcheck;

    fn scaled<T: Scalar>(
        v: &[T],
        columns: usize,
        width: usize,
        scale: f64,
    ) -> (Vec<T>, Lengths<T>) {
        let rows = v.len() / columns;
        let mut lengths = Lengths::new(rows, width, scale);
        let mut y = v.to_vec();
        forward(&RowChunks::even(rows, 2), columns, &mut lengths, &mut y);
        (y, lengths)
    }

    #[test]
    fn gradient() {
        let (rows, scale) = (5, 1.8);
        for (columns, width) in [(3, 3), (8, 4), (42, 21)] {
            let (v, pull) =
                (gradcheck::point(rows * columns, 1), gradcheck::point(rows * columns, 2));
            let (y, lengths) = scaled(&v, columns, width, scale);
            let mut d = pull.clone();
            backward(&RowChunks::even(rows, 2), columns, &lengths, &y, &mut d);
            gradcheck::assert_gradient("v", &v, &d, |v| {
                gradcheck::dot(&scaled(v, columns, width, scale).0, &pull)
            });
        }
    }

    #[test]
    fn a_row_of_zeros_stays_and_what_is_not_finite_shows() {
        let (y, lengths) = scaled(&[0.0f32, 0.0, 1e30, 0.0, f32::NAN, 1.0], 2, 2, 1.8);
        assert!(y[..2] == [0.0, 0.0] && y[2..].iter().all(|y| y.is_nan()), "{y:?}");
        let mut d = [1.0f32; 6];
        backward(&RowChunks::even(3, 1), 2, &lengths, &y, &mut d);
        assert!(d[..2] == [0.0, 0.0], "{d:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// The naive twin: each row by itself, in f64.
        #[test]
        fn rows_have_the_length_asked_for(
            (columns, width) in (1usize..70).prop_flat_map(|columns| (Just(columns), 1..=columns)),
            salt in 0u64..100,
            scale in 0.1f64..5.0,
        ) {
            let v: Vec<f32> =
                gradcheck::point(7 * columns, salt).into_iter().map(Scalar::from_f64).collect();
            let (y, _) = scaled(&v, columns, width, scale);
            for (y, v) in y.chunks(columns).zip(v.chunks(columns)) {
                let length =
                    v[..width].iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
                for (at, (&y, &v)) in y.iter().zip(v).enumerate() {
                    let factor = if at < width { scale / length } else { 1.0 };
                    // A few roundings of f32.
                    prop_assert!((f64::from(y) - factor * f64::from(v)).abs() < 3e-6);
                }
            }
        }
    }
}
