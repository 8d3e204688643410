//! Times of edges.

use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::{Pair, TableReading};

use super::columns::{labels, optional_numbers};
use super::decision::{Role, further};
use super::frame::Table;
use super::pairs::{Known, open};
use crate::config::{ColumnRef, EdgeTable, Rules, UnknownNodes};
use crate::{FormatError, IngestError};

/// Times of the entries of edge tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EdgeTimes {
    /// Each entry with the index of its time in `times`.
    pub entries: Vec<(Pair, u32)>,
    /// The distinct times, ascending, as text.
    pub times: Vec<String>,
    /// Decisions on how the tables were read.
    pub readings: Vec<TableReading>,
}

/// A time that can be ordered.
#[derive(Clone, PartialEq, PartialOrd)]
enum Time {
    Number(f64),
    Date(String),
}

/// Reads the times of all entries whose nodes are among `ids`.
pub(crate) fn read(
    edges: &[EdgeTable],
    column: &str,
    ids: &[String],
    base: &Path,
    rules: Rules<'_>,
) -> Result<EdgeTimes, IngestError> {
    let rules = Rules { unknown: UnknownNodes::Drop, ..rules };
    let (mut timed, mut readings) = (Vec::new(), Vec::new());
    for table in edges {
        let (config, table) = open("edges", table, base, rules)?;
        let asked = ColumnRef::Name(column.to_owned());
        let time = further(&table, Role::Time, Some(&asked), &[])?;
        let uses: Vec<_> = time.into_iter().collect();
        let Known { table, rows, further, reading, .. } =
            Known::read(&config, table, &uses, (ids, ""), rules)?;
        let times = times(&table, &further[0])?;
        let entries = rows.pairs.iter().zip(&rows.rows);
        timed.extend(entries.map(|(&pair, &row)| (pair, times[row].clone())));
        readings.push(reading);
    }
    let mut distinct: Vec<Time> = timed.iter().map(|(_, time)| time.clone()).collect();
    // Numbers and dates are never mixed within a column; between tables numbers come first.
    let order = |a: &Time, b: &Time| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal);
    distinct.sort_by(order);
    distinct.dedup();
    let rank = |time: &Time| {
        let at = distinct.partition_point(|other| order(other, time).is_lt());
        u32::try_from(at).unwrap_or(u32::MAX)
    };
    let entries = timed.iter().map(|(pair, time)| (*pair, rank(time))).collect();
    let text = |time: Time| match time {
        Time::Number(number) => number.to_string(),
        Time::Date(text) => text,
    };
    Ok(EdgeTimes { entries, times: distinct.into_iter().map(text).collect(), readings })
}

/// The time of each row: numbers, or dates in ISO 8601 form of one length, whose order is that of the text.
fn times(table: &Table<'_>, column: &Column) -> Result<Vec<Time>, IngestError> {
    let expected = || {
        format!(
            "numbers, or dates as 2026-01-31 or 2026-01-31T23:59:59 of one length, in column `{}`",
            column.name()
        )
    };
    let fault = |row: usize, found: String| {
        IngestError::from(FormatError::row(&table.name, row, expected(), found))
    };
    let is_text = column.dtype().is_string();
    if let Ok(numbers) = optional_numbers(table, column) {
        let number = |(row, number): (usize, Option<f64>)| {
            number.map(Time::Number).ok_or_else(|| fault(row, "nothing".to_owned()))
        };
        return numbers.into_iter().enumerate().map(number).collect();
    }
    if !is_text {
        let found = format!("values of type {}", column.dtype());
        return Err(FormatError::whole(&table.name, expected(), found).into());
    }
    let texts = labels(table, column)?;
    let first = texts.iter().flatten().next().cloned().unwrap_or_default();
    let time = |(row, text): (usize, Option<String>)| match text {
        Some(text) if is_date(&text) && is_alike(&text, &first) => Ok(Time::Date(text)),
        Some(text) => Err(fault(row, format!("`{text}`"))),
        None => Err(fault(row, "nothing".to_owned())),
    };
    texts.into_iter().enumerate().map(time).collect()
}

/// Whether a text starts with a year, a month and a day, or a year and a month.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digits = |range| {
        bytes
            .get::<std::ops::Range<usize>>(range)
            .is_some_and(|all| all.iter().all(u8::is_ascii_digit))
    };
    is_digits(0..4) && bytes.get(4) == Some(&b'-') && is_digits(5..7)
}

/// Whether two texts have digits in the same places and the same characters elsewhere.
fn is_alike(a: &str, b: &str) -> bool {
    let alike = |(a, b): (u8, u8)| a == b || (a.is_ascii_digit() && b.is_ascii_digit());
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(alike)
}
