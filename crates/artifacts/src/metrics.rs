use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metric::{Better, Column, Metric, Shown, Unit, Values};
use crate::{
    Cell, FeatureImportance, Kind, NegativeKind, Part, Provenance, RankedAmong, Result, json,
};

/// Link prediction metrics on one set of pairs. A metric is absent if the set lacks positives or negatives.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct LinkMetrics {
    /// Area under the ROC curve, 0 to 1.
    pub auc: Option<f64>,
    /// Average precision, 0 to 1.
    pub ap: Option<f64>,
    /// Number of scored edges.
    pub positives: usize,
    /// Number of scored negatives.
    pub negatives: usize,
}

impl LinkMetrics {
    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 2] = [
        Metric {
            key: "auc",
            title: "AUC",
            definition: "roc_auc/1 (area under the ROC curve, ties count as one half; scikit-learn's roc_auc_score)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Chart,
            of: |metrics| metrics.auc,
        },
        Metric {
            key: "ap",
            title: "AP",
            definition: "average_precision/1 (precision times gained recall, summed over distinct scores from high \
                         to low; scikit-learn's average_precision_score)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Chart,
            of: |metrics| metrics.ap,
        },
    ];
}

/// Link prediction metrics on the pairs of one slice.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SliceMetrics {
    /// Validation or test.
    pub part: Part,
    /// Property that pairs are sliced by: `min_train_degree`, the smaller training degree of the two nodes;
    /// `train_distance`, the number of training edges on a shortest path between them; or `relation`, the relation
    /// type of the edges.
    pub by: String,
    /// Name of the slice: `cold` for pairs with a cold-start node, `apart` for pairs without a path, the relation
    /// type, else the range of values.
    pub name: String,
    /// Smallest value in the slice; absent for `apart`, which has no value.
    pub from: Option<u32>,
    /// Largest value in the slice; absent if it has no upper bound.
    pub to: Option<u32>,
    /// Metrics.
    #[serde(flatten)]
    pub metrics: LinkMetrics,
}

impl SliceMetrics {
    /// [`SliceMetrics::by`] of slices by the smaller training degree of the two nodes.
    pub const BY_DEGREE: &str = "min_train_degree";
    /// [`SliceMetrics::by`] of slices by the distance between the nodes over training edges.
    pub const BY_DISTANCE: &str = "train_distance";
    /// [`SliceMetrics::by`] of slices by relation type.
    pub const BY_RELATION: &str = "relation";
    /// Definition of slices by relation type.
    pub const RELATION_DEFINITION: (&str, &str) = (
        Self::BY_RELATION,
        "relation/1 (relation type of an edge; a slice contains the edges of the type and all negatives of the part, \
         scored as edges of that type if the model scores types)",
    );
    /// Definitions of degree and distance.
    pub const DEFINITIONS: [(&str, &str); 2] = [
        (
            Self::BY_DEGREE,
            "min_train_degree/1 (smaller number of training edges of the two nodes of a pair; a slice contains \
             the positives and the negatives with such a degree)",
        ),
        (
            Self::BY_DISTANCE,
            "train_distance/1 (number of training edges on a shortest path between the nodes of a pair; a slice \
             contains the positives and the negatives with such a distance, `apart` those without a path)",
        ),
    ];
}

/// Ranks of the edges of one part among negatives of one kind. A metric is absent if there is nothing to
/// rank.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct RankingMetrics {
    /// Validation or test.
    pub part: Part,
    /// Negatives: `split` for those of the split, a list common to all edges; else kind and number per edge,
    /// such as `uniform:10`.
    pub negatives: RankedAmong,
    /// Number of ranked edges; edges without negatives are excluded.
    pub positives: usize,
    /// Number of scored negatives.
    pub pairs: usize,
    /// Area under the ROC curve of all edges against all negatives, 0 to 1.
    pub auc: Option<f64>,
    /// Average precision of all edges against all negatives, 0 to 1. It decreases with the number of
    /// negatives.
    pub ap: Option<f64>,
    /// Mean over edges of one divided by the edge's rank among its negatives, 0 to 1.
    pub mrr: Option<f64>,
    /// Share of edges with rank at most K, 0 to 1, by K. A K is absent if an edge has fewer than K negatives.
    pub hits: BTreeMap<u32, f64>,
    /// MRR and Hits@K with the mean of the ranks that a tie can have as the rank; absent unless requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_ranks: Option<MeanRanks>,
}

