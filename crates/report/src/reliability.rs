//! Whether predicted probabilities hold.

use vgae_artifacts::ProbabilityMetrics;

use super::curves::Point;
use super::element::Element;
use super::number::{count, metric};
use super::page::{Section, cell, details, exact, figure, head, paragraph, row, table};
use super::plot::{Axis, Frame, Plot, tenths};

const HEIGHT: f64 = 360.0;
/// Room below 0 for the counts.
const BELOW: f64 = -0.14;

/// Probabilities as their section shows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reliability<'a>(pub(crate) &'a ProbabilityMetrics);

impl Reliability<'_> {
    pub(crate) fn plot(self) -> Plot {
        let x = Axis { label: "predicted probability", range: (0.0, 1.0), ticks: 5 };
        let y = Axis { label: "share that are edges", range: (BELOW, 1.0), ticks: 6 };
        let mut frame =
            Frame::new("reliability", "Probabilities against what came true", HEIGHT, x, y);
        frame.curve("chance", &[(0.0, 0.0), (1.0, 1.0)], None);
        let filled = || {
            self.0
                .reliability
                .iter()
                .filter_map(|bin| Some((bin, (bin.predicted?, bin.observed()))))
        };
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
            self.0.calibration_error
        );
        frame.plot
    }

    pub(crate) fn section(self, plot: &Plot) -> Section {
        let rows = self.0.reliability.iter().map(|bin| {
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
                self.0.slope, self.0.intercept
            )),
            figure(plot, &plot.description),
            metric_table(self.0),
            details("Numbers of the plot", table("Test pairs by probability.", &heads, rows)),
        ];
        Section { id: "probabilities", title: "Probabilities", content }
    }
}

/// Every metric of the probabilities.
fn metric_table(probabilities: &ProbabilityMetrics) -> Element {
    let rows = ProbabilityMetrics::METRICS.iter().map(|own| {
        let value = (own.of)(probabilities);
        let path = format!("probabilities.{}", own.key);
        let definition = cell(own.definition).class("t wrap");
        row([head(own.title), exact(cell(metric(value)), &path, value), definition])
    });
    let heads = [("t", "Metric"), ("", "Value"), ("t", "Definition")];
    table("Metrics of the probabilities of test pairs.", &heads, rows)
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
