use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table};
use crate::{ArtifactError, Kind, Provenance, Result};

/// Who the nodes are: the source's own ids, and class labels where there are any. Row `i` is node `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    ids: Vec<String>,
    labels: Vec<Option<String>>,
}

impl Nodes {
    /// Takes one id and one optional label a node.
    ///
    /// # Errors
    /// When the lengths differ or there are more nodes than a `u32` can index.
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
        Ok(Self { ids, labels })
    }

    /// The number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The source's own ids, by node.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The class labels, by node.
    #[must_use]
    pub fn labels(&self) -> &[Option<String>] {
        &self.labels
    }

    fn fields() -> Vec<Field> {
        vec![
            Field::new("node", DataType::UInt32, false),
            Field::new("id", DataType::Utf8, false),
            Field::new("label", DataType::Utf8, true),
        ]
    }

    /// Writes `nodes.parquet`: `node` u32, `id` utf8, `label` utf8 nullable.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(0..table::row_index(self.len()))),
            Arc::new(StringArray::from_iter_values(&self.ids)),
            Arc::new(self.labels.iter().map(Option::as_deref).collect::<StringArray>()),
        ];
        table::write_parquet(path, Kind::Nodes, Self::fields(), columns, &[], provenance)
    }

    /// Reads what [`Nodes::write`] wrote, or a table of the same columns made by another tool.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or `node` is not `0..N` in order.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Nodes, &Self::fields())?;
        Self::check_order(&table, path)?;
        let ids = table.strings("id")?.into_iter().map(Option::unwrap_or_default).collect();
        Self::new(ids, table.strings("label")?).map_err(|error| error.in_file(path))
    }

    /// The labels in such a file, for those who need no ids.
    ///
    /// # Errors
    /// As [`Nodes::read`], but for the column `id`, which is not read.
    pub fn read_labels(path: &Path) -> Result<Vec<Option<String>>> {
        let mut fields = Self::fields();
        fields.retain(|field| field.name() != "id");
        let table = Table::read_parquet(path, Kind::Nodes, &fields)?;
        Self::check_order(&table, path)?;
        table.strings("label")
    }

    /// The number of nodes in such a file, for those who need no ids.
    ///
    /// # Errors
    /// As [`Nodes::read`], but for the columns `id` and `label`, which are not read.
    pub fn count(path: &Path) -> Result<usize> {
        let table = Table::read_parquet(path, Kind::Nodes, &Self::fields()[..1])?;
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