/// MRR and Hits@K with the mean of the ranks that a tie can have as the rank of an edge.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct MeanRanks {
    /// Mean over edges of one divided by the edge's mean rank, 0 to 1.
    pub mrr: f64,
    /// Share of edges with mean rank at most K, 0 to 1, by K. A K is absent if an edge has fewer than K negatives.
    pub hits: BTreeMap<u32, f64>,
}

/// Returns the prefixes of keys and titles of metrics among negatives; empty for those of the split.
fn prefixes(negatives: RankedAmong) -> (String, String) {
    match negatives {
        RankedAmong::Split => (String::new(), String::new()),
        RankedAmong::Set(set) => {
            let kind = set.kind().to_string().replace('-', "_");
            (format!("{kind}_{}_", set.per_positive()), format!("{set} "))
        }
    }
}

impl RankingMetrics {
    /// Declarations of the metrics; Hits@K is declared by [`RankingMetrics::HITS`], since there are several
    /// K.
    pub const METRICS: [Metric<Self>; 1] = [Metric {
        key: "mrr",
        title: "MRR",
        definition: "mrr/1 (mean over positives of one divided by the rank among themselves and their negatives, ties \
                     in uniformly random order, in expectation; positives without negatives do not count)",
        unit: Unit::Percent,
        better: Better::Higher,
        shown: Shown::Chart,
        of: |ranking| ranking.mrr,
    }];

    /// Key and text of the definition of Hits@K.
    pub const HITS: (&str, &str) = (
        "hits_at_k",
        "hits_at_k/1 (share of positives that rank among the first K of themselves and their negatives, ties in \
         uniformly random order, in expectation; absent where a positive has fewer than K negatives; positives \
         without negatives do not count; Hu et al. 2020, OGB, counts a tie as a miss)",
    );
    /// Declarations of the metrics by mean rank; Hits@K is declared by [`RankingMetrics::MEAN_RANK_HITS`].
    pub const MEAN_RANK_METRICS: [Metric<Self>; 1] = [Metric {
        key: "mrr_mean_rank",
        title: "MRR (mean rank)",
        definition: "mrr_mean_rank/1 (mean over positives of one divided by the mean rank: 1 + negatives with a higher \
                     score + half of those with the same score; positives without negatives do not count; Li et al. \
                     2023, HeaRT, arXiv 2306.10453)",
        unit: Unit::Percent,
        better: Better::Higher,
        shown: Shown::Table,
        of: |ranking| ranking.mean_ranks.as_ref().map(|ranks| ranks.mrr),
    }];

    /// Key and text of the definition of Hits@K by mean rank.
    pub const MEAN_RANK_HITS: (&str, &str) = (
        "hits_at_k_mean_rank",
        "hits_at_k_mean_rank/1 (share of positives whose mean rank, as in mrr_mean_rank, is at most K; absent where a \
         positive has fewer than K negatives; positives without negatives do not count; Li et al. 2023, HeaRT)",
    );

    /// K of the Hits@K that tables show.
    pub const HITS_IN_TABLES: u32 = 10;

    /// Removes the metrics by mean rank.
    #[must_use]
    pub fn without_mean_ranks(self) -> Self {
        Self { mean_ranks: None, ..self }
    }

    /// Returns AUC and AP of all edges against all negatives.
    fn link(&self) -> LinkMetrics {
        LinkMetrics { auc: self.auc, ap: self.ap, positives: self.positives, negatives: self.pairs }
    }

