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

/// A file of features: a table of rows or of triplets, a matrix as numpy's `.npy`, or a sparse one as scipy's
/// `save_npz` writes it; a matrix has a row for each row of the node table, in its order.
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
    /// Whether a row has all features of a node or one of them. By default by the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<FeatureLayout>,
    /// The column of node ids. By default of triplets the first; of rows the one called `id` or the like, or the
    /// first if its values are ids of nodes, each once. Rows without ids are in the order of the node table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ColumnRef>,
    /// The column of features among triplets, the second unless named: whole numbers from 0, or names, which are
    /// numbered in the order of their first appearance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<ColumnRef>,
    /// The column of values among triplets, the third unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ColumnRef>,
}

table!(FeatureTable, "features", { layout, id, feature, value });

/// Layout of a table of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureLayout {
    /// A row has all features of a node.
    Rows,
    /// A row has one feature of a node: id, feature, value.
    Triplets,
}

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
            let names_triplets = self.feature.is_some() || self.value.is_some();
            if self.layout == Some(FeatureLayout::Rows) && names_triplets {
                let problem = "`feature` and `value` are columns of triplets: remove them, or `layout = \"rows\"`";
                return Err(IngestError::config("features", problem));
            }
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
