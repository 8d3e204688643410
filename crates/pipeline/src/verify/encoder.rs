use std::path::Path;

use vgae_artifacts::names;
use vgae_model::{Learned, ModelConfig};

use crate::StageError;

/// Returns the configuration of the method that embedded the nodes of a run by `model`; of a hybrid, which may have
/// several encoders, that of the stored weights.
pub(super) fn encoder(folder: &Path, model: &ModelConfig) -> Result<ModelConfig, StageError> {
    if model.encoders().is_empty() {
        return Ok(model.clone());
    }
    let (stored, _) = Learned::read(&folder.join(names::WEIGHTS))?;
    if !model.embeds_by(&stored) {
        return Err(StageError::OtherWeights { found: stored.method() });
    }
    Ok(stored)
}