    /// Returns every metric that is defined, by name.
    fn named(&self) -> Vec<(String, f64)> {
        let plain = [("auc", self.auc), ("ap", self.ap), ("mrr", self.mrr)];
        let plain = plain.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let hits = |end: &'static str| {
            move |(k, share): (&u32, &f64)| (format!("hits_at_{k}{end}"), *share)
        };
        let mut named: Vec<(String, f64)> = plain.chain(self.hits.iter().map(hits(""))).collect();
        if let Some(ranks) = &self.mean_ranks {
            named.push(("mrr_mean_rank".to_owned(), ranks.mrr));
            named.extend(ranks.hits.iter().map(hits("_mean_rank")));
        }
        named
    }

    /// Adds the columns of a test ranking. AUC and AP of the split's own negatives are added elsewhere.
    fn add_to(&self, values: &mut Values) {
        let (key, title) = prefixes(self.negatives);
        let shown = match self.negatives {
            RankedAmong::Split => Some(Shown::Table),
            RankedAmong::Set(set) => {
                let is_shown = match set.kind() {
                    NegativeKind::Hard | NegativeKind::Given | NegativeKind::Reversed => true,
                    NegativeKind::Uniform | NegativeKind::DegreeMatched | NegativeKind::Corrupt => {
                        false
                    }
                };
                (!is_shown).then_some(Shown::Files)
            }
        };
        let key = format!("test_{key}");
        let on = (key.as_str(), title.as_str());
        let first = values.0.len();
        values.add(&Self::METRICS, Some(self), on, shown);
        let hits = |key_end: &str, title_end: &str, k: u32, share: f64| {
            let in_tables = k == Self::HITS_IN_TABLES && shown != Some(Shown::Files);
            let column = Column {
                key: format!("{key}hits_at_{k}{key_end}"),
                title: format!("{title}Hits@{k}{title_end}"),
                unit: Unit::Percent,
                better: Better::Higher,
                shown: if in_tables { Shown::Table } else { Shown::Files },
                negatives: None,
            };
            (column, Some(share))
        };
        values.0.extend(self.hits.iter().map(|(&k, &share)| hits("", "", k, share)));
        if let Some(ranks) = &self.mean_ranks {
            values.add(&Self::MEAN_RANK_METRICS, Some(self), on, shown);
            let shares = ranks.hits.iter();
            values
                .0
                .extend(shares.map(|(&k, &share)| hits("_mean_rank", " (mean rank)", k, share)));
        }
        if let RankedAmong::Set(set) = self.negatives {
            // Of two directions, AUC says more than ranks.
            let shown = (set.kind() != NegativeKind::Reversed).then_some(Shown::Files);
            values.add(&LinkMetrics::METRICS, Some(&self.link()), on, shown);
            values.0[first..].iter_mut().for_each(|(column, _)| column.negatives = Some(set));
        }
    }
}

/// A metric at the epoch that is best by the same metric on validation pairs. Published tables of this kind select
/// each column by itself; the weights of a run are those of one epoch.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct OwnEpoch {
    /// Negatives that edges are ranked among.
    pub negatives: RankedAmong,
    /// Name of the metric, as in the ranking: `auc`, `mrr`, `hits_at_10`, `mrr_mean_rank`.
    pub metric: String,
    /// The first epoch with the best value on validation pairs, from 1.
    pub epoch: u32,
    /// Value on validation pairs, 0 to 1.
    pub validation: f64,
    /// Value on test pairs in the same epoch, 0 to 1; absent without test edges with such negatives.
    pub test: Option<f64>,
}

/// Test metrics, each at its own epoch, in the order of rankings and metrics.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct OwnEpochs {
    /// The metrics.
    pub metrics: Vec<OwnEpoch>,
}

impl OwnEpoch {
    /// Returns the column of the test value in result tables.
    fn column(&self) -> (Column, Option<f64>) {
        let (key, title) = prefixes(self.negatives);
        let in_tables = ["mrr_mean_rank", "hits_at_10_mean_rank"].contains(&self.metric.as_str());
        let column = Column {
            key: format!("own_epoch_test_{key}{}", self.metric),
            title: format!("{title}{} (own epoch)", self.metric),
            unit: Unit::Percent,
            better: Better::Higher,
            shown: if in_tables { Shown::Table } else { Shown::Files },
            negatives: self.negatives.set(),
        };
        (column, self.test)
    }
}

