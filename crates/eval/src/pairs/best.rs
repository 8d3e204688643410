//! The best of many, seen one by one.

use vgae_artifacts::Pair;

use crate::ranking::{from_sortable, sortable};

/// A pair in the order of results: higher logits first, equal ones by source and target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Falls as the logit rises.
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

/// The logit of a [`Candidate::rank`].
pub(super) fn logit_of(rank: u32) -> f32 {
    from_sortable(!rank)
}

/// Room for fewer would be sorted out all the time.
const LEAST_ROOM: usize = 1024;

/// The first `count` of the candidates seen. As no two candidates are equal, it does not matter in which
/// order they come.
pub(super) struct Best {
    count: usize,
    /// The first `count`, in no order, and some that may not be among them.
    kept: Vec<Candidate>,
    /// The last that can still be among the first `count`, once so many were seen.
    last: Option<Candidate>,
}

impl Best {
    /// `count` is at least 1.
    pub(super) fn new(count: usize) -> Self {
        Self { count, kept: Vec::new(), last: None }
    }

    /// Takes a candidate. Returns the last that counts, if that has just become another.
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

    /// Takes all of another's.
    pub(super) fn merge(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.cut();
    }

    /// The first `count`, sorted.
    pub(super) fn into_sorted(mut self) -> Vec<Candidate> {
        self.cut();
        self.kept.sort_unstable();
        self.kept
    }
}
