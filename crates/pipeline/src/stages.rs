//! The five stages with files around them: read artifacts, call the stage's function, write artifacts.
//! Here those over graphs, and export; in `samples` those over samples.
//!
//! Used by whole runs, whose inputs lie in several stored folders, and by the single-stage commands,
//! whose inputs lie in one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use vgae_artifacts::{
    Certificate, Edges, Embedding, EpochRecord, Features, Graph, Kind, LabelledPairs, Matrix,
    Nodes, Provenance, Seed, Validation, json, names,
};
use vgae_eval::{EvalConfig, Validator};
use vgae_export::ExportConfig;
use vgae_model::{CheckedModelConfig, Checkpoint, FitInput, FitOptions, ModelError, Watch};
use vgae_split::CheckedSplitConfig;

use crate::{Event, Observer, StageError};

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

    fn split(&self, node_count: usize) -> Result<vgae_artifacts::EdgeSplit> {
        Ok(vgae_artifacts::EdgeSplit::read(&self.path(names::SPLIT), node_count)?)
    }

    fn features(&self, node_count: usize) -> Result<Option<Features>> {
        let path = self.path(names::FEATURES);
        Ok(path.exists().then(|| Features::read(&path, node_count)).transpose()?)
    }
}

/// Writes the graph that ingest built.
pub(crate) fn write_graph(
    graph: &Graph,
    audit: &vgae_artifacts::Audit,
    out: &Path,
    provenance: &Provenance,
) -> Result<()> {
    graph.nodes.write(&out.join(names::NODES), provenance)?;
    graph.edges.write(&out.join(names::EDGES), provenance)?;
    if let Some(features) = &graph.features {
        features.write(&out.join(names::FEATURES), provenance)?;
    }
    json::write(&out.join(names::AUDIT), Kind::Audit, audit, provenance)?;
    Ok(())
}

/// Edges to `split.parquet` and `certificate.json`.
pub(crate) fn split(
    from: &Artifacts,
    out: &Path,
    config: &CheckedSplitConfig,
    seed: Seed,
    provenance: &Provenance,
) -> Result<()> {
    let edges = Edges::read(&from.path(names::EDGES), from.nodes()?.len())?;
    let split = vgae_split::split_edges(&edges, config, seed)?;
    let certificate: Certificate = vgae_split::certify(&edges, &split);
    split.write(&out.join(names::SPLIT), provenance)?;
    json::write(&out.join(names::CERTIFICATE), Kind::Certificate, &certificate, provenance)?;
    Ok(())
}

/// What training needs beside its input.
pub(crate) struct Training<'a> {
    pub(crate) config: &'a CheckedModelConfig,
    pub(crate) seed: Seed,
    /// Where the state is saved between epochs, and how often.
    pub(crate) checkpoint: Option<(PathBuf, u32)>,
}

impl Training<'_> {
    fn checkpoint_path(&self) -> Option<&Path> {
        self.checkpoint.as_ref().map(|(path, _)| path.as_path())
    }

    fn checkpoint_every(&self) -> Option<u32> {
        self.checkpoint.as_ref().map(|(_, every)| *every)
    }

    /// The saved state, if there is one and `read` can read it.
    fn resume<T>(&self, read: impl FnOnce(&Path) -> Result<T, ModelError>) -> Option<T> {
        let path = self.checkpoint_path().filter(|path| path.exists())?;
        read(path)
            .inspect_err(|error| tracing::warn!(%error, "checkpoint not usable, starting over"))
            .ok()
    }
}

/// Training edges and features to weights, latent vectors and history.
pub(crate) fn train(
    from: &Artifacts,
    out: &Path,
    training: &Training<'_>,
    observer: &mut dyn Observer,
    provenance: &Provenance,
) -> Result<Embedding> {
    let node_count = from.nodes()?.len();
    let split = from.split(node_count)?;
    let features = if training.config.get().method.uses_features() {
        from.features(node_count)?
    } else {
        None
    };
    let input = FitInput { features: features.as_ref(), train: split.train_view() };

    let resume = training.resume(Checkpoint::read);
    if let Some(checkpoint) = &resume {
        observer.event(&Event::Resumed { epoch: checkpoint.epoch() });
    }
    let options = FitOptions { checkpoint_every: training.checkpoint_every(), resume };
    let mut watch = TrainingWatch {
        observer,
        pairs: split.validation(),
        validator: Validator::new(split.validation()),
        checkpoint: training.checkpoint_path(),
        provenance,
    };
    let fitted = vgae_model::fit(input, training.config, training.seed, options, &mut watch)?;

    fitted.weights.write(&out.join(names::WEIGHTS), provenance)?;
    fitted.embedding.write(&out.join(names::LATENT), provenance)?;
    fitted.history.write(&out.join(names::HISTORY), provenance)?;
    Ok(fitted.embedding)
}

/// Scores validation pairs each epoch, passes epochs on, keeps checkpoints.
struct TrainingWatch<'a> {
    observer: &'a mut dyn Observer,
    pairs: &'a LabelledPairs,
    validator: Validator,
    checkpoint: Option<&'a Path>,
    provenance: &'a Provenance,
}

impl Watch for TrainingWatch<'_> {
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        self.validator.validate(self.pairs, mu)
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        self.observer.event(&Event::Epoch { record, total });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        self.observer.event(&Event::Step { done, total });
    }

    fn checkpoint(
        &mut self,
        checkpoint: &Checkpoint,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        match self.checkpoint {
            Some(path) => Ok(checkpoint.write(path, self.provenance)?),
            None => Ok(()),
        }
    }
}

/// An embedding and held-out pairs to `metrics.json` and `scores.parquet`.
pub(crate) fn eval(
    from: &Artifacts,
    out: &Path,
    config: &EvalConfig,
    provenance: &Provenance,
) -> Result<()> {
    let split = from.split(from.nodes()?.len())?;
    let embedding = Embedding::read(&from.path(names::LATENT))?;
    let (metrics, scores) = vgae_eval::evaluate(&embedding, &split, config)?;
    metrics.write(&out.join(names::METRICS), provenance)?;
    scores.write(&out.join(names::SCORES), provenance)?;
    Ok(())
}

/// An embedding to the files that other tools open.
pub(crate) fn export(
    from: &Artifacts,
    out: &Path,
    config: &ExportConfig,
    provenance: &Provenance,
) -> Result<()> {
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
