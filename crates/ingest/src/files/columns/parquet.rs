//! Parquet, one file or part files, by the `parquet` crate.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use vgae_artifacts::{claims, regular};

use super::unreadable::unreadable;
use crate::{FormatError, IngestError};

/// Rows that are decoded in one go.
const BATCH_ROWS: usize = 1 << 16;

/// Part files with the same columns.
#[derive(Debug)]
pub(super) struct Parts(Vec<Part>);

#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    length: u64,
    metadata: ArrowReaderMetadata,
    /// The bytes that each leaf column takes decoded, texts as views.
    decoded: Vec<u64>,
}

impl Parts {
    /// Opens all files of the table that is called `path`. The decoder may panic on a damaged file.
    pub(super) fn open(path: &Path, parts: &[PathBuf]) -> Result<Self, IngestError> {
        let parts = parts.iter().map(|part| Part::open(part)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = parts.first() else {
            let name = path.display().to_string();
            return Err(FormatError::whole(&name, "at least one part file", "none").into());
        };
        for other in &parts[1..] {
            if other.columns() != first.columns() {
                let name = other.path.display().to_string();
                let expected =
                    format!("the columns of {}: {}", first.path.display(), first.columns());
                return Err(FormatError::whole(&name, expected, other.columns()).into());
            }
        }
        Ok(Self(parts))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.0[0].metadata.schema()
    }

    /// The number of rows, as the footers have it.
    pub(super) fn rows(&self) -> usize {
        let rows = self.0.iter().map(|part| part.metadata.metadata().file_metadata().num_rows());
        rows.map(|rows| usize::try_from(rows).unwrap_or(0)).sum()
    }

    /// The bytes that texts of these files may take.
    pub(super) fn most_unpacked(&self) -> u64 {
        let most = self.0.iter().map(|part| claims::most_unpacked(part.length));
        most.fold(0, u64::saturating_add)
    }

    /// The columns at `positions`, in their order, each in pieces.
    pub(super) fn read(&self, positions: &[usize]) -> Result<Vec<Vec<ArrayRef>>, IngestError> {
        let mut columns = vec![Vec::new(); positions.len()];
        for part in &self.0 {
            part.read(positions, &mut columns)?;
        }
        Ok(columns)
    }
}

impl Part {
    fn open(path: &Path) -> Result<Self, IngestError> {
        let broken = |error: ParquetError| unreadable(path, "a Parquet file", error.into());
        let file = regular::open(path).map_err(IngestError::read(path))?;
        let length = file.metadata().map_err(IngestError::read(path))?.len();
        claims::parquet_footer(path, &file)?;
        let metadata =
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).map_err(broken)?;
        let decoded = claims::parquet_content(path, &file, metadata.metadata())?;
        let metadata =
            claims::text_views(metadata.metadata(), metadata.schema()).map_err(broken)?;
        Ok(Self { path: path.to_owned(), file, length, metadata, decoded })
    }

    fn read(&self, positions: &[usize], columns: &mut [Vec<ArrayRef>]) -> Result<(), IngestError> {
        let broken = |error| unreadable(&self.path, "a Parquet file", error);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), positions.to_vec());
        let decoded = self.decoded.iter().enumerate().filter(|(leaf, _)| mask.leaf_included(*leaf));
        let decoded = decoded.fold(0u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        claims::parquet_decoded(&self.path, self.length, decoded)?;
        // The reader gives columns in the order of the file, each once.
        let mut sorted = positions.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let file = self.file.try_clone().map_err(IngestError::read(&self.path))?;
        let metadata = self.metadata.clone();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| broken(error.into()))?;
        for batch in reader {
            let batch = batch.map_err(|error| broken(error.into()))?;
            for (pieces, at) in columns.iter_mut().zip(positions) {
                let place = sorted.binary_search(at).unwrap_or_default();
                pieces.push(Arc::clone(batch.column(place)));
            }
        }
        Ok(())
    }

    fn columns(&self) -> String {
        let fields = self.metadata.schema().fields().iter();
        let fields: Vec<String> =
            fields.map(|field| format!("{} ({})", field.name(), field.data_type())).collect();
        fields.join(", ")
    }
}
