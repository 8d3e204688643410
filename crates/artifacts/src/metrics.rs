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
    /// What the pairs are sliced by: `min_train_degree`, the smaller training degree of the two ends, or
    /// `train_distance`, the training edges on a shortest path between them.
    pub by: String,
    /// The slice's name: `cold` where an end has no training edge, `apart` where no path joins the ends, else
    /// the range of values.
    pub name: String,
    /// The smallest value in the slice; absent for `apart`, where there is no value.
    pub from: Option<u32>,
    /// The largest value in the slice; absent when it is open.
    pub to: Option<u32>,
    /// The metrics.
    #[serde(flatten)]
    pub metrics: LinkMetrics,
}

impl SliceMetrics {
    /// [`SliceMetrics::by`] of slices by the smaller training degree of the two ends.
    pub const BY_DEGREE: &str = "min_train_degree";
    /// [`SliceMetrics::by`] of slices by the distance between the ends over training edges.
    pub const BY_DISTANCE: &str = "train_distance";
}

/// How edges of one part rank among negatives of one kind. A metric is absent when there is nothing to rank.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct RankingMetrics {
    /// Validation or test.
    pub part: Part,
    /// Which negatives: `split` for those of the split, a list that all edges share; else kind and number for
    /// each edge, such as `uniform:10`.
    pub negatives: String,
    /// How many edges were ranked; those that have no negatives are left out.
    pub positives: usize,
    /// How many negatives were scored.
    pub pairs: usize,
    /// Area under the ROC curve of all edges against all negatives, 0 to 1.
    pub auc: Option<f64>,
    /// Average precision of all edges against all negatives, 0 to 1. It falls as the negatives grow in number.
    pub ap: Option<f64>,
    /// Mean over edges of one divided by the edge's rank among its negatives, 0 to 1.
    pub mrr: Option<f64>,
    /// By K, the share of edges that rank among the first K, 0 to 1. A K is absent where an edge has fewer than
    /// K negatives.
    pub hits: BTreeMap<u32, f64>,
}

impl RankingMetrics {
    /// [`RankingMetrics::negatives`] of the split's own negatives.
    pub const OF_THE_SPLIT: &str = "split";
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
    /// Warnings about these metrics, such as a leak.
    pub warnings: Vec<String>,
    /// Each metric's name, with the name and version of its definition.
    pub definitions: BTreeMap<String, String>,
    /// On validation pairs.
    pub validation: LinkMetrics,
    /// On test pairs.
    pub test: LinkMetrics,
    /// By degree and by distance.
    pub slices: Vec<SliceMetrics>,
    /// Ranking metrics, for the split's negatives and for others.
    pub rankings: Vec<RankingMetrics>,
    /// By what vectors tell of labels; absent where there are no labels, or it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<NodeMetrics>,
}

impl Metrics {
    /// On the test pairs with a cold end: a node that no training edge touches. Absent where no slice of
    /// degrees is that of 0 alone.
    #[must_use]
    pub fn cold_test_pairs(&self) -> Option<&LinkMetrics> {
        let mut slices = self.slices_by(SliceMetrics::BY_DEGREE);
        let (_, cold) =
            slices.find(|(_, slice)| slice.part == Part::Test && slice.name == "cold")?;
        Some(&cold.metrics)
    }

    /// The slices by one thing, each with its place among all slices.
    pub fn slices_by<'a>(
        &'a self,
        by: &'a str,
    ) -> impl Iterator<Item = (usize, &'a SliceMetrics)> + 'a {
        self.slices.iter().enumerate().filter(move |(_, slice)| slice.by == by)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_read_back() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("metrics.json");
        let link = LinkMetrics { auc: Some(0.5), ap: None, positives: 1, negatives: 2 };
        let slice = |by: &str, name: &str, from, metrics: LinkMetrics| SliceMetrics {
            part: Part::Test,
            by: by.to_owned(),
            name: name.to_owned(),
            from,
            to: None,
            metrics,
        };
        let mut metrics = Metrics {
            warnings: Vec::new(),
            definitions: BTreeMap::new(),
            validation: link.clone(),
            test: link.clone(),
            slices: vec![slice(SliceMetrics::BY_DISTANCE, "apart", None, link.clone())],
            rankings: vec![RankingMetrics {
                part: Part::Test,
                negatives: RankingMetrics::OF_THE_SPLIT.to_owned(),
                positives: 1,
                pairs: 2,
                auc: Some(0.5),
                ap: Some(0.25),
                mrr: None,
                hits: [(1, 0.5), (10, 1.0)].into(),
            }],
            nodes: None,
        };
        let provenance = Provenance::of_stage("test");
        metrics.write(&path, &provenance).expect("writes");
        assert_eq!(Metrics::read(&path).expect("reads"), metrics);
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.contains("\"10\": 1.0"), "{text}");

        metrics.slices = vec![
            slice(
                SliceMetrics::BY_DISTANCE,
                "cold",
                Some(0),
                LinkMetrics { ap: Some(1.0), ..link.clone() },
            ),
            slice(SliceMetrics::BY_DEGREE, "cold", Some(0), link.clone()),
        ];
        metrics.write(&path, &provenance).expect("writes");
        let read = Metrics::read(&path).expect("reads");
        assert_eq!(read.cold_test_pairs(), Some(&link), "by degree, not by distance");
        assert_eq!(read, metrics);
    }
}
