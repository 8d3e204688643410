//! One column of numbers, filled and scaled by the statistics of the rows that are not for the test.

use vgae_numerics::Standardiser;

use vgae_ingest::Scale;

/// Statistics of a column over the rows that are not in the test part and have a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Known {
    standardiser: Standardiser,
    minimum: f64,
    maximum: f64,
}

impl Known {
    /// None if there is no such value.
    pub(crate) fn of(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        values.clone().next()?;
        let minimum = values.clone().fold(f64::INFINITY, f64::min);
        let maximum = values.clone().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { standardiser: Standardiser::fit(values), minimum, maximum })
    }

    /// Returns the value that replaces missing ones.
    pub(crate) fn mean(self) -> f64 {
        self.standardiser.mean
    }

    /// `(offset, divisor)` of a column, which becomes `(value - offset) / divisor`; a divisor of 0 stands
    /// for a constant column. None if the column stays as it is.
    pub(crate) fn scaling(self, scale: Scale) -> Option<(f64, f64)> {
        let or_constant = |divisor| if self.minimum < self.maximum { divisor } else { 0.0 };
        match scale {
            Scale::None => None,
            Scale::MinMax => Some((self.minimum, or_constant(self.maximum - self.minimum))),
            Scale::Standard => {
                let Standardiser { mean, deviation } = self.standardiser;
                Some((mean, or_constant(deviation)))
            }
        }
    }
}

/// A value scaled by what [`Known::scaling`] gave.
pub(crate) fn scaled(value: f64, (offset, divisor): (f64, f64)) -> f64 {
    // Not for 0 alone: the spread of the smallest numbers can vanish in its square.
    if divisor > 0.0 { (value - offset) / divisor } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_values_have_no_statistics_and_one_value_is_constant() {
        assert_eq!(Known::of(std::iter::empty()), None);
        let one = Known::of([0.1, 0.1, 0.1].into_iter()).expect("values");
        let scaling = one.scaling(Scale::Standard).expect("a scaling");
        assert!(scaled(5.0, scaling).abs() < f64::EPSILON);
        assert_eq!(one.scaling(Scale::None), None);
    }

    #[test]
    fn standard_scaling_works_like_sklearn() {
        // StandardScaler().fit_transform([[1], [2], [4], [9]]).ravel()
        let values = [1.0, 2.0, 4.0, 9.0];
        let expected =
            [-0.973_328_526_784_575_3, -0.648_885_684_523_050_2, 0.0, 1.622_214_211_307_625_5];
        let scaling = Known::of(values.into_iter()).expect("values").scaling(Scale::Standard);
        let scaling = scaling.expect("a scaling");
        for (value, expected) in values.into_iter().zip(expected) {
            assert!((scaled(value, scaling) - expected).abs() < 4.0 * f64::EPSILON);
        }
    }

    proptest! {
        #[test]
        fn min_max_fills_the_unit_interval(values in prop::collection::vec(-1e9f64..1e9, 2..30)) {
            let known = Known::of(values.iter().copied()).expect("values");
            let scaling = known.scaling(Scale::MinMax).expect("a scaling");
            let scaled: Vec<f64> = values.iter().map(|&value| scaled(value, scaling)).collect();
            prop_assert!(scaled.iter().all(|value| (0.0..=1.0).contains(value)));
            if known.minimum < known.maximum {
                prop_assert!(scaled.iter().any(|&value| value < f64::EPSILON));
                prop_assert!(scaled.iter().any(|&value| value > 1.0 - f64::EPSILON));
            }
        }
    }
}
