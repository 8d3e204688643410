//! Datasets: folders of Parquet part files with a record of their origin and content.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{ArtifactError, ContentHash, atomic, regular};
use vgae_large::is_text;

use crate::engine::TableFiles;
use crate::steps::{Column, ColumnType, Facts, Step};

/// Version of the definitions behind the SQL of the steps. Part of every fingerprint.
const STEPS_VERSION: u32 = 1;
/// Name of the record in the folder of a dataset.
const RECORD: &str = "step.json";

/// Part file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// File name.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 hash of the content.
    pub hash: ContentHash,
}

/// Record of a finished step, `step.json` in the folder of its dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Step.
    pub step: Step,
    /// Fingerprint of the step and its inputs.
    pub fingerprint: ContentHash,
    /// Fingerprints of the inputs, by name.
    pub inputs: BTreeMap<String, ContentHash>,
    /// Engine that wrote the parts.
    pub engine: String,
    /// Number of rows of all parts.
    pub rows: u64,
    /// Results of the step's checks.
    pub facts: Facts,
    /// Part files, by name.
    pub parts: Vec<Part>,
}

/// Returns the fingerprint of a step with given inputs. It does not depend on the engine.
///
/// # Errors
/// Returns an error when the step cannot be encoded.
pub(crate) fn fingerprint(
    step: &Step,
    inputs: &BTreeMap<String, ContentHash>,
) -> anyhow::Result<ContentHash> {
    let text =
        serde_json::to_vec(&(STEPS_VERSION, step, inputs)).context("cannot encode a step")?;
    Ok(ContentHash::of(&text))
}

/// Returns the folder of the dataset of a step below `root`.
#[must_use]
pub(crate) fn folder(root: &Path, step: &Step, fingerprint: &ContentHash) -> PathBuf {
    root.join(format!("{}-{}", step.name, fingerprint.short()))
}

impl Record {
    /// Reads the record of the dataset in `folder`.
    ///
    /// # Errors
    /// Returns an error when it is missing or malformed.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(RECORD);
        let bytes =
            regular::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is not a record of a step", path.display()))
    }

    /// Writes the record into `folder`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        write_json(&folder.join(RECORD), self)
    }

    /// Compares size and hash of each part with the files in `folder`.
    ///
    /// # Errors
    /// Returns an error when a part is missing or its content differs.
    pub fn check_parts(&self, folder: &Path) -> anyhow::Result<()> {
        for part in &self.parts {
            let path = folder.join(&part.name);
            let found = regular::metadata(&path)
                .with_context(|| format!("{}: a part file is missing", path.display()))?
                .len();
            ensure!(
                found == part.bytes,
                "{}: expected {} bytes, found {found}",
                path.display(),
                part.bytes
            );
            let hash = ContentHash::of_file(&path)?;
            ensure!(
                hash == part.hash,
                "{}: expected content with the hash {}, found {hash}",
                path.display(),
                part.hash
            );
        }
        Ok(())
    }

    /// Returns the files of the dataset in `folder`.
    #[must_use]
    pub fn files(&self, folder: &Path) -> TableFiles {
        table_files(folder, &self.step, &self.parts)
    }
}

/// Returns the part files of a step's output in `folder`.
#[must_use]
pub(crate) fn table_files(folder: &Path, step: &Step, parts: &[Part]) -> TableFiles {
    let paths = parts.iter().map(|part| folder.join(&part.name)).collect();
    let columns = step.columns.iter().map(|column| (column.name.clone(), column.name.clone()));
    TableFiles { paths, columns: columns.collect() }
}

/// Lists the part files that an engine wrote into `folder`, checks their columns, and removes other files (checksums and
/// markers of Spark). Returns the parts and the number of rows.
///
/// # Errors
/// Returns an error when there is no part, a part is unreadable, or a column has another name or type than declared.
pub(crate) fn collect_parts(folder: &Path, columns: &[Column]) -> anyhow::Result<(Vec<Part>, u64)> {
    let mut parts = Vec::new();
    let mut rows = 0;
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_part = name.starts_with("part-")
            && path.extension().is_some_and(|extension| extension == "parquet");
        if !is_part {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
            continue;
        }
        let (schema, count) = describe(&path)?;
        check_columns(&path, &schema, columns)?;
        rows += count;
        let bytes = regular::metadata(&path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .len();
        parts.push(Part { name, bytes, hash: ContentHash::of_file(&path)? });
    }
    ensure!(!parts.is_empty(), "{}: the engine wrote no part file", folder.display());
    Ok((parts, rows))
}

fn check_columns(path: &Path, schema: &SchemaRef, columns: &[Column]) -> anyhow::Result<()> {
    let found: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    let fits = schema.fields().len() == columns.len()
        && schema.fields().iter().zip(columns).all(|(field, column)| {
            let type_fits = match column.kind {
                ColumnType::Integer => *field.data_type() == DataType::Int64,
                ColumnType::Real => *field.data_type() == DataType::Float32,
                ColumnType::Text => is_text(field.data_type()),
                ColumnType::Boolean => *field.data_type() == DataType::Boolean,
            };
            *field.name() == column.name && type_fits
        });
    ensure!(
        fits,
        "{}: expected the columns {columns:?}, found {}",
        path.display(),
        found.join(", ")
    );
    Ok(())
}

/// Returns the columns and the number of rows of a Parquet file.
fn describe(path: &Path) -> anyhow::Result<(SchemaRef, u64)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .with_context(|| format!("{} is not a readable Parquet file", path.display()))?;
    let rows = builder.metadata().file_metadata().num_rows();
    Ok((builder.schema().clone(), u64::try_from(rows).unwrap_or(0)))
}

/// Returns the entries of a folder, sorted by name.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot_read = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(cannot_read)? {
        paths.push(entry.with_context(cannot_read)?.path());
    }
    paths.sort();
    Ok(paths)
}

impl TableFiles {
    /// Returns a hash of the content of the files and the names of the columns.
    ///
    /// # Errors
    /// Returns an error when a file cannot be read.
    pub(crate) fn fingerprint(&self) -> anyhow::Result<ContentHash> {
        let hashes = self.paths.iter().map(|path| ContentHash::of_file(path));
        let hashes = hashes.collect::<Result<Vec<_>, _>>()?;
        let text = serde_json::to_vec(&(hashes, &self.columns)).context("cannot encode columns")?;
        Ok(ContentHash::of(&text))
    }
}

/// Writes a value as indented JSON, atomically.
///
/// # Errors
/// Returns an error when the file cannot be written.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)
        .with_context(|| format!("cannot encode {}", path.display()))?;
    text.push('\n');
    Ok(atomic::write(path, text.as_bytes())?)
}

/// Removes a folder with all its content, if it exists.
///
/// # Errors
/// Returns an error when it cannot be removed.
pub(crate) fn remove_folder(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Copies the parts of a dataset to the folder `to`, as hard links where the file system has them. The folder appears
/// when it is complete.
///
/// # Errors
/// Returns an error when a file cannot be copied.
pub(crate) fn publish(record: &Record, from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = |beside: &Path| {
        for part in &record.parts {
            let (source, target) = (from.join(&part.name), beside.join(&part.name));
            if std::fs::hard_link(&source, &target).is_err() {
                std::fs::copy(&source, &target).map_err(ArtifactError::io("copy", &source))?;
            }
        }
        Ok(())
    };
    Ok(vgae_large::publish(to, copy)?)
}
