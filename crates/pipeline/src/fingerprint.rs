//! When a stage need not run again.

use std::collections::BTreeMap;

use serde::Serialize;
use vgae_artifacts::{ContentHash, Seed};

use crate::Stage;

/// Everything that decides a stage's output.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Job {
    pub(crate) stage: Stage,
    pub(crate) stage_version: u32,
    /// The checked configuration.
    pub(crate) config: serde_json::Value,
    /// Inputs by name, with their hashes.
    pub(crate) inputs: BTreeMap<String, String>,
    pub(crate) seed: Option<Seed>,
}

impl Job {
    /// Hash over stage, version, configuration, inputs and seed.
    pub(crate) fn fingerprint(&self) -> ContentHash {
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        ContentHash::of(&canonical)
    }
}
