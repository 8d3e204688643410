//! Pictures of how a run does on its test pairs.

use vgae_artifacts::Metrics;

use super::curves::{Lines, Point, area};
use super::element::Element;
use super::number::{count, metric, significant};
use super::page::{Section, cell, details, exact, figure, figures, head, paragraph, row, table};
use super::plot::{Axis, Frame, Plot, path};
use super::scale::extent;

const SQUARE: f64 = 340.0;
const BINS: usize = 40;

/// The ROC curve.
pub(crate) fn roc(curves: &Lines) -> Plot {
    let x = Axis { label: "false positive rate", range: (0.0, 1.0), ticks: 5 };
    let y = Axis { label: "true positive rate", range: (0.0, 1.0), ticks: 5 };
    let mut frame = Frame::new("roc", "ROC curve on test pairs", SQUARE, x, y);
    frame.curve("chance", &[(0.0, 0.0), (1.0, 1.0)], None);
    frame.curve("line s0", &curves.roc, Some(area(&curves.roc)));
    frame.legend("line s0", "this run");
    frame.legend("chance", "chance");
    let at = |rate: f64| {
        let reached = curves.roc.iter().take_while(|point| point.0 <= rate).last();
        reached.map_or(0.0, |point| 100.0 * point.1)
    };
    frame.plot.description = format!(
        "The area under the curve is {:.4}. At a false positive rate of 1 % it finds {:.0} % of the edges, \
         at 10 % it finds {:.0} %, at 50 % it finds {:.0} %.",
        area(&curves.roc),
        at(0.01),
        at(0.1),
        at(0.5)
    );
    frame.plot
}

/// The precision-recall curve, in the steps that average precision sums.
pub(crate) fn precision_recall(curves: &Lines) -> Plot {
    let x = Axis { label: "recall", range: (0.0, 1.0), ticks: 5 };
    let y = Axis { label: "precision", range: (0.0, 1.0), ticks: 5 };
    let mut frame =
        Frame::new("precision-recall", "Precision-recall curve on test pairs", SQUARE, x, y);
    let chance = curves.prevalence;
    frame.curve("chance", &[(0.0, chance), (1.0, chance)], None);
    let curve = &curves.precision_recall;
    frame.curve("line s0", curve, Some(area(curve)));
    frame.legend("line s0", "this run");
    frame.legend("chance", "chance");
    let at = |recall: f64| {
        let reached = curve.iter().find(|point| point.0 >= recall);
        reached.map_or(0.0, |point| 100.0 * point.1)
    };
    frame.plot.description = format!(
        "The area under the steps, the average precision, is {:.4}. Precision is {:.0} % at a recall of 50 %, \
         {:.0} % at 90 %, {:.0} % at 100 %.",
        area(curve),
        at(0.5),
        at(0.9),
        at(1.0)
    );
    frame.plot
}

/// How often scores fall into each of some bins of equal width.
#[derive(Debug)]
pub(crate) struct Histogram {
    /// One more than there are bins.
    pub(crate) edges: Vec<f64>,
    pub(crate) positive: Vec<usize>,
    pub(crate) negative: Vec<usize>,
}

impl Histogram {
    /// Bins over all but the lowest and the highest half percent, which the outermost bins count as well:
    /// one far score must not squeeze all others into a single bin.
    pub(crate) fn new(positive: &[f32], negative: &[f32]) -> Self {
        let mut finite: Vec<f64> = positive
            .iter()
            .chain(negative)
            .map(|&s| f64::from(s))
            .filter(|s| s.is_finite())
            .collect();
        finite.sort_unstable_by(f64::total_cmp);
        let cut = finite.len() / 200;
        let kept = finite.get(cut..finite.len() - cut).unwrap_or_default();
        let (low, high) = extent(kept.iter().copied(), 0.0);
        let step = (high - low) / BINS as f64;
        let edges = (0..=BINS).map(|at| low + step * at as f64).collect();
        let tally = |scores: &[f32]| {
            let mut counts = vec![0; BINS];
            for score in scores.iter().filter(|score| !score.is_nan()) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped"
                )]
                let bin = ((f64::from(*score) - low) / step).clamp(0.0, BINS as f64 - 1.0) as usize;
                counts[bin] += 1;
            }
            counts
        };
        Self { positive: tally(positive), negative: tally(negative), edges }
    }
}

/// Scores of edges against scores of non-edges.
pub(crate) fn histogram(bins: &Histogram) -> Plot {
    let high = bins.positive.iter().chain(&bins.negative).max().copied().unwrap_or(0);
    let range = (bins.edges[0], bins.edges[BINS]);
    let x = Axis { label: "score", range, ticks: 6 };
    let y = Axis { label: "pairs", range: (0.0, 1.05 * (high.max(1) as f64)), ticks: 5 };
    let mut frame = Frame::new("scores", "Scores of test pairs", 270.0, x, y);
    for (class, counts) in [("area", &bins.positive), ("outline", &bins.negative)] {
        let mut outline: Vec<Point> = vec![(frame.x.at(range.0), frame.y.at(0.0))];
        for (ends, count) in bins.edges.windows(2).zip(counts) {
            let height = frame.y.at(*count as f64);
            outline.extend(ends.iter().map(|end| (frame.x.at(*end), height)));
        }
        outline.push((frame.x.at(range.1), frame.y.at(0.0)));
        frame.plot.add(Element::new("polyline").class(class).attr("points", path(&outline)));
    }
    frame.legend("area", "edges");
    frame.legend("outline", "non-edges");
    let (.., top, bottom) = Frame::edges(270.0);
    for (at, ends) in bins.edges.windows(2).enumerate() {
        let (left, right) = (frame.x.at(ends[0]), frame.x.at(ends[1]));
        let text = format!(
            "{} to {}: {} edges, {} non-edges",
            significant(ends[0]),
            significant(ends[1]),
            bins.positive[at],
            bins.negative[at]
        );
        frame.plot.hit((left, top), (right - left, bottom - top), &text);
    }
    let fullest = |counts: &[usize]| {
        let best = (0..counts.len()).max_by_key(|&at| counts[at]).unwrap_or(0);
        format!("from {} to {}", significant(bins.edges[best]), significant(bins.edges[best + 1]))
    };
    frame.plot.description = format!(
        "The fullest bin of edges is that {}; of non-edges, that {}.",
        fullest(&bins.positive),
        fullest(&bins.negative)
    );
    frame.plot
}

/// Returns the section of curves and the histogram.
pub(crate) fn section(
    metrics: Option<&Metrics>,
    score: &str,
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
            "{} The outermost bins also hold the half percent of scores beyond each end. A score is \
             {score}.",
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
