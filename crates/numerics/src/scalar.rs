//! Number types.

/// Number type of a computation: `f32` for training, `f64` for gradient checks.
pub trait Scalar: faer::traits::RealField + crate::product::Element {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// The nearest value.
    fn from_f64(value: f64) -> Self;
    /// The same value, or the nearest.
    fn to_f64(self) -> f64;
    /// `self * factor + addend`, rounded once: the same bits on every processor.
    #[must_use]
    fn fused(self, factor: Self, addend: Self) -> Self;
    /// `e^self`: the same bits on every processor.
    #[must_use]
    fn exponential(self) -> Self;
    /// The square root.
    #[must_use]
    fn root(self) -> Self;
    /// A draw from N(0, 1).
    fn standard_normal(rng: &mut rand_chacha::ChaCha8Rng) -> Self;
}

macro_rules! scalar {
    ($type:ty, $exponential:path) => {
        impl Scalar for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

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
                $exponential(self)
            }

            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }

            #[inline]
            fn standard_normal(rng: &mut rand_chacha::ChaCha8Rng) -> Self {
                rand_distr::Distribution::sample(&rand_distr::StandardNormal, rng)
            }
        }
    };
}

scalar!(f32, crate::elementary::exp_f32);
scalar!(f64, crate::elementary::exp);
