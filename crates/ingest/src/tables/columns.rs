//! Columns to ids, labels and numbers.

use polars::prelude::{
    BooleanChunked, ChunkFilter, Column, DataType, Int64Chunked, IntoColumn, NewChunkedArray,
    PolarsResult, StringChunked,
};

use vgae_artifacts::Part;

use super::builder::integral;
use super::frame::Table;
pub use crate::files::{Numbers, finite, not_finite};
use crate::{FormatError, IngestError};

/// A column of ids.
pub enum Ids {
    /// Whole numbers, which are known by their value: as text, large graphs would take ten times as long.
    Whole(Int64Chunked),
    /// Anything else.
    Text(StringChunked),
}

impl Ids {
    /// The ids of a column, none missing.
    pub fn of(table: &Table<'_>, column: &Column) -> Result<Self, IngestError> {
        let (ids, missing) = Self::and_missing(table, column)?;
        match missing.first() {
            None => Ok(ids),
            Some(&row) => Err(no_id(table, column, row).into()),
        }
    }

    /// The ids of a column, and the rows that have none.
    pub(super) fn and_missing(
        table: &Table<'_>,
        column: &Column,
    ) -> Result<(Self, Vec<usize>), IngestError> {
        let whole = column.dtype().is_primitive_numeric().then(|| as_whole(column)).flatten();
        if let Some(ids) = whole {
            let missing = rows_where(ids.iter(), |id: &Option<i64>| id.is_none());
            return Ok((Self::Whole(ids), missing));
        }
        let ids = as_text(table, column, "ids")?;
        let na_values = table.options.na_values;
        let missing =
            rows_where(ids.iter(), |id| id.is_none_or(|id| na_values.contains(id.trim())));
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
    pub fn are_text(&self, table: &Table<'_>) -> bool {
        table.has_types() && matches!(self, Self::Text(_))
    }

    /// The ids in the order of the table, without blanks around them.
    pub fn to_strings(&self) -> Vec<String> {
        match self {
            Self::Whole(ids) => ids.iter().flatten().map(|id| id.to_string()).collect(),
            Self::Text(ids) => texts(ids).map(str::to_owned).collect(),
        }
    }

    /// The ids with a kind in front: `user:5`.
    pub(super) fn of_kind(self, table: &Table<'_>, kind: &str) -> Result<Self, IngestError> {
        let ids = self.into_text(table)?;
        let named = ids.iter().map(|id| id.map(|id| typed_id(kind, id.trim())));
        Ok(Self::Text(StringChunked::from_iter_options(ids.name().clone(), named)))
    }

    pub(super) fn into_text(self, table: &Table<'_>) -> Result<StringChunked, IngestError> {
        match self {
            Self::Whole(ids) => as_text(table, &ids.into_column(), "ids"),
            Self::Text(ids) => Ok(ids),
        }
    }
}

/// Returns the id of a node where ids of different types are different nodes: `user:5`.
pub(super) fn typed_id(kind: &str, id: &str) -> String {
    format!("{kind}:{id}")
}

pub(super) fn no_id(table: &Table<'_>, column: &Column, row: usize) -> FormatError {
    let expected = format!(
        "an id in column `{}` (`missing_values = \"repair\"` leaves such rows out, `na_values` says what is missing)",
        column.name()
    );
    FormatError::row(&table.name, row, expected, "a missing value")
}

fn rows_where<T>(values: impl Iterator<Item = T>, lacks: impl Fn(&T) -> bool) -> Vec<usize> {
    values.enumerate().filter(|(_, value)| lacks(value)).map(|(row, _)| row).collect()
}

/// Texts without blanks around them.
pub(super) fn texts(ids: &StringChunked) -> impl Iterator<Item = &str> {
    ids.iter().flatten().map(str::trim)
}

/// Nothing where a number is too large, or no integer.
fn as_whole(column: &Column) -> Option<Int64Chunked> {
    if let Ok(reals) = column.f64() {
        let whole =
            |value: f64| if value.is_nan() { Some(None) } else { integral(value).map(Some) };
        let values: Option<Vec<Option<i64>>> =
            reals.iter().map(|value| value.map_or(Some(None), whole)).collect();
        return Some(Int64Chunked::from_iter_options(column.name().clone(), values?.into_iter()));
    }
    let whole = column.cast(&DataType::Int64).ok()?;
    (whole.null_count() == column.null_count()).then(|| whole.i64().cloned().ok()).flatten()
}

/// A column as labels, without blanks around them; an empty one is no label.
pub fn labels(table: &Table<'_>, column: &Column) -> Result<Vec<Option<String>>, IngestError> {
    let labels = match as_whole(column).filter(|_| column.dtype().is_primitive_numeric()) {
        Some(whole) => as_text(table, &whole.into_column(), "labels")?,
        None => as_text(table, column, "labels")?,
    };
    let na_values = table.options.na_values;
    let label =
        |text: &str| Some(text.trim()).filter(|text| !na_values.contains(text)).map(str::to_owned);
    Ok(labels.iter().map(|text| text.and_then(label)).collect())
}

/// Returns the part of each row: `train`, `val` or `test`, or one of their usual other names.
///
/// # Errors
/// Returns an error when a row has another value or none.
pub fn parts(table: &Table<'_>, column: &Column) -> Result<Vec<Part>, IngestError> {
    let names = labels(table, column)?;
    let part = |(row, name): (usize, &Option<String>)| match name.as_deref() {
        Some("train" | "training") => Ok(Part::Train),
        Some("val" | "valid" | "validation" | "dev") => Ok(Part::Validation),
        Some("test" | "testing") => Ok(Part::Test),
        other => {
            let expected = format!("`train`, `val` or `test` in column `{}`", column.name());
            let found = other.map_or_else(|| "nothing".to_owned(), |name| format!("`{name}`"));
            Err(FormatError::row(&table.name, row, expected, found).into())
        }
    };
    names.iter().enumerate().map(part).collect()
}

/// Returns whether each row is an edge: 1 or `true`, else 0 or `false`.
///
/// # Errors
/// Returns an error when a row has another value or none.
pub(super) fn truths(table: &Table<'_>, column: &Column) -> Result<Vec<bool>, IngestError> {
    let names = labels(table, column)?;
    let truth = |(row, name): (usize, &Option<String>)| match name
        .as_deref()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("1" | "1.0" | "true") => Ok(true),
        Some("0" | "0.0" | "false") => Ok(false),
        other => {
            let expected = format!(
                "1 or `true` for an edge, 0 or `false` for a negative in column `{}`",
                column.name()
            );
            let found = other.map_or_else(|| "nothing".to_owned(), |name| format!("`{name}`"));
            Err(FormatError::row(&table.name, row, expected, found).into())
        }
    };
    names.iter().enumerate().map(truth).collect()
}

