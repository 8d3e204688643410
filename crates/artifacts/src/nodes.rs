use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;

use crate::table::{self, Table, optional, required};
use crate::{ArtifactError, Kind, NodeTypes, Provenance, Result};

/// Nodes of a graph: ids in the source, and class labels if any. Row `i` is node `i`.
///
/// Ids are strings in memory. In files they have their own type, see [`IdType`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    ids: Vec<String>,
    labels: Vec<Option<String>>,
    id_type: IdType,
    types: Option<NodeTypes>,
}

/// Type of ids in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdType {
    /// String ids.
    Text,
    /// Integers from -2^63 to 2^63 - 1.
    Integer,
}

impl Nodes {
    /// Creates nodes from one id and one optional label per node. Ids are of type [`IdType::Text`]; see
    /// [`Nodes::with_integer_ids`].
    ///
    /// # Errors
    /// Returns an error when the lengths differ or there are more nodes than a `u32` can index.
    pub fn new(ids: Vec<String>, labels: Vec<Option<String>>) -> Result<Self> {
        if ids.len() != labels.len() {
            return Err(ArtifactError::invalid(
                "nodes",
                format!("a label or null for each of {} ids", ids.len()),
                format!("{} labels", labels.len()),
            ));
        }
        if u32::try_from(ids.len()).is_err() {
            return Err(ArtifactError::invalid(
                "nodes",
                format!("at most {} nodes", u32::MAX),
                ids.len().to_string(),
            ));
        }
        Ok(Self { ids, labels, id_type: IdType::Text, types: None })
    }

    /// Converts ids to integer ids if every id is the decimal form of an `i64`: `7` and `-7` are, but a
    /// single id such as `007` or `+7` leaves all of them string ids.
    #[must_use]
    pub fn with_integer_ids(mut self) -> Self {
        if !self.is_empty() && self.ids.iter().all(|id| is_integer(id)) {
            self.id_type = IdType::Integer;
        }
        self
    }

    /// Adds the type of each node of a heterogeneous graph.
    ///
    /// # Errors
    /// Returns an error when the number of types differs from that of nodes.
    pub fn with_types(mut self, types: NodeTypes) -> Result<Self> {
        types.check(self.len())?;
        self.types = Some(types);
        Ok(self)
    }

    /// Returns the types of the nodes, if the graph is heterogeneous.
    #[must_use]
    pub fn types(&self) -> Option<&NodeTypes> {
        self.types.as_ref()
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the ids in the source, by node.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Returns the type of ids in files.
    #[must_use]
    pub fn id_type(&self) -> IdType {
        self.id_type
    }

    /// Returns the class labels, by node.
    #[must_use]
    pub fn labels(&self) -> &[Option<String>] {
        &self.labels
    }

    /// Returns the columns that identify the rows of files: `node` u32, `id` int64 or utf8, `label` utf8
    /// nullable.
    #[must_use]
    pub fn fields(id_type: IdType) -> Vec<Field> {
        let id = match id_type {
            IdType::Text => DataType::Utf8,
            IdType::Integer => DataType::Int64,
        };
        vec![
            required(
                "node",
                DataType::UInt32,
                "index of the node or sample: 0, 1, 2, ... in the order of `nodes.parquet`",
            ),
            required("id", id, "id in the source"),
            optional("label", DataType::Utf8, "class label, if there is one"),
        ]
    }

    /// Returns the column of node types, which is absent in graphs of one type.
    fn type_field() -> Field {
        required(
            "type",
            DataType::Utf8,
            "type of the node, such as `user`; heterogeneous graphs only",
        )
    }

    pub(crate) fn forms() -> Vec<Vec<Field>> {
        let plain = [IdType::Integer, IdType::Text].map(Self::fields);
        let typed = plain.clone().map(|mut fields| {
            fields.push(Self::type_field());
            fields
        });
        plain.into_iter().chain(typed).collect()
    }

    /// Returns a range of rows of the columns of [`Nodes::fields`].
    ///
    /// # Errors
    /// Returns an error when the text of a column exceeds Arrow's offsets (2 GiB).
    ///
    /// # Panics
    /// Panics when `rows` is not within `0..len`.
    pub fn columns(&self, rows: Range<usize>) -> Result<Vec<ArrayRef>, ArrowError> {
        let nodes = table::row_index(rows.start)..table::row_index(rows.end);
        let ids = &self.ids[rows.clone()];
        let ids: ArrayRef = match self.id_type {
            IdType::Text => table::strings("id", ids.iter().map(|id| Some(id.as_str())))?,
            // All ids parse, as ensured by `with_integer_ids`.
            IdType::Integer => {
                Arc::new(ids.iter().map(|id| id.parse::<i64>().ok()).collect::<Int64Array>())
            }
        };
        let labels = table::strings("label", self.labels[rows].iter().map(Option::as_deref))?;
        Ok(vec![Arc::new(UInt32Array::from_iter_values(nodes)), ids, labels])
    }

    /// Writes `nodes.parquet`: the columns of [`Nodes::fields`] and, if nodes have types, `type` utf8.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let mut columns =
            self.columns(0..self.len()).map_err(ArtifactError::encode("Parquet", path))?;
        let mut fields = Self::fields(self.id_type);
        if let Some(types) = &self.types {
            let names = (0..table::row_index(self.len())).map(|node| Some(types.name(node)));
            let names =
                table::strings("type", names).map_err(ArtifactError::encode("Parquet", path))?;
            fields.push(Self::type_field());
            columns.push(names);
        }
        table::write_parquet(path, Kind::Nodes, fields, columns, &[], provenance)
    }

