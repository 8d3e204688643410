use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Seed};

/// Where an artifact comes from. Holds nothing that differs between two identical runs (no time, no host).
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Provenance {
    /// The program and its version, `vgae 0.1.0`.
    pub program: String,
    /// The stage that wrote it.
    pub stage: String,
    /// What the graph is called, if it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The method that was trained, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The seed of the run, where it plays a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The stage's fingerprint: hash over stage, version, configuration, inputs and seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<ContentHash>,
}

impl Provenance {
    /// Provenance that names only the program and a stage.
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