impl OwnEpochs {
    /// Key and text of the definition.
    pub const DEFINITION: (&str, &str) = (
        "own_epochs",
        "own_epochs/1 (each metric of test pairs at the first epoch with the highest value of the same metric on \
         validation pairs, of all epochs that were validated; Li et al. 2023, HeaRT)",
    );

    /// Offers the rankings of validation pairs in an epoch. `test` returns those of test pairs and is called if a
    /// metric has a new best value.
    ///
    /// # Errors
    /// Returns the error of `test`.
    pub fn offer<E>(
        &mut self,
        epoch: u32,
        validation: &[RankingMetrics],
        test: impl FnOnce() -> std::result::Result<Vec<RankingMetrics>, E>,
    ) -> std::result::Result<(), E> {
        let offered = validation.iter().flat_map(|ranking| {
            ranking.named().into_iter().map(|(metric, value)| (ranking.negatives, metric, value))
        });
        let better: Vec<(RankedAmong, String, f64)> = offered
            .filter(|(negatives, metric, value)| {
                self.find(*negatives, metric).is_none_or(|at| *value > self.metrics[at].validation)
            })
            .collect();
        if better.is_empty() {
            return Ok(());
        }
        let test = test()?;
        for (negatives, metric, validation) in better {
            let ranking = test.iter().find(|ranking| ranking.negatives == negatives);
            let named = ranking.map(RankingMetrics::named).unwrap_or_default();
            let value = named.iter().find(|(name, _)| *name == metric).map(|(_, value)| *value);
            let at = self.find(negatives, &metric);
            let own = OwnEpoch { negatives, metric, epoch, validation, test: value };
            match at {
                Some(at) => self.metrics[at] = own,
                None => self.metrics.push(own),
            }
        }
        Ok(())
    }

    fn find(&self, negatives: RankedAmong, metric: &str) -> Option<usize> {
        let mut metrics = self.metrics.iter();
        metrics.position(|own| own.negatives == negatives && own.metric == metric)
    }

    /// Writes `own-epochs.json`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        json::write(path, Kind::OwnEpochs, self, provenance)
    }

    /// Reads a file of [`OwnEpochs::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        json::read(path, Kind::OwnEpochs)
    }
}

/// Calibration on test pairs. Logits are converted to probabilities by Platt scaling fitted to the validation
/// pairs: `sigmoid(slope * logit + intercept)`.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ProbabilityMetrics {
    /// Log odds per unit of the logit.
    pub slope: f64,
    /// Log odds at a logit of 0.
    pub intercept: f64,
    /// Brier score: mean squared error of the probabilities, 0 to 1.
    pub brier: f64,
    /// Expected calibration error, 0 to 1.
    pub calibration_error: f64,
    /// Reliability diagram: test pairs by predicted probability, in bins of equal width from 0 to 1.
    pub reliability: Vec<ReliabilityBin>,
}

impl ProbabilityMetrics {
    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 2] = [Self::BRIER, Self::CALIBRATION_ERROR];

    const BRIER: Metric<Self> = Metric {
        key: "brier",
        title: "Brier",
        definition: "brier_score/1 (mean over test pairs of the squared difference between the probability and the \
                     truth, 1 for an edge and 0 for another pair; probabilities by Platt scaling of the logits of \
                     validation pairs; scikit-learn's brier_score_loss)",
        unit: Unit::Number,
        better: Better::Lower,
        shown: Shown::Files,
        of: |metrics| Some(metrics.brier),
    };

    const CALIBRATION_ERROR: Metric<Self> = Metric {
        key: "calibration_error",
        title: "ECE",
        definition: "expected_calibration_error/1 (mean over test pairs of the distance between the mean predicted \
                     probability and the share of edges in the pair's bin, ten bins of equal width; probabilities by \
                     Platt scaling of the logits of validation pairs)",
        unit: Unit::Number,
        better: Better::Lower,
        shown: Shown::Files,
        of: |metrics| Some(metrics.calibration_error),
    };
}

