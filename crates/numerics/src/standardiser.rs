/// Mean and standard deviation of a column, by which its values are standardised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standardiser {
    /// The mean; 0 without values.
    pub mean: f64,
    /// The standard deviation of the population; 1 for a constant column.
    pub deviation: f64,
}

impl Standardiser {
    /// Measures a column, in two passes: the second keeps the digits that a sum of squares would lose.
    #[must_use]
    pub fn fit(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / count).sqrt();
        // A deviation that small is rounding; so it is with 0 and 0.
        let is_constant = deviation <= f64::EPSILON * count * mean.abs();
        Self { mean, deviation: if is_constant { 1.0 } else { deviation } }
    }

    /// `(value - mean) / deviation`.
    #[must_use]
    pub fn apply(self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_like_sklearn() {
        // StandardScaler().fit_transform([[1], [2], [4], [9]]).ravel()
        let values = [1.0, 2.0, 4.0, 9.0];
        let expected =
            [-0.973_328_526_784_575_3, -0.648_885_684_523_050_2, 0.0, 1.622_214_211_307_625_5];
        let standardiser = Standardiser::fit(values.into_iter());
        for (value, expected) in values.into_iter().zip(expected) {
            assert!((standardiser.apply(value) - expected).abs() < 4.0 * f64::EPSILON);
        }
    }

    #[test]
    fn a_constant_column_becomes_zeros() {
        for value in [0.0, 0.1, -7.1e9] {
            let standardiser = Standardiser::fit(std::iter::repeat_n(value, 3));
            assert!((standardiser.deviation - 1.0).abs() < f64::EPSILON);
            assert!(standardiser.apply(value).abs() <= 1e-9 * value.abs());
        }
        assert_eq!(
            Standardiser::fit(std::iter::empty()),
            Standardiser { mean: 0.0, deviation: 1.0 }
        );
    }
}
