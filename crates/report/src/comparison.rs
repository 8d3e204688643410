//! The page of two runs side by side.

use std::collections::BTreeMap;

use vgae_artifacts::metric::{Better, Column, Values};
use vgae_artifacts::{Curves, History, Manifest, Stage, StageRecord, names};

use super::Report;
use super::circumstances::{flatten, said};
use super::curves::{Lines, Point, area};
use super::element::Element;
use super::number::{bytes, metric, seconds};
use super::page::{Page, Section, cell, figure, figures, head, paragraph, row, table};
use super::plot::{Axis, Frame, Plot};
use super::scale::extent;

/// Height of a plot whose axes are both shares, and of one over epochs.
const SQUARE: f64 = 340.0;
const FLAT: f64 = 270.0;

/// The line of each run.
const CLASSES: [&str; 2] = ["line s0", "line s1"];

/// One of the runs.
#[derive(Debug, Clone)]
pub struct ComparedRun {
    /// Its name on the page; the two differ.
    pub name: String,
    /// Its record.
    pub manifest: Manifest,
    /// Its metrics.
    pub values: Values,
    /// ROC and precision-recall curve of the test pairs.
    pub curves: Option<Curves>,
    /// The training; empty for methods without epochs.
    pub history: Option<History>,
}

impl ComparedRun {
    /// Hash of the held-out pairs or samples.
    fn held_out(&self) -> Option<String> {
        let outputs = &self.manifest.stage(Stage::Split)?.outputs;
        let file =
            [names::SPLIT, names::SAMPLE_SPLIT].into_iter().find_map(|name| outputs.get(name));
        Some(file?.hash.to_hex())
    }

    /// Options of all stages by `stage.key`.
    fn options(&self) -> BTreeMap<String, String> {
        let mut lines = Vec::new();
        for stage in &self.manifest.stages {
            flatten(stage.stage.to_string(), &stage.config, &mut lines);
        }
        lines.push(("dataset".to_owned(), self.manifest.dataset.clone()));
        lines.push(("method".to_owned(), self.manifest.method.clone()));
        lines.push(("seed".to_owned(), self.manifest.seed.to_string()));
        lines.push(("split seed".to_owned(), self.manifest.split_seed.to_string()));
        let program = self.manifest.stages.last().map(|stage| stage.machine.program.clone());
        lines.extend(program.map(|program| ("program".to_owned(), program)));
        lines.into_iter().collect()
    }
}

/// Two runs to be compared.
#[derive(Debug, Clone)]
pub struct ComparisonReport {
    /// Stands for everything the page is made from.
    pub stamp: String,
    /// The runs, in the order of the page.
    pub runs: [ComparedRun; 2],
}

