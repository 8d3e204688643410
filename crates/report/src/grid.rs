//! The page of a grid of runs.

use std::fmt::Write as _;

use vgae_artifacts::metric::{Better, Column, Shown};
use vgae_artifacts::{Cell, ResultTable, Stage, StageRecord, Verdict};

use super::Report;
use super::cells::{self, Line};
use super::element::Element;
use super::names::titled;
use super::number::{bytes, count, seconds};
use super::page::{
    Page, Section, cell, details, even_figures, exact, figure, head, paragraph, row, table,
};
use super::plot::Plot;
use super::rows::{GridRun, Row, unit_name};
use super::standings::Group;
use super::times::{self, Entry};

/// The artifacts of a grid.
#[derive(Debug, Clone, Default)]
pub struct GridReport {
    /// Stands for everything the page is made from: another stamp, another page.
    pub stamp: String,
    /// The result table.
    pub table: ResultTable,
    /// The runs that the table names.
    pub runs: Vec<GridRun>,
}

impl GridReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        let rows = Row::all(&self.table, &self.runs);
        let groups = Group::all(&rows);
        let columns: Vec<&Column> = self.table.shown().collect();
        let spreads: Vec<Vec<Plot>> =
            groups.iter().enumerate().map(|(at, group)| spreads(at, group, &columns)).collect();
        let times: Vec<Plot> = groups
            .iter()
            .enumerate()
            .filter_map(|(at, group)| time_plot(at, group, columns.first()?))
            .collect();
        let mut sections = vec![self.standings(&groups, &columns)];
        let mut content = vec![paragraph(format!(
            "Each dot is a run, the upright bar is the mean of the cell, and the line extends one standard deviation to both sides{}. Dots \
             stand on three lines only to be told apart. Axes do not start at zero.",
            if self.table.has_published() { ", the diamond the paper\u{2019}s value" } else { "" }
        ))];
        // A row of pictures a group.
        content.extend(
            spreads
                .iter()
                .map(|plots| even_figures(plots.iter().map(|plot| figure(plot, caption(plot))))),
        );
        content.push(runs(&rows, &columns));
        sections.push(Section { id: "spread", title: "Every run", content });
        sections.extend((!times.is_empty()).then(|| Section {
            id: "times",
            title: "Score against time",
            content: vec![
                paragraph(
                    "The first metric of the table and wall-clock seconds per run, means over runs. Further up is \
                     better, further left is faster. Methods without room for their name show it under the pointer.",
                ),
                even_figures(times.iter().map(|plot| figure(plot, caption(plot)))),
            ],
        }));
        sections.extend(self.cold(&rows));
        sections.push(self.cost(&rows));
        let page = Page {
            title: self.title().to_owned(),
            eyebrow: "vgae: report of a grid".to_owned(),
            stamp: super::full_stamp(&self.stamp),
            alert: self.alert(),
            lead: self.lead(&groups, &columns),
            sections,
        };
        Report::new(page, &spreads.iter().flatten().chain(&times).collect::<Vec<_>>())
    }

    fn title(&self) -> &'static str {
        let mut protocols = self.table.rows.iter().map(|row| row.protocol);
        let first = protocols.next();
        if self.table.is_search() {
            "A search on validation data"
        } else if protocols.any(|protocol| Some(protocol) != first) {
            "Methods and protocols side by side"
        } else if self.table.has_published() {
            "Results and the paper's values"
        } else {
            "Results of a grid"
        }
    }

    /// Each warning once.
    fn alert(&self) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for warning in self.table.rows.iter().filter_map(|row| row.warning.as_ref()) {
            if !said.contains(warning) {
                said.push(warning.clone());
            }
        }
        if !said.is_empty() {
            said.push("Rows of which this is true are marked LEAK.".to_owned());
        }
        said
    }

    fn lead(&self, groups: &[Group<'_>], columns: &[&Column]) -> Vec<Element> {
        let published = self.table.rows.iter().flat_map(|row| row.published.values());
        let verdicts: Vec<Verdict> = published.map(|published| published.verdict).collect();
        let of = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
        let judged = verdicts.len() - of(Verdict::TooFewRuns);
        let mut said =
            format!("{} runs in {} rows. ", count(self.runs.len()), self.table.rows.len());
        if judged > 0 {
            let _infallible = write!(
                said,
                "Of {judged} cells that the paper has as well, {} are reproduced, {} lie above and {} below.",
                of(Verdict::Reproduced),
                of(Verdict::Above),
                of(Verdict::Below)
            );
        } else if !verdicts.is_empty() {
            said.push_str("No cell has enough runs for a verdict on the paper\u{2019}s values.");
        } else if let Some(column) = columns.first() {
            let best = groups.iter().filter_map(|group| group.best_said(column));
            let best: Vec<String> = best.collect();
            if !best.is_empty() {
                let _infallible = write!(said, "The best {}:", column.title);
                let best = best.into_iter().map(|text| Element::of("li", text));
                return vec![paragraph(said), Element::new("ul").class("notes").children(best)];
            }
        }
        vec![paragraph(said)]
    }

    /// A table for each dataset and protocol: other rows are not to be compared.
    fn standings(&self, groups: &[Group<'_>], columns: &[&Column]) -> Section {
        let mut content = vec![paragraph(self.table.caption())];
        for group in groups {
            content.push(Element::of("h3", group.title()));
            content.push(group.table(columns));
        }
        Section { id: "table", title: "Results", content }
    }

    fn cold(&self, rows: &[Row<'_>]) -> Option<Section> {
        let column = |key: &str| self.table.columns.iter().find(|column| column.key == key);
        let [auc, ap, all] =
            [column("test_cold_auc")?, column("test_cold_ap")?, column("test_auc")?];
        let lines = by_dataset(rows, |line| {
            let shown = |column: &Column| {
                let value = line.cell(column);
                let text = value.map_or("-".to_owned(), |cell| cell.text(column.unit.decimals()));
                let path = format!("rows.{}.metrics.{}.mean", line.at, column.key);
                exact(cell(text), &path, value.map(|value| value.mean))
            };
            let cold = line.cell(auc);
            let difference = cold.zip(line.cell(all)).map(|(cold, all)| cold.mean - all.mean);
            let difference = difference.map_or("-".to_owned(), |value| {
                format!("{value:+.1}").replacen('-', "\u{2212}", 1)
            });
            let measured = cell(cold.map_or(0, |cold| cold.runs));
            vec![shown(auc), shown(ap), cell(difference), measured]
        });
        let heads = heads(rows, &[("", "AUC"), ("", "AP"), ("", "AUC to all pairs"), ("", "Runs")]);
        let caption = "Cold-start test pairs, with an end that no training edge touches: mean \u{b1} standard \
                       deviation in percent over the runs that have such edges and non-edges; the difference to the \
                       AUC on all test pairs. Methods without features have no information on a cold-start node.";
        Some(Section {
            id: "cold",
            title: "Cold-start nodes",
            content: vec![table(caption, &heads, lines)],
        })
    }

    /// The circumstances of the trainings, each answer once.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let each = |of: fn(&StageRecord) -> String| -> String {
            let mut answers: Vec<String> = Vec::new();
            for record in self.runs.iter().filter_map(|run| run.manifest.stage(Stage::Train)) {
                let answer = of(record);
                if !answers.contains(&answer) {
                    answers.push(answer);
                }
            }
            answers.join(", ")
        };
        vec![
            ("program", each(|record| record.machine.program.clone())),
            ("threads per run", each(|record| record.machine.threads.to_string())),
            ("CPU features", each(|record| record.machine.cpu_features.join(" "))),
        ]
    }

    fn cost(&self, rows: &[Row<'_>]) -> Section {
        let apart = rows.iter().any(|line| line.result.peak_memory_bytes.is_some());
        let lines = by_dataset(rows, |line| {
            let all = || line.runs.iter().map(|run| run.manifest.run_seconds());
            let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
            let shared = || line.runs.iter().filter_map(|run| run.peak_memory_bytes()).min();
            let memory = if apart { line.result.peak_memory_bytes } else { shared() };
            let train: Vec<f64> = line.runs.iter().filter_map(|run| run.train_seconds()).collect();
            let train = Cell::of(&train);
            vec![
                cell(seconds(line.result.seconds)),
                cell(format!("{} to {}", seconds(least), seconds(most))),
                cell(train.map_or("-".to_owned(), |cell| seconds(cell.mean))),
                cell(memory.map_or("-".to_owned(), bytes)),
            ]
        });
        let column = if apart { "Memory" } else { "Memory, at most" };
        let heads =
            heads(rows, &[("", "A run"), ("", "Least to most"), ("", "Training"), ("", column)]);
        let memory = if apart {
            "Memory is the largest that a run of the row held, the program and the graph included; each had the \
             machine to itself."
        } else {
            "Memory is the largest the process had held when a run of that row was trained; runs of one process share \
             it, one after another and side by side, so a run can only have needed less."
        };
        let caption = format!(
            "Wall-clock time of a run (split, train, eval, export; mean over the runs) and of its training, on the \
             threads that the run had: small runs go side by side, one thread each. {memory}"
        );
        let mut content = vec![table(&caption, &heads, lines)];
        let facts = self.facts();
        if !facts.is_empty() {
            let facts = facts
                .into_iter()
                .map(|(name, value)| row([head(name), cell(value).class("t wrap")]));
            content.push(table(
                "The machine and the program.",
                &[("t", "What"), ("t", "Value")],
                facts,
            ));
        }
        Section { id: "cost", title: "Time and memory", content }
    }
}

/// Heads of a table of all rows.
fn heads<'a>(rows: &[Row<'_>], rest: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let protocol = has_protocols(rows).then_some(("t", "Protocol"));
    let names = [("t", "Dataset")].into_iter().chain(protocol).chain([("t", "Method")]);
    names.chain(rest.iter().copied()).collect()
}

