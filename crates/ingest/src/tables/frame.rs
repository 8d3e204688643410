//! Files to columns, through polars.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaDataReader;
use polars::io::mmap::MmapBytesReader;
use polars::prelude::{
    ArrowDataType, Column, CsvParseOptions, CsvReadOptions, DataType, Field, ParquetReader,
    PolarsError, PolarsResult, Schema, SerReader,
};
use vgae_artifacts::{claims, guard};

use super::ipc;
use crate::config::{ColumnRef, FileForm, FileOptions, TableFormat};
use crate::files::{self, ArrowFile, Content, Numbers};
use crate::{FormatError, IngestError};

/// A table that is open but not read: its columns are known, its rows are not.
pub(super) struct Table {
    path: PathBuf,
    /// The file's name as errors show it.
    pub(super) name: String,
    form: FileForm,
    source: Source,
    /// Names as the file has them, in its order.
    columns: Vec<String>,
    /// For each column, its type if it is one that holds neither ids nor numbers (dates, lists, bytes and
    /// others). Such columns are never read by polars, which cannot without features that cost much.
    foreign: Vec<Option<String>>,
    /// For each column, whether it holds lists of numbers.
    lists: Vec<bool>,
}

enum Source {
    /// For polars.
    Content(Content),
    Arrow(ArrowFile),
    Closed,
}

/// Whether a Parquet column holds lists of numbers.
fn holds_lists(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    match dtype {
        Type::List(field) | Type::LargeList(field) | Type::FixedSizeList(field, _) => {
            field.dtype().is_numeric() || *field.dtype() == Type::Boolean
        }
        _ => false,
    }
}

/// Whether a Parquet column can hold ids, labels or numbers.
fn holds_values(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    match dtype {
        Type::Dictionary(_, values, _) => {
            matches!(**values, Type::Utf8 | Type::LargeUtf8 | Type::Utf8View)
        }
        plain => matches!(
            plain,
            Type::Boolean
                | Type::Utf8
                | Type::LargeUtf8
                | Type::Utf8View
                | Type::Int8
                | Type::Int16
                | Type::Int32
                | Type::Int64
                | Type::UInt8
                | Type::UInt16
                | Type::UInt32
                | Type::UInt64
                | Type::Float32
                | Type::Float64
        ),
    }
}

impl Table {
    /// Opens the file and finds its columns.
    pub(super) fn open(options: &FileOptions<'_>, base: &Path) -> Result<Self, IngestError> {
        let form = options.check()?;
        let name = options.path.display().to_string();
        let path = base.join(options.path);
        let content = Content::open(&path)?;
        if content.is_unpacked() && !form.format.is_text() {
            let what = form.format.name();
            let expected = format!("an {what} file as it is, for it is packed inside");
            let expected = expected.replace("an Parquet", "a Parquet");
            return Err(FormatError::whole(&name, expected, "one that is packed again").into());
        }
        let (columns, foreign, lists) = (Vec::new(), Vec::new(), Vec::new());
        let source = Source::Closed;
        let mut table = Self { path, name, form, source, columns, foreign, lists };
        match table.form.format {
            TableFormat::Csv | TableFormat::Tsv => table.open_text(content)?,
            TableFormat::Text => {
                let mut bytes = content.into_bytes(&table.path)?;
                files::to_tabs(&table.name, &mut bytes, &table.form.comments)?;
                table.open_text(Content::Bytes(bytes))?;
            }
            TableFormat::Parquet => table.open_parquet(content)?,
            TableFormat::Arrow => table.open_arrow(content)?,
        }
        Ok(table)
    }

    fn open_text(&mut self, content: Content) -> Result<(), IngestError> {
        // One row is enough for the names.
        let options = self.csv_options().with_n_rows(Some(1)).with_infer_schema_length(Some(0));
        let reader = reader(&content, &self.path)?;
        let frame = guarded(|| options.into_reader_with_file_handle(reader).finish());
        let frame = frame.map_err(|error| self.unreadable(error))?;
        let names = frame.get_column_names();
        self.columns = names.into_iter().map(ToString::to_string).collect();
        self.foreign = vec![None; self.columns.len()];
        self.lists = vec![false; self.columns.len()];
        self.source = Source::Content(content);
        Ok(())
    }

    fn open_parquet(&mut self, content: Content) -> Result<(), IngestError> {
        self.check_parquet(&content.file(&self.path)?)?;
        let file = content.file(&self.path)?;
        let schema = guarded(|| ParquetReader::new(file).schema());
        let schema = schema.map_err(|error| self.unreadable(error))?;
        for field in schema.iter_values() {
            let kind = field.dtype();
            self.add_column(field.name.as_str(), kind, holds_values(kind), holds_lists(kind));
        }
        self.source = Source::Content(content);
        Ok(())
    }

