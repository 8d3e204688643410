//! Code shared by the readers of edge and node tables.

use crate::{IngestError, printable};

use super::frame::Table;

/// Names a row as people count: from 1, without the header.
pub(super) fn data_row(row: usize) -> String {
    format!("data row {}", row + 1)
}

/// Warns of ids that are written as floating-point numbers.
pub(super) fn whole_reals(
    table: &Table<'_>,
    columns: &[usize],
    warnings: &mut Vec<String>,
) -> Result<(), IngestError> {
    for &at in columns {
        if !table.has_whole_reals(at)? {
            continue;
        }
        let name = printable(table.columns().nth(at).unwrap_or_default());
        warnings.push(format!(
            "{}: the ids in column `{name}` are written as floating-point numbers and were read as whole ones: \
             `1.0` is 1",
            table.name
        ));
    }
    Ok(())
}
