//! Cross-entropy of values `x` in 0 to 1 and probabilities given by logits `s`:
//! `sum of softplus(s) - x s`, which is `-x ln p - (1 - x) ln(1 - p)` with `p = sigmoid(s)`, without
//! overflow or cancellation.
//!
//! Backward: `d_s = sigmoid(s) - x`, times the sum's coefficient in the loss.
//!
//! In `f32` the logarithms wait, as in the loss over all pairs: each of 16 lanes multiplies up its factors
//! `1 + exp(-|s|)`, which lie in [1, 2], and takes one logarithm of many.

use pulp::Simd;
use pulp::bytemuck::cast;

use vgae_numerics::elementary::ln;
use vgae_numerics::simd::{LANES, Lanes16, exp, load, on_16_lanes, store};

/// Groups of lanes between two logarithms: a product of so many factors stays below 2^127.
const GROUPS: usize = 64;

/// In `f64`, value by value: the oracle of [`in_f32`], and what gradient checks run.
pub fn in_f64(x: &[f64], logits: &mut [f64], coefficient: f64) -> f64 {
    let mut sum = 0.0;
    for (s, &x) in logits.iter_mut().zip(x) {
        let e = (-s.abs()).exp();
        let sigmoid = if *s >= 0.0 { 1.0 } else { e } / (1.0 + e);
        let positive = if *s >= 0.0 { *s } else { 0.0 * *s };
        sum += positive + e.ln_1p() - x * *s;
        *s = coefficient * (sigmoid - x);
    }
    sum
}

/// Returns the sum for one row and replaces the logits by `coefficient * (sigmoid - x)`.
pub fn in_f32(x: &[f32], logits: &mut [f32], coefficient: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "gradients are f32")]
    let scale = coefficient as f32;
    on_16_lanes(Row { x, logits, scale })
}

struct Row<'a> {
    x: &'a [f32],
    logits: &'a mut [f32],
    scale: f32,
}

impl Lanes16 for Row<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) -> f64 {
        let Self { x, logits, scale } = self;
        let (x, x_rest) = x.as_chunks::<LANES>();
        let (groups, rest) = logits.as_chunks_mut::<LANES>();
        let mut sum = 0.0;
        for (groups, x) in groups.chunks_mut(GROUPS).zip(x.chunks(GROUPS)) {
            sum += lanes::<S, V>(simd, x, groups, scale);
        }
        if !rest.is_empty() {
            // exp(-|-100|) vanishes beside 1, so what fills the last group adds nothing.
            let (mut last_x, mut last) = ([[0.0; LANES]], [[-100.0; LANES]]);
            last_x[0][..rest.len()].copy_from_slice(x_rest);
            last[0][..rest.len()].copy_from_slice(rest);
            sum += lanes::<S, V>(simd, &last_x, &mut last, scale);
            rest.copy_from_slice(&last[0][..rest.len()]);
        }
        sum
    }
}

/// At most [`GROUPS`] groups.
#[inline(always)]
fn lanes<S: Simd, const V: usize>(
    simd: S,
    x: &[[f32; LANES]],
    logits: &mut [[f32; LANES]],
    scale: f32,
) -> f64 {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let scale = simd.splat_f32s(scale);
    let mut product = [one; V];
    let mut linear = [zero; V];
    for (x, logits) in x.iter().zip(logits) {
        let x: [S::f32s; V] = load::<S, V>(simd, x);
        let mut s: [S::f32s; V] = load::<S, V>(simd, logits);
        for v in 0..V {
            let e = exp(simd, simd.min_f32s(s[v], simd.sub_f32s(zero, s[v])));
            let factor = simd.add_f32s(one, e);
            product[v] = simd.mul_f32s(product[v], factor);
            // max(s, 0) - x s; the product keeps a NaN that the maximum may lose.
            let minus_x = simd.sub_f32s(zero, x[v]);
            let term = simd.mul_add_f32s(minus_x, s[v], simd.max_f32s(s[v], zero));
            linear[v] = simd.add_f32s(linear[v], term);
            let not_negative = simd.greater_than_or_equal_f32s(s[v], zero);
            let numerator = simd.select_u32s(not_negative, cast(one), cast(e));
            let sigmoid = simd.div_f32s(cast(numerator), factor);
            s[v] = simd.mul_f32s(scale, simd.sub_f32s(sigmoid, x[v]));
        }
        store::<S, V>(simd, logits, s);
    }
    let (mut products, mut linears) = ([0.0; LANES], [0.0; LANES]);
    store::<S, V>(simd, &mut products, product);
    store::<S, V>(simd, &mut linears, linear);
    // Eight products of at most 2^64 each can be multiplied in f64 before the logarithm.
    let mut sum = 0.0;
    for products in products.chunks_exact(8) {
        sum += ln(products.iter().map(|&product| f64::from(product)).product());
    }
    for linear in linears {
        sum += f64::from(linear);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let s: Vec<f64> = gradcheck::point(9, 1).iter().map(|s| 6.0 * s).collect();
        let x: Vec<f64> = gradcheck::point(9, 2).iter().map(|x| x.abs()).collect();
        let mut d_s = s.clone();
        in_f64(&x, &mut d_s, 0.7);
        gradcheck::assert_gradient("logits", &s, &d_s, |s| 0.7 * in_f64(&x, &mut s.to_vec(), 1.0));
    }

    #[test]
    fn f32_agrees_with_f64_at_every_length() {
        for len in [1, 15, 16, 17, 784, 1024, 1025, 3000] {
            for size in [0.0, 1.0, 30.0, 1e4] {
                let s: Vec<f64> = gradcheck::point(len, 1).iter().map(|s| size * s).collect();
                let x: Vec<f64> =
                    gradcheck::point(len, 2).iter().map(|x| (2.0 * x).clamp(0.0, 1.0)).collect();
                #[expect(clippy::cast_possible_truncation, reason = "the input of f32")]
                let narrow = |of: &[f64]| of.iter().map(|&of| of as f32).collect::<Vec<_>>();
                let (x32, mut s32) = (narrow(&x), narrow(&s));
                let widen = |of: &[f32]| of.iter().map(|&of| f64::from(of)).collect::<Vec<_>>();
                let (x, mut s) = (widen(&x32), widen(&s32));
                let (found, expected) = (in_f32(&x32, &mut s32, 0.5), in_f64(&x, &mut s, 0.5));
                // Up to 64 roundings a lane, relative to terms of one sign.
                let allowed = 1e-5 * (expected.abs() + 1e-3 * len as f64);
                assert!((found - expected).abs() <= allowed, "{len} {size}: {found} {expected}");
                for (found, expected) in s32.iter().zip(&s) {
                    assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} {expected}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_not_hidden() {
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for at in [0, 16, 20] {
                let mut logits = [0.5; 21];
                logits[at] = wrong;
                assert!(!in_f32(&[0.0; 21], &mut logits, 1.0).is_finite(), "{wrong} at {at}");
            }
        }
    }
}
