use std::error::Error;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use vgae_artifacts::{
    EdgeSplit, EpochRecord, HardNegatives, LabelledPairs, Matrix, NegativeSet, OwnEpochs, Pair,
    Part, Provenance, Validation,
};
use vgae_eval::{EvalConfig, EvalError, EvalInput, PairScorer, Validator};
use vgae_model::{Callback, Checkpoint, FitOptions, Logits};

use super::artifacts::Training;
use super::judged::positives;
use crate::RunEvent;
use crate::observe::Tell;

/// Passes events of a training on, scores validation pairs and keeps checkpoints.
pub(super) struct TrainingCallback<'a> {
    pub(super) tell: &'a mut Tell<'a>,
    pub(super) training: &'a Training<'a>,
    /// Pairs to score, of graphs.
    pub(super) validation: Option<(&'a LabelledPairs, Validator)>,
    pub(super) provenance: &'a Provenance,
    /// Evaluation of every validated epoch, if each metric is reported at its own best epoch.
    pub(super) own_epochs: Option<OwnEpochsRecorder<'a>>,
}

/// Keeps each test metric at the epoch that is best by the same metric on validation pairs. The model receives
/// nothing of it.
pub(super) struct OwnEpochsRecorder<'a> {
    pub(super) config: &'a EvalConfig,
    pub(super) split: &'a EdgeSplit,
    /// Given negatives.
    pub(super) given: Vec<NegativeSet>,
    pub(super) lists: Vec<HardNegatives>,
    /// Number of finished epochs.
    pub(super) epoch: u32,
    pub(super) found: OwnEpochs,
    pub(super) error: Option<EvalError>,
}

impl OwnEpochsRecorder<'_> {
    fn offer(&mut self, mu: &Matrix) {
        let lists = |set, part| {
            let own = self.lists.iter().find(|lists| (lists.set, lists.part) == (set, part));
            Ok(match own {
                Some(own) => own.lists.clone(),
                None => vec![Vec::new(); positives(self.split, part).len()],
            })
        };
        let scorer = MeanScorer(mu);
        let input = EvalInput {
            hard: Some(&lists),
            given: &self.given,
            ..EvalInput::new(&scorer, self.split)
        };
        let ranked = |part| vgae_eval::evaluate_given(&input, self.config, part);
        let epoch = self.epoch + 1;
        let offered = ranked(Part::Validation)
            .and_then(|validation| self.found.offer(epoch, &validation, || ranked(Part::Test)));
        if let Err(error) = offered {
            self.error.get_or_insert(error);
        }
    }
}

/// Inner products of the means of an epoch.
struct MeanScorer<'a>(&'a Matrix);

impl PairScorer for MeanScorer<'_> {
    fn node_count(&self) -> usize {
        self.0.rows()
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
        let logit = |pair: &Pair| self.0.inner_product(pair.src as usize, pair.dst as usize);
        Ok(pairs.par_iter().map(logit).collect())
    }
}

impl TrainingCallback<'_> {
    /// Options that go on from the saved state, if there is one that can be read.
    pub(super) fn options(&mut self) -> FitOptions {
        let saved = self.training.checkpoint.as_ref();
        let resume = saved.filter(|(path, _)| path.exists()).and_then(|(path, _)| {
            Checkpoint::read(path)
                .inspect_err(|error| tracing::warn!(%error, "checkpoint not usable, starting over"))
                .ok()
        });
        if let Some(checkpoint) = &resume {
            (self.tell)(RunEvent::Resumed { epoch: checkpoint.epoch() });
        }
        FitOptions { checkpoint_every: saved.map(|(_, every)| *every), resume }
    }
}

impl Callback for TrainingCallback<'_> {
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        let (pairs, validator) = self.validation.as_mut()?;
        let validation = validator.validate(pairs, mu);
        if let (Some(recorder), Some(_)) = (&mut self.own_epochs, validation) {
            recorder.offer(mu);
        }
        validation
    }

    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let (pairs, _) = self.validation.as_ref()?;
        let positive = logits(&pairs.positive).ok()?;
        let negative = logits(&pairs.negative).ok()?;
        let metrics = vgae_eval::link_metrics(&positive, &negative).ok()?;
        Some(Validation { auc: metrics.auc?, ap: metrics.ap? })
    }

    fn batch(&mut self, epoch: u32, done: usize, total: usize) {
        let samples = self.training.config.of_samples();
        let epochs = samples.map_or(0, |(config, _)| config.epochs);
        (self.tell)(RunEvent::Batch { epoch, epochs, done, total });
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        if let Some(recorder) = &mut self.own_epochs {
            recorder.epoch = record.epoch;
        }
        (self.tell)(RunEvent::Epoch { record, total });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        (self.tell)(RunEvent::Step { done, total });
    }

    fn is_cancelled(&mut self) -> bool {
        self.training.cancelled.is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
        match &self.training.checkpoint {
            Some((path, _)) => Ok(checkpoint.write(path, self.provenance)?),
            None => Ok(()),
        }
    }
}
