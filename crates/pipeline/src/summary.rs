//! One row per run of a grid.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use vgae_artifacts::DataKind;
use vgae_artifacts::table::{self, optional, required};
use vgae_artifacts::{Kind, Provenance, Result};

use crate::{RunMetrics, RunOutcome};

/// Writes `summary.parquet`: run, dataset, method, seeds, the metrics that every run has, seconds. The run's folder
/// is the one of its name under `runs/`.
pub(crate) fn write(path: &Path, outcomes: &[RunOutcome]) -> Result<()> {
    let text = |of: fn(&RunOutcome) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(outcomes.iter().map(of)))
    };
    let count = |of: fn(&RunOutcome) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(outcomes.iter().map(of)))
    };
    let number = |of: &dyn Fn(&RunOutcome) -> Option<f64>| -> ArrayRef {
        Arc::new(outcomes.iter().map(of).collect::<Float64Array>())
    };
    let mut columns = vec![
        text(|o| o.manifest.run.clone()),
        text(|o| o.manifest.dataset.clone()),
        text(|o| o.manifest.method.clone()),
        count(|o| o.manifest.seed.0),
        count(|o| o.manifest.split_seed.0),
    ];
    // The runs of a grid are all of one kind, since a method is.
    let of_samples = outcomes.iter().any(|outcome| outcome.metrics.samples().is_some());
    let data_kind = if of_samples { DataKind::Samples } else { DataKind::Graph };
    columns.extend(measured(data_kind).iter().map(|key| number(&|o| o.metrics.values().get(key))));
    columns.push(number(&|o| Some(o.manifest.run_seconds())));
    let provenance = Provenance::of_stage("pipeline");
    table::write_parquet(path, Kind::Summary, fields(data_kind), columns, &[], &provenance)
}

/// The columns, of graphs or of samples.
pub(crate) fn fields(data_kind: DataKind) -> Vec<Field> {
    let mut fields = vec![
        required("run", DataType::Utf8, "name of the run and of its folder in `runs/`"),
        required("dataset", DataType::Utf8, "name of the dataset"),
        required("method", DataType::Utf8, "name of the method"),
        required("seed", DataType::UInt64, "seed of the run"),
        required("split_seed", DataType::UInt64, "seed of the split"),
    ];
    let number = |name: &str, description| optional(name, DataType::Float64, description);
    fields.extend(measured(data_kind).iter().map(|name| number(name, "see `metrics.json`")));
    fields.push(number("seconds", "wall-clock time of the run"));
    fields
}

/// The keys of the metrics that every run has.
fn measured(data_kind: DataKind) -> Vec<String> {
    let metrics = match data_kind {
        DataKind::Graph => RunMetrics::Graph(Box::default()),
        DataKind::Samples => RunMetrics::Samples(Box::default()),
    };
    metrics.values().0.into_iter().map(|(column, _)| column.key).collect()
}
