//! The page of one run.

use vgae_artifacts::{Audit, Certificate, Embedding, History, Metrics, Nodes, Part, Scores};

use super::circumstances::Circumstances;
use super::curves::Curves;
use super::element::Element;
use super::joined::{FeatureReport, JoinedReport};
use super::judging::{self, Histogram};
use super::number::metric;
use super::page::{Page, exact, paragraph};
use super::plot::Plot;
use super::reliability::Reliability;
use super::slices::{BY_DEGREE, BY_DISTANCE, Slicing};
use super::training::Selection;
use super::{Report, graph, map, rankings, result, training};

/// What is known of a run. What is absent is left out of the page, or said to be absent.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// How it came about.
    pub circumstances: Circumstances,
    /// What must be said before any number: why they are no results. A page with a warning, or with
    /// [`Certificate::leaks`], is called leaky.
    pub warning: Option<String>,
    /// What ingest found.
    pub audit: Option<Audit>,
    /// What is proved of the split.
    pub certificate: Option<Certificate>,
    /// The training; empty for methods without epochs.
    pub history: Option<History>,
    /// The epoch whose weights were kept, as `history` numbers it, where validation chose them.
    pub selected_epoch: Option<u32>,
    /// Whether training ended before its last epoch because validation got no better.
    pub stopped_early: bool,
    /// What a hybrid joins.
    pub joined: Option<JoinedReport>,
    /// What scores pairs where nothing is trained and there is no embedding.
    pub feature: Option<FeatureReport>,
    /// What the run is judged by.
    pub metrics: Option<Metrics>,
    /// Every held-out pair with its score.
    pub scores: Option<Scores>,
    /// How well probabilities hold on test pairs.
    pub reliability: Option<Reliability>,
    /// Ids and labels.
    pub nodes: Option<Nodes>,
    /// A vector a node.
    pub embedding: Option<Embedding>,
}

impl RunReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        let test = self.scores.as_ref().map(|scores| scores.of_part(Part::Test));
        let curves = test.as_ref().and_then(|(positive, negative)| Curves::new(positive, negative));
        let bins = test
            .as_ref()
            .filter(|(positive, negative)| !(positive.is_empty() && negative.is_empty()))
            .map(|(positive, negative)| Histogram::new(positive, negative));
        let history = self.history.as_ref().filter(|history| !history.0.is_empty());
        let selection = Selection { epoch: self.selected_epoch, stopped_early: self.stopped_early };
        let training =
            history.map(|history| training::plots(history, selection)).unwrap_or_default();
        let joined = self.joined.as_ref().and_then(JoinedReport::plot);
        let mut ranking = Vec::new();
        if let (Some(curves), Some((positive, negative))) = (&curves, &test) {
            ranking.push(judging::roc(curves));
            ranking.push(judging::precision_recall(curves, positive.len(), negative.len()));
        }
        let histogram = bins.as_ref().map(judging::histogram);
        let reliability = self.reliability.as_ref().map(Reliability::plot);
        let metrics = self.metrics.as_ref();
        let [degrees, distances] =
            [BY_DEGREE, BY_DISTANCE].map(|slicing| Some((slicing.plot(metrics?)?, slicing)));
        let sliced = |slices: &Option<(Plot, Slicing)>| {
            slices
                .as_ref()
                .zip(metrics)
                .map(|((plot, slicing), metrics)| slicing.section(metrics, plot))
        };
        let map = match (&self.nodes, &self.embedding) {
            (Some(nodes), Some(embedding)) => map::map(nodes, embedding),
            _ => None,
        };

        let sections = [
            metrics.map(result::section),
            self.feature.as_ref().map(FeatureReport::section),
            self.embedding.as_ref().map(|_| training::section(history, selection, &training)),
            self.joined.as_ref().map(|own| own.section(joined.as_ref())),
            (!ranking.is_empty() || histogram.is_some()).then(|| {
                judging::section(metrics, self.score(), &ranking, histogram.as_ref(), bins.as_ref())
            }),
            self.reliability
                .as_ref()
                .zip(reliability.as_ref())
                .map(|(own, plot)| own.section(plot)),
            metrics.and_then(rankings::section),
            sliced(&degrees),
            sliced(&distances),
            metrics.and_then(|metrics| metrics.nodes.as_ref()).map(result::labels),
            map.as_ref().map(|map| map.section("The embedding")),
            self.audit.as_ref().map(|audit| graph::section(audit, self.certificate.as_ref())),
            (!self.circumstances.stages.is_empty()).then(|| self.circumstances.section()),
        ];
        let alert = self.alert();
        let page = Page {
            title: if alert.is_empty() {
                self.circumstances.name.clone()
            } else {
                format!("LEAKY: {}", self.circumstances.name)
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
            .chain(map.as_ref().map(|map| &map.plot))
            .collect();
        Report::new(page, &plots)
    }

    /// What a score of a pair is.
    fn score(&self) -> &'static str {
        if self.joined.is_some() {
            "the logit of an edge by the small model that joins its columns, 0 being even odds"
        } else if self.feature.is_some() {
            "the number that is defined above"
        } else {
            "the inner product of two embeddings: to an auto-encoder, the logit of an edge, 0 being even odds"
        }
    }

    /// What nobody must miss; nothing of a sound run.
    fn alert(&self) -> Vec<String> {
        let leaks = self.certificate.iter().flat_map(|certificate| &certificate.leaks);
        let leaks: Vec<&str> = leaks.map(String::as_str).collect();
        let certified = (!leaks.is_empty())
            .then(|| format!("LEAK, says the certificate of the split: {}.", leaks.join("; ")));
        self.warning.iter().cloned().chain(certified).collect()
    }

    fn lead(&self) -> Vec<Element> {
        let mut lead: Vec<Element> = self.circumstances.said().map(paragraph).into_iter().collect();
        if let Some(metrics) = &self.metrics {
            let card = |name: &str, path: &str, value: Option<f64>| {
                let number = exact(Element::of("dd", metric(value)), path, value);
                Element::new("div").child(Element::of("dt", name)).child(number)
            };
            lead.push(Element::new("dl").class("cards").children([
                card("Test AUC", "test.auc", metrics.test.auc),
                card("Test AP", "test.ap", metrics.test.ap),
                card("Validation AUC", "validation.auc", metrics.validation.auc),
                card("Validation AP", "validation.ap", metrics.validation.ap),
            ]));
        }
        lead
    }
}
