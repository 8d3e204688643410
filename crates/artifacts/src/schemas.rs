//! What the files look like, told by the types and functions that write them, for documents and tests.

use arrow::datatypes::Field;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::json::Written;
use crate::names::FILES;
use crate::{FORM_VERSION, Kind};

/// The columns of a table file.
#[derive(Debug, Clone)]
pub struct TableForm {
    /// The file, `nodes.parquet`.
    pub file: &'static str,
    /// Its columns; one list for each form that the file can have.
    pub forms: Vec<Vec<Field>>,
}

/// The Parquet artifacts that this crate writes.
#[must_use]
pub fn tables() -> Vec<TableForm> {
    let form = |file: &crate::names::File| {
        file.columns.map(|columns| TableForm { file: file.name, forms: columns() })
    };
    FILES.iter().filter_map(form).collect()
}

/// The JSON artifacts whose content is defined in this crate: a name, and the schema.
#[must_use]
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    FILES.iter().flat_map(|file| file.schemas).map(|(name, schema)| (*name, schema())).collect()
}

/// The JSON Schema (draft 2020-12) of a file with `T` behind the header that [`crate::json::write()`] puts
/// there.
#[must_use]
pub fn json_schema<T: JsonSchema + 'static>(kind: Kind) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Written<'static, T>>();
    let mut schema = schema.to_value();
    schema["title"] = json!(kind);
    schema["properties"]["kind"]["const"] = json!(kind);
    schema["properties"]["version"]["maximum"] = json!(FORM_VERSION);
    schema
}
