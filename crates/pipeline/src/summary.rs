//! One row a run of a grid.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use vgae_artifacts::DataKind;
use vgae_artifacts::table::{self, optional, required};
use vgae_artifacts::{Kind, Provenance, Result};

use crate::run::RunOutcome;

/// Writes `summary.parquet`: run, dataset, method, seeds, what the run is judged by, seconds. The run's
/// folder is the one of its name under `runs/`. Of graphs: validation and test AUC / AP, and the test slice of
/// cold endpoints. Of samples: the parts of the bound, squared errors, and what the code tells.
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
    columns.extend(judged(data_kind).iter().map(|(_, of)| number(of)));
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
    let metrics = judged(data_kind).iter();
    let number = |name, description| optional(name, DataType::Float64, description);
    fields.extend(metrics.map(|(name, _)| number(name, "see `metrics.json`")));
    fields.push(number("seconds", "wall-clock time of the run"));
    fields
}

const fn judged(data_kind: DataKind) -> &'static [(&'static str, Judged)] {
    match data_kind {
        DataKind::Graph => &GRAPH,
        DataKind::Samples => &SAMPLES,
    }
}

type Judged = fn(&RunOutcome) -> Option<f64>;

const GRAPH: [(&str, Judged); 6] = [
    ("val_auc", |o| o.metrics.graph()?.validation.auc),
    ("val_ap", |o| o.metrics.graph()?.validation.ap),
    ("test_auc", |o| o.metrics.graph()?.test.auc),
    ("test_ap", |o| o.metrics.graph()?.test.ap),
    ("cold_test_auc", |o| o.metrics.graph()?.cold_test_pairs()?.auc),
    ("cold_test_ap", |o| o.metrics.graph()?.cold_test_pairs()?.ap),
];

const SAMPLES: [(&str, Judged); 10] = [
    ("val_negative_elbo", |o| o.metrics.samples()?.validation.as_ref()?.negative_elbo),
    ("val_squared_error", |o| Some(o.metrics.samples()?.validation.as_ref()?.squared_error)),
    ("test_reconstruction", |o| Some(o.metrics.samples()?.test.as_ref()?.reconstruction)),
    ("test_kl", |o| o.metrics.samples()?.test.as_ref()?.kl),
    ("test_negative_elbo", |o| o.metrics.samples()?.test.as_ref()?.negative_elbo),
    ("test_squared_error", |o| Some(o.metrics.samples()?.test.as_ref()?.squared_error)),
    ("test_pca_squared_error", |o| o.metrics.samples()?.test.as_ref()?.pca_squared_error),
    ("val_pca_squared_error", |o| o.metrics.samples()?.validation.as_ref()?.pca_squared_error),
    ("knn_accuracy", |o| o.metrics.samples()?.code.as_ref()?.knn_accuracy),
    ("probe_accuracy", |o| o.metrics.samples()?.code.as_ref()?.probe_accuracy),
];
