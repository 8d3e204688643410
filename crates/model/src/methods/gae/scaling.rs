use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vgae_artifacts::{Features, Matrix};

use crate::methods::gae::weights::SCALER;
use crate::{ModelError, Weights};
use vgae_numerics::constant;

/// What is done to features before a model sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FeatureScaling {
    /// `"as-given"`: nothing.
    #[default]
    AsGiven,
    /// `"row-sum"`: a node's values are divided by the sum of their sizes.
    RowSum,
    /// `"tf-idf"`: a value of a feature that `n` of the `N` nodes have is multiplied by
    /// `ln((1 + N) / (1 + n)) + 1`, then each node's values are divided by their Euclidean length (Salton &
    /// Buckley 1988; the formula is scikit-learn's `TfidfTransformer`).
    TfIdf,
}

impl FeatureScaling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsGiven, Self::RowSum, Self::TfIdf];

    /// How it is written in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsGiven => "as-given",
            Self::RowSum => "row-sum",
            Self::TfIdf => "tf-idf",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(crate) fn is_as_given(&self) -> bool {
        *self == Self::AsGiven
    }
}

impl FromStr for FeatureScaling {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Self::ALL.into_iter().find(|scaling| scaling.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            ModelError::config("features", format!("one of {names}"), format!("{text:?}"))
        })
    }
}

/// A scaling with the numbers that it takes from the nodes it was first applied to, so that other nodes are
/// scaled alike.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scaler {
    /// `1 x F`.
    column_weights: Option<Matrix>,
    norm: Option<Norm>,
}

/// What a row is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Norm {
    /// The sum of the values' sizes.
    L1,
    /// The Euclidean length.
    L2,
}

impl Scaler {
    pub(crate) fn new(scaling: FeatureScaling, features: &Features) -> Self {
        match scaling {
            FeatureScaling::AsGiven => Self::default(),
            FeatureScaling::RowSum => Self { column_weights: None, norm: Some(Norm::L1) },
            FeatureScaling::TfIdf => Self {
                column_weights: Some(inverse_document_frequency(features)),
                norm: Some(Norm::L2),
            },
        }
    }

    /// What [`Scaler::tensors`] kept in `weights`.
    pub(crate) fn of(weights: &Weights) -> Result<Self, ModelError> {
        let [column_weights, row_norm] = SCALER.map(|name| weights.get(name));
        let norm = match row_norm.map(Matrix::as_slice) {
            None => None,
            Some([1.0]) => Some(Norm::L1),
            Some([2.0]) => Some(Norm::L2),
            Some(other) => {
                let found = format!("{other:?}");
                return Err(ModelError::config("row_norm in the weights", "1 or 2", found));
            }
        };
        Ok(Self { column_weights: column_weights.cloned(), norm })
    }

    /// For a file of weights.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (String, Matrix)> {
        let [column_weights, row_norm] = SCALER.map(str::to_owned);
        let norm = self.norm.map(|norm| match norm {
            Norm::L1 => 1.0,
            Norm::L2 => 2.0,
        });
        let columns = self.column_weights.clone().map(|matrix| (column_weights, matrix));
        columns.into_iter().chain(norm.map(|norm| (row_norm, constant(norm))))
    }

    /// The features scaled. A row of zeros stays one.
    pub(crate) fn apply<'a>(
        &self,
        features: &'a Features,
    ) -> Result<Cow<'a, Features>, ModelError> {
        if *self == Self::default() {
            return Ok(Cow::Borrowed(features));
        }
        let count = features.feature_count();
        if let Some(weights) = &self.column_weights
            && (weights.rows(), weights.cols()) != (1, count)
        {
            let found = Some((weights.rows(), weights.cols()));
            return Err(ModelError::shape(SCALER[0], Some((1, count)), found));
        }
        let mut values = features.values().to_vec();
        if let Some(weights) = &self.column_weights {
            for (value, &column) in values.iter_mut().zip(features.columns()) {
                *value *= weights.as_slice()[column as usize];
            }
        }
        if let Some(norm) = self.norm {
            for bounds in features.row_starts().windows(2) {
                let row = &mut values[bounds[0]..bounds[1]];
                let sizes = row.iter().map(|&value| f64::from(value));
                let size = match norm {
                    Norm::L1 => sizes.map(f64::abs).sum::<f64>(),
                    Norm::L2 => sizes.map(|value| value * value).sum::<f64>().sqrt(),
                };
                if size > 0.0 {
                    for value in row {
                        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
                        let scaled = (f64::from(*value) / size) as f32;
                        *value = scaled;
                    }
                }
            }
        }
        let (starts, columns) = (features.row_starts().to_vec(), features.columns().to_vec());
        Ok(Cow::Owned(Features::from_rows(count, starts, columns, values)?))
    }
}

/// `ln((1 + N) / (1 + n)) + 1` of each column, `n` of whose values are not 0; `1 x F`.
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
        assert_eq!(Scaler::of(&kept).expect("its own tensors"), scaler);
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
    fn names_are_those_of_configurations() {
        for scaling in FeatureScaling::ALL {
            let json = serde_json::to_string(&scaling).expect("JSON");
            assert_eq!(json, format!("\"{}\"", scaling.name()));
            assert_eq!(scaling.name().parse::<FeatureScaling>().expect("its name"), scaling);
        }
        let error = "l2".parse::<FeatureScaling>().expect_err("no such").to_string();
        assert!(error.contains("as-given, row-sum, tf-idf"), "{error}");
    }

    #[test]
    fn other_features_than_those_scaled_first_are_refused() {
        let scaler = Scaler::new(FeatureScaling::TfIdf, &example());
        let other = Features::from_rows(2, vec![0, 1], vec![0], vec![1.0]).expect("sound");
        let error = scaler.apply(&other).expect_err("2 columns").to_string();
        assert!(error.contains("expected 1 x 2, found 1 x 3"), "{error}");
    }
}
