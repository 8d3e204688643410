use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Evaluation protocol of the literature. All but `ncn` hold out 5 % of the edges for validation and 10 % for
/// testing unless the pipeline sets other fractions or files; `docs/evaluation.md` lists the sources.
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
    /// Li et al. 2023, on a split and negatives of the pipeline's own making.
    Heart,
    /// Li et al. 2023, on a split and negatives that are given in files.
    HeartOfficial,
    /// Wang et al. 2024, neural common neighbours.
    Ncn,
    /// Message passing over all edges, including test edges.
    Leaky,
}

impl Protocol {
    /// Protocols that differ from `kipf` on the same split fractions and need no files.
    pub const COMPARED: [Self; 6] =
        [Self::Kipf, Self::KipfFixed, Self::Pyg, Self::Deezer, Self::Heart, Self::Leaky];

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
            Self::HeartOfficial => {
                "given split and negatives, ties at their mean rank, each metric at its own best epoch"
            }
            Self::Ncn => {
                "10 % of the edges validate and 20 % test; Hits@100 among the split's negatives"
            }
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
