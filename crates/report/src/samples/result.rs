//! Section of metrics: reconstruction error, and probes of the codes.

use vgae_artifacts::{CodeMetrics, ReconstructionMetrics, SampleMetrics};

use super::super::element::Element;
use super::super::number::{count, metric, shortened, significant};
use super::super::page::{Section, cell, details, exact, head, paragraph, row, table};
use super::ColumnError;

/// So many columns are listed.
const WORST: usize = 20;

fn number(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), significant)
}

/// The numbers to see first.
pub(super) fn cards(metrics: &SampleMetrics) -> Option<Element> {
    let card = |name: &str, path: &str, text: String, value: Option<f64>| {
        let number = exact(Element::of("dd", text), path, value);
        Element::new("div").child(Element::of("dt", name)).child(number)
    };
    let test = metrics.test.as_ref();
    let bound = test.and_then(|test| test.negative_elbo);
    let first = match (bound, test) {
        (Some(_), _) => Some(card("Test bound, nats", "test.negative_elbo", number(bound), bound)),
        (None, Some(test)) => {
            let value = Some(test.reconstruction);
            Some(card("Test loss a sample", "test.reconstruction", number(value), value))
        }
        (None, None) => None,
    };
    let squared = test.map(|test| test.squared_error);
    let pca = test.and_then(|test| test.pca_squared_error);
    let code = metrics.code.as_ref();
    let knn = code.and_then(|code| code.knn_accuracy);
    let probe = code.and_then(|code| code.probe_accuracy);
    let rest = [
        squared.map(|_| card("Squared error", "test.squared_error", number(squared), squared)),
        pca.map(|_| card("The same of PCA", "test.pca_squared_error", number(pca), pca)),
        knn.map(|_| card("Nearest neighbours", "code.knn_accuracy", metric(knn), knn)),
        probe.map(|_| card("Linear probe", "code.probe_accuracy", metric(probe), probe)),
    ];
    let cards: Vec<Element> = first.into_iter().chain(rest.into_iter().flatten()).collect();
    (!cards.is_empty()).then(|| Element::new("dl").class("cards").children(cards))
}

pub(super) fn section(metrics: &SampleMetrics, images: bool) -> Section {
    let unit = if images { "pixel" } else { "value" };
    let parts = [("test", &metrics.test), ("validation", &metrics.validation)];
    let rows = parts.into_iter().filter_map(|(name, part)| {
        let part = part.as_ref()?;
        Some(row([head(name)].into_iter().chain(cells(name, part))))
    });
    let caption = format!(
        "Reconstruction error of held-out samples: the mean loss per sample, and the squared error per {unit}, also \
         for a principal component analysis (PCA) with as many dimensions, the best linear code. The test part is \
         used once, for this table; nothing was chosen by it."
    );
    let heads = [
        ("t", "Part"),
        ("", "Samples"),
        ("", "Reconstruction"),
        ("", "KL"),
        ("", "Bound (\u{2212}ELBO)"),
        ("", "Squared error"),
        ("", "PCA"),
        ("", "Share of PCA"),
    ];
    let mut content = vec![table(&caption, &heads, rows)];
    content.extend(metrics.code.iter().flat_map(code));
    let definitions = metrics
        .definitions
        .iter()
        .map(|(name, text)| row([head(name), cell(text).class("t wrap")]));
    content.push(details(
        "How the metrics are defined",
        table(
            "Definitions, with their versions.",
            &[("t", "Name"), ("t", "Definition")],
            definitions,
        ),
    ));
    Section { id: "result", title: "Result", content }
}

fn cells(part: &str, metrics: &ReconstructionMetrics) -> Vec<Element> {
    let one = |name: &str, value: Option<f64>| {
        exact(cell(number(value)), &format!("{part}.{name}"), value)
    };
    let share = metrics
        .pca_squared_error
        .map(|pca| 100.0 * metrics.squared_error / pca)
        .filter(|share| share.is_finite());
    vec![
        cell(count(metrics.samples)),
        one("reconstruction", Some(metrics.reconstruction)),
        one("kl", metrics.kl),
        one("negative_elbo", metrics.negative_elbo),
        one("squared_error", Some(metrics.squared_error)),
        one("pca_squared_error", metrics.pca_squared_error),
        cell(share.map_or("-".to_owned(), |share| format!("{share:.0} %"))),
    ]
}

fn code(code: &CodeMetrics) -> [Element; 2] {
    let rows = [
        code.knn_accuracy.map(|value| {
            let name = format!("{} nearest neighbours", count(code.knn_k));
            (name, "code.knn_accuracy", value)
        }),
        code.probe_accuracy.map(|value| ("linear probe".to_owned(), "code.probe_accuracy", value)),
    ];
    let rows = rows.into_iter().flatten().map(|(name, path, value)| {
        row([head(name), exact(cell(metric(Some(value))), path, Some(value))])
    });
    // Not the table's caption: that would be as narrow as the table.
    let what = paragraph(format!(
        "How well the code predicts the label: share of {} labelled test samples that a classifier on the code \
         assigns rightly, fitted to {} labelled training samples of {} classes. The model itself is trained without labels.",
        count(code.labelled_test),
        count(code.labelled_train),
        count(code.classes)
    ));
    [what, table("Accuracy of linear probes on the codes.", &[("t", "By"), ("", "Accuracy")], rows)]
}

/// The columns that come back worst, by the share of their variance that is lost.
pub(super) fn columns(columns: &[ColumnError]) -> Option<Section> {
    if columns.is_empty() {
        return None;
    }
    let share = |column: &ColumnError| column.squared_error / column.variance;
    // Constant columns have no variance to lose a share of: they stand last.
    let key = |column: &ColumnError| Some(share(column)).filter(|share| share.is_finite());
    let mut order: Vec<&ColumnError> = columns.iter().collect();
    order.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY))
    });
    let rows = order.iter().take(WORST).map(|column| {
        row([
            head(shortened(&column.name, 80)),
            cell(significant(column.squared_error)),
            cell(significant(column.variance)),
            cell(key(column).map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share))),
        ])
    });
    let which = if columns.len() > WORST {
        format!("The {WORST} of {} columns that come back worst", count(columns.len()))
    } else {
        "Every column, the worst first".to_owned()
    };
    let caption = format!(
        "{which}: squared error over test samples in the units that the model sees, the variance of the column \
         (what guessing its mean would lose), and the share of it that is lost."
    );
    let heads = [("t", "Column"), ("", "Squared error"), ("", "Variance"), ("", "Lost")];
    let content = vec![table(&caption, &heads, rows)];
    Some(Section { id: "reconstruction", title: "What comes back", content })
}
