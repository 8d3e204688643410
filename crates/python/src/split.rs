//! Splits of the edges of a graph.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{BooleanArray, StringArray};
use pyo3::prelude::*;
use vgae::{EdgeSplit, Seed, SplitConfig};
use vgae_artifacts::{Pair, Provenance, names};

use crate::error::{invalid, to_py};
use crate::files::{Files, pack, unpack};
use crate::graph::Graph;
use crate::ids::id_column;
use crate::table::Table;

/// A graph with a split of its edges.
#[pyclass(frozen, module = "vgae._core")]
pub(crate) struct Split {
    pub(crate) graph: Py<Graph>,
    pub(crate) split: Arc<EdgeSplit>,
}

impl Split {
    /// Reads the split in the folder of a run.
    pub(crate) fn read(graph: Py<Graph>, folder: &Path) -> PyResult<Self> {
        let nodes = graph.get().graph.node_count();
        let split = EdgeSplit::read(&folder.join(names::SPLIT), nodes).map_err(to_py)?;
        Ok(Self { graph, split: Arc::new(split) })
    }
}

#[pymethods]
impl Split {
    /// Holds out fractions of the edges. `options` is an object of JSON with the keys of `[split]`.
    #[staticmethod]
    fn of(py: Python<'_>, graph: Py<Graph>, options: &str, seed: u64) -> PyResult<Self> {
        let config: SplitConfig = serde_json::from_str(options)
            .map_err(|error| invalid("split", "the keys of `[split]`", error))?;
        let data = graph.get().graph.clone();
        let split = py.detach(|| {
            let config = config.check().map_err(to_py)?;
            let types = data.nodes.types();
            vgae_split::split_typed_edges(&data.edges, types, &config, Seed(seed)).map_err(to_py)
        })?;
        Ok(Self { graph, split: Arc::new(split) })
    }

    /// Holds out nothing. Edges keep their direction if `directed`.
    #[staticmethod]
    fn whole(py: Python<'_>, graph: Py<Graph>, directed: bool) -> PyResult<Self> {
        let data = graph.get().graph.clone();
        let split =
            py.detach(|| vgae_split::hold_out_nothing(&data.edges, directed)).map_err(to_py)?;
        Ok(Self { graph, split: Arc::new(split) })
    }

    /// Reads the split in the folder of a run over `graph`.
    #[staticmethod]
    fn from_folder(graph: Py<Graph>, folder: std::path::PathBuf) -> PyResult<Self> {
        Self::read(graph, &folder)
    }

    #[staticmethod]
    fn from_state(graph: Py<Graph>, files: Files<'_>) -> PyResult<Self> {
        unpack(&files, |folder| Self::read(graph, folder))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Py<Graph>, Files<'py>))> {
        let py = slf.py();
        let this = slf.get();
        let provenance = Provenance::of_stage("split");
        let write = |folder: &Path| {
            this.split.write(&folder.join(names::SPLIT), &provenance).map_err(to_py)
        };
        let state = (this.graph.clone_ref(py), pack(py, write)?);
        Ok((slf.get_type().getattr("from_state")?, state))
    }

    #[getter]
    fn graph(&self, py: Python<'_>) -> Py<Graph> {
        self.graph.clone_ref(py)
    }

    /// Whether edges and pairs have a direction.
    #[getter]
    fn directed(&self) -> bool {
        self.split.is_directed()
    }

    /// Numbers of training, validation and test edges.
    #[getter]
    fn sizes(&self) -> [usize; 3] {
        let split = &self.split;
        [split.train().len(), split.validation().positive.len(), split.test().positive.len()]
    }

    /// All pairs: `source`, `target`, `part` (train, val or test), `positive`.
    fn pairs(&self) -> PyResult<Table> {
        let rows: Vec<_> = self.split.rows().collect();
        let graph = &self.graph.get().graph;
        let end = |of: fn(&Pair) -> u32| id_column(graph, rows.iter().map(|(_, _, pair)| of(pair)));
        let parts = rows.iter().map(|(part, ..)| <&str>::from(*part));
        let positive: Vec<bool> = rows.iter().map(|(_, positive, _)| *positive).collect();
        Table::of_columns(vec![
            ("source", end(|pair| pair.src)),
            ("target", end(|pair| pair.dst)),
            ("part", Arc::new(StringArray::from_iter_values(parts))),
            ("positive", Arc::new(BooleanArray::from(positive))),
        ])
    }
}