    /// Checks what a Parquet file claims to hold, before memory is set aside for it. What cannot be read at all is
    /// left to the reader, which says so.
    fn check_parquet(&self, file: &std::fs::File) -> Result<(), IngestError> {
        claims::parquet_footer(&self.path, file)?;
        let metadata = || ParquetMetaDataReader::new().parse_and_finish(file);
        if let Ok(Ok(metadata)) = guard::guarded(None, metadata) {
            claims::parquet_content(&self.path, file, &metadata)?;
        }
        Ok(())
    }

    fn open_arrow(&mut self, content: Content) -> Result<(), IngestError> {
        let bytes = content.into_bytes(&self.path)?;
        let file = guard::guarded(None, || ArrowFile::read(bytes));
        let file = file.map_err(|error| self.broken(error.into()))?;
        let file = file.map_err(|error| self.broken(error.into()))?;
        for field in file.schema.fields() {
            let kind = field.data_type();
            let values = files::holds_values(kind);
            self.add_column(field.name(), kind, values, files::holds_lists(kind));
        }
        self.source = Source::Arrow(file);
        Ok(())
    }

    fn add_column(
        &mut self,
        name: &str,
        kind: &impl std::fmt::Debug,
        holds_values: bool,
        holds_lists: bool,
    ) {
        let kind = format!("{kind:?}");
        let kind = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
        self.columns.push(name.to_owned());
        self.foreign.push((!holds_values).then_some(kind));
        self.lists.push(holds_lists);
    }

    /// Gives up the file. What was read stays; names stay for errors.
    pub(super) fn close(&mut self) {
        self.source = Source::Closed;
    }

    /// Whether the file names its columns.
    pub(super) fn has_names(&self) -> bool {
        self.form.header || !self.form.format.is_text()
    }

    /// Whether a column is of a type that holds neither ids nor numbers.
    pub(super) fn is_foreign(&self, position: usize) -> bool {
        self.foreign[position].is_some()
    }

    /// Whether a column holds lists of numbers.
    pub(super) fn has_lists(&self, position: usize) -> bool {
        self.lists[position]
    }

    /// Whether the file says of what type a column is; text files do not.
    pub(super) fn has_types(&self) -> bool {
        !self.form.format.is_text()
    }

    fn csv_options(&self) -> CsvReadOptions {
        let is_csv = self.form.format != TableFormat::Text;
        let parse = CsvParseOptions::default().with_separator(self.form.separator);
        // Comments of text are gone by now, and quotes in it are letters like others.
        let comment = self.form.comments.first().filter(|_| is_csv);
        let parse = parse.with_comment_prefix(comment.map(String::as_str));
        let parse = if is_csv { parse } else { parse.with_quote_char(None) };
        CsvReadOptions::default().with_has_header(self.form.header).with_parse_options(parse)
    }

    fn broken(&self, source: Box<dyn std::error::Error + Send + Sync>) -> IngestError {
        let form = match self.form.format {
            TableFormat::Arrow => "an Arrow IPC file",
            _ => "a Parquet file",
        };
        IngestError::Columns { path: self.path.clone(), form, source }
    }

    pub(super) fn unreadable(&self, source: PolarsError) -> IngestError {
        // The reader's own words name an option of polars that nobody can set here.
        if source.to_string().contains("more fields than defined") {
            let (expected, found) =
                ("as many fields in every row as in the first", "a row with more");
            return FormatError::whole(&self.name, expected, found).into();
        }
        IngestError::Table { path: self.path.clone(), form: self.form.format.name(), source }
    }

