//! Single-stage commands: one stage alone, on the artifacts of a folder, so that any stage's input can come from another tool.

use std::path::Path;

use vgae_artifacts::DataKind;
use vgae_artifacts::{Provenance, Seed, names};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{Cache, FetchOptions};
use vgae_model::{Choice, Method, ModelConfig};
use vgae_split::SplitConfig;

use crate::metrics::data_kind_of_folder;
use crate::observe::tell;
use crate::stages::{self, Artifacts, Splitting, Training};
use crate::{Observer, PipelineError, RunMetrics, Stage, placement, store};

pub use crate::stages::Ingested;

fn here(folder: &Path) -> Artifacts {
    Artifacts(vec![folder.to_owned()])
}

fn misfit(stage: Stage) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> PipelineError {
    move |source| PipelineError::Check { pipeline: stage.to_string(), source }
}

/// Returns the kind of data in `folder`: samples, if it contains any, else a graph.
#[must_use]
pub fn data_kind(folder: &Path) -> DataKind {
    data_kind_of_folder(folder)
}

/// Returns the most accurate method for the data in a stage folder.
///
/// # Errors
/// When the folder is in use, or its audit cannot be read.
pub fn best_method(folder: &Path) -> Result<Choice, PipelineError> {
    let _lock = store::lock_of_run(folder)?;
    Ok(Method::best_for(&placement::size(data_kind(folder), folder)?))
}

/// Raw data to `nodes`, `edges` and `features`, or `nodes` and `samples`, and `audit` in `folder`.
///
/// # Errors
/// When the data cannot be fetched or read, or the folder cannot be written or holds data of the other
/// kind.
pub fn ingest(
    folder: &Path,
    config: &IngestConfig,
    cache: Option<&Cache>,
    options: &FetchOptions,
    observer: &mut dyn Observer,
) -> Result<Ingested, PipelineError> {
    let data_kind = config.data_kind().map_err(|error| misfit(Stage::Ingest)(error.into()))?;
    let is_new = !folder.exists();
    std::fs::create_dir_all(folder).map_err(PipelineError::io("create the folder", folder))?;
    let ingested = ingest_into(data_kind, folder, config, cache, options, observer);
    if is_new && ingested.is_err() {
        // An empty folder would be taken for a result.
        let _kept = std::fs::remove_dir(folder);
    }
    ingested
}

fn ingest_into(
    data_kind: DataKind,
    folder: &Path,
    config: &IngestConfig,
    cache: Option<&Cache>,
    options: &FetchOptions,
    observer: &mut dyn Observer,
) -> Result<Ingested, PipelineError> {
    let _lock = store::lock_of_run(folder)?;
    refuse_to_replace_input(folder, config)?;
    refuse_to_mix(folder, data_kind)?;
    let fetched = stages::fetch(config, cache, options, observer.fetch())
        .map_err(PipelineError::at(Stage::Ingest))?;
    let provenance = Provenance {
        dataset: config.dataset.clone(),
        ..Provenance::of_stage(Stage::Ingest.to_string())
    };
    stages::of(data_kind)
        .ingest(folder, config, Path::new("."), fetched.as_ref(), &provenance)
        .map_err(PipelineError::at(Stage::Ingest))
}

/// Later stages tell a graph from samples by the files in the folder.
fn refuse_to_mix(folder: &Path, data_kind: DataKind) -> Result<(), PipelineError> {
    let (own, other) = match data_kind {
        DataKind::Graph => ("a graph", names::SAMPLES),
        DataKind::Samples => ("samples", names::EDGES),
    };
    if !folder.join(other).exists() {
        return Ok(());
    }
    Err(PipelineError::Usage {
        what: folder.display().to_string(),
        expected: format!("a folder for {own}"),
        found: format!("one with {other}: choose another"),
    })
}

