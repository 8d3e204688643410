use std::error::Error;

use vgae_artifacts::{EpochRecord, LabelledPairs, Matrix, Provenance, Validation};
use vgae_eval::Validator;
use vgae_model::{Callback, Checkpoint, FitOptions, Logits};

use super::artifacts::Training;
use crate::RunEvent;
use crate::observe::Tell;

/// Passes events of a training on, scores validation pairs and keeps checkpoints.
pub(super) struct TrainingCallback<'a> {
    pub(super) tell: &'a mut Tell<'a>,
    pub(super) training: &'a Training<'a>,
    /// Pairs to score, of graphs.
    pub(super) validation: Option<(&'a LabelledPairs, Validator)>,
    pub(super) provenance: &'a Provenance,
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
        validator.validate(pairs, mu)
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
        (self.tell)(RunEvent::Epoch { record, total });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        (self.tell)(RunEvent::Step { done, total });
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Box<dyn Error + Send + Sync>> {
        match &self.training.checkpoint {
            Some((path, _)) => Ok(checkpoint.write(path, self.provenance)?),
            None => Ok(()),
        }
    }
}