    /// Reads a file of [`Nodes::write`], or a table with the same columns from another tool. Integers of any
    /// type that fit an `i64` become integer ids.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or `node` is not `0..N` in order.
    pub fn read(path: &Path) -> Result<Self> {
        let optional = [Self::type_field()];
        let fields = Self::fields(IdType::Text);
        let table = Table::read_parquet_with(path, Kind::Nodes, &fields, &optional)?;
        Self::check_order(&table, path)?;
        let ids = table.strings("id")?.into_iter().map(Option::unwrap_or_default).collect();
        let nodes = Self::new(ids, table.strings("label")?).map_err(|error| error.in_file(path))?;
        let integers = table.stored_type("id").is_some_and(DataType::is_integer);
        let nodes = if integers { nodes.with_integer_ids() } else { nodes };
        match Self::types_of(&table, path)? {
            Some(types) => nodes.with_types(types).map_err(|error| error.in_file(path)),
            None => Ok(nodes),
        }
    }

    /// Reads the node types of a file of [`Nodes::write`], if it has any.
    ///
    /// # Errors
    /// See [`Nodes::read`], except for the columns `id` and `label`, which are not read.
    pub fn read_types(path: &Path) -> Result<Option<NodeTypes>> {
        let fields = Self::fields(IdType::Text);
        let table =
            Table::read_parquet_with(path, Kind::Nodes, &fields[..1], &[Self::type_field()])?;
        Self::check_order(&table, path)?;
        Self::types_of(&table, path)
    }

    fn types_of(table: &Table, path: &Path) -> Result<Option<NodeTypes>> {
        if !table.has("type") {
            return Ok(None);
        }
        let names = table.strings("type")?.into_iter().map(Option::unwrap_or_default);
        let types = NodeTypes::new(&names.collect::<Vec<_>>());
        types.map(Some).map_err(|error| error.in_file(path))
    }

    /// Reads only the labels of a file of [`Nodes::write`].
    ///
    /// # Errors
    /// See [`Nodes::read`], except for the column `id`, which is not read.
    pub fn read_labels(path: &Path) -> Result<Vec<Option<String>>> {
        let mut fields = Self::fields(IdType::Text);
        fields.retain(|field| field.name() != "id");
        let table = Table::read_parquet(path, Kind::Nodes, &fields)?;
        Self::check_order(&table, path)?;
        table.strings("label")
    }

