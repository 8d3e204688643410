//! Table 1 of "Variational Graph Auto-Encoders" (Kipf & Welling 2016) beside our own runs.

mod paper;
mod text;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::table::{self, optional};
use vgae_artifacts::{Kind, LinkMetrics, Provenance, atomic, json};

use crate::run::{RunOutcome, by_cell, mean_seconds};
use crate::{PipelineConfig, PipelineError};

/// The pipeline that `vgae reproduce` runs: `pipelines/table1.toml`.
pub const PIPELINE: &str = include_str!("../../../../pipelines/table1.toml");

/// Where our mean stands to the paper's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The paper's value lies within two standard deviations of our mean.
    Reproduced,
    /// Our mean lies more than two standard deviations above the paper's value.
    Above,
    /// Our mean lies more than two standard deviations below the paper's value.
    Below,
    /// Fewer than two runs, or no such cell in the paper.
    None,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::Above => "above",
            Self::Below => "below",
            Self::None => "-",
        }
    }
}

/// One metric over the runs of a cell, in points (0 to 100).
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Cell {
    /// Mean over the runs.
    pub mean: f64,
    /// Sample standard deviation; absent with a single run.
    pub sd: Option<f64>,
    /// Standard error of the mean; absent with a single run.
    pub se: Option<f64>,
    /// The paper's value.
    pub paper: Option<f64>,
    /// Ours against the paper's.
    pub verdict: Verdict,
}

impl Cell {
    pub(crate) fn new(values: &[f64], paper: Option<f64>) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        let verdict = match (sd, paper) {
            (Some(sd), Some(paper)) if (mean - paper).abs() <= 2.0 * sd => Verdict::Reproduced,
            (Some(_), Some(paper)) if mean > paper => Verdict::Above,
            (Some(_), Some(_)) => Verdict::Below,
            _ => Verdict::None,
        };
        Self { mean, sd, se: sd.map(|sd| sd / n.sqrt()), paper, verdict }
    }
}

/// One method on one dataset.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Row {
    /// The dataset.
    pub dataset: String,
    /// The method.
    pub method: String,
    /// How many runs the cell holds.
    pub runs: usize,
    /// Area under the ROC curve on test pairs.
    pub auc: Cell,
    /// Average precision on test pairs.
    pub ap: Cell,
    /// On the test pairs that no method finds easy.
    #[serde(default)]
    pub cold: Option<Cold>,
    /// Mean wall-clock seconds of a run, on the threads that it had: split, train, eval and export.
    pub seconds: f64,
}

/// Test pairs with a cold endpoint: a node that no training edge touches, so that a method which knows
/// nothing but edges knows nothing of it. In points, mean over the runs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Cold {
    /// Mean number of edges among them.
    pub positives: f64,
    /// Mean number of non-edges among them.
    pub negatives: f64,
    /// Area under the ROC curve.
    pub auc: Cell,
    /// Average precision.
    pub ap: Cell,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Table {
    /// How the runs of a cell differ: `random-splits` or `fixed-split`.
    pub protocol: String,
    /// Datasets, then methods, in the order they ran.
    pub rows: Vec<Row>,
}

impl Table {
    /// Gathers runs into cells. Runs of one dataset and method stand together, as a plan lays them out.
    #[must_use]
    pub fn new(protocol: &str, outcomes: &[RunOutcome]) -> Self {
        let rows = by_cell(outcomes).map(row).collect();
        Self { protocol: protocol.to_owned(), rows }
    }

    /// Writes `table1.json`, `table1.parquet` and `table1.md` into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), PipelineError> {
        let provenance = Provenance::of_stage("reproduce");
        json::write(&folder.join("table1.json"), Kind::Table, self, &provenance)?;
        self.write_parquet(&folder.join("table1.parquet"), &provenance)?;
        atomic::write(&folder.join("table1.md"), self.markdown().as_bytes())?;
        Ok(())
    }

    /// One line a cell and metric, as data frames want it.
    fn write_parquet(&self, path: &Path, provenance: &Provenance) -> vgae_artifacts::Result<()> {
        let cells: Vec<(&Row, &str, &Cell)> = self
            .rows
            .iter()
            .flat_map(|row| {
                let cold = row.cold.iter();
                let cold = cold.flat_map(|c| [("cold_auc", &c.auc), ("cold_ap", &c.ap)]);
                let all = [("auc", &row.auc), ("ap", &row.ap)].into_iter().chain(cold);
                all.map(move |(metric, cell)| (row, metric, cell))
            })
            .collect();
        let text = |of: &dyn Fn(&(&Row, &str, &Cell)) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(cells.iter().map(of)))
        };
        let number = |of: fn(&(&Row, &str, &Cell)) -> Option<f64>| -> ArrayRef {
            Arc::new(cells.iter().map(of).collect::<Float64Array>())
        };
        let columns: Vec<ArrayRef> = vec![
            text(&|(row, ..)| row.dataset.clone()),
            text(&|(row, ..)| row.method.clone()),
            text(&|(_, metric, _)| (*metric).to_owned()),
            Arc::new(UInt64Array::from_iter_values(cells.iter().map(|c| c.0.runs as u64))),
            number(|(.., cell)| Some(cell.mean)),
            number(|(.., cell)| cell.sd),
            number(|(.., cell)| cell.se),
            number(|(.., cell)| cell.paper),
            text(&|(.., cell)| cell.verdict.name().to_owned()),
            number(|(row, ..)| Some(row.seconds)),
        ];
        table::write_parquet(path, Kind::Table, Self::fields(), columns, &[], provenance)
    }

    /// The columns of `table1.parquet`.
    pub(crate) fn fields() -> Vec<Field> {
        let text = |name, description| optional(name, DataType::Utf8, description);
        let number = |name, description| optional(name, DataType::Float64, description);
        vec![
            text("dataset", "name of the dataset"),
            text("method", "name of the method"),
            text("metric", "auc, ap, cold_auc or cold_ap; in percentage points"),
            optional("runs", DataType::UInt64, "number of runs in the cell"),
            number("mean", "mean over the runs"),
            number("sd", "standard deviation over the runs"),
            number("se", "standard error of the mean"),
            number("paper", "published value"),
            text("verdict", "reproduced, above, below or -"),
            number("seconds", "mean wall-clock time of a run"),
        ]
    }
}

