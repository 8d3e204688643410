use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, optional, required};
use crate::{ArtifactError, Kind, Pair, Provenance, Result};

/// Edges of a graph over `node_count` nodes: sorted, distinct, without self-loops. Undirected edges have `src
/// < dst`.
#[derive(Debug, Clone, PartialEq)]
pub struct Edges {
    node_count: usize,
    directed: bool,
    pairs: Vec<Pair>,
    weights: Option<Vec<f32>>,
}

impl Edges {
    /// Creates undirected edges from pairs in any order and direction; duplicates are removed.
    ///
    /// # Errors
    /// Returns an error when a pair is a self-loop or a node index is not below `node_count`.
    pub fn undirected(node_count: usize, pairs: Vec<Pair>) -> Result<Self> {
        Self::sorted(node_count, false, pairs.into_iter().map(Pair::canonical).collect())
    }

    /// Creates directed edges from pairs in any order; duplicates are removed.
    ///
    /// # Errors
    /// Returns an error when a pair is a self-loop or a node index is not below `node_count`.
    pub fn directed(node_count: usize, pairs: Vec<Pair>) -> Result<Self> {
        Self::sorted(node_count, true, pairs)
    }

    fn sorted(node_count: usize, directed: bool, mut pairs: Vec<Pair>) -> Result<Self> {
        pairs.sort_unstable();
        pairs.dedup();
        Self::from_sorted(node_count, directed, pairs, None)
    }

    /// Validates edges in stored form, with optional weights.
    ///
    /// # Errors
    /// Returns an error when edges are unsorted, duplicate, self-loops or out of range, `src > dst` in an
    /// undirected list, a weight is not finite, or the number of weights differs from that of edges.
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
                return fault("distinct rows sorted by (src, dst)", row);
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

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// Returns whether edges have a direction.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// Returns the edges, sorted by `(src, dst)`.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Returns the weights, one per edge, if the graph is weighted.
    #[must_use]
    pub fn weights(&self) -> Option<&[f32]> {
        self.weights.as_deref()
    }

    /// Returns the edges as undirected pairs: canonical, sorted, distinct.
    #[must_use]
    pub fn undirected_pairs(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.pairs.iter().map(|pair| pair.canonical()).collect();
        if self.directed {
            pairs.sort_unstable();
            pairs.dedup();
        }
        pairs
    }

    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required("src", DataType::UInt32, "index of the first node"),
            required("dst", DataType::UInt32, "index of the second node"),
            optional("weight", DataType::Float32, "weight of the edge; null in unweighted graphs"),
        ]
    }

    /// Writes `edges.parquet`: `src` u32, `dst` u32, `weight` f32 nullable. The metadata contain the
    /// direction and the number of nodes.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
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

    /// Reads a file of [`Edges::write`], or a table with the same columns from another tool (undirected
    /// unless its metadata contain `vgae.directed = true`).
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or violates a rule of
    /// [`Edges::from_sorted`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Edges, &Self::fields())?;
        let pairs = table.pairs()?;
        let weights = if table.is_empty_column("weight")? {
            None
        } else {
            let weights = table.f32s("weight")?.into_iter();
            Some(weights.map(|weight| weight.unwrap_or(1.0)).collect())
        };
        let directed = table.fact("directed") == Some("true");
        Self::from_sorted(node_count, directed, pairs, weights).map_err(|error| error.in_file(path))
    }
}