    /// Reads only the number of nodes of a file of [`Nodes::write`].
    ///
    /// # Errors
    /// See [`Nodes::read`], except for the columns `id` and `label`, which are not read.
    pub fn count(path: &Path) -> Result<usize> {
        let table = Table::read_parquet(path, Kind::Nodes, &Self::fields(IdType::Text)[..1])?;
        Self::check_order(&table, path)?;
        Ok(table.rows())
    }

    fn check_order(table: &Table, path: &Path) -> Result<()> {
        let index = table.u32s("node")?;
        if let Some(row) = (0..index.len()).find(|&row| index[row] as usize != row) {
            return Err(ArtifactError::invalid(
                "column `node`",
                format!("{row} in row {row} (0, 1, 2, ... in order)"),
                index[row].to_string(),
            )
            .in_file(path));
        }
        Ok(())
    }
}

/// Returns whether `text` is the decimal form of an `i64`.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = text == "0" || digits.starts_with(|first: char| ('1'..='9').contains(&first));
    plain && text.parse::<i64>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use arrow::array::{StringArray, UInt64Array};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;

    use super::*;

    fn nodes(ids: &[&str]) -> Nodes {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        let labels = vec![None; ids.len()];
        Nodes::new(ids, labels).expect("one label an id")
    }

    fn id_type(ids: &[&str]) -> IdType {
        nodes(ids).with_integer_ids().id_type()
    }

    #[test]
    fn integers_are_what_an_i64_prints_as() {
        let extremes = ["0", "-1", "7", "9223372036854775807", "-9223372036854775808"];
        assert_eq!(id_type(&extremes), IdType::Integer);
        for text in
            ["007", "+7", "-0", "-07", "", "-", "1.0", "1e3", "9223372036854775808", "\u{663}"]
        {
            assert_eq!(id_type(&["1", text]), IdType::Text, "{text:?}");
        }
        assert_eq!(id_type(&[]), IdType::Text);
        assert_eq!(nodes(&["1"]).id_type(), IdType::Text, "only where it is asked for");
    }

    proptest! {
        #[test]
        fn what_prints_as_itself_is_an_integer(text in "[-+]?0?[0-9]{0,20}") {
            let twin = text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
            prop_assert_eq!(is_integer(&text), twin);
        }
    }

    #[test]
    fn both_types_come_back_from_files_that_say_which() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("nodes.parquet");
        let integers = nodes(&["30", "-4", "5"]).with_integer_ids();
        for (nodes, expected) in [
            (integers, DataType::Int64),
            // As in all files before ids had types: numbers stored as text remain text.
            (nodes(&["30", "-4", "5"]), DataType::Utf8),
            (nodes(&["007", "7"]).with_integer_ids(), DataType::Utf8),
        ] {
            nodes.write(&path, &Provenance::of_stage("test")).expect("writes");
            let file = File::open(&path).expect("opens");
            let stored = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
            assert_eq!(stored.schema().field(1).data_type(), &expected);
            assert_eq!(Nodes::read(&path).expect("reads"), nodes);
        }
    }

    #[test]
    fn integers_of_other_tools_are_integers_where_they_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("nodes.parquet");
        for (ids, expected) in [([7, 8], IdType::Integer), ([7, u64::MAX], IdType::Text)] {
            let fields = vec![
                Field::new("id", DataType::UInt64, false),
                Field::new("node", DataType::UInt32, false),
                Field::new("label", DataType::Utf8, true),
            ];
            let columns: Vec<ArrayRef> = vec![
                Arc::new(UInt64Array::from(ids.to_vec())),
                Arc::new(UInt32Array::from(vec![0, 1])),
                Arc::new(StringArray::new_null(2)),
            ];
            let provenance = Provenance::of_stage("test");
            table::write_parquet(&path, Kind::Nodes, fields, columns, &[], &provenance)
                .expect("writes");
            let nodes = Nodes::read(&path).expect("reads");
            assert_eq!(
                (nodes.id_type(), nodes.ids()),
                (expected, &ids.map(|id| id.to_string())[..])
            );
        }
    }
}
