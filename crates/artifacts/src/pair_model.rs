use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, Result, json};

/// Model that scores the pairs of a run, for methods without inner products: the parts of `pair-model.json`
/// that can be read without the model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PairModelRecord {
    /// A structural or feature-based heuristic.
    Feature {
        /// Name of the heuristic.
        feature: String,
        /// Formula with its constants.
        definition: String,
    },
    /// Heuristics and an embedding, combined by a fitted model.
    Hybrid(HybridRecord),
    /// A decoder trained together with its encoder; the encoder's weight file contains its weights.
    MlpDecoder,
    /// A decoder of directed edges, without weights.
    Directed {
        /// Name of the decoder: `source-target`, `gravity`.
        decoder: String,
    },
    /// A decoder of edges with relation types; the encoder's weight file contains its weights.
    Relations {
        /// Names of the relation types.
        names: Vec<String>,
    },
}

/// Hybrid model: features of a pair, combined by a small model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct HybridRecord {
    /// Method whose embedding provides one of the columns.
    pub encoder: String,
    /// Combiner of the columns: `mlp`, `logistic`.
    pub combiner: String,
    /// Number of training edges in the fit, removed from the graph for it.
    pub positives: usize,
    /// Number of pairs without an edge in the fit.
    pub negatives: usize,
}

/// Feature importance of one column of a hybrid.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct FeatureImportance {
    /// Name of the column.
    pub name: String,
    /// Formula, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Weight in a linear model of standardised columns; absent in other models.
    pub coefficient: Option<f64>,
    /// Permutation importance: mean loss of AUC when the column is shuffled among the pairs.
    pub drop: f64,
}

impl PairModelRecord {
    /// Reads `pair-model.json`.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        json::read(path, Kind::PairModel)
    }
}
