use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use vgae_artifacts::{
    ArtifactError, ContentHash, EpochRecord, FORM_VERSION, History, Kind, Matrix, Provenance, Seed,
    Validation, atomic,
};

use crate::method::EncoderKind;
use crate::{
    CheckedModelConfig, FeatureScaling, FitInput, ModelConfig, ModelError, Select, Weights,
};

/// A training's state between two epochs: all that is needed to go on to the same bits. Random
/// generators are not in it, since each epoch has streams of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub(crate) run: ContentHash,
    pub(crate) epoch: u32,
    pub(crate) weights: Weights,
    pub(crate) first_moment: Weights,
    pub(crate) second_moment: Weights,
    pub(crate) history: History,
    /// The epoch that scored best so far, and its weights, if weights are chosen so.
    pub(crate) best: Option<(u32, Weights)>,
}

/// What stands in the file beside the tensors.
#[derive(Serialize, Deserialize)]
struct Header {
    kind: String,
    version: u32,
    run: ContentHash,
    epoch: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best: Option<u32>,
    provenance: Option<Provenance>,
}

const FORM: &str = "safetensors";
const HEADER_KEY: &str = "vgae";
/// loss, reconstruction, kl, whether validated (0 or 1), AUC, AP, seconds.
const HISTORY_COLUMNS: usize = 7;
const PREFIXES: [&str; 3] = ["weights/", "adam_m/", "adam_v/"];
const BEST: &str = "best/";

impl Checkpoint {
    /// The epochs that are done.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The run it belongs to: a hash over configuration (but for the number of epochs, so that a
    /// training can be prolonged), seed, features and training edges.
    #[must_use]
    pub fn run(&self) -> ContentHash {
        self.run
    }

    /// The hash that a run's checkpoints carry.
    pub(crate) fn run_hash(
        input: FitInput<'_>,
        config: &CheckedModelConfig,
        seed: Seed,
    ) -> Result<ContentHash, ModelError> {
        let features = input.check(config)?;
        let later = later(config.get());
        // Only what an auto-encoder uses, in the form that checkpoints have had from the beginning.
        let ModelConfig { method, hidden, latent, learning_rate, dropout, kl_weight, .. } =
            config.get();
        let config = format!(
            "ModelConfig {{ method: {method:?}, hidden: {hidden}, latent: {latent}, epochs: 0, \
             learning_rate: {learning_rate:?}, dropout: {dropout:?}, kl_weight: {kl_weight:?} }}{later}"
        );
        let mut bytes = format!("vgae checkpoint 1 {config} seed {seed}").into_bytes();
        let mut put = |value: u64| bytes.extend(value.to_le_bytes());
        put(input.train.node_count() as u64);
        put(input.train.edges().len() as u64);
        for pair in input.train.edges() {
            put(u64::from(pair.src) << 32 | u64::from(pair.dst));
        }
        let messages = input.train.messages().edges();
        if messages != input.train.edges() {
            for pair in messages {
                put(u64::from(pair.src) << 32 | u64::from(pair.dst));
            }
        }
        if let Some(features) = features {
            put(features.feature_count() as u64);
            features.row_starts().iter().for_each(|&start| put(start as u64));
            for (&column, &value) in features.columns().iter().zip(features.values()) {
                put(u64::from(column) << 32 | u64::from(value.to_bits()));
            }
        }
        Ok(ContentHash::of(&bytes))
    }

