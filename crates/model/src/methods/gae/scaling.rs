use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray;
use vgae_artifacts::{Features, Matrix};
use vgae_numerics::Standardiser;
use vgae_numerics::elementary::ln;

use crate::methods::gae::weights::{COLUMN_MEANS, COLUMN_WEIGHTS};
use crate::{ModelError, Weights};

/// Scaling of node features before a model reads them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, VariantArray, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FeatureScaling {
    /// No scaling.
    #[default]
    AsGiven,
    /// Values of a node are divided by their L1 norm.
    RowSum,
    /// Values of a feature that `n` of the `N` nodes have are multiplied by `ln((1 + N) / (1 + n)) + 1`, then
    /// the values of each node are divided by their L2 norm (Salton & Buckley 1988; the formula of
    /// scikit-learn's `TfidfTransformer`).
    TfIdf,
    /// Each feature gets mean 0 and standard deviation 1 over the nodes (that of the population, as scikit-learn's
    /// `StandardScaler`); constant features become 0. For measured numbers, such as age and income.
    Standard,
}

/// Root mean square from which a feature dominates others, and the ratio of two features.
const DOMINANT: f64 = 10.0;

impl FeatureScaling {
    /// Returns the scaling that features need: [`FeatureScaling::Standard`] for measured numbers of large or different
    /// scales, which as given stop a model from learning; nothing for counts, indicators and values of one scale.
    /// A feature is measured if at least half of the nodes have a value other than 0.
    #[must_use]
    pub fn needed(features: &Features) -> Option<Self> {
        let mut squares = vec![0.0; features.feature_count()];
        for (&column, &value) in features.columns().iter().zip(features.values()) {
            squares[column as usize] += f64::from(value).powi(2);
        }
        let nodes = features.node_count() as f64;
        let measured = counts(features).into_iter().zip(squares);
        let measured = measured.filter(|&(count, _)| 2.0 * f64::from(count) >= nodes);
        let sizes: Vec<f64> = measured.map(|(_, square)| (square / nodes).sqrt()).collect();
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        let smallest = sizes.iter().copied().fold(f64::INFINITY, f64::min);
        let differ = sizes.len() > 1 && largest > DOMINANT * smallest;
        (largest > DOMINANT || differ).then_some(Self::Standard)
    }
}

/// The number of values other than 0 of each feature.
fn counts(features: &Features) -> Vec<u32> {
    let mut counts = vec![0u32; features.feature_count()];
    for (&column, &value) in features.columns().iter().zip(features.values()) {
        counts[column as usize] += u32::from(value != 0.0);
    }
    counts
}

/// Deviation of a constant feature at most, per unit of its mean.
const ROUNDING: f64 = 1e-7;

/// Largest number of values that standardised features may have, as they are stored one by one.
const MOST_VALUES: usize = 1 << 28;

/// A scaling with the numbers that it takes from the nodes it was first applied to, so that other nodes are
/// scaled alike.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scaler {
    scaling: FeatureScaling,
    /// Factor of each feature, `1 x F`: of TF-IDF and standardised features.
    column_weights: Option<Matrix>,
    /// Mean of each feature, `1 x F`: of standardised features.
    column_means: Option<Matrix>,
}

impl Scaler {
    pub(crate) fn new(scaling: FeatureScaling, features: &Features) -> Self {
        let (column_weights, column_means) = match scaling {
            FeatureScaling::AsGiven | FeatureScaling::RowSum => (None, None),
            FeatureScaling::TfIdf => (Some(inverse_document_frequency(features)), None),
            FeatureScaling::Standard => {
                let (weights, means) = standardisation(features);
                (Some(weights), Some(means))
            }
        };
        Self { scaling, column_weights, column_means }
    }

    /// Restores the scaler from the [`Scaler::tensors`] among `weights`.
    pub(crate) fn of(scaling: FeatureScaling, weights: &Weights) -> Result<Self, ModelError> {
        let tensor = |name, expected: bool| {
            let found = weights.get(name).cloned();
            match &found {
                Some(matrix) if !expected => {
                    let shape = Some((matrix.rows(), matrix.cols()));
                    Err(ModelError::shape(name, None, shape))
                }
                None if expected => Err(ModelError::shape(name, Some((1, 1)), None)),
                _ => Ok(found),
            }
        };
        let is_standard = scaling == FeatureScaling::Standard;
        let has_weights = is_standard || scaling == FeatureScaling::TfIdf;
        let column_weights = tensor(COLUMN_WEIGHTS, has_weights)?;
        let column_means = tensor(COLUMN_MEANS, is_standard)?;
        Ok(Self { scaling, column_weights, column_means })
    }

