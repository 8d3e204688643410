use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, Part, Provenance, Result, json};

/// Link prediction on one set of pairs. A metric is absent when the set lacks positives or negatives.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct LinkMetrics {
    /// Area under the ROC curve, 0 to 1.
    pub auc: Option<f64>,
    /// Average precision, 0 to 1.
    pub ap: Option<f64>,
    /// How many edges were scored.
    pub positives: usize,
    /// How many non-edges were scored.
    pub negatives: usize,
}

/// The same metrics on the pairs of one slice.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SliceMetrics {
    /// Validation or test.
    pub part: Part,
    /// What the pairs are sliced by: `min_train_degree`, the smaller training degree of the two ends.
    pub by: String,
    /// The slice's name: `cold` where an end has no training edge, else the range of degrees.
    pub name: String,
    /// The smallest value in the slice.
    pub from: u32,
    /// The largest value in the slice; absent when it is open.
    pub to: Option<u32>,
    /// The metrics.
    #[serde(flatten)]
    pub metrics: LinkMetrics,
}

/// Mean and standard deviation over several draws.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the draws (of a sample: n - 1).
    pub sd: f64,
}

impl Spread {
    /// Of some values; zeros of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Self { mean, sd: (squares / (count - 1.0).max(1.0)).sqrt() }
    }
}

/// How well vectors of nodes tell the nodes' labels, which no training saw.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct NodeMetrics {
    /// Nodes with a label that were looked at.
    pub labelled: usize,
    /// Distinct labels among them.
    pub classes: usize,
    /// Share of nodes whose label a linear classifier finds that was fitted to a tenth of them, 0 to 1.
    pub probe_accuracy: Spread,
    /// The same classifier's F1, mean over classes, 0 to 1.
    pub probe_macro_f1: Spread,
    /// Adjusted Rand index of k-means clusters and labels; 0 is chance, 1 the same.
    pub kmeans_ari: f64,
    /// Normalised mutual information of both, 0 to 1.
    pub kmeans_nmi: f64,
    /// Share of nodes whose cluster stands for their label, by the best assignment, 0 to 1.
    pub kmeans_accuracy: f64,
}

/// What a run is judged by.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Metrics {
    /// Each metric's name, with the name and version of its definition.
    pub definitions: BTreeMap<String, String>,
    /// On validation pairs.
    pub validation: LinkMetrics,
    /// On test pairs.
    pub test: LinkMetrics,
    /// By degree.
    pub slices: Vec<SliceMetrics>,
    /// By what vectors tell of labels; absent where there are no labels, or it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<NodeMetrics>,
}

impl Metrics {
    /// On the test pairs with a cold end: a node that no training edge touches. Absent where no slice of
    /// degrees is that of 0 alone.
    #[must_use]
    pub fn cold_test_pairs(&self) -> Option<&LinkMetrics> {
        let mut slices = self.slices.iter();
        let cold = slices.find(|slice| slice.part == Part::Test && slice.name == "cold")?;
        Some(&cold.metrics)
    }

    /// Writes `metrics.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        json::write(path, Kind::Metrics, self, provenance)
    }

    /// Reads what [`Metrics::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        json::read(path, Kind::Metrics)
    }
}
