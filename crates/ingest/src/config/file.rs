//! Options that all tables share: how their files are read, and how a column is named.

use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::error::{Ambiguous, IngestError};
use crate::files;
use crate::graph_files::GraphFormat;

/// Format of a file, where its name does not imply it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum TableFormat {
    /// Values between commas, or another `separator`.
    Csv,
    /// Values between tabs.
    Tsv,
    /// Whitespace-separated values, as in SNAP's edge lists; lines that start with `#` or `%` are
    /// comments, and there is no header unless `header = true`.
    Text,
    /// Apache Parquet, one file or a folder of part files.
    Parquet,
    /// Arrow IPC, the file or the stream form; Feather version 2 is the former.
    Arrow,
    /// A file of a whole graph.
    #[strum(disabled)]
    Graph(GraphFormat),
}

impl TableFormat {
    /// The names of all formats.
    fn names() -> impl Iterator<Item = &'static str> {
        let tables = Self::VARIANTS.iter().filter(|name| **name != "graph");
        tables.chain(GraphFormat::VARIANTS).copied()
    }
}

impl Serialize for TableFormat {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Graph(format) => format.serialize(serializer),
            table => serializer.collect_str(table),
        }
    }
}

impl<'de> Deserialize<'de> for TableFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let graph = GraphFormat::from_str(&name).map(Self::Graph);
        Self::from_str(&name).or(graph).map_err(|_| {
            let names: Vec<&str> = Self::names().collect();
            D::Error::custom(format!(
                "unknown format `{name}`, expected one of {}",
                names.join(", ")
            ))
        })
    }
}

impl JsonSchema for TableFormat {
    fn schema_name() -> Cow<'static, str> {
        "TableFormat".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::names().collect::<Vec<_>>() })
    }
}

impl TableFormat {
    /// Returns the format that a file's name implies; `.gz` and other endings of compressed files are ignored.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        let mut last = extension(path)?;
        if matches!(last.as_str(), "gz" | "zst" | "bz2" | "xz" | "zip") {
            last = extension(Path::new(path.file_stem()?))?;
        }
        match last.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "txt" | "edges" | "edgelist" => Some(Self::Text),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" | "ipc" => Some(Self::Arrow),
            extension => GraphFormat::of_extension(extension).map(Self::Graph),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Text => "text",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
            Self::Graph(_) => "a graph file",
        }
    }

    /// Whether the file is text, which may have been written in another encoding than UTF-8.
    fn has_letters(self) -> bool {
        matches!(self, Self::Graph(format) if format.is_text()) || self.is_text()
    }

    /// Whether the file is lines of text, which may be packed and have comments.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Text)
    }
}

/// A column, by its name or by its position from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
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
                    .map_err(|_| E::custom("the position is too large"))
            }
        }

        deserializer.deserialize_any(Column)
    }
}

/// Values that stand for a missing value.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct NaValues {
    values: Vec<String>,
    /// Length of the longest in bytes: most values of a table are longer, and need no comparison.
    longest: usize,
}

impl From<Vec<String>> for NaValues {
    fn from(values: Vec<String>) -> Self {
        let longest = values.iter().map(String::len).max().unwrap_or(0);
        Self { values, longest }
    }
}

impl From<NaValues> for Vec<String> {
    fn from(missing: NaValues) -> Self {
        missing.values
    }
}

impl Default for NaValues {
    fn default() -> Self {
        let usual = [
            "", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "NULL", "null", "None", "\\N",
            "?",
        ];
        usual.map(str::to_owned).to_vec().into()
    }
}

impl NaValues {
    /// Whether a value without blanks around it is missing. An empty one always is.
    pub(crate) fn contains(&self, value: &str) -> bool {
        value.is_empty() || (value != "?" && self.has(value))
    }

    /// Whether a value that stands among numbers is missing.
    pub(crate) fn contains_among_numbers(&self, value: &str) -> bool {
        value.is_empty() || self.has(value)
    }

    fn has(&self, value: &str) -> bool {
        value.len() <= self.longest && self.values.iter().any(|missing| missing == value)
    }
}

