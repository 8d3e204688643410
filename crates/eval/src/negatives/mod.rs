//! Negatives that an edge is ranked among.

mod candidates;
mod degrees;
mod draw;
mod shuffled;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{NegativeKind, NegativeSet};

pub use candidates::Candidates;
pub(crate) use candidates::edges_of;
pub use draw::draw_candidates;

use crate::EvalError;

/// The definition of a kind of negatives, for `Metrics::definitions` of a run that ranks among them: a key, and name,
/// version and text.
pub(crate) fn definition(kind: NegativeKind) -> (String, String) {
    let text = match kind {
        NegativeKind::Uniform => {
            "uniform_negatives/1 (pairs drawn uniformly from those that are no edge of the whole graph, each once an \
             edge)"
        }
        NegativeKind::DegreeMatched => {
            "degree_matched_negatives/1 (both ends of the edge are drawn anew, each from nodes of like training \
             degree: of one degree where 100 nodes or more have it, else of neighbouring degrees that 100 nodes have \
             together, each degree as often as ends of the part's edges have it; no edge of the whole graph, each \
             once an edge)"
        }
        NegativeKind::Corrupt => {
            "corrupt_negatives/1 (one end of the edge and a node drawn uniformly from those it has no edge to in the \
             whole graph, both ends in turn, each once an edge)"
        }
        NegativeKind::Hard => {
            "hard_negatives/1 (half keep each end of the edge; the other is of the nodes that end has no edge to, \
             those with the best of three ranks over training edges: resource allocation, personalised PageRank by \
             forward push, cosine of TF-IDF features; equals at random; after Li et al. 2023, HeaRT, arXiv \
             2306.10453)"
        }
    };
    (format!("{}_negatives", kind.to_string().replace('-', "_")), text.to_owned())
}

/// Sets of negatives, each once, in the order given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<NegativeSet>", into = "Vec<NegativeSet>")]
#[schemars(with = "Vec<NegativeSet>")]
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
    use strum::VariantArray as _;

    use super::*;

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
            NegativeKind::VARIANTS.iter().map(|&kind| definition(kind).0).collect::<Vec<_>>();
        assert_eq!(
            keys,
            [
                "uniform_negatives",
                "degree_matched_negatives",
                "corrupt_negatives",
                "hard_negatives"
            ]
        );
        for &kind in NegativeKind::VARIANTS {
            let (key, text) = definition(kind);
            assert!(text.starts_with(&format!("{key}/1 (")), "{text}");
        }
    }
}
