//! The page of a grid of runs.

use std::fmt::Write as _;

use vgae_artifacts::{LinkMetrics, Metrics, Seed};

use super::cells::Line;
use super::element::Element;
use super::names::{method_name, titled};
use super::number::{bytes, count, seconds};
use super::page::{
    Page, Section, cell, details, even_figures, exact, figure, head, paragraph, row, table,
};
use super::plot::Plot;
use super::standings::{Group, Measure, marked};
use super::times::{self, Entry};
use super::{Report, cells};

/// What is known of a grid.
#[derive(Debug, Clone, Default)]
pub struct GridReport {
    /// Stands for everything the page is made from: another stamp, another page.
    pub stamp: String,
    /// The page's title.
    pub title: String,
    /// What the numbers of the table mean.
    pub caption: String,
    /// Facts about the machine and the program.
    pub facts: Vec<(String, String)>,
    /// Datasets, then protocols, then methods.
    pub rows: Vec<GridRow>,
}

/// One method on one dataset under one protocol.
#[derive(Debug, Clone, Default)]
pub struct GridRow {
    /// The dataset.
    pub dataset: String,
    /// The protocol that the runs are judged by, by name. Rows are compared within a dataset and a protocol.
    pub protocol: Option<String>,
    /// The method.
    pub method: String,
    /// What must be said of these numbers: why they are no results. Such a row is marked and never the best.
    pub warning: Option<String>,
    /// Area under the ROC curve on test pairs.
    pub auc: GridCell,
    /// Average precision on test pairs.
    pub ap: GridCell,
    /// Mean wall-clock seconds of a run.
    pub seconds: f64,
    /// The largest resident memory of a run, where each had the process to itself.
    pub peak_memory_bytes: Option<u64>,
    /// The runs.
    pub runs: Vec<GridRun>,
}

/// One metric over the runs of a row, in points (0 to 100).
#[derive(Debug, Clone, Default)]
pub struct GridCell {
    /// Mean over the runs.
    pub mean: f64,
    /// Sample standard deviation; absent with a single run.
    pub sd: Option<f64>,
    /// Standard error of the mean; absent with a single run.
    pub se: Option<f64>,
    /// The paper's value.
    pub paper: Option<f64>,
    /// Ours against the paper's.
    pub verdict: GridVerdict,
}

/// Where a mean stands to the paper's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GridVerdict {
    /// The paper's value lies within two standard deviations.
    Reproduced,
    /// Ours is higher.
    Above,
    /// Ours is lower.
    Below,
    /// There is nothing to compare, or too little.
    #[default]
    None,
}

impl GridVerdict {
    /// Class, sign and word: colour, shape and text say the same.
    pub(crate) const fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::Reproduced => ("t verdict reproduced", "\u{2713} reproduced"),
            Self::Above => ("t verdict above", "\u{25b2} above"),
            Self::Below => ("t verdict below", "\u{25bc} below"),
            Self::None => ("t verdict", "\u{2013}"),
        }
    }
}

/// One run of a grid.
#[derive(Debug, Clone)]
pub struct GridRun {
    /// Its name, which is its folder's under `runs/`.
    pub name: String,
    /// Decides initial weights, noise and dropout.
    pub seed: Seed,
    /// What it is judged by.
    pub metrics: Metrics,
    /// Wall-clock seconds of split, train, eval and export.
    pub seconds: f64,
    /// Of these, training.
    pub train_seconds: Option<f64>,
    /// The process's largest resident memory when training was done.
    pub peak_memory_bytes: Option<u64>,
}

/// Mean and sample standard deviation of the values there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    pub(crate) sd: Option<f64>,
}

impl Spread {
    pub(crate) fn new(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        (!values.is_empty()).then_some(Self { mean, sd })
    }

    pub(crate) fn points(spread: Option<Self>) -> String {
        match spread {
            Some(Self { mean, sd: Some(sd), .. }) => format!("{mean:.1} \u{b1} {sd:.2}"),
            Some(Self { mean, .. }) => format!("{mean:.1}"),
            None => "-".to_owned(),
        }
    }
}

