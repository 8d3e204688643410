//! Curves over the epochs of a training.

use std::fmt::Write as _;

use vgae_artifacts::{Chosen, EpochRecord, History};

use super::curves::Point;
use super::element::Element;
use super::number::{count, metric, significant};
use super::page::{Section, cell, details, figure, figures, head, paragraph, row, table};
use super::plot::{Axis, Frame, Plot};
use super::scale::extent;

const HEIGHT: f64 = 270.0;

/// As many places along the axis tell their numbers.
const HITS: usize = 200;

/// Sentences on the best epoch and early stopping.
fn said(Chosen { epoch, stopped_early }: Chosen, epochs: usize) -> String {
    let mut said =
        format!("The weights are those of epoch {epoch}, the best on validation (AUC + AP).");
    if stopped_early {
        let epochs = count(epochs);
        let _infallible = write!(
            said,
            " Training stopped early, after {epochs} epochs: validation had got no better."
        );
    }
    said
}

struct Series {
    name: &'static str,
    class: &'static str,
    of: fn(&EpochRecord) -> Option<f64>,
}

/// Loss (of validation samples too, where it was measured), KL (where the model has one) and metrics of
/// validation pairs (where they were measured) by epoch.
pub(crate) fn plots(history: &History, chosen: Option<Chosen>) -> Vec<Plot> {
    let loss = Series { name: "loss", class: "line s0", of: |record| Some(record.loss) };
    let reconstruction = Series {
        name: "reconstruction",
        class: "line s1",
        of: |record| Some(record.reconstruction),
    };
    let kl = Series { name: "KL", class: "line s2", of: |record| Some(record.kl) };
    let auc = Series {
        name: "AUC",
        class: "line s0",
        of: |record| record.validation.map(|validation| validation.auc),
    };
    let ap = Series {
        name: "AP",
        class: "line s1",
        of: |record| record.validation.map(|validation| validation.ap),
    };
    let held_out =
        Series { name: "validation", class: "line s2", of: |record| record.validation_loss };
    let has_kl = history.0.iter().any(|record| record.kl != 0.0);
    let mut plots = Vec::new();
    let mut losses = vec![loss, reconstruction];
    if history.0.iter().any(|record| record.validation_loss.is_some()) {
        losses.push(held_out);
    }
    plots.extend(plot(history, chosen, "loss", "Loss by epoch", "loss", &losses));
    if has_kl {
        plots.extend(plot(
            history,
            chosen,
            "kl",
            "KL term by epoch",
            "KL as it enters the loss",
            &[kl],
        ));
    }
    plots.extend(plot(
        history,
        chosen,
        "validation",
        "Validation by epoch",
        "AUC and AP",
        &[auc, ap],
    ));
    plots
}

/// The curves of a graph model, and some numbers of them.
pub(crate) fn section(
    history: Option<&History>,
    chosen: Option<Chosen>,
    plots: &[Plot],
) -> Section {
    let id = "training";
    let title = "Training";
    let Some(history) = history else {
        let content = vec![paragraph("This method has no epochs: there is no curve to draw.")];
        return Section { id, title, content };
    };
    let mut content: Vec<Element> =
        chosen.map(|chosen| paragraph(said(chosen, history.0.len()))).into_iter().collect();
    content.push(figures(plots.iter().map(|plot| figure(plot, &plot.description))));
    if !plots.iter().any(|plot| plot.name == "kl") {
        content.push(paragraph("The method has no KL term: its loss is the reconstruction."));
    }
    if !plots.iter().any(|plot| plot.name == "validation") {
        content.push(paragraph("Validation pairs were not scored during training."));
    }
    let rows = some(history).map(|record| {
        row([
            head(record.epoch),
            cell(significant(record.loss)),
            cell(significant(record.reconstruction)),
            cell(significant(record.kl)),
            cell(metric(record.validation.map(|validation| validation.auc))),
            cell(metric(record.validation.map(|validation| validation.ap))),
        ])
    });
    content.push(details(
        "Numbers by epoch",
        table(
            "Some epochs; all of them are in history.parquet. Loss and validation speak of the weights before \
             the epoch's update.",
            &[("t", "Epoch"), ("", "Loss"), ("", "Reconstruction"), ("", "KL"), ("", "Val. AUC"), ("", "Val. AP")],
            rows,
        ),
    ));
    Section { id, title, content }
}

/// The same of a model of samples.
pub(crate) fn section_of_samples(history: &History, plots: &[Plot]) -> Section {
    let mut content = vec![figures(plots.iter().map(|plot| figure(plot, &plot.description)))];
    if !plots.iter().any(|plot| plot.name == "kl") {
        content.push(paragraph("The method has no KL term: its loss is the reconstruction."));
    }
    let rows = some(history).map(|record| {
        row([
            head(record.epoch),
            cell(significant(record.loss)),
            cell(significant(record.reconstruction)),
            cell(significant(record.kl)),
            cell(record.validation_loss.map_or("-".to_owned(), significant)),
        ])
    });
    content.push(details(
        "Numbers by epoch",
        table(
            "Some epochs; all of them are in history.parquet. Means a sample: the losses over the epoch's batches, \
             each before its update; validation after the last.",
            &[("t", "Epoch"), ("", "Loss"), ("", "Reconstruction"), ("", "KL"), ("", "Validation loss")],
            rows,
        ),
    ));
    Section { id: "training", title: "Training", content }
}

