//! One row a run of a grid.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use vgae_artifacts::{Kind, Provenance, Result, table};

use crate::run::RunOutcome;

/// Writes `summary.parquet`: run, dataset, method, seeds, validation and test AUC / AP, the test slice
/// of cold endpoints, seconds, and the run's folder under `runs/`.
pub(crate) fn write(path: &Path, outcomes: &[RunOutcome]) -> Result<()> {
    let text = |of: fn(&RunOutcome) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(outcomes.iter().map(of)))
    };
    let count = |of: fn(&RunOutcome) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(outcomes.iter().map(of)))
    };
    let number = |of: fn(&RunOutcome) -> Option<f64>| -> ArrayRef {
        Arc::new(outcomes.iter().map(of).collect::<Float64Array>())
    };
    let columns: Vec<(&str, DataType, bool, ArrayRef)> = vec![
        ("run", DataType::Utf8, false, text(|o| o.manifest.run.clone())),
        ("dataset", DataType::Utf8, false, text(|o| o.manifest.dataset.clone())),
        ("method", DataType::Utf8, false, text(|o| o.manifest.method.clone())),
        ("seed", DataType::UInt64, false, count(|o| o.manifest.seed.0)),
        ("split_seed", DataType::UInt64, false, count(|o| o.manifest.split_seed.0)),
        ("val_auc", DataType::Float64, true, number(|o| o.metrics.validation.auc)),
        ("val_ap", DataType::Float64, true, number(|o| o.metrics.validation.ap)),
        ("test_auc", DataType::Float64, true, number(|o| o.metrics.test.auc)),
        ("test_ap", DataType::Float64, true, number(|o| o.metrics.test.ap)),
        ("cold_test_auc", DataType::Float64, true, number(|o| o.cold_test_pairs()?.auc)),
        ("cold_test_ap", DataType::Float64, true, number(|o| o.cold_test_pairs()?.ap)),
        ("seconds", DataType::Float64, true, number(|o| Some(o.manifest.run_seconds()))),
    ];
    let fields = columns
        .iter()
        .map(|(name, kind, nullable, _)| Field::new(*name, kind.clone(), *nullable))
        .collect();
    let arrays = columns.into_iter().map(|(.., array)| array).collect();
    let provenance = Provenance::of_stage("pipeline");
    table::write_parquet(path, Kind::Summary, fields, arrays, &[], &provenance)
}
