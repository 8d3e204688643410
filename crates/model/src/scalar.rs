use std::ops::Range;

use crate::ops::inner_product_loss::{self, AllPairs, Batch, NaivePairs, TermSum, TiledPairs};
use crate::ops::{bernoulli, row_sum};

/// The number types the operations run in: `f32` to train, `f64` to check gradients.
///
/// Both run the same code, but for the loss over all pairs, whose tiled kernel is `f32` only.
pub(crate) trait Scalar:
    faer::traits::RealField + Copy + Default + Send + Sync + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The loss over all pairs in this type.
    type Pairs: AllPairs<Self>;

    /// The nearest value.
    fn from_f64(value: f64) -> Self;
    /// The same value, or the nearest.
    fn to_f64(self) -> f64;
    /// `self * factor + addend`, rounded once: the same bits on every processor.
    fn fused(self, factor: Self, addend: Self) -> Self;
    /// `e^self`.
    fn exponential(self) -> Self;
    /// The square root.
    fn root(self) -> Self;
    /// The terms of a few pairs in this type.
    fn visit(batch: Batch<'_, Self>, sum: &mut TermSum);
    /// The inner loop of sparse products, see [`row_sum`](crate::ops::row_sum).
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
    /// The cross-entropy of a row, see [`bernoulli`](crate::ops::bernoulli).
    fn bernoulli(x: &[Self], logits: &mut [Self], coefficient: f64) -> f64;
    /// A draw from N(0, 1).
    fn standard_normal(rng: &mut rand_chacha::ChaCha8Rng) -> Self;
}

macro_rules! scalar {
    ($type:ty, $pairs:ty, $visit:path, $row_sums:path, $bernoulli:path) => {
        impl Scalar for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            type Pairs = $pairs;

            #[allow(
                clippy::allow_attributes,
                clippy::cast_possible_truncation,
                reason = "rounds in f32, and the macro serves f64 too"
            )]
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn fused(self, factor: Self, addend: Self) -> Self {
                self.mul_add(factor, addend)
            }

            #[inline(always)]
            fn exponential(self) -> Self {
                self.exp()
            }

            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }

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
            fn standard_normal(rng: &mut rand_chacha::ChaCha8Rng) -> Self {
                rand_distr::Distribution::sample(&rand_distr::StandardNormal, rng)
            }
        }
    };
}

scalar!(f32, TiledPairs, inner_product_loss::in_f32, row_sum::in_f32, bernoulli::in_f32);
scalar!(f64, NaivePairs, inner_product_loss::in_f64, row_sum::in_f64, bernoulli::in_f64);
