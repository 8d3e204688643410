//! The five stages with files around them: read artifacts, call the stage's function, write artifacts.
//! Here what all data shares, and the choice by the kind of data: `graph` has the stages over graphs,
//! `samples` those over samples.
//!
//! Used by whole runs, whose inputs lie in several stored folders, and by the single-stage commands,
//! whose inputs lie in one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use vgae_artifacts::{
    Audit, DataKind, Embedding, Features, Nodes, Provenance, SampleAudit, Seed, names,
};
use vgae_eval::{EvalConfig, NegativeSet};
use vgae_export::ExportConfig;
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{self, Cache, FetchOptions, FetchWatch, Fetched, Registry};
use vgae_model::CheckedModelConfig;
use vgae_report::Report;
use vgae_split::CheckedSplitConfig;

use crate::manifest::Manifest;
use crate::observe::Tell;
use crate::verify::Recomputed;
use crate::{PipelineError, StageError};

mod callback;
pub(crate) mod graph;
pub(crate) mod samples;

type Result<T, E = StageError> = std::result::Result<T, E>;

/// Folders in which artifacts are looked for, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Artifacts(pub(crate) Vec<PathBuf>);

impl Artifacts {
    /// Where the artifact of that name is, or would be expected.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let candidates = || self.0.iter().map(|folder| folder.join(name));
        candidates().find(|path| path.exists()).or_else(|| candidates().next()).unwrap_or_default()
    }

    fn nodes(&self) -> Result<Nodes> {
        Ok(Nodes::read(&self.path(names::NODES))?)
    }

    fn node_count(&self) -> Result<usize> {
        Ok(Nodes::count(&self.path(names::NODES))?)
    }

    fn split(&self, node_count: usize) -> Result<vgae_artifacts::EdgeSplit> {
        Ok(vgae_artifacts::EdgeSplit::read(&self.path(names::SPLIT), node_count)?)
    }

    /// Reads an artifact if it is there.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Path) -> vgae_artifacts::Result<T>,
    ) -> Result<Option<T>> {
        let path = self.path(name);
        Ok(path.exists().then(|| read(&path)).transpose()?)
    }

    pub(crate) fn features(&self, node_count: usize) -> Result<Option<Features>> {
        self.optional(names::FEATURES, |path| Features::read(path, node_count))
    }
}

/// What ingest found.
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
    cache: &Cache,
    options: &FetchOptions,
    watch: &mut dyn FetchWatch,
) -> Result<Option<Fetched>> {
    let Some(name) = vgae_ingest::needs_fetch(config) else { return Ok(None) };
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

    /// A trained model to `metrics`, and of graphs `scores`.
    fn eval(
        &self,
        from: &Artifacts,
        out: &Path,
        config: &EvalConfig,
        provenance: &Provenance,
    ) -> Result<()>;

    /// Computes results of a run folder again: the name of each check, and its fault if it has one.
    fn verify(&self, folder: &Path, manifest: &Manifest) -> Vec<Recomputed>;

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

/// What splitting needs beside its input.
pub(crate) struct Splitting<'a> {
    pub(crate) config: &'a CheckedSplitConfig,
    pub(crate) seed: Seed,
    /// The hard negatives that evaluation will ask for: they hang on the split alone, so that runs share them.
    pub(crate) hard: &'a [NegativeSet],
}

/// What training needs beside its input.
pub(crate) struct Training<'a> {
    pub(crate) config: &'a CheckedModelConfig,
    pub(crate) seed: Seed,
    /// Where the state is saved between epochs, and how often.
    pub(crate) checkpoint: Option<(PathBuf, u32)>,
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
