//! The page of one run.

use vgae_artifacts::{
    Audit, Certificate, Embedding, History, LinkMetrics, Metrics, NodeMetrics, Nodes, Part, Scores,
};

use super::circumstances::Circumstances;
use super::element::Element;
use super::judging::{self, Histogram};
use super::number::{count, metric, significant};
use super::page::{
    Page, Section, cell, details, exact, figure, figures, head, paragraph, row, table,
};
use super::plot::Plot;
use super::ranking::Curves;
use super::reliability::Reliability;
use super::{Report, map, training};

/// What is known of a run. What is absent is left out of the page, or said to be absent.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// How it came about.
    pub circumstances: Circumstances,
    /// What ingest found.
    pub audit: Option<Audit>,
    /// What is proved of the split.
    pub certificate: Option<Certificate>,
    /// The training; empty for methods without epochs.
    pub history: Option<History>,
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
        let training = history.map(training::plots).unwrap_or_default();
        let mut ranking = Vec::new();
        if let (Some(curves), Some((positive, negative))) = (&curves, &test) {
            ranking.push(judging::roc(curves));
            ranking.push(judging::precision_recall(curves, positive.len(), negative.len()));
        }
        let histogram = bins.as_ref().map(judging::histogram);
        let reliability = self.reliability.as_ref().map(Reliability::plot);
        let slices = self.metrics.as_ref().and_then(judging::slices);
        let map = match (&self.nodes, &self.embedding) {
            (Some(nodes), Some(embedding)) => map::map(nodes, embedding),
            _ => None,
        };

        let sections = [
            self.metrics.as_ref().map(result),
            self.embedding.as_ref().map(|_| training::section(history, &training)),
            (!ranking.is_empty() || histogram.is_some()).then(|| {
                ranking_section(self.metrics.as_ref(), &ranking, histogram.as_ref(), bins.as_ref())
            }),
            self.reliability
                .as_ref()
                .zip(reliability.as_ref())
                .map(|(own, plot)| own.section(plot)),
            self.metrics.as_ref().and_then(|metrics| Some(degrees(metrics, slices.as_ref()?))),
            self.metrics.as_ref().and_then(|metrics| metrics.nodes.as_ref()).map(labels),
            map.as_ref().map(|map| map.section("The embedding")),
            self.audit.as_ref().map(|audit| graph(audit, self.certificate.as_ref())),
            (!self.circumstances.stages.is_empty()).then(|| self.circumstances.section()),
        ];
        let page = Page {
            title: self.circumstances.name.clone(),
            eyebrow: "vgae: report of a run".to_owned(),
            stamp: super::full_stamp(&self.circumstances.stamp),
            lead: self.lead(),
            sections: sections.into_iter().flatten().collect(),
        };
        let plots: Vec<&Plot> = training
            .iter()
            .chain(&ranking)
            .chain(&histogram)
            .chain(&reliability)
            .chain(&slices)
            .chain(map.as_ref().map(|map| &map.plot))
            .collect();
        Report::new(page, &plots)
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

fn link_cells(path: &str, metrics: &LinkMetrics) -> [Element; 4] {
    let whole = |name: &str, value: usize| {
        cell(count(value)).attr("data-metric", format!("{path}.{name}")).attr("data-value", value)
    };
    [
        exact(cell(metric(metrics.auc)), &format!("{path}.auc"), metrics.auc),
        exact(cell(metric(metrics.ap)), &format!("{path}.ap"), metrics.ap),
        whole("positives", metrics.positives),
        whole("negatives", metrics.negatives),
    ]
}

fn result(metrics: &Metrics) -> Section {
    let parts = [("test", &metrics.test), ("validation", &metrics.validation)];
    let rows =
        parts.map(|(name, metrics)| row([head(name)].into_iter().chain(link_cells(name, metrics))));
    let definitions = metrics
        .definitions
        .iter()
        .map(|(name, text)| row([head(name), cell(text).class("t wrap")]));
    let content = vec![
        table(
            "Link prediction on held-out pairs. The test part is looked at once, here; nothing was chosen by it.",
            &[("t", "Part"), ("", "AUC"), ("", "AP"), ("", "Edges"), ("", "Non-edges")],
            rows,
        ),
        details(
            "How the metrics are defined",
            table(
                "Definitions, with their versions.",
                &[("t", "Name"), ("t", "Definition")],
                definitions,
            ),
        ),
    ];
    Section { id: "result", title: "Result", content }
}

