/// A fraction in [0, 1) as an exact decimal number: `numerator / 10^scale`.
///
/// In floating point, 0.29 x 100 is 28.999999999999996, whose floor is one edge short. The fraction is
/// therefore converted to its shortest decimal form (as typed, and as Rust prints it), and the floor is
/// computed with integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fraction {
    value: f64,
    numerator: u128,
    scale: u32,
}

/// 10^38 is the largest power of ten in a `u128`.
const LARGEST_SCALE: usize = 38;

impl Fraction {
    /// Converts a checked `value` in [0, 1).
    #[must_use]
    pub fn new(value: f64) -> Self {
        // `Display` prints the shortest decimal that parses to the same number, never an exponent.
        let text = value.abs().to_string();
        let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
        // At most 17 of the digits are significant, so a number with more than 38 decimals is below 1e-21;
        // the share of any list that fits in memory is empty.
        if decimals.len() > LARGEST_SCALE {
            return Self { value, numerator: 0, scale: 0 };
        }
        let numerator = decimals.parse().unwrap_or(0);
        let scale = u32::try_from(decimals.len()).unwrap_or(0);
        Self { value, numerator, scale }
    }

    /// Returns the fraction as a floating-point number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// Returns whether the fraction is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.value > 0.0
    }

    /// Returns the exact `floor(fraction * count)`.
    ///
    /// # Panics
    /// Never, since the share of a count is not larger than the count.
    #[must_use]
    pub fn floor_of(self, count: usize) -> usize {
        // Below 10^17 * 2^64 = 1.9e36, which fits a u128.
        let share = self.numerator * count as u128 / 10u128.pow(self.scale);
        usize::try_from(share).expect("a fraction below 1 of a usize fits a usize")
    }

    /// Returns the smallest count whose share is at least one.
    #[must_use]
    pub fn smallest_count(self) -> u128 {
        match self.numerator {
            0 => u128::MAX,
            numerator => 10u128.pow(self.scale).div_ceil(numerator),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_fractions_are_exact_tenths_and_twentieths() {
        let (tenth, twentieth) = (Fraction::new(0.10), Fraction::new(0.05));
        for count in 0..=1_000_000 {
            assert_eq!(tenth.floor_of(count), count / 10, "a tenth of {count}");
            assert_eq!(twentieth.floor_of(count), count / 20, "a twentieth of {count}");
        }
    }

    #[test]
    fn shares_that_floating_point_gets_wrong() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the naive form, shown to be incorrect"
        )]
        let naive = (0.29_f64 * 100.0).floor() as usize;
        assert_eq!(naive, 28);
        assert_eq!(Fraction::new(0.29).floor_of(100), 29);
        assert_eq!(Fraction::new(0.57).floor_of(100), 57);
    }

    #[test]
    fn extreme_fractions_neither_overflow_nor_panic() {
        for value in [0.0, -0.0, f64::MIN_POSITIVE, 5e-324, 1e-30] {
            assert_eq!(Fraction::new(value).floor_of(usize::MAX), 0, "{value:e}");
        }
        let nearly_one = Fraction::new(1.0 - f64::EPSILON / 2.0);
        assert!(nearly_one.floor_of(usize::MAX) < usize::MAX);
        assert_eq!(nearly_one.floor_of(10), 9);
        assert_eq!(Fraction::new(f64::MIN_POSITIVE).smallest_count(), u128::MAX);
    }

    proptest! {
        #[test]
        fn any_two_decimal_fraction_is_exact(hundredths in 0u32..100, count in 0usize..10_000_000) {
            let fraction = Fraction::new(f64::from(hundredths) / 100.0);
            prop_assert_eq!(fraction.floor_of(count), hundredths as usize * count / 100);
        }

        #[test]
        fn the_smallest_count_is_the_first_with_a_share(value in 1e-6f64..1.0) {
            let fraction = Fraction::new(value);
            let smallest = usize::try_from(fraction.smallest_count()).expect("about 1 / value");
            prop_assert!(fraction.floor_of(smallest) >= 1);
            prop_assert_eq!(fraction.floor_of(smallest - 1), 0);
        }
    }
}
