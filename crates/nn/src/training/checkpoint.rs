use std::path::Path;

use serde::{Deserialize, Serialize};
use vgae_artifacts::tensors::{self, Tensor};
use vgae_artifacts::{
    ArtifactError, ContentHash, EpochRecord, History, Kind, Provenance, Seed, Validation,
};

use super::by_name::by_name;
use super::{Best, EarlyStopping};

/// A training's state between two epochs, sufficient to go on to the same bits. Random generators are not
/// part of it, since each epoch has streams of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub(super) run: ContentHash,
    pub(super) weights: Vec<Tensor>,
    /// Adam's first and second moments, in the shapes of the weights.
    pub(super) moments: [Vec<Tensor>; 2],
    /// One record per epoch done.
    pub(super) history: History,
    pub(super) stopping: EarlyStopping,
}

/// The hash that identifies a run: of its configuration without the keys in `except` (those that only say when
/// to end), its seed and the bytes of its inputs.
///
/// # Errors
/// When the configuration cannot be serialised.
pub fn run_hash(
    config: &impl Serialize,
    except: &[&str],
    seed: Seed,
    inputs: impl IntoIterator<Item = Vec<u8>>,
) -> Result<ContentHash, ArtifactError> {
    let failed = ArtifactError::encode("configuration", Path::new("checkpoint"));
    let mut config = serde_json::to_value(config).map_err(failed)?;
    if let Some(keys) = config.as_object_mut() {
        keys.retain(|key, _| !except.contains(&key.as_str()));
    }
    let head = format!("{config} seed {seed}").into_bytes();
    Ok(ContentHash::of_pieces(std::iter::once(head).chain(inputs)))
}

/// The content of the file beside the tensors.
#[derive(Serialize, Deserialize)]
struct Content {
    run: ContentHash,
    /// Epoch and score.
    best: Option<(u32, f64)>,
    since: u32,
    history: Vec<Row>,
}

/// An epoch; `null` within `validation` is not a number.
#[derive(Serialize, Deserialize)]
struct Row {
    loss: f64,
    reconstruction: f64,
    kl: f64,
    validation: Option<[Option<f64>; 2]>,
    validation_loss: Option<f64>,
    seconds: f64,
}

/// The content and a hash over it and the tensors.
#[derive(Serialize, Deserialize)]
struct Sealed {
    hash: ContentHash,
    #[serde(flatten)]
    content: Content,
}

const PREFIXES: [&str; 4] = ["weights/", "adam_m/", "adam_v/", "best/"];

impl Checkpoint {
    /// Number of epochs done.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        u32::try_from(self.history.0.len()).unwrap_or(u32::MAX)
    }

    /// The run it belongs to, see [`run_hash`].
    #[must_use]
    pub fn run(&self) -> ContentHash {
        self.run
    }

    /// Writes the checkpoint as a safetensors file, atomically. All numbers keep their bits.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ArtifactError> {
        let [first, second] = &self.moments;
        let best = self.stopping.best.as_ref();
        let parts =
            [Some(&self.weights), Some(first), Some(second), best.map(|best| &best.weights)];
        let prefixed = |(prefix, part): (&str, Option<&Vec<Tensor>>)| {
            let tensors = part.into_iter().flatten();
            let renamed = tensors.map(|tensor| Tensor {
                name: format!("{prefix}{}", tensor.name),
                ..tensor.clone()
            });
            renamed.collect::<Vec<_>>()
        };
        let tensors = by_name(PREFIXES.into_iter().zip(parts).flat_map(prefixed).collect());
        let content = Content {
            run: self.run,
            best: best.map(|best| (best.epoch, best.score)),
            since: self.stopping.since,
            history: self.history.0.iter().map(Row::of).collect(),
        };
        let sealed = Sealed { hash: seal(path, &content, &tensors)?, content };
        tensors::write_all(path, Kind::Checkpoint, &tensors, &sealed, provenance)
    }

    /// Reads a file that [`Checkpoint::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged (a single bit is noticed), or of another kind or version.
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        let (tensors, sealed): (_, Sealed) = tensors::read_all(path, Kind::Checkpoint)?;
        let Sealed { hash, content } = sealed;
        let found = seal(path, &content, &tensors)?;
        if found != hash {
            let expected = format!("content with hash {hash}");
            let found = format!("{found}: the file is damaged; delete it to start afresh");
            return Err(ArtifactError::form(path, expected, found));
        }
        let part = |prefix: &str| -> Vec<Tensor> {
            let of = |tensor: &Tensor| {
                let name = tensor.name.strip_prefix(prefix)?.to_owned();
                Some(Tensor { name, ..tensor.clone() })
            };
            tensors.iter().filter_map(of).collect()
        };
        let [weights, first, second, of_best] = PREFIXES.map(part);
        let best = content.best.map(|(epoch, score)| Best { epoch, score, weights: of_best });
        Ok(Self {
            run: content.run,
            weights,
            moments: [first, second],
            history: History((1..).zip(content.history).map(Row::record).collect()),
            stopping: EarlyStopping { best, since: content.since },
        })
    }
}

