use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Seed};

/// Origin of an artifact. It contains nothing that differs between two identical runs (no time, no host).
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Provenance {
    /// Program and version, `vgae 0.1.0`.
    pub program: String,
    /// Stage that wrote the artifact.
    pub stage: String,
    /// Name of the dataset, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Trained method, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Seed of the run, if relevant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// Fingerprint of the stage: hash over stage, version, configuration, inputs and seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<ContentHash>,
}

impl Provenance {
    /// Creates a provenance with only the program and a stage.
    #[must_use]
    pub fn of_stage(stage: impl Into<String>) -> Self {
        Self {
            program: concat!("vgae ", env!("CARGO_PKG_VERSION")).to_owned(),
            stage: stage.into(),
            dataset: None,
            method: None,
            seed: None,
            fingerprint: None,
        }
    }
}
