//! Rows of a grid that may be compared: one dataset, one protocol, side by side.

use vgae_artifacts::metric::{Better, Column};
use vgae_artifacts::{Cell, Protocol, Published, Verdict};

use super::element::Element;
use super::names::{plain, titled};
use super::number::{bytes, seconds};
use super::page::{cell, exact, head, row, sortable_table};
use super::rows::{Row, unit_name};

/// The rows of one dataset under one protocol.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    dataset: &'a str,
    protocol: Option<Protocol>,
    rows: Vec<&'a Row<'a>>,
}

impl<'a> Group<'a> {
    /// In the order in which they first appear.
    pub(crate) fn all(rows: &'a [Row<'a>]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for row in rows {
            let (dataset, protocol) = (row.result.dataset.as_str(), row.result.protocol);
            let own = |group: &&mut Self| (group.dataset, group.protocol) == (dataset, protocol);
            match groups.iter_mut().find(own) {
                Some(group) => group.rows.push(row),
                None => groups.push(Self { dataset, protocol, rows: vec![row] }),
            }
        }
        groups
    }

    pub(crate) fn title(&self) -> String {
        let dataset = titled(self.dataset);
        self.protocol.map_or_else(|| dataset.clone(), |name| format!("{dataset}, {name}"))
    }

    /// Part of a file's name, which must not depend on the name of a dataset from outside.
    pub(crate) fn stem(&self) -> String {
        let protocol = self.protocol.map(|protocol| plain(&protocol.to_string()));
        [Some(plain(self.dataset)), protocol].into_iter().flatten().collect::<Vec<_>>().join("-")
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &'a Row<'a>> + use<'a, '_> {
        self.rows.iter().copied()
    }

    /// Whether a row of the group has a metric.
    pub(crate) fn has(&self, column: &Column) -> bool {
        self.rows().any(|row| row.cell(column).is_some())
    }

    /// The best mean of rows whose numbers are results; nothing where there are no two to compare.
    fn best(&self, column: &Column) -> Option<f64> {
        let sound = self.rows().filter(|row| !row.is_leaky());
        let means = sound.filter_map(|row| row.cell(column)).map(|cell| cell.mean);
        let means: Vec<f64> = means.filter(|value| value.is_finite()).collect();
        let better = match column.better {
            Better::Higher => f64::max,
            Better::Lower => f64::min,
        };
        means.iter().copied().reduce(better).filter(|_| means.len() > 1)
    }

    pub(crate) fn table(&self, columns: &[&Column]) -> Element {
        let columns: Vec<&Column> =
            columns.iter().copied().filter(|column| self.has(column)).collect();
        // Published values and their kin only where there are any.
        let published: Vec<bool> = columns
            .iter()
            .map(|column| self.rows().any(|row| row.result.published.contains_key(&column.key)))
            .collect();
        let memory = self.rows().any(|row| row.result.peak_memory_bytes.is_some());
        let mut heads = vec![("t", "Method"), ("", "Runs")];
        for (column, published) in columns.iter().zip(&published) {
            heads.push(("", column.title.as_str()));
            if *published {
                heads.extend([("", "SE"), ("", "Paper"), ("t", "Verdict")]);
            }
        }
        heads.push(("", "s/run"));
        heads.extend(memory.then_some(("", "Memory")));

        let bests: Vec<Option<f64>> = columns.iter().map(|column| self.best(column)).collect();
        let decimals = if self.rows().any(|row| row.result.seconds < 1.0) { 2 } else { 1 };
        let rows = self.rows().map(|line| {
            let at = line.at;
            let mut cells = vec![
                line.marked(head(line.label())),
                cell(line.result.runs.len()).attr("data-value", line.result.runs.len()),
            ];
            for ((column, published), best) in columns.iter().zip(&published).zip(&bests) {
                let value = line.cell(column);
                cells.push(mean_cell(line, column, value, *best));
                if *published {
                    cells.extend(beside(line, column, value));
                }
            }
            let time = cell(format!("{:.decimals$}", line.result.seconds));
            cells.push(exact(time, &format!("rows.{at}.seconds"), Some(line.result.seconds)));
            cells.extend(memory.then(|| match line.result.peak_memory_bytes {
                Some(value) => cell(bytes(value)).attr("data-value", value),
                None => cell("-"),
            }));
            row(cells)
        });
        let leaky = self.rows().any(Row::is_leaky);
        let caption = format!(
            "{}: means \u{b1} standard deviations over runs. Bold is the best of a column.{}",
            self.title(),
            if leaky { " Rows marked LEAK are no results and never the best." } else { "" }
        );
        sortable_table(&caption, &heads, rows)
    }

    /// The row with the best value of a column, for the summary.
    pub(crate) fn best_said(&self, column: &Column) -> Option<String> {
        let best = self.best(column)?;
        let is_best = |row: &&Row<'_>| {
            // The very number that was found the best.
            let mean = row.cell(column).map(|cell| cell.mean.to_bits());
            !row.is_leaky() && mean == Some(best.to_bits())
        };
        let row = self.rows().find(is_best)?;
        Some(format!(
            "{}: {}, {best:.1} {} in {} per run",
            self.title(),
            row.label(),
            unit_name(column.unit),
            seconds(row.result.seconds)
        ))
    }
}

fn mean_cell(line: &Row<'_>, column: &Column, value: Option<&Cell>, best: Option<f64>) -> Element {
    let text = value.map_or("-".to_owned(), |value| value.text(column.unit.decimals()));
    let path = format!("rows.{}.metrics.{}.mean", line.at, column.key);
    let is_best = value.zip(best).is_some_and(|(own, best)| own.mean.to_bits() == best.to_bits());
    let shown = cell(text);
    let shown = if is_best && !line.is_leaky() { shown.class("best") } else { shown };
    exact(shown, &path, value.map(|value| value.mean))
}

/// The standard error, the published value and the verdict.
fn beside(line: &Row<'_>, column: &Column, value: Option<&Cell>) -> [Element; 3] {
    let path = |end: &str| format!("rows.{}.{end}", line.at);
    let se = value.and_then(|value| value.se);
    let published = line.result.published.get(&column.key);
    let paper = published.map(|published| published.value);
    let key = &column.key;
    [
        exact(
            cell(se.map_or("-".to_owned(), |se| format!("{se:.2}"))),
            &path(&format!("metrics.{key}.se")),
            se,
        ),
        exact(
            cell(paper.map_or("-".to_owned(), |paper| format!("{paper:.1}"))),
            &path(&format!("published.{key}.value")),
            paper,
        ),
        verdict(published),
    ]
}

/// A verdict by colour, sign and word.
fn verdict(published: Option<&Published>) -> Element {
    let Some(Published { verdict, .. }) = published else {
        return cell("\u{2013}").class("t verdict");
    };
    let (class, word) = match verdict {
        Verdict::Reproduced => ("t verdict reproduced", "reproduced"),
        Verdict::Above => ("t verdict above", "above"),
        Verdict::Below => ("t verdict below", "below"),
        Verdict::TooFewRuns => ("t verdict", "too few runs"),
    };
    cell(format!("{} {word}", verdict.sign())).class(class)
}
