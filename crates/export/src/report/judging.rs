//! Pictures of how a run does on its test pairs.

use vgae_artifacts::{Metrics, Part, SliceMetrics};

use super::element::Element;
use super::number::{count, metric, significant};
use super::plot::{Axis, Frame, Plot, WIDTH, path};
use super::ranking::{Curves, Point, area};
use super::scale::{Scale, extent, ticks};

const SQUARE: f64 = 340.0;
const BINS: usize = 40;

/// The ROC curve.
pub(crate) fn roc(curves: &Curves) -> Plot {
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
pub(crate) fn precision_recall(curves: &Curves, positives: usize, negatives: usize) -> Plot {
    let x = Axis { label: "recall", range: (0.0, 1.0), ticks: 5 };
    let y = Axis { label: "precision", range: (0.0, 1.0), ticks: 5 };
    let mut frame =
        Frame::new("precision-recall", "Precision-recall curve on test pairs", SQUARE, x, y);
    let chance = positives as f64 / (positives + negatives).max(1) as f64;
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

/// How the slices of a part are named for people: `cold`, `1`, `2-3`, `8+`.
pub(crate) fn slice_name(slice: &SliceMetrics) -> String {
    if slice.name == "cold" { "cold (0)".to_owned() } else { slice.name.replace('-', "\u{2013}") }
}

/// The AUC on test pairs by degree; nothing without slices.
pub(crate) fn slices(metrics: &Metrics) -> Option<Plot> {
    let slices: Vec<&SliceMetrics> =
        metrics.slices.iter().filter(|slice| slice.part == Part::Test).collect();
    if slices.is_empty() {
        return None;
    }
    let (row, top, left, right) = (30.0, 26.0, 64.0, WIDTH - 92.0);
    let bottom = top + row * slices.len() as f64;
    let mut plot = Plot::new("degree-slices", "Test AUC by degree", bottom + 38.0);
    let x = Scale::new((0.0, 1.0), (left, right));
    plot.text((4.0, 14.0), "", "training degree");
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
        let name = slice_name(slice);
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

/// Why a slice has no metric.
pub(crate) fn absent(slice: &SliceMetrics) -> String {
    match (slice.metrics.positives, slice.metrics.negatives) {
        (0, 0) => "no pairs".to_owned(),
        (0, _) => "not measured: no edges".to_owned(),
        (_, 0) => "not measured: no non-edges".to_owned(),
        _ => "not measured".to_owned(),
    }
}