/// About twenty records, evenly spaced, and the last.
fn some(history: &History) -> impl Iterator<Item = &EpochRecord> {
    let records = &history.0;
    let stride = records.len().div_ceil(20).max(1);
    let kept = move |at: usize| at.is_multiple_of(stride) || at + 1 == records.len();
    records.iter().enumerate().filter(move |(at, _)| kept(*at)).map(|(_, record)| record)
}

fn plot(
    history: &History,
    chosen: Option<Chosen>,
    name: &str,
    title: &str,
    y: &str,
    series: &[Series],
) -> Option<Plot> {
    let points: Vec<Vec<Point>> = series
        .iter()
        .map(|series| {
            let finite = |record: &EpochRecord| {
                let value = (series.of)(record).filter(|value| value.is_finite())?;
                Some((f64::from(record.epoch), value))
            };
            history.0.iter().filter_map(finite).collect()
        })
        .collect();
    if points.iter().all(Vec::is_empty) {
        return None;
    }
    let all = || points.iter().flatten();
    let x = Axis { label: "epoch", range: extent(all().map(|p| p.0), 0.0), ticks: 5 };
    let y = Axis { label: y, range: extent(all().map(|p| p.1), 0.04), ticks: 5 };
    let mut frame = Frame::new(name, title, HEIGHT, x, y);
    for (series, points) in series.iter().zip(&points) {
        frame.curve(series.class, points, None);
        frame.legend(series.class, series.name);
    }
    let kept = chosen
        .map(|chosen| chosen.epoch)
        .filter(|epoch| history.0.iter().any(|own| own.epoch == *epoch));
    if let Some(epoch) = kept {
        mark(&mut frame, epoch, &points);
    }
    hits(&mut frame, history, series);
    frame.plot.description = describe(series, &points);
    if let Some(epoch) = kept {
        let _infallible = write!(
            frame.plot.description,
            " The upright line is epoch {epoch}, whose weights were kept."
        );
    }
    Some(frame.plot)
}

/// An upright line where the weights are from, its label where the curves are not.
fn mark(frame: &mut Frame, epoch: u32, points: &[Vec<Point>]) {
    let (left, right, top, bottom) = Frame::edges(HEIGHT);
    let x = frame.x.at(f64::from(epoch));
    frame.plot.segment("chosen", (x, top), (x, bottom));
    let near = points.iter().filter_map(|points| {
        points.iter().min_by(|a, b| {
            let far = |point: &Point| (point.0 - f64::from(epoch)).abs();
            far(a).total_cmp(&far(b))
        })
    });
    let places: Vec<f64> = near.map(|point| frame.y.at(point.1)).collect();
    let room = |y: f64| places.iter().map(|place| (place - y).abs()).fold(f64::INFINITY, f64::min);
    let heights = [top + 12.0, 0.5 * (top + bottom), bottom - 8.0];
    let y = heights.into_iter().reduce(|a, b| if room(b) > room(a) { b } else { a });
    let y = y.unwrap_or(top);
    let (x, class) =
        if x > 0.5 * (left + right) { (x - 5.0, "label end") } else { (x + 5.0, "label") };
    frame.plot.text((x, y), class, &format!("epoch {epoch}, kept"));
}

/// Strips that tell the values of their epoch.
fn hits(frame: &mut Frame, history: &History, series: &[Series]) {
    let (.., top, bottom) = Frame::edges(HEIGHT);
    let stride = history.0.len().div_ceil(HITS).max(1);
    let width = (frame.x.at(stride as f64) - frame.x.at(0.0)).abs().min(60.0);
    for record in history.0.iter().step_by(stride) {
        let values: Vec<String> = series
            .iter()
            .filter_map(|series| {
                Some(format!("{} {}", series.name, significant((series.of)(record)?)))
            })
            .collect();
        if !values.is_empty() {
            let at = frame.x.at(f64::from(record.epoch)) - width / 2.0;
            let text = format!("epoch {}: {}", record.epoch, values.join(", "));
            frame.plot.hit((at, top), (width, bottom - top), &text);
        }
    }
}

fn describe(series: &[Series], points: &[Vec<Point>]) -> String {
    let one = |(series, points): (&Series, &Vec<Point>)| {
        let (first, last) = (points.first()?, points.last()?);
        let best = |better: fn(f64, f64) -> bool| {
            points.iter().copied().reduce(|a, b| if better(b.1, a.1) { b } else { a })
        };
        let (low, high) = (best(|a, b| a < b)?, best(|a, b| a > b)?);
        Some(format!(
            "{} goes from {} in epoch {} to {} in epoch {}; lowest {} in epoch {}, highest {} in epoch {}.",
            series.name,
            significant(first.1),
            first.0,
            significant(last.1),
            last.0,
            significant(low.1),
            low.0,
            significant(high.1),
            high.0
        ))
    };
    series.iter().zip(points).filter_map(one).collect::<Vec<_>>().join(" ")
}
