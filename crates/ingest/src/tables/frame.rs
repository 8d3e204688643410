//! Files to columns.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use arrow::array::{Array as _, ArrayRef};
use arrow::datatypes::{DataType, Field};
use polars::prelude::Column;

use super::builder::{Builder, Kind, Survey, integral};
use crate::config::{ColumnRef, FileOptions, TableFormat};
use crate::delimited::Records;
use crate::files::{self, ColumnFile, Content, Numbers};
use crate::reading::{Form, is_names, names};
use crate::{FormatError, IngestError, printable};

/// How much of a text is looked at to decide on its form.
const START: usize = 1 << 16;
/// Rows that are kept to decide on columns.
const HEAD: usize = 1000;

/// A table that is open but not read: its form and its columns are decided, its rows are not read.
pub struct Table<'a> {
    pub(super) options: FileOptions<'a>,
    path: PathBuf,
    /// The file's name as errors show it.
    pub name: String,
    pub(super) form: Form,
    source: Source,
    columns: Vec<Heading>,
    rows: usize,
    /// Rows that are the first line again.
    pub(super) repeated_headers: usize,
    pub(super) comment_lines: usize,
}

/// Properties of a column that are known before its values are read.
struct Heading {
    /// The name as the file has it.
    name: String,
    kind: Kind,
    /// The column's type if it is one that holds neither ids nor numbers: dates, structures.
    foreign: Option<String>,
    /// Whether it holds lists of numbers.
    has_lists: bool,
    /// Whether it holds bytes, which are ids or labels if they are named as such, and nothing by themselves.
    has_bytes: bool,
    /// Survey of the values of a text column.
    survey: Option<Survey>,
}

enum Source {
    Text(Text),
    Columns(ColumnFile),
    Closed,
}

/// A file of text that was looked through once.
struct Text {
    content: String,
    /// The first rows.
    head: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    /// Opens the file, decides on its form and finds its columns; `ids` of them hold ids.
    pub fn open(options: FileOptions<'a>, base: &Path, ids: usize) -> Result<Self, IngestError> {
        options.check()?;
        let name = options.path.display().to_string();
        let path = base.join(options.path);
        let format = binary_format(&options, &Content::peek(&path, START)?);
        let parts = if path.is_dir() { files::parts(&path)? } else { vec![path.clone()] };
        let has_own_packing = matches!(format, Some(TableFormat::Parquet | TableFormat::Arrow));
        if has_own_packing && !path.is_dir() && Content::is_packed(&path)? {
            let what = format.map_or("", TableFormat::name);
            let expected = format!("an uncompressed file: {what} compresses its own columns");
            return Err(FormatError::whole(&name, expected, "one that is packed again").into());
        }
        let (source, columns) = (Source::Closed, Vec::new());
        let form = Form::typed(format.unwrap_or(TableFormat::Csv));
        let (rows, repeated_headers, comment_lines) = (0, 0, 0);
        let mut table = Self {
            options,
            path,
            name,
            form,
            source,
            columns,
            rows,
            repeated_headers,
            comment_lines,
        };
        match format {
            Some(TableFormat::Parquet) => {
                table.open_columns(ColumnFile::parquet(&table.path, &parts)?);
            }
            Some(TableFormat::Arrow) => {
                let bytes = Content::open(&table.path)?.into_bytes(&table.path)?;
                table.open_columns(ColumnFile::arrow(&table.path, bytes)?);
            }
            Some(_) => {
                return Err(FormatError::whole(&table.name, "a table", "a file of a graph").into());
            }
            None => table.open_text(&parts, ids)?,
        }
        Ok(table)
    }

    /// A table that was read from a graph file, for which there are `reasons`.
    pub(super) fn of(
        options: FileOptions<'a>,
        format: TableFormat,
        file: ColumnFile,
        reasons: Vec<String>,
    ) -> Self {
        let name = options.path.display().to_string();
        let mut table = Self {
            options,
            path: options.path.to_owned(),
            name,
            form: Form { reasons, ..Form::typed(format) },
            source: Source::Closed,
            columns: Vec::new(),
            rows: 0,
            repeated_headers: 0,
            comment_lines: 0,
        };
        table.open_columns(file);
        table
    }

