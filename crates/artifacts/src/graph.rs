use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float32Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table};
use crate::{ArtifactError, Kind, Pair, Provenance, Result};

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
        let index = table.u32s("node")?;
        if let Some(row) = (0..index.len()).find(|&row| index[row] as usize != row) {
            return Err(ArtifactError::invalid(
                "column `node`",
                format!("{row} in row {row} (0, 1, 2, ... in order)"),
                index[row].to_string(),
            )
            .in_file(path));
        }
        let ids = table.strings("id")?.into_iter().map(Option::unwrap_or_default).collect();
        Self::new(ids, table.strings("label")?).map_err(|error| error.in_file(path))
    }
}

/// The edges of a graph over `node_count` nodes: sorted, each once, no self-loops. Undirected edges have
/// `src < dst`.
#[derive(Debug, Clone, PartialEq)]
pub struct Edges {
    node_count: usize,
    directed: bool,
    pairs: Vec<Pair>,
    weights: Option<Vec<f32>>,
}

impl Edges {
    /// Undirected edges from pairs in any order and direction; duplicates are collapsed.
    ///
    /// # Errors
    /// On a self-loop or a node index that is not below `node_count`.
    pub fn undirected(node_count: usize, pairs: Vec<Pair>) -> Result<Self> {
        Self::sorted(node_count, false, pairs.into_iter().map(Pair::canonical).collect())
    }

    /// Directed edges from pairs in any order; duplicates are collapsed.
    ///
    /// # Errors
    /// On a self-loop or a node index that is not below `node_count`.
    pub fn directed(node_count: usize, pairs: Vec<Pair>) -> Result<Self> {
        Self::sorted(node_count, true, pairs)
    }

    fn sorted(node_count: usize, directed: bool, mut pairs: Vec<Pair>) -> Result<Self> {
        pairs.sort_unstable();
        pairs.dedup();
        Self::from_sorted(node_count, directed, pairs, None)
    }

    /// Takes edges that already are in stored form, with optional weights.
    ///
    /// # Errors
    /// When they are not: unsorted, repeated, a self-loop, an index out of range, `src > dst` in an
    /// undirected list, a weight that is not finite, or as many weights as there are no edges.
    pub fn from_sorted(
        node_count: usize,
        directed: bool,
        pairs: Vec<Pair>,
        weights: Option<Vec<f32>>,
    ) -> Result<Self> {
        let fault = |expected: &str, row: usize| {
            let Pair { src, dst } = pairs[row];
            Err(ArtifactError::invalid(
                format!("edge in row {row}"),
                expected,
                format!("({src}, {dst})"),
            ))
        };
        for (row, pair) in pairs.iter().enumerate() {
            if pair.src.max(pair.dst) as usize >= node_count {
                return fault(&format!("node indices below {node_count}"), row);
            }
            if pair.is_self_loop() {
                return fault("two different nodes", row);
            }
            if !directed && pair.src > pair.dst {
                return fault("src < dst (the edges are undirected)", row);
            }
            if row > 0 && pairs[row - 1] >= *pair {
                return fault("rows sorted by (src, dst), each once", row);
            }
        }
        if let Some(weights) = &weights {
            if weights.len() != pairs.len() {
                return Err(ArtifactError::invalid(
                    "edge weights",
                    format!("{} weights", pairs.len()),
                    weights.len().to_string(),
                ));
            }
            if let Some(row) = weights.iter().position(|weight| !weight.is_finite()) {
                return Err(ArtifactError::invalid(
                    format!("weight in row {row}"),
                    "a finite number",
                    weights[row].to_string(),
                ));
            }
        }
        Ok(Self { node_count, directed, pairs, weights })
    }

    /// The number of nodes of the graph.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// Whether `src -> dst` differs from `dst -> src`.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// The edges, sorted by `(src, dst)`.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The weights, one an edge, if the graph has any.
    #[must_use]
    pub fn weights(&self) -> Option<&[f32]> {
        self.weights.as_deref()
    }

    /// The edges with their direction forgotten: canonical, sorted, each once.
    #[must_use]
    pub fn undirected_pairs(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.pairs.iter().map(|pair| pair.canonical()).collect();
        if self.directed {
            pairs.sort_unstable();
            pairs.dedup();
        }
        pairs
    }

    fn fields() -> Vec<Field> {
        vec![
            Field::new("src", DataType::UInt32, false),
            Field::new("dst", DataType::UInt32, false),
            Field::new("weight", DataType::Float32, true),
        ]
    }

    /// Writes `edges.parquet`: `src` u32, `dst` u32, `weight` f32 nullable; whether they are directed
    /// and the number of nodes stand in the metadata.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let weights = match &self.weights {
            Some(weights) => Float32Array::from(weights.clone()),
            None => Float32Array::new_null(self.pairs.len()),
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(self.pairs.iter().map(|pair| pair.src))),
            Arc::new(UInt32Array::from_iter_values(self.pairs.iter().map(|pair| pair.dst))),
            Arc::new(weights),
        ];
        let facts =
            [("directed", self.directed.to_string()), ("node_count", self.node_count.to_string())];
        table::write_parquet(path, Kind::Edges, Self::fields(), columns, &facts, provenance)
    }

    /// Reads what [`Edges::write`] wrote, or a table of the same columns made by another tool (taken as
    /// undirected unless its metadata says `vgae.directed = true`).
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or breaks a rule of [`Edges::from_sorted`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Edges, &Self::fields())?;
        let pairs = table.pairs()?;
        let weights = table.f32s("weight")?;
        let weights = if weights.iter().all(Option::is_none) {
            None
        } else {
            Some(weights.into_iter().map(|weight| weight.unwrap_or(1.0)).collect())
        };
        let directed = table.fact("directed") == Some("true");
        Self::from_sorted(node_count, directed, pairs, weights).map_err(|error| error.in_file(path))
    }
}

