//! The file formats of published datasets. A new one is a module with a reader and a line in [`FORMATS`].

use serde::{Deserialize, Deserializer, de::Error};
use vgae_artifacts::DataKind;

use crate::fetch::Dataset;
use crate::{IngestError, RawGraph, linqs, planetoid};

/// All of them.
static FORMATS: [&RawFormat; 3] = [&linqs::FORMAT, &planetoid::FORMAT, &IDX];

/// `idx`: images, `train-images-idx3-ubyte` and three more.
static IDX: RawFormat = RawFormat { name: "idx", reader: Reader::Samples };

/// The bytes of a dataset's file by its name.
pub type File<'a> = dyn Fn(&str) -> Result<Vec<u8>, IngestError> + 'a;

/// Reads the files of a dataset.
type Read<T> = fn(&Dataset, &File<'_>) -> Result<T, IngestError>;

/// A file format of published datasets.
#[derive(Debug)]
pub struct RawFormat {
    /// The name by which `data/sources.toml` refers to it.
    pub name: &'static str,
    pub(crate) reader: Reader,
}

/// The reader of a format.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    /// Nodes and edges.
    Graph {
        read: Read<RawGraph>,
        /// Whether edges have a direction.
        has_direction: bool,
        /// Explains the number of edges that papers quote, for this many entries of the file.
        quoted: fn(usize) -> String,
    },
    /// Rows of numbers, which `vgae-samples` reads.
    Samples,
}

impl RawFormat {
    /// Returns the kind of data in its files.
    #[must_use]
    pub const fn data_kind(&self) -> DataKind {
        match self.reader {
            Reader::Graph { .. } => DataKind::Graph,
            Reader::Samples => DataKind::Samples,
        }
    }
}

impl PartialEq for RawFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RawFormat {}

/// A format by its name.
pub(crate) fn by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<&'static RawFormat, D::Error> {
    let name = String::deserialize(deserializer)?;
    FORMATS.into_iter().find(|format| format.name == name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        D::Error::custom(format!("unknown format `{name}`, expected one of {}", names.join(", ")))
    })
}
