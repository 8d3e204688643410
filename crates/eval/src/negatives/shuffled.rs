use std::collections::HashMap;

use rand::{Rng, RngExt};

/// Lazy random permutation of `0..len`: a Fisher-Yates shuffle that stores only the positions it has changed.
/// It draws distinct numbers from a very large range.
#[derive(Debug)]
pub(super) struct Shuffled {
    at: u64,
    len: u64,
    moved: HashMap<u64, u64>,
}

impl Shuffled {
    pub(super) fn new(len: u64) -> Self {
        Self { at: 0, len, moved: HashMap::new() }
    }

    /// Returns the next number; `None` after the last.
    pub(super) fn next<R: Rng>(&mut self, rng: &mut R) -> Option<u64> {
        if self.at == self.len {
            return None;
        }
        let place = rng.random_range(self.at..self.len);
        let front = self.moved.remove(&self.at).unwrap_or(self.at);
        let number =
            if place == self.at { front } else { self.moved.insert(place, front).unwrap_or(place) };
        self.at += 1;
        Some(number)
    }
}

/// Returns the number at index `at`, from 0, of the numbers from `first` on that are not in `without`.
/// `without` must be sorted and contain nothing below `first`.
pub(super) fn nth_without(without: &[u32], first: u32, at: u64) -> u64 {
    // Binary search for the number of entries of `without` below the result: those with at most `at`
    // remaining numbers before them.
    let (mut low, mut high) = (0, without.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if u64::from(without[middle] - first) - middle as u64 <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    u64::from(first) + at + low as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vgae_artifacts::{Seed, Stream};

    use super::*;

    #[test]
    fn every_number_comes_once_and_every_order_as_often() {
        let mut orders: HashMap<Vec<u64>, u32> = HashMap::new();
        for seed in 0..6000 {
            let mut rng = Seed(seed).stream(Stream::Candidates, 0);
            let mut shuffled = Shuffled::new(3);
            let order: Vec<u64> = std::iter::from_fn(|| shuffled.next(&mut rng)).collect();
            *orders.entry(order).or_default() += 1;
        }
        assert_eq!(orders.len(), 6, "all orders of three numbers: {orders:?}");
        // 1000 each; five standard deviations are 145.
        assert!(orders.values().all(|count| count.abs_diff(1000) < 145), "{orders:?}");
    }

    proptest! {
        #[test]
        fn a_shuffle_of_any_length_holds_every_number_once(len in 0u64..200, seed in any::<u64>()) {
            let mut rng = Seed(seed).stream(Stream::Candidates, 0);
            let mut shuffled = Shuffled::new(len);
            let mut all: Vec<u64> = std::iter::from_fn(|| shuffled.next(&mut rng)).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn numbers_without_some_are_those_of_the_naive_twin(
            without in proptest::collection::btree_set(5u32..60, 0..40),
            at in 0usize..80,
        ) {
            let naive = (5u32..).filter(|number| !without.contains(number)).nth(at);
            let without: Vec<u32> = without.into_iter().collect();
            let found = nth_without(&without, 5, at as u64);
            prop_assert_eq!(Some(found), naive.map(u64::from));
        }
    }
}
