//! The page of one run.

use vgae_artifacts::{
    Audit, Certificate, Chosen, Curves, Embedding, History, LinkMetrics, Metrics, Nodes,
    PairModelRecord, Part, Scores,
};

use super::circumstances::Circumstances;
use super::curves::Lines;
use super::element::Element;
use super::joined::{self, Joined};
use super::judging::{self, Histogram};
use super::number::metric;
use super::page::{Page, exact, paragraph};
use super::plot::Plot;
use super::reliability::Reliability;
use super::slices::{self, BY_DEGREE, BY_DISTANCE, Slicing};
use super::{Report, graph, map, rankings, result, training};

/// The artifacts of a run. A part without its artifact is left out of the page, or said to be absent.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// The run and its stages.
    pub circumstances: Circumstances,
    /// Audit of ingest.
    pub audit: Option<Audit>,
    /// Proofs on the split. A page with [`Certificate::leaks`], or with [`Metrics::warnings`], is called leaky.
    pub certificate: Option<Certificate>,
    /// The training; empty for methods without epochs.
    pub history: Option<History>,
    /// The epoch whose weights were kept, where validation chose it.
    pub chosen: Option<Chosen>,
    /// How pairs are scored, where inner products are not.
    pub pair_model: Option<PairModelRecord>,
    /// The metrics.
    pub metrics: Option<Metrics>,
    /// Every held-out pair with its score.
    pub scores: Option<Scores>,
    /// ROC and precision-recall curve of the test pairs.
    pub curves: Option<Curves>,
    /// Ids and labels.
    pub nodes: Option<Nodes>,
    /// A vector per node.
    pub embedding: Option<Embedding>,
    /// Cluster of each node that [`mapped`](crate::mapped) returns.
    pub clusters: Option<Vec<u32>>,
}

