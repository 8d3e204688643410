//! Relation types of edges.

use polars::prelude::Column;

use super::columns::labels;
use super::frame::Table;
use crate::{FormatError, IngestError, RawGraph};

/// Returns the relation type of each entry; `rows` are the rows of the entries in the file, if some were left out.
pub(super) fn of_entries(
    table: &Table<'_>,
    column: &Column,
    rows: Option<&[usize]>,
) -> Result<Vec<String>, IngestError> {
    let names = labels(table, column)?;
    let count = rows.map_or(names.len(), <[usize]>::len);
    let row_of = |entry: usize| rows.map_or(entry, |rows| rows[entry]);
    let name = |entry: usize| {
        let row = row_of(entry);
        names[row].clone().filter(|name| !name.is_empty()).ok_or_else(|| {
            let expected = format!("a relation type in column `{}`", column.name());
            FormatError::row(&table.name, row, expected, "nothing".to_owned()).into()
        })
    };
    (0..count).map(name).collect()
}

/// Adds the relation types of a table's entries, which all tables have or none.
pub(super) fn add(
    raw: &mut RawGraph,
    relations: Option<Vec<String>>,
    table: &str,
) -> Result<(), IngestError> {
    if !raw.edges.is_empty() && raw.relations.is_some() != relations.is_some() {
        let problem = format!(
            "expected a column of relation types (`relation`) in all edge tables or in none, found {} in {table} and {} \
             in the tables before",
            if relations.is_some() { "one" } else { "none" },
            if raw.relations.is_some() { "one" } else { "none" },
        );
        return Err(IngestError::config("edges", problem));
    }
    if let Some(relations) = relations {
        raw.relations.get_or_insert_default().extend(relations);
    }
    Ok(())
}