/// The options of a file that decide its form, in full: for a table of the configuration, whose keys these are.
#[expect(missing_docs, reason = "the keys of a table, which document them")]
pub struct Stated {
    pub format: Option<TableFormat>,
    pub header: Option<bool>,
    pub separator: Option<String>,
    pub quote: Option<String>,
    pub comment: Option<String>,
    pub encoding: Option<String>,
}

/// Options of a file, as they are given.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions<'a> {
    /// The key of the configuration that names the file.
    pub(crate) key: &'static str,
    pub(crate) path: &'a Path,
    pub(crate) format: Option<TableFormat>,
    pub(crate) header: Option<bool>,
    pub(crate) separator: Option<&'a str>,
    pub(crate) quote: Option<&'a str>,
    pub(crate) comment: Option<&'a str>,
    pub(crate) encoding: Option<&'a str>,
    pub(crate) na_values: &'a NaValues,
}

impl FileOptions<'_> {
    /// The encoding of the text, if one is given.
    pub(crate) fn encoding(&self) -> Result<Option<&'static encoding_rs::Encoding>, IngestError> {
        let Some(name) = self.encoding else { return Ok(None) };
        files::encoding(name).map(Some).ok_or_else(|| {
            let problem = format!(
                "`encoding = \"{name}\"` is not known: give \"utf-8\", \"latin1\", \"windows-1252\", \"utf-16le\", \
                 \"shift_jis\" or another label of the WHATWG Encoding Standard"
            );
            IngestError::config(self.key, problem)
        })
    }

    /// The quote that is asked for, if any is.
    #[expect(clippy::option_option, reason = "not asked for, or asked for none")]
    pub(crate) fn quote(&self) -> Option<Option<u8>> {
        self.quote.map(|quote| match quote {
            "none" => None,
            quote => quote.bytes().next(),
        })
    }

    /// The error for a file that can be read in two ways, each with the option that chooses it.
    pub(crate) fn ambiguous(&self, what: &str, first: &str, second: &str) -> IngestError {
        IngestError::Ambiguous(Box::new(Ambiguous {
            key: self.key,
            file: self.path.display().to_string(),
            what: what.to_owned(),
            first: first.to_owned(),
            second: second.to_owned(),
        }))
    }

    /// Whether the options contradict each other. Reads nothing.
    pub(crate) fn check(&self) -> Result<(), IngestError> {
        let refuse = |problem: String| Err(IngestError::config(self.key, problem));
        let name = self.path.display();
        let format = self.format.or_else(|| TableFormat::of(self.path));
        if let Some(format) = format.filter(|format| !format.is_text()) {
            let given = [
                ("header", self.header.is_some()),
                ("separator", self.separator.is_some()),
                ("quote", self.quote.is_some()),
                ("comment", self.comment.is_some()),
                ("encoding", self.encoding.is_some() && !format.has_letters()),
            ];
            if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
                let what = format.name();
                return refuse(format!(
                    "{name} is read as {what}, which has no `{option}`: remove it"
                ));
            }
        }
        if let (Some(TableFormat::Tsv | TableFormat::Text), Some(_)) = (self.format, self.separator)
        {
            return refuse(
                "`format` has its own separator: set `format = \"csv\"` beside `separator`"
                    .to_owned(),
            );
        }
        if self.separator.is_some_and(|text| text.is_empty() || text.contains(['"', '\n', '\r'])) {
            return refuse(
                "`separator` must be text without quotes and line ends, or `whitespace`".to_owned(),
            );
        }
        let is_quote = |text: &str| {
            text == "none" || matches!(text.as_bytes(), [byte] if byte.is_ascii_punctuation())
        };
        if self.quote.is_some_and(|text| !is_quote(text)) {
            return refuse("`quote` must be one plain character, or `none`".to_owned());
        }
        if self.comment.is_some_and(|text| text.is_empty() || text.contains(['\n', '\r'])) {
            return refuse(
                "`comment` must be the start of such lines, as \"#\", or `none`".to_owned(),
            );
        }
        self.encoding().map(|_| ())
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
        assert_eq!(of("a.tsv.xz"), Some(TableFormat::Tsv));
        assert_eq!(of("a.mtx.gz"), Some(TableFormat::Graph(GraphFormat::MatrixMarket)));
        assert_eq!([of("a"), of("a.gz"), of("gz"), of(".csv"), of("a.xlsx")], [None; 5]);
    }
}
