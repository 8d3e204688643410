use std::path::{Path, PathBuf};

use vgae_artifacts::ArtifactError;

/// A file's content breaks a rule of its format. Says where, what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{place}: expected {expected}, found {found}")]
pub struct FormatError {
    /// The file, by the name its reader was given.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// The rule.
    pub expected: String,
    /// The text that was found.
    pub found: String,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// No single place.
    Whole,
    /// A line of a text, from 1.
    Line(u64),
    /// A data row of a table, from 1, without the header.
    Row(u64),
    /// A byte offset, from 0.
    Byte(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Line(line) => write!(f, ", line {line}"),
            Self::Row(row) => write!(f, ", data row {row}"),
            Self::Byte(byte) => write!(f, ", byte {byte}"),
        }
    }
}

impl FormatError {
    fn new(
        file: &str,
        place: Place,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), place, expected: expected.into(), found: found.into() }
    }

    /// Error of a whole file.
    #[must_use]
    pub fn whole(file: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(file, Place::Whole, expected, found)
    }

    /// Error at a byte, counted from 0.
    #[must_use]
    pub fn byte(
        file: &str,
        byte: u64,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::new(file, Place::Byte(byte), expected, found)
    }

    /// `index` counts from 0.
    pub(crate) fn line(
        file: &str,
        index: usize,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::new(file, Place::Line(index as u64 + 1), expected, found)
    }

    /// Error in a data row; `index` counts from 0.
    #[must_use]
    pub fn row(
        file: &str,
        index: usize,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::new(file, Place::Row(index as u64 + 1), expected, found)
    }
}

/// An error between raw files and a graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The configuration contradicts itself or names something unknown.
    #[error("ingest: `{key}`: {problem}")]
    Config {
        /// The key at fault.
        key: &'static str,
        /// The problem and its fix.
        problem: String,
    },
    /// A file can be read in two ways.
    #[error(transparent)]
    Ambiguous(Box<Ambiguous>),
    /// A dataset of the registry is needed, and its files were not handed in.
    #[error("ingest: the files of `{dataset}` are missing: run `vgae fetch {dataset}` first")]
    NotFetched {
        /// The dataset.
        dataset: String,
    },
    /// A fetched file is not the one that the registry describes.
    #[error(
        "{}: expected sha256 {expected}, found {found}: fetch it again with `vgae fetch {dataset}`",
        path.display()
    )]
    Changed {
        /// The dataset it belongs to.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// The registry's hash.
        expected: String,
        /// The file's hash.
        found: String,
    },
    /// The operating system refused.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A packed file cannot be unpacked.
    #[error("cannot unpack {} as {form}", path.display())]
    Unpack {
        /// The file.
        path: PathBuf,
        /// `gzip`, `zstd`, `bzip2`, `xz` or `zip`.
        form: &'static str,
        /// The unpacker's reason.
        source: std::io::Error,
    },
    /// A packed file holds more than such a file should.
    #[error(
        "{}: expected at most {limit} bytes unpacked from {packed}, found more: if it is meant to be so large, \
         unpack it first",
        path.display()
    )]
    Bomb {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        packed: u64,
        /// Largest uncompressed size, in bytes.
        limit: u64,
    },
    /// The content of a file breaks a rule of its format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// An Arrow or Parquet file cannot be read.
    #[error("{} cannot be read as {form}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// `an Arrow IPC file` or `a Parquet file`.
        form: &'static str,
        /// The reader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The values of a column cannot be converted.
    #[error("ingest: a column cannot be converted")]
    Convert(#[from] polars::error::PolarsError),
    /// The tables do not name the same nodes, as `strict` demands.
    #[error(
        "ingest: {count} nodes of {nodes} are at no edge, which `strict` refuses: {}{}",
        examples.join(", "),
        if *count > examples.len() { ", ..." } else { "" }
    )]
    NotAtAnyEdge {
        /// The node table.
        nodes: String,
        /// How many.
        count: usize,
        /// The ids of the first.
        examples: Vec<String>,
    },
    /// There is nothing to learn from.
    #[error("ingest: {0}")]
    Empty(String),
    /// Two entries give one edge different weights.
    #[error(
        "ingest: the edge {src} - {dst} has the weights {first} and {second}: make them agree, or set \
         `duplicate_weights = \"first\"` or `\"sum\"`"
    )]
    Weights {
        /// The id of one end.
        src: String,
        /// The id of the other.
        dst: String,
        /// The weight of the first entry.
        first: f32,
        /// The weight of a later one.
        second: f32,
    },
    /// A canonical dataset does not have its canonical counts.
    #[error("ingest: {dataset} is not as published: {differences}")]
    Counts {
        /// The dataset.
        dataset: String,
        /// Each differing count: expected and found.
        differences: String,
    },
    /// The assembled values contradict each other.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The built-in registry of datasets, or a file of it.
    #[error(transparent)]
    Fetch(#[from] crate::fetch::FetchError),
}

/// A file that can be read in two ways, each with the option that chooses it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ingest: `{key}`: {what} of {file} can be read in two ways: as {first}, or as {second}")]
pub struct Ambiguous {
    /// The key of the configuration that names the file.
    pub key: &'static str,
    /// The file.
    pub file: String,
    /// The part of it.
    pub what: String,
    /// One reading.
    pub first: String,
    /// The other.
    pub second: String,
}

impl IngestError {
    /// Error of a configuration.
    #[must_use]
    pub fn config(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Config { key, problem: problem.into() }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}
