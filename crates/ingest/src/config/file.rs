//! What all tables of one's own share: how their files are read, and how a column is named.

use std::path::Path;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use crate::IngestError;
use crate::delimited::{Dialect, Separator};

/// What a file is, where its name does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableFormat {
    /// Values between commas, or another `separator`; may be packed by gzip or zstd.
    Csv,
    /// Values between tabs; may be packed by gzip or zstd.
    Tsv,
    /// Values between blanks, any number of them, as SNAP's edge lists; lines that start with `#` or `%` are
    /// comments, and there is no header unless said. May be packed by gzip or zstd.
    Text,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, the file or the stream form; Feather version 2 is the former.
    Arrow,
}

impl TableFormat {
    /// The form that a file's name tells; `.gz` and `.zst` at its end do not count.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        let mut last = extension(path)?;
        if matches!(last.as_str(), "gz" | "zst") {
            last = extension(Path::new(path.file_stem()?))?;
        }
        match last.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "txt" | "edges" | "edgelist" => Some(Self::Text),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" | "ipc" => Some(Self::Arrow),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Text => "text",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        }
    }

    /// Whether the file is lines of text, which may be packed and have comments.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Text)
    }
}

/// A column, by its name or by its position from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum ColumnRef {
    /// By name.
    Name(String),
    /// By position from 0.
    Position(usize),
}

impl From<&str> for ColumnRef {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for ColumnRef {
    fn from(position: usize) -> Self {
        Self::Position(position)
    }
}

impl std::fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Column;

        impl Visitor<'_> for Column {
            type Value = ColumnRef;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a column's name, or its position from 0")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ColumnRef, E> {
                Ok(name.into())
            }

            fn visit_i64<E: Error>(self, position: i64) -> Result<ColumnRef, E> {
                let position = usize::try_from(position);
                position
                    .map(ColumnRef::Position)
                    .map_err(|_| E::custom("a position is not negative"))
            }

            fn visit_u64<E: Error>(self, position: u64) -> Result<ColumnRef, E> {
                let position = usize::try_from(position);
                position
                    .map(ColumnRef::Position)
                    .map_err(|_| E::custom("that many columns there are not"))
            }
        }

        deserializer.deserialize_any(Column)
    }
}

/// How a file is to be read, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileOptions<'a> {
    /// The key of the configuration that names the file.
    pub(crate) key: &'static str,
    pub(crate) path: &'a Path,
    pub(crate) format: Option<TableFormat>,
    pub(crate) header: Option<bool>,
    pub(crate) separator: Option<char>,
    pub(crate) comment: Option<&'a str>,
}

/// How a file is to be read, checked.
#[derive(Debug, Clone)]
pub(crate) struct FileForm {
    pub(crate) format: TableFormat,
    pub(crate) header: bool,
    /// How text is cut into values; of Parquet and Arrow without meaning.
    pub(crate) dialect: Dialect,
}

impl FileOptions<'_> {
    /// Whether the options fit the form of the file. Reads nothing.
    pub(crate) fn check(&self) -> Result<FileForm, IngestError> {
        let refuse = |problem: String| Err(IngestError::config(self.key, problem));
        let name = self.path.display();
        let Some(format) = self.format.or_else(|| TableFormat::of(self.path)) else {
            return refuse(format!(
                "{name} must end in .csv, .tsv, .txt, .edges or .edgelist (any of them packed: .gz, .zst), \
                 .parquet, .arrow or .feather; or say what it is, `format = \"text\"`"
            ));
        };
        let what = format.name();
        if !format.is_text() {
            let given = [
                ("header", self.header.is_some()),
                ("separator", self.separator.is_some()),
                ("comment", self.comment.is_some()),
            ];
            if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
                return refuse(format!(
                    "{name} is read as {what}, which has no `{option}`: remove it"
                ));
            }
        }
        let separator = match (format, self.separator) {
            (TableFormat::Csv, None) => Separator::Text(",".to_owned()),
            (TableFormat::Text, None) => Separator::Blanks,
            (_, None) => Separator::Text("\t".to_owned()),
            (TableFormat::Csv, Some('"' | '\n' | '\r')) => {
                return refuse("`separator` must be no quote and no line end".to_owned());
            }
            (TableFormat::Csv, Some(separator)) => Separator::Text(separator.to_string()),
            (_, Some(_)) => {
                return refuse(format!(
                    "{name} is read as {what}, which has its own separator: say `format = \"csv\"` beside \
                     `separator`, or remove it"
                ));
            }
        };
        let comments = match (format, self.comment) {
            (_, Some(prefix)) if prefix.is_empty() || prefix.contains(['\n', '\r']) => {
                return refuse("`comment` must be what such lines start with, as \"#\"".to_owned());
            }
            (_, Some(prefix)) => vec![prefix.to_owned()],
            (TableFormat::Text, None) => vec!["#".to_owned(), "%".to_owned()],
            (_, None) => Vec::new(),
        };
        let header = self.header.unwrap_or(format != TableFormat::Text);
        // Quotes in text are letters like others.
        let quote = (format != TableFormat::Text).then_some(b'"');
        let dialect = Dialect { separator, quote, escape: false, comments };
        Ok(FileForm { format, header, dialect })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_form_packed_or_not() {
        let of = |name: &str| TableFormat::of(Path::new(name));
        assert_eq!(of("a.CSV"), Some(TableFormat::Csv));
        assert_eq!(of("a.tsv.gz"), Some(TableFormat::Tsv));
        assert_eq!(of("soc-Epinions1.txt.GZ"), Some(TableFormat::Text));
        assert_eq!(of("a.edgelist.zst"), Some(TableFormat::Text));
        assert_eq!(of("a.feather"), Some(TableFormat::Arrow));
        assert_eq!([of("a"), of("a.gz"), of("gz"), of(".csv"), of("a.xlsx")], [None; 5]);
    }
}
