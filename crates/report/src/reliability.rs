//! Whether predicted probabilities hold.

use super::curves::Point;
use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, details, figure, head, paragraph, row, table};
use super::plot::{Axis, Frame, Plot, tenths};

const HEIGHT: f64 = 360.0;
/// Room below 0 for the counts.
const BELOW: f64 = -0.14;

/// Test pairs by their predicted probability.
#[derive(Debug, Clone, Default)]
pub struct Reliability {
    /// What a unit of the logit counts in log odds.
    pub slope: f64,
    /// The log odds at a logit of 0.
    pub intercept: f64,
    /// Ranges of probability, rising.
    pub bins: Vec<ReliabilityBin>,
}

/// Test pairs whose predicted probability lies in a range.
#[derive(Debug, Clone, Default)]
pub struct ReliabilityBin {
    /// The lowest probability.
    pub from: f64,
    /// The highest.
    pub to: f64,
    /// How many pairs.
    pub pairs: usize,
    /// How many of them are edges.
    pub positives: usize,
    /// The mean of the predicted probabilities; absent without pairs.
    pub predicted: Option<f64>,
}

impl ReliabilityBin {
    /// The share of edges.
    fn observed(&self) -> f64 {
        self.positives as f64 / self.pairs.max(1) as f64
    }
}

impl Reliability {
    /// The mean distance of predicted from observed, weighed by pairs: the expected calibration error.
    fn error(&self) -> f64 {
        let pairs: usize = self.bins.iter().map(|bin| bin.pairs).sum();
        let off = self.bins.iter().filter_map(|bin| {
            bin.predicted.map(|predicted| bin.pairs as f64 * (predicted - bin.observed()).abs())
        });
        off.sum::<f64>() / pairs.max(1) as f64
    }

    pub(crate) fn plot(&self) -> Plot {
        let x = Axis { label: "predicted probability", range: (0.0, 1.0), ticks: 5 };
        let y = Axis { label: "share that are edges", range: (BELOW, 1.0), ticks: 6 };
        let mut frame =
            Frame::new("reliability", "Probabilities against what came true", HEIGHT, x, y);
        frame.curve("chance", &[(0.0, 0.0), (1.0, 1.0)], None);
        let filled =
            || self.bins.iter().filter_map(|bin| Some((bin, (bin.predicted?, bin.observed()))));
        let points: Vec<Point> = filled().map(|(_, point)| point).collect();
        frame.curve("line s0", &points, None);
        let (.., top, bottom) = Frame::edges(HEIGHT);
        for (bin, (predicted, observed)) in filled() {
            let dot = Element::new("circle").class("dot").attr("r", 4);
            let dot = dot.attr("cx", tenths(frame.x.at(predicted)));
            frame.plot.add(dot.attr("cy", tenths(frame.y.at(observed))));
            let (left, right) = (frame.x.at(bin.from), frame.x.at(bin.to));
            let at = (0.5 * (left + right), frame.y.at(0.5 * BELOW) + 4.0);
            frame.plot.text(at, "tick middle", &short(bin.pairs));
            let text = format!(
                "predicted {predicted:.3}, came true {observed:.3}: {} of {} pairs",
                count(bin.positives),
                count(bin.pairs)
            );
            frame.plot.hit((left, top), (right - left, bottom - top), &text);
        }
        frame.legend("line s0", "this run");
        frame.legend("chance", "what should be");
        frame.plot.description = format!(
            "Test pairs by predicted probability, as many as the numbers at the bottom say. On average over \
             pairs the share of edges is {:.3} away from what was predicted.",
            self.error()
        );
        frame.plot
    }

    pub(crate) fn section(&self, plot: &Plot) -> Section {
        let rows = self.bins.iter().map(|bin| {
            row([
                head(format!("{:.1} to {:.1}", bin.from, bin.to)),
                cell(count(bin.pairs)),
                cell(count(bin.positives)),
                cell(metric(bin.predicted)),
                cell(metric((bin.pairs > 0).then(|| bin.observed()))),
            ])
        });
        let heads = [
            ("t", "Probability"),
            ("", "Pairs"),
            ("", "Edges"),
            ("", "Predicted"),
            ("", "Observed"),
        ];
        let content = vec![
            paragraph(format!(
                "A logit s becomes the probability 1 / (1 + exp(\u{2212}(a s + b))), a = {:.4} and b = {:.4} being \
                 fitted to validation pairs (Platt scaling) and checked here on test pairs. Held-out pairs are \
                 edges and as many non-edges: among all pairs of nodes edges are far rarer, and so are \
                 probabilities lower.",
                self.slope, self.intercept
            )),
            figure(plot, &plot.description),
            details("Numbers of the plot", table("Test pairs by probability.", &heads, rows)),
        ];
        Section { id: "probabilities", title: "Probabilities", content }
    }
}

/// A count in at most four letters or so: 987, 12k, 3.4M.
fn short(value: usize) -> String {
    let scaled = value as f64;
    match value {
        0..1_000 => value.to_string(),
        1_000..10_000 => format!("{:.1}k", scaled / 1e3),
        10_000..1_000_000 => format!("{:.0}k", scaled / 1e3),
        _ => format!("{:.1}M", scaled / 1e6),
    }
}
