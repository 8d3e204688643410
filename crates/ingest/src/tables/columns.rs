//! Columns to ids, labels and numbers.

use polars::prelude::{
    BooleanChunked, ChunkFilter, Column, DataType, Int64Chunked, IntoColumn, PolarsResult,
    StringChunked,
};

use super::frame::Table;
pub(super) use crate::files::{Numbers, finite, not_finite};
use crate::{FormatError, IngestError};

/// A column of ids.
pub(super) enum Ids {
    /// Whole numbers, which are known by their value: as text, large graphs would take ten times as long.
    Whole(Int64Chunked),
    /// Anything else.
    Text(StringChunked),
}

impl Ids {
    /// The ids of a column, none missing.
    pub(super) fn of(table: &Table, column: &Column) -> Result<Self, IngestError> {
        let (ids, missing) = Self::and_missing(table, column)?;
        match missing.first() {
            None => Ok(ids),
            Some(&row) => Err(no_id(table, column, row).into()),
        }
    }

    /// The ids of a column, and the rows that have none.
    pub(super) fn and_missing(
        table: &Table,
        column: &Column,
    ) -> Result<(Self, Vec<usize>), IngestError> {
        let whole = column.dtype().is_integer().then(|| as_whole(column)).flatten();
        if let Some(ids) = whole {
            let missing = rows_where(ids.iter(), |id: &Option<i64>| id.is_none());
            return Ok((Self::Whole(ids), missing));
        }
        let ids = as_text(table, column, "ids")?;
        let missing = rows_where(ids.iter(), |id| id.and_then(trimmed).is_none());
        Ok((Self::Text(ids), missing))
    }

    /// The rows for which `kept` holds.
    pub(super) fn keep(&self, kept: &BooleanChunked) -> PolarsResult<Self> {
        Ok(match self {
            Self::Whole(ids) => Self::Whole(ids.filter(kept)?),
            Self::Text(ids) => Self::Text(ids.filter(kept)?),
        })
    }

    /// Whether the file says that they are text, whatever they look like.
    pub(super) fn are_text(&self, table: &Table) -> bool {
        table.has_types() && matches!(self, Self::Text(_))
    }

    /// The ids in the order of the table, without blanks around them.
    pub(super) fn to_strings(&self) -> Vec<String> {
        match self {
            Self::Whole(ids) => ids.iter().flatten().map(|id| id.to_string()).collect(),
            Self::Text(ids) => texts(ids).map(str::to_owned).collect(),
        }
    }

    pub(super) fn into_text(self, table: &Table) -> Result<StringChunked, IngestError> {
        match self {
            Self::Whole(ids) => as_text(table, &ids.into_column(), "ids"),
            Self::Text(ids) => Ok(ids),
        }
    }
}

pub(super) fn no_id(table: &Table, column: &Column, row: usize) -> FormatError {
    FormatError::row(&table.name, row, format!("an id in column `{}`", column.name()), "nothing")
}

fn rows_where<T>(values: impl Iterator<Item = T>, lacks: impl Fn(&T) -> bool) -> Vec<usize> {
    values.enumerate().filter(|(_, value)| lacks(value)).map(|(row, _)| row).collect()
}

/// Texts without blanks around them.
pub(super) fn texts(ids: &StringChunked) -> impl Iterator<Item = &str> {
    ids.iter().flatten().map(str::trim)
}

/// Nothing where a number is too large.
fn as_whole(column: &Column) -> Option<Int64Chunked> {
    let whole = column.cast(&DataType::Int64).ok()?;
    (whole.null_count() == column.null_count()).then(|| whole.i64().cloned().ok()).flatten()
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
        DataType::String | DataType::Boolean => true,
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
    let column = column.cast(&DataType::String)?;
    Ok(column.str()?.clone())
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

/// A column as finite `f32`, one a row; `false` and `true` are 0 and 1.
pub(super) fn numbers(table: &Table, column: &Column) -> Result<Numbers, IngestError> {
    let mut missing = Vec::new();
    let mut value = |(row, value): (usize, Option<f64>)| {
        let Some(value) = value else {
            missing.push(row);
            return Ok(0.0);
        };
        finite(&table.name, column.name(), row, value)
    };
    let values = optional_numbers(table, column)?.into_iter().enumerate();
    let values = values.map(&mut value).collect::<Result<Vec<f32>, _>>()?;
    Ok(Numbers { width: 1, values, missing })
}

/// A column of numbers of which some may be missing, and some be NaN or infinite.
pub(super) fn optional_numbers(
    table: &Table,
    column: &Column,
) -> Result<Vec<Option<f64>>, IngestError> {
    match column.dtype() {
        DataType::String => {
            let texts = column.str()?;
            let number = |(row, text): (usize, Option<&str>)| match text.and_then(trimmed) {
                None => Ok(None),
                Some(text) => text
                    .parse()
                    .map(Some)
                    .map_err(|_| not_finite(&table.name, column.name(), row, format!("`{text}`"))),
            };
            texts.iter().enumerate().map(number).collect()
        }
        _ if is_numeric(column) => {
            let column = column.cast(&DataType::Float64)?;
            Ok(column.f64()?.iter().collect())
        }
        other => Err(FormatError::whole(
            &table.name,
            format!("numbers in column `{}`", column.name()),
            format!("values of type {other}"),
        )
        .into()),
    }
}
