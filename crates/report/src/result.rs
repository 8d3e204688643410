//! What a run is judged by, in numbers.

use vgae_artifacts::{LinkMetrics, Metrics, NodeMetrics, Part};

use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, details, exact, head, row, table};

pub(crate) fn link_cells(path: &str, metrics: &LinkMetrics) -> [Element; 4] {
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

/// The numbers of both parts.
pub(crate) fn section(metrics: &Metrics) -> Section {
    let parts = [("test", &metrics.test), ("validation", &metrics.validation)];
    let rows =
        parts.map(|(name, metrics)| row([head(name)].into_iter().chain(link_cells(name, metrics))));
    let content = vec![
        table(
            "Link prediction on held-out pairs. The test part is looked at once, here; nothing was chosen by it.",
            &[("t", "Part"), ("", "AUC"), ("", "AP"), ("", "Edges"), ("", "Non-edges")],
            rows,
        ),
        details("How the metrics are defined", definitions(metrics, |_| true)),
    ];
    Section { id: "result", title: "Result", content }
}

/// The definitions of some names, with their versions.
pub(crate) fn definitions(metrics: &Metrics, wanted: impl Fn(&str) -> bool) -> Element {
    let rows = metrics.definitions.iter().filter(|(name, _)| wanted(name));
    let rows = rows.map(|(name, text)| row([head(name), cell(text).class("t wrap")]));
    table("Definitions, with their versions.", &[("t", "Name"), ("t", "Definition")], rows)
}

/// How a part is called on pages.
pub(crate) fn part_name(part: Part) -> &'static str {
    match part {
        Part::Validation => "validation",
        part => part.into(),
    }
}

/// What vectors tell of labels.
pub(crate) fn labels(nodes: &NodeMetrics) -> Section {
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
