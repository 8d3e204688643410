//! Graphs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arrow::array::AsArray;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float32Type};
use numpy::{IntoPyArray, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use vgae_artifacts::{Audit, Edges, Features, IdType, Kind, Nodes, Pair, Provenance, json, names};
use vgae_ingest::{IngestConfig, RawGraph, build_graph};

use crate::error::{invalid, to_py};
use crate::files::{Files, pack, unpack};
use crate::ids::{ArrowIds, Column, GivenIds, Numbered, id_column, number};
use crate::table::{Table, Wanted, columns_of};

/// A graph with an index of its ids.
#[pyclass(frozen, module = "vgae._core")]
pub(crate) struct Graph {
    pub(crate) graph: Arc<vgae::Graph>,
    audit: Audit,
    index: OnceLock<Index>,
}

/// Nodes by their ids.
enum Index {
    Integers(HashMap<i64, u32>),
    Text(HashMap<String, u32>),
}

/// Node features from Python, in the order of the nodes.
#[derive(FromPyObject)]
pub(crate) enum GivenFeatures<'py> {
    Dense(PyReadonlyArray2<'py, f32>),
    /// Number of columns, row pointers, columns and values of compressed rows.
    Sparse(
        (usize, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f32>),
    ),
}

impl GivenFeatures<'_> {
    fn features(&self) -> PyResult<Features> {
        let contiguous = |error| invalid("features", "a contiguous array", error);
        match self {
            Self::Dense(array) => {
                let columns = array.as_array().ncols();
                let values = array.as_slice().map_err(contiguous)?;
                let (mut starts, mut indices, mut kept) = (vec![0], Vec::new(), Vec::new());
                for row in values.chunks(columns.max(1)) {
                    for (column, &value) in (0u32..).zip(row).filter(|(_, value)| **value != 0.0) {
                        indices.push(column);
                        kept.push(value);
                    }
                    starts.push(kept.len());
                }
                Features::from_rows(columns, starts, indices, kept).map_err(to_py)
            }
            Self::Sparse((columns, starts, indices, values)) => {
                let starts = starts.as_slice().map_err(contiguous)?.iter();
                let starts = starts.map(|&start| usize::try_from(start)).collect::<Result<_, _>>();
                let starts = starts
                    .map_err(|_| invalid("features", "row pointers from 0", "a negative one"))?;
                let indices = indices.as_slice().map_err(contiguous)?.to_vec();
                let values = values.as_slice().map_err(contiguous)?.to_vec();
                Features::from_rows(*columns, starts, indices, values).map_err(to_py)
            }
        }
    }
}

/// Properties of a graph besides its edges.
struct Rest {
    features: Option<Features>,
    labels: Option<Vec<Option<String>>>,
    directed: bool,
}

