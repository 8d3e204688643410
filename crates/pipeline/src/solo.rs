//! One stage alone, on the artifacts of a folder, so that any stage's input can come from another tool.

use std::path::Path;

use vgae_artifacts::{Audit, Metrics, Provenance, Seed, names};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{self, Cache, FetchOptions, Registry};
use vgae_model::ModelConfig;
use vgae_split::SplitConfig;

use crate::stages::{self, Artifacts, Training};
use crate::{Observer, PipelineError, Stage, StageError};

fn failed<E: Into<StageError>>(stage: Stage) -> impl Fn(E) -> PipelineError {
    move |source| PipelineError::Stage { stage, run: None, source: source.into() }
}

fn here(folder: &Path) -> Artifacts {
    Artifacts(vec![folder.to_owned()])
}

fn misfit(stage: Stage) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> PipelineError {
    move |source| PipelineError::Check { pipeline: stage.to_string(), source }
}

/// Raw data to `nodes`, `edges`, `features` and `audit` in `folder`.
///
/// # Errors
/// When the data cannot be fetched or read, or the folder cannot be written.
pub fn ingest(
    folder: &Path,
    config: &IngestConfig,
    cache: &Cache,
    options: &FetchOptions,
    observer: &mut dyn Observer,
) -> Result<Audit, PipelineError> {
    config.check().map_err(|error| misfit(Stage::Ingest)(error.into()))?;
    std::fs::create_dir_all(folder).map_err(PipelineError::io("create the folder", folder))?;
    refuse_to_replace_input(folder, config)?;
    let fetched = vgae_ingest::needs_fetch(config)
        .map(|name| fetch::fetch(Registry::builtin(), name, cache, options, observer.fetch()))
        .transpose()
        .map_err(failed(Stage::Ingest))?;
    let (graph, audit) = vgae_ingest::load(config, Path::new("."), fetched.as_ref())
        .map_err(failed(Stage::Ingest))?;
    let provenance = Provenance {
        dataset: config.dataset.clone(),
        ..Provenance::of_stage(Stage::Ingest.name())
    };
    stages::write_graph(&graph, &audit, folder, &provenance).map_err(failed(Stage::Ingest))?;
    Ok(audit)
}

/// The graph's own tables must not be what the artifacts are written over.
fn refuse_to_replace_input(folder: &Path, config: &IngestConfig) -> Result<(), PipelineError> {
    let edges = config.edges.as_ref().map(|table| &table.path);
    let nodes = config.nodes.as_ref().map(|table| &table.path);
    for input in edges.into_iter().chain(nodes) {
        for name in [names::NODES, names::EDGES, names::FEATURES, names::AUDIT] {
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

/// `nodes` and `edges` to `split` and `certificate` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, the fractions do not fit, or the folder cannot be written.
pub fn split(folder: &Path, config: &SplitConfig, seed: Seed) -> Result<(), PipelineError> {
    let config = config.check().map_err(|error| misfit(Stage::Split)(error.into()))?;
    let provenance = Provenance { seed: Some(seed), ..Provenance::of_stage(Stage::Split.name()) };
    stages::split(&here(folder), folder, &config, seed, &provenance).map_err(failed(Stage::Split))
}

/// `nodes`, `split` and `features` to `weights`, `latent` and `history` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, training fails, or the folder cannot be written.
pub fn train(
    folder: &Path,
    config: &ModelConfig,
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<(), PipelineError> {
    let config = config.check().map_err(|error| misfit(Stage::Train)(error.into()))?;
    let provenance = Provenance {
        method: Some(config.get().method.to_string()),
        seed: Some(seed),
        ..Provenance::of_stage(Stage::Train.name())
    };
    let training = Training { config: &config, seed, checkpoint: None };
    stages::train(&here(folder), folder, &training, observer, &provenance)
        .map_err(failed(Stage::Train))?;
    Ok(())
}

/// `nodes`, `split` and `latent` to `metrics` and `scores` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, or the folder cannot be written.
pub fn eval(folder: &Path, config: &EvalConfig) -> Result<Metrics, PipelineError> {
    let provenance = Provenance::of_stage(Stage::Eval.name());
    stages::eval(&here(folder), folder, config, &provenance).map_err(failed(Stage::Eval))?;
    Ok(Metrics::read(&folder.join(names::METRICS))?)
}

/// `nodes` and `latent` to `embeddings` in `folder`.
///
/// # Errors
/// When an input is missing or damaged, or the folder cannot be written.
pub fn export(folder: &Path, config: &ExportConfig) -> Result<(), PipelineError> {
    let provenance = Provenance::of_stage(Stage::Export.name());
    stages::export(&here(folder), folder, config, &provenance).map_err(failed(Stage::Export))
}