    /// Writes the checkpoint as a safetensors file, atomically. Loss values keep all their bits.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ModelError> {
        let bytes = self.encode(path, Some(provenance.clone()))?;
        Ok(atomic::write(path, &bytes)?)
    }

    /// Reads what [`Checkpoint::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind or version, or incomplete.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(ArtifactError::io("read", path))?;
        Ok(Self::decode(path, &bytes)?)
    }

    fn encode(
        &self,
        path: &Path,
        provenance: Option<Provenance>,
    ) -> Result<Vec<u8>, ArtifactError> {
        let mut tensors: Vec<(String, Dtype, [usize; 2], Vec<u8>)> = Vec::new();
        let parts = [&self.weights, &self.first_moment, &self.second_moment];
        let best = self.best.as_ref().map(|(_, weights)| (BEST, weights));
        for (prefix, weights) in PREFIXES.into_iter().zip(parts).chain(best) {
            for (name, matrix) in weights.named() {
                let bytes = matrix.as_slice().iter().flat_map(|value| value.to_le_bytes());
                let shape = [matrix.rows(), matrix.cols()];
                tensors.push((format!("{prefix}{name}"), Dtype::F32, shape, bytes.collect()));
            }
        }
        let rows = self.history.0.iter().flat_map(|record| {
            let validation = record.validation.unwrap_or(Validation { auc: 0.0, ap: 0.0 });
            let validated = f64::from(u8::from(record.validation.is_some()));
            let (auc, ap) = (validation.auc, validation.ap);
            [record.loss, record.reconstruction, record.kl, validated, auc, ap, record.seconds]
        });
        let bytes = rows.flat_map(f64::to_le_bytes).collect();
        let shape = [self.history.0.len(), HISTORY_COLUMNS];
        tensors.push(("history".to_owned(), Dtype::F64, shape, bytes));

        let mut views = Vec::new();
        for (name, dtype, shape, bytes) in &tensors {
            let view = TensorView::new(*dtype, shape.to_vec(), bytes)
                .map_err(ArtifactError::encode(FORM, path))?;
            views.push((name, view));
        }
        let header = Header {
            kind: Kind::Checkpoint.to_string(),
            version: FORM_VERSION,
            run: self.run,
            epoch: self.epoch,
            best: self.best.as_ref().map(|(epoch, _)| *epoch),
            provenance,
        };
        let header = serde_json::to_string(&header).map_err(ArtifactError::encode(FORM, path))?;
        let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).map_err(ArtifactError::encode(FORM, path))
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self, ArtifactError> {
        let decode = || ArtifactError::decode::<safetensors::SafeTensorError>(FORM, path);
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(decode())?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get(HEADER_KEY));
        let header = header
            .ok_or_else(|| ArtifactError::form(path, "a vgae checkpoint", "no `vgae` header"))?;
        let header: Header =
            serde_json::from_str(header).map_err(ArtifactError::decode(FORM, path))?;
        let expected = (<&str>::from(Kind::Checkpoint), FORM_VERSION);
        if (header.kind.as_str(), header.version) != expected {
            let say = |(kind, version): (&str, u32)| format!("kind `{kind}`, version {version}");
            let found = say((&header.kind, header.version));
            return Err(ArtifactError::form(path, say(expected), found));
        }

        let file = SafeTensors::deserialize(bytes).map_err(decode())?;
        let (mut matrices, mut history) = (Vec::new(), None);
        for (name, view) in file.iter() {
            match (view.dtype(), view.shape()) {
                (Dtype::F32, &[rows, cols]) => {
                    let values = words(view.data(), f32::from_le_bytes);
                    matrices.push((name.to_owned(), Matrix::from_row_major(rows, cols, values)?));
                }
                (Dtype::F64, &[_, HISTORY_COLUMNS]) if name == "history" => {
                    history = Some(words(view.data(), f64::from_le_bytes));
                }
                (dtype, shape) => {
                    let found = format!("`{name}`, {dtype:?} of shape {shape:?}");
                    return Err(ArtifactError::form(path, "weights, moments and history", found));
                }
            }
        }
        let history = history
            .ok_or_else(|| ArtifactError::form(path, "a tensor `history`", "none of that name"))?;
        let record = |(epoch, row): (u32, &[f64])| EpochRecord {
            epoch,
            loss: row[0],
            reconstruction: row[1],
            kl: row[2],
            validation: (row[3] > 0.5).then_some(Validation { auc: row[4], ap: row[5] }),
            validation_loss: None,
            seconds: row[6],
        };
        let history: Vec<EpochRecord> =
            (1..).zip(history.chunks_exact(HISTORY_COLUMNS)).map(record).collect();
        if history.len() != header.epoch as usize {
            let expected = format!("a history of {} epochs", header.epoch);
            return Err(ArtifactError::form(path, expected, history.len().to_string()));
        }
        let weights = |prefix| Weights::from_named(path, matrices.clone(), prefix);
        let best = header.best.map(|epoch| {
            let scored =
                |record: &EpochRecord| record.epoch == epoch && record.validation.is_some();
            if history.iter().any(scored) {
                return Ok((epoch, weights(BEST)?));
            }
            let expected = format!("validation scores of epoch {epoch}, the best one");
            Err(ArtifactError::form(path, expected, "none in the history"))
        });
        Ok(Self {
            run: header.run,
            epoch: header.epoch,
            weights: weights(PREFIXES[0])?,
            first_moment: weights(PREFIXES[1])?,
            second_moment: weights(PREFIXES[2])?,
            best: best.transpose()?,
            history: History(history),
        })
    }
}

/// What later options of a configuration are, where they are not as if they did not exist. Patience is not
/// among them: like the number of epochs, it says only when to end.
fn later(config: &ModelConfig) -> String {
    let as_before = config.method.encoder() == Some(EncoderKind::Gcn)
        && config.features == FeatureScaling::AsGiven
        && (config.select, config.evaluate_every) == (Select::Last, 1);
    if as_before {
        return String::new();
    }
    let ModelConfig {
        layers,
        scale,
        propagations,
        features,
        negatives,
        batches,
        select,
        evaluate_every,
        ..
    } = config;
    let batches =
        if config.method.learns_decoder() { format!(" batches {batches}") } else { String::new() };
    format!(
        " layers {layers} scale {scale:?} propagations {propagations} features {features:?} negatives \
         {negatives:?} select {select:?} every {evaluate_every}{batches}"
    )
}

/// Little-endian numbers of `W` bytes.
fn words<const W: usize, T>(bytes: &[u8], read: fn([u8; W]) -> T) -> Vec<T> {
    bytes.as_chunks::<W>().0.iter().map(|&word| read(word)).collect()
}