/// The hash over everything that a training goes on from.
fn seal(path: &Path, content: &Content, tensors: &[Tensor]) -> Result<ContentHash, ArtifactError> {
    let failed = ArtifactError::encode("safetensors", path);
    let content = serde_json::to_vec(content).map_err(failed)?;
    let bytes = tensors.iter().flat_map(|Tensor { name, shape, values }| {
        let head = format!("{name} {shape:?}").into_bytes();
        [head, values.iter().flat_map(|value| value.to_le_bytes()).collect()]
    });
    Ok(ContentHash::of_pieces(std::iter::once(content).chain(bytes)))
}

impl Row {
    fn of(record: &EpochRecord) -> Self {
        let number = |value: f64| (!value.is_nan()).then_some(value);
        let EpochRecord { loss, reconstruction, kl, validation, validation_loss, seconds, .. } =
            *record;
        let validation = validation.map(|Validation { auc, ap }| [number(auc), number(ap)]);
        Self { loss, reconstruction, kl, validation, validation_loss, seconds }
    }

    fn record((epoch, row): (u32, Self)) -> EpochRecord {
        let Self { loss, reconstruction, kl, validation, validation_loss, seconds } = row;
        let validation = validation.map(|scores| {
            let [auc, ap] = scores.map(|score| score.unwrap_or(f64::NAN));
            Validation { auc, ap }
        });
        EpochRecord { epoch, loss, reconstruction, kl, validation, validation_loss, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Checkpoint {
        let tensors = |scale: f32| {
            ["a", "b"].map(|name| {
                let values = (0..6).map(|at| scale * (at as f32 + 0.1)).collect();
                Tensor { name: name.to_owned(), shape: vec![2, 3], values }
            })
        };
        let record = |epoch: u32| EpochRecord {
            epoch,
            loss: 1.0 / f64::from(epoch),
            reconstruction: 0.1,
            kl: 1e-300,
            validation: (epoch > 1).then_some(Validation { auc: 2.0 / 3.0, ap: 0.5 }),
            validation_loss: None,
            seconds: 0.25,
        };
        let best = Best { epoch: 2, score: 7.0 / 6.0, weights: tensors(4.0).into() };
        Checkpoint {
            run: ContentHash::of(b"run"),
            weights: tensors(1.0).into(),
            moments: [tensors(2.0).into(), tensors(3.0).into()],
            history: History((1..=3).map(record).collect()),
            stopping: EarlyStopping { best: Some(best), since: 1 },
        }
    }

    #[test]
    fn a_file_gives_back_every_bit_and_a_flipped_one_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checkpoint.safetensors");
        let checkpoint = example();
        checkpoint.write(&path, &Provenance::of_stage("test")).expect("writes");
        assert_eq!(Checkpoint::read(&path).expect("reads"), checkpoint);
        let bytes = std::fs::read(&path).expect("reads");
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).expect("writes");
            // Bits that carry no state (of the provenance, say) may flip.
            if let Ok(read) = Checkpoint::read(&path) {
                assert_eq!(read, checkpoint, "byte {at}");
            }
        }
        let tensors = bytes.len() - 4 * 2 * 6 * 4;
        for at in tensors..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).expect("writes");
            let error = Checkpoint::read(&path).expect_err("damaged").to_string();
            assert!(error.contains("damaged"), "{error}");
        }
        for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            assert!(Checkpoint::read(&path).is_err(), "cut to {length} of {}", bytes.len());
        }
        assert!(Checkpoint::read(&folder.path().join("none")).is_err());
    }
}
