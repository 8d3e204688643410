use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use vgae_artifacts::{Audit, Features, Graph, Pair};
use vgae_ingest::{IngestConfig, RawGraph, build_graph};

use crate::Error;

/// Builder of a graph in memory.
///
/// Nodes are numbered from 0 in the order of their first appearance; [`GraphBuilder::edges`] takes numbers that are in
/// use already, [`GraphBuilder::edges_by_id`] and [`GraphBuilder::edges_from_arrow`] take ids. Self-loops are dropped
/// and repeated edges are merged, as [`Audit`] counts.
///
/// ```
/// use vgae::GraphBuilder;
///
/// let (graph, audit) = GraphBuilder::new()
///     .edges_by_id([("ann", "bob"), ("bob", "cid"), ("bob", "ann"), ("cid", "cid")])
///     .dense_features(2, &[1.0, 0.0, 0.0, 1.0, 0.5, 0.5])?
///     .build_with_audit()?;
/// assert_eq!(graph.nodes.ids(), ["ann", "bob", "cid"]);
/// assert_eq!((audit.edges, audit.duplicates_collapsed, audit.self_loops_dropped), (2, 1, 1));
/// # Ok::<(), vgae::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct GraphBuilder {
    ids: Vec<String>,
    numbers: HashMap<String, u32>,
    edges: Vec<Pair>,
    /// Nodes that `edges` names by number.
    numbered: u32,
    features: Option<Features>,
    labels: Option<Vec<Option<String>>>,
    directed: bool,
}

impl GraphBuilder {
    /// Creates a builder without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds edges between numbered nodes. A node's id is its number.
    #[must_use]
    pub fn edges(mut self, edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        for (src, dst) in edges {
            self.numbered = self.numbered.max(src.max(dst).saturating_add(1));
            self.edges.push(Pair::new(src, dst));
        }
        self
    }

    /// Sets the least number of nodes, so that the last ones may be isolated.
    #[must_use]
    pub fn nodes(mut self, count: u32) -> Self {
        self.numbered = self.numbered.max(count);
        self
    }

    /// Adds edges between nodes with ids.
    #[must_use]
    pub fn edges_by_id<S: AsRef<str>>(mut self, edges: impl IntoIterator<Item = (S, S)>) -> Self {
        for (src, dst) in edges {
            let pair = Pair::new(self.number(src.as_ref()), self.number(dst.as_ref()));
            self.edges.push(pair);
        }
        self
    }

    /// Adds edges from two Arrow arrays of the same length: integers or strings, without nulls.
    ///
    /// # Errors
    /// When the lengths differ, or an array has another type or a null.
    pub fn edges_from_arrow(self, sources: &ArrayRef, targets: &ArrayRef) -> Result<Self, Error> {
        if sources.len() != targets.len() {
            return Err(Error::Ends { sources: sources.len(), targets: targets.len() });
        }
        let (sources, targets) = (ids(sources)?, ids(targets)?);
        Ok(self.edges_by_id(sources.into_iter().zip(targets)))
    }

    /// Sets node features: a row of `columns` values per node, in row-major order.
    ///
    /// # Errors
    /// When the number of values is no multiple of `columns`, or a value is not finite.
    pub fn dense_features(self, columns: usize, values: &[f32]) -> Result<Self, Error> {
        let (mut row_starts, mut indices, mut kept) = (vec![0], Vec::new(), Vec::new());
        for row in values.chunks(columns.max(1)) {
            for (column, &value) in (0u32..).zip(row).filter(|(_, value)| **value != 0.0) {
                indices.push(column);
                kept.push(value);
            }
            row_starts.push(kept.len());
        }
        if columns == 0 || !values.len().is_multiple_of(columns) {
            let expected = format!("a multiple of {columns} values");
            let found = values.len().to_string();
            return Err(vgae_artifacts::ArtifactError::invalid("features", expected, found).into());
        }
        self.sparse_features(columns, row_starts, indices, kept)
    }

    /// Sets node features as compressed rows: `row_starts` has a first entry 0 and one more per node, `indices` the
    /// ascending columns of each row.
    ///
    /// # Errors
    /// When the parts do not fit each other, or a value is not finite.
    pub fn sparse_features(
        mut self,
        columns: usize,
        row_starts: Vec<usize>,
        indices: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self, Error> {
        self.features = Some(Features::from_rows(columns, row_starts, indices, values)?);
        Ok(self)
    }

    /// Sets the class labels of the nodes, in their order.
    #[must_use]
    pub fn labels(mut self, labels: Vec<Option<String>>) -> Self {
        self.labels = Some(labels);
        self
    }

    /// Keeps the direction of edges.
    #[must_use]
    pub fn directed(mut self) -> Self {
        self.directed = true;
        self
    }

    /// Builds the graph.
    ///
    /// # Errors
    /// When there is no edge, or features or labels are of another number of nodes.
    pub fn build(self) -> Result<Graph, Error> {
        Ok(self.build_with_audit()?.0)
    }

    /// Builds the graph, and counts what was merged and dropped.
    ///
    /// # Errors
    /// As [`GraphBuilder::build`].
    pub fn build_with_audit(mut self) -> Result<(Graph, Audit), Error> {
        for number in u32::try_from(self.ids.len()).unwrap_or(u32::MAX)..self.numbered {
            self.ids.push(number.to_string());
        }
        let labels = self.labels.unwrap_or_else(|| vec![None; self.ids.len()]);
        let raw = RawGraph {
            ids: self.ids,
            labels,
            edges: self.edges,
            features: self.features,
            ..RawGraph::default()
        };
        let config = IngestConfig { directed: self.directed, ..IngestConfig::default() };
        Ok(build_graph(raw, &config)?)
    }

    /// The number of the node with an id; a new one if it is not known yet.
    fn number(&mut self, id: &str) -> u32 {
        if let Some(&number) = self.numbers.get(id) {
            return number;
        }
        let number = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id.to_owned());
        self.numbers.insert(id.to_owned(), number);
        number
    }
}

/// The ids in an array, as text.
fn ids(array: &ArrayRef) -> Result<Vec<String>, Error> {
    if array.null_count() > 0 {
        let found = format!("{} nulls", array.null_count());
        return Err(Error::Ids { found });
    }
    macro_rules! integers {
        ($kind:ty) => {
            array.as_primitive::<$kind>().values().iter().map(ToString::to_string).collect()
        };
    }
    Ok(match array.data_type() {
        DataType::Int8 => integers!(Int8Type),
        DataType::Int16 => integers!(Int16Type),
        DataType::Int32 => integers!(Int32Type),
        DataType::Int64 => integers!(Int64Type),
        DataType::UInt8 => integers!(UInt8Type),
        DataType::UInt16 => integers!(UInt16Type),
        DataType::UInt32 => integers!(UInt32Type),
        DataType::UInt64 => integers!(UInt64Type),
        DataType::Utf8 => array.as_string::<i32>().iter().flatten().map(str::to_owned).collect(),
        DataType::LargeUtf8 => {
            array.as_string::<i64>().iter().flatten().map(str::to_owned).collect()
        }
        DataType::Utf8View => array.as_string_view().iter().flatten().map(str::to_owned).collect(),
        other => return Err(Error::Ids { found: other.to_string() }),
    })
}
