//! `softplus` and its derivative of many logits at once.

use std::f64::consts::LN_2;

use pulp::Simd;
use pulp::bytemuck::{cast, cast_slice};

use vgae_numerics::elementary::ln;
use vgae_numerics::simd::{LANES, exp, load, store};

/// A running sum of `softplus(s) = max(s, 0) + ln(1 + exp(-|s|))`.
///
/// The logarithms wait: each lane multiplies up its factors `1 + exp(-|s|)`, which lie in [1, 2], and
/// moves the product's binary exponent to an integer before it can overflow. One logarithm a lane at the
/// very end is all.
#[derive(Clone)]
pub(super) struct SoftplusSum {
    /// Per lane, in [1, 2).
    product: [f32; LANES],
    /// Powers of two taken out of the products, of all lanes together.
    exponent: u64,
    /// Sum of `max(s, 0)`.
    positive: f64,
}

impl SoftplusSum {
    pub(super) const EMPTY: Self = Self { product: [1.0; LANES], exponent: 0, positive: 0.0 };

    /// The sum, without `padded` pairs of logit zero.
    pub(super) fn finish(&self, padded: u64) -> f64 {
        let logs: f64 = self.product.iter().map(|&product| ln(f64::from(product))).sum();
        // Each padded pair put in one power of two, so this is exact and cannot fall below zero.
        self.positive + (self.exponent - padded) as f64 * LN_2 + logs
    }
}

/// Puts `sigmoid` of all entries in their place and adds their `softplus` to `sum`.
///
/// With `e = exp(-|s|)`: sigmoid is `(s >= 0 ? 1 : e) / (1 + e)` and softplus `max(s, 0) + ln(1 + e)`,
/// so one exponential serves both and nothing overflows however large `|s|` is.
#[inline(always)]
pub(super) fn sigmoid_and_softplus<S: Simd, const V: usize>(
    simd: S,
    groups: &mut [[f32; LANES]],
    sum: &mut SoftplusSum,
) {
    // A lane takes in one factor a group, each at most 2, into a product below 2.
    const AT_ONCE: usize = 64;
    const EXPONENT_BIAS: u64 = 127;
    const { assert!(AT_ONCE + 1 < 127, "the product of a lane stays below f32's range") };

    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let mut product = load::<S, V>(simd, &sum.product);
    let mut positive = [zero; V];
    let mut exponent = [simd.splat_u32s(0); V];
    let times = groups.len().div_ceil(AT_ONCE);
    for groups in groups.chunks_mut(AT_ONCE) {
        for group in groups {
            let mut s = load::<S, V>(simd, group);
            for v in 0..V {
                let e = exp(simd, simd.min_f32s(s[v], simd.sub_f32s(zero, s[v])));
                let factor = simd.add_f32s(one, e);
                product[v] = simd.mul_f32s(product[v], factor);
                positive[v] = simd.add_f32s(positive[v], simd.max_f32s(s[v], zero));
                let not_negative = simd.greater_than_or_equal_f32s(s[v], zero);
                let numerator = simd.select_u32s(not_negative, cast(one), cast(e));
                s[v] = simd.div_f32s(cast(numerator), factor);
            }
            store::<S, V>(simd, group, s);
        }
        for v in 0..V {
            let bits: S::u32s = cast(product[v]);
            let power = simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(23));
            exponent[v] = simd.add_u32s(exponent[v], power);
            let mantissa = simd.and_u32s(bits, simd.splat_u32s(0x007f_ffff));
            product[v] = cast(simd.or_u32s(mantissa, simd.splat_u32s(0x3f80_0000)));
        }
    }
    store::<S, V>(simd, &mut sum.product, product);
    let mut lanes = [0.0; LANES];
    store::<S, V>(simd, &mut lanes, positive);
    for lane in lanes {
        sum.positive += f64::from(lane);
    }
    let mut powers = 0u64;
    for &power in cast_slice::<S::u32s, u32>(&exponent) {
        powers += u64::from(power);
    }
    sum.exponent += powers - EXPONENT_BIAS * (LANES * times) as u64;
}