fn as_text(table: &Table<'_>, column: &Column, what: &str) -> Result<StringChunked, IngestError> {
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
pub fn is_numeric(column: &Column) -> bool {
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
pub(super) fn numbers(table: &Table<'_>, column: &Column) -> Result<Numbers, IngestError> {
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
pub fn optional_numbers(
    table: &Table<'_>,
    column: &Column,
) -> Result<Vec<Option<f64>>, IngestError> {
    match column.dtype() {
        DataType::String => {
            let texts = column.str()?;
            let present = |text: &&str| !table.options.na_values.contains_among_numbers(text);
            let number =
                |(row, text): (usize, Option<&str>)| match text.map(str::trim).filter(present) {
                    None => Ok(None),
                    Some(text) => text.parse().map(Some).map_err(|_| {
                        not_finite(&table.name, column.name(), row, format!("`{text}`"))
                    }),
                };
            texts.iter().enumerate().map(number).collect()
        }
        _ if is_numeric(column) => {
            let column = column.cast(&DataType::Float64)?;
            // NaN is how programs without missing values write one.
            Ok(column.f64()?.iter().map(|value| value.filter(|value| !value.is_nan())).collect())
        }
        other => Err(FormatError::whole(
            &table.name,
            format!("numbers in column `{}`", column.name()),
            format!("values of type {other}"),
        )
        .into()),
    }
}
