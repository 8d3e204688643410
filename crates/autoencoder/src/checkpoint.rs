use std::path::Path;

use serde::{Deserialize, Serialize};
use vgae_artifacts::tensors::{self, Tensor};
use vgae_artifacts::{ContentHash, EpochRecord, History, Kind, Provenance, SampleView, Seed};

use crate::shape::{Affine, Shape};
use crate::{AutoEncoderConfig, AutoEncoderError};

/// A training's state between two epochs: all that is needed to go on to the same bits. Random
/// generators are not in it, since each epoch has streams of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleCheckpoint {
    pub(crate) run: ContentHash,
    pub(crate) shape: Shape,
    pub(crate) weights: Vec<Affine<f32>>,
    pub(crate) first_moment: Vec<Affine<f32>>,
    pub(crate) second_moment: Vec<Affine<f32>>,
    pub(crate) best: Option<Best>,
    /// One record an epoch done.
    pub(crate) history: History,
}

/// The epoch with the lowest validation loss so far, when training stops by it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Best {
    pub(crate) epoch: u32,
    pub(crate) loss: f64,
    pub(crate) weights: Vec<Affine<f32>>,
}

/// What stands in the file beside the tensors.
#[derive(Serialize, Deserialize)]
struct Content {
    run: ContentHash,
    shape: Shape,
    best: Option<(u32, f64)>,
    /// loss, reconstruction, kl, validation loss, seconds.
    history: Vec<(f64, f64, f64, Option<f64>, f64)>,
}

const PREFIXES: [&str; 4] = ["weights/", "adam_m/", "adam_v/", "best/"];

impl SampleCheckpoint {
    /// The epochs that are done.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        u32::try_from(self.history.0.len()).unwrap_or(u32::MAX)
    }

    /// The run it belongs to: a hash over configuration (but for the number of epochs, so that a
    /// training can be prolonged), seed and samples.
    #[must_use]
    pub fn run(&self) -> ContentHash {
        self.run
    }

    /// The hash that a run's checkpoints carry.
    pub(crate) fn run_hash(
        view: SampleView<'_>,
        a: &AutoEncoderConfig,
        variational: bool,
        seed: Seed,
    ) -> ContentHash {
        // `{:?}` prints all digits of a float.
        let head = format!(
            "vgae sample checkpoint 1 {} {:?} latent {} {:?} beta {:?} batch {} rate {:?} patience {} \
             seed {seed} columns {} train {} validation {}",
            if variational { "vae" } else { "ae" },
            &*a.hidden,
            a.latent,
            a.likelihood,
            if variational { a.beta } else { 0.0 },
            a.batch,
            a.learning_rate,
            a.patience,
            view.columns(),
            view.train_len(),
            view.validation_len(),
        );
        let mut row = vec![0.0; view.columns()];
        let bytes = |row: &[f32]| row.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let samples = (0..view.train_len() + view.validation_len()).map(|at| {
            match at.checked_sub(view.train_len()) {
                None => view.copy_train(at, &mut row),
                Some(at) => view.copy_validation(at, &mut row),
            }
            bytes(&row)
        });
        ContentHash::of_pieces(std::iter::once(head.into_bytes()).chain(samples))
    }

    /// Writes the checkpoint as a safetensors file, atomically. Loss values keep all their bits.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), AutoEncoderError> {
        let best = self.best.as_ref().map(|best| &best.weights);
        let parts =
            [Some(&self.weights), Some(&self.first_moment), Some(&self.second_moment), best];
        let tensors: Vec<Tensor> = (PREFIXES.into_iter().zip(parts))
            .filter_map(|(prefix, part)| Some(self.shape.tensors(prefix, part?)))
            .flatten()
            .collect();
        let row = |row: &EpochRecord| {
            (row.loss, row.reconstruction, row.kl, row.validation_loss, row.seconds)
        };
        let content = Content {
            run: self.run,
            shape: self.shape,
            best: self.best.as_ref().map(|best| (best.epoch, best.loss)),
            history: self.history.0.iter().map(row).collect(),
        };
        Ok(tensors::write_all(path, Kind::Checkpoint, &tensors, &content, provenance)?)
    }

    /// Reads what [`SampleCheckpoint::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind or version, or incomplete.
    pub fn read(path: &Path) -> Result<Self, AutoEncoderError> {
        let (tensors, content): (_, Content) = tensors::read_all(path, Kind::Checkpoint)?;
        let shape = content.shape;
        shape.check(path)?;
        let part = |prefix| shape.take_tensors(prefix, &tensors);
        let record = |(epoch, row): (u32, &(f64, f64, f64, Option<f64>, f64))| EpochRecord {
            epoch,
            loss: row.0,
            reconstruction: row.1,
            kl: row.2,
            validation: None,
            validation_loss: row.3,
            seconds: row.4,
        };
        let best = |(epoch, loss)| -> Result<Best, AutoEncoderError> {
            Ok(Best { epoch, loss, weights: part(PREFIXES[3])? })
        };
        Ok(Self {
            run: content.run,
            shape,
            weights: part(PREFIXES[0])?,
            first_moment: part(PREFIXES[1])?,
            second_moment: part(PREFIXES[2])?,
            best: content.best.map(best).transpose()?,
            history: History((1..).zip(&content.history).map(record).collect()),
        })
    }
}
