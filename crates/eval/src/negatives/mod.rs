//! Negatives that an edge is ranked among.

mod candidates;
mod degrees;
mod draw;
mod shuffled;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use candidates::Candidates;
pub(crate) use candidates::edges_of;
pub use draw::draw_candidates;

use crate::EvalError;

/// Distribution of negatives.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum NegativeKind {
    /// Any pairs that are no edges of the whole graph, each as likely as the next.
    Uniform,
    /// Pairs whose ends have training degrees like those of the edge's ends, so that a model that knows nothing
    /// but degrees does as chance does.
    DegreeMatched,
    /// One end of the edge, and any node it has no edge to; both ends in turn.
    Corrupt,
    /// One end of the edge, and the nodes that look likeliest; a model makes them.
    Hard,
}

impl NegativeKind {
    /// For `Metrics::definitions` of a run that ranks among such negatives: a key, and name, version and text
    /// of the definition.
    #[must_use]
    pub fn definition(self) -> (String, String) {
        let text = match self {
            Self::Uniform => {
                "uniform_negatives/1 (pairs drawn uniformly from those that are no edge of the whole graph, each \
                 once an edge)"
            }
            Self::DegreeMatched => {
                "degree_matched_negatives/1 (both ends of the edge are drawn anew, each from nodes of like training \
                 degree: of one degree where 100 nodes or more have it, else of neighbouring degrees that 100 nodes \
                 have together, each degree as often as ends of the part's edges have it; no edge of the whole \
                 graph, each once an edge)"
            }
            Self::Corrupt => {
                "corrupt_negatives/1 (one end of the edge and a node drawn uniformly from those it has no edge to in \
                 the whole graph, both ends in turn, each once an edge)"
            }
            Self::Hard => {
                "hard_negatives/1 (half keep each end of the edge; the other is of the nodes that end has no edge to, \
                 those with the best of three ranks over training edges: resource allocation, personalised PageRank \
                 by forward push, cosine of TF-IDF features; equals at random; after Li et al. 2023, HeaRT, arXiv \
                 2306.10453)"
            }
        };
        (format!("{}_negatives", self.to_string().replace('-', "_")), text.to_owned())
    }
}

/// A kind of negatives and how many an edge is ranked among; written `uniform:10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NegativeSet {
    kind: NegativeKind,
    per_positive: u32,
}

impl NegativeSet {
    /// The most negatives an edge may have.
    pub const MOST: u32 = 10_000;

    /// So many negatives of a kind for each edge.
    ///
    /// # Errors
    /// When there are none, or more than [`NegativeSet::MOST`].
    pub fn new(kind: NegativeKind, per_positive: u32) -> Result<Self, EvalError> {
        let set = Self { kind, per_positive };
        if (1..=Self::MOST).contains(&per_positive) {
            Ok(set)
        } else {
            Err(EvalError::Negatives { found: set.to_string() })
        }
    }

    /// So many hard ones.
    #[must_use]
    pub const fn hard<const PER_POSITIVE: u32>() -> Self {
        const { assert!(PER_POSITIVE >= 1 && PER_POSITIVE <= Self::MOST, "1 to MOST") };
        Self { kind: NegativeKind::Hard, per_positive: PER_POSITIVE }
    }

    /// How they are made.
    #[must_use]
    pub const fn kind(self) -> NegativeKind {
        self.kind
    }

    /// How many an edge has, where there are so many.
    #[must_use]
    pub const fn per_positive(self) -> u32 {
        self.per_positive
    }
}

impl fmt::Display for NegativeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.per_positive)
    }
}

impl FromStr for NegativeSet {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        let fault = || EvalError::Negatives { found: text.to_owned() };
        let (name, number) = text.split_once(':').ok_or_else(fault)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match (name.parse(), number.parse()) {
            (Ok(kind), Ok(number)) if digits => Self::new(kind, number).map_err(|_| fault()),
            _ => Err(fault()),
        }
    }
}

impl TryFrom<String> for NegativeSet {
    type Error = EvalError;

    fn try_from(text: String) -> Result<Self, EvalError> {
        text.parse()
    }
}

impl From<NegativeSet> for String {
    fn from(set: NegativeSet) -> Self {
        set.to_string()
    }
}

/// Sets of negatives, each once, in the order given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<NegativeSet>", into = "Vec<NegativeSet>")]
pub struct NegativeSets(Vec<NegativeSet>);

impl NegativeSets {
    /// Takes the sets.
    ///
    /// # Errors
    /// When one is there twice. (The same kind with another number is another set.)
    pub fn new(sets: Vec<NegativeSet>) -> Result<Self, EvalError> {
        let twice = sets.iter().enumerate().find(|(at, set)| sets[..*at].contains(set));
        match twice {
            Some((_, &set)) => Err(EvalError::SameNegatives { set }),
            None => Ok(Self(sets)),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a set unless it is there.
    pub fn insert(&mut self, set: NegativeSet) {
        if !self.0.contains(&set) {
            self.0.push(set);
        }
    }

    /// The sets.
    pub fn iter(&self) -> impl Iterator<Item = NegativeSet> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<NegativeSet>> for NegativeSets {
    type Error = EvalError;

    fn try_from(sets: Vec<NegativeSet>) -> Result<Self, EvalError> {
        Self::new(sets)
    }
}

impl From<NegativeSets> for Vec<NegativeSet> {
    fn from(sets: NegativeSets) -> Self {
        sets.0
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for text in ["uniform:1", "degree-matched:10", "corrupt:100", "hard:10000"] {
            let set: NegativeSet = text.parse().expect("a set");
            assert_eq!(set.to_string(), text);
            assert_eq!(serde_json::to_string(&set).expect("text"), format!("{text:?}"));
        }
        for text in [
            "",
            "uniform",
            "uniform:",
            "uniform:0",
            "uniform:10001",
            "uniform:+1",
            "Uniform:1",
            "hard:1:1",
        ] {
            let message = text.parse::<NegativeSet>().expect_err("no set").to_string();
            assert!(message.ends_with(&format!("from 1 to 10000, found {text:?}")), "{message}");
        }
    }

    #[test]
    fn a_set_stands_in_a_list_once() {
        let read = serde_json::from_str::<NegativeSets>;
        let sets = read(r#"["uniform:10", "uniform:1", "hard:10"]"#).expect("different sets");
        let names: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        assert_eq!(names, ["uniform:10", "uniform:1", "hard:10"]);
        let message = read(r#"["hard:1", "uniform:10", "hard:1"]"#).expect_err("twice").to_string();
        assert!(message.contains("found hard:1 twice"), "{message}");
    }

    #[test]
    fn every_kind_has_a_definition_of_its_own() {
        let keys =
            NegativeKind::VARIANTS.iter().map(|kind| kind.definition().0).collect::<Vec<_>>();
        assert_eq!(
            keys,
            [
                "uniform_negatives",
                "degree_matched_negatives",
                "corrupt_negatives",
                "hard_negatives"
            ]
        );
        for kind in NegativeKind::VARIANTS {
            let (key, text) = kind.definition();
            assert!(text.starts_with(&format!("{key}/1 (")), "{text}");
        }
    }
}