impl ComparisonReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        let plots: Vec<Plot> = self.curves().into_iter().chain(self.training()).collect();
        let figures = figures(plots.iter().map(|plot| figure(plot, &plot.description)));
        let pictures = Section { id: "curves", title: "Curves", content: vec![figures] };
        let sections = [
            Some(self.metrics()),
            (!plots.is_empty()).then_some(pictures),
            Some(self.options()),
            Some(self.cost()),
        ];
        let [a, b] = self.names();
        let page = Page {
            title: format!("{a} and {b}"),
            eyebrow: "vgae: two runs compared".to_owned(),
            stamp: super::full_stamp(&self.stamp),
            alert: self.alert(),
            lead: self.lead(),
            sections: sections.into_iter().flatten().collect(),
        };
        Report::new(page, &plots.iter().collect::<Vec<_>>())
    }

    fn names(&self) -> [&str; 2] {
        [&self.runs[0].name, &self.runs[1].name]
    }

    /// Returns warnings: numbers that are not to be compared.
    fn alert(&self) -> Vec<String> {
        let [a, b] = &self.runs;
        if a.manifest.dataset == b.manifest.dataset {
            return Vec::new();
        }
        vec![format!(
            "The runs are on different data, {} and {}: their metrics are not comparable.",
            a.manifest.dataset, b.manifest.dataset
        )]
    }

    fn lead(&self) -> Vec<Element> {
        let [a, b] = &self.runs;
        let same = a.held_out().is_some() && a.held_out() == b.held_out();
        let judged = if same {
            "Both were judged on the same held-out data, so a difference is one of the methods, their options and seeds."
        } else {
            "They were judged on different held-out data, so a difference is also one of the splits: compare runs of the \
             same split seed, or means over several."
        };
        let about = self
            .runs
            .iter()
            .map(|run| Element::of("li", format!("{}: {}", run.name, said(&run.manifest))));
        vec![Element::new("ul").class("notes").children(about), paragraph(judged)]
    }

    fn metrics(&self) -> Section {
        let [a, b] = &self.runs;
        let columns = a.values.0.iter().map(|(column, _)| column);
        let more = b.values.0.iter().map(|(column, _)| column);
        let more = more.filter(|column| a.values.0.iter().all(|(own, _)| own.key != column.key));
        let rows = columns.chain(more).filter_map(|column| {
            let values = [&a.values, &b.values].map(|values| values.get(&column.key));
            values.iter().any(Option::is_some).then(|| self.line(column, values))
        });
        let [a, b] = self.names();
        let heads = [("t", "Metric"), ("", a), ("", b), ("", "Difference"), ("t", "Better")];
        let caption = format!(
            "Metrics of both runs; the difference is {b} minus {a}. Shares are in percent."
        );
        let content = vec![table(&caption, &heads, rows)];
        Section { id: "metrics", title: "Metrics", content }
    }

    fn line(&self, column: &Column, values: [Option<f64>; 2]) -> Element {
        let in_tables = values.map(|value| value.map(|value| column.unit.in_tables(value)));
        let decimals = column.unit.decimals().max(1);
        let shown = |value: Option<f64>| {
            let text =
                value.map(|value| format!("{value:.decimals$}").replacen('-', "\u{2212}", 1));
            let element = cell(text.unwrap_or_else(|| "-".to_owned()));
            match value.filter(|value| value.is_finite()) {
                Some(value) => element.attr("data-value", value),
                None => element,
            }
        };
        let difference = in_tables[0].zip(in_tables[1]).map(|(a, b)| b - a);
        let text = difference.map_or("-".to_owned(), |value| {
            format!("{value:+.decimals$}").replacen('-', "\u{2212}", 1)
        });
        let better = difference.filter(|difference| *difference != 0.0).map(|difference| {
            let second = (difference > 0.0) == (column.better == Better::Higher);
            self.names()[usize::from(second)]
        });
        let first = shown(in_tables[0]).attr("data-metric", &column.key);
        row([
            head(&column.title),
            first,
            shown(in_tables[1]),
            cell(text),
            cell(better.unwrap_or("")).class("t"),
        ])
    }

    /// The curves on test pairs, where both runs have them.
    fn curves(&self) -> Vec<Plot> {
        let lines = self.runs.each_ref().map(|run| Lines::new(run.curves.as_ref()?));
        let [Some(a), Some(b)] = &lines else { return Vec::new() };
        let share = |label| Axis { label, range: (0.0, 1.0), ticks: 5 };
        let roc = [&a.roc[..], &b.roc];
        let precision = [&a.precision_recall[..], &b.precision_recall];
        vec![
            self.plot(
                Frame::new(
                    "roc",
                    "ROC curves on test pairs",
                    SQUARE,
                    share("false positive rate"),
                    share("true positive rate"),
                ),
                roc,
                Some("AUC"),
            ),
            self.plot(
                Frame::new(
                    "precision-recall",
                    "Precision-recall curves on test pairs",
                    SQUARE,
                    share("recall"),
                    share("precision"),
                ),
                precision,
                Some("AP"),
            ),
        ]
    }

    /// Validation AUC by epoch, where both runs have it.
    fn training(&self) -> Option<Plot> {
        let points = self.runs.each_ref().map(|run| -> Vec<Point> {
            let records = run.history.iter().flat_map(|history| &history.0);
            let point = |record: &vgae_artifacts::EpochRecord| {
                Some((f64::from(record.epoch), record.validation?.auc))
            };
            records.filter_map(point).filter(|point| point.1.is_finite()).collect()
        });
        if points.iter().any(Vec::is_empty) {
            return None;
        }
        let all = || points.iter().flatten();
        let x = Axis { label: "epoch", range: extent(all().map(|p| p.0), 0.0), ticks: 5 };
        let y = Axis { label: "AUC", range: extent(all().map(|p| p.1), 0.04), ticks: 5 };
        let frame = Frame::new("validation", "Validation AUC by epoch", FLAT, x, y);
        Some(self.plot(frame, [&points[0], &points[1]], None))
    }

    /// A line for each run; with `area`, the description has the area under each under that name.
    fn plot(&self, mut frame: Frame, lines: [&[Point]; 2], under: Option<&str>) -> Plot {
        for ((line, class), name) in lines.iter().zip(CLASSES).zip(self.names()) {
            frame.curve(class, line, under.map(|_| area(line)));
            frame.legend(class, &super::number::shortened(name, 18));
        }
        let said = lines.iter().zip(self.names()).map(|(line, name)| {
            let last = line.last().map(|point| point.1);
            under.map_or_else(
                || format!("{name} ends at {}.", metric(last)),
                |under| format!("{under} of {name}: {:.4}.", area(line)),
            )
        });
        frame.plot.description = said.collect::<Vec<_>>().join(" ");
        frame.plot
    }

    fn options(&self) -> Section {
        let [a, b] = self.runs.each_ref().map(ComparedRun::options);
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        let different = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
        let rows: Vec<Element> = different
            .map(|key| {
                let value = |options: &BTreeMap<String, String>| {
                    cell(options.get(key).map_or("-", String::as_str)).class("t wrap")
                };
                row([head(key), value(&a), value(&b)])
            })
            .collect();
        let content = if rows.is_empty() {
            paragraph("All options are the same.")
        } else {
            let [a, b] = self.names();
            let caption = "Options that differ, by stage; all others are the same.";
            table(caption, &[("t", "Option"), ("t", a), ("t", b)], rows)
        };
        Section { id: "options", title: "What differs", content: vec![content] }
    }

    fn cost(&self) -> Section {
        let [a, b] = self.runs.each_ref().map(|run| &run.manifest);
        let time = |record: Option<&StageRecord>| {
            cell(record.map_or("-".to_owned(), |record| seconds(record.machine.seconds)))
        };
        let stages = a.stages.iter().map(|record| record.stage);
        let stages =
            stages.map(|stage| row([head(stage), time(a.stage(stage)), time(b.stage(stage))]));
        let peak = |manifest: &Manifest| {
            let peaks = manifest.stages.iter().filter_map(|stage| stage.machine.peak_memory_bytes);
            cell(peaks.max().map_or("-".to_owned(), bytes))
        };
        let rest = [
            row([
                head("whole run"),
                cell(seconds(a.run_seconds())),
                cell(seconds(b.run_seconds())),
            ]),
            row([head("memory, at most"), peak(a), peak(b)]),
        ];
        let [a, b] = self.names();
        let caption =
            "Wall-clock time by stage as each was measured, and the largest memory of the process.";
        let rows = stages.chain(rest);
        let content = vec![table(caption, &[("t", "Stage"), ("", a), ("", b)], rows)];
        Section { id: "cost", title: "Time and memory", content }
    }
}