impl GridReport {
    /// Makes the page and its plots.
    #[must_use]
    pub fn render(&self) -> Report {
        let groups = Group::all(&self.rows);
        let spreads: Vec<Vec<Plot>> =
            groups.iter().enumerate().map(|(at, group)| spreads(at, group)).collect();
        let times: Vec<Plot> =
            groups.iter().enumerate().filter_map(|(at, group)| time_plot(at, group)).collect();
        let mut sections = vec![self.standings(&groups)];
        let mut content = vec![paragraph(format!(
            "Every run is a dot, the upright bar is their mean, the line one standard deviation to both sides{}. Dots \
             stand on three lines only to be told apart. Axes do not start at zero.",
            if self.has_papers() { ", the diamond the paper\u{2019}s value" } else { "" }
        ))];
        // A row of pictures a group.
        content.extend(
            spreads
                .iter()
                .map(|plots| even_figures(plots.iter().map(|plot| figure(plot, caption(plot))))),
        );
        content.push(self.runs());
        sections.push(Section { id: "spread", title: "Every run", content });
        sections.extend((!times.is_empty()).then(|| Section {
            id: "times",
            title: "Score against time",
            content: vec![
                paragraph(
                    "Test AUC and wall-clock seconds of a run, means over runs. Who stands further up and further left \
                     is better and faster. Methods without room for their name tell it to a pointer.",
                ),
                even_figures(times.iter().map(|plot| figure(plot, caption(plot)))),
            ],
        }));
        sections.extend(self.cold());
        sections.push(self.cost());
        let page = Page {
            title: self.title.clone(),
            eyebrow: "vgae: report of a grid".to_owned(),
            stamp: super::full_stamp(&self.stamp),
            alert: self.alert(),
            lead: self.lead(&groups),
            sections,
        };
        Report::new(page, &spreads.iter().flatten().chain(&times).collect::<Vec<_>>())
    }

    fn has_papers(&self) -> bool {
        self.rows.iter().any(|row| row.auc.paper.is_some() || row.ap.paper.is_some())
    }

