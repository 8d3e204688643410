//! Result table of methods, graphs and protocols, for grids, benchmarks, searches and Table 1.

mod text;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

use crate::metric::{Column, Shown};
use crate::table::{self, optional};
use crate::{Cell, Kind, Protocol, Provenance, Result, atomic, json, names};

/// Result table: `results.json`, `results.parquet`, `results.md`.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ResultTable {
    /// Metrics in display order.
    pub columns: Vec<Column>,
    /// Rows by dataset, then protocol, then method, in the order they ran.
    pub rows: Vec<ResultRow>,
}

/// Row of one method on one dataset under one protocol. Values are in the units of the columns: shares in
/// percent.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ResultRow {
    /// Dataset.
    pub dataset: String,
    /// Protocol; absent if the pipeline sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// Method.
    pub method: String,
    /// Hyper-parameters of a search, such as `latent = 64`. Rows of a search have metrics of validation pairs
    /// only, so that nothing is selected on test pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Names of the runs and of their folders under `runs/`.
    pub runs: Vec<String>,
    /// Each metric by the key of its column. A metric that a run lacks is absent.
    pub metrics: BTreeMap<String, Cell>,
    /// Values of Table 1 in Kipf & Welling 2016, by the key of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub published: BTreeMap<String, Published>,
    /// Difference in AUC and AP to the runs with the same seeds under [`Protocol::Kipf`], if there are any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gain: BTreeMap<String, Cell>,
    /// Mean wall-clock seconds per run (split, train, eval and export), on the threads of the run.
    pub seconds: f64,
    /// Mean wall-clock seconds of training.
    pub train_seconds: f64,
    /// Largest resident memory of a run in bytes, including the program and the graph; measured only if each
    /// run had its own process.
    pub peak_memory_bytes: Option<u64>,
    /// Warning that accompanies these numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Published value, compared with the runs.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Published {
    /// Published value.
    pub value: f64,
    /// Result of the comparison.
    pub verdict: Verdict,
}

/// Comparison of the mean of runs with a published value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// The published value lies within two standard deviations of the mean.
    Reproduced,
    /// The mean lies more than two standard deviations above the published value.
    Above,
    /// The mean lies more than two standard deviations below the published value.
    Below,
    /// Fewer than [`Published::LEAST_RUNS`] runs: their standard deviation is too uncertain for a verdict.
    TooFewRuns,
}

impl Published {
    /// Minimum number of runs for a verdict.
    pub const LEAST_RUNS: usize = 5;

    /// Compares runs with a published value.
    #[must_use]
    pub fn new(value: f64, cell: &Cell) -> Self {
        let verdict = match cell.sd {
            Some(sd) if cell.runs >= Self::LEAST_RUNS => {
                if (cell.mean - value).abs() <= 2.0 * sd {
                    Verdict::Reproduced
                } else if cell.mean > value {
                    Verdict::Above
                } else {
                    Verdict::Below
                }
            }
            _ => Verdict::TooFewRuns,
        };
        Self { value, verdict }
    }
}

impl Verdict {
    /// Returns a symbol that does not depend on colour.
    #[must_use]
    pub const fn sign(self) -> char {
        match self {
            Self::Reproduced => '\u{2713}',
            Self::Above => '\u{25b2}',
            Self::Below => '\u{25bc}',
            Self::TooFewRuns => '?',
        }
    }
}

impl ResultRow {
    /// Returns the mean of a metric.
    #[must_use]
    pub fn mean(&self, key: &str) -> Option<f64> {
        self.metrics.get(key).map(|cell| cell.mean)
    }
}

impl ResultTable {
    /// Returns whether the rows belong to a search over hyper-parameters.
    #[must_use]
    pub fn is_search(&self) -> bool {
        self.rows.iter().any(|row| row.variant.is_some())
    }

    /// Returns whether rows have published values.
    #[must_use]
    pub fn has_published(&self) -> bool {
        self.rows.iter().any(|row| !row.published.is_empty())
    }

