//! Files with the parts of a split.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ColumnRef, EdgeTable, FileOptions, NaValues, UnknownNodes, is_default, path_or_table,
    path_or_table_schema,
};
use crate::IngestError;

/// Files with the edges of each part of a split, and negatives. A pair is a row with two ids of nodes, in any
/// form that `[data] edges` can have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SplitFiles {
    /// Training edges: a path, or a table with the keys of `[data.edges]`. By default the edges of the graph in no
    /// other part.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "train.txt")]
    pub train: Option<EdgeTable>,
    /// Validation edges.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "valid.txt")]
    pub validation: Option<EdgeTable>,
    /// Test edges.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "test.txt")]
    pub test: Option<EdgeTable>,
    /// Validation negatives. By default drawn, as many as edges.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "valid_neg.txt")]
    pub validation_negative: Option<EdgeTable>,
    /// Test negatives. By default drawn, as many as edges.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "test_neg.txt")]
    pub test_negative: Option<EdgeTable>,
    /// One table with all parts in place of the files above, such as the edge table of `[data]`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<EdgeTable>", example = "edges.csv")]
    pub table: Option<EdgeTable>,
    /// Column of `table` with the part of each row: `train`, `val` (`valid`, `validation`) or `test`. By default
    /// the column `part` or `split`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ColumnRef>,
    /// Column of `table` with 1 or `true` for edges and 0 or `false` for negatives, or `none`. By default the
    /// column `positive`; without it all rows are edges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positive: Option<ColumnRef>,
    /// Treatment of an id that the graph lacks: `error`, or `drop` to leave the row out and count it.
    #[serde(skip_serializing_if = "is_default")]
    pub unknown_nodes: UnknownNodes,
}

/// Prefix of the keys of the files, for errors and readings.
const KEY: &str = "split.files";

impl SplitFiles {
    /// Checks that the options do not contradict each other. Reads no file.
    ///
    /// # Errors
    /// Returns an error when neither a file of validation or test edges nor a table is given, a table and files
    /// are given, or an option has no effect or contradicts another.
    pub fn check(&self) -> Result<(), IngestError> {
        let refuse = |problem: &str| Err(IngestError::config(KEY, problem));
        let has_files = self.files().next().is_some();
        match (&self.table, has_files) {
            (Some(_), true) => {
                return refuse(
                    "`table` contains all parts: remove it, or the files of single parts",
                );
            }
            (None, _) if self.part.is_some() || self.positive.is_some() => {
                return refuse(
                    "`part` and `positive` are columns of `table`: give `table`, or remove them",
                );
            }
            (None, _) if self.validation.is_none() && self.test.is_none() => {
                return refuse("no held-out edges are given: give `test`, `validation` or `table`");
            }
            _ => {}
        }
        let lacks_edges = |negatives: &Option<EdgeTable>, edges: &Option<EdgeTable>| {
            negatives.is_some() && edges.is_none()
        };
        if lacks_edges(&self.validation_negative, &self.validation) {
            return refuse("`validation_negative` needs `validation`: give both, or neither");
        }
        if lacks_edges(&self.test_negative, &self.test) {
            return refuse("`test_negative` needs `test`: give both, or neither");
        }
        if self.unknown_nodes == UnknownNodes::Add {
            return refuse("a split adds no nodes: set `unknown_nodes` to \"error\" or \"drop\"");
        }
        let na_values = NaValues::default();
        for (key, table) in self.tables() {
            Self::options(key, table, &na_values).check()?;
            if table.weight.is_some() {
                return refuse("edges have the weights of the graph: remove `weight`");
            }
            if table.src_type.is_some() != table.dst_type.is_some() {
                return refuse("one of `src_type` and `dst_type` is given: give both");
            }
        }
        Ok(())
    }

    /// Returns the files of single parts with their keys.
    fn files(&self) -> impl Iterator<Item = (&'static str, &EdgeTable)> {
        let files = [
            ("split.files.train", &self.train),
            ("split.files.validation", &self.validation),
            ("split.files.test", &self.test),
            ("split.files.validation_negative", &self.validation_negative),
            ("split.files.test_negative", &self.test_negative),
        ];
        files.into_iter().filter_map(|(key, file)| Some((key, file.as_ref()?)))
    }

    /// Returns all files with their keys.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&'static str, &EdgeTable)> {
        let table = self.table.iter().map(|table| ("split.files.table", table));
        self.files().chain(table)
    }

    /// Returns the options of a file.
    pub(crate) fn options<'a>(
        key: &'static str,
        table: &'a EdgeTable,
        na_values: &'a NaValues,
    ) -> FileOptions<'a> {
        FileOptions { key, ..table.file(na_values) }
    }
}
