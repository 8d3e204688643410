//! A table of numbers without a graph: ids, labels, parts, and rows of `f32`.

use std::collections::HashSet;
use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::{
    ColumnScale, Matrix, MissingValues, Nodes, Part, SampleAudit, SampleValues, Samples,
    TableReading,
};

use vgae_ingest::reading::names;
use vgae_ingest::tables::columns::{self, Ids, finite, is_numeric, optional_numbers};
use vgae_ingest::tables::decision::{self, Stated, Use};
use vgae_ingest::tables::each_once;
use vgae_ingest::tables::frame::Table;
use vgae_ingest::{FormatError, IngestError, Missing, NaValues, SampleTable, Scale};

use crate::scale::{Known, scaled};
use crate::{audit_samples, named};

const KEY: &str = "table";

/// Whole numbers up to this are exact in `f32`.
const EXACT: f64 = 16_777_216.0;

/// Reads the table that a configuration names; a relative path starts at `base`.
///
/// # Errors
/// When the file cannot be read, a column is missing or chosen twice, an id stands twice, a part is none, a
/// value is no finite number, or one is missing (see [`Missing`]).
pub(crate) fn read(
    config: &SampleTable,
    base: &Path,
    na_values: &NaValues,
) -> Result<(Nodes, Samples, SampleAudit), IngestError> {
    let table = Table::open(config.file(na_values), base, 0)?;
    let chosen = Chosen::of(config, &table)?;
    let text: Vec<usize> = chosen.described().collect();
    let mut positions = text.clone();
    positions.extend_from_slice(&chosen.numbers);
    let read = table.read(&positions, &text)?;
    let (described, measured) = read.split_at(text.len());
    let mut described = described.iter();
    let mut next = |is_there: Option<usize>| is_there.and_then(|_| described.next());
    let (id, label, part) = (next(chosen.id), next(chosen.label), next(chosen.part));

    let rows = read.first().map_or(0, Column::len);
    if rows == 0 {
        return Err(IngestError::Empty(format!(
            "there are no samples: {} has no rows",
            table.name
        )));
    }
    let mut ids_are_text = false;
    let ids: Vec<String> = match id {
        Some(column) => {
            let ids = Ids::of(&table, column)?;
            ids_are_text = ids.are_text(&table);
            ids.to_strings()
        }
        None => (0..rows).map(|row| format!("row-{row}")).collect(),
    };
    each_once(&table.name, &ids, &(0..rows).collect::<Vec<_>>())?;
    let labels = match label {
        Some(column) => columns::labels(&table, column)?,
        None => vec![None; rows],
    };
    let parts = part.map(|column| columns::parts(&table, column)).transpose()?;
    if parts.as_ref().is_some_and(|parts| !parts.contains(&Part::Train)) {
        let problem = format!("no row of {} is for training", table.name);
        return Err(IngestError::Empty(problem));
    }

    let mut notes = Vec::new();
    let measured = numeric(config, &table, &chosen, measured, &mut notes)?;
    let mut rows = Rows::new(&table, rows, measured.len(), parts.as_deref());
    for column in &measured {
        rows.add(config, column)?;
    }
    rows.explain(config, &mut notes);
    let columns: Vec<String> = measured.iter().map(|c| c.name().trim().to_owned()).collect();
    let Rows { matrix, missing, lacking, scaling, .. } = rows;

    let nodes = Nodes::new(ids, labels)?;
    let nodes = if ids_are_text { nodes } else { nodes.with_integer_ids() };
    let samples = Samples::new(SampleValues::Reals(matrix), None, parts)?;
    let mut audit = audit_samples(&nodes, &samples, &columns);
    if missing > 0 {
        audit.missing = MissingValues {
            values: missing,
            columns: named(lacking.into_iter()),
            action: "each became the mean of its column over the rows that are not for the test"
                .to_owned(),
        };
    }
    audit.scaling = scaling;
    audit.notes = notes;
    audit.reading = Some(decided(config, &table, &chosen, &columns));
    let constant = &audit.constant_columns;
    if constant.count > 0 {
        audit.notes.push(format!(
            "{} of {} columns hold one number in every row and teach a model nothing: {}{}",
            constant.count,
            audit.columns,
            constant.examples.join(", "),
            if constant.count > constant.examples.len() { ", ..." } else { "" }
        ));
    }
    Ok((nodes, samples, audit))
}