fn labels(nodes: &NodeMetrics) -> Section {
    let line = |name: &str, path: &str, mean: f64, sd: Option<f64>| {
        let value = |end: &str, value: Option<f64>| {
            exact(cell(metric(value)), &format!("nodes.{path}{end}"), value)
        };
        let (mean_end, sd) = match sd {
            Some(_) => (".mean", value(".sd", sd)),
            None => ("", cell("")),
        };
        row([head(name), value(mean_end, Some(mean)), sd])
    };
    let (accuracy, f1) = (nodes.probe_accuracy, nodes.probe_macro_f1);
    let rows = [
        line("linear classifier, accuracy", "probe_accuracy", accuracy.mean, Some(accuracy.sd)),
        line("linear classifier, macro-F1", "probe_macro_f1", f1.mean, Some(f1.sd)),
        line("k-means, adjusted Rand index", "kmeans_ari", nodes.kmeans_ari, None),
        line("k-means, normalised mutual information", "kmeans_nmi", nodes.kmeans_nmi, None),
        line("k-means, accuracy", "kmeans_accuracy", nodes.kmeans_accuracy, None),
    ];
    let caption = format!(
        "What the embedding tells of labels, which no training saw: {} nodes of {} classes. The classifier knows a \
         tenth of them; mean and standard deviation over ten draws of that tenth.",
        count(nodes.labelled),
        count(nodes.classes)
    );
    let content = vec![table(&caption, &[("t", "By"), ("", "Value"), ("", "SD")], rows)];
    Section { id: "labels", title: "Labels", content }
}

fn graph(audit: &Audit, certificate: Option<&Certificate>) -> Section {
    let facts = [
        ("nodes", audit.nodes),
        (if audit.directed { "edges (directed)" } else { "edges (undirected)" }, audit.edges),
        ("edge entries in the raw data", audit.raw_edge_entries),
        ("self-loops dropped", audit.self_loops_dropped),
        ("duplicates collapsed", audit.duplicates_collapsed),
        ("entries naming unknown nodes, dropped", audit.unknown_ends_dropped),
        ("isolated nodes", audit.isolated_nodes),
        ("largest degree", audit.max_degree),
        ("connected components", audit.components.count),
        ("nodes in the largest component", audit.components.largest),
        ("features", audit.features),
        ("stored feature values", audit.feature_nonzeros),
        ("nodes whose features are all zero", audit.zero_feature_nodes),
        ("classes", audit.classes),
        ("nodes without a label", audit.unlabelled_nodes),
    ];
    let rows = facts.map(|(name, value)| row([head(name), cell(count(value))]));
    let mut content = vec![table("The audit of the graph.", &[("t", "What"), ("", "Count")], rows)];
    if !audit.notes.is_empty() {
        let notes = audit.notes.iter().map(|note| Element::of("li", note));
        content.push(Element::of("h3", "Notes"));
        content.push(Element::new("ul").class("notes").children(notes));
    }
    if let Some(certificate) = certificate {
        content.push(split(certificate));
    }
    Section { id: "graph", title: "The graph", content }
}

