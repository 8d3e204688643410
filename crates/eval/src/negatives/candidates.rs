use std::collections::HashSet;
use std::ops::RangeInclusive;

use vgae_artifacts::{EdgeSplit, Pair, Part};
use vgae_numerics::Adjacency;

use crate::EvalError;

/// Negatives of each edge of a part, in the order of the part's edges. Lists may differ in length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// Concatenated lists of pairs, as [`EdgeSplit::listed`].
    pairs: Vec<Pair>,
    /// End of each list.
    ends: Vec<usize>,
}

impl Candidates {
    /// Validates one list per edge of a part, in the order of the part. Pairs may have either direction.
    ///
    /// # Errors
    /// Returns an error when the number of lists differs from that of edges, or when a pair is an edge of any
    /// part, a self-loop, a duplicate within its list, out of range, or of node types that edges do not join.
    pub fn from_lists(
        split: &EdgeSplit,
        part: Part,
        lists: Vec<Vec<Pair>>,
    ) -> Result<Self, EvalError> {
        let edges = edges_of(split, part);
        check_list_count(part, edges, &lists)?;
        let (graph, types) = (whole_graph(split), split.pair_types());
        let mut seen = HashSet::new();
        for (&edge, list) in edges.iter().zip(&lists) {
            seen.clear();
            for &found in list {
                let expected = if let Some(expected) = no_pair_of(split, found) {
                    expected
                } else if types.is_some_and(|types| !types.allows(found)) {
                    "nodes of types that edges join"
                } else if graph.contains(found) {
                    "no edge of any part"
                } else if !seen.insert(split.listed(found)) {
                    "each pair once"
                } else {
                    continue;
                };
                return Err(EvalError::Candidate { part, edge, expected, found });
            }
        }
        Ok(Self::trusted(split, lists))
    }

    /// Accepts one list per edge of a part as given, in the order of the part: lists may contain edges and
    /// repetitions. Pairs may have either direction.
    ///
    /// # Errors
    /// Returns an error when the number of lists differs from that of edges, or when a pair is a self-loop or
    /// out of range.
    pub fn given(split: &EdgeSplit, part: Part, lists: Vec<Vec<Pair>>) -> Result<Self, EvalError> {
        let edges = edges_of(split, part);
        check_list_count(part, edges, &lists)?;
        for (&edge, list) in edges.iter().zip(&lists) {
            let fault = list.iter().find_map(|&pair| Some((pair, no_pair_of(split, pair)?)));
            if let Some((found, expected)) = fault {
                return Err(EvalError::Candidate { part, edge, expected, found });
            }
        }
        Ok(Self::trusted(split, lists))
    }

    /// Stores lists that are known to be valid. Each list is freed after it is copied.
    pub(super) fn trusted(split: &EdgeSplit, lists: Vec<Vec<Pair>>) -> Self {
        let mut pairs = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        let mut ends = Vec::with_capacity(lists.len());
        for list in lists {
            pairs.extend(list.into_iter().map(|pair| split.listed(pair)));
            ends.push(pairs.len());
        }
        Self { pairs, ends }
    }

    /// Returns the number of lists, one per edge.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there are no lists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the negatives of the edge at index `at` of its part, as [`EdgeSplit::listed`].
    ///
    /// # Panics
    /// Panics when `at` is not less than the number of edges.
    #[must_use]
    pub fn list(&self, at: usize) -> &[Pair] {
        self.lists(at..=at)
    }

    /// Returns the concatenated negatives of a range of edges.
    pub(crate) fn lists(&self, places: RangeInclusive<usize>) -> &[Pair] {
        let start = places.start().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.pairs[start..self.ends[*places.end()]]
    }

    /// Returns all lists, concatenated.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }
}

/// Checks that there is a list per edge.
fn check_list_count(part: Part, edges: &[Pair], lists: &[Vec<Pair>]) -> Result<(), EvalError> {
    if lists.len() == edges.len() {
        return Ok(());
    }
    Err(EvalError::CandidateLists { part, expected: edges.len(), found: lists.len() })
}

/// Returns the condition that a pair violates if it is not a pair of different nodes of the split.
fn no_pair_of(split: &EdgeSplit, pair: Pair) -> Option<&'static str> {
    if pair.src.max(pair.dst) as usize >= split.node_count() {
        Some("nodes of the split")
    } else if pair.is_self_loop() {
        Some("two different nodes")
    } else {
        None
    }
}

/// Returns the edges of a part.
pub(crate) fn edges_of(split: &EdgeSplit, part: Part) -> &[Pair] {
    match part {
        Part::Train => split.train(),
        Part::Validation => &split.validation().positive,
        Part::Test => &split.test().positive,
    }
}

/// Returns the graph of the edges of all parts, none of which may be a negative.
pub(crate) fn whole_graph(split: &EdgeSplit) -> Adjacency {
    let parts = [Part::Train, Part::Validation, Part::Test];
    let edges = parts.into_iter().flat_map(|part| edges_of(split, part));
    Adjacency::of_pairs(split.node_count(), edges)
}
