use tracing::{info, warn};
use vgae_artifacts::tensors::Tensor;
use vgae_artifacts::{ContentHash, EpochRecord, Pair, Seed, TrainView};
use vgae_nn::ShapeError;
use vgae_nn::ops::inner_product_loss::LossScale;
use vgae_nn::training::{
    self, Callback, EarlyStopping, FitOptions, Plan, Trainable, TrainingError,
};

use crate::estimator::checked_input;
use crate::{
    Diagnostics, Estimator, FitInput, Fitted, GaeConfig, Learned, Losses, ModelError, Negatives,
    Trainer, TrainingDiagnostics, TrainingOptions, Weights,
};

/// Trains a graph auto-encoder; `run` identifies its checkpoints.
pub(crate) fn fit(
    input: FitInput<'_>,
    config: &GaeConfig,
    (seed, run): (Seed, Option<ContentHash>),
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    let inputs = input.width(config)?;
    let wanted = config.training;
    let nodes = input.train.node_count();
    let (train_edges, scale) = scale_of(config, input.train);
    let kl_weight = config.prior.map(|prior| prior.kl_weight.value(nodes));
    let weights = Weights::glorot(inputs, config, seed);
    let trainer = Trainer::new(input, config, &weights)?;
    info!(
        method = config.name(),
        nodes,
        inputs,
        train_edges,
        parameters = trainer.parameter_count(),
        pos_weight = scale.pos_weight,
        norm = scale.norm,
        kl_weight,
        resumed_from = options.resume.as_ref().map(training::Checkpoint::epoch),
        "training"
    );
    warn_of_long_epochs(config, nodes);

    let mut epochs = Epochs { trainer, config: wanted, seed };
    let plan = Plan { epochs: wanted.epochs, patience: wanted.patience, run };
    let outcome = training::train(&mut epochs, plan, options, callback)?;
    let last = outcome.history.0.last().map_or(
        Losses { loss: 0.0, reconstruction: 0.0, kl: 0.0 },
        |&EpochRecord { loss, reconstruction, kl, .. }| Losses { loss, reconstruction, kl },
    );
    if wanted.keep_best && outcome.best_epoch.is_none() {
        warn!(
            "there are no validation pairs to select the best epoch: the weights of the last epoch are kept"
        );
    }
    // Divergence in all other updates was detected by the next loss.
    let embedding =
        epochs.trainer.embedding().map_err(|_| diverged(&wanted, wanted.epochs, f64::NAN))?;
    let diagnostics = Diagnostics::Training(TrainingDiagnostics {
        parameters: epochs.trainer.parameter_count(),
        train_edges,
        scale,
        kl_weight,
        last,
        best_epoch: outcome.best_epoch,
        stopped_early: outcome.stopped_early,
        resumed_from: outcome.resumed_from,
    });
    let weights = Learned::Encoder(epochs.trainer.weights());
    Ok(Fitted { weights, embedding, history: outcome.history, diagnostics })
}

fn diverged(config: &TrainingOptions, epoch: u32, loss: f64) -> TrainingError {
    let learning_rate = config.learning_rate;
    TrainingError::Diverged { epoch, loss, key: "learning_rate", learning_rate }
}

/// Training of a graph auto-encoder, epoch by epoch.
struct Epochs {
    trainer: Trainer,
    config: TrainingOptions,
    seed: Seed,
}

impl Trainable for Epochs {
    /// Runs one epoch. Validation scores refer to the weights before the epoch's update, as does its loss.
    fn epoch(
        &mut self,
        epoch: u32,
        callback: &mut dyn Callback,
        stopping: &mut EarlyStopping,
    ) -> Result<EpochRecord, TrainingError> {
        let Self { trainer, config, seed } = self;
        let finite = |loss: f64| {
            if loss.is_finite() { Ok(()) } else { Err(diverged(config, epoch, loss)) }
        };
        let first = trainer.evaluate(*seed, epoch);
        finite(first.loss)?;
        let scores = epoch.is_multiple_of(config.validate_every) || epoch == config.epochs;
        let validation = if scores { trainer.validate(callback) } else { None };
        if let (true, Some(validation)) = (config.keep_best, validation) {
            stopping.offer(epoch, validation.auc + validation.ap, || trainer.tensors());
        }
        trainer.update();
        let Losses { loss, reconstruction, kl } = trainer.finish(*seed, epoch, first);
        finite(loss)?;
        let (validation_loss, seconds) = (None, 0.0);
        Ok(EpochRecord { epoch, loss, reconstruction, kl, validation, validation_loss, seconds })
    }