/// The record of how the table was read.
fn decided(
    config: &SampleTable,
    table: &Table<'_>,
    chosen: &Chosen,
    columns: &[String],
) -> TableReading {
    let parts = [
        (chosen.id, decision::Role::Id),
        (chosen.label, decision::Role::Label),
        (chosen.part, decision::Role::Part),
    ];
    let is_value =
        |at: usize| table.columns().nth(at).is_some_and(|name| columns.iter().any(|it| it == name));
    let uses: Vec<Use> = (0..table.columns().len())
        .map(|column| {
            let part = parts.iter().find(|(at, _)| *at == Some(column)).map(|(_, part)| *part);
            let value =
                if is_value(column) { decision::Role::Value } else { decision::Role::Unused };
            Use { column, part: part.unwrap_or(value), why: "" }
        })
        .collect();
    let Stated { format, header, separator, quote, comment, .. } = Stated::of(table);
    let stated = SampleTable { format, header, separator, quote, comment, ..config.clone() };
    decision::reading(table, &uses, &stated)
}

/// Which column plays which part, by position.
struct Chosen {
    id: Option<usize>,
    label: Option<usize>,
    part: Option<usize>,
    numbers: Vec<usize>,
}

impl Chosen {
    fn of(config: &SampleTable, table: &Table<'_>) -> Result<Self, IngestError> {
        let named = |wanted: &str| table.columns().position(|name| name == wanted);
        let asked = |wanted: &Option<String>| {
            wanted.as_ref().map(|wanted| table.position(wanted)).transpose()
        };
        let part = asked(&config.part)?;
        let numbers = config.columns.as_ref().map(|wanted| {
            let mut seen = HashSet::new();
            if let Some(twice) = wanted.iter().find(|name| !seen.insert(name.as_str())) {
                let problem = format!("`columns` names `{twice}` twice");
                return Err(IngestError::config(KEY, problem));
            }
            let positions = wanted.iter().map(|name| table.position(name));
            Ok(positions.collect::<Result<Vec<usize>, _>>()?)
        });
        let numbers = numbers.transpose()?;
        // A column that is asked for as something else is not taken as id or label by its name.
        let is_free = |at: &usize| {
            Some(*at) != part && !numbers.as_ref().is_some_and(|numbers| numbers.contains(at))
        };
        let label_asked = asked(&config.label)?;
        let id = match asked(&config.id)? {
            Some(id) => Some(id),
            None => named("id").filter(is_free).filter(|&at| Some(at) != label_asked),
        };
        let label =
            label_asked.or_else(|| named("label").filter(is_free).filter(|&at| Some(at) != id));

        let mut seen = HashSet::new();
        let roles = [id, label, part].into_iter().flatten();
        let twice = roles.chain(numbers.iter().flatten().copied()).find(|&at| !seen.insert(at));
        if let Some(at) = twice {
            let name = table.columns().nth(at).unwrap_or_default();
            let problem = format!(
                "column `{name}` can be only one of id, label, part and a column of numbers"
            );
            return Err(IngestError::config(KEY, problem));
        }
        let mut index = Vec::new();
        for (at, name) in table.columns().enumerate() {
            if table.has_names() && names::is_index(&names::plain(name)) && table.counts_rows(at)? {
                index.push(at);
            }
        }
        let is_index = |at: usize| index.contains(&at);
        let numbers = numbers.unwrap_or_else(|| {
            let left = (0..table.columns().len()).filter(|at| !seen.contains(at));
            left.filter(|&at| !table.is_foreign(at) && !is_index(at)).collect()
        });
        if numbers.is_empty() {
            return Err(match &config.columns {
                Some(_) => {
                    IngestError::config(KEY, "`columns` names none: leave it out to take all")
                }
                None => no_numbers(table).into(),
            });
        }
        Ok(Self { id, label, part, numbers })
    }

    fn described(&self) -> impl Iterator<Item = usize> {
        [self.id, self.label, self.part].into_iter().flatten()
    }
}

/// The columns of numbers: those that were named, or of the rest those that hold numbers.
fn numeric<'c>(
    config: &SampleTable,
    table: &Table<'_>,
    chosen: &Chosen,
    measured: &'c [Column],
    notes: &mut Vec<String>,
) -> Result<Vec<&'c Column>, IngestError> {
    let mut kept: Vec<(usize, &Column)> = chosen.numbers.iter().copied().zip(measured).collect();
    if config.columns.is_none() {
        kept.retain(|(_, column)| is_numeric(column));
        let used: HashSet<usize> =
            kept.iter().map(|(at, _)| *at).chain(chosen.described()).collect();
        let unused: Vec<&str> = table
            .columns()
            .enumerate()
            .filter(|(at, _)| !used.contains(at))
            .map(|(_, name)| name)
            .collect();
        if !unused.is_empty() {
            notes.push(format!(
                "{}: columns that are not numeric were left out: {}",
                table.name,
                unused.join(", ")
            ));
        }
    }
    if kept.is_empty() {
        return Err(no_numbers(table).into());
    }
    Ok(kept.into_iter().map(|(_, column)| column).collect())
}

