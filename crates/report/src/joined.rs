//! Section on the score of pairs: one number, or several combined.

use vgae_artifacts::{FeatureImportance, HybridRecord};

use super::element::Element;
use super::names::method_name;
use super::number::{count, shortened, significant};
use super::page::{Section, cell, figure, head, paragraph, row, table};
use super::plot::{Plot, WIDTH};
use super::scale::{Scale, extent, ticks};

/// The section on a single number, in place of a training and an embedding.
pub(crate) fn feature(name: &str, definition: &str) -> Section {
    let fact = Element::new("td").class("t wrap").child(Element::of("code", definition));
    let content = vec![
        paragraph(
            "The score of a pair is one number of the training graph and the features. Nothing is trained, and \
             there are no vectors: no curve and no map to draw.",
        ),
        table(
            "What a pair (u, v) is scored by.",
            &[("t", "Number"), ("t", "Definition")],
            [row([head(name), fact])],
        ),
    ];
    Section { id: "score", title: "What scores a pair", content }
}

/// A hybrid as its section shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined<'a> {
    pub(crate) hybrid: &'a HybridRecord,
    /// Importance of each column; empty where it was not measured.
    pub(crate) importances: &'a [FeatureImportance],
}

impl<'a> Joined<'a> {
    /// Columns that matter most first; what is not a number last.
    fn sorted(self) -> Vec<&'a FeatureImportance> {
        let key = |column: &FeatureImportance| {
            if points_lost(column).is_nan() { f64::NEG_INFINITY } else { points_lost(column) }
        };
        let mut sorted: Vec<&'a FeatureImportance> = self.importances.iter().collect();
        sorted.sort_by(|a, b| key(b).total_cmp(&key(a)));
        sorted
    }

    /// A bar a column; nothing without columns.
    pub(crate) fn plot(self) -> Option<Plot> {
        let columns = self.sorted();
        if columns.is_empty() {
            return None;
        }
        let labels: Vec<String> =
            columns.iter().map(|column| shortened(&column.name, LETTERS)).collect();
        let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
        let (row, top) = (24.0, 8.0);
        let (left, right) = (14.0 + 6.4 * longest as f64, WIDTH - 52.0);
        let bottom = top + row * columns.len() as f64;
        let mut plot = Plot::new("joined", "Validation AUC lost without a column", bottom + 38.0);
        let drops = columns.iter().map(|column| points_lost(column));
        let range = extent(drops.chain([0.0]), 0.0);
        let x = Scale::new(range, (left, right));
        for (value, label) in ticks(range.0, range.1, 5) {
            plot.segment("grid", (x.at(value), top), (x.at(value), bottom));
            plot.text((x.at(value), bottom + 16.0), "tick middle", &label);
        }
        plot.text((right, bottom + 32.0), "end", "points of AUC");
        let mut said = Vec::new();
        for (at, (column, label)) in columns.iter().zip(&labels).enumerate() {
            let y = top + row * at as f64;
            plot.text((left - 7.0, y + 16.0), "end", label);
            let value = points(points_lost(column));
            if points_lost(column).is_finite() {
                let (zero, end) = (x.at(0.0), x.at(points_lost(column)));
                plot.rect("bar", (zero.min(end), y + 5.0), ((end - zero).abs(), 14.0));
            }
            plot.text((right + 8.0, y + 16.0), "", &value);
            said.push(format!("{}: {value}", column.name));
        }
        plot.segment("axis", (x.at(0.0), top), (x.at(0.0), bottom));
        plot.description = format!("Points of AUC. {}.", said.join("; "));
        Some(plot)
    }

    pub(crate) fn section(self, plot: Option<&Plot>) -> Section {
        let mut content = vec![paragraph(format!(
            "A pair\u{2019}s columns, among them what the embedding of {} says, are joined by a small model ({}). It was \
             fitted on {} training edges, which were taken out of the graph for the fit, and {} pairs without an edge.",
            method_name(&self.hybrid.encoder),
            self.hybrid.combiner,
            count(self.hybrid.positives),
            count(self.hybrid.negatives)
        ))];
        if let Some(plot) = plot {
            content.push(figure(
                plot,
                "How much the AUC on validation pairs falls, in points, when the values of a column are shuffled among \
                 the pairs (permutation importance, Breiman 2001). Columns that say the same stand in for each \
                 other: each alone can lose little where both together would lose much.",
            ));
            content.push(self.table());
        } else {
            content.push(paragraph("What each column matters was not measured."));
        }
        Section { id: "joined", title: "Feature importance of the hybrid", content }
    }

    fn table(self) -> Element {
        let defined = self.importances.iter().any(|column| column.definition.is_some());
        let weighed = self.importances.iter().any(|column| column.coefficient.is_some());
        let mut heads = vec![("t", "Column"), ("", "Points lost")];
        heads.extend(weighed.then_some(("", "Coefficient")));
        heads.extend(defined.then_some(("t", "Definition")));
        let rows = self.sorted().into_iter().map(|column| {
            let drop = cell(points(points_lost(column)));
            let drop = if points_lost(column).is_finite() {
                drop.attr("data-value", points_lost(column))
            } else {
                drop
            };
            let coefficient = || {
                let text = column.coefficient.map_or("-".to_owned(), significant);
                cell(text.replacen('-', "\u{2212}", 1))
            };
            let definition = || {
                let code = column.definition.iter().map(|text| Element::of("code", text));
                Element::new("td").class("t wrap").children(code)
            };
            row([head(&column.name), drop]
                .into_iter()
                .chain(weighed.then(coefficient))
                .chain(defined.then(definition)))
        });
        let caption =
            "What is joined, what matters most first: points of validation AUC lost without it.";
        table(caption, &heads, rows)
    }
}

/// As many letters of a name stand beside a bar.
const LETTERS: usize = 22;

fn points(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    // No zero below zero.
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text.replacen('-', "\u{2212}", 1) }
}

/// The loss of AUC on validation pairs when the column is shuffled, in percentage points.
fn points_lost(column: &FeatureImportance) -> f64 {
    100.0 * column.drop
}