fn build(
    ends: [Column<'_>; 2],
    nodes: Option<Column<'_>>,
    weights: Option<Vec<f32>>,
    rest: Rest,
) -> PyResult<Graph> {
    let Numbered { ends, ids, are_text } = number(ends, nodes)?;
    if let Some(found) = weights.as_ref().map(Vec::len).filter(|&found| found != ends.pairs.len()) {
        return Err(invalid(
            "weights",
            &format!("one for each of {} edges", ends.pairs.len()),
            found,
        ));
    }
    if let Some(at) = weights.iter().flatten().position(|weight| !weight.is_finite()) {
        return Err(invalid("weights", "finite numbers", format!("another in row {at}")));
    }
    let Rest { features, labels, directed } = rest;
    let labels = labels.unwrap_or_else(|| vec![None; ids.len()]);
    let edges = ends.pairs;
    let ids_are_text = are_text;
    let raw =
        RawGraph { ids, ids_are_text, labels, edges, weights, features, ..RawGraph::default() };
    let config = IngestConfig { directed, ..IngestConfig::default() };
    let (graph, audit) = build_graph(raw, &config).map_err(to_py)?;
    Ok(Graph::new(graph, audit))
}

impl Graph {
    fn new(graph: vgae::Graph, audit: Audit) -> Self {
        Self { graph: Arc::new(graph), audit, index: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let ids = self.graph.nodes.ids().iter();
            match self.graph.nodes.id_type() {
                IdType::Integer => Index::Integers(
                    ids.zip(0..).filter_map(|(id, node)| Some((id.parse().ok()?, node))).collect(),
                ),
                IdType::Text => Index::Text(ids.cloned().zip(0..).collect()),
            }
        })
    }

    /// The nodes with these ids.
    pub(crate) fn nodes_of(&self, ids: &Column<'_>) -> PyResult<Vec<u32>> {
        let unknown = |id: &dyn std::fmt::Display| {
            invalid("id", "the id of a node of the graph", format!("`{id}`"))
        };
        match (self.index(), ids) {
            (Index::Integers(index), Column::Integers(ids)) => {
                ids.iter().map(|id| index.get(id).copied().ok_or_else(|| unknown(id))).collect()
            }
            (Index::Text(index), Column::Text(texts)) => {
                let texts = (0..texts.len()).map(|at| texts.get(at));
                texts.map(|id| index.get(id).copied().ok_or_else(|| unknown(&id))).collect()
            }
            (Index::Integers(_), Column::Text(_)) => {
                Err(invalid("id", "integers, as the ids of the graph are", "strings"))
            }
            (Index::Text(_), Column::Integers(_)) => {
                Err(invalid("id", "strings, as the ids of the graph are", "integers"))
            }
        }
    }

    /// Pairs of nodes with these ids.
    pub(crate) fn pairs_of(&self, src: &Column<'_>, dst: &Column<'_>) -> PyResult<Vec<Pair>> {
        let (src, dst) = (self.nodes_of(src)?, self.nodes_of(dst)?);
        if src.len() != dst.len() {
            return Err(invalid(
                "pairs",
                &format!("as many targets as sources ({})", src.len()),
                dst.len(),
            ));
        }
        Ok(src.into_iter().zip(dst).map(|(src, dst)| Pair::new(src, dst)).collect())
    }

    /// Reads the graph in the folder of a run.
    pub(crate) fn read(folder: &Path) -> PyResult<Self> {
        let nodes = Nodes::read(&folder.join(names::NODES)).map_err(to_py)?;
        let edges = Edges::read(&folder.join(names::EDGES), nodes.len()).map_err(to_py)?;
        let features = folder.join(names::FEATURES);
        let features = match features.exists() {
            true => Some(Features::read(&features, nodes.len()).map_err(to_py)?),
            false => None,
        };
        let audit = json::read(&folder.join(names::AUDIT), Kind::Audit).map_err(to_py)?;
        Ok(Self::new(vgae::Graph::new(nodes, edges, features).map_err(to_py)?, audit))
    }

    fn write(&self, folder: &Path) -> PyResult<()> {
        let provenance = Provenance::of_stage("ingest");
        let vgae::Graph { nodes, edges, features, .. } = &*self.graph;
        nodes.write(&folder.join(names::NODES), &provenance).map_err(to_py)?;
        edges.write(&folder.join(names::EDGES), &provenance).map_err(to_py)?;
        if let Some(features) = features {
            features.write(&folder.join(names::FEATURES), &provenance).map_err(to_py)?;
        }
        let path = folder.join(names::AUDIT);
        json::write(&path, Kind::Audit, &self.audit, &provenance).map_err(to_py)
    }
}

#[pymethods]
impl Graph {
    /// Builds a graph from columns of ids.
    #[staticmethod]
    #[pyo3(signature = (src, dst, nodes, weights, features, labels, directed))]
    fn from_ids(
        py: Python<'_>,
        src: GivenIds<'_>,
        dst: GivenIds<'_>,
        nodes: Option<GivenIds<'_>>,
        weights: Option<PyReadonlyArray1<'_, f32>>,
        features: Option<GivenFeatures<'_>>,
        labels: Option<Vec<Option<String>>>,
        directed: bool,
    ) -> PyResult<Self> {
        let ends = [src.column("edges")?, dst.column("edges")?];
        let nodes = nodes.as_ref().map(|nodes| nodes.column("nodes")).transpose()?;
        let contiguous = |error| invalid("weights", "a contiguous array", error);
        let weights = weights.map(|weights| weights.as_slice().map(<[f32]>::to_vec)).transpose();
        let weights = weights.map_err(contiguous)?;
        let features = features.as_ref().map(GivenFeatures::features).transpose()?;
        py.detach(|| build(ends, nodes, weights, Rest { features, labels, directed }))
    }

