//! Runs of a pipeline file, and their files.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use numpy::PyArray2;
use numpy::ndarray::ArrayView2;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pyo3::prelude::*;
use vgae::{Seed, Similarity};
use vgae_artifacts::{Embedding, SampleValues, Samples};
use vgae_ingest::fetch::{Cache, FetchOptions, FetchWatch};
use vgae_pipeline::query::{self, Wanted};
use vgae_pipeline::{Event, Observer, PipelineConfig, Plan, RunEvent, RunOptions, Stage};

use crate::arrays;
use crate::error::{invalid, to_py};
use crate::table::Table;
use crate::wait::{self, Progress, Shared};

/// Reports the progress of runs and downloads.
struct Watch<'a> {
    shared: &'a Shared,
    /// Number of runs.
    runs: usize,
    /// Number of finished runs.
    finished: usize,
    /// The run and stage under way, by the number of the run.
    under_way: HashMap<usize, (String, Option<Stage>)>,
    /// The file that is downloaded, its bytes so far, and in all.
    download: (String, u64, u64),
}

impl<'a> Watch<'a> {
    fn new(shared: &'a Shared) -> Self {
        let download = (String::new(), 0, 0);
        Self { shared, runs: 1, finished: 0, under_way: HashMap::new(), download }
    }

    /// Reports a run: epochs or steps that are done, their number, and the loss.
    fn show(&self, run: usize, done: u32, total: Option<u32>, loss: Option<f64>) {
        let Some((name, stage)) = self.under_way.get(&run) else { return };
        let stage = stage.map(|stage| format!(": {stage}")).unwrap_or_default();
        let runs = match self.runs {
            0 | 1 => String::new(),
            runs => format!("[{}/{runs} runs] ", self.finished),
        };
        let what = Some(format!("{runs}{name}{stage}"));
        let (done, total) = (done.into(), total.map(u64::from));
        self.shared.report(Progress { what, done, total, loss });
    }

    fn show_download(&self) {
        let (file, done, total) = &self.download;
        let (what, total) =
            (Some(format!("fetch {file}")), Some(*total).filter(|&total| total > 0));
        self.shared.report(Progress { what, done: *done, total, loss: None });
    }
}

impl Observer for Watch<'_> {
    fn event(&mut self, event: &Event<'_>) {
        let (run, event) = match *event {
            Event::Planned { runs, .. } => {
                self.runs = runs;
                return;
            }
            Event::Run { run, event } => (run, event),
            _ => return,
        };
        match event {
            RunEvent::Preparing { name } | RunEvent::Started { name, .. } => {
                self.under_way.insert(run, (name.to_owned(), None));
                self.show(run, 0, None, None);
            }
            RunEvent::StageStarted { stage } => {
                if let Some((_, now)) = self.under_way.get_mut(&run) {
                    *now = Some(stage);
                }
                self.show(run, 0, None, None);
            }
            RunEvent::Epoch { record, total } => {
                self.show(run, record.epoch, Some(total), Some(record.loss));
            }
            RunEvent::Step { done, total } => self.show(run, done, total, None),
            RunEvent::Finished { .. } => {
                self.finished += 1;
                self.show(run, 0, None, None);
                self.under_way.remove(&run);
            }
            _ => {}
        }
    }

    fn fetch(&mut self) -> &mut dyn FetchWatch {
        self
    }
}

impl FetchWatch for Watch<'_> {
    fn file_started(&mut self, dataset: &str, file: &str, source: &str, bytes: u64) {
        self.download = (format!("{dataset}/{file} from {source}"), 0, bytes);
        self.show_download();
    }

    fn bytes_arrived(&mut self, bytes: u64) {
        self.download.1 += bytes;
        self.show_download();
    }

    fn package_started(&mut self, source: &str) {
        self.download = (format!("the {source}"), 0, 0);
        self.show_download();
    }
}

/// Runs a pipeline file into `out`, and returns the folder and whether it is a grid. `progress` is called with the run
/// and stage or the file under way, the finished epochs, steps or bytes, their number or `None`, and the loss or `None`.
#[pyfunction]
#[pyo3(signature = (pipeline, out, seed, threads, offline, progress=None))]
pub(crate) fn run(
    py: Python<'_>,
    pipeline: PathBuf,
    out: Option<PathBuf>,
    seed: Option<u64>,
    threads: Option<NonZeroUsize>,
    offline: bool,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<(PathBuf, bool)> {
    let mut loaded = PipelineConfig::read(&pipeline).map_err(to_py)?;
    if let Some(seed) = seed {
        loaded.config.seed = Seed(seed);
    }
    let plan = Plan::new(loaded).map_err(to_py)?;
    let out = out.unwrap_or_else(|| PathBuf::from("out").join(&plan.name));
    let fetch = FetchOptions { offline, ..FetchOptions::default() };
    let cache = Cache::default_root().ok().map(Cache::new);
    wait::run(py, progress.as_ref(), |shared| {
        let (out, cancelled) = (out.clone(), Some(shared.cancelled()));
        let program = vgae_cli::PROGRAM.to_owned();
        let options = RunOptions { out, cache, fetch, threads, apart: false, cancelled, program };
        vgae_pipeline::run(&plan, &options, &mut Watch::new(shared))
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
    arrays::copy(py, embedding.mu())
}

/// Reads the samples of a run, `rows x columns`: bytes of pixels, or float32.
#[pyfunction]
pub(crate) fn read_samples(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let samples = py.detach(|| Samples::read(&path)).map_err(to_py)?;
    match samples.values() {
        SampleValues::Reals(matrix) => Ok(arrays::copy(py, matrix)?.into_any()),
        SampleValues::Bytes { columns, data } => {
            let shape = (samples.len(), *columns);
            let array = ArrayView2::from_shape(shape, data).map_err(to_py)?;
            Ok(PyArray2::from_array(py, &array).into_any())
        }
    }
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
