//! A grid over samples: mean and standard deviation over the seeds of each cell.

use std::fmt::Write as _;

use vgae_artifacts::{ReconstructionMetrics, SampleMetrics};

use crate::run::{RunOutcome, by_cell, mean_seconds};
use crate::table1::Cell;

/// One method on one dataset, over test samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRow {
    /// The dataset.
    pub dataset: String,
    /// The method.
    pub method: String,
    /// How many runs the row holds.
    pub runs: usize,
    /// The negative evidence lower bound, nats a sample; of models with a prior.
    pub negative_elbo: Option<Cell>,
    /// Mean squared error a value.
    pub squared_error: Option<Cell>,
    /// The same of a PCA with as many dimensions.
    pub pca_squared_error: Option<Cell>,
    /// Nearest neighbours' accuracy, in points.
    pub knn_accuracy: Option<Cell>,
    /// A linear classifier's accuracy, in points.
    pub probe_accuracy: Option<Cell>,
    /// Mean wall-clock seconds of a run, on the threads that it had: split, train, eval and export.
    pub seconds: f64,
}

/// The rows of a grid over samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleTable {
    /// Datasets, then methods, in the order they ran.
    pub rows: Vec<SampleRow>,
}

impl SampleTable {
    /// Gathers runs into rows. Runs of one dataset and method stand together, as a plan lays them out.
    #[must_use]
    pub fn new(outcomes: &[RunOutcome]) -> Self {
        Self { rows: by_cell(outcomes).map(row).collect() }
    }

    /// The table for a terminal, columns aligned.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows = vec![
            [
                "dataset",
                "method",
                "runs",
                "bound (nats)",
                "squared error",
                "of PCA",
                "kNN %",
                "linear %",
                "s/run",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.rows.iter().map(cells));
        let mut widths = [0; 9];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for (number, row) in rows.iter().enumerate() {
            let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            let line = padded.collect::<Vec<_>>().join("  ");
            let _infallible = writeln!(text, "{}", line.trim_end());
            if number == 0 {
                let rule = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
                let _infallible = writeln!(text, "{}", "-".repeat(rule));
            }
        }
        text.push_str(
            "\nOn test samples: mean ± standard deviation over the runs of a row. The bound is the negative\n\
             evidence lower bound; errors are a value's, kNN and linear tell labels from codes.\n",
        );
        text
    }
}

fn row(runs: &[RunOutcome]) -> SampleRow {
    let metrics = || runs.iter().filter_map(|run| run.metrics.samples());
    // A metric that some run of a cell has not got is not averaged over the others.
    let cell = |of: &dyn Fn(&SampleMetrics) -> Option<f64>| -> Option<Cell> {
        let values: Option<Vec<f64>> = metrics().map(of).collect();
        values.filter(|values| !values.is_empty()).map(|values| Cell::new(&values, None))
    };
    let test = |of: fn(&ReconstructionMetrics) -> Option<f64>| {
        cell(&move |metrics| metrics.test.as_ref().and_then(of))
    };
    let points = |value: Option<f64>| value.map(|value| 100.0 * value);
    SampleRow {
        dataset: runs[0].manifest.dataset.clone(),
        method: runs[0].manifest.method.clone(),
        runs: runs.len(),
        negative_elbo: test(|test| test.negative_elbo),
        squared_error: test(|test| Some(test.squared_error)),
        pca_squared_error: test(|test| test.pca_squared_error),
        knn_accuracy: cell(&|metrics| points(metrics.code.as_ref()?.knn_accuracy)),
        probe_accuracy: cell(&|metrics| points(metrics.code.as_ref()?.probe_accuracy)),
        seconds: mean_seconds(runs),
    }
}

fn cells(row: &SampleRow) -> [String; 9] {
    [
        row.dataset.clone(),
        row.method.to_uppercase(),
        row.runs.to_string(),
        spread(row.negative_elbo.as_ref(), 2),
        spread(row.squared_error.as_ref(), 5),
        spread(row.pca_squared_error.as_ref(), 5),
        spread(row.knn_accuracy.as_ref(), 2),
        spread(row.probe_accuracy.as_ref(), 2),
        format!("{:.1}", row.seconds),
    ]
}

fn spread(cell: Option<&Cell>, digits: usize) -> String {
    match cell {
        None => "-".to_owned(),
        Some(Cell { mean, sd: Some(sd), .. }) => format!("{mean:.digits$} ± {sd:.digits$}"),
        Some(cell) => format!("{:.digits$}", cell.mean),
    }
}
