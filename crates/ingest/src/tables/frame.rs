//! Files to columns, through polars.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{
    ArrowDataType, Column, CsvParseOptions, CsvReadOptions, DataFrame, DataType, Field,
    ParquetReader, PolarsError, Schema, SerReader,
};

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
        let mut file = table.file()?;
        if form == Form::Parquet {
            let schema = ParquetReader::new(&mut file).schema().map_err(|e| table.unreadable(e))?;
            for field in schema.iter_values() {
                table.columns.push(field.name.to_string());
                let kind = format!("{:?}", field.dtype());
                let kind = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
                table.foreign.push((!holds_values(field.dtype())).then_some(kind));
            }
        } else {
            // One row is enough for the names.
            let frame = table
                .csv_options()
                .with_n_rows(Some(1))
                .into_reader_with_file_handle(file)
                .finish()
                .map_err(|e| table.unreadable(e))?;
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
            // The types of a column come from all of its values, not from a sample that can mislead.
            .with_infer_schema_length(None)
            .with_parse_options(CsvParseOptions::default().with_separator(separator))
    }

    fn unreadable(&self, source: PolarsError) -> IngestError {
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
            && positions.iter().all(|&at| self.columns[at].trim().parse::<f64>().is_ok())
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
        let frame = if self.form == Form::Parquet {
            ParquetReader::new(file).with_projection(Some(sorted)).finish()
        } else {
            let overwrite: Schema = text
                .iter()
                .map(|&at| Field::new(self.columns[at].as_str().into(), DataType::String))
                .collect();
            self.csv_options()
                .with_schema_overwrite(Some(Arc::new(overwrite)))
                .with_projection(Some(Arc::new(sorted)))
                .into_reader_with_file_handle(file)
                .finish()
        };
        let frame: DataFrame = frame.map_err(|e| self.unreadable(e))?;
        positions
            .iter()
            .map(|&at| frame.column(&self.columns[at]).cloned().map_err(|e| self.unreadable(e)))
            .collect()
    }

    /// The values of a column as text, blanks around them removed; an empty one is `None`.
    pub(super) fn text(
        &self,
        column: &Column,
        what: &str,
    ) -> Result<Vec<Option<String>>, IngestError> {
        let allowed = match column.dtype() {
            DataType::String | DataType::Categorical(..) | DataType::Boolean => true,
            other => other.is_integer() || (what == "labels" && other.is_float()),
        };
        if !allowed {
            return Err(FormatError::whole(
                &self.name,
                format!("whole numbers or text as {what} in column `{}`", column.name()),
                format!("values of type {}", column.dtype()),
            )
            .into());
        }
        let column = column.cast(&DataType::String).map_err(|e| self.unreadable(e))?;
        let values = column.str().map_err(|e| self.unreadable(e))?;
        let trimmed = |text: &str| Some(text.trim()).filter(|t| !t.is_empty()).map(str::to_owned);
        Ok(values.iter().map(|value| value.and_then(trimmed)).collect())
    }

    /// The values of a column as ids: none missing.
    pub(super) fn ids(&self, column: &Column) -> Result<Vec<String>, IngestError> {
        let values = self.text(column, "ids")?;
        let id = |(row, value): (usize, Option<String>)| {
            value.ok_or_else(|| {
                let expected = format!("an id in column `{}`", column.name());
                FormatError::row(&self.name, row, expected, "nothing").into()
            })
        };
        values.into_iter().enumerate().map(id).collect()
    }

    /// Whether a column holds numbers: by its type, or because each of its texts is one (polars takes
    /// ` 1.5` for a text).
    pub(super) fn is_numeric(column: &Column) -> bool {
        match column.dtype() {
            DataType::Boolean => true,
            DataType::String => column.str().is_ok_and(|values| {
                values.iter().flatten().all(|text| text.trim().parse::<f64>().is_ok())
                    && values.null_count() < values.len()
            }),
            other => other.is_integer() || other.is_float(),
        }
    }

    /// The values of a column as finite `f32`; `false` and `true` are 0 and 1.
    pub(super) fn numbers(&self, column: &Column) -> Result<Vec<f32>, IngestError> {
        let fault = |row: usize, found: String| -> IngestError {
            let expected = format!("a finite number in column `{}`", column.name());
            FormatError::row(&self.name, row, expected, found).into()
        };
        let values: Vec<Option<f64>> = match column.dtype() {
            DataType::String => {
                let texts = column.str().map_err(|e| self.unreadable(e))?;
                let number = |(row, text): (usize, Option<&str>)| match text.map(str::trim) {
                    None | Some("") => Ok(None),
                    Some(text) => {
                        text.parse().map(Some).map_err(|_| fault(row, format!("`{text}`")))
                    }
                };
                texts.iter().enumerate().map(number).collect::<Result<_, _>>()?
            }
            _ if Self::is_numeric(column) => {
                let column = column.cast(&DataType::Float64).map_err(|e| self.unreadable(e))?;
                column.f64().map_err(|e| self.unreadable(e))?.iter().collect()
            }
            other => {
                return Err(FormatError::whole(
                    &self.name,
                    format!("numbers in column `{}`", column.name()),
                    format!("values of type {other}"),
                )
                .into());
            }
        };
        let finite = |(row, value): (usize, Option<f64>)| {
            #[expect(clippy::cast_possible_truncation, reason = "features and weights are f32")]
            let number = value.map(|value| value as f32);
            match (number, value) {
                (Some(number), _) if number.is_finite() => Ok(number),
                (_, Some(value)) => Err(fault(row, format!("{value:e}"))),
                (_, None) => Err(fault(row, "nothing".to_owned())),
            }
        };
        values.into_iter().enumerate().map(finite).collect()
    }
}
