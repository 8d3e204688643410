//! Elementary functions with the same bits on every processor.
//!
//! Those of `std` call the C library, which chooses its code by the processor (with or without fused
//! multiply-adds) and differs between systems. These are of the `libm` crate, which is plain code.

/// `e^x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `ln(1 + x)`, accurate near 0.
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `x^y`.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Inverse hyperbolic cosine.
#[must_use]
pub fn acosh(x: f64) -> f64 {
    libm::acosh(x)
}

/// `e^x` in `f32`, to 2 units in the last place from -86 on: `e^-86` below, infinity above 88.7. The algorithm
/// is that of [`simd::exp`](crate::simd::exp), for both signs. Inlined into
/// [`vectorised`](crate::simd::vectorised) work, loops over it become vector code.
#[inline(always)]
#[must_use]
pub fn exp_f32(x: f32) -> f32 {
    #[expect(clippy::approx_constant, reason = "the minimax coefficient is not ln 2, only near it")]
    const COEFFICIENTS: [f32; 6] =
        [1.326_472_7e-3, 9.671_513e-3, 5.550_733_6e-2, 0.240_222_42, 0.693_147, 1.0];
    const ROUND: f32 = 12_582_912.0;
    /// `log2(e)` less its `f32` value.
    const REST: f32 = 1.925_963e-8;
    let log2_e = std::f32::consts::LOG2_E;
    // Comparisons keep a NaN.
    let limited = if x < -86.0 { -86.0 } else { x };
    let limited = if limited > 89.0 { 89.0 } else { limited };
    let rounded = limited.mul_add(log2_e, ROUND);
    let f = limited.mul_add(REST, limited.mul_add(log2_e, ROUND - rounded));
    let mut p = 0.0;
    for coefficient in COEFFICIENTS {
        p = f.mul_add(p, coefficient);
    }
    let power = f32::from_bits(p.to_bits().wrapping_add(rounded.to_bits() << 23));
    if x > 88.72 { f32::INFINITY } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_near_that_of_f64() {
        for step in -86_000..=88_720 {
            #[expect(clippy::cast_possible_truncation, reason = "test values")]
            let x = (f64::from(step) * 1e-3) as f32;
            let (found, expected) = (f64::from(exp_f32(x)), f64::from(x).exp());
            assert!((found / expected - 1.0).abs() < 2.4e-7, "{x}: {found} {expected}");
        }
        assert_eq!(exp_f32(0.0).to_bits(), 1f32.to_bits());
        assert!(exp_f32(f32::NAN).is_nan());
        assert_eq!(exp_f32(f32::NEG_INFINITY).to_bits(), exp_f32(-86.0).to_bits());
        assert!(exp_f32(88.73).is_infinite() && exp_f32(f32::INFINITY).is_infinite());
    }

    #[test]
    fn functions_are_near_those_of_the_system() {
        for step in 1..2000 {
            let x = f64::from(step) * 0.01;
            let near = |found: f64, expected: f64| {
                assert!((found - expected).abs() <= 4e-16 * expected.abs(), "{x}: {found}");
            };
            near(exp(-x), (-x).exp());
            near(ln(x), x.ln());
            near(ln_1p(x), x.ln_1p());
            near(pow(x, 0.75), x.powf(0.75));
        }
    }
}
