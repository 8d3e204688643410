//! Files to columns, through polars.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{
    ArrowDataType, Column, CsvParseOptions, CsvReadOptions, DataType, Field, ParquetReader,
    PolarsError, PolarsResult, Schema, SerReader,
};

use vgae_artifacts::guard;

use crate::{FormatError, IngestError};

/// A table that is open but not read: its columns are known, its rows are not.
pub(super) struct Table {
    pub(super) path: PathBuf,
    /// The file's name as errors show it.
    pub(super) name: String,
    form: Form,
    header: bool,
    /// Names as the file has them, in its order.
    columns: Vec<String>,
    /// For each column, its type if it is one that holds neither ids nor numbers (dates, lists, bytes and
    /// others of Parquet). Such columns are never read: polars cannot, without features that cost much.
    foreign: Vec<Option<String>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Csv,
    Tsv,
    Parquet,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
        }
    }

    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
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
    /// Opens the file and reads its column names.
    pub(super) fn open(
        path: &Path,
        base: &Path,
        header: bool,
        key: &'static str,
    ) -> Result<Self, IngestError> {
        let name = path.display().to_string();
        let Some(form) = Form::of(path) else {
            let problem = format!("{name} must end in .csv, .tsv or .parquet");
            return Err(IngestError::config(key, problem));
        };
        let path = base.join(path);
        let (columns, foreign) = (Vec::new(), Vec::new());
        let mut table = Self { path, name, form, header, columns, foreign };
        let file = table.file()?;
        if form == Form::Parquet {
            let schema = guarded(|| ParquetReader::new(file).schema());
            let schema = schema.map_err(|e| table.unreadable(e))?;
            for field in schema.iter_values() {
                table.columns.push(field.name.to_string());
                let kind = format!("{:?}", field.dtype());
                let kind = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
                table.foreign.push((!holds_values(field.dtype())).then_some(kind));
            }
        } else {
            // One row is enough for the names.
            let options =
                table.csv_options().with_n_rows(Some(1)).with_infer_schema_length(Some(0));
            let frame = guarded(|| options.into_reader_with_file_handle(file).finish());
            let frame = frame.map_err(|e| table.unreadable(e))?;
            let names = frame.get_column_names();
            table.columns = names.into_iter().map(ToString::to_string).collect();
            table.foreign = vec![None; table.columns.len()];
        }
        Ok(table)
    }

    /// Whether a column is of a type that holds neither ids nor numbers.
    pub(super) fn is_foreign(&self, position: usize) -> bool {
        self.foreign[position].is_some()
    }

    /// Whether the file says of what type a column is; text files do not.
    pub(super) fn has_types(&self) -> bool {
        self.form == Form::Parquet
    }

    fn file(&self) -> Result<File, IngestError> {
        let file = File::open(&self.path).map_err(IngestError::read(&self.path))?;
        let is_folder = file.metadata().map_err(IngestError::read(&self.path))?.is_dir();
        if is_folder {
            let reason = std::io::Error::from(std::io::ErrorKind::IsADirectory);
            return Err(IngestError::read(&self.path)(reason));
        }
        Ok(file)
    }

    fn csv_options(&self) -> CsvReadOptions {
        let separator = if self.form == Form::Tsv { b'\t' } else { b',' };
        CsvReadOptions::default()
            .with_has_header(self.header)
            .with_parse_options(CsvParseOptions::default().with_separator(separator))
    }

    pub(super) fn unreadable(&self, source: PolarsError) -> IngestError {
        // The reader's own words name an option of polars that nobody can set here.
        if source.to_string().contains("more fields than defined") {
            let (expected, found) =
                ("as many fields in every row as in the first", "a row with more");
            return FormatError::whole(&self.name, expected, found).into();
        }
        IngestError::Table { path: self.path.clone(), form: self.form.name(), source }
    }

    /// The names without blanks around them.
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|name| name.trim())
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
        self.header
            && self.form != Form::Parquet
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
        let file = self.file()?;
        let mut sorted = positions.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let read = || {
            if self.form == Form::Parquet {
                return ParquetReader::new(file).with_projection(Some(sorted)).finish();
            }
            let overwrite: Schema = text
                .iter()
                .map(|&at| Field::new(self.columns[at].as_str().into(), DataType::String))
                .collect();
            // The type of a column comes from all of its values, not from a sample that can mislead; where
            // every column is text, there is nothing to find out.
            let is_text = positions.iter().all(|at| text.contains(at));
            self.csv_options()
                .with_infer_schema_length(if is_text { Some(0) } else { None })
                .with_schema_overwrite(Some(Arc::new(overwrite)))
                .with_projection(Some(Arc::new(sorted)))
                .into_reader_with_file_handle(file)
                .finish()
        };
        let frame = guarded(read).map_err(|e| self.unreadable(e))?;
        positions
            .iter()
            .map(|&at| frame.column(&self.columns[at]).cloned().map_err(|e| self.unreadable(e)))
            .collect()
    }
}

/// Runs `read`; a panic of polars, whose Parquet reader asserts where it should refuse, becomes an error.
fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    guard::guarded(Some("polars"), read)
        .unwrap_or_else(|panic| Err(PolarsError::ComputeError(panic.to_string().into())))
}
