use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{katz, page_rank};
use crate::ModelError;

/// A number that tells something of a pair of nodes `u`, `v` from training edges or features: likely edges
/// have larger ones. `N(u)` are neighbours over training edges, `d(u)` how many; `A_hat` is
/// `D^-1/2 (A + I) D^-1/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum PairFeature {
    /// `common-neighbours`: `|N(u) and N(v)|` (Newman 2001).
    CommonNeighbours,
    /// `adamic-adar`: the sum over common neighbours of `1 / ln d` (Adamic & Adar 2003).
    AdamicAdar,
    /// `resource-allocation`: the sum over common neighbours of `1 / d` (Zhou, Lu & Zhang 2009).
    ResourceAllocation,
    /// `katz`: walks of up to 5 steps, each step counting 0.05 (Katz 1953, cut off).
    Katz,
    /// `page-rank`: personalised `PageRank` with a chance of 0.15 to return, in both directions added.
    PageRank,
    /// `walks-2`: `(A_hat^2)_uv`.
    Walks2,
    /// `walks-3`: `(A_hat^3)_uv`.
    Walks3,
    /// `walks-4`: `(A_hat^4)_uv`.
    Walks4,
    /// `text`: the cosine of the nodes' TF-IDF features.
    Text,
    /// `smoothed-text`: the cosine of TF-IDF features smoothed once by `A_hat`.
    SmoothedText,
    /// `degree-sum`: `ln(1 + d(u)) + ln(1 + d(v))`.
    DegreeSum,
    /// `degree-min`: `ln(1 + min(d(u), d(v)))`.
    DegreeMin,
}

impl PairFeature {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::CommonNeighbours,
        Self::AdamicAdar,
        Self::ResourceAllocation,
        Self::Katz,
        Self::PageRank,
        Self::Walks2,
        Self::Walks3,
        Self::Walks4,
        Self::Text,
        Self::SmoothedText,
        Self::DegreeSum,
        Self::DegreeMin,
    ];

    /// How it is written in configurations and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommonNeighbours => "common-neighbours",
            Self::AdamicAdar => "adamic-adar",
            Self::ResourceAllocation => "resource-allocation",
            Self::Katz => "katz",
            Self::PageRank => "page-rank",
            Self::Walks2 => "walks-2",
            Self::Walks3 => "walks-3",
            Self::Walks4 => "walks-4",
            Self::Text => "text",
            Self::SmoothedText => "smoothed-text",
            Self::DegreeSum => "degree-sum",
            Self::DegreeMin => "degree-min",
        }
    }

    /// Whether it is of use only among others, in a hybrid, and nobody's method of link prediction.
    #[must_use]
    pub const fn is_part(self) -> bool {
        matches!(
            self,
            Self::Walks2
                | Self::Walks3
                | Self::Walks4
                | Self::SmoothedText
                | Self::DegreeSum
                | Self::DegreeMin
        )
    }

    /// Whether it reads node features.
    #[must_use]
    pub const fn uses_features(self) -> bool {
        matches!(self, Self::Text | Self::SmoothedText)
    }

    /// What [`Hybrid`](super::Hybrid) is given for it: the same order, a range that a linear model can use.
    /// Sums over walks span many powers of ten, so their logarithm is taken; the least number keeps "no
    /// walk at all" finite, below every walk.
    pub(super) fn squash(self, value: f64) -> f64 {
        match self {
            Self::CommonNeighbours | Self::AdamicAdar => value.ln_1p(),
            Self::ResourceAllocation => (10.0 * value).ln_1p(),
            Self::Katz | Self::PageRank | Self::Walks2 | Self::Walks3 | Self::Walks4 => {
                (1e-6 + value).ln()
            }
            Self::Text | Self::SmoothedText | Self::DegreeSum | Self::DegreeMin => value,
        }
    }

    /// The definition with its constants, as reports state it.
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
                format!("pi_u(v) + pi_v(u), the chance to return being {}", page_rank::RETURN)
            }
            Self::Walks2 => "(A_hat^2)_uv".to_owned(),
            Self::Walks3 => "(A_hat^3)_uv".to_owned(),
            Self::Walks4 => "(A_hat^4)_uv".to_owned(),
            Self::Text => "cosine of TF-IDF features".to_owned(),
            Self::SmoothedText => "cosine of TF-IDF features smoothed once by A_hat".to_owned(),
            Self::DegreeSum => "ln(1 + d_u) + ln(1 + d_v)".to_owned(),
            Self::DegreeMin => "ln(1 + min(d_u, d_v))".to_owned(),
        }
    }
}

impl fmt::Display for PairFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for PairFeature {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Self::ALL.into_iter().find(|feature| feature.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|feature| feature.name()).collect();
            ModelError::config(
                "pair feature",
                format!("one of {}", names.join(", ")),
                format!("{text:?}"),
            )
        })
    }
}

impl TryFrom<String> for PairFeature {
    type Error = ModelError;

    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<PairFeature> for String {
    fn from(feature: PairFeature) -> Self {
        feature.name().to_owned()
    }
}
