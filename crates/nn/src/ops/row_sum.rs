//! `y_i = s_i * sum over entries (j, w) of row i of w * x_j`: the inner loop of every sparse product. `x` and `y`
//! have `width` columns.
//!
//! Vectors run over the width. A panel of columns is held in registers while a row's entries pass; wider rows
//! take several panels. Each column's sum runs in the order of the entries with one rounding an entry, so
//! neither the width of the vectors nor that of the panels changes a bit.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use vgae_numerics::simd;

macro_rules! row_sums {
    ($name:ident, $type:ty, $lanes:ident, $split:ident, $split_mut:ident, $splat:ident, $fused:ident, $times:ident) => {
        /// Computes `y` of `rows` (`rows.len() x width`) from the entries of each row and what multiplies its
        /// sum, on the best vector instructions this processor has. Mark the closures `#[inline(always)]`.
        pub fn $name<E, I, F>(
            rows: Range<usize>,
            (x, width): (&[$type], usize),
            y: &mut [$type],
            entries: E,
            scale: F,
        ) where
            E: Fn(usize) -> I,
            I: Iterator<Item = (usize, $type)>,
            F: Fn(usize) -> $type,
        {
            struct Work<'a, E, F> {
                rows: Range<usize>,
                x: &'a [$type],
                width: usize,
                y: &'a mut [$type],
                entries: E,
                scale: F,
            }

            impl<E, I, F> WithSimd for Work<'_, E, F>
            where
                E: Fn(usize) -> I,
                I: Iterator<Item = (usize, $type)>,
                F: Fn(usize) -> $type,
            {
                type Output = ();

                #[inline(always)]
                fn with_simd<S: Simd>(self, simd: S) {
                    let Self { rows, x, width, y, entries, scale } = self;
                    for (row, y) in rows.zip(y.chunks_exact_mut(width)) {
                        let mut at = 0;
                        while at < width {
                            let lanes = (width - at) / S::$lanes;
                            let (x, y) = (&x[at..], &mut y[at..]);
                            let (entries, scale) = (entries(row), scale(row));
                            at += match lanes {
                                0 => column(x, width, entries, scale, y),
                                1 => panel::<S, 1>(simd, x, width, entries, scale, y),
                                2 | 3 => panel::<S, 2>(simd, x, width, entries, scale, y),
                                4..8 => panel::<S, 4>(simd, x, width, entries, scale, y),
                                _ => panel::<S, 8>(simd, x, width, entries, scale, y),
                            };
                        }
                    }
                }
            }

            /// The first `P` registers of `y`; says how many columns that is.
            #[inline(always)]
            fn panel<S: Simd, const P: usize>(
                simd: S,
                x: &[$type],
                width: usize,
                entries: impl Iterator<Item = (usize, $type)>,
                scale: $type,
                y: &mut [$type],
            ) -> usize {
                let columns = P * S::$lanes;
                let mut sums = [simd.$splat(0.0); P];
                // Not `for_each`: what is not inlined is compiled for the oldest processor.
                for (row, weight) in entries {
                    let (x, _) = S::$split(&x[row * width..][..columns]);
                    let weight = simd.$splat(weight);
                    for p in 0..P {
                        sums[p] = simd.$fused(x[p], weight, sums[p]);
                    }
                }
                let (y, _) = S::$split_mut(&mut y[..columns]);
                let scale = simd.$splat(scale);
                for p in 0..P {
                    y[p] = simd.$times(sums[p], scale);
                }
                columns
            }

            /// The first column of `y`.
            #[inline(always)]
            fn column(
                x: &[$type],
                width: usize,
                entries: impl Iterator<Item = (usize, $type)>,
                scale: $type,
                y: &mut [$type],
            ) -> usize {
                let mut sum = 0.0;
                for (row, weight) in entries {
                    sum = x[row * width].mul_add(weight, sum);
                }
                y[0] = sum * scale;
                1
            }

            simd::arch().dispatch(Work { rows, x, width, y, entries, scale });
        }
    };
}

row_sums!(
    in_f32,
    f32,
    F32_LANES,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_add_f32s,
    mul_f32s
);
row_sums!(
    in_f64,
    f64,
    F64_LANES,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_add_f64s,
    mul_f64s
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Width, `x`, and the entries of each row.
    type Case = (usize, Vec<f32>, Vec<Vec<(usize, f32)>>);

    fn rows() -> impl Strategy<Value = Case> {
        (1usize..=150, 1usize..6).prop_flat_map(|(width, nodes)| {
            let x = prop::collection::vec(-2.0f32..2.0, width * nodes);
            let row = prop::collection::vec((0..nodes, -2.0f32..2.0), 0..9);
            (Just(width), x, prop::collection::vec(row, 1..5))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn is_the_sum_entry_by_entry((width, x, rows) in rows()) {
            let mut y = vec![9.0; rows.len() * width];
            let entries = |row: usize| rows[row].iter().copied();
            let scale = |row: usize| row as f32 + 0.5;
            in_f32(0..rows.len(), (&x, width), &mut y, entries, scale);
            let exact: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let mut y_exact = vec![9.0; y.len()];
            let entries = |row: usize| rows[row].iter().map(|&(at, weight)| (at, f64::from(weight)));
            let scale = |row: usize| row as f64 + 0.5;
            in_f64(0..rows.len(), (&exact, width), &mut y_exact, entries, scale);
            for (row, entries) in rows.iter().enumerate() {
                for k in 0..width {
                    let sum = entries
                        .iter()
                        .fold(0.0f32, |sum, &(at, weight)| x[at * width + k].mul_add(weight, sum));
                    let expected = sum * (row as f32 + 0.5);
                    prop_assert_eq!(y[row * width + k].to_bits(), expected.to_bits());
                    let sum = entries.iter().fold(0.0f64, |sum, &(at, weight)| {
                        exact[at * width + k].mul_add(f64::from(weight), sum)
                    });
                    let expected = sum * (row as f64 + 0.5);
                    prop_assert_eq!(y_exact[row * width + k].to_bits(), expected.to_bits());
                }
            }
        }
    }
}
