//! Ways in which others judge link prediction, so that numbers can be set beside theirs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Messages, Seed};
use vgae_eval::{EvalConfig, NegativeSet};
use vgae_model::{ModelConfig, Select};
use vgae_split::SplitConfig;

use crate::PipelineError;

/// A protocol by name. All hold out 5 % of the edges for validation and 10 % for the test unless the pipeline says
/// otherwise; `docs/evaluation.md` says whose they are.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    JsonSchema,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Kipf & Welling 2016, each run with a split of its own: what every pipeline does that names no protocol.
    #[default]
    Kipf,
    /// The same on one split for all runs, as in the paper.
    KipfFixed,
    /// `PyTorch` Geometric's `RandomLinkSplit` and its auto-encoder example.
    Pyg,
    /// Salha et al. 2020, `linear_graph_autoencoders`.
    Deezer,
    /// Li et al. 2023.
    Heart,
    /// Messages over all edges, those of the test included.
    Leaky,
}

/// Negatives of each positive in [`Protocol::Heart`].
const HEART: NegativeSet = NegativeSet::hard::<500>();

/// What a protocol has a say in.
pub(crate) struct Settings<'a> {
    pub(crate) split: &'a mut SplitConfig,
    pub(crate) split_seed: &'a mut Option<Seed>,
    pub(crate) eval: &'a mut EvalConfig,
    pub(crate) model: &'a mut ModelConfig,
}

impl Protocol {
    /// All of them, the default first.
    pub const ALL: [Self; 6] =
        [Self::Kipf, Self::KipfFixed, Self::Pyg, Self::Deezer, Self::Heart, Self::Leaky];

    /// How it is written in pipelines and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kipf => "kipf",
            Self::KipfFixed => "kipf-fixed",
            Self::Pyg => "pyg",
            Self::Deezer => "deezer",
            Self::Heart => "heart",
            Self::Leaky => "leaky",
        }
    }

    /// What it does, or does unlike `kipf`, in a line.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Kipf => "a split a run, messages over training edges, uniform negatives",
            Self::KipfFixed => "one split for all runs",
            Self::Pyg => {
                "messages over validation edges too where test pairs are scored; the last epoch"
            }
            Self::Deezer => "the last epoch, whatever validation says",
            Self::Heart => "one split for all runs; 500 hard negatives for each positive as well",
            Self::Leaky => "LEAKS: messages over all edges, those of the test included",
        }
    }

    /// What must be said wherever its results are shown.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Leaky => Some(
                "LEAK: protocol `leaky` passes messages over the very edges that are predicted. Its numbers say \
                 what such a leak is worth; they are no results.",
            ),
            _ => None,
        }
    }

    /// Sets what it has a say in.
    ///
    /// # Errors
    /// When the pipeline sets the same otherwise.
    pub(crate) fn apply(self, seed: Seed, settings: Settings<'_>) -> Result<(), PipelineError> {
        let Settings { split, split_seed, eval, model } = settings;
        if split.messages != Messages::Train {
            return Err(PipelineError::Usage {
                what: "split.messages".to_owned(),
                expected: format!("none beside protocol `{self}`, which decides it"),
                found: format!("\"{}\"", split.messages),
            });
        }
        split.messages = match self {
            Self::Pyg => Messages::ValidationAtTest,
            Self::Leaky => Messages::Everything,
            _ => Messages::Train,
        };
        if matches!(self, Self::KipfFixed | Self::Heart) {
            split_seed.get_or_insert(seed);
        }
        if matches!(self, Self::Pyg | Self::Deezer) {
            (model.select, model.patience) = (Select::Last, 0);
        }
        if self == Self::Heart {
            eval.negatives.insert(HEART);
        }
        Ok(())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