/// Bin of a reliability diagram: pairs with predicted probability in a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lowest probability.
    pub from: f64,
    /// Highest probability, exclusive except in the last bin.
    pub to: f64,
    /// Number of pairs.
    pub pairs: usize,
    /// Number of edges.
    pub positives: usize,
    /// Mean predicted probability; absent without pairs.
    pub predicted: Option<f64>,
}

impl ReliabilityBin {
    /// Returns the share of edges.
    #[must_use]
    pub fn observed(&self) -> f64 {
        self.positives as f64 / self.pairs.max(1) as f64
    }
}

/// Predicted weights of the edges of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct EdgeWeightMetrics {
    /// Number of edges.
    pub edges: usize,
    /// Root mean squared error of the predicted weights, in units of the weights.
    pub rmse: f64,
    /// Standard deviation of the weights: the root mean squared error of their mean.
    pub deviation: f64,
    /// Spearman's rank correlation of predicted and true weights, -1 to 1; absent if one of both is constant.
    pub spearman: Option<f64>,
}

impl EdgeWeightMetrics {
    /// Prefix of the definitions' keys.
    pub const PREFIX: &str = "weight_";

    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 3] = [
        Metric {
            key: "rmse",
            title: "weight RMSE",
            definition: "weight_rmse/1 (root mean squared error of the predicted weights of held-out edges, in units of \
                         the weights)",
            unit: Unit::Number,
            better: Better::Lower,
            shown: Shown::Table,
            of: |metrics| Some(metrics.rmse),
        },
        Metric {
            key: "deviation",
            title: "weight SD",
            definition: "weight_deviation/1 (standard deviation of the weights of held-out edges: the root mean squared \
                         error of their mean)",
            unit: Unit::Number,
            better: Better::Lower,
            shown: Shown::Files,
            of: |metrics| Some(metrics.deviation),
        },
        Metric {
            key: "spearman",
            title: "weight Spearman",
            definition: "weight_spearman/1 (rank correlation of predicted and true weights of held-out edges; ties have \
                         the mean of their ranks; SciPy's spearmanr)",
            unit: Unit::Number,
            better: Better::Higher,
            shown: Shown::Table,
            of: |metrics| metrics.spearman,
        },
    ];
}

/// Prediction of node labels, which are not used in training, from node vectors.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct NodeMetrics {
    /// Number of labelled nodes in the evaluation.
    pub labelled: usize,
    /// Number of distinct labels.
    pub classes: usize,
    /// Accuracy of a linear probe fitted to 10 % of the labels, 0 to 1, over ten draws.
    pub probe_accuracy: Cell,
    /// Macro-F1 of the same probe, 0 to 1.
    pub probe_macro_f1: Cell,
    /// Adjusted Rand index of k-means clusters and labels; 0 is chance level, 1 is perfect agreement.
    pub kmeans_ari: f64,
    /// Normalised mutual information of k-means clusters and labels, 0 to 1.
    pub kmeans_nmi: f64,
    /// Share of nodes whose cluster is assigned to their label, under the optimal assignment, 0 to 1.
    pub kmeans_accuracy: f64,
}

