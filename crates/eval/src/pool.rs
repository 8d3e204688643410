use crate::place::{Place, Places};
use crate::ranking::{RankMetrics, sortable};

/// Counts of negatives between and at the distinct scores of positives, from which AUC, average precision and
/// ranks are computed. Its size depends on the number of positives only.
#[derive(Debug)]
pub(crate) struct Pool {
    /// Distinct scores of positives as sortable integers, ascending.
    keys: Vec<u32>,
    /// Number of positives with each score.
    positives: Vec<u64>,
    /// Number of negatives with each score.
    tied: Vec<u64>,
    /// Number of negatives below each score and above the previous one; the last entry counts those above
    /// all.
    between: Vec<u64>,
}

impl Pool {
    /// Creates a pool from the scores of the positives, which must not be NaN.
    pub(crate) fn new(positive: &[f32]) -> Self {
        let mut all: Vec<u32> = positive.iter().copied().map(sortable).collect();
        all.sort_unstable();
        let blocks = all.chunk_by(|a, b| a == b);
        let (keys, positives): (Vec<_>, Vec<_>) =
            blocks.map(|block| (block[0], block.len() as u64)).unzip();
        Self { tied: vec![0; keys.len()], between: vec![0; keys.len() + 1], keys, positives }
    }

    /// Counts negatives, which must not be NaN.
    pub(crate) fn add(&mut self, negative: &[f32]) {
        for &score in negative {
            match self.keys.binary_search(&sortable(score)) {
                Ok(at) => self.tied[at] += 1,
                Err(at) => self.between[at] += 1,
            }
        }
    }

    /// Returns AUC and average precision; `None` if there are no positives or no negatives.
    pub(crate) fn measure(&self) -> Option<RankMetrics> {
        let above = std::iter::once((0, self.between[self.keys.len()]));
        let rest = (0..self.keys.len())
            .rev()
            .flat_map(|at| [(self.positives[at], self.tied[at]), (0, self.between[at])]);
        RankMetrics::of_blocks(above.chain(rest))
    }

    /// Returns the position of each positive among all negatives.
    pub(crate) fn places(&self) -> Places {
        let negatives = self.between.iter().chain(&self.tied).sum();
        let mut above = self.between[self.keys.len()];
        let mut places = Vec::new();
        for at in (0..self.keys.len()).rev() {
            let place = Place { above, tied: self.tied[at], negatives };
            places.extend((0..self.positives[at]).map(|_| place));
            above += self.tied[at] + self.between[at];
        }
        Places::new(places)
    }
}
