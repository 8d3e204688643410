//! The stages over graphs.

use std::path::Path;

use vgae_artifacts::{
    Audit, Certificate, Edges, Embedding, EpochRecord, Graph, Kind, LabelledPairs, Matrix, Nodes,
    Provenance, Seed, Validation, json, names,
};
use vgae_eval::{EvalConfig, Validator};
use vgae_model::{Checkpoint, FitInput, FitOptions, Watch};
use vgae_split::CheckedSplitConfig;

use super::{Artifacts, Result, Training};
use crate::RunEvent;
use crate::observe::Tell;

/// Writes the graph that ingest built.
pub(crate) fn write(
    (graph, audit): &(Graph, Audit),
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
    let edges = Edges::read(&from.path(names::EDGES), from.node_count()?)?;
    let split = vgae_split::split_edges(&edges, config, seed)?;
    let certificate: Certificate = vgae_split::certify(&edges, &split);
    split.write(&out.join(names::SPLIT), provenance)?;
    json::write(&out.join(names::CERTIFICATE), Kind::Certificate, &certificate, provenance)?;
    Ok(())
}

/// Training edges and features to weights, latent vectors and history.
pub(crate) fn train(
    from: &Artifacts,
    out: &Path,
    training: &Training<'_>,
    tell: &mut Tell<'_>,
    provenance: &Provenance,
) -> Result<Embedding> {
    let node_count = from.node_count()?;
    let split = from.split(node_count)?;
    let features = if training.config.get().method.uses_features() {
        from.features(node_count)?
    } else {
        None
    };
    let input = FitInput { features: features.as_ref(), train: split.train_view() };

    let resume = training.resume(Checkpoint::read);
    if let Some(checkpoint) = &resume {
        tell(RunEvent::Resumed { epoch: checkpoint.epoch() });
    }
    let options = FitOptions { checkpoint_every: training.checkpoint_every(), resume };
    let mut watch = TrainingWatch {
        tell,
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
    tell: &'a mut Tell<'a>,
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
        (self.tell)(RunEvent::Epoch { record, total });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        (self.tell)(RunEvent::Step { done, total });
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
    let labels = Nodes::read_labels(&from.path(names::NODES))?;
    let split = from.split(labels.len())?;
    let embedding = Embedding::read(&from.path(names::LATENT))?;
    let (mut metrics, scores) = vgae_eval::evaluate(&embedding, &split, config)?;
    metrics.nodes = vgae_eval::evaluate_nodes(&embedding, &labels, config)?;
    if metrics.nodes.is_some() {
        metrics.definitions.extend(vgae_eval::node_definitions());
    }
    metrics.write(&out.join(names::METRICS), provenance)?;
    scores.write(&out.join(names::SCORES), provenance)?;
    Ok(())
}
