mod config;
pub use config::{DeepWalkConfig, SkipGramObjective};
use vgae_artifacts::Seed;
use crate::{FitInput, Fitted, ModelError};
/// What the walks were.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepWalkDiagnostics {
}
pub(crate) fn fit(
    _input: FitInput<'_>,
    _config: &DeepWalkConfig,
    _seed: Seed,
) -> Result<Fitted, ModelError> { Err(ModelError::NoTrainingEdges) }
