use std::ops::Range;

use vgae_numerics::Scalar;

use super::inner_product_loss::{AllPairs, Batch, NaivePairs, TermSum, TiledPairs, in_f32, in_f64};
use super::{bernoulli, logarithm, row_sum};

/// A number type with its own inner loops: vector instructions for `f32`, plain code for `f64`.
///
/// Everything else runs the same code in both types.
pub trait Kernels: Scalar {
    /// The loss over all pairs: tiled for `f32`, naive for `f64`.
    type Pairs: AllPairs<Self>;

    /// Adds the terms of a batch of pairs to `sum`.
    fn visit(batch: Batch<'_, Self>, sum: &mut TermSum);

    /// The inner loop of sparse products, see [`row_sum`].
    fn row_sums<E, I, F>(
        rows: Range<usize>,
        x: (&[Self], usize),
        y: &mut [Self],
        entries: E,
        scale: F,
    ) where
        E: Fn(usize) -> I,
        I: Iterator<Item = (usize, Self)>,
        F: Fn(usize) -> Self;

    /// The cross-entropy of a row, see [`bernoulli`].
    fn bernoulli(x: &[Self], logits: &mut [Self], coefficient: f64) -> f64;

    /// Replaces values by their natural logarithms, see [`logarithm`].
    fn logarithms(values: &mut [Self]);
}

macro_rules! kernels {
    ($type:ty, $pairs:ty, $visit:path, $row_sums:path, $bernoulli:path, $logarithms:path) => {
        impl Kernels for $type {
            type Pairs = $pairs;

            #[inline]
            fn visit(batch: Batch<'_, Self>, sum: &mut TermSum) {
                $visit(batch, sum);
            }

            #[inline]
            fn row_sums<E, I, F>(
                rows: Range<usize>,
                x: (&[Self], usize),
                y: &mut [Self],
                entries: E,
                scale: F,
            ) where
                E: Fn(usize) -> I,
                I: Iterator<Item = (usize, Self)>,
                F: Fn(usize) -> Self,
            {
                $row_sums(rows, x, y, entries, scale);
            }

            #[inline]
            fn bernoulli(x: &[Self], logits: &mut [Self], coefficient: f64) -> f64 {
                $bernoulli(x, logits, coefficient)
            }

            #[inline]
            fn logarithms(values: &mut [Self]) {
                $logarithms(values);
            }
        }
    };
}

kernels!(f32, TiledPairs, in_f32, row_sum::in_f32, bernoulli::in_f32, logarithm::in_f32);
kernels!(f64, NaivePairs, in_f64, row_sum::in_f64, bernoulli::in_f64, logarithm::in_f64);