    /// The names without blanks around them.
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|name| name.trim())
    }

    /// The position of a column that is asked for by name or position.
    pub(super) fn place(&self, wanted: &ColumnRef) -> Result<usize, FormatError> {
        let count = self.columns.len();
        match wanted {
            ColumnRef::Name(name) => self.position(name),
            ColumnRef::Position(position) if *position < count => Ok(*position),
            ColumnRef::Position(position) => Err(FormatError::whole(
                &self.name,
                format!("a column at position {position} (from 0)"),
                format!("{count} columns"),
            )),
        }
    }

    /// The position of a column that is asked for by name.
    pub(super) fn position(&self, wanted: &str) -> Result<usize, FormatError> {
        self.columns().position(|name| name == wanted).ok_or_else(|| {
            let names: Vec<&str> = self.columns().collect();
            FormatError::whole(
                &self.name,
                format!("a column `{wanted}`"),
                format!("the columns {}", names.join(", ")),
            )
        })
    }

    /// Whether names that were taken from the first line look like data.
    pub(super) fn lost_header(&self, positions: &[usize]) -> bool {
        self.form.header
            && self.form.format.is_text()
            && positions.iter().all(|&at| {
                // polars renames a name that stands twice.
                let name = self.columns[at].split("_duplicated_").next().unwrap_or_default();
                name.trim().parse::<f64>().is_ok()
            })
    }

    /// Reads the columns at `positions`, those of `text` as text whatever they look like (so that an id
    /// `007` stays what it is). The result has the columns in the order of `positions`.
    pub(super) fn read(
        &self,
        positions: &[usize],
        text: &[usize],
    ) -> Result<Vec<Column>, IngestError> {
        let foreign = |&at: &usize| self.foreign[at].as_ref().map(|kind| (at, kind));
        if let Some((at, kind)) = positions.iter().find_map(foreign) {
            return Err(FormatError::whole(
                &self.name,
                format!("text, whole numbers or numbers in column `{}`", self.columns[at]),
                format!("values of type {kind}"),
            )
            .into());
        }
        let content = match &self.source {
            Source::Arrow(file) => return self.read_arrow(file, positions),
            Source::Content(content) => content,
            Source::Closed => &Content::open(&self.path)?,
        };
        let mut sorted = positions.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let frame = if self.form.format == TableFormat::Parquet {
            let file = content.file(&self.path)?;
            guarded(|| ParquetReader::new(file).with_projection(Some(sorted)).finish())
        } else {
            let overwrite: Schema = text
                .iter()
                .map(|&at| Field::new(self.columns[at].as_str().into(), DataType::String))
                .collect();
            // The type of a column comes from all of its values, not from a sample that can mislead; where
            // every column is text, there is nothing to find out.
            let is_text = positions.iter().all(|at| text.contains(at));
            let options = self
                .csv_options()
                .with_infer_schema_length(if is_text { Some(0) } else { None })
                .with_schema_overwrite(Some(Arc::new(overwrite)))
                .with_projection(Some(Arc::new(sorted)));
            let reader = reader(content, &self.path)?;
            guarded(|| options.into_reader_with_file_handle(reader).finish())
        };
        let frame = frame.map_err(|e| self.unreadable(e))?;
        positions
            .iter()
            .map(|&at| frame.column(&self.columns[at]).cloned().map_err(|e| self.unreadable(e)))
            .collect()
    }

    fn read_arrow(
        &self,
        file: &ArrowFile,
        positions: &[usize],
    ) -> Result<Vec<Column>, IngestError> {
        let read = || positions.iter().map(|&at| ipc::column(file, at)).collect::<Result<_, _>>();
        let columns = guard::guarded(None, read).map_err(|error| self.broken(error.into()))?;
        columns.map_err(|error| self.broken(error.into()))
    }

    /// Reads a column of lists of numbers.
    pub(super) fn read_lists(&self, position: usize) -> Result<Numbers, IngestError> {
        let name = self.columns[position].as_str();
        let read = || -> Result<Numbers, IngestError> {
            match &self.source {
                Source::Arrow(file) => files::numbers(&self.name, name, &file.pieces(position)),
                Source::Content(content) => {
                    let pieces = parquet_column(content.file(&self.path)?, position);
                    let pieces = pieces.map_err(|error| self.broken(error.into()))?;
                    files::numbers(&self.name, name, &pieces)
                }
                Source::Closed => Ok(Numbers { width: 0, values: Vec::new(), missing: Vec::new() }),
            }
        };
        guard::guarded(None, read).map_err(|error| self.broken(error.into()))?
    }
}

/// A file's content for polars, from the start.
fn reader<'a>(
    content: &'a Content,
    path: &Path,
) -> Result<Box<dyn MmapBytesReader + 'a>, IngestError> {
    Ok(match content {
        Content::Bytes(bytes) => Box::new(Cursor::new(bytes.as_slice())),
        Content::File(_) => Box::new(content.file(path)?),
    })
}

/// The pieces of a column, by the `parquet` crate: polars reads no lists without features that cost much.
fn parquet_column(
    file: std::fs::File,
    position: usize,
) -> Result<Vec<ArrayRef>, parquet::errors::ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), [position]);
    let batches = builder.with_projection(mask).build()?;
    batches.map(|batch| Ok(Arc::clone(batch?.column(0)))).collect()
}

/// Runs `read`; a panic of polars, whose Parquet reader asserts where it should refuse, becomes an error.
fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    guard::guarded(Some("polars"), read)
        .unwrap_or_else(|panic| Err(PolarsError::ComputeError(panic.to_string().into())))
}