impl RunReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        let test = self.scores.as_ref().map(|scores| scores.of_part(Part::Test));
        let curves = self.curves.as_ref().and_then(Lines::new);
        let bins = test
            .as_ref()
            .filter(|(positive, negative)| !(positive.is_empty() && negative.is_empty()))
            .map(|(positive, negative)| Histogram::new(positive, negative));
        let history = self.history.as_ref().filter(|history| !history.0.is_empty());
        let training =
            history.map(|history| training::plots(history, self.chosen)).unwrap_or_default();
        let (feature, hybrid) = match &self.pair_model {
            Some(PairModelRecord::Feature { feature, definition }) => {
                (Some(joined::feature(feature, definition)), None)
            }
            Some(PairModelRecord::Hybrid(hybrid)) => {
                let metrics = self.metrics.as_ref();
                let importances = metrics.map_or(&[][..], |metrics| &metrics.importances);
                (None, Some(Joined { hybrid, importances }))
            }
            _ => (None, None),
        };
        let joined = hybrid.and_then(Joined::plot);
        let mut ranking = Vec::new();
        if let Some(curves) = &curves {
            ranking.push(judging::roc(curves));
            ranking.push(judging::precision_recall(curves));
        }
        let histogram = bins.as_ref().map(judging::histogram);
        let metrics = self.metrics.as_ref();
        let probabilities = metrics.and_then(|metrics| metrics.probabilities.as_ref());
        let probabilities = probabilities.map(Reliability);
        let reliability = probabilities.map(Reliability::plot);
        let [degrees, distances] =
            [BY_DEGREE, BY_DISTANCE].map(|slicing| Some((slicing.plot(metrics?)?, slicing)));
        let sliced = |slices: &Option<(Plot, Slicing)>| {
            slices
                .as_ref()
                .zip(metrics)
                .map(|((plot, slicing), metrics)| slicing.section(metrics, plot))
        };
        let map = match (&self.nodes, &self.embedding) {
            (Some(nodes), Some(embedding)) => map::maps(nodes, embedding, self.clusters.as_deref()),
            _ => None,
        };
        let neighbours = map.as_ref().and_then(|maps| maps.neighbours.as_ref());

        let sections = [
            metrics.map(result::section),
            feature,
            self.embedding.as_ref().map(|_| training::section(history, self.chosen, &training)),
            hybrid.map(|own| own.section(joined.as_ref())),
            (!ranking.is_empty() || histogram.is_some()).then(|| {
                judging::section(metrics, self.score(), &ranking, histogram.as_ref(), bins.as_ref())
            }),
            probabilities.zip(reliability.as_ref()).map(|(own, plot)| own.section(plot)),
            metrics.and_then(rankings::section),
            sliced(&degrees),
            sliced(&distances),
            metrics.and_then(slices::relations),
            metrics.and_then(|metrics| metrics.nodes.as_ref()).map(result::labels),
            neighbours.map(|map| map.section("Neighbours")),
            map.as_ref().map(|maps| maps.principal.section("The embedding")),
            self.audit.as_ref().map(|audit| graph::section(audit, self.certificate.as_ref())),
            self.circumstances.section(),
        ];
        let alert = self.alert();
        let page = Page {
            title: if alert.is_empty() {
                self.circumstances.name().to_owned()
            } else {
                format!("LEAKY: {}", self.circumstances.name())
            },
            alert,
            eyebrow: "vgae: report of a run".to_owned(),
            stamp: super::full_stamp(&self.circumstances.stamp),
            lead: self.lead(),
            sections: sections.into_iter().flatten().collect(),
        };
        let plots: Vec<&Plot> = training
            .iter()
            .chain(&joined)
            .chain(&ranking)
            .chain(&histogram)
            .chain(&reliability)
            .chain(degrees.iter().chain(&distances).map(|(plot, _)| plot))
            .chain(neighbours.map(|map| &map.plot))
            .chain(map.as_ref().map(|maps| &maps.principal.plot))
            .collect();
        let mut report = Report::new(page, &plots);
        report.map = map.and_then(|maps| maps.table);
        report
    }

    /// Describes the score of a pair.
    fn score(&self) -> &'static str {
        match &self.pair_model {
            Some(PairModelRecord::Feature { .. }) => "the number that is defined above",
            Some(PairModelRecord::Hybrid(_)) => {
                "the logit of an edge by the small model that combines its columns, 0 being even odds"
            }
            Some(PairModelRecord::Directed { .. }) => {
                "the logit of an edge from the first node to the second by a decoder of directed edges"
            }
            Some(_) => "the logit of an edge by the learned decoder, 0 being even odds",
            None => {
                "the inner product of two embeddings: to an auto-encoder, the logit of an edge, 0 being even odds"
            }
        }
    }

    /// Returns warnings; empty for a sound run.
    fn alert(&self) -> Vec<String> {
        let leaks = self.certificate.iter().flat_map(|certificate| &certificate.leaks);
        let leaks: Vec<&str> = leaks.map(String::as_str).collect();
        let certified = (!leaks.is_empty())
            .then(|| format!("LEAK, says the certificate of the split: {}.", leaks.join("; ")));
        let warnings = self.metrics.iter().flat_map(|metrics| &metrics.warnings);
        warnings.cloned().chain(certified).collect()
    }

    fn lead(&self) -> Vec<Element> {
        let mut lead: Vec<Element> = self.circumstances.said().map(paragraph).into_iter().collect();
        if let Some(metrics) = &self.metrics {
            let card = |name: &str, path: &str, value: Option<f64>| {
                let number = exact(Element::of("dd", metric(value)), path, value);
                Element::new("div").child(Element::of("dt", name)).child(number)
            };
            let parts = [
                ("Test", "test", &metrics.test),
                ("Validation", "validation", &metrics.validation),
            ];
            let cards = parts.into_iter().flat_map(|(name, path, link)| {
                LinkMetrics::METRICS.iter().map(move |metric| {
                    let path = format!("{path}.{}", metric.key);
                    (format!("{name} {}", metric.title), path, (metric.of)(link))
                })
            });
            let cards = cards.map(|(name, path, value)| card(&name, &path, value));
            lead.push(Element::new("dl").class("cards").children(cards));
        }
        lead
    }
}