    fn weights(&self) -> Vec<Tensor> {
        self.trainer.tensors()
    }

    fn moments(&self) -> [Vec<Tensor>; 2] {
        self.trainer.moments()
    }

    fn set_weights(&mut self, weights: &[Tensor]) -> Result<(), ShapeError> {
        self.trainer.set_weights(weights)
    }

    fn set_moments(&mut self, epoch: u32, moments: &[Vec<Tensor>; 2]) -> Result<(), ShapeError> {
        self.trainer.set_moments(self.config.learning_rate, epoch, moments)
    }
}

/// Returns the number of training edges of the loss, and its weights; those of a learned decoder are 1.
fn scale_of(config: &GaeConfig, train: TrainView<'_>) -> (usize, LossScale) {
    let (nodes, edges) = (train.node_count(), train.edges().len());
    match train.directed_edges().filter(|_| config.directed().is_some()) {
        Some(directed) => (directed.len(), LossScale::directed(nodes, directed.len())),
        None if config.learns_decoder() || config.decodes_relations() => {
            (edges, LossScale { pos_weight: 1.0, norm: 1.0 })
        }
        None => (edges, LossScale::new(nodes, edges)),
    }
}

/// Returns the hash of a run's configuration (except the keys that determine its end), seed, training edges
/// and features.
pub(crate) fn run_hash(
    input: FitInput<'_>,
    config: &GaeConfig,
    seed: Seed,
) -> Result<ContentHash, ModelError> {
    let features = checked_input(input, config, config.name())?.features;
    let train = input.train;
    let count = |count: usize| (count as u64).to_le_bytes().to_vec();
    let pairs = |pairs: &[Pair]| {
        let ends = pairs.iter().flat_map(|pair| [pair.src, pair.dst]);
        ends.flat_map(u32::to_le_bytes).collect()
    };
    let mut pieces = vec![count(train.node_count()), count(train.edges().len())];
    pieces.push(pairs(train.edges()));
    pieces.push(pairs(train.messages().edges()));
    if config.directed().is_some() {
        pieces.push(train.directed_edges().map(pairs).unwrap_or_default());
    }
    let numbers = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    if let Some(relations) = train.relations().filter(|_| config.decodes_relations()) {
        let names = relations.names.iter().flat_map(|name| [name.as_bytes(), b"\0"].concat());
        pieces.push(names.collect());
        pieces.push(relations.triples.iter().flat_map(|(_, of)| of.to_le_bytes()).collect());
        pieces.push(pairs(&relations.triples.iter().map(|(pair, _)| *pair).collect::<Vec<_>>()));
    }
    pieces.push(train.weights().map(numbers).unwrap_or_default());
    if let Some(features) = features {
        pieces.push(count(features.feature_count()));
        pieces.push(features.row_starts().iter().flat_map(|&start| count(start)).collect());
        pieces.push(features.columns().iter().flat_map(|column| column.to_le_bytes()).collect());
        pieces.push(numbers(features.values()));
    }
    let mut copy = *config;
    let groups = copy.groups().into_iter();
    let mut options: serde_json::Map<_, _> = groups.flat_map(|group| group.set_values()).collect();
    options.insert("method".to_owned(), config.name().into());
    Ok(training::run_hash(&options, &["epochs", "patience"], seed, pieces)?)
}

/// Warns if the exact loss would take minutes per epoch, since sampled negatives are an alternative.
fn warn_of_long_epochs(config: &GaeConfig, nodes: usize) {
    /// Throughput of a core that is a few years old, counting both triangles.
    const PAIRS_A_SECOND: f64 = 2e9;
    if config.sees_all_pairs() && nodes > Negatives::EXACT_NODES {
        let pairs = (nodes as f64).powi(2);
        let seconds = pairs / (PAIRS_A_SECOND * rayon::current_num_threads() as f64);
        warn!(
            nodes,
            "the exact loss covers all {pairs:.1e} pairs of nodes, about {seconds:.0} s per epoch on this machine; \
             with `negatives = 1` the time per epoch is proportional to the number of edges"
        );
    }
}

#[cfg(test)]
mod tests;
