//! Propagation: the mean over the messages of each node, in fixed-point sums.
//!
//! With `P = D^-1 (A + I)`, `D` the degrees of `A + I`, one step computes `y' = P y`. Values are multiplied by `2^bits`,
//! rounded and summed as 64-bit integers, so that the sums are the same in any order, here and in SQL.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the oldest processor"
)]

use vgae_artifacts::{ArtifactError, Result};
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::Rows;
use vgae_numerics::simd::vectorised;

use crate::vectors::{LINE, Vectors};

/// Largest number of fractional bits of a sum.
const MOST_BITS: u32 = 40;
/// Smallest number of fractional bits that leaves the sums more exact than single precision.
const FEWEST_BITS: u32 = 24;
/// Number of bits that a sum may have without its sign. One of the 63 bits is kept for rounding.
const SUM_BITS: u32 = 62;

/// Returns the number of fractional bits for which no sum of `messages` values of at most `greatest` overflows, at
/// most 40. A verifying sum over the `width` columns counts too.
///
/// # Errors
/// Returns an error when fewer than 24 bits would remain.
pub fn fractional_bits(greatest: f64, messages: u64, width: usize) -> Result<u32> {
    let bound = greatest.max(f64::MIN_POSITIVE) * messages as f64 * width as f64;
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a finite f64")]
    let integer_bits = bound.log2().ceil() as i64;
    let left = i64::from(SUM_BITS) - integer_bits;
    if left < i64::from(FEWEST_BITS) {
        return Err(ArtifactError::invalid(
            "propagation",
            "sums of at most 64 bits: scale the features down, or lower `degree_power`",
            format!("up to {messages} values of at most {greatest:e} in {width} columns"),
        ));
    }
    Ok(u32::try_from(left).unwrap_or(MOST_BITS).min(MOST_BITS))
}

/// Adding it to a whole number below 2^51 leaves the number in the low bits of the sum.
const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Returns `floor(value * unit + 0.5)`, which must be below 2^50 if `small`.
#[inline(always)]
fn fixed<const SMALL: bool>(value: f32, unit: f64) -> i64 {
    let rounded = (f64::from(value) * unit + 0.5).floor();
    if SMALL {
        // Vector instructions before AVX-512 do not convert to 64-bit integers.
        (rounded + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()).cast_signed()
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^62")]
        let whole = rounded as i64;
        whole
    }
}

/// `to = P from`, with sums of `bits` fractional bits (see [`fractional_bits`]); both have a row per node.
pub fn hop(adjacency: &Adjacency, from: &Vectors, bits: u32, to: &mut Vectors) {
    let unit = 2f64.powi(i32::try_from(bits).unwrap_or(0));
    if f64::from(from.greatest()) * unit < 2f64.powi(50) {
        receive::<true>(adjacency, from, unit, to);
    } else {
        receive::<false>(adjacency, from, unit, to);
    }
}

fn receive<const SMALL: bool>(adjacency: &Adjacency, from: &Vectors, unit: f64, to: &mut Vectors) {
    let stride = from.stride();
    let values = from.values();
    adjacency.chunks.for_each(Rows::new(to.values_mut(), stride), |_, nodes, rows| {
        vectorised(
            #[inline(always)]
            || {
                for (node, row) in nodes.zip(rows.data.chunks_exact_mut(stride)) {
                    let neighbours = adjacency.neighbours(node);
                    let messages = (neighbours.len() + 1) as f64;
                    for (block, row) in row.chunks_exact_mut(LINE).enumerate() {
                        let mut sums = [0i64; LINE];
                        add::<SMALL>(&values[node * stride + block * LINE..], unit, &mut sums);
                        for &sender in neighbours {
                            let sender = &values[sender as usize * stride + block * LINE..];
                            add::<SMALL>(sender, unit, &mut sums);
                        }
                        let scale = unit * messages;
                        for (value, sum) in row.iter_mut().zip(sums) {
                            #[expect(
                                clippy::cast_possible_truncation,
                                reason = "vectors are of single precision"
                            )]
                            let mean = (sum as f64 / scale) as f32;
                            *value = mean;
                        }
                    }
                }
            },
        );
    });
}

