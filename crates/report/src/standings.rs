//! Rows of a grid that may be compared: one dataset, one protocol, side by side.

use vgae_artifacts::{Part, RankingMetrics};

use super::element::Element;
use super::grid::{GridCell, GridRow, GridRun, Spread};
use super::names::{method_name, plain, titled};
use super::number::{bytes, seconds};
use super::page::{cell, exact, head, row, sortable_table};

/// The rows of one dataset under one protocol, each with its place among all rows.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    dataset: &'a str,
    protocol: Option<&'a str>,
    rows: Vec<(usize, &'a GridRow)>,
}

/// By what else than AUC and AP rows are compared: how test edges rank among negatives of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Measure {
    /// How many hard negatives an edge has; those of the split come first.
    hard: Option<u32>,
    /// The first K, or MRR.
    hits: Option<u32>,
}

/// The K of the share of edges among the first K.
const HITS: u32 = 10;
/// What hard negatives are called, before their number.
const HARD: &str = "hard:";

impl Measure {
    /// Those that a run of some rows has.
    pub(crate) fn all<'a>(rows: impl IntoIterator<Item = &'a GridRow>) -> Vec<Self> {
        let mut all = Vec::new();
        for run in rows.into_iter().flat_map(|row| &row.runs) {
            for ranking in &run.metrics.rankings {
                let hard = match ranking.negatives.strip_prefix(HARD).map(str::parse) {
                    Some(Ok(number)) => Some(number),
                    _ if ranking.negatives == RankingMetrics::OF_THE_SPLIT => None,
                    _ => continue,
                };
                let both = [None, Some(HITS)].map(|hits| Self { hard, hits });
                all.extend(both.into_iter().filter(|measure| measure.of(run).is_some()));
            }
        }
        all.sort();
        all.dedup();
        all
    }

    pub(crate) fn is_hard(&self) -> bool {
        self.hard.is_some()
    }

    pub(crate) fn is_mrr(&self) -> bool {
        self.hits.is_none()
    }

    pub(crate) fn name(&self) -> String {
        let metric = self.hits.map_or("MRR".to_owned(), |k| format!("Hits@{k}"));
        self.hard.map_or_else(|| metric.clone(), |number| format!("{HARD}{number} {metric}"))
    }

    /// Of a run's test pairs, in points.
    pub(crate) fn of(&self, run: &GridRun) -> Option<f64> {
        let negatives = self.hard.map_or_else(
            || RankingMetrics::OF_THE_SPLIT.to_owned(),
            |number| format!("{HARD}{number}"),
        );
        let ranking = run
            .metrics
            .rankings
            .iter()
            .find(|ranking| ranking.part == Part::Test && ranking.negatives == negatives)?;
        let value = match self.hits {
            Some(k) => ranking.hits.get(&k).copied(),
            None => ranking.mrr,
        };
        value.map(|value| 100.0 * value)
    }

    /// Over all runs of a row; nothing where one lacks it, as that would be another mean.
    pub(crate) fn over(&self, row: &GridRow) -> Option<Spread> {
        let values: Option<Vec<f64>> = row.runs.iter().map(|run| self.of(run)).collect();
        Spread::new(values?)
    }
}