    /// Opens a file of text, or the part files of a folder, as Spark and others write them.
    fn open_text(&mut self, parts: &[PathBuf], ids: usize) -> Result<(), IngestError> {
        let encoding = self.options.encoding()?;
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            let bytes = Content::open(part)?.into_bytes(part)?;
            let name =
                if parts.len() == 1 { self.name.clone() } else { part.display().to_string() };
            texts.push(files::text(&name, bytes, encoding)?);
        }
        let content = match texts.len() {
            1 => texts.pop().unwrap_or_default(),
            _ => files::joined(parts, &texts)?,
        };
        let start = content.floor_char_boundary(START);
        let is_cut = start < content.len();
        let decide = |escape| Form::of_text(&self.options, &content[..start], is_cut, ids, escape);
        self.form = decide(false)?;
        let looked = self.look(&content);
        let looked = match looked {
            // Where quotes inside of quotes are not doubled, a backslash may stand before them.
            Err(IngestError::Format(error)) if content.contains("\\\"") => {
                // Decided again, since rows that were cut wrong may have passed for names.
                self.form = decide(true)?;
                self.look(&content).map_err(|_| error)?
            }
            looked => looked?,
        };
        if self.form.dialect.escape {
            let reason = "quotes inside of quotes have a backslash before them";
            self.form.reasons.push(reason.to_owned());
        }
        self.columns = looked.columns;
        (self.repeated_headers, self.comment_lines) = (looked.repeated, looked.comment_lines);
        self.rows = looked.rows;
        self.source = Source::Text(Text { content, head: looked.head });
        Ok(())
    }

    /// Counts the rows of a text and finds what its columns hold, which all of their values decide.
    fn look(&self, content: &str) -> Result<Looked, IngestError> {
        let mut rows = Rows::new(self, content)?;
        let names = rows.names.clone();
        let mut surveys = vec![Survey::default(); names.len()];
        let (mut count, mut head) = (0, Vec::new());
        while rows.next()? {
            count += 1;
            if count <= HEAD {
                head.push((0..names.len()).map(|at| rows.get(at).trim().to_owned()).collect());
            }
            for (at, survey) in surveys.iter_mut().enumerate() {
                let value = rows.get(at);
                let value = value.trim();
                let na_values = self.options.na_values;
                let is_unknown = value == "?" && na_values.contains_among_numbers(value);
                survey.add((!na_values.contains(value)).then_some(value), is_unknown);
            }
        }
        rows.check_comments()?;
        let columns = names.into_iter().zip(surveys).enumerate().map(|(at, (name, survey))| {
            let mut values = head.iter().filter_map(|row: &Vec<String>| row.get(at));
            let is_text = survey.kind() == Kind::Text;
            let has_lists = is_text && {
                let widths: Vec<Option<usize>> = values
                    .by_ref()
                    .filter(|value| !self.options.na_values.contains(value))
                    .map(|value| files::list_of(value).map(|list| list.len()))
                    .collect();
                widths
                    .first()
                    .is_some_and(|&width| width > Some(1) && widths.iter().all(|it| *it == width))
            };
            Heading {
                name,
                kind: survey.kind(),
                foreign: None,
                has_lists,
                has_bytes: false,
                survey: Some(survey),
            }
        });
        let columns = columns.collect();
        let (repeated, comment_lines) = (rows.repeated, rows.records.comment_lines());
        Ok(Looked { columns, rows: count, head, repeated, comment_lines })
    }

    fn open_columns(&mut self, file: ColumnFile) {
        self.columns = file.fields().iter().map(|field| Heading::of(field)).collect();
        self.rows = file.rows();
        self.source = Source::Columns(file);
    }

    /// Gives up the file. What was read stays; names stay for errors.
    pub(super) fn close(&mut self) {
        self.source = Source::Closed;
    }

    /// Whether the file names its columns.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.form.header || !self.form.format.is_text()
    }

    /// Whether a column is of a type that by itself holds neither ids nor numbers.
    #[must_use]
    pub fn is_foreign(&self, position: usize) -> bool {
        let column = &self.columns[position];
        column.foreign.is_some() || column.has_bytes
    }

    /// Whether a column holds lists of numbers.
    pub(super) fn has_lists(&self, position: usize) -> bool {
        self.columns[position].has_lists
    }

    /// The type of a column's values.
    pub(super) fn kind(&self, position: usize) -> Kind {
        self.columns[position].kind
    }

    /// Whether the file says of what type a column is; text files do not.
    pub(super) fn has_types(&self) -> bool {
        !self.form.format.is_text()
    }

    /// Whether a column of ids is written as floating-point numbers that are whole.
    pub(super) fn has_whole_reals(&self, position: usize) -> Result<bool, IngestError> {
        let column = &self.columns[position];
        if let Some(survey) = column.survey {
            return Ok(survey.has_whole_reals());
        }
        let is_whole = |value: &String| {
            value.is_empty() || value.parse().is_ok_and(|number| integral(number).is_some())
        };
        Ok(column.kind == Kind::Real && self.head(position)?.iter().all(is_whole))
    }

    /// The first values of a column as text; an empty one is missing.
    pub(super) fn head(&self, position: usize) -> Result<Vec<String>, IngestError> {
        if let Source::Text(text) = &self.source {
            let value = |row: &Vec<String>| row.get(position).cloned().unwrap_or_default();
            return Ok(text.head.iter().map(value).collect());
        }
        if self.is_foreign(position) {
            return Ok(Vec::new());
        }
        let column = self.read_typed(position)?.head(Some(HEAD));
        let column = column.cast(&polars::prelude::DataType::String)?;
        Ok(column.str()?.iter().map(|value| value.unwrap_or_default().trim().to_owned()).collect())
    }

    /// Whether the values of a column count the rows, from 0 or 1.
    pub fn counts_rows(&self, position: usize) -> Result<bool, IngestError> {
        if let Some(survey) = self.columns[position].survey {
            return Ok(survey.counts());
        }
        if self.columns[position].kind != Kind::Integer {
            return Ok(false);
        }
        let mut survey = Survey::default();
        for value in self.head(position)? {
            survey.add((!value.is_empty()).then_some(value.as_str()), false);
        }
        Ok(survey.counts())
    }

    /// The names without blanks around them.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| column.name.trim())
    }

    /// The names without capitals and punctuation; none where the file has no names.
    pub(super) fn plain_names(&self) -> Vec<String> {
        self.columns().filter(|_| self.has_names()).map(names::plain).collect()
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

    /// A column as options name it: by name if it has one of its own.
    pub(super) fn reference(&self, position: usize) -> ColumnRef {
        let name = self.columns[position].name.trim();
        let is_unique = self.columns().filter(|other| *other == name).count() == 1;
        if self.has_names() && is_unique && !name.is_empty() && name != "none" {
            ColumnRef::Name(name.to_owned())
        } else {
            ColumnRef::Position(position)
        }
    }

    /// The number of rows; 0 where it is not known before they are read.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The position of a column that is asked for by name.
    pub fn position(&self, wanted: &str) -> Result<usize, FormatError> {
        let mut found = self.columns().enumerate().filter(|(_, name)| *name == wanted);
        let (first, second) = (found.next(), found.next());
        if let (Some((first, _)), Some((second, _))) = (first, second) {
            let expected = format!("one column `{wanted}` (name it by its position)");
            let found = format!("columns {first} and {second}");
            return Err(FormatError::whole(&self.name, expected, found));
        }
        first.map(|(at, _)| at).ok_or_else(|| self.lacks(format!("a column `{wanted}`")))
    }

    /// Returns the error of a table without an expected column; it names those that there are.
    pub fn lacks(&self, expected: impl Into<String>) -> FormatError {
        let names: Vec<&str> = self.columns().collect();
        FormatError::whole(&self.name, expected, format!("the columns {}", names.join(", ")))
    }

    /// Reads the columns at `positions`, in this order. Those of `ids` are read as ids: `007` stays what it is.
    pub fn read(&self, positions: &[usize], ids: &[usize]) -> Result<Vec<Column>, IngestError> {
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
            Source::Text(content) => self.read_text(content, positions, ids),
            Source::Columns(file) => {
                let columns = positions.iter().zip(file.values(positions)?);
                let column =
                    |(&at, pieces): (&usize, Vec<_>)| Builder::of(&self.columns[at].name, &pieces);
                Ok(columns.map(column).collect())
            }
            Source::Closed => Ok(Vec::new()),
        }
    }

    fn read_text(
        &self,
        text: &Text,
        positions: &[usize],
        ids: &[usize],
    ) -> Result<Vec<Column>, IngestError> {
        let kind = |at: usize| match self.columns[at].survey {
            Some(survey) if ids.contains(&at) => survey.kind_of_ids(),
            _ => self.columns[at].kind,
        };
        let builder = |&at: &usize| Builder::new(kind(at), &self.columns[at].name, self.rows);
        let mut builders: Vec<(usize, Builder)> =
            positions.iter().map(|at| (*at, builder(at))).collect();
        let mut rows = Rows::new(self, &text.content)?;
        while rows.next()? {
            for (at, builder) in &mut builders {
                let value = rows.get(*at);
                let value = value.trim();
                builder.add((!self.options.na_values.contains(value)).then_some(value));
            }
        }
        Ok(builders.into_iter().map(|(_, builder)| builder.finish()).collect())
    }

    /// A column of a file that has types.
    fn read_typed(&self, position: usize) -> Result<Column, IngestError> {
        let pieces = match &self.source {
            Source::Columns(file) => file.values(&[position])?.pop().unwrap_or_default(),
            Source::Text(_) | Source::Closed => Vec::new(),
        };
        Ok(Builder::of(&self.columns[position].name, &pieces))
    }

    /// Reads a column of times: as other columns, and dates and timestamps as integers.
    pub(super) fn read_times(&self, position: usize) -> Result<Column, IngestError> {
        let Source::Columns(file) = &self.source else {
            return Ok(self.read(&[position], &[])?.swap_remove(0));
        };
        let pieces = file.lists(position)?;
        let is_time = pieces.iter().any(|piece| piece.data_type().is_temporal());
        if !is_time {
            return Ok(self.read(&[position], &[])?.swap_remove(0));
        }
        let name = &self.columns[position].name;
        let cast = |piece: &ArrayRef| {
            arrow::compute::cast(piece, &DataType::Int64).map_err(|error| {
                let expected = format!("times in column `{name}`");
                FormatError::whole(&self.name, expected, error.to_string())
            })
        };
        let pieces = pieces.iter().map(cast).collect::<Result<Vec<_>, _>>()?;
        Ok(Builder::of(name, &pieces))
    }

    /// Reads a column of lists of numbers.
    pub fn read_lists(&self, position: usize) -> Result<Numbers, IngestError> {
        let name = self.columns[position].name.as_str();
        if matches!(self.source, Source::Text(_)) {
            let column = self.read(&[position], &[])?;
            let texts = column[0].str()?.iter();
            return files::numbers_of_text(&self.name, name, texts);
        }
        let pieces = match &self.source {
            Source::Columns(file) => file.lists(position)?,
            Source::Text(_) | Source::Closed => Vec::new(),
        };
        files::numbers(&self.name, name, &pieces)
    }
}

