//! Schemas of the files, derived from the types and functions that write them, for documents and tests.

use arrow::datatypes::Field;
use serde_json::Value;

pub use crate::json::json_schema;
use crate::names::{self, FILES};
use crate::{Kind, Manifest, ResultTable};

/// Columns of a table file.
#[derive(Debug, Clone)]
pub struct TableForm {
    /// File name, `nodes.parquet`.
    pub file: &'static str,
    /// Columns; one list per form of the file.
    pub forms: Vec<Vec<Field>>,
}

/// Returns the Parquet artifacts of this crate.
#[must_use]
pub fn tables() -> Vec<TableForm> {
    let form = |file: &crate::names::File| {
        file.columns.map(|columns| TableForm { file: file.name, forms: columns() })
    };
    let results = TableForm { file: names::RESULTS_PARQUET, forms: vec![ResultTable::fields()] };
    FILES.iter().filter_map(form).chain([results]).collect()
}

/// Returns the names and schemas of the JSON artifacts of this crate.
#[must_use]
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    let files = FILES.iter().flat_map(|file| file.schemas).map(|(name, schema)| (*name, schema()));
    let others = [
        ("manifest", json_schema::<Manifest>(Kind::Manifest)),
        ("results", json_schema::<ResultTable>(Kind::Results)),
    ];
    files.chain(others).collect()
}
