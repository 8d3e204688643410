//! Comparison of a stored file with the same file made again.

use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use serde_json::Value;
use vgae_artifacts::tensors::{self, Tensor};
use vgae_artifacts::{ArtifactError, FileRecord, Kind, regular, table};

use crate::StageError;
use crate::store::describe;

/// Largest accepted difference of a value in a column or tensor, relative to the largest value there (at least
/// 1): other processors add in another order.
const VALUE_TOLERANCE: f64 = 1e-4;
/// Largest accepted difference of a metric, relative to its size (at least 1): one pair of five hundred.
pub(crate) const METRIC_TOLERANCE: f64 = 2e-3;
/// Column of wall-clock times in the training history.
const SECONDS: &str = "seconds";

/// Returns the first difference between a stored file and the one made again, beyond the tolerance for other
/// processors. Files of other formats than JSON, Parquet and safetensors must have the same bytes.
pub(crate) fn difference(
    stored: &Path,
    again: &Path,
    kind: Option<Kind>,
) -> Result<Option<String>, StageError> {
    let record = |path: &Path| -> Option<FileRecord> { describe(path).ok() };
    if record(stored).is_some_and(|stored| Some(stored) == record(again)) {
        return Ok(None);
    }
    let name = stored.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (name, kind) {
        ("json", _) => Ok(json_difference(&parsed(stored)?, &parsed(again)?, &mut Vec::new())),
        ("parquet", Some(kind)) => {
            let read = |path| Ok::<_, StageError>(table::read_batch(path, kind)?);
            let ignored = (kind == Kind::History).then_some(SECONDS);
            Ok(table_difference(&read(stored)?, &read(again)?, ignored))
        }
        ("safetensors", Some(kind)) => {
            let read = |path| Ok::<_, StageError>(tensors::read_values(path, kind)?);
            Ok(tensor_difference(&read(stored)?, &read(again)?))
        }
        _ => Ok(Some("other bytes".to_owned())),
    }
}

fn parsed(path: &Path) -> Result<Value, StageError> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    Ok(serde_json::from_slice(&bytes).map_err(ArtifactError::decode("JSON", path))?)
}

/// Compares JSON values; `path` contains the keys down to them. Versions of the program may differ.
fn json_difference(stored: &Value, again: &Value, path: &mut Vec<String>) -> Option<String> {
    let differ =
        |path: &[String]| Some(format!("{}: found {stored}, expected {again}", path.join(".")));
    match (stored, again) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().filter(|key| *key != "program").find_map(|key| {
                let absent = &Value::Null;
                path.push(key.clone());
                let found = json_difference(
                    a.get(key).unwrap_or(absent),
                    b.get(key).unwrap_or(absent),
                    path,
                );
                path.pop();
                found
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| {
                path.push(at.to_string());
                let found = json_difference(a, b, path);
                path.pop();
                found
            })
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            let allowed = METRIC_TOLERANCE * a.abs().max(b.abs()).max(1.0);
            // A NaN is not within any tolerance.
            if (a - b).abs() <= allowed { None } else { differ(path) }
        }
        _ if stored == again => None,
        _ => differ(path),
    }
}

fn table_difference(
    stored: &RecordBatch,
    again: &RecordBatch,
    ignored: Option<&str>,
) -> Option<String> {
    let (a, b) = (stored.schema(), again.schema());
    if a.fields() != b.fields() {
        return Some("other columns".to_owned());
    }
    if stored.num_rows() != again.num_rows() {
        return Some(format!("found {} rows, expected {}", stored.num_rows(), again.num_rows()));
    }
    let columns = stored.columns().iter().zip(again.columns()).zip(a.fields());
    let mut compared = columns.filter(|(_, field)| Some(field.name().as_str()) != ignored);
    compared.find_map(|((stored, again), field)| {
        let row = match (floats(stored), floats(again)) {
            (Some((stored, width)), Some((again, _))) => {
                first_beyond(&stored, &again).map(|at| at / width.max(1))
            }
            _ if stored == again => None,
            _ => (0..stored.len()).find(|&row| stored.slice(row, 1) != again.slice(row, 1)),
        };
        row.map(|row| format!("column `{}`, row {row}: another value", field.name()))
    })
}

/// Returns the values of a column of numbers or vectors with the number of values per row; `None` for other
/// columns. Nulls are NaN.
fn floats(column: &dyn Array) -> Option<(Vec<f64>, usize)> {
    match column.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let column = cast(column, &DataType::Float64).ok()?;
            let values = column.as_primitive::<Float64Type>().iter();
            Some((values.map(|value| value.unwrap_or(f64::NAN)).collect(), 1))
        }
        DataType::FixedSizeList(_, width) => {
            let values = floats(column.as_fixed_size_list().values())?.0;
            Some((values, usize::try_from(*width).ok()?))
        }
        _ => None,
    }
}

fn tensor_difference(stored: &[Tensor], again: &[Tensor]) -> Option<String> {
    let shape = |tensors: &[Tensor]| -> Vec<(String, Vec<usize>)> {
        let of = |tensor: &Tensor| (tensor.name.clone(), tensor.shape.clone());
        tensors.iter().map(of).collect()
    };
    if shape(stored) != shape(again) {
        return Some("other tensors or shapes".to_owned());
    }
    stored.iter().zip(again).find_map(|(stored, again)| {
        let wide = |tensor: &Tensor| -> Vec<f64> {
            tensor.values.iter().copied().map(f64::from).collect()
        };
        let at = first_beyond(&wide(stored), &wide(again))?;
        Some(format!("tensor `{}`, value {at}: another value", stored.name))
    })
}

/// Returns whether values are equal within the tolerance for other processors.
pub(crate) fn are_close(stored: &[f64], again: &[f64]) -> bool {
    first_beyond(stored, again).is_none()
}

/// Returns the position of the first value that differs beyond the tolerance. Two NaN are equal.
fn first_beyond(stored: &[f64], again: &[f64]) -> Option<usize> {
    if stored.len() != again.len() {
        return Some(stored.len().min(again.len()));
    }
    let largest = again
        .iter()
        .filter(|value| value.is_finite())
        .fold(1.0_f64, |largest, value| largest.max(value.abs()));
    let allowed = VALUE_TOLERANCE * largest;
    let is_same = |a: f64, b: f64| {
        let both_nan = a.is_nan() && b.is_nan();
        // Equal infinities have no difference.
        both_nan || a.total_cmp(&b).is_eq() || (a - b).abs() <= allowed
    };
    stored.iter().zip(again).position(|(&a, &b)| !is_same(a, b))
}
