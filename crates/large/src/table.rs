//! Parquet tables of the user, read by row groups.

use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use vgae_artifacts::guard::guarded;
use vgae_artifacts::{ArtifactError, Result, claims, regular};

/// Rows that a reader decodes at a time.
const BATCH_ROWS: usize = 1 << 16;

/// Parquet table: a file, or a folder of `.parquet` files with the same columns.
#[derive(Debug)]
pub struct SourceTable {
    path: PathBuf,
    files: Vec<SourceFile>,
}

#[derive(Debug)]
struct SourceFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

/// Row group of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowGroup {
    file: usize,
    group: usize,
    pub(crate) rows: usize,
}

impl SourceTable {
    /// Opens the table at `path`.
    ///
    /// # Errors
    /// Returns an error when the path is missing, has no Parquet file, a file is unreadable, or files differ in their
    /// columns.
    pub fn open(path: &Path) -> Result<Self> {
        let paths = if path.is_dir() { parquet_files(path)? } else { vec![path.to_owned()] };
        let files = paths.into_iter().map(SourceFile::open).collect::<Result<Vec<_>>>()?;
        let table = Self { path: path.to_owned(), files };
        let types = |schema: &SchemaRef| -> Vec<(String, DataType)> {
            schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect()
        };
        let first = types(table.schema());
        match table.files.iter().find(|file| types(file.metadata.schema()) != first) {
            Some(other) => Err(ArtifactError::form(
                &other.path,
                format!("the columns of {}", table.files[0].path.display()),
                "others: write all files with the same columns",
            )),
            None => Ok(table),
        }
    }

    /// Returns the path of the table.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the paths of the files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    fn schema(&self) -> &SchemaRef {
        self.files[0].metadata.schema()
    }

    /// Returns the type of a column, which `key` under `[data]` names.
    ///
    /// # Errors
    /// Returns an error when there is no such column.
    pub fn column_type(&self, key: &str, column: &str) -> Result<&DataType> {
        let schema = self.schema();
        schema.field_with_name(column).map(arrow::datatypes::Field::data_type).map_err(|_| {
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            let expected = format!("the column `{column}` (`{key}` under [data])");
            ArtifactError::form(&self.path, expected, names.join(", "))
        })
    }

    /// Returns all row groups, in order.
    pub(crate) fn row_groups(&self) -> Vec<RowGroup> {
        let groups = self.files.iter().enumerate().flat_map(|(file, source)| {
            let groups = source.metadata.metadata().row_groups().iter().enumerate();
            groups.map(move |(group, metadata)| {
                let rows = usize::try_from(metadata.num_rows()).unwrap_or(0);
                RowGroup { file, group, rows }
            })
        });
        groups.collect()
    }

    /// Returns columns of a row group as 64-bit integers.
    ///
    /// # Errors
    /// Returns an error when the file is damaged, a value is missing, or a value does not fit 64 bits.
    pub(crate) fn integers<const N: usize>(
        &self,
        group: RowGroup,
        columns: [&str; N],
    ) -> Result<[Vec<i64>; N]> {
        let mut values = [const { Vec::new() }; N];
        self.read(group, &columns, &DataType::Int64, |at, column| {
            values[at].extend_from_slice(column.as_primitive::<Int64Type>().values());
        })?;
        Ok(values)
    }

    /// Returns columns of a row group as real numbers.
    ///
    /// # Errors
    /// See [`SourceTable::integers`].
    pub(crate) fn reals(&self, group: RowGroup, columns: &[&str]) -> Result<Vec<Vec<f64>>> {
        let mut values = vec![Vec::new(); columns.len()];
        self.read(group, columns, &DataType::Float64, |at, column| {
            values[at].extend_from_slice(column.as_primitive::<Float64Type>().values());
        })?;
        Ok(values)
    }

    /// Calls `each` for every piece of the columns, cast to a type, with the place of the column.
    fn read(
        &self,
        group: RowGroup,
        columns: &[&str],
        to: &DataType,
        mut each: impl FnMut(usize, &dyn Array),
    ) -> Result<()> {
        let source = &self.files[group.file];
        let batches = guarded(|| source.batches(group.group, columns))
            .unwrap_or_else(|panic| Err(ArtifactError::decode("Parquet", &source.path)(panic)))?;
        for batch in batches {
            for (at, name) in columns.iter().enumerate() {
                let Some(column) = batch.column_by_name(name) else { continue };
                if column.null_count() > 0 {
                    return Err(ArtifactError::form(
                        &source.path,
                        format!("a value in each row of column `{name}`"),
                        "rows without (null); remove them, or give them a value",
                    ));
                }
                let options = CastOptions { safe: false, ..CastOptions::default() };
                let cast = cast_with_options(column, to, &options)
                    .map_err(ArtifactError::decode("Parquet", &source.path))?;
                each(at, &cast);
            }
        }
        Ok(())
    }
}

impl SourceFile {
    fn open(path: PathBuf) -> Result<Self> {
        let file = regular::open(&path).map_err(ArtifactError::io("read", &path))?;
        claims::parquet_footer(&path, &file)?;
        let load = || ArrowReaderMetadata::load(&file, ArrowReaderOptions::default());
        let metadata = guarded(load)
            .map_err(ArtifactError::decode("Parquet", &path))?
            .map_err(ArtifactError::decode("Parquet", &path))?;
        let decoded = claims::parquet_content(&path, &file, metadata.metadata())?;
        let decoded = decoded.into_iter().fold(0, u64::saturating_add);
        let length = file.metadata().map_err(ArtifactError::io("read", &path))?.len();
        claims::parquet_decoded(&path, length, decoded)?;
        Ok(Self { path, metadata })
    }

    fn batches(&self, group: usize, columns: &[&str]) -> Result<Vec<RecordBatch>> {
        // Opened anew, since clones of a file share their position and several threads read.
        let file = regular::open(&self.path).map_err(ArtifactError::io("read", &self.path))?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let reader = builder
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(ArtifactError::decode("Parquet", &self.path))?;
        reader.collect::<Result<Vec<_>, _>>().map_err(ArtifactError::decode("Parquet", &self.path))
    }
}

/// Returns the `.parquet` files in a folder, sorted by name.
fn parquet_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let cannot_read = || ArtifactError::io("read the folder", folder);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot_read())? {
        paths.push(entry.map_err(cannot_read())?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    paths.sort();
    if paths.is_empty() {
        return Err(ArtifactError::form(folder, ".parquet files", "none"));
    }
    Ok(paths)
}

/// Returns whether a column contains text.
#[must_use]
pub fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}