impl NodeMetrics {
    /// Prefix of the definitions' keys.
    pub const PREFIX: &str = "nodes.";

    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 5] = [
        Self::metric(
            "probe_accuracy",
            "probe accuracy",
            "node_probe_accuracy/1 (accuracy of predicting node labels by multinomial logistic regression on \
         standardised vectors, C = 1, fitted to 10 % of each class; evaluated on the other 90 %; mean and standard \
         deviation over 10 draws; scikit-learn's LogisticRegression; at most 20,000 labelled nodes are \
         sampled, for all node metrics)",
            |metrics| Some(metrics.probe_accuracy.mean),
        ),
        Self::metric(
            "probe_macro_f1",
            "probe macro-F1",
            "node_probe_macro_f1/1 (mean over classes of F1 of the same predictions; scikit-learn's f1_score)",
            |metrics| Some(metrics.probe_macro_f1.mean),
        ),
        Self::metric(
            "kmeans_ari",
            "k-means ARI",
            "kmeans_ari/1 (adjusted Rand index of labels and k-means clusters, as many as there are classes: \
             k-means++, the best of 10 starts; scikit-learn's KMeans and adjusted_rand_score)",
            |metrics| Some(metrics.kmeans_ari),
        ),
        Self::metric(
            "kmeans_nmi",
            "k-means NMI",
            "kmeans_nmi/1 (mutual information of labels and the same clusters over the mean of both entropies; \
             scikit-learn's normalized_mutual_info_score)",
            |metrics| Some(metrics.kmeans_nmi),
        ),
        Self::metric(
            "kmeans_accuracy",
            "k-means accuracy",
            "kmeans_accuracy/1 (share of nodes whose cluster is assigned to their class, under the assignment of \
             clusters to classes that maximises it)",
            |metrics| Some(metrics.kmeans_accuracy),
        ),
    ];

    const fn metric(
        key: &'static str,
        title: &'static str,
        definition: &'static str,
        of: fn(&Self) -> Option<f64>,
    ) -> Metric<Self> {
        let (unit, better, shown) = (Unit::Percent, Better::Higher, Shown::Files);
        Metric { key, title, definition, unit, better, shown, of }
    }
}

/// Metrics of a run over a graph.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Metrics {
    /// Warnings about these metrics, such as a leak.
    pub warnings: Vec<String>,
    /// Name and version of the definition of each metric.
    pub definitions: BTreeMap<String, String>,
    /// Metrics of validation pairs.
    pub validation: LinkMetrics,
    /// Metrics of test pairs.
    pub test: LinkMetrics,
    /// Predicted weights of validation edges; absent unless weights are predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_weights: Option<EdgeWeightMetrics>,
    /// Predicted weights of test edges; absent unless weights are predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_weights: Option<EdgeWeightMetrics>,
    /// Metrics of slices by degree and by distance.
    pub slices: Vec<SliceMetrics>,
    /// Ranking metrics, for the split's negatives and for others.
    pub rankings: Vec<RankingMetrics>,
    /// Metrics at epochs of their own; empty unless requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_epochs: Vec<OwnEpoch>,
    /// Calibration on test pairs; absent if the calibration fails or there are no test pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<ProbabilityMetrics>,
    /// Prediction of labels from vectors; absent without labels or if disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<NodeMetrics>,
    /// Feature importance on validation pairs of each column of a hybrid; empty for other methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub importances: Vec<FeatureImportance>,
}

impl Metrics {
    /// Returns the metrics of the test pairs with a cold-start node. Returns `None` if no slice consists of
    /// degree 0 only.
    #[must_use]
    pub fn cold_test_pairs(&self) -> Option<&LinkMetrics> {
        let mut slices = self.slices_by(SliceMetrics::BY_DEGREE);
        let (_, cold) =
            slices.find(|(_, slice)| slice.part == Part::Test && slice.name == "cold")?;
        Some(&cold.metrics)
    }