fn row(runs: &[RunOutcome]) -> Row {
    let (dataset, method) = (&runs[0].manifest.dataset, &runs[0].manifest.method);
    let paper = paper::published_for(dataset, method);
    let points = |metric: fn(&LinkMetrics) -> Option<f64>| -> Vec<f64> {
        let tests = runs.iter().map(|run| run.metrics.graph().map(|metrics| &metrics.test));
        tests.map(|test| 100.0 * test.and_then(metric).unwrap_or(f64::NAN)).collect()
    };
    Row {
        dataset: dataset.clone(),
        method: method.clone(),
        runs: runs.len(),
        auc: Cell::new(&points(|test| test.auc), paper.map(|cell| cell.auc)),
        ap: Cell::new(&points(|test| test.ap), paper.map(|cell| cell.ap)),
        cold: cold(runs),
        seconds: mean_seconds(runs),
    }
}

/// The slice of cold endpoints over the runs that have both edges and non-edges in it.
fn cold(runs: &[RunOutcome]) -> Option<Cold> {
    let slices: Vec<&LinkMetrics> = runs
        .iter()
        .filter_map(|run| run.metrics.graph()?.cold_test_pairs())
        .filter(|slice| slice.auc.is_some() && slice.ap.is_some())
        .collect();
    if slices.is_empty() {
        return None;
    }
    let mean = |count: fn(&LinkMetrics) -> usize| {
        slices.iter().map(|slice| count(slice) as f64).sum::<f64>() / slices.len() as f64
    };
    let cell = |metric: fn(&LinkMetrics) -> Option<f64>| {
        let points = slices.iter().filter_map(|slice| metric(slice)).map(|value| 100.0 * value);
        Cell::new(&points.collect::<Vec<_>>(), None)
    };
    Some(Cold {
        positives: mean(|slice| slice.positives),
        negatives: mean(|slice| slice.negatives),
        auc: cell(|slice| slice.auc),
        ap: cell(|slice| slice.ap),
    })
}

/// The pipeline behind [`PIPELINE`], to be adjusted by the command line.
///
/// # Errors
/// Never for the file in this repository; a test parses it.
pub fn pipeline() -> Result<PipelineConfig, PipelineError> {
    PipelineConfig::parse(PIPELINE, Path::new("pipelines/table1.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_judged_by_two_standard_deviations() {
        // mean 91, sd 1, se 1/sqrt(3)
        let cell = Cell::new(&[90.0, 91.0, 92.0], Some(92.9));
        assert_eq!(cell.verdict, Verdict::Reproduced);
        assert_eq!((cell.mean, cell.sd), (91.0, Some(1.0)));
        assert!((cell.se.expect("three runs") - 3.0f64.sqrt().recip()).abs() < 1e-15);
        assert_eq!(Cell::new(&[90.0, 91.0, 92.0], Some(93.1)).verdict, Verdict::Below);
        assert_eq!(Cell::new(&[90.0, 91.0, 92.0], Some(88.9)).verdict, Verdict::Above);
        assert_eq!(Cell::new(&[90.0], Some(90.0)).verdict, Verdict::None);
    }

    #[test]
    fn the_built_in_pipeline_is_the_papers() {
        let config = pipeline().expect("parses");
        let grid = config.grid.expect("a grid");
        assert_eq!(grid.datasets, ["cora", "citeseer", "pubmed"]);
        assert_eq!(grid.runs, 10);
        let methods: Vec<String> = grid.methods.iter().map(ToString::to_string).collect();
        assert_eq!(methods, ["sc", "dw", "gae*", "vgae*", "gae", "vgae"]);
        let model = vgae_model::ModelConfig::from(config.model);
        assert_eq!((model.hidden, model.latent, model.epochs), (32, 16, 200));
    }
}
