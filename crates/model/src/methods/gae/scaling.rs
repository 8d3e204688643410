use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray;
use vgae_artifacts::{Features, Matrix};

use crate::methods::gae::weights::COLUMN_WEIGHTS;
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
}

/// Fitted feature scaling. It stores the constants of the training nodes, so that other nodes are scaled
/// equally.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scaler {
    scaling: FeatureScaling,
    /// Factors of TF-IDF, `1 x F`.
    column_weights: Option<Matrix>,
}

impl Scaler {
    pub(crate) fn new(scaling: FeatureScaling, features: &Features) -> Self {
        let column_weights =
            (scaling == FeatureScaling::TfIdf).then(|| inverse_document_frequency(features));
        Self { scaling, column_weights }
    }

    /// Restores the scaler from the [`Scaler::tensors`] among `weights`.
    pub(crate) fn of(scaling: FeatureScaling, weights: &Weights) -> Result<Self, ModelError> {
        let column_weights = weights.get(COLUMN_WEIGHTS).cloned();
        let expected = scaling == FeatureScaling::TfIdf;
        match &column_weights {
            Some(matrix) if !expected => {
                let found = Some((matrix.rows(), matrix.cols()));
                Err(ModelError::shape(COLUMN_WEIGHTS, None, found))
            }
            None if expected => Err(ModelError::shape(COLUMN_WEIGHTS, Some((1, 1)), None)),
            _ => Ok(Self { scaling, column_weights }),
        }
    }

    /// Returns the tensors to store with the weights.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (String, Matrix)> {
        let columns = self.column_weights.clone();
        columns.map(|matrix| (COLUMN_WEIGHTS.to_owned(), matrix)).into_iter()
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
        if let Some(weights) = &self.column_weights
            && (weights.rows(), weights.cols()) != (1, count)
        {
            let found = Some((weights.rows(), weights.cols()));
            return Err(ModelError::shape(COLUMN_WEIGHTS, Some((1, count)), found));
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

/// Returns `ln((1 + N) / (1 + n)) + 1` of each column, where `n` is its number of nonzero values; `1 x F`.
fn inverse_document_frequency(features: &Features) -> Matrix {
    let mut counts = vec![0u32; features.feature_count()];
    for (&column, &value) in features.columns().iter().zip(features.values()) {
        counts[column as usize] += u32::from(value != 0.0);
    }
    let all = 1.0 + features.node_count() as f64;
    let mut weights = Matrix::zeros(1, counts.len());
    for (weight, count) in weights.as_mut_slice().iter_mut().zip(counts) {
        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
        let idf = ((all / (1.0 + f64::from(count))).ln() + 1.0) as f32;
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
    fn other_features_than_those_scaled_first_are_refused() {
        let scaler = Scaler::new(FeatureScaling::TfIdf, &example());
        let other = Features::from_rows(2, vec![0, 1], vec![0], vec![1.0]).expect("sound");
        let error = scaler.apply(&other).expect_err("2 columns").to_string();
        assert!(error.contains("expected 1 x 2, found 1 x 3"), "{error}");
    }
}
