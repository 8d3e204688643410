//! Options that evaluation protocols set in a pipeline.

use vgae_artifacts::{Messages, NegativeSet, Protocol, Seed};
use vgae_eval::EvalConfig;
use vgae_split::SplitConfig;

use crate::PipelineError;

/// Negatives of each positive in [`Protocol::Heart`].
const HEART: NegativeSet = NegativeSet::hard::<500>();

/// The settings that a protocol may decide.
pub(crate) struct Settings<'a> {
    pub(crate) split: &'a mut SplitConfig,
    pub(crate) split_seed: &'a mut Option<Seed>,
    pub(crate) eval: &'a mut EvalConfig,
}

/// Whether the weights of the last epoch are evaluated, whatever validation pairs say.
pub(crate) const fn keeps_last_epoch(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Pyg | Protocol::Deezer)
}

/// Applies a protocol to the settings that it decides.
///
/// # Errors
/// When the pipeline sets the same otherwise.
pub(crate) fn apply(
    protocol: Protocol,
    seed: Seed,
    settings: Settings<'_>,
) -> Result<(), PipelineError> {
    let Settings { split, split_seed, eval } = settings;
    if split.messages != Messages::Train {
        return Err(PipelineError::Usage {
            what: "split.messages".to_owned(),
            expected: format!("none beside protocol `{protocol}`, which decides it"),
            found: format!("\"{}\"", split.messages),
        });
    }
    split.messages = match protocol {
        Protocol::Pyg => Messages::ValidationAtTest,
        Protocol::Leaky => Messages::Everything,
        _ => Messages::Train,
    };
    if matches!(protocol, Protocol::KipfFixed | Protocol::Heart) {
        split_seed.get_or_insert(seed);
    }
    if protocol == Protocol::Heart {
        eval.negatives.insert(HEART);
    }
    Ok(())
}
