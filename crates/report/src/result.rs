//! Section of a run's metrics.

use vgae_artifacts::{LinkMetrics, Metrics, NodeMetrics, Part};

use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, details, exact, head, row, table};

/// The heads of [`link_cells`].
pub(crate) fn link_heads() -> impl Iterator<Item = (&'static str, &'static str)> {
    let metrics = LinkMetrics::METRICS.iter().map(|metric| ("", metric.title));
    metrics.chain([("", "Edges"), ("", "Non-edges")])
}

/// A cell per metric of pairs, and the numbers of pairs.
pub(crate) fn link_cells(path: &str, metrics: &LinkMetrics) -> Vec<Element> {
    let whole = |name: &str, value: usize| {
        cell(count(value)).attr("data-metric", format!("{path}.{name}")).attr("data-value", value)
    };
    let values = LinkMetrics::METRICS.iter().map(|own| {
        let value = (own.of)(metrics);
        exact(cell(metric(value)), &format!("{path}.{}", own.key), value)
    });
    let counts = [whole("positives", metrics.positives), whole("negatives", metrics.negatives)];
    values.chain(counts).collect()
}

/// The numbers of both parts.
pub(crate) fn section(metrics: &Metrics) -> Section {
    let parts = [("test", &metrics.test), ("validation", &metrics.validation)];
    let rows =
        parts.map(|(name, metrics)| row([head(name)].into_iter().chain(link_cells(name, metrics))));
    let content = vec![
        table(
            "Link prediction on held-out pairs. The test part is looked at once, here; nothing was chosen by it.",
            &[("t", "Part")].into_iter().chain(link_heads()).collect::<Vec<_>>(),
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

/// How well vectors predict labels.
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
        line("linear probe, accuracy", "probe_accuracy", accuracy.mean, accuracy.sd),
        line("linear probe, macro-F1", "probe_macro_f1", f1.mean, f1.sd),
        line("k-means, adjusted Rand index", "kmeans_ari", nodes.kmeans_ari, None),
        line("k-means, normalised mutual information", "kmeans_nmi", nodes.kmeans_nmi, None),
        line("k-means, accuracy", "kmeans_accuracy", nodes.kmeans_accuracy, None),
    ];
    let caption = format!(
        "How well the embedding predicts labels, which no training saw: {} nodes of {} classes. The probe is fitted to \
         10 % of them; mean and standard deviation over ten draws of those.",
        count(nodes.labelled),
        count(nodes.classes)
    );
    let content = vec![table(&caption, &[("t", "By"), ("", "Value"), ("", "SD")], rows)];
    Section { id: "labels", title: "Labels", content }
}
