use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Evaluation protocol of the literature. All hold out 5 % of the edges for validation and 10 % for testing
/// unless the pipeline sets other fractions; `docs/evaluation.md` lists the sources.
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
    /// Kipf & Welling 2016, with one split per run. Pipelines without a protocol do the same.
    #[default]
    Kipf,
    /// Kipf & Welling 2016 with one split for all runs, as in the paper.
    KipfFixed,
    /// `PyTorch` Geometric's `RandomLinkSplit` and its auto-encoder example.
    Pyg,
    /// Salha et al. 2020, `linear_graph_autoencoders`.
    Deezer,
    /// Li et al. 2023.
    Heart,
    /// Message passing over all edges, including test edges.
    Leaky,
}

impl Protocol {
    /// Returns a one-line description of the protocol, or of its differences from `kipf`.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Kipf => {
                "one split per run, message passing over training edges, uniform negatives"
            }
            Self::KipfFixed => "one split for all runs",
            Self::Pyg => {
                "message passing over validation edges too when test pairs are scored; last epoch"
            }
            Self::Deezer => "last epoch, without early stopping",
            Self::Heart => "one split for all runs; additionally 500 hard negatives per edge",
            Self::Leaky => "LEAKS: message passing over all edges, including test edges",
        }
    }

    /// Returns the warning that accompanies its results.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Leaky => Some(
                "LEAK: protocol `leaky` passes messages over the edges that are predicted. Its numbers measure \
                 the leak and are not results.",
            ),
            _ => None,
        }
    }
}
