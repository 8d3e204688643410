//! Negatives that edges are ranked among.

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

/// Returns the definition of a kind of negatives for `Metrics::definitions`: the key, and the text with name
/// and version.
pub(crate) fn definition(kind: NegativeKind) -> (String, String) {
    let text = match kind {
        NegativeKind::Uniform => {
            "uniform_negatives/1 (pairs drawn uniformly from those that are not edges of the whole graph, distinct \
             per edge)"
        }
        NegativeKind::DegreeMatched => {
            "degree_matched_negatives/1 (both ends of the edge are replaced, each by a node of similar training \
             degree: of one degree if 100 nodes or more have it, else of adjacent degrees that 100 nodes have \
             together, each degree as often as ends of the part's edges have it; not an edge of the whole graph, \
             distinct per edge)"
        }
        NegativeKind::Corrupt => {
            "corrupt_negatives/1 (one end of the edge and a node drawn uniformly from those not adjacent to it in the \
             whole graph, both ends alternately, distinct per edge)"
        }
        NegativeKind::Hard => {
            "hard_negatives/1 (half keep each end of the edge; the other is one of the nodes not adjacent to that end, \
             those with the best of three ranks over training edges: resource allocation, personalised PageRank by \
             forward push, cosine of TF-IDF features; ties in random order; after Li et al. 2023, HeaRT, arXiv \
             2306.10453)"
        }
    };
    (format!("{}_negatives", kind.to_string().replace('-', "_")), text.to_owned())
}

/// Distinct sets of negatives, in the given order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<NegativeSet>", into = "Vec<NegativeSet>")]
#[schemars(with = "Vec<NegativeSet>")]
pub struct NegativeSets(Vec<NegativeSet>);

impl NegativeSets {
    /// Checks that the sets are distinct.
    ///
    /// # Errors
    /// Returns an error when a set is listed twice. (The same kind with another number is another set.)
    pub fn new(sets: Vec<NegativeSet>) -> Result<Self, EvalError> {
        let twice = sets.iter().enumerate().find(|(at, set)| sets[..*at].contains(set));
        match twice {
            Some((_, &set)) => Err(EvalError::SameNegatives { set }),
            None => Ok(Self(sets)),
        }
    }

    /// Returns whether there are no sets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a set unless it is already present.
    pub fn insert(&mut self, set: NegativeSet) {
        if !self.0.contains(&set) {
            self.0.push(set);
        }
    }

    /// Returns the sets.
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
        assert!(message.contains("found duplicate hard:1"), "{message}");
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