impl Heading {
    fn of(field: &Field) -> Self {
        let kind = field.data_type();
        // The name of the type without its parameters.
        let shown = format!("{kind:?}");
        let shown = shown.split(['(', ' ']).next().unwrap_or_default().to_owned();
        Self {
            name: field.name().clone(),
            kind: Kind::of(kind),
            foreign: (!files::holds_values(kind)).then_some(shown),
            has_lists: files::holds_lists(kind),
            has_bytes: kind.is_binary() || matches!(kind, DataType::FixedSizeBinary(_)),
            survey: None,
        }
    }
}

/// Result of the first pass over a text.
struct Looked {
    columns: Vec<Heading>,
    rows: usize,
    head: Vec<Vec<String>>,
    repeated: usize,
    comment_lines: usize,
}

/// The rows of a text without its names.
struct Rows<'a> {
    table: &'a Table<'a>,
    records: Records<'a>,
    names: Vec<String>,
    /// The line of the first record, from 1.
    first_line: usize,
    /// Whether the record is a row that was not yet passed.
    is_waiting: bool,
    repeated: usize,
}

impl<'a> Rows<'a> {
    fn new(table: &'a Table<'a>, content: &'a str) -> Result<Self, IngestError> {
        let mut records = Records::new(&table.name, content, &table.form.dialect);
        records.skip_lines(table.form.skipped_lines);
        if !records.next()? {
            let comments = records.comment_lines();
            let found = match comments {
                0 => "no lines with values".to_owned(),
                _ => format!("{comments} comments alone (`comment = \"none\"` takes them as rows)"),
            };
            return Err(FormatError::whole(&table.name, "a table", found).into());
        }
        let first: Vec<String> =
            (0..records.len()).map(|at| records.get(at).into_owned()).collect();
        let first_line = records.line() + 1;
        let mut rows =
            Self { table, records, names: first, first_line, is_waiting: true, repeated: 0 };
        if !table.form.header {
            rows.names = (1..=rows.names.len()).map(|at| format!("column_{at}")).collect();
            return Ok(rows);
        }
        rows.is_waiting = rows.records.next()?;
        // R writes no name above the names of rows; other differences were refused.
        if rows.is_waiting && rows.records.len() == rows.names.len() + 1 {
            rows.names.insert(0, String::new());
        }
        Ok(rows)
    }