    /// Returns the columns shown in printed tables and reports.
    pub fn shown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.shown != Shown::Files)
    }

    /// Returns the warning of the first row that has one, to be shown first.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.rows.iter().find_map(|row| row.warning.as_deref())
    }

    /// Writes `results.json`, `results.parquet` and `results.md` into `folder`.
    ///
    /// # Errors
    /// Returns an error when a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let provenance = Provenance::of_stage("pipeline");
        self.write_parquet(&folder.join(names::RESULTS_PARQUET), &provenance)?;
        atomic::write(&folder.join(names::RESULTS_MD), self.markdown().as_bytes())?;
        json::write(&folder.join(names::RESULTS), Kind::Results, self, &provenance)
    }

    /// Reads `results.json` of a folder.
    ///
    /// # Errors
    /// Returns an error when it is missing or damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        json::read(&folder.join(names::RESULTS), Kind::Results)
    }

    /// Writes one row per cell and metric (long format, for data frames).
    fn write_parquet(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        type Line<'a> = (&'a ResultRow, &'a Column, &'a Cell);
        let lines: Vec<Line<'_>> = self
            .rows
            .iter()
            .flat_map(|row| {
                let cells = self.columns.iter();
                cells.filter_map(move |column| Some((row, column, row.metrics.get(&column.key)?)))
            })
            .collect();
        let text = |of: &dyn Fn(&Line<'_>) -> Option<String>| -> ArrayRef {
            Arc::new(lines.iter().map(of).collect::<StringArray>())
        };
        let number = |of: &dyn Fn(&Line<'_>) -> Option<f64>| -> ArrayRef {
            Arc::new(lines.iter().map(of).collect::<Float64Array>())
        };
        let published = |(row, column, _): &Line<'_>| row.published.get(&column.key).copied();
        let columns = vec![
            text(&|(row, ..)| Some(row.dataset.clone())),
            text(&|(row, ..)| row.protocol.map(|protocol| protocol.to_string())),
            text(&|(row, ..)| Some(row.method.clone())),
            text(&|(row, ..)| row.variant.clone()),
            text(&|(_, column, _)| Some(column.key.clone())),
            Arc::new(UInt64Array::from_iter_values(lines.iter().map(|line| line.2.runs as u64))),
            number(&|(.., cell)| Some(cell.mean)),
            number(&|(.., cell)| cell.sd),
            number(&|(.., cell)| cell.se),
            number(&|line| published(line).map(|published| published.value)),
            text(&|line| published(line).map(|published| published.verdict.to_string())),
            number(&|(row, ..)| Some(row.seconds)),
            number(&|(row, ..)| Some(row.train_seconds)),
            number(&|(row, ..)| row.peak_memory_bytes.map(|bytes| bytes as f64)),
        ];
        table::write_parquet(path, Kind::Results, Self::fields(), columns, &[], provenance)
    }

    pub(crate) fn fields() -> Vec<Field> {
        let columns = [
            ("dataset", DataType::Utf8, "name of the dataset"),
            ("protocol", DataType::Utf8, "evaluation protocol, if the pipeline sets one"),
            ("method", DataType::Utf8, "name of the method"),
            ("variant", DataType::Utf8, "hyper-parameters of a search, if any"),
            (
                "metric",
                DataType::Utf8,
                "key of the metric, such as `test_auc`, `validation_ap`, `test_hits_at_10`, `test_hard_500_mrr`; \
                 shares are in percent",
            ),
            ("runs", DataType::UInt64, "number of runs in the cell"),
            ("mean", DataType::Float64, "mean over the runs"),
            ("sd", DataType::Float64, "standard deviation over the runs"),
            ("se", DataType::Float64, "standard error of the mean"),
            ("published", DataType::Float64, "value in Table 1 of Kipf & Welling 2016"),
            ("verdict", DataType::Utf8, "reproduced, above, below or too-few-runs"),
            (
                "seconds",
                DataType::Float64,
                "mean wall-clock time per run: split, train, eval, export",
            ),
            ("train_seconds", DataType::Float64, "mean wall-clock time of training"),
            (
                "peak_memory_bytes",
                DataType::Float64,
                "largest of a run; measured only if runs were not concurrent",
            ),
        ];
        columns.map(|(name, kind, meaning)| optional(name, kind, meaning)).into()
    }

    /// Returns whether a row of a search has the highest AUC + AP on validation pairs among the rows with the
    /// same dataset, method and protocol.
    #[must_use]
    pub fn is_best(&self, row: &ResultRow) -> bool {
        let score = |row: &ResultRow| {
            let metric = |key| row.mean(key).unwrap_or(f64::NEG_INFINITY);
            metric("validation_auc") + metric("validation_ap")
        };
        let cell = |row: &ResultRow| (row.dataset.clone(), row.method.clone(), row.protocol);
        let rivals = self.rows.iter().filter(|rival| cell(rival) == cell(row));
        rivals.map(score).fold(f64::NEG_INFINITY, f64::max) <= score(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(values: &[f64]) -> Cell {
        Cell::of(values).expect("values")
    }

    #[test]
    fn five_runs_are_judged_by_two_standard_deviations() {
        let five = cell(&[89.0, 90.0, 91.0, 92.0, 93.0]); // mean 91, SD sqrt(2.5)
        let verdict = |value| Published::new(value, &five).verdict;
        assert_eq!(verdict(94.1), Verdict::Reproduced);
        assert_eq!(verdict(94.2), Verdict::Below);
        assert_eq!(verdict(87.8), Verdict::Above);
        for few in [cell(&[90.0]), cell(&[90.0, 91.0]), cell(&[90.0, 91.0, 92.0, 93.0])] {
            assert_eq!(Published::new(80.0, &few).verdict, Verdict::TooFewRuns);
        }
    }

    #[test]
    fn a_table_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let values = crate::Metrics::default().values();
        let row = ResultRow {
            dataset: "cora".to_owned(),
            protocol: Some(Protocol::KipfFixed),
            method: "gae".to_owned(),
            runs: vec!["cora-gae-s0".to_owned(), "cora-gae-s1".to_owned()],
            metrics: [("test_auc".to_owned(), cell(&[90.0, 92.0]))].into(),
            published: [("test_auc".to_owned(), Published::new(91.0, &cell(&[90.0, 92.0])))].into(),
            seconds: 1.5,
            ..ResultRow::default()
        };
        let columns = values.0.into_iter().map(|(column, _)| column).collect();
        let table = ResultTable { columns, rows: vec![row] };
        table.write(folder.path()).expect("written");
        assert_eq!(ResultTable::read(folder.path()).expect("reads"), table);
        for name in [names::RESULTS_PARQUET, names::RESULTS_MD] {
            assert!(folder.path().join(name).exists(), "{name}");
        }
    }
}