    /// Builds a graph from a table with `__arrow_c_stream__`. Columns without a name are the first two.
    #[staticmethod]
    #[pyo3(signature = (table, source, target, weight, nodes, features, labels, directed))]
    fn from_arrow(
        table: &Bound<'_, PyAny>,
        source: Option<String>,
        target: Option<String>,
        weight: Option<String>,
        nodes: Option<GivenIds<'_>>,
        features: Option<GivenFeatures<'_>>,
        labels: Option<Vec<Option<String>>>,
        directed: bool,
    ) -> PyResult<Self> {
        let py = table.py();
        let mut wanted = vec![
            source.map_or(Wanted::Place(0), Wanted::Name),
            target.map_or(Wanted::Place(1), Wanted::Name),
        ];
        wanted.extend(weight.map(Wanted::Name));
        let mut columns = columns_of(table, &wanted)?;
        let weights = match columns.get(2) {
            None => None,
            Some(weights) if weights.null_count() > 0 => {
                let found = format!("{} nulls", weights.null_count());
                return Err(invalid("weights", "a column without nulls", found));
            }
            Some(weights) => {
                let options = CastOptions { safe: false, ..CastOptions::default() };
                let cast = cast_with_options(weights, &DataType::Float32, &options);
                let cast =
                    cast.map_err(|error| invalid("weights", "a column of numbers", error))?;
                Some(cast.as_primitive::<Float32Type>().values().to_vec())
            }
        };
        columns.truncate(2);
        let nodes = nodes.as_ref().map(|nodes| nodes.column("nodes")).transpose()?;
        let features = features.as_ref().map(GivenFeatures::features).transpose()?;
        py.detach(|| {
            let src = ArrowIds::new("edges", &columns[0])?;
            let dst = ArrowIds::new("edges", &columns[1])?;
            let ends = [src.column(), dst.column()];
            build(ends, nodes, weights, Rest { features, labels, directed })
        })
    }

    /// Reads the graph in the folder of a run.
    #[staticmethod]
    fn from_folder(folder: std::path::PathBuf) -> PyResult<Self> {
        Self::read(&folder)
    }

    #[staticmethod]
    fn from_state(files: Files<'_>) -> PyResult<Self> {
        unpack(&files, Self::read)
    }

    fn state<'py>(&self, py: Python<'py>) -> PyResult<Files<'py>> {
        pack(py, |folder| self.write(folder))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Files<'py>,))> {
        let restore = slf.get_type().getattr("from_state")?;
        Ok((restore, (slf.get().state(slf.py())?,)))
    }

    #[getter]
    fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    #[getter]
    fn edge_count(&self) -> usize {
        self.graph.edges.pairs().len()
    }

    #[getter]
    fn feature_count(&self) -> usize {
        self.graph.features.as_ref().map_or(0, Features::feature_count)
    }

    #[getter]
    fn directed(&self) -> bool {
        self.graph.edges.is_directed()
    }

    /// The ids: a numpy array of int64, or a list of strings.
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let ids = self.graph.nodes.ids();
        match self.graph.nodes.id_type() {
            IdType::Integer => {
                let ids: Vec<i64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
                Ok(ids.into_pyarray(py).into_any())
            }
            IdType::Text => ids.into_pyobject(py),
        }
    }

    /// The labels by node, `None` where there is none.
    fn labels(&self) -> Vec<Option<String>> {
        self.graph.nodes.labels().to_vec()
    }

    /// Counts of what was merged and dropped, as JSON.
    fn audit(&self) -> PyResult<String> {
        serde_json::to_string(&self.audit).map_err(to_py)
    }

    /// The edges: `source`, `target` and, if edges have weights, `weight`.
    fn edges(&self) -> PyResult<Table> {
        let pairs = self.graph.edges.pairs();
        let mut columns = vec![
            ("source", id_column(&self.graph, pairs.iter().map(|pair| pair.src))),
            ("target", id_column(&self.graph, pairs.iter().map(|pair| pair.dst))),
        ];
        if let Some(weights) = self.graph.edges.weights() {
            columns.push(("weight", Arc::new(arrow::array::Float32Array::from(weights.to_vec()))));
        }
        Table::of_columns(columns)
    }

    /// The edges by node number: two arrays.
    fn edge_index<'py>(&self, py: Python<'py>) -> [Bound<'py, PyAny>; 2] {
        let pairs = self.graph.edges.pairs();
        let end = |of: fn(&Pair) -> u32| {
            pairs.iter().map(of).collect::<Vec<u32>>().into_pyarray(py).into_any()
        };
        [end(|pair| pair.src), end(|pair| pair.dst)]
    }

    /// The numbers of the nodes with these ids.
    fn numbers<'py>(&self, py: Python<'py>, ids: GivenIds<'_>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.nodes_of(&ids.column("ids")?)?.into_pyarray(py).into_any())
    }
}
