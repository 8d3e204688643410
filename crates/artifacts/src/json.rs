//! JSON artifacts: an object that starts with `kind`, `version` and `provenance`.

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::table::check_version;
use crate::{ArtifactError, FORM_VERSION, Kind, Provenance, Result, atomic, regular};

#[derive(JsonSchema, Serialize)]
struct Written<'a, T> {
    /// Kind of the file.
    #[schemars(with = "String")]
    kind: Kind,
    /// Version of the format; readers reject newer versions.
    version: u32,
    /// Origin of the file.
    provenance: &'a Provenance,
    #[serde(flatten)]
    content: &'a T,
}

#[derive(Deserialize)]
struct Header {
    kind: Option<String>,
    version: Option<u32>,
}

/// Writes `content` after its header as indented JSON, atomically. The same values produce the same bytes.
///
/// # Errors
/// Returns an error when the file cannot be written.
pub fn write<T: Serialize>(
    path: &Path,
    kind: Kind,
    content: &T,
    provenance: &Provenance,
) -> Result<()> {
    let written = Written { kind, version: FORM_VERSION, provenance, content };
    let mut text =
        serde_json::to_string_pretty(&written).map_err(ArtifactError::encode("JSON", path))?;
    text.push('\n');
    atomic::write(path, text.as_bytes())
}

/// Reads a file of [`write()`].
///
/// # Errors
/// Returns an error when the file is missing, not JSON, of another kind or a newer version, or lacks a field.
pub fn read<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<T> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    let header: Header =
        serde_json::from_slice(&bytes).map_err(ArtifactError::decode("JSON", path))?;
    if header.kind.as_deref() != Some(<&str>::from(kind)) {
        let found = header.kind.map_or("no kind".to_owned(), |found| format!("kind `{found}`"));
        return Err(ArtifactError::form(path, format!("kind `{kind}`"), found));
    }
    let version = header.version.map_or("none".to_owned(), |version| version.to_string());
    check_version(path, kind, &version)?;
    serde_json::from_slice(&bytes).map_err(ArtifactError::decode("JSON", path))
}

/// Returns the provenance in the header of a file of [`write()`].
///
/// # Errors
/// See [`read`].
pub fn provenance(path: &Path, kind: Kind) -> Result<Option<Provenance>> {
    #[derive(Deserialize)]
    struct Origin {
        provenance: Option<Provenance>,
    }
    Ok(read::<Origin>(path, kind)?.provenance)
}

/// Returns the JSON Schema (draft 2020-12) of a file with content `T` after the header of [`write()`].
#[must_use]
pub fn json_schema<T: JsonSchema + 'static>(kind: Kind) -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Written<'static, T>>();
    let mut schema = schema.to_value();
    schema["title"] = serde_json::json!(kind);
    schema["properties"]["kind"]["const"] = serde_json::json!(kind);
    schema["properties"]["version"]["maximum"] = serde_json::json!(FORM_VERSION);
    schema
}
