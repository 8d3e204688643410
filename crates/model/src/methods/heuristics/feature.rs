use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use vgae_numerics::elementary::{ln, ln_1p};

use super::{katz, page_rank};

/// Score of a pair of nodes `u`, `v` from training edges or features; a higher score means a higher
/// likelihood of an edge. `N(u)` are the neighbours over training edges, `d(u)` their number; `A_hat` is
/// `D^-1/2 (A + I) D^-1/2`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
    JsonSchema,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum PairFeature {
    /// `|N(u) and N(v)|` (Newman 2001).
    CommonNeighbours,
    /// Sum over common neighbours of `1 / ln d` (Adamic & Adar 2003).
    AdamicAdar,
    /// Sum over common neighbours of `1 / d` (Zhou, Lu & Zhang 2009).
    ResourceAllocation,
    /// Number of walks of up to 5 steps, with weight 0.05 per step (truncated Katz index; Katz 1953).
    Katz,
    /// Personalised `PageRank` with return probability 0.15, summed over both directions.
    PageRank,
    /// `(A_hat^2)_uv`.
    #[serde(rename = "walks-2")]
    #[strum(serialize = "walks-2")]
    Walks2,
    /// `(A_hat^3)_uv`.
    #[serde(rename = "walks-3")]
    #[strum(serialize = "walks-3")]
    Walks3,
    /// `(A_hat^4)_uv`.
    #[serde(rename = "walks-4")]
    #[strum(serialize = "walks-4")]
    Walks4,
    /// Cosine of the nodes' TF-IDF features.
    FeatureCosine,
    /// Cosine of TF-IDF features smoothed once by `A_hat`.
    SgcCosine,
    /// `ln(1 + d(u)) + ln(1 + d(v))`.
    DegreeSum,
    /// `ln(1 + min(d(u), d(v)))`.
    DegreeMin,
}

impl PairFeature {
    /// Returns the name in configurations and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns whether the feature requires node features.
    #[must_use]
    pub const fn uses_features(self) -> bool {
        matches!(self, Self::FeatureCosine | Self::SgcCosine)
    }

    /// Transforms a score for [`Hybrid`](super::Hybrid): order-preserving, to a range suitable for a linear
    /// model. Sums over walks span many powers of ten, so their logarithm is used; the added constant keeps
    /// zero finite, below every walk.
    pub(super) fn squash(self, value: f64) -> f64 {
        match self {
            Self::CommonNeighbours | Self::AdamicAdar => ln_1p(value),
            Self::ResourceAllocation => ln_1p(10.0 * value),
            Self::Katz | Self::PageRank | Self::Walks2 | Self::Walks3 | Self::Walks4 => {
                ln(1e-6 + value)
            }
            Self::FeatureCosine | Self::SgcCosine | Self::DegreeSum | Self::DegreeMin => value,
        }
    }

    /// Returns the definition with its constants, for reports.
    #[must_use]
    pub fn definition(self) -> String {
        match self {
            Self::CommonNeighbours => "number of common neighbours".to_owned(),
            Self::AdamicAdar => "sum over common neighbours of 1 / ln(degree)".to_owned(),
            Self::ResourceAllocation => "sum over common neighbours of 1 / degree".to_owned(),
            Self::Katz => {
                format!("sum of {}^l (A^l)_uv over l = 1 to {}", katz::BETA, katz::LONGEST)
            }
            Self::PageRank => {
                format!("pi_u(v) + pi_v(u), with return probability {}", page_rank::RETURN)
            }
            Self::Walks2 => "(A_hat^2)_uv".to_owned(),
            Self::Walks3 => "(A_hat^3)_uv".to_owned(),
            Self::Walks4 => "(A_hat^4)_uv".to_owned(),
            Self::FeatureCosine => "cosine of TF-IDF features".to_owned(),
            Self::SgcCosine => "cosine of TF-IDF features smoothed once by A_hat".to_owned(),
            Self::DegreeSum => "ln(1 + d_u) + ln(1 + d_v)".to_owned(),
            Self::DegreeMin => "ln(1 + min(d_u, d_v))".to_owned(),
        }
    }
}