    /// Returns the tensors to store with the weights.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (String, Matrix)> {
        let named = [(COLUMN_WEIGHTS, &self.column_weights), (COLUMN_MEANS, &self.column_means)];
        named.into_iter().filter_map(|(name, matrix)| Some((name.to_owned(), matrix.clone()?)))
    }

    /// Returns the scaled features. A row of zeros is unchanged.
    pub(crate) fn apply<'a>(
        &self,
        features: &'a Features,
    ) -> Result<Cow<'a, Features>, ModelError> {
        if self.scaling == FeatureScaling::AsGiven {
            return Ok(Cow::Borrowed(features));
        }
        let count = features.feature_count();
        let named = [(COLUMN_WEIGHTS, &self.column_weights), (COLUMN_MEANS, &self.column_means)];
        for (name, matrix) in named {
            if let Some(matrix) = matrix
                && (matrix.rows(), matrix.cols()) != (1, count)
            {
                let found = Some((matrix.rows(), matrix.cols()));
                return Err(ModelError::shape(name, Some((1, count)), found));
            }
        }
        if let (Some(weights), Some(means)) = (&self.column_weights, &self.column_means) {
            return Ok(Cow::Owned(standardised(features, weights, means)?));
        }
        let mut values = features.values().to_vec();
        if let Some(weights) = &self.column_weights {
            for (value, &column) in values.iter_mut().zip(features.columns()) {
                *value *= weights.as_slice()[column as usize];
            }
        }
        for bounds in features.row_starts().windows(2) {
            let row = &mut values[bounds[0]..bounds[1]];
            let sizes = row.iter().map(|&value| f64::from(value));
            let size = if self.scaling == FeatureScaling::RowSum {
                sizes.map(f64::abs).sum::<f64>()
            } else {
                sizes.map(|value| value * value).sum::<f64>().sqrt()
            };
            if size > 0.0 {
                for value in row {
                    #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
                    let scaled = (f64::from(*value) / size) as f32;
                    *value = scaled;
                }
            }
        }
        let (starts, columns) = (features.row_starts().to_vec(), features.columns().to_vec());
        Ok(Cow::Owned(Features::from_rows(count, starts, columns, values)?))
    }
}

/// The reciprocal standard deviation of each feature (0 for constant ones), and its mean; `1 x F` each.
fn standardisation(features: &Features) -> (Matrix, Matrix) {
    let mut stored = vec![Vec::new(); features.feature_count()];
    for (&column, &value) in features.columns().iter().zip(features.values()) {
        stored[column as usize].push(f64::from(value));
    }
    let (mut weights, mut means) = (Matrix::zeros(1, stored.len()), Matrix::zeros(1, stored.len()));
    let places = weights.as_mut_slice().iter_mut().zip(means.as_mut_slice());
    for ((weight, shift), stored) in places.zip(&stored) {
        let zeros = std::iter::repeat_n(0.0, features.node_count() - stored.len());
        let Standardiser { mean, deviation } =
            Standardiser::fit(stored.iter().copied().chain(zeros));
        // Features are f32: a smaller deviation is rounding.
        let is_constant = deviation <= ROUNDING * mean.abs();
        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
        let values = (if is_constant { 0.0 } else { 1.0 / deviation } as f32, mean as f32);
        (*weight, *shift) = values;
    }
    (weights, means)
}

/// `(x - mean) * weight` of every value, those that are not stored included.
fn standardised(
    features: &Features,
    weights: &Matrix,
    means: &Matrix,
) -> Result<Features, ModelError> {
    let (nodes, count) = (features.node_count(), features.feature_count());
    if nodes.saturating_mul(count) > MOST_VALUES {
        let expected = format!(
            "\"row-sum\" or \"tf-idf\", which keep zeros, for more than {MOST_VALUES} values"
        );
        let found = format!("\"standard\" for {nodes} x {count} values");
        return Err(ModelError::config("feature_scaling", expected, found));
    }
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    let mut row = vec![0.0f32; count];
    for node in 0..nodes {
        row.fill(0.0);
        for (column, value) in features.row(node) {
            row[column as usize] = value;
        }
        for ((column, &value), (weight, mean)) in
            (0u32..).zip(&row).zip(weights.as_slice().iter().zip(means.as_slice()))
        {
            let scaled = (value - mean) * weight;
            if scaled != 0.0 {
                columns.push(column);
                values.push(scaled);
            }
        }
        starts.push(values.len());
    }
    Ok(Features::from_rows(count, starts, columns, values)?)
}

