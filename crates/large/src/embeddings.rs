//! Embeddings: unit rows of weighted sums of propagated vectors, and their part files.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use rayon::prelude::*;
use vgae_artifacts::{Result, table};

use crate::vectors::Vectors;

/// Number of part files to aim at, whatever the number of threads.
const PARTS: usize = 16;
/// Largest number of rows of a part file.
const PART_ROWS: usize = 1 << 20;

/// `unit(sum over hops of weight * unit(y))` for each node, into the rows of the first hop; rows of zeros remain zeros.
/// Sums are of double precision, in the order of columns and hops.
pub(crate) fn combine(mut first: Vectors, first_weight: f64, others: &[(Vectors, f64)]) -> Vectors {
    first.for_each_row(|node, row| {
        let factor = |row: &[f32], weight: f64| {
            let square = sum_of_squares(row.iter().map(|&value| f64::from(value)));
            if square > 0.0 { weight / square.sqrt() } else { 0.0 }
        };
        let own = factor(row, first_weight);
        let others: Vec<(&[f32], f64)> = others
            .iter()
            .map(|(vectors, weight)| (vectors.row(node), factor(vectors.row(node), *weight)))
            .collect();
        let sum = |k: usize, value: f32| {
            let terms = others.iter().map(|(row, factor)| f64::from(row[k]) * factor);
            terms.fold(f64::from(value) * own, |sum, term| sum + term)
        };
        let square = sum_of_squares(row.iter().enumerate().map(|(k, &value)| sum(k, value)));
        let factor = if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 };
        for (k, value) in row.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "vectors are of single precision")]
            let unit = (sum(k, *value) * factor) as f32;
            *value = unit;
        }
    });
    first
}

fn sum_of_squares(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).reduce(|sum, square| sum + square).unwrap_or(0.0)
}

/// Writes `part-00000.parquet` and so on into `folder`: `node`, `id`, `embedding_0`, `embedding_1`, ...
///
/// # Errors
/// Returns an error when a file cannot be written.
pub(crate) fn write(folder: &Path, ids: &[i64], vectors: &Vectors) -> Result<()> {
    let real = |k: usize| Field::new(format!("embedding_{k}"), DataType::Float32, false);
    let ids_of = ["node", "id"].map(|name| Field::new(name, DataType::Int64, false));
    let fields: Vec<Field> = ids_of.into_iter().chain((0..vectors.width()).map(real)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = |first: usize, end: usize| {
        let nodes = (first..end).map(|node| i64::try_from(node).unwrap_or(i64::MAX));
        let nodes = Int64Array::from_iter_values(nodes);
        let ids = Int64Array::from_iter_values(ids[first..end].iter().copied());
        let columns = (0..vectors.width()).map(|k| -> ArrayRef {
            Arc::new(Float32Array::from_iter_values((first..end).map(|node| vectors.row(node)[k])))
        });
        let own: [ArrayRef; 2] = [Arc::new(nodes), Arc::new(ids)];
        RecordBatch::try_new(Arc::clone(&schema), own.into_iter().chain(columns).collect())
    };
    // A part is written by one thread.
    let part_rows = ids.len().div_ceil(PARTS).clamp(table::ROW_GROUP_ROWS, PART_ROWS);
    (0..ids.len().div_ceil(part_rows)).into_par_iter().try_for_each(|part| {
        let rows = part * part_rows..ids.len().min((part + 1) * part_rows);
        let (group, end) = (table::ROW_GROUP_ROWS, rows.end);
        let batches = rows.step_by(group).map(|first| batch(first, end.min(first + group)));
        let path = folder.join(format!("part-{part:05}.parquet"));
        // Values hardly repeat.
        let properties = table::writer_properties(&schema).set_dictionary_enabled(false).build();
        table::write_batches_with(&path, &schema, properties, batches)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unit_sums_and_zeros_stay() {
        let of = |values: [[f32; 2]; 2]| {
            let mut vectors = Vectors::zeros(2, 2).expect("memory");
            vectors.for_each_row(|node, row| row.copy_from_slice(&values[node]));
            vectors
        };
        let first = of([[3.0, 4.0], [0.0, 0.0]]);
        let second = (of([[0.0, 2.0], [0.0, 0.0]]), 2.0);
        let combined = combine(first, 1.0, &[second]);
        // (0.6, 0.8) + 2 (0, 1), of length sqrt(0.36 + 7.84).
        let length = 8.2f32.sqrt();
        assert!((combined.row(0)[0] - 0.6 / length).abs() < 1e-6);
        assert!((combined.row(0)[1] - 2.8 / length).abs() < 1e-6);
        assert_eq!(combined.row(1), [0.0, 0.0]);
    }
}