    /// Each warning once.
    fn alert(&self) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for warning in self.rows.iter().filter_map(|row| row.warning.as_ref()) {
            if !said.contains(warning) {
                said.push(warning.clone());
            }
        }
        if !said.is_empty() {
            said.push("Rows of which this is true are marked LEAK.".to_owned());
        }
        said
    }

    fn lead(&self, groups: &[Group<'_>]) -> Vec<Element> {
        let verdicts: Vec<GridVerdict> =
            self.rows.iter().flat_map(|row| [row.auc.verdict, row.ap.verdict]).collect();
        let of = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
        let judged = verdicts.len() - of(GridVerdict::None);
        let runs: usize = self.rows.iter().map(|row| row.runs.len()).sum();
        let mut said = format!("{} runs in {} rows. ", count(runs), self.rows.len());
        if judged > 0 {
            let _infallible = write!(
                said,
                "Of {judged} cells that the paper has as well, {} are reproduced, {} lie above and {} below.",
                of(GridVerdict::Reproduced),
                of(GridVerdict::Above),
                of(GridVerdict::Below)
            );
        } else if self.has_papers() {
            said.push_str(
                "No cell could be judged: a verdict needs a value of the paper and two runs.",
            );
        } else {
            let best: Vec<String> = groups.iter().filter_map(Group::best_said).collect();
            if !best.is_empty() {
                said.push_str("The highest AUC:");
                let best = best.into_iter().map(|text| Element::of("li", text));
                return vec![paragraph(said), Element::new("ul").class("notes").children(best)];
            }
        }
        vec![paragraph(said)]
    }

    /// Whether rows have a protocol.
    fn has_protocols(&self) -> bool {
        self.rows.iter().any(|row| row.protocol.is_some())
    }

    /// Heads of a table of all rows.
    fn heads<'a>(&self, rest: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
        let protocol = self.has_protocols().then_some(("t", "Protocol"));
        let names = [("t", "Dataset")].into_iter().chain(protocol).chain([("t", "Method")]);
        names.chain(rest.iter().copied()).collect()
    }

    /// All rows, with a line above the first of each dataset and protocol.
    fn by_dataset<'a>(&'a self, cells: impl Fn(&'a GridRow) -> Vec<Element>) -> Vec<Element> {
        let protocols = self.has_protocols();
        let mut last = None;
        let mut rows = Vec::new();
        for line in &self.rows {
            let own = Some((&line.dataset, &line.protocol));
            let first = last != own;
            last = own;
            let protocol =
                protocols.then(|| cell(line.protocol.as_deref().unwrap_or("-")).class("t"));
            let method = marked(cell(method_name(&line.method)).class("t"), line);
            let names = [head(titled(&line.dataset))].into_iter().chain(protocol).chain([method]);
            let row = row(names.chain(cells(line)));
            rows.push(if first { row.class("first") } else { row });
        }
        rows
    }

    /// A table for each dataset and protocol: other rows are not to be compared.
    fn standings(&self, groups: &[Group<'_>]) -> Section {
        let mut content = vec![paragraph(&self.caption)];
        let measures = Measure::all(&self.rows);
        if !measures.is_empty() {
            let hard = if measures.iter().any(Measure::is_hard) {
                " Where a column is named hard, negatives are those that look likely by other measures, as many of \
                 each edge\u{2019}s own as it says."
            } else {
                ""
            };
            content.push(paragraph(format!(
                "MRR is the mean of one divided by a test edge\u{2019}s rank among the split\u{2019}s negatives, one list \
                 for all edges; Hits@10 is the share of edges among the first ten.{hard}"
            )));
        }
        for group in groups {
            content.push(Element::of("h3", group.title()));
            content.push(group.table());
        }
        let title = if self.has_papers() { "Beside the paper" } else { "Results" };
        Section { id: "table", title, content }
    }

    /// Every run, for those who ask.
    fn runs(&self) -> Element {
        let all = self.rows.iter().flat_map(|line| line.runs.iter().map(move |run| (line, run)));
        let rows = all.map(|(line, run)| {
            let points = |value: Option<f64>| {
                let text = value.map_or("-".to_owned(), |value| format!("{:.2}", 100.0 * value));
                match value {
                    Some(value) => cell(text).attr("data-value", value),
                    None => cell(text),
                }
            };
            let test = &run.metrics.test;
            row([
                marked(head(&run.name), line),
                cell(run.seed),
                points(test.auc).attr("data-run-metric", "test.auc"),
                points(test.ap).attr("data-run-metric", "test.ap"),
                cell(seconds(run.seconds)),
            ])
            .attr("data-run", &run.name)
        });
        details(
            "Numbers of every run",
            table(
                "Test AUC and AP in points. `vgae report` on a folder in runs/ makes the page of that run.",
                &[("t", "Run"), ("", "Seed"), ("", "AUC"), ("", "AP"), ("", "Time")],
                rows,
            ),
        )
    }

    fn cold(&self) -> Option<Section> {
        let cold = |line: &GridRow, of: fn(&LinkMetrics) -> Option<f64>| {
            Spread::new(
                line.runs
                    .iter()
                    .filter_map(|run| Some(100.0 * of(run.metrics.cold_test_pairs()?)?)),
            )
        };
        let any = self
            .rows
            .iter()
            .any(|line| line.runs.iter().any(|run| run.metrics.cold_test_pairs().is_some()));
        let rows = self.by_dataset(|line| {
            let measured =
                line.runs.iter().filter_map(|run| run.metrics.cold_test_pairs()?.auc).count();
            let (auc, ap) = (cold(line, |metrics| metrics.auc), cold(line, |metrics| metrics.ap));
            let pairs = |of: fn(&LinkMetrics) -> usize| {
                let counts = line
                    .runs
                    .iter()
                    .filter_map(|run| Some(of(run.metrics.cold_test_pairs()?) as f64));
                Spread::new(counts).map_or("-".to_owned(), |spread| format!("{:.0}", spread.mean))
            };
            let difference = auc.map(|spread| spread.mean - line.auc.mean);
            let difference =
                difference.filter(|value| value.is_finite()).map_or("-".to_owned(), |value| {
                    format!("{value:+.1}").replacen('-', "\u{2212}", 1)
                });
            vec![
                exact(
                    cell(Spread::points(auc)),
                    &format!("cold.{}.{}.auc", line.dataset, line.method),
                    auc.map(|s| s.mean),
                ),
                exact(
                    cell(Spread::points(ap)),
                    &format!("cold.{}.{}.ap", line.dataset, line.method),
                    ap.map(|s| s.mean),
                ),
                cell(difference),
                cell(pairs(|metrics| metrics.positives)),
                cell(pairs(|metrics| metrics.negatives)),
                cell(measured),
            ]
        });
        let heads = self.heads(&[
            ("", "AUC"),
            ("", "AP"),
            ("", "AUC to all pairs"),
            ("", "Edges"),
            ("", "Non-edges"),
            ("", "Runs"),
        ]);
        let caption = "Test pairs with a cold end, a node that no training edge touches: mean \u{b1} standard deviation in \
                       points over the runs that have such edges and non-edges; the difference to the AUC on all \
                       test pairs; pairs a run on average. Methods without features know nothing of a cold node.";
        any.then(|| Section {
            id: "cold",
            title: "Cold endpoints",
            content: vec![table(caption, &heads, rows)],
        })
    }

    fn cost(&self) -> Section {
        let apart = self.rows.iter().any(|line| line.peak_memory_bytes.is_some());
        let rows = self.by_dataset(|line| {
            let all = || line.runs.iter().map(|run| run.seconds);
            let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
            let train = Spread::new(line.runs.iter().filter_map(|run| run.train_seconds));
            let shared = || line.runs.iter().filter_map(|run| run.peak_memory_bytes).min();
            let memory = if apart { line.peak_memory_bytes } else { shared() };
            vec![
                cell(seconds(line.seconds)),
                cell(format!("{} to {}", seconds(least), seconds(most))),
                cell(train.map_or("-".to_owned(), |spread| seconds(spread.mean))),
                cell(memory.map_or("-".to_owned(), bytes)),
            ]
        });
        let column = if apart { "Memory" } else { "Memory, at most" };
        let heads =
            self.heads(&[("", "A run"), ("", "Least to most"), ("", "Training"), ("", column)]);
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
        let mut content = vec![table(&caption, &heads, rows)];
        if !self.facts.is_empty() {
            let facts = self
                .facts
                .iter()
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

/// AUC, AP and ranks among hard negatives of a group.
fn spreads(at: usize, group: &Group<'_>) -> Vec<Plot> {
    let mut plots = Vec::new();
    let mut add = |name: &str, title: &str, of: &dyn Fn(&GridRow) -> Line| {
        let name = format!("cells-{}-{}-{name}", at + 1, group.stem());
        let lines: Vec<Line> = group.rows().map(of).collect();
        plots.push(cells::plot(name, format!("{}: {title}", group.title()), &lines));
    };
    add("auc", "AUC", &|row| of_cell(row, &row.auc, |run| run.metrics.test.auc));
    add("ap", "AP", &|row| of_cell(row, &row.ap, |run| run.metrics.test.ap));
    for measure in
        Measure::all(group.rows()).iter().filter(|measure| measure.is_hard() && measure.is_mrr())
    {
        let name = measure.name();
        add(&name.to_lowercase().replace([':', ' '], "-"), &name, &|row| {
            let spread = measure.over(row);
            Line {
                values: row.runs.iter().filter_map(|run| measure.of(run)).collect(),
                mean: spread.map(|spread| spread.mean),
                sd: spread.and_then(|spread| spread.sd),
                ..Line::of(row)
            }
        });
    }
    plots
}

fn of_cell(row: &GridRow, cell: &GridCell, of: fn(&GridRun) -> Option<f64>) -> Line {
    Line {
        values: row.runs.iter().filter_map(of).map(|value| 100.0 * value).collect(),
        mean: Some(cell.mean).filter(|mean| mean.is_finite()),
        sd: cell.sd,
        paper: cell.paper,
        ..Line::of(row)
    }
}

fn time_plot(at: usize, group: &Group<'_>) -> Option<Plot> {
    let entries: Vec<Entry> = group
        .rows()
        .map(|row| Entry {
            label: method_name(&row.method),
            seconds: row.seconds,
            auc: row.auc.mean,
            leaky: row.warning.is_some(),
        })
        .collect();
    let name = format!("times-{}-{}", at + 1, group.stem());
    times::plot(&name, format!("{}: AUC and seconds", group.title()), &entries)
}

/// A longer description is for those who do not see the plot; others have the table.
fn caption(plot: &Plot) -> &str {
    const LONG: usize = 500;
    if plot.description.len() > LONG {
        "The numbers stand in the table of results; point at a method to be told them."
    } else {
        &plot.description
    }
}