fn split(certificate: &Certificate) -> Element {
    let counts = &certificate.counts;
    let yes = |holds: bool| if holds { "\u{2713} holds" } else { "\u{2717} does not hold" };
    let fact = |name: &str, value: String| row([head(name), cell(value).class("t wrap")]);
    let rows = [
        fact("training edges", count(counts.train)),
        fact(
            "validation edges, non-edges",
            format!("{}, {}", count(counts.validation), count(counts.validation_negative)),
        ),
        fact(
            "test edges, non-edges",
            format!("{}, {}", count(counts.test), count(counts.test_negative)),
        ),
        fact("no pair stands in two parts", yes(certificate.parts_disjoint).to_owned()),
        fact(
            "the parts are all edges of the graph",
            yes(certificate.positives_cover_the_graph).to_owned(),
        ),
        fact("no non-edge is an edge", yes(certificate.no_negative_is_an_edge).to_owned()),
        fact("message passing", certificate.message_passing.clone()),
        fact("test edges with a cold end", count(certificate.cold_test_edges)),
        fact("split", certificate.split_hash.short()),
    ];
    table(
        "The split, and the certificate that it does not leak. A cold end is a node that no training edge touches.",
        &[("t", "What"), ("t", "Value")],
        rows,
    )
}

fn ranking_section(
    metrics: Option<&Metrics>,
    curves: &[Plot],
    histogram: Option<&Plot>,
    bins: Option<&Histogram>,
) -> Section {
    let mut content = Vec::new();
    let mut shown: Vec<Element> = Vec::new();
    for plot in curves {
        let (name, path, value) = match (plot.name.as_str(), metrics) {
            ("roc", Some(metrics)) => ("AUC", "test.auc", metrics.test.auc),
            (_, Some(metrics)) => ("AP", "test.ap", metrics.test.ap),
            (_, None) => ("", "", None),
        };
        let mut figure = figure(plot, &plot.description);
        if value.is_some() {
            let number = exact(Element::of("strong", metric(value)), path, value);
            let line = Element::new("p").text(format!("{name} in metrics.json: ")).child(number);
            figure = figure.child(line).newline();
        }
        shown.push(figure);
    }
    if curves.is_empty() {
        content.push(paragraph(
            "A curve needs edges and non-edges with scores that are numbers; the test part lacks one of them.",
        ));
    }
    if let Some(plot) = histogram {
        let caption = format!(
            "{} The outermost bins also hold the half percent of scores beyond each end. A score is the \
             inner product of two embeddings: to an auto-encoder, the logit of an edge, 0 being even odds.",
            plot.description
        );
        shown.push(figure(plot, &caption));
    }
    content.push(figures(shown));
    if let Some(bins) = bins {
        let rows = (0..bins.positive.len()).map(|at| {
            row([
                head(significant(bins.edges[at])),
                cell(significant(bins.edges[at + 1])),
                cell(count(bins.positive[at])),
                cell(count(bins.negative[at])),
            ])
        });
        let heads = [("t", "From"), ("", "To"), ("", "Edges"), ("", "Non-edges")];
        content
            .push(details("Numbers of the histogram", table("Test pairs by score.", &heads, rows)));
    }
    Section { id: "ranking", title: "Edges against non-edges", content }
}

fn degrees(metrics: &Metrics, plot: &Plot) -> Section {
    let rows: Vec<Element> = metrics
        .slices
        .iter()
        .enumerate()
        .map(|(at, slice)| {
            let part = match slice.part {
                Part::Validation => "validation",
                part => part.name(),
            };
            let cells = link_cells(&format!("slices.{at}"), &slice.metrics);
            let note =
                if slice.metrics.auc.is_none() { judging::absent(slice) } else { String::new() };
            let note = cell(note).class("t");
            row([head(judging::slice_name(slice)), cell(part).class("t")]
                .into_iter()
                .chain(cells)
                .chain([note]))
        })
        .collect();
    let caption = format!(
        "{} The degree of a pair is the smaller number of training edges of its two nodes; cold pairs have an end \
         without any, so that only features can say something of it.",
        plot.description
    );
    let content = vec![
        figure(plot, &caption),
        table(
            "Metrics by the smaller training degree of the two nodes of a pair.",
            &[
                ("t", "Degree"),
                ("t", "Part"),
                ("", "AUC"),
                ("", "AP"),
                ("", "Edges"),
                ("", "Non-edges"),
                ("t", ""),
            ],
            rows,
        ),
    ];
    Section { id: "degrees", title: "By degree", content }
}