/// Adds a cache line of values.
#[inline(always)]
fn add<const SMALL: bool>(values: &[f32], unit: f64, sums: &mut [i64; LINE]) {
    let Some(values) = values.first_chunk::<LINE>() else { return };
    for k in 0..LINE {
        sums[k] += fixed::<SMALL>(values[k], unit);
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the conversions of the definition"
)]
mod tests {
    use proptest::prelude::*;
    use vgae_artifacts::Pair;

    use super::*;

    proptest! {
        #[test]
        fn both_conversions_round_alike(value in -1000f32..1000.0, bits in 24u32..=40) {
            let unit = 2f64.powi(bits as i32);
            let naive = (f64::from(value) * unit + 0.5).floor() as i64;
            prop_assert_eq!(fixed::<true>(value, unit), naive);
            prop_assert_eq!(fixed::<false>(value, unit), naive);
        }

        #[test]
        fn a_hop_is_the_mean_over_the_messages(
            ends in prop::collection::vec((0u32..20, 0u32..20), 0..60),
            values in prop::collection::vec(-2f32..2.0, 20 * 17),
        ) {
            let pairs = ends.into_iter().filter(|(src, dst)| src != dst);
            let pairs: Vec<Pair> = pairs.map(|(src, dst)| Pair::new(src, dst)).collect();
            let adjacency = Adjacency::of_pairs(20, &pairs);
            let mut from = Vectors::zeros(20, 17).expect("memory");
            from.for_each_row(|node, row| row.copy_from_slice(&values[node * 17..][..17]));
            for bits in [24, 40] {
                let mut to = Vectors::zeros(20, 17).expect("memory");
                hop(&adjacency, &from, bits, &mut to);
                let unit = 2f64.powi(bits as i32);
                let quantised = |node: usize, k: usize| {
                    (f64::from(values[node * 17 + k]) * unit + 0.5).floor() as i64
                };
                for node in 0..20 {
                    for k in 0..17 {
                        let senders = adjacency.neighbours(node).iter().map(|&other| other as usize);
                        let sum: i64 = senders.chain([node]).map(|sender| quantised(sender, k)).sum();
                        let mean = sum as f64 / (unit * (adjacency.degree(node) + 1) as f64);
                        prop_assert_eq!(to.row(node)[k].to_bits(), (mean as f32).to_bits());
                    }
                }
            }
        }
    }

    #[test]
    fn ties_round_up_and_large_values_take_the_other_conversion() {
        for (value, expected) in [(0.5, 1), (-0.5, 0), (1.5, 2), (2.5, 3), (-1.5, -1), (0.0, 0)] {
            assert_eq!(fixed::<true>(value, 1.0), expected);
            assert_eq!(fixed::<false>(value, 1.0), expected);
        }
        let adjacency = Adjacency::of_pairs(2, &[Pair::new(0, 1)]);
        let mut from = Vectors::zeros(2, 1).expect("memory");
        from.for_each_row(|node, row| row[0] = if node == 0 { 1e6 } else { 3e6 });
        let mut to = Vectors::zeros(2, 1).expect("memory");
        hop(&adjacency, &from, 40, &mut to);
        assert!((to.row(0)[0] - 2e6).abs() < 1.0, "{}", to.row(0)[0]);
    }

    #[test]
    fn sums_that_do_not_fit_are_an_error() {
        assert_eq!(fractional_bits(1.0, 1, 1).expect("fits"), 40);
        // 2^20 messages of 2^10 in 2^4 columns leave 62 - 34 bits.
        assert_eq!(fractional_bits(1024.0, 1 << 20, 16).expect("fits"), 28);
        assert_eq!(fractional_bits(0.0, 5, 3).expect("fits"), 40);
        let error = fractional_bits(1e9, 1 << 20, 128).expect_err("too large").to_string();
        assert!(error.contains("lower `degree_power`"), "{error}");
    }
}