    fn next(&mut self) -> Result<bool, IngestError> {
        loop {
            let is_row = std::mem::take(&mut self.is_waiting) || self.records.next()?;
            if !is_row {
                return Ok(false);
            }
            let width = self.names.len();
            if self.records.len() != width {
                let expected = format!("{width} values, as in line {}", self.first_line);
                let found = self.records.len().to_string();
                let (name, line) = (&self.table.name, self.records.line());
                return Err(FormatError::line(name, line, expected, found).into());
            }
            let is_repeated = self.table.form.header
                && (0..width).all(|at| self.records.get(at).trim() == self.names[at].trim());
            if !is_repeated {
                return Ok(true);
            }
            self.repeated += 1;
        }
    }

    fn get(&self, position: usize) -> Cow<'a, str> {
        self.records.get(position)
    }

    /// Refuses comments that may be rows, unless a comment's mark was asked for.
    fn check_comments(&self) -> Result<(), IngestError> {
        let options = &self.table.options;
        if options.comment.is_some() {
            return Ok(());
        }
        let mut doubtful = self.records.doubtful().iter();
        match doubtful.find(|comment| comment.len == self.names.len() && !is_names(&comment.text)) {
            None => Ok(()),
            Some(comment) => {
                let what = format!("line {}, `{}`,", comment.line + 1, printable(&comment.text));
                let mark = self.table.form.dialect.comments.first().map_or("#", String::as_str);
                let first = format!("a comment (set `comment = \"{mark}\"`)");
                Err(options.ambiguous(&what, &first, "a row (set `comment = \"none\"`)"))
            }
        }
    }
}

/// The format of a file that is no text, by its content or else by its name.
fn binary_format(options: &FileOptions<'_>, start: &[u8]) -> Option<TableFormat> {
    if let Some(format) = options.format {
        return Some(format).filter(|format| !format.is_text());
    }
    match start {
        [b'P', b'A', b'R', b'1', ..] => Some(TableFormat::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(TableFormat::Arrow),
        _ => TableFormat::of(options.path).filter(|format| !format.is_text()),
    }
}