/// `ln((1 + N) / (1 + n)) + 1` of each column, `n` of whose values are not 0; `1 x F`.
fn inverse_document_frequency(features: &Features) -> Matrix {
    let counts = counts(features);
    let all = 1.0 + features.node_count() as f64;
    let mut weights = Matrix::zeros(1, counts.len());
    for (weight, count) in weights.as_mut_slice().iter_mut().zip(counts) {
        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
        let idf = (ln(all / (1.0 + f64::from(count))) + 1.0) as f32;
        *weight = idf;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Features {
        let (starts, columns) = (vec![0, 2, 2, 3], vec![0, 2, 2]);
        Features::from_rows(3, starts, columns, vec![3.0, -1.0, 5.0]).expect("sound rows")
    }

    fn scaled(scaling: FeatureScaling) -> Vec<f32> {
        let features = example();
        let scaler = Scaler::new(scaling, &features);
        let kept = Weights::from_tensors(scaler.tensors());
        assert_eq!(Scaler::of(scaling, &kept).expect("its own tensors"), scaler);
        scaler.apply(&features).expect("of its width").values().to_vec()
    }

    #[test]
    fn each_scaling_is_its_formula() {
        assert_eq!(scaled(FeatureScaling::AsGiven), [3.0, -1.0, 5.0]);
        assert_eq!(scaled(FeatureScaling::RowSum), [0.75, -0.25, 1.0]);
        // Three nodes; column 0 in one of them, column 2 in two.
        let (a, b) = (3.0 * (2f64.ln() + 1.0), -((4.0f64 / 3.0).ln() + 1.0));
        let length = a.hypot(b);
        for (found, expected) in
            scaled(FeatureScaling::TfIdf).iter().zip([a / length, b / length, 1.0])
        {
            assert!((f64::from(*found) - expected).abs() < 1e-7, "{found} {expected}");
        }
    }

    #[test]
    fn standardised_features_have_mean_0_and_deviation_1() {
        // Column 0: 3, 0, 0; column 1: constant 0; column 2: -1, 0, 5.
        let found = scaled(FeatureScaling::Standard);
        let (a, b) = (2f64.sqrt(), (62.0f64 / 9.0).sqrt());
        let expected = [
            2.0 / a,
            (-1.0 - 4.0 / 3.0) / b,
            -1.0 / a,
            (-4.0 / 3.0) / b,
            -1.0 / a,
            (11.0 / 3.0) / b,
        ];
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} {expected}");
        }
        let constant = Features::from_rows(1, vec![0, 1, 2], vec![0, 0], vec![0.1, 0.1]);
        let constant = constant.expect("sound");
        let scaler = Scaler::new(FeatureScaling::Standard, &constant);
        assert!(scaler.apply(&constant).expect("of its width").values().is_empty());
    }

    #[test]
    fn measured_numbers_of_different_scales_need_a_scaling() {
        let of = |rows: &[[f32; 2]]| {
            let starts = (0..=rows.len()).map(|row| 2 * row).collect();
            let columns = rows.iter().flat_map(|_| [0, 1]).collect();
            let values = rows.iter().flatten().copied().collect();
            FeatureScaling::needed(&Features::from_rows(2, starts, columns, values).expect("sound"))
        };
        let standard = Some(FeatureScaling::Standard);
        assert_eq!(of(&[[31.0, 1200.0], [45.0, 80.0]]), standard, "age and visits");
        assert_eq!(of(&[[0.01, 0.5], [0.02, 0.7]]), standard, "a ratio of 30");
        assert_eq!(of(&[[1.0, 0.0], [1.0, 1.0]]), None, "indicators");
        assert_eq!(of(&[[0.3, -0.2], [0.8, 0.4]]), None, "one scale");
        assert_eq!(of(&[[0.0, 0.0], [0.0, 90.0], [0.0, 0.0]]), None, "rare counts");
    }

    #[test]
    fn other_features_than_those_scaled_first_are_refused() {
        let scaler = Scaler::new(FeatureScaling::TfIdf, &example());
        let other = Features::from_rows(2, vec![0, 1], vec![0], vec![1.0]).expect("sound");
        let error = scaler.apply(&other).expect_err("2 columns").to_string();
        assert!(error.contains("expected 1 x 2, found 1 x 3"), "{error}");
    }
}
