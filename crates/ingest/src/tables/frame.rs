//! Files to columns.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaDataReader;
use polars::prelude::Column;
use vgae_artifacts::{claims, guard};

use super::builder::{Builder, Kind, Survey};
use crate::config::{ColumnRef, FileForm, FileOptions, TableFormat};
use crate::delimited::Records;
use crate::files::{self, ArrowFile, Content, Numbers};
use crate::{FormatError, IngestError};

/// A table that is open but not read: its columns are known, its rows are not.
pub(super) struct Table {
    path: PathBuf,
    /// The file's name as errors show it.
    pub(super) name: String,
    form: FileForm,
    source: Source,
    columns: Vec<Heading>,
}

/// What is known of a column before its values are read.
struct Heading {
    /// The name as the file has it.
    name: String,
    kind: Kind,
    /// The column's type if it is one that holds neither ids nor numbers: dates, lists, structures.
    foreign: Option<String>,
    /// Whether it holds lists of numbers.
    has_lists: bool,
}

enum Source {
    Text(Text),
    Parquet(Content),
    Arrow(ArrowFile),
    Closed,
}

/// A file of text that was looked through once.
struct Text {
    content: String,
    rows: usize,
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
        let mut table = Self { path, name, form, source: Source::Closed, columns: Vec::new() };
        match table.form.format {
            TableFormat::Csv | TableFormat::Tsv | TableFormat::Text => table.open_text(content)?,
            TableFormat::Parquet => table.open_parquet(content)?,
            TableFormat::Arrow => table.open_arrow(content)?,
        }
        Ok(table)
    }

    /// Counts the rows of a text and finds the types of its columns, which all of their values decide.
    fn open_text(&mut self, content: Content) -> Result<(), IngestError> {
        let content = text(&self.name, content.into_bytes(&self.path)?)?;
        let mut records = Records::new(&self.name, &content, &self.form.dialect);
        if !records.next()? {
            return Err(FormatError::whole(&self.name, "a table", "no lines with values").into());
        }
        let (width, first_line) = (records.len(), records.line() + 1);
        let names: Vec<String> = if self.form.header {
            (0..width).map(|at| records.get(at).into_owned()).collect()
        } else {
            (1..=width).map(|number| format!("column_{number}")).collect()
        };
        let mut surveys = vec![Survey::default(); width];
        let mut rows = 0;
        let mut is_row = if self.form.header { records.next()? } else { true };
        while is_row {
            rows += 1;
            if records.len() != width {
                let expected = format!("{width} values, as in line {first_line}");
                let found = records.len().to_string();
                return Err(FormatError::line(&self.name, records.line(), expected, found).into());
            }
            for (at, survey) in surveys.iter_mut().enumerate() {
                let value = records.get(at);
                if !value.trim().is_empty() {
                    survey.add(value.trim());
                }
            }
            is_row = records.next()?;
        }
        let kinds = surveys.iter().map(|survey| survey.kind());
        let heading = |(name, kind)| Heading { name, kind, foreign: None, has_lists: false };
        self.columns = names.into_iter().zip(kinds).map(heading).collect();
        self.source = Source::Text(Text { content, rows });
        Ok(())
    }

    fn open_parquet(&mut self, content: Content) -> Result<(), IngestError> {
        self.check_parquet(&content.file(&self.path)?)?;
        let file = content.file(&self.path)?;
        let schema = guard::guarded(|| ParquetRecordBatchReaderBuilder::try_new(file));
        let schema = schema.map_err(|error| self.broken(error.into()))?;
        let schema = schema.map_err(|error| self.broken(error.into()))?;
        self.columns = schema.schema().fields().iter().map(|field| Heading::of(field)).collect();
        self.source = Source::Parquet(content);
        Ok(())
    }

    /// Checks what a Parquet file claims to hold, before memory is set aside for it. What cannot be read at all is
    /// left to the reader, which says so.
    fn check_parquet(&self, file: &std::fs::File) -> Result<(), IngestError> {
        claims::parquet_footer(&self.path, file)?;
        let metadata = || ParquetMetaDataReader::new().parse_and_finish(file);
        if let Ok(Ok(metadata)) = guard::guarded(metadata) {
            claims::parquet_content(&self.path, file, &metadata)?;
        }
        Ok(())
    }

    fn open_arrow(&mut self, content: Content) -> Result<(), IngestError> {
        let bytes = content.into_bytes(&self.path)?;
        let file = guard::guarded(|| ArrowFile::read(bytes));
        let file = file.map_err(|error| self.broken(error.into()))?;
        let file = file.map_err(|error| self.broken(error.into()))?;
        self.columns = file.schema.fields().iter().map(|field| Heading::of(field)).collect();
        self.source = Source::Arrow(file);
        Ok(())
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
        self.columns[position].foreign.is_some()
    }

    /// Whether a column holds lists of numbers.
    pub(super) fn has_lists(&self, position: usize) -> bool {
        self.columns[position].has_lists
    }

    /// Whether the file says of what type a column is; text files do not.
    pub(super) fn has_types(&self) -> bool {
        !self.form.format.is_text()
    }

    fn broken(&self, source: Box<dyn std::error::Error + Send + Sync>) -> IngestError {
        let form = match self.form.format {
            TableFormat::Arrow => "an Arrow IPC file",
            _ => "a Parquet file",
        };
        IngestError::Columns { path: self.path.clone(), form, source }
    }

    /// The names without blanks around them.
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| column.name.trim())
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
            && positions.iter().all(|&at| self.columns[at].name.trim().parse::<f64>().is_ok())
    }

    /// Reads the columns at `positions`, those of `text` as text whatever they look like (so that an id
    /// `007` stays what it is). The result has the columns in the order of `positions`.
    pub(super) fn read(
        &self,
        positions: &[usize],
        text: &[usize],
    ) -> Result<Vec<Column>, IngestError> {
        let foreign = |&at: &usize| self.columns[at].foreign.as_ref().map(|kind| (at, kind));
        if let Some((at, kind)) = positions.iter().find_map(foreign) {
            return Err(FormatError::whole(
                &self.name,
                format!("text, whole numbers or numbers in column `{}`", self.columns[at].name),
                format!("values of type {kind}"),
            )
            .into());
        }
        match &self.source {
            Source::Text(content) => self.read_text(content, positions, text),
            Source::Parquet(_) | Source::Arrow(_) => {
                positions.iter().map(|&at| self.read_typed(at)).collect()
            }
            Source::Closed => Ok(Vec::new()),
        }
    }

    fn read_text(
        &self,
        text: &Text,
        positions: &[usize],
        as_text: &[usize],
    ) -> Result<Vec<Column>, IngestError> {
        let kind = |at| if as_text.contains(&at) { Kind::Text } else { self.columns[at].kind };
        let builder = |&at: &usize| Builder::new(kind(at), &self.columns[at].name, text.rows);
        let mut builders: Vec<(usize, Builder)> =
            positions.iter().map(|at| (*at, builder(at))).collect();
        let mut records = Records::new(&self.name, &text.content, &self.form.dialect);
        if self.form.header {
            records.next()?;
        }
        while records.next()? {
            for (at, builder) in &mut builders {
                let value = records.get(*at);
                let value = value.trim();
                builder.add((!value.is_empty()).then_some(value));
            }
        }
        Ok(builders.into_iter().map(|(_, builder)| builder.finish()).collect())
    }

    /// A column of a file that has types.
    fn read_typed(&self, position: usize) -> Result<Column, IngestError> {
        let Heading { name, kind, .. } = &self.columns[position];
        let read = || -> Result<Column, IngestError> {
            let pieces = self.pieces(position)?;
            let most = claims::most_unpacked(self.length()?);
            let pieces = files::values(&pieces, &kind.arrow(), most);
            let pieces = pieces.map_err(|error| self.broken(error.into()))?;
            let mut builder = Builder::new(*kind, name, pieces.iter().map(|it| it.len()).sum());
            for piece in &pieces {
                builder.add_piece(piece);
            }
            Ok(builder.finish())
        };
        guard::guarded(read).map_err(|error| self.broken(error.into()))?
    }

    /// The pieces of a column of a file that has types.
    fn pieces(&self, position: usize) -> Result<Vec<ArrayRef>, IngestError> {
        match &self.source {
            Source::Arrow(file) => Ok(file.pieces(position)),
            Source::Parquet(content) => {
                let pieces = parquet_column(content.file(&self.path)?, position);
                pieces.map_err(|error| self.broken(error.into()))
            }
            Source::Text(_) | Source::Closed => Ok(Vec::new()),
        }
    }

    /// The file's length in bytes.
    fn length(&self) -> Result<u64, IngestError> {
        let facts = std::fs::metadata(&self.path).map_err(IngestError::read(&self.path))?;
        Ok(facts.len())
    }

    /// Reads a column of lists of numbers.
    pub(super) fn read_lists(&self, position: usize) -> Result<Numbers, IngestError> {
        let name = self.columns[position].name.as_str();
        let read = || files::numbers(&self.name, name, &self.pieces(position)?);
        guard::guarded(read).map_err(|error| self.broken(error.into()))?
    }
}

impl Heading {
    fn of(field: &arrow::datatypes::Field) -> Self {
        let kind = field.data_type();
        // The name of the type without its parameters.
        let shown = format!("{kind:?}");
        let shown = shown.split(['(', ' ']).next().unwrap_or_default().to_owned();
        Self {
            name: field.name().clone(),
            kind: Kind::of(kind),
            foreign: (!files::holds_values(kind)).then_some(shown),
            has_lists: files::holds_lists(kind),
        }
    }
}

/// A file's bytes as text.
fn text(name: &str, bytes: Vec<u8>) -> Result<String, FormatError> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|&byte| byte == b'\n').count() - 1;
        let found = error.as_bytes().get(before.len()).map(|byte| format!("the byte {byte:#04x}"));
        FormatError::line(name, line, "text in UTF-8 (save it as such)", found.unwrap_or_default())
    })
}

/// The pieces of a Parquet column.
fn parquet_column(
    file: std::fs::File,
    position: usize,
) -> Result<Vec<ArrayRef>, parquet::errors::ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), [position]);
    let batches = builder.with_projection(mask).build()?;
    batches.map(|batch| Ok(Arc::clone(batch?.column(0)))).collect()
}
