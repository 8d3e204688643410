use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, Result, json};

/// How a run scores pairs, where inner products of vectors do not: the parts of `pair-model.json` that need no model
/// to be read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PairModelRecord {
    /// By one number of structure or features.
    Feature {
        /// Its name.
        feature: String,
        /// Its formula, with its constants.
        definition: String,
    },
    /// By several numbers and an embedding, combined by a fitted model.
    Hybrid(HybridRecord),
    /// By a decoder that was learned with its encoder; its weights are beside the encoder's.
    MlpDecoder,
}

/// A hybrid: columns of numbers of a pair, combined by a small model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct HybridRecord {
    /// The method whose embedding is among the columns.
    pub encoder: String,
    /// The combiner of the columns: `mlp`, `logistic`.
    pub combiner: String,
    /// Number of training edges that it was fitted on, taken out of the graph for the fit.
    pub positives: usize,
    /// Number of pairs without an edge that it was fitted on.
    pub negatives: usize,
}

/// The importance of one column of a hybrid.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct FeatureImportance {
    /// The column.
    pub name: String,
    /// Its formula, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Its weight in a linear model of standardised columns; absent in other models.
    pub coefficient: Option<f64>,
    /// Permutation importance: the mean loss of AUC when the column is shuffled among the pairs.
    pub drop: f64,
}

impl PairModelRecord {
    /// Reads `pair-model.json`.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        json::read(path, Kind::PairModel)
    }
}
