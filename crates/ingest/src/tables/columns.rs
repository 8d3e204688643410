//! Columns to ids, labels and numbers.

use polars::prelude::{Column, DataType, StringChunked};

use super::frame::Table;
use crate::{FormatError, IngestError};

/// A column of ids: whole numbers or text, none missing.
pub(super) struct Ids(StringChunked);

impl Ids {
    pub(super) fn of(table: &Table, column: &Column) -> Result<Self, IngestError> {
        let ids = as_text(table, column, "ids")?;
        let missing = ids.iter().position(|id| id.and_then(trimmed).is_none());
        match missing {
            None => Ok(Self(ids)),
            Some(row) => {
                let expected = format!("an id in column `{}`", column.name());
                Err(FormatError::row(&table.name, row, expected, "nothing").into())
            }
        }
    }

    /// The ids in the order of the table, without blanks around them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(str::trim)
    }
}

/// A column as labels, without blanks around them; an empty one is no label.
pub(super) fn labels(table: &Table, column: &Column) -> Result<Vec<Option<String>>, IngestError> {
    let labels = as_text(table, column, "labels")?;
    Ok(labels.iter().map(|label| label.and_then(trimmed).map(str::to_owned)).collect())
}

fn trimmed(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn as_text(table: &Table, column: &Column, what: &str) -> Result<StringChunked, IngestError> {
    let allowed = match column.dtype() {
        DataType::String | DataType::Categorical(..) | DataType::Boolean => true,
        other => other.is_integer() || (what == "labels" && other.is_float()),
    };
    if !allowed {
        return Err(FormatError::whole(
            &table.name,
            format!("whole numbers or text as {what} in column `{}`", column.name()),
            format!("values of type {}", column.dtype()),
        )
        .into());
    }
    let column = column.cast(&DataType::String).map_err(|e| table.unreadable(e))?;
    Ok(column.str().map_err(|e| table.unreadable(e))?.clone())
}

/// Whether a column holds numbers: by its type, or because each of its texts is one (polars takes ` 1.5`
/// for a text).
pub(super) fn is_numeric(column: &Column) -> bool {
    match column.dtype() {
        DataType::Boolean => true,
        DataType::String => column.str().is_ok_and(|texts| {
            texts.iter().flatten().all(|text| text.trim().parse::<f64>().is_ok())
                && texts.null_count() < texts.len()
        }),
        other => other.is_integer() || other.is_float(),
    }
}

/// A column as finite `f32`; `false` and `true` are 0 and 1.
pub(super) fn numbers(table: &Table, column: &Column) -> Result<Vec<f32>, IngestError> {
    let fault = |row: usize, found: String| -> IngestError {
        let expected = format!("a finite number in column `{}`", column.name());
        FormatError::row(&table.name, row, expected, found).into()
    };
    let values: Vec<Option<f64>> = match column.dtype() {
        DataType::String => {
            let texts = column.str().map_err(|e| table.unreadable(e))?;
            let number = |(row, text): (usize, Option<&str>)| match text.and_then(trimmed) {
                None => Ok(None),
                Some(text) => text.parse().map(Some).map_err(|_| fault(row, format!("`{text}`"))),
            };
            texts.iter().enumerate().map(number).collect::<Result<_, _>>()?
        }
        _ if is_numeric(column) => {
            let column = column.cast(&DataType::Float64).map_err(|e| table.unreadable(e))?;
            column.f64().map_err(|e| table.unreadable(e))?.iter().collect()
        }
        other => {
            return Err(FormatError::whole(
                &table.name,
                format!("numbers in column `{}`", column.name()),
                format!("values of type {other}"),
            )
            .into());
        }
    };
    let finite = |(row, value): (usize, Option<f64>)| {
        #[expect(clippy::cast_possible_truncation, reason = "features and weights are f32")]
        let number = value.map(|value| value as f32);
        match (number, value) {
            (Some(number), _) if number.is_finite() => Ok(number),
            (_, Some(value)) => Err(fault(row, format!("{value:e}"))),
            (_, None) => Err(fault(row, "nothing".to_owned())),
        }
    };
    values.into_iter().enumerate().map(finite).collect()
}
