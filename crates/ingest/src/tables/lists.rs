//! Columns of lists of numbers, one list a node: each place in the list is a feature.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};

use super::columns::{Numbers, finite};
use crate::{FormatError, IngestError};

/// The lists of a column's pieces, all of one length, row after row. A list that is missing lacks every number.
///
/// # Errors
/// When two lists differ in length, or a number is not finite.
pub(super) fn numbers(
    file: &str,
    column: &str,
    pieces: &[ArrayRef],
) -> Result<Numbers, IngestError> {
    let rows = || pieces.iter().flat_map(|piece| (0..piece.len()).map(move |row| list(piece, row)));
    let width = rows().flatten().next().map_or(0, |list| list.len());
    let mut numbers = Numbers { width, values: Vec::new(), missing: Vec::new() };
    for (row, list) in rows().enumerate() {
        let Some(list) = list else {
            numbers.missing.extend(std::iter::repeat_n(row, width));
            numbers.values.extend(std::iter::repeat_n(0.0, width));
            continue;
        };
        if list.len() != width {
            let expected = format!("{width} numbers in each list of column `{column}`");
            return Err(FormatError::row(file, row, expected, list.len().to_string()).into());
        }
        let list = cast(&list, &DataType::Float64).map_err(|source| {
            let expected = format!("lists of numbers in column `{column}`");
            FormatError::row(file, row, expected, source.to_string())
        })?;
        for value in list.as_primitive::<Float64Type>() {
            let value = value.map(|value| finite(file, column, row, value)).transpose()?;
            if value.is_none() {
                numbers.missing.push(row);
            }
            numbers.values.push(value.unwrap_or(0.0));
        }
    }
    Ok(numbers)
}

fn list(piece: &ArrayRef, row: usize) -> Option<ArrayRef> {
    if piece.is_null(row) {
        return None;
    }
    match piece.data_type() {
        DataType::List(_) => Some(piece.as_list::<i32>().value(row)),
        DataType::LargeList(_) => Some(piece.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => Some(piece.as_fixed_size_list().value(row)),
        _ => None,
    }
}
