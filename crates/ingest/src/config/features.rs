//! Where the features of nodes stand.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{ColumnRef, FileOptions, FromPath, NaValues, TableFormat, table};
use crate::IngestError;

/// The features of nodes: columns of the node table, or a file of their own.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum NodeFeatures {
    /// Columns of the node table, in the order wanted. One of numbers is one feature, one of lists of
    /// numbers, all of one length, as many.
    Columns(Vec<ColumnRef>),
    /// A file of their own.
    File(FeatureTable),
}

/// A file of features: triplets of id, feature and value in any form of table, a matrix as numpy's `.npy`, or a
/// sparse one as scipy's `save_npz` writes it; a matrix has a row for each row of the node table, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureTable {
    /// The file; a relative path starts at the pipeline file's folder.
    pub path: PathBuf,
    /// Format of the file. By default by its content and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TableFormat>,
    /// Whether the first line has the names of columns. By default decided by the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Text between values, or `whitespace`. By default found in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Character around values, or `none` if quotes are letters like others. By default `"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Start of lines that are comments, or `none`. By default `#` and `%` in text, and `#`, `%` or `//` where the
    /// first line starts so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Encoding of text, as `latin1`. By default UTF-8, or that of the byte-order mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The column of node ids; the first column unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ColumnRef>,
    /// The column of features, the second unless named: whole numbers from 0, or names, which are numbered in
    /// the order of their first appearance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<ColumnRef>,
    /// The column of values; the third unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ColumnRef>,
}

table!(FeatureTable, "features", { id, feature, value });

/// A file of numpy or scipy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatrixFile {
    Npy,
    Npz,
}

impl FeatureTable {
    /// Whether the file is a matrix, by its name.
    pub(crate) fn matrix(&self) -> Option<MatrixFile> {
        let extension = self.path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "npy" => Some(MatrixFile::Npy),
            "npz" => Some(MatrixFile::Npz),
            _ => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), IngestError> {
        if self.matrix().is_none() {
            return self.file(&NaValues::default()).check();
        }
        if *self == Self::new(self.path.clone()) {
            return Ok(());
        }
        let problem = format!(
            "{} holds a matrix, which has no columns by name and needs no format: give its path alone",
            self.path.display()
        );
        Err(IngestError::config("features", problem))
    }
}

impl<'de> Deserialize<'de> for NodeFeatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Features;

        impl<'de> Visitor<'de> for Features {
            type Value = NodeFeatures;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "a list of columns, the path of a file of features, or a table with a `path`",
                )
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<NodeFeatures, E> {
                Ok(NodeFeatures::File(FeatureTable::new(path)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<NodeFeatures, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(NodeFeatures::Columns)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NodeFeatures, A::Error> {
                FeatureTable::deserialize(MapAccessDeserializer::new(map)).map(NodeFeatures::File)
            }
        }

        deserializer.deserialize_any(Features)
    }
}
