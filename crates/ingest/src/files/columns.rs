//! Files of typed columns: Arrow IPC, Parquet, and tables that the readers of graph files make.
//!
//! Whatever the type in the file, a column of ids, labels or numbers becomes one of five: see
//! [`ColumnFile::values`].

mod arrow;
mod parquet;
mod simple;
mod unreadable;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::arrow::array::{ArrayRef, RecordBatch};
use ::arrow::datatypes::{DataType, Field, SchemaRef};
use ::arrow::error::ArrowError;
use vgae_artifacts::{claims, guard};

use crate::IngestError;
use parquet::Parts;
use unreadable::unreadable;

/// A file of typed columns, open.
#[derive(Debug)]
pub struct ColumnFile {
    path: PathBuf,
    /// Name of the format, for errors.
    form: &'static str,
    schema: SchemaRef,
    source: Source,
    /// The bytes that it may unpack to.
    most: u64,
}

#[derive(Debug)]
enum Source {
    Batches(Vec<RecordBatch>),
    Parquet(Parts),
}

impl ColumnFile {
    /// Decodes an Arrow IPC file of the file form (Feather version 2 too) or the stream form. Every length that
    /// it claims is checked against what is there.
    ///
    /// # Errors
    /// When the file is damaged, is no Arrow IPC file, or unpacks to far more than its length.
    pub fn arrow(path: &Path, bytes: Vec<u8>) -> Result<Self, IngestError> {
        let form = "an Arrow IPC file";
        let most = claims::most_unpacked(bytes.len() as u64);
        let (schema, batches) = guarded(path, form, || arrow::read(bytes, most))?;
        Ok(Self { path: path.to_owned(), form, schema, source: Source::Batches(batches), most })
    }

    /// Opens a Parquet file, or part files that make one table, in this order.
    ///
    /// # Errors
    /// When a file is damaged or no Parquet file, claims more than its bytes can hold, or part files differ in
    /// their columns.
    pub fn parquet(path: &Path, parts: &[PathBuf]) -> Result<Self, IngestError> {
        let form = "a Parquet file";
        let parts = guard::guarded(|| Parts::open(path, parts))
            .map_err(|panic| unreadable(path, form, panic.into()))??;
        let (schema, most) = (Arc::clone(parts.schema()), parts.most_unpacked());
        Ok(Self { path: path.to_owned(), form, schema, source: Source::Parquet(parts), most })
    }

    /// A table that was read from a graph file.
    #[must_use]
    pub fn of(path: &Path, batch: RecordBatch) -> Self {
        let schema = batch.schema();
        let (path, source) = (path.to_owned(), Source::Batches(vec![batch]));
        Self { path, form: "a graph file", schema, source, most: u64::MAX }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match &self.source {
            Source::Batches(batches) => batches.iter().map(RecordBatch::num_rows).sum(),
            Source::Parquet(parts) => parts.rows(),
        }
    }

    /// The columns.
    #[must_use]
    pub fn fields(&self) -> &[Arc<Field>] {
        self.schema.fields()
    }

    /// The values of columns that [`holds_values`] accepts, in pieces, each column of one of the types
    /// `Boolean`, `UInt64`, `Int64`, `Float64` and `LargeUtf8`.
    ///
    /// Decimals without decimal places are `Int64` where all fit, else text; other decimals are `Float64`.
    /// Dictionaries become what they stand for, UUIDs and UTF-8 bytes text.
    ///
    /// # Errors
    /// When the file is damaged, bytes are not UTF-8, or the columns take far more memory than such a file may.
    pub fn values(&self, positions: &[usize]) -> Result<Vec<Vec<ArrayRef>>, IngestError> {
        let columns = self.pieces(positions)?;
        let simple = || {
            let columns = positions.iter().zip(columns);
            columns
                .map(|(&at, pieces)| simple::column(self.schema.field(at), &pieces, self.most))
                .collect()
        };
        guarded(&self.path, self.form, simple)
    }

    /// A column as the file has it, in pieces.
    ///
    /// # Errors
    /// When the file is damaged, or the column takes far more memory than such a file may.
    pub fn lists(&self, position: usize) -> Result<Vec<ArrayRef>, IngestError> {
        Ok(self.pieces(&[position])?.pop().unwrap_or_default())
    }

    fn pieces(&self, positions: &[usize]) -> Result<Vec<Vec<ArrayRef>>, IngestError> {
        match &self.source {
            Source::Batches(batches) => {
                let pieces = |&at: &usize| {
                    batches.iter().map(|batch| Arc::clone(batch.column(at))).collect()
                };
                Ok(positions.iter().map(pieces).collect())
            }
            Source::Parquet(parts) => guard::guarded(|| parts.read(positions))
                .map_err(|panic| unreadable(&self.path, self.form, panic.into()))?,
        }
    }
}

/// Runs a decoder; its error and its panic become one of ours.
fn guarded<T>(
    path: &Path,
    form: &'static str,
    decode: impl FnOnce() -> Result<T, ArrowError>,
) -> Result<T, IngestError> {
    guard::guarded(decode)
        .map_err(|panic| unreadable(path, form, panic.into()))?
        .map_err(|error| unreadable(path, form, error.into()))
}

/// Whether a column can hold ids, labels or numbers.
#[must_use]
pub fn holds_values(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => holds_values(values),
        DataType::Boolean
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => true,
        other => other.is_integer() || other.is_floating() || other.is_decimal(),
    }
}

/// Whether a column holds lists of numbers.
#[must_use]
pub fn holds_lists(kind: &DataType) -> bool {
    let of_numbers = |field: &Arc<Field>| {
        let kind = field.data_type();
        kind.is_integer() || kind.is_floating() || *kind == DataType::Boolean
    };
    match kind {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            of_numbers(field)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