/// Sparse node features: a `node_count x feature_count` matrix in compressed rows (CSR), every stored
/// value finite, columns ascending within a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    feature_count: usize,
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Features {
    /// Takes compressed rows: `row_starts` has one entry more than there are nodes.
    ///
    /// # Errors
    /// When the pointers do not add up, a column is not below `feature_count`, columns within a row are
    /// not ascending, or a value is NaN or infinite.
    pub fn from_rows(
        feature_count: usize,
        row_starts: Vec<usize>,
        columns: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self> {
        let sound = row_starts.first() == Some(&0)
            && row_starts.last() == Some(&columns.len())
            && columns.len() == values.len()
            && row_starts.is_sorted();
        if !sound {
            return Err(ArtifactError::invalid(
                "features",
                format!("row pointers from 0 up to {} entries", values.len()),
                format!(
                    "{} pointers from {:?} to {:?}, {} columns",
                    row_starts.len(),
                    row_starts.first(),
                    row_starts.last(),
                    columns.len()
                ),
            ));
        }
        for (node, bounds) in row_starts.windows(2).enumerate() {
            let row = bounds[0]..bounds[1];
            for at in row.clone() {
                let (column, value) = (columns[at], values[at]);
                if column as usize >= feature_count || (at > row.start && columns[at - 1] >= column)
                {
                    return Err(ArtifactError::invalid(
                        format!("features of node {node}"),
                        format!("ascending feature indices below {feature_count}"),
                        format!("index {column}"),
                    ));
                }
                if !value.is_finite() {
                    return Err(ArtifactError::invalid(
                        format!("feature {column} of node {node}"),
                        "a finite number",
                        value.to_string(),
                    ));
                }
            }
        }
        Ok(Self { feature_count, row_starts, columns, values })
    }

    /// The number of nodes (rows).
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// The number of features (columns).
    #[must_use]
    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    /// Where each row starts in [`Features::columns`] and [`Features::values`]; one more than rows.
    #[must_use]
    pub fn row_starts(&self) -> &[usize] {
        &self.row_starts
    }

    /// The column of each stored value.
    #[must_use]
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The stored values.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The stored entries of one node: `(feature, value)`.
    ///
    /// # Panics
    /// When `node` is not below the node count.
    pub fn row(&self, node: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let range = self.row_starts[node]..self.row_starts[node + 1];
        self.columns[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    fn fields() -> Vec<Field> {
        vec![
            Field::new("node", DataType::UInt32, false),
            Field::new("feature", DataType::UInt32, false),
            Field::new("value", DataType::Float32, false),
        ]
    }

    /// Writes `features.parquet`: `node` u32, `feature` u32, `value` f32, sorted; the shape stands in the
    /// metadata, since trailing nodes or features may be empty.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let mut nodes = Vec::with_capacity(self.values.len());
        for (node, bounds) in (0u32..).zip(self.row_starts.windows(2)) {
            nodes.extend(std::iter::repeat_n(node, bounds[1] - bounds[0]));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(nodes)),
            Arc::new(UInt32Array::from(self.columns.clone())),
            Arc::new(Float32Array::from(self.values.clone())),
        ];
        let facts = [
            ("node_count", self.node_count().to_string()),
            ("feature_count", self.feature_count.to_string()),
        ];
        table::write_parquet(path, Kind::Features, Self::fields(), columns, &facts, provenance)
    }

    /// Reads what [`Features::write`] wrote, or a table of the same columns made by another tool (whose
    /// number of features is then one more than the largest index).
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or breaks a rule of [`Features::from_rows`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Features, &Self::fields())?;
        let nodes = table.u32s("node")?;
        let columns = table.u32s("feature")?;
        let values: Vec<f32> =
            table.f32s("value")?.into_iter().map(Option::unwrap_or_default).collect();
        if !nodes.is_sorted() {
            return Err(ArtifactError::invalid(
                "column `node`",
                "rows sorted by node",
                "an unsorted column",
            )
            .in_file(path));
        }
        if let Some(&last) = nodes.last().filter(|&&last| last as usize >= node_count) {
            return Err(ArtifactError::invalid(
                "column `node`",
                format!("node indices below {node_count}"),
                last.to_string(),
            )
            .in_file(path));
        }
        let largest = columns.iter().max().map_or(0, |&largest| largest as usize + 1);
        let feature_count = table.count_fact("feature_count")?.unwrap_or(largest);
        let mut row_starts = vec![0usize; node_count + 1];
        for node in nodes {
            row_starts[node as usize + 1] += 1;
        }
        for node in 0..node_count {
            row_starts[node + 1] += row_starts[node];
        }
        Self::from_rows(feature_count, row_starts, columns, values)
            .map_err(|error| error.in_file(path))
    }
}

/// A graph as every later stage sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Who the nodes are.
    pub nodes: Nodes,
    /// How they are joined.
    pub edges: Edges,
    /// What is known of each, if anything.
    pub features: Option<Features>,
}

impl Graph {
    /// Joins the three tables.
    ///
    /// # Errors
    /// When they do not speak of the same number of nodes.
    pub fn new(nodes: Nodes, edges: Edges, features: Option<Features>) -> Result<Self> {
        let expected = nodes.len();
        let agree = |what: &str, found: usize| {
            if found == expected {
                Ok(())
            } else {
                Err(ArtifactError::invalid(what, format!("{expected} nodes"), found.to_string()))
            }
        };
        agree("edges", edges.node_count())?;
        if let Some(features) = &features {
            agree("features", features.node_count())?;
        }
        Ok(Self { nodes, edges, features })
    }

    /// The number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }
}

/// Column of booleans for the split and score tables.
pub(crate) fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}
