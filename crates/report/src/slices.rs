//! How a run does on pairs of one kind and another: by degree, by distance.

use vgae_artifacts::{Metrics, Part, SliceMetrics};

use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, figure, head, row, table};
use super::plot::{Plot, WIDTH};
use super::result::{link_cells, link_heads, part_name};
use super::scale::{Scale, ticks};

/// A slicing of pairs and its wording.
#[derive(Debug)]
pub(crate) struct Slicing {
    by: &'static str,
    /// The stem of the plot's file.
    plot: &'static str,
    plot_title: &'static str,
    /// Meaning of the numbers beside the bars.
    axis: &'static str,
    id: &'static str,
    title: &'static str,
    /// The table's first column.
    column: &'static str,
    table: &'static str,
    note: &'static str,
}

/// By the smaller training degree of the two ends.
pub(crate) const BY_DEGREE: Slicing = Slicing {
    by: SliceMetrics::BY_DEGREE,
    plot: "degree-slices",
    plot_title: "Test AUC by degree",
    axis: "training degree",
    id: "degrees",
    title: "By degree",
    column: "Degree",
    table: "Metrics by the smaller training degree of the two nodes of a pair.",
    note: "The degree of a pair is the smaller number of training edges of its two nodes; cold pairs have an end \
           without any, so that only features can say something of it.",
};

/// By the distance between the two ends over training edges.
pub(crate) const BY_DISTANCE: Slicing = Slicing {
    by: SliceMetrics::BY_DISTANCE,
    plot: "distance-slices",
    plot_title: "Test AUC by distance",
    axis: "distance",
    id: "distances",
    title: "By distance",
    column: "Distance",
    table: "Metrics by the distance between the two nodes of a pair over training edges.",
    note: "The distance of a pair is the number of training edges on a shortest path between its nodes; pairs are \
           apart when no path joins them. Edges are mostly near and drawn non-edges mostly far, so that distance \
           alone tells many apart: within a slice it tells little, and the metric is of what else the model knows.",
};

impl Slicing {
    /// The AUC on test pairs; nothing without slices.
    pub(crate) fn plot(&self, metrics: &Metrics) -> Option<Plot> {
        let slices: Vec<&SliceMetrics> = metrics
            .slices_by(self.by)
            .map(|(_, slice)| slice)
            .filter(|slice| slice.part == Part::Test)
            .collect();
        if slices.is_empty() {
            return None;
        }
        let (row, top, left, right) = (30.0, 26.0, 64.0, WIDTH - 92.0);
        let bottom = top + row * slices.len() as f64;
        let mut plot = Plot::new(self.plot, self.plot_title, bottom + 38.0);
        let x = Scale::new((0.0, 1.0), (left, right));
        plot.text((4.0, 14.0), "", self.axis);
        plot.text((right + 8.0, 14.0), "", "AUC, pairs");
        for (value, label) in ticks(0.0, 1.0, 5) {
            let at = x.at(value);
            plot.segment("grid", (at, top), (at, bottom));
            plot.text((at, bottom + 16.0), "tick middle", &label);
        }
        plot.text((right, bottom + 32.0), "end", "AUC");
        let mut said = Vec::new();
        for (at, slice) in slices.iter().enumerate() {
            let y = top + row * at as f64;
            let pairs = slice.metrics.positives + slice.metrics.negatives;
            let name = name(slice);
            plot.text((left - 7.0, y + 19.0), "end", &name);
            let text = if let Some(auc) = slice.metrics.auc {
                plot.rect("bar", (left, y + 7.0), (x.at(auc) - left, 16.0));
                plot.text((right + 8.0, y + 13.0), "", &metric(Some(auc)));
                format!("{name}: {auc:.4} over {} pairs", count(pairs))
            } else {
                plot.text((left + 5.0, y + 19.0), "tick", &absent(slice));
                format!("{name}: {}", absent(slice))
            };
            plot.text((right + 8.0, y + 25.0), "tick", &format!("n = {}", count(pairs)));
            said.push(text);
        }
        plot.segment("chance", (x.at(0.5), top), (x.at(0.5), bottom));
        plot.segment("axis", (left, top), (left, bottom));
        plot.description = format!("{}. The dashed line is chance, 0.5.", said.join("; "));
        Some(plot)
    }

    /// The plot and the numbers of both parts.
    pub(crate) fn section(&self, metrics: &Metrics, plot: &Plot) -> Section {
        let caption = format!("{} {}", plot.description, self.note);
        let numbers = numbers(metrics, self.by, self.column, self.table);
        Section { id: self.id, title: self.title, content: vec![figure(plot, &caption), numbers] }
    }
}

/// Returns the metrics of edges by relation type, if they have types.
pub(crate) fn relations(metrics: &Metrics) -> Option<Section> {
    let by = SliceMetrics::BY_RELATION;
    metrics.slices_by(by).next()?;
    let caption =
        "Metrics by the relation type of edges: those of the type among all negatives of the part.";
    let content = vec![numbers(metrics, by, "Relation", caption)];
    Some(Section { id: "relations", title: "By relation type", content })
}

/// Returns the table of slices by one property.
fn numbers(metrics: &Metrics, by: &str, column: &'static str, caption: &str) -> Element {
    let rows: Vec<Element> = metrics
        .slices_by(by)
        .map(|(at, slice)| {
            let cells = link_cells(&format!("slices.{at}"), &slice.metrics);
            let note = if slice.metrics.auc.is_none() { absent(slice) } else { String::new() };
            let title =
                if by == SliceMetrics::BY_RELATION { slice.name.clone() } else { name(slice) };
            row([head(title), cell(part_name(slice.part)).class("t")]
                .into_iter()
                .chain(cells)
                .chain([cell(note).class("t")]))
        })
        .collect();
    let names = [("t", column), ("t", "Part")].into_iter();
    let heads: Vec<_> = names.chain(link_heads()).chain([("t", "")]).collect();
    table(caption, &heads, rows)
}

/// How a slice is named for people: `cold`, `1`, `2-3`, `8+`.
fn name(slice: &SliceMetrics) -> String {
    if slice.name == "cold" { "cold (0)".to_owned() } else { slice.name.replace('-', "\u{2013}") }
}

/// Why a slice has no metric.
fn absent(slice: &SliceMetrics) -> String {
    match (slice.metrics.positives, slice.metrics.negatives) {
        (0, 0) => "no pairs".to_owned(),
        (0, _) => "not measured: no edges".to_owned(),
        (_, 0) => "not measured: no non-edges".to_owned(),
        _ => "not measured".to_owned(),
    }
}