    /// Returns the slices by one property, each with its index among all slices.
    pub fn slices_by<'a>(
        &'a self,
        by: &'a str,
    ) -> impl Iterator<Item = (usize, &'a SliceMetrics)> + 'a {
        self.slices.iter().enumerate().filter(move |(_, slice)| slice.by == by)
    }

    /// Returns every value of the run with its column in result tables. The columns of [`Metrics::default`]
    /// are common to all runs.
    #[must_use]
    pub fn values(&self) -> Values {
        let mut values = Values::default();
        let files = Some(Shown::Files);
        values.add(&LinkMetrics::METRICS, Some(&self.test), ("test_", ""), None);
        for ranking in self.rankings.iter().filter(|ranking| ranking.part == Part::Test) {
            ranking.add_to(&mut values);
        }
        values.0.extend(self.own_epochs.iter().map(OwnEpoch::column));
        let weights = [
            ("test_", "", None, self.test_weights),
            ("validation_", "validation ", files, self.validation_weights),
        ];
        for (key, title, shown, weights) in weights {
            if let Some(weights) = &weights {
                let key = format!("{key}{}", EdgeWeightMetrics::PREFIX);
                values.add(&EdgeWeightMetrics::METRICS, Some(weights), (&key, title), shown);
            }
        }
        let probabilities = self.probabilities.as_ref();
        values.add(&ProbabilityMetrics::METRICS, probabilities, ("test_", ""), None);
        let cold = self.cold_test_pairs();
        values.add(&LinkMetrics::METRICS, cold, ("test_cold_", "cold "), files);
        let validation = ("validation_", "validation ");
        values.add(&LinkMetrics::METRICS, Some(&self.validation), validation, files);
        values.add(&NodeMetrics::METRICS, self.nodes.as_ref(), ("nodes_", ""), None);
        values
    }

    /// Writes `metrics.json`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        json::write(path, Kind::Metrics, self, provenance)
    }

    /// Reads a file of [`Metrics::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        json::read(path, Kind::Metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_keeps_the_first_of_its_best_epochs() {
        let ranking = |part, auc: f64, mrr: f64| RankingMetrics {
            part,
            negatives: RankedAmong::Split,
            positives: 1,
            pairs: 2,
            auc: Some(auc),
            ap: None,
            mrr: Some(mrr),
            hits: [(1, 0.5)].into(),
            mean_ranks: Some(MeanRanks { mrr, hits: [(1, 0.25)].into() }),
        };
        let mut own = OwnEpochs::default();
        let mut asked = Vec::new();
        let epochs = [(0.5, 0.9), (0.7, 0.8), (0.7, 0.9), (0.6, 0.95)];
        for (epoch, (auc, mrr)) in (1..).zip(epochs) {
            let value = f64::from(epoch) / 10.0;
            let test = || {
                asked.push(epoch);
                Ok::<_, ()>(vec![ranking(Part::Test, value, value)])
            };
            own.offer(epoch, &[ranking(Part::Validation, auc, mrr)], test).expect("no error");
        }
        assert_eq!(asked, [1, 2, 4], "test pairs are scored only where a metric is better");
        let found: Vec<_> = own
            .metrics
            .iter()
            .map(|own| (own.metric.as_str(), own.epoch, own.validation, own.test))
            .collect();
        assert_eq!(
            found,
            [
                ("auc", 2, 0.7, Some(0.2)),
                ("mrr", 4, 0.95, Some(0.4)),
                ("hits_at_1", 1, 0.5, Some(0.5)),
                ("mrr_mean_rank", 4, 0.95, Some(0.4)),
                ("hits_at_1_mean_rank", 1, 0.25, Some(0.25)),
            ]
        );
        let metrics = Metrics { own_epochs: own.metrics, ..Metrics::default() };
        assert_eq!(metrics.values().get("own_epoch_test_mrr_mean_rank"), Some(0.4));
    }

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
            validation_weights: None,
            test_weights: Some(EdgeWeightMetrics {
                edges: 3,
                rmse: 1.5,
                deviation: 2.0,
                spearman: None,
            }),
            slices: vec![slice(SliceMetrics::BY_DISTANCE, "apart", None, link.clone())],
            rankings: vec![RankingMetrics {
                part: Part::Test,
                negatives: RankedAmong::Split,
                positives: 1,
                pairs: 2,
                auc: Some(0.5),
                ap: Some(0.25),
                mrr: None,
                hits: [(1, 0.5), (10, 1.0)].into(),
                mean_ranks: Some(MeanRanks { mrr: 0.5, hits: [(1, 0.0)].into() }),
            }],
            own_epochs: vec![OwnEpoch {
                negatives: RankedAmong::Split,
                metric: "mrr".to_owned(),
                epoch: 3,
                validation: 0.5,
                test: None,
            }],
            probabilities: None,
            nodes: None,
            importances: Vec::new(),
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
