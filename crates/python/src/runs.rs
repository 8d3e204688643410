//! Runs of a pipeline file, and their files.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use numpy::PyArray2;
use numpy::ndarray::ArrayView2;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pyo3::prelude::*;
use vgae::{Seed, Similarity};
use vgae_artifacts::Embedding;
use vgae_ingest::fetch::{Cache, FetchOptions, FetchWatch};
use vgae_pipeline::query::{self, Wanted};
use vgae_pipeline::{Event, Observer, PipelineConfig, Plan, RunOptions};

use crate::error::{invalid, to_py};
use crate::table::Table;
use crate::wait;

/// An observer that ignores all events.
struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: &Event<'_>) {}

    fn fetch(&mut self) -> &mut dyn FetchWatch {
        self
    }
}

impl FetchWatch for Silent {}

/// Runs a pipeline file into `out`, and returns the folder and whether it is a grid.
#[pyfunction]
#[pyo3(signature = (pipeline, out, seed, threads, offline))]
pub(crate) fn run(
    py: Python<'_>,
    pipeline: PathBuf,
    out: Option<PathBuf>,
    seed: Option<u64>,
    threads: Option<NonZeroUsize>,
    offline: bool,
) -> PyResult<(PathBuf, bool)> {
    let mut loaded = PipelineConfig::read(&pipeline).map_err(to_py)?;
    if let Some(seed) = seed {
        loaded.config.seed = Seed(seed);
    }
    let plan = Plan::new(loaded).map_err(to_py)?;
    let out = out.unwrap_or_else(|| PathBuf::from("out").join(&plan.name));
    let fetch = FetchOptions { offline, ..FetchOptions::default() };
    let cache = Cache::default_root().ok().map(Cache::new);
    wait::run(py, None, |shared| {
        let (out, cancelled) = (out.clone(), Some(shared.cancelled()));
        let program = vgae_cli::PROGRAM.to_owned();
        let options = RunOptions { out, cache, fetch, threads, apart: false, cancelled, program };
        vgae_pipeline::run(&plan, &options, &mut Silent)
    })?
    .map_err(to_py)?;
    Ok((out, plan.is_grid))
}

/// Reads a Parquet file.
#[pyfunction]
pub(crate) fn read_parquet(py: Python<'_>, path: PathBuf) -> PyResult<Table> {
    py.detach(|| {
        let file = std::fs::File::open(&path)
            .map_err(|error| invalid(&path.display().to_string(), "a readable file", error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(to_py)?;
        let schema = reader.schema().clone();
        let batches = reader.build().map_err(to_py)?.collect::<Result<Vec<_>, _>>();
        Ok(Table::new(schema, batches.map_err(to_py)?))
    })
}

/// Reads the embedding of a run: the mean of each node, `N x latent`.
#[pyfunction]
pub(crate) fn read_embedding(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyArray2<f32>>> {
    let embedding = py.detach(|| Embedding::read(&path)).map_err(to_py)?;
    let mu = embedding.mu();
    let array = ArrayView2::from_shape((mu.rows(), mu.cols()), mu.as_slice()).map_err(to_py)?;
    Ok(PyArray2::from_array(py, &array))
}

/// The table that `vgae predict` writes.
#[pyfunction]
pub(crate) fn predict(
    py: Python<'_>,
    folder: PathBuf,
    count: usize,
    missing: Option<usize>,
) -> PyResult<Table> {
    written(py, |out| {
        let wanted = Wanted { count, ids: None, missing };
        query::predict(&folder, wanted, Some(out)).map(drop)
    })
}

/// The table that `vgae neighbors` writes.
#[pyfunction]
pub(crate) fn neighbors(
    py: Python<'_>,
    folder: PathBuf,
    id: &str,
    by: &str,
    count: usize,
) -> PyResult<Table> {
    let by: Similarity =
        by.parse().map_err(|_| invalid("by", "`logit` or `cosine`", format!("{by:?}")))?;
    written(py, |out| query::neighbors(&folder, id, by, count, Some(out)).map(drop))
}

/// Reads the Parquet file that `query` writes.
fn written(
    py: Python<'_>,
    query: impl FnOnce(&std::path::Path) -> Result<(), vgae_pipeline::PipelineError> + Send,
) -> PyResult<Table> {
    let folder = tempfile::tempdir().map_err(to_py)?;
    let out = folder.path().join("table.parquet");
    wait::run(py, None, |_| query(&out))?.map_err(to_py)?;
    read_parquet(py, out)
}
