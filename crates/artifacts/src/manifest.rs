use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Kind, Protocol, Provenance, Result, Seed, Stage, json, names};

/// One stage's work: its inputs, its outputs, the machine and the time.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct StageRecord {
    /// The stage.
    pub stage: Stage,
    /// Its version.
    pub stage_version: u32,
    /// Hash over stage, version, configuration, inputs and seed. Equal fingerprints: equal outputs.
    pub fingerprint: ContentHash,
    /// The checked configuration.
    pub config: serde_json::Value,
    /// The seed, for stages that draw.
    pub seed: Option<Seed>,
    /// Inputs by name, with their hashes.
    pub inputs: BTreeMap<String, String>,
    /// Output files by name.
    pub outputs: BTreeMap<String, FileRecord>,
    /// Hash over the bits of the embedding, for the stage that trains one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_hash: Option<ContentHash>,
    /// The machine and the time.
    pub machine: MachineRecord,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct FileRecord {
    /// BLAKE3 of its bytes.
    pub hash: ContentHash,
    /// Its size.
    pub bytes: u64,
}

/// The circumstances of a stage's work. They may differ between two runs with the same outputs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct MachineRecord {
    /// The program and its version.
    pub program: String,
    /// Worker threads of this run; other runs may have used further threads at the same time.
    pub threads: usize,
    /// Instruction sets the kernels could choose from.
    pub cpu_features: Vec<String>,
    /// Wall-clock time.
    pub seconds: f64,
    /// The process's largest resident memory so far, where the system reports it. In a grid it includes all runs
    /// before this one and beside it.
    pub peak_memory_bytes: Option<u64>,
}

/// A run: its identity and the record of each stage.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Manifest {
    /// The run's name.
    pub run: String,
    /// The dataset.
    pub dataset: String,
    /// The method.
    pub method: String,
    /// The evaluation protocol; absent where the pipeline named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The run's values of a search, `latent = 64`; absent where there is no search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Decides initial weights, noise and dropout.
    pub seed: Seed,
    /// Decides the split.
    pub split_seed: Seed,
    /// Stages in order.
    pub stages: Vec<StageRecord>,
}

impl Manifest {
    /// The record of one stage, if it has run.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StageRecord> {
        self.stages.iter().find(|record| record.stage == stage)
    }

    /// Every output file of the run.
    pub fn files(&self) -> impl Iterator<Item = (&str, &FileRecord)> {
        self.stages
            .iter()
            .flat_map(|record| record.outputs.iter().map(|(name, file)| (name.as_str(), file)))
    }

    /// Wall-clock seconds of split, train, eval and export, whenever each of them ran. Ingest is left
    /// out: all runs on a graph share it, and it may have waited for a download.
    #[must_use]
    pub fn run_seconds(&self) -> f64 {
        let own = self.stages.iter().filter(|record| record.stage != Stage::Ingest);
        own.map(|record| record.machine.seconds).sum()
    }

    /// Writes `manifest.json` in a run folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let provenance = Provenance::of_stage("pipeline");
        json::write(&folder.join(names::MANIFEST), Kind::Manifest, self, &provenance)
    }

    /// Reads the manifest of a run folder.
    ///
    /// # Errors
    /// When there is none or it is damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        json::read(&folder.join(names::MANIFEST), Kind::Manifest)
    }
}
