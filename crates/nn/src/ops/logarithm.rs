//! Natural logarithms of many values.

use pulp::Simd;
use vgae_numerics::simd::{LANES, Lanes16, ln, load, on_16_lanes, store};

/// In `f64`, value by value: the oracle of [`in_f32`], and what gradient checks run.
pub fn in_f64(values: &mut [f64]) {
    for value in values {
        *value = value.ln();
    }
}

/// Replaces positive values by their logarithms, on vector instructions with the same bits on all of them.
pub fn in_f32(values: &mut [f32]) {
    on_16_lanes(InLanes { values });
}

struct InLanes<'a> {
    values: &'a mut [f32],
}

impl Lanes16 for InLanes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let group = |group: &mut [f32; LANES]| {
            let mut x = load::<S, V>(simd, group);
            for x in &mut x {
                *x = ln(simd, *x);
            }
            store::<S, V>(simd, group, x);
        };
        let (groups, rest) = self.values.as_chunks_mut::<LANES>();
        for own in groups {
            group(own);
        }
        if !rest.is_empty() {
            let mut last = [1.0; LANES];
            last[..rest.len()].copy_from_slice(rest);
            group(&mut last);
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn logarithms_are_those_of_f64(exponents in prop::collection::vec(-80.0f32..80.0, 0..70)) {
            let values: Vec<f32> = exponents.iter().map(|x| x.exp()).collect();
            let mut found = values.clone();
            in_f32(&mut found);
            for (&found, &value) in found.iter().zip(&values) {
                let mut expected = [f64::from(value)];
                in_f64(&mut expected);
                let tolerance = 2.5e-7 * expected[0].abs().max(1.0);
                prop_assert!((f64::from(found) - expected[0]).abs() <= tolerance, "{value}: {found}");
            }
        }
    }
}
