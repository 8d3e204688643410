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