fn has_protocols(rows: &[Row<'_>]) -> bool {
    rows.iter().any(|row| row.result.protocol.is_some())
}

/// All rows, with a line above the first of each dataset and protocol.
fn by_dataset(rows: &[Row<'_>], cells: impl Fn(&Row<'_>) -> Vec<Element>) -> Vec<Element> {
    let protocols = has_protocols(rows);
    let mut last = None;
    let mut lines = Vec::new();
    for line in rows {
        let own = Some((&line.result.dataset, line.result.protocol));
        let first = last != own;
        last = own;
        let protocol = line.result.protocol.map_or("-".to_owned(), |protocol| protocol.to_string());
        let protocol = protocols.then(|| cell(protocol).class("t"));
        let method = line.marked(cell(line.label()).class("t"));
        let names =
            [head(titled(&line.result.dataset))].into_iter().chain(protocol).chain([method]);
        let row = row(names.chain(cells(line)));
        lines.push(if first { row.class("first") } else { row });
    }
    lines
}

/// The numbers of every run.
fn runs(rows: &[Row<'_>], columns: &[&Column]) -> Element {
    let all = rows.iter().flat_map(|line| line.runs.iter().map(move |run| (line, *run)));
    let lines = all.map(|(line, run)| {
        let value = |column: &&Column| {
            let value = run.values.get(&column.key).map(|value| column.unit.in_tables(value));
            let decimals = column.unit.decimals();
            let shown = cell(value.map_or("-".to_owned(), |value| format!("{value:.decimals$}")));
            match value {
                Some(value) => shown.attr("data-run-metric", &column.key).attr("data-value", value),
                None => shown,
            }
        };
        let names = [line.marked(head(&run.manifest.run)), cell(run.manifest.seed)];
        let time = cell(seconds(run.manifest.run_seconds()));
        row(names.into_iter().chain(columns.iter().map(value)).chain([time]))
            .attr("data-run", &run.manifest.run)
    });
    let mut heads = vec![("t", "Run"), ("", "Seed")];
    heads.extend(columns.iter().map(|column| ("", column.title.as_str())));
    heads.push(("", "Time"));
    let caption =
        "The metrics of every run. `vgae report` on a folder in runs/ makes the page of that run.";
    details("Numbers of every run", table(caption, &heads, lines))
}

/// The charts of a group.
fn spreads(at: usize, group: &Group<'_>, columns: &[&Column]) -> Vec<Plot> {
    let charted = columns.iter().filter(|column| column.shown == Shown::Chart);
    let charted = charted.filter(|column| group.has(column));
    let plot = |column: &&Column| {
        let stem = column.key.replace('_', "-");
        let name = format!("cells-{}-{}-{stem}", at + 1, group.stem());
        let lines: Vec<Line> = group.rows().map(|row| Line::new(row, column)).collect();
        let title = format!("{}: {}", group.title(), column.title);
        cells::plot(name, title, unit_name(column.unit), &lines)
    };
    charted.map(plot).collect()
}

fn time_plot(at: usize, group: &Group<'_>, column: &Column) -> Option<Plot> {
    if column.better == Better::Lower {
        return None;
    }
    let entries: Vec<Entry> = group
        .rows()
        .map(|row| Entry {
            label: row.label(),
            seconds: row.result.seconds,
            score: row.cell(column).map_or(f64::NAN, |cell| cell.mean),
            leaky: row.is_leaky(),
        })
        .collect();
    let name = format!("times-{}-{}", at + 1, group.stem());
    let title = format!("{}: {} and seconds", group.title(), column.title);
    let label = format!("{}, {}", column.title, unit_name(column.unit));
    times::plot(&name, title, &label, &entries)
}

/// Returns the short caption; screen readers get the longer description, others have the table.
fn caption(plot: &Plot) -> &str {
    const LONG: usize = 500;
    if plot.description.len() > LONG {
        "The table of results has the numbers; hover over a method to see them."
    } else {
        &plot.description
    }
}
