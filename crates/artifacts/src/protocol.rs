use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// An evaluation protocol of the literature. All hold out 5 % of the edges for validation and 10 % for the test
/// unless the pipeline sets other shares; `docs/evaluation.md` has the sources.
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
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Protocol {
    /// Kipf & Welling 2016, with a split per run. Pipelines without a protocol do the same.
    #[default]
    Kipf,
    /// The same with one split for all runs, as in the paper.
    KipfFixed,
    /// `PyTorch` Geometric's `RandomLinkSplit` and its auto-encoder example.
    Pyg,
    /// Salha et al. 2020, `linear_graph_autoencoders`.
    Deezer,
    /// Li et al. 2023.
    Heart,
    /// Message passing over all edges, those of the test included.
    Leaky,
}

impl Protocol {
    /// One line on what the protocol does, or does unlike `kipf`.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Kipf => "a split per run, messages over training edges, uniform negatives",
            Self::KipfFixed => "one split for all runs",
            Self::Pyg => {
                "messages over validation edges too where test pairs are scored; the last epoch"
            }
            Self::Deezer => "the last epoch, whatever validation says",
            Self::Heart => "one split for all runs; 500 hard negatives for each positive as well",
            Self::Leaky => "LEAKS: messages over all edges, those of the test included",
        }
    }

    /// The warning that accompanies its results wherever they are shown.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Leaky => Some(
                "LEAK: protocol `leaky` passes messages over the very edges that are predicted. Its numbers measure \
                 the leak; they are no results.",
            ),
            _ => None,
        }
    }
}
