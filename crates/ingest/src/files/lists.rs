//! Columns of lists of numbers, one list a node: each place in the list is a feature.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use vgae_artifacts::claims;

use crate::{FormatError, IngestError};

/// Finite numbers, `width` a row, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// The numbers of a row.
    pub width: usize,
    /// 0 where one is missing.
    pub values: Vec<f32>,
    /// The row of each number that is missing, rising.
    pub missing: Vec<usize>,
}

/// The lists of a column's pieces, all of one length, row after row. A list that is missing lacks every number.
///
/// # Errors
/// When two lists differ in length, or a number is not finite.
pub fn numbers(file: &str, column: &str, pieces: &[ArrayRef]) -> Result<Numbers, IngestError> {
    let rows = || pieces.iter().flat_map(|piece| (0..piece.len()).map(move |row| list(piece, row)));
    let width = rows().flatten().next().map_or(0, |list| list.len());
    let mut numbers = Numbers { width, values: Vec::new(), missing: Vec::new() };
    // Lists that are missing take no bytes in the file.
    let there: u64 = pieces.iter().map(|piece| piece.get_array_memory_size() as u64).sum();
    let mut lacking = 0u64;
    for (row, list) in rows().enumerate() {
        let Some(list) = list else {
            lacking = lacking.saturating_add((width * size_of::<f32>()) as u64);
            if lacking > claims::most_unpacked(there) {
                let expected = format!("lists of {width} numbers in column `{column}`");
                return Err(
                    FormatError::row(file, row, expected, "too many that are missing").into()
                );
            }
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

/// The lists of a column's pieces as whole numbers, of any lengths; a list that is missing is empty.
///
/// # Errors
/// When a value is missing or no whole number.
pub fn whole_lists(
    file: &str,
    column: &str,
    pieces: &[ArrayRef],
) -> Result<Vec<Vec<i64>>, IngestError> {
    let rows = pieces.iter().flat_map(|piece| (0..piece.len()).map(move |row| list(piece, row)));
    let whole = |(row, list): (usize, Option<ArrayRef>)| {
        let Some(list) = list else { return Ok(Vec::new()) };
        let fault = |found: String| {
            let expected = format!("lists of whole numbers in column `{column}`");
            IngestError::from(FormatError::row(file, row, expected, found))
        };
        if !list.data_type().is_integer() {
            return Err(fault(format!("values of type {}", list.data_type())));
        }
        // A number beyond 64 bits with a sign becomes null.
        let list = cast(&list, &DataType::Int64).map_err(|source| fault(source.to_string()))?;
        let values = list.as_primitive::<Int64Type>().iter();
        values
            .map(|value| value.ok_or_else(|| fault("a value that is missing".to_owned())))
            .collect()
    };
    rows.enumerate().map(whole).collect()
}

/// The numbers of a list that is written as text: `[0.1 0.2]` or `0.1, 0.2`.
#[must_use]
pub fn list_of(text: &str) -> Option<Vec<f64>> {
    let text = text.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
    let values = text.split([',', ';', ' ', '\t', '\n']).filter(|value| !value.is_empty());
    values.map(|value| value.parse().ok()).collect()
}

/// The lists of a column of text, all of one length, row after row.
///
/// # Errors
/// When two lists differ in length, a value is no list of numbers, or a number is not finite.
pub fn numbers_of_text<'t>(
    file: &str,
    column: &str,
    texts: impl Iterator<Item = Option<&'t str>>,
) -> Result<Numbers, IngestError> {
    let mut numbers = Numbers { width: 0, values: Vec::new(), missing: Vec::new() };
    let mut before = Vec::new();
    for (row, text) in texts.enumerate() {
        let Some(text) = text else {
            if numbers.width == 0 {
                before.push(row);
            }
            numbers.missing.extend(std::iter::repeat_n(row, numbers.width));
            numbers.values.extend(std::iter::repeat_n(0.0, numbers.width));
            continue;
        };
        let list = list_of(text).filter(|list| numbers.width == 0 || list.len() == numbers.width);
        let Some(list) = list else {
            let width = numbers.width;
            let expected = format!("a list of {width} numbers in column `{column}`");
            return Err(FormatError::row(file, row, expected, format!("`{text}`")).into());
        };
        if numbers.width == 0 {
            numbers.width = list.len();
            numbers.missing =
                before.iter().flat_map(|&row| std::iter::repeat_n(row, list.len())).collect();
            numbers.values = vec![0.0; before.len() * list.len()];
        }
        for value in list {
            numbers.values.push(finite(file, column, row, value)?);
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

/// A value as `f32`, which must be finite.
pub fn finite(file: &str, column: &str, row: usize, value: f64) -> Result<f32, IngestError> {
    #[expect(clippy::cast_possible_truncation, reason = "features and weights are f32")]
    let number = value as f32;
    if number.is_finite() {
        Ok(number)
    } else {
        Err(not_finite(file, column, row, format!("{value:e}")))
    }
}

pub fn not_finite(file: &str, column: &str, row: usize, found: impl Into<String>) -> IngestError {
    let expected = format!("a finite number in column `{column}`");
    FormatError::row(file, row, expected, found).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::ListArray;
    use arrow::datatypes::UInt8Type;

    use super::*;

    #[test]
    fn missing_lists_lack_every_number_within_reason() {
        let lists = |width: usize, missing: usize| -> ArrayRef {
            let rows = std::iter::once(Some(vec![Some(1); width]));
            let rows = rows.chain(std::iter::repeat_n(None, missing));
            Arc::new(ListArray::from_iter_primitive::<UInt8Type, _, _>(rows))
        };
        let read = numbers("n.arrow", "x", &[lists(2, 1)]).expect("four numbers");
        assert_eq!(
            read,
            Numbers { width: 2, values: vec![1.0, 1.0, 0.0, 0.0], missing: vec![1, 1] }
        );
        let error = numbers("n.arrow", "x", &[lists(1 << 20, 1 << 10)]).expect_err("2^30 numbers");
        assert!(error.to_string().contains("too many that are missing"), "{error}");
    }
}
