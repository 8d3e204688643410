//! The five stages with files around them: read artifacts, call the stage's function, write artifacts.
//! Here what all data shares, and the choice by the kind of data: `graph` has the stages over graphs,
//! `samples` those over samples.
//!
//! Used by whole runs, whose inputs lie in several stored folders, and by the single-stage commands,
//! whose inputs lie in one.

use std::path::Path;
use std::time::Instant;

use vgae_artifacts::{Audit, DataKind, Embedding, Provenance, SampleAudit, names};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{self, Cache, FetchError, FetchOptions, FetchWatch, Fetched, Registry};
use vgae_report::Report;

use crate::PipelineError;
use crate::observe::Tell;
use crate::plan::RunPlan;
use crate::verify::recomputed::Recomputed;

mod artifacts;
mod callback;
mod given;
pub(crate) mod graph;
mod judged;
mod parts;
pub(crate) mod samples;

pub(crate) use artifacts::{Artifacts, Result, Splitting, Training};

/// Audit of ingest.
#[derive(Debug, Clone, PartialEq)]
pub enum Ingested {
    /// In a graph.
    Graph(Audit),
    /// In samples.
    Samples(SampleAudit),
}

/// Makes sure that the raw files of a known dataset are in the cache; not part of any stage's time.
pub(crate) fn fetch(
    config: &IngestConfig,
    cache: Option<&Cache>,
    options: &FetchOptions,
    watch: &mut dyn FetchWatch,
) -> Result<Option<Fetched>> {
    let Some(name) = vgae_ingest::needs_fetch(config) else { return Ok(None) };
    let cache = cache.ok_or(FetchError::NoCache)?;
    Ok(Some(fetch::fetch(Registry::builtin(), name, cache, options, watch)?))
}

/// The stages that differ by the kind of data, and what is checked and shown of a run.
pub(crate) trait DataStages {
    /// Raw data to `nodes`, `edges` and `features`, or `nodes` and `samples`, and `audit`.
    fn ingest(
        &self,
        out: &Path,
        config: &IngestConfig,
        base: &Path,
        fetched: Option<&Fetched>,
        provenance: &Provenance,
    ) -> Result<Ingested>;

    /// Edges to `split` and, where any are asked for, `hard-negatives`, or samples to `sample-split`; and
    /// `certificate`.
    fn split(
        &self,
        from: &Artifacts,
        out: &Path,
        splitting: &Splitting<'_>,
        provenance: &Provenance,
    ) -> Result<()>;

    /// Training edges or samples to `weights`, `latent` and `history`, or to `pair-model`. Returns the vectors,
    /// if there are any.
    fn train(
        &self,
        from: &Artifacts,
        out: &Path,
        training: &Training<'_>,
        tell: &mut Tell<'_>,
        provenance: &Provenance,
    ) -> Result<Option<Embedding>>;

    /// A trained model to `metrics`, and of graphs `scores` and `curves`.
    fn eval(
        &self,
        from: &Artifacts,
        out: &Path,
        config: &EvalConfig,
        provenance: &Provenance,
    ) -> Result<()>;

    /// The trained model and the training data to `latent`, without training.
    fn embed_again(
        &self,
        from: &Artifacts,
        out: &Path,
        training: &Training<'_>,
        provenance: &Provenance,
    ) -> Result<()>;

    /// Checks of a run folder besides executing its stages again: the name of each, and its fault if it has one.
    fn verify(&self, folder: &Path, run: &RunPlan) -> Vec<Recomputed>;

    /// The report of a run folder.
    fn report(&self, folder: &Path, stamp: String) -> Result<Report, PipelineError>;

    /// Hash of another run whose results the report of `folder` shows, if there is one.
    fn shown_beside(&self, folder: &Path) -> Result<Option<String>, PipelineError>;
}

/// The stages of a kind of data.
pub(crate) fn of(data_kind: DataKind) -> &'static dyn DataStages {
    match data_kind {
        DataKind::Graph => &graph::Graphs,
        DataKind::Samples => &samples::Tables,
    }
}

/// An embedding to the files that other tools open.
pub(crate) fn export(
    from: &Artifacts,
    out: &Path,
    config: &ExportConfig,
    provenance: &Provenance,
) -> Result<()> {
    if !from.path(names::LATENT).exists() && from.path(names::PAIR_MODEL).exists() {
        tracing::info!("the method scores pairs and has no vectors to export");
        return Ok(());
    }
    let nodes = from.nodes()?;
    let embedding = Embedding::read(&from.path(names::LATENT))?;
    vgae_export::write_embeddings(out, &nodes, &embedding, config, provenance)?;
    Ok(())
}

/// Runs `work` and returns its result with the seconds it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}