impl<'a> Group<'a> {
    /// In the order in which they first appear.
    pub(crate) fn all(rows: &'a [GridRow]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let (dataset, protocol) = (row.dataset.as_str(), row.protocol.as_deref());
            let own = |group: &&mut Self| (group.dataset, group.protocol) == (dataset, protocol);
            match groups.iter_mut().find(own) {
                Some(group) => group.rows.push((at, row)),
                None => groups.push(Self { dataset, protocol, rows: vec![(at, row)] }),
            }
        }
        groups
    }

    pub(crate) fn title(&self) -> String {
        let dataset = titled(self.dataset);
        self.protocol.map_or_else(|| dataset.clone(), |name| format!("{dataset}, {name}"))
    }

    /// Part of a file's name, which must not depend on what a stranger calls a dataset.
    pub(crate) fn stem(&self) -> String {
        let parts = [Some(self.dataset), self.protocol];
        parts.into_iter().flatten().map(plain).collect::<Vec<_>>().join("-")
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &'a GridRow> + use<'a, '_> {
        self.rows.iter().map(|(_, row)| *row)
    }

    /// The largest of those that count; nothing where there are no two to compare.
    fn best(&self, of: impl Fn(&GridRow) -> Option<f64>) -> Option<f64> {
        let sound = self.rows().filter(|row| row.warning.is_none());
        let values: Vec<f64> = sound.filter_map(of).filter(|value| value.is_finite()).collect();
        values.iter().copied().reduce(f64::max).filter(|_| values.len() > 1)
    }

    pub(crate) fn table(&self) -> Element {
        let measures = Measure::all(self.rows());
        // The paper's columns and their kin only where there is something in them.
        let papers = self.rows().any(|row| row.auc.paper.is_some() || row.ap.paper.is_some());
        let memory = self.rows().any(|row| row.peak_memory_bytes.is_some());
        let mut heads = vec![("t", "Method".to_owned()), ("", "Runs".to_owned())];
        for name in ["AUC", "AP"] {
            heads.push(("", name.to_owned()));
            if papers {
                heads.extend([("", "SE"), ("", "Paper"), ("t", "Verdict")].map(owned));
            }
        }
        heads.extend(measures.iter().map(|measure| ("", measure.name())));
        heads.push(owned(("", "s/run")));
        heads.extend(memory.then(|| owned(("", "Memory"))));

        let own: [(&str, Metric); 2] = [("auc", |row| &row.auc), ("ap", |row| &row.ap)];
        let best = own.map(|(_, of)| self.best(|row| Some(of(row).mean)));
        let bests: Vec<Option<f64>> = measures
            .iter()
            .map(|measure| self.best(|row| measure.over(row).map(|spread| spread.mean)))
            .collect();
        let decimals = if self.rows().any(|row| row.seconds < 1.0) { 2 } else { 1 };
        let rows = self.rows.iter().map(|&(at, line)| {
            let sound = line.warning.is_none();
            let mut cells = vec![
                marked(head(method_name(&line.method)), line),
                cell(line.runs.len()).attr("data-value", line.runs.len()),
            ];
            for ((name, of), best) in own.iter().zip(&best) {
                let path = format!("rows.{at}.{name}");
                cells.extend(beside_the_paper(of(line), &path, *best, sound, papers));
            }
            for (measure, best) in measures.iter().zip(&bests) {
                let spread = measure.over(line);
                let shown = mean_cell(spread, *best, sound);
                cells.push(match spread {
                    Some(spread) => shown.attr("data-value", spread.mean),
                    None => shown,
                });
            }
            let time = cell(format!("{:.decimals$}", line.seconds));
            cells.push(exact(time, &format!("rows.{at}.seconds"), Some(line.seconds)));
            cells.extend(memory.then(|| match line.peak_memory_bytes {
                Some(value) => cell(bytes(value)).attr("data-value", value),
                None => cell("-"),
            }));
            row(cells)
        });
        let heads: Vec<(&'static str, &str)> =
            heads.iter().map(|(class, text)| (*class, text.as_str())).collect();
        let leaky = self.rows().any(|row| row.warning.is_some());
        let caption = format!(
            "{}: means \u{b1} standard deviations over runs, in points. Bold is the best of a column.{}",
            self.title(),
            if leaky { " Rows marked LEAK are no results and never the best." } else { "" }
        );
        sortable_table(&caption, &heads, rows)
    }

    /// Who has the highest AUC, for those in a hurry.
    pub(crate) fn best_said(&self) -> Option<String> {
        let best = self.best(|row| Some(row.auc.mean))?;
        let row = self.rows().find(|row| row.warning.is_none() && row.auc.mean >= best)?;
        Some(format!(
            "{}: {}, {best:.1} points in {} a run",
            self.title(),
            method_name(&row.method),
            seconds(row.seconds)
        ))
    }
}

type Metric = fn(&GridRow) -> &GridCell;

fn owned((class, text): (&'static str, &str)) -> (&'static str, String) {
    (class, text.to_owned())
}

/// With a mark where the row's numbers are no results.
pub(crate) fn marked(element: Element, line: &GridRow) -> Element {
    match &line.warning {
        Some(warning) => {
            let mark = Element::of("span", "LEAK").class("mark").attr("title", warning);
            element.text(" ").child(mark)
        }
        None => element,
    }
}

fn mean_cell(spread: Option<Spread>, best: Option<f64>, sound: bool) -> Element {
    let shown = cell(Spread::points(spread));
    // The very number that was found the largest.
    let is_best = sound && spread.zip(best).is_some_and(|(spread, best)| spread.mean >= best);
    if is_best { shown.class("best") } else { shown }
}

fn beside_the_paper(
    value: &GridCell,
    path: &str,
    best: Option<f64>,
    sound: bool,
    papers: bool,
) -> Vec<Element> {
    let spread = value.mean.is_finite().then_some(Spread { mean: value.mean, sd: value.sd });
    let mean = mean_cell(spread, best, sound);
    let mut cells = vec![exact(mean, &format!("{path}.mean"), Some(value.mean))];
    if papers {
        let se = cell(value.se.map_or("-".to_owned(), |se| format!("{se:.2}")));
        let paper = cell(value.paper.map_or("-".to_owned(), |paper| format!("{paper:.1}")));
        let (class, verdict) = value.verdict.look();
        cells.extend([
            exact(se, &format!("{path}.se"), value.se),
            exact(paper, &format!("{path}.paper"), value.paper),
            cell(verdict).class(class),
        ]);
    }
    cells
}