/// The graph's own tables must not be what the artifacts are written over.
pub(crate) fn refuse_to_replace_input(
    folder: &Path,
    config: &IngestConfig,
) -> Result<(), PipelineError> {
    let edges = config.edges.iter().map(|table| &table.path);
    let nodes = config.nodes.iter().map(|table| &table.path);
    let table = config.table.as_ref().map(|table| &table.path);
    for input in edges.chain(nodes).chain(table) {
        for name in [names::NODES, names::EDGES, names::FEATURES, names::SAMPLES, names::AUDIT] {
            let output = folder.join(name);
            if let (Ok(a), Ok(b)) = (input.canonicalize(), output.canonicalize())
                && a == b
            {
                return Err(PipelineError::Foreign { path: output });
            }
        }
    }
    Ok(())
}

/// `nodes` and `edges` to `split`, or `samples` to `sample-split`, and `certificate` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, the fractions do not fit, or the folder cannot be written.
pub fn split(folder: &Path, config: &SplitConfig, seed: Seed) -> Result<(), PipelineError> {
    let config = config.clone().check().map_err(|error| misfit(Stage::Split)(error.into()))?;
    let _lock = store::lock_of_run(folder)?;
    let provenance =
        Provenance { seed: Some(seed), ..Provenance::of_stage(Stage::Split.to_string()) };
    let data_kind = data_kind_of_folder(folder);
    let (data, base) = (&IngestConfig::default(), Path::new("."));
    let (hard, files, negatives) = (&[], None, None);
    let splitting = Splitting { config: &config, seed, hard, files, negatives, data, base };
    stages::of(data_kind)
        .split(&here(folder), folder, &splitting, &provenance)
        .map_err(PipelineError::at(Stage::Split))
}

/// `nodes`, `split` and `features`, or `samples` and `sample-split`, to `weights`, `latent` and `history` in
/// `folder`.
///
/// # Errors
/// When the method learns from data of the other kind, an input is missing or damaged, training fails, or
/// the folder cannot be written.
pub fn train(
    folder: &Path,
    config: &ModelConfig,
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<(), PipelineError> {
    let (data_kind, method) = (data_kind_of_folder(folder), config.method());
    if method.data() != data_kind {
        let data = folder.display().to_string();
        return Err(PipelineError::Misfit { data, data_kind, method });
    }
    let provenance = Provenance {
        method: Some(method.to_string()),
        seed: Some(seed),
        ..Provenance::of_stage(Stage::Train.to_string())
    };
    let _lock = store::lock_of_run(folder)?;
    let training = Training { config, seed, checkpoint: None, own_epochs: None, cancelled: None };
    stages::of(data_kind)
        .train(&here(folder), folder, &training, &mut tell(observer, 0), &provenance)
        .map_err(PipelineError::at(Stage::Train))?;
    Ok(())
}

/// `nodes`, `split` and `latent` to `metrics` and `scores`, or `nodes`, `samples`, `sample-split`, `weights`
/// and `latent` to `metrics`, in `folder`.
///
/// # Errors
/// When an input is missing or damaged, or the folder cannot be written.
pub fn eval(folder: &Path, config: &EvalConfig) -> Result<RunMetrics, PipelineError> {
    let _lock = store::lock_of_run(folder)?;
    let provenance = Provenance::of_stage(Stage::Eval.to_string());
    let data_kind = data_kind_of_folder(folder);
    stages::of(data_kind)
        .eval(&here(folder), folder, config, &provenance)
        .map_err(PipelineError::at(Stage::Eval))?;
    Ok(RunMetrics::read(folder, data_kind)?)
}

/// `nodes` and `latent` to `embeddings` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, or the folder cannot be written.
pub fn export(folder: &Path, config: &ExportConfig) -> Result<(), PipelineError> {
    let _lock = store::lock_of_run(folder)?;
    let provenance = Provenance::of_stage(Stage::Export.to_string());
    stages::export(&here(folder), folder, config, &provenance)
        .map_err(PipelineError::at(Stage::Export))
}