fn no_numbers(table: &Table<'_>) -> FormatError {
    table.lacks("at least one column of numbers besides id, label and part")
}

/// Rows of numbers while columns are put into them.
struct Rows<'a> {
    table: &'a Table<'a>,
    parts: Option<&'a [Part]>,
    matrix: Matrix,
    filled: usize,
    missing: usize,
    lacking: Vec<String>,
    scaling: Vec<ColumnScale>,
    /// Whole numbers that `f32` cannot hold.
    inexact: usize,
    /// Scaled values of the test part outside of 0 to 1.
    outside: usize,
}

impl<'a> Rows<'a> {
    fn new(table: &'a Table<'a>, rows: usize, columns: usize, parts: Option<&'a [Part]>) -> Self {
        let matrix = Matrix::zeros(rows, columns);
        let (missing, lacking, scaling) = (0, Vec::new(), Vec::new());
        let (filled, inexact, outside) = (0, 0, 0);
        Self { table, parts, matrix, filled, missing, lacking, scaling, inexact, outside }
    }

    fn is_test(&self, row: usize) -> bool {
        self.parts.is_some_and(|parts| parts[row] == Part::Test)
    }

    fn add(&mut self, config: &SampleTable, column: &Column) -> Result<(), IngestError> {
        let values = optional_numbers(self.table, column)?;
        let name = column.name().trim();
        for (row, value) in values.iter().enumerate() {
            if let Some(value) = *value {
                finite(&self.table.name, column.name(), row, value)?;
                let is_inexact =
                    value.abs() > EXACT && f64::from(narrow(value)).to_bits() != value.to_bits();
                self.inexact += usize::from(column.dtype().is_integer() && is_inexact);
            }
        }
        let missing = values.iter().filter(|value| value.is_none()).count();
        if let Some(row) = values.iter().position(Option::is_none) {
            if config.missing == Missing::Refuse {
                let expected = format!(
                    "a number in column `{name}`, which lacks {missing} (`missing = \"mean\"` fills them)"
                );
                return Err(FormatError::row(&self.table.name, row, expected, "nothing").into());
            }
            self.missing += missing;
            self.lacking.push(name.to_owned());
        }
        let learned = values.iter().enumerate().filter(|(row, _)| !self.is_test(*row));
        let known = Known::of(learned.filter_map(|(_, value)| *value)).ok_or_else(|| {
            let expected = format!("a number in column `{name}` in a row that is not for the test");
            FormatError::whole(&self.table.name, expected, "none")
        })?;
        let scaling = known.scaling(config.scale);
        let columns = self.matrix.cols();
        for (row, value) in values.iter().enumerate() {
            let value = value.unwrap_or(known.mean());
            let value = scaling.map_or(value, |scaling| scaled(value, scaling));
            let value = finite(&self.table.name, column.name(), row, value)?;
            self.outside += usize::from(self.is_test(row) && !(0.0..=1.0).contains(&value));
            self.matrix.as_mut_slice()[row * columns + self.filled] = value;
        }
        if let Some((offset, divisor)) = scaling {
            self.scaling.push(ColumnScale { column: name.to_owned(), offset, divisor });
        }
        self.filled += 1;
        Ok(())
    }

    fn explain(&self, config: &SampleTable, notes: &mut Vec<String>) {
        if self.inexact > 0 {
            notes.push(format!(
                "whole numbers beyond 16,777,216 that were rounded, as values are stored as f32: {}",
                self.inexact
            ));
        }
        let learns = config.scale != Scale::None || self.missing > 0;
        if learns && self.parts.is_none() {
            notes.push(
                "scales and means are over all rows, since no `part` column says which are for the test"
                    .to_owned(),
            );
        }
        if config.scale == Scale::MinMax && self.outside > 0 {
            notes.push(format!(
                "values of test rows outside of 0 to 1, the range of the other rows: {}",
                self.outside
            ));
        }
    }
}

fn narrow(value: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "the rounding is what is asked for")]
    let narrow = value as f32;
    narrow
}

#[cfg(test)]
mod tests;
