//! One row a run of a grid.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use vgae_artifacts::{Kind, LinkMetrics, Metrics, Part, Provenance, Result, table};

use crate::RunMetrics;
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
    let mut columns: Vec<(&str, DataType, bool, ArrayRef)> = vec![
        ("run", DataType::Utf8, false, text(|o| o.manifest.run.clone())),
        ("dataset", DataType::Utf8, false, text(|o| o.manifest.dataset.clone())),
        ("method", DataType::Utf8, false, text(|o| o.manifest.method.clone())),
        ("seed", DataType::UInt64, false, count(|o| o.manifest.seed.0)),
        ("split_seed", DataType::UInt64, false, count(|o| o.manifest.split_seed.0)),
    ];
    // The runs of a grid are all of one form, since a method is.
    let of_samples = outcomes.iter().any(|outcome| outcome.metrics.samples().is_some());
    let judged: &[(&str, Judged)] = if of_samples { &SAMPLES } else { &GRAPH };
    columns.extend(
        judged
            .iter()
            .map(|(name, of)| (*name, DataType::Float64, true, number(&|o| of(&o.metrics)))),
    );
    let seconds = number(&|o| Some(o.manifest.run_seconds()));
    columns.push(("seconds", DataType::Float64, true, seconds));
    let fields = columns
        .iter()
        .map(|(name, kind, nullable, _)| Field::new(*name, kind.clone(), *nullable))
        .collect();
    let arrays = columns.into_iter().map(|(.., array)| array).collect();
    let provenance = Provenance::of_stage("pipeline");
    table::write_parquet(path, Kind::Summary, fields, arrays, &[], &provenance)
}

type Judged = fn(&RunMetrics) -> Option<f64>;

const GRAPH: [(&str, Judged); 6] = [
    ("val_auc", |m| m.graph()?.validation.auc),
    ("val_ap", |m| m.graph()?.validation.ap),
    ("test_auc", |m| m.graph()?.test.auc),
    ("test_ap", |m| m.graph()?.test.ap),
    ("cold_test_auc", |m| cold(m.graph()?)?.auc),
    ("cold_test_ap", |m| cold(m.graph()?)?.ap),
];

const SAMPLES: [(&str, Judged); 10] = [
    ("val_negative_elbo", |m| m.samples()?.validation.as_ref()?.negative_elbo),
    ("val_squared_error", |m| Some(m.samples()?.validation.as_ref()?.squared_error)),
    ("test_reconstruction", |m| Some(m.samples()?.test.as_ref()?.reconstruction)),
    ("test_kl", |m| m.samples()?.test.as_ref()?.kl),
    ("test_negative_elbo", |m| m.samples()?.test.as_ref()?.negative_elbo),
    ("test_squared_error", |m| Some(m.samples()?.test.as_ref()?.squared_error)),
    ("test_pca_squared_error", |m| m.samples()?.test.as_ref()?.pca_squared_error),
    ("val_pca_squared_error", |m| m.samples()?.validation.as_ref()?.pca_squared_error),
    ("knn_accuracy", |m| m.samples()?.code.as_ref()?.knn_accuracy),
    ("probe_accuracy", |m| m.samples()?.code.as_ref()?.probe_accuracy),
];

fn cold(metrics: &Metrics) -> Option<&LinkMetrics> {
    let slice =
        metrics.slices.iter().find(|slice| slice.part == Part::Test && slice.name == "cold");
    slice.map(|slice| &slice.metrics)
}
