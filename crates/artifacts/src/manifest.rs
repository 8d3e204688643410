use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Kind, Protocol, Provenance, Result, Seed, Stage, json, names};

/// Record of one stage: inputs, outputs, machine and time.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct StageRecord {
    /// The stage.
    pub stage: Stage,
    /// Version of the stage.
    pub stage_version: u32,
    /// Hash over stage, version, configuration, inputs and seed. Equal fingerprints mean equal outputs.
    pub fingerprint: ContentHash,
    /// Validated configuration.
    pub config: serde_json::Value,
    /// Seed, for stages that draw random numbers.
    pub seed: Option<Seed>,
    /// Hashes of the inputs by name.
    pub inputs: BTreeMap<String, String>,
    /// Output files by name.
    pub outputs: BTreeMap<String, FileRecord>,
    /// Hash over the bits of the embedding, for the stage that trains one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_hash: Option<ContentHash>,
    /// Machine and time.
    pub machine: MachineRecord,
}

/// Record of a written file.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct FileRecord {
    /// BLAKE3 hash of the content.
    pub hash: ContentHash,
    /// Size in bytes.
    pub bytes: u64,
}

/// Machine and time of a stage. They may differ between two runs with the same outputs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct MachineRecord {
    /// Program, version and the commit it was built from if known, `vgae 0.1.0 (13cc5df1a2b3)`. A commit that ends in
    /// `-dirty` was built with changes.
    pub program: String,
    /// Worker threads of this run; concurrent runs may have used further threads.
    pub threads: usize,
    /// Instruction sets available to the kernels.
    pub cpu_features: Vec<String>,
    /// Wall-clock time in seconds.
    pub seconds: f64,
    /// Largest resident memory of the process so far in bytes, if the system reports it. In a grid it
    /// includes previous and concurrent runs.
    pub peak_memory_bytes: Option<u64>,
}

/// Manifest of a run: its identity and the record of each stage.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the run.
    pub run: String,
    /// The dataset.
    pub dataset: String,
    /// The method.
    pub method: String,
    /// Data for which the program chose the method, such as `graphs without node features`; absent if the pipeline
    /// names the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_chosen_for: Option<String>,
    /// Evaluation protocol; absent if the pipeline sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// Hyper-parameters of the run in a search, such as `latent = 64`; absent without a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Seed of initial weights, noise and dropout.
    pub seed: Seed,
    /// Seed of the split.
    pub split_seed: Seed,
    /// Stages in order.
    pub stages: Vec<StageRecord>,
}

impl Manifest {
    /// Returns the record of one stage, if it has run.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StageRecord> {
        self.stages.iter().find(|record| record.stage == stage)
    }

    /// Returns all output files of the run.
    pub fn files(&self) -> impl Iterator<Item = (&str, &FileRecord)> {
        self.stages
            .iter()
            .flat_map(|record| record.outputs.iter().map(|(name, file)| (name.as_str(), file)))
    }

    /// Returns the wall-clock seconds of split, train, eval and export, whenever each of them ran. Ingest is
    /// excluded, since all runs on a graph share it and it may include a download.
    #[must_use]
    pub fn run_seconds(&self) -> f64 {
        let own = self.stages.iter().filter(|record| record.stage != Stage::Ingest);
        own.map(|record| record.machine.seconds).sum()
    }

    /// Writes `manifest.json` in a run folder.
    ///
    /// # Errors
    /// Returns an error when it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let provenance = Provenance::of_stage("pipeline");
        json::write(&folder.join(names::MANIFEST), Kind::Manifest, self, &provenance)
    }

    /// Reads the manifest of a run folder.
    ///
    /// # Errors
    /// Returns an error when it is missing or damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        json::read(&folder.join(names::MANIFEST), Kind::Manifest)
    }
}
