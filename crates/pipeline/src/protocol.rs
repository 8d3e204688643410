//! Options that evaluation protocols set in a pipeline.

use vgae_artifacts::{Messages, NegativeSet, Protocol, Seed};
use vgae_eval::EvalConfig;
use vgae_split::SplitConfig;

use crate::PipelineError;

/// Negatives of each positive in [`Protocol::Heart`].
const HEART: NegativeSet = NegativeSet::hard::<500>();

/// Fractions for validation and testing in [`Protocol::Ncn`].
const NCN: (f64, f64) = (0.1, 0.2);

/// The settings that a protocol may decide.
pub(crate) struct Settings<'a> {
    pub(crate) split: &'a mut SplitConfig,
    pub(crate) split_seed: &'a mut Option<Seed>,
    pub(crate) eval: &'a mut EvalConfig,
    /// Whether the parts of the split are given in files.
    pub(crate) has_files: bool,
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
    let Settings { split, split_seed, eval, has_files } = settings;
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
    let has_one_split = [Protocol::KipfFixed, Protocol::Heart, Protocol::HeartOfficial];
    if has_one_split.contains(&protocol) {
        split_seed.get_or_insert(seed);
    }
    match protocol {
        Protocol::Heart => eval.negatives.insert(HEART),
        Protocol::HeartOfficial => {
            if !has_files || eval.negatives.files().is_none() {
                return Err(PipelineError::Usage {
                    what: format!("protocol `{protocol}`"),
                    expected: "`split.files` with the published split and `eval.negatives` with its files of \
                               negatives"
                        .to_owned(),
                    found: if has_files { "no files of negatives" } else { "no `split.files`" }.to_owned(),
                });
            }
            eval.mean_ranks = true;
            eval.own_epochs = true;
        }
        Protocol::Ncn => {
            let given = (split.validation, split.test);
            let default = SplitConfig::default();
            if has_files || ![NCN, (default.validation, default.test)].contains(&given) {
                return Err(PipelineError::Usage {
                    what: "split".to_owned(),
                    expected: format!("no fractions and no files beside protocol `{protocol}`"),
                    found: if has_files {
                        "`split.files`".to_owned()
                    } else {
                        format!("validation = {}, test = {}", given.0, given.1)
                    },
                });
            }
            (split.validation, split.test) = NCN;
        }
        _ => {}
    }
    Ok(())
}
