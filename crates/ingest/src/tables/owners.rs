//! Rows of a file of features to nodes.

use std::collections::HashMap;

use vgae_artifacts::Features;

use super::frame::Table;
use crate::config::{Rules, UnknownNodes};
use crate::findings::Tally;
use crate::{FormatError, IngestError};

/// The nodes that the rows of a feature file belong to.
pub(super) struct Owners<'a> {
    /// All nodes: those of the node table, then those that were added.
    pub(super) ids: &'a [String],
    /// The node table's name, for errors.
    pub(super) table: &'a str,
    /// How many rows the node table has, and the row of each of its nodes.
    pub(super) table_rows: usize,
    pub(super) rows: &'a [usize],
}

impl Owners<'_> {
    /// Checks that a file has a row for each row of the node table.
    pub(super) fn check_rows(&self, name: &str, rows: usize) -> Result<(), FormatError> {
        if rows == self.table_rows {
            return Ok(());
        }
        let expected = format!("{} rows, one for each of {}", self.table_rows, self.table);
        Err(FormatError::whole(name, expected, format!("{rows} rows")))
    }

    /// The number of each node by its id.
    pub(super) fn by_id(&self) -> HashMap<&str, usize> {
        self.ids.iter().map(String::as_str).zip(0..).collect()
    }

    /// The features of all nodes, from the rows of `read` that `row_of` returns; 0 where it returns none.
    pub(super) fn features(
        &self,
        read: &Features,
        row_of: impl Fn(usize) -> Option<usize>,
    ) -> Result<Features, IngestError> {
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for node in 0..self.ids.len() {
            for (column, value) in row_of(node).into_iter().flat_map(|row| read.row(row)) {
                columns.push(column);
                values.push(value);
            }
            starts.push(values.len());
        }
        let features = Features::from_rows(read.feature_count(), starts, columns, values)?;
        Ok(match read.names() {
            Some(names) => features.with_names(names.to_vec())?,
            None => features,
        })
    }
}

/// Notes a row of features whose id no node has, unless `rules` refuse it.
pub(super) fn unknown(
    table: &Table<'_>,
    row: usize,
    id: &str,
    rules: Rules<'_>,
    tally: &mut Tally,
) -> Result<(), FormatError> {
    if rules.unknown == UnknownNodes::Error {
        let expected = "the id of a node (or `unknown_nodes = \"drop\"`)";
        return Err(FormatError::row(&table.name, row, expected, format!("`{id}`")));
    }
    tally.add(|| id.to_owned());
    Ok(())
}
