//! Selection of the best candidates from a stream.

use vgae_artifacts::Pair;

use crate::ranking::{from_sortable, sortable};

/// A pair in the order of results: higher logits first, equal ones by source and target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Decreases as the logit increases.
    rank: u32,
    src: u32,
    dst: u32,
}

impl Candidate {
    pub(super) fn new(pair: Pair, logit: f32) -> Self {
        Self { rank: !sortable(logit), src: pair.src, dst: pair.dst }
    }

    pub(super) fn pair(self) -> Pair {
        Pair::new(self.src, self.dst)
    }

    pub(super) fn rank(self) -> u32 {
        self.rank
    }
}

/// Returns the logit of a [`Candidate::rank`].
pub(super) fn logit_of(rank: u32) -> f32 {
    from_sortable(!rank)
}

/// Minimum buffer size; a smaller buffer would be partitioned too often.
const LEAST_ROOM: usize = 1024;

/// The first `count` of the candidates seen so far. Candidates are distinct, so the order of insertion does
/// not matter.
pub(super) struct Best {
    count: usize,
    /// The first `count`, unordered, and some that may not be among them.
    kept: Vec<Candidate>,
    /// Last candidate that can still be among the first `count`, once at least `count` were seen.
    last: Option<Candidate>,
}

impl Best {
    /// Creates an empty selection. `count` must be at least 1.
    pub(super) fn new(count: usize) -> Self {
        Self { count, kept: Vec::new(), last: None }
    }

    /// Inserts a candidate. Returns the new threshold if it has just changed.
    pub(super) fn push(&mut self, candidate: Candidate) -> Option<Candidate> {
        if self.last.is_some_and(|last| candidate > last) {
            return None;
        }
        self.kept.push(candidate);
        if self.kept.len() < self.count.saturating_mul(2).max(LEAST_ROOM) {
            return None;
        }
        self.cut();
        self.last
    }

    fn cut(&mut self) {
        if self.kept.len() >= self.count {
            let (_, last, _) = self.kept.select_nth_unstable(self.count - 1);
            self.last = Some(*last);
            self.kept.truncate(self.count);
        }
    }

    /// Inserts all candidates of another selection.
    pub(super) fn merge(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.cut();
    }

    /// Returns the first `count`, sorted.
    pub(super) fn into_sorted(mut self) -> Vec<Candidate> {
        self.cut();
        self.kept.sort_unstable();
        self.kept
    }
}
