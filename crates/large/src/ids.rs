//! Distinct ids of nodes, as bits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Ids per segment of bits, a power of two: 128 KiB.
const SEGMENT_IDS: usize = 1 << 20;
const SEGMENT_WORDS: usize = SEGMENT_IDS / 64;
/// Number of segments. Ids from 0 to below 2^32 are bits, others are listed.
const SEGMENTS: usize = (1 << 32) / SEGMENT_IDS;
/// Number of listed ids from which on duplicates are removed.
const LEAST_LISTED: usize = 1 << 20;

/// Set of ids that grows from several threads.
#[derive(Debug)]
pub(crate) struct IdSet {
    segments: Vec<OnceLock<Box<[AtomicU64]>>>,
    /// Ids outside the range of the bits, and how many were left when duplicates were last removed.
    listed: Mutex<(Vec<i64>, usize)>,
}

impl IdSet {
    /// Returns an empty set.
    pub(crate) fn new() -> Self {
        let segments = (0..SEGMENTS).map(|_| OnceLock::new()).collect();
        Self { segments, listed: Mutex::default() }
    }

    /// Adds ids. Returns how many of them are new.
    pub(crate) fn extend(&self, ids: &[i64]) -> usize {
        let mut new = 0;
        let mut others = Vec::new();
        for &id in ids {
            let Ok(bit) = u32::try_from(id) else {
                others.push(id);
                continue;
            };
            let (segment, word, mask) = place(bit);
            let empty = || (0..SEGMENT_WORDS).map(|_| AtomicU64::new(0)).collect();
            let word = &self.segments[segment].get_or_init(empty)[word];
            // Most ids are there already: reading is cheaper than writing.
            if word.load(Ordering::Relaxed) & mask == 0 {
                new += usize::from(word.fetch_or(mask, Ordering::Relaxed) & mask == 0);
            }
        }
        if !others.is_empty() {
            let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            listed.0.extend(others);
            if listed.0.len() > LEAST_LISTED.max(2 * listed.1) {
                listed.0.sort_unstable();
                listed.0.dedup();
                listed.1 = listed.0.len();
            }
        }
        new
    }

    /// Returns the ids.
    pub(crate) fn finish(self) -> Ids {
        let (mut listed, _) = self.listed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut count = 0u32;
        let segments = self.segments.into_iter().map(|segment| {
            let words: Box<[u64]> =
                segment.into_inner()?.into_vec().into_iter().map(AtomicU64::into_inner).collect();
            let ranks = words.iter().map(|word| {
                let rank = count;
                count += word.count_ones();
                rank
            });
            Some(Segment { ranks: ranks.collect(), words })
        });
        let bits = Bits { segments: segments.collect(), count };
        if listed.is_empty() {
            return Ids::Bits(bits);
        }
        listed.extend(bits.iter().map(i64::from));
        listed.sort_unstable();
        listed.dedup();
        Ids::Listed(listed)
    }
}

/// Returns segment, word and mask of an id.
fn place(id: u32) -> (usize, usize, u64) {
    let id = id as usize;
    (id / SEGMENT_IDS, id % SEGMENT_IDS / 64, 1 << (id % 64))
}

/// Distinct ids in ascending order.
#[derive(Debug)]
pub(crate) enum Ids {
    /// Ids from 0 to below 2^32.
    Bits(Bits),
    /// Any ids, sorted.
    Listed(Vec<i64>),
}

#[derive(Debug)]
pub(crate) struct Bits {
    segments: Vec<Option<Segment>>,
    count: u32,
}

#[derive(Debug)]
struct Segment {
    words: Box<[u64]>,
    /// Number of ids before each word.
    ranks: Box<[u32]>,
}

impl Bits {
    fn iter(&self) -> impl Iterator<Item = u32> {
        let segments = self.segments.iter().enumerate();
        segments.filter_map(|(at, segment)| Some((at, segment.as_ref()?))).flat_map(
            |(at, segment)| {
                segment.words.iter().enumerate().flat_map(move |(word, &bits)| {
                    let first = at * SEGMENT_IDS + word * 64;
                    let set = (0..64usize).filter(move |bit| bits >> bit & 1 == 1);
                    set.filter_map(move |bit| u32::try_from(first + bit).ok())
                })
            },
        )
    }
}

impl Ids {
    /// Returns the number of ids.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bits(bits) => bits.count as usize,
            Self::Listed(ids) => ids.len(),
        }
    }

    /// Returns whether the ids are 0 to N - 1.
    pub(crate) fn are_numbers(&self) -> bool {
        match self {
            Self::Bits(bits) => bits
                .count
                .checked_sub(1)
                .is_some_and(|last| self.position(last.into()) == Some(last)),
            Self::Listed(_) => false,
        }
    }

    /// Returns the number of ids that are less than `id`, if it is one of them.
    #[inline]
    pub(crate) fn position(&self, id: i64) -> Option<u32> {
        match self {
            Self::Bits(bits) => {
                let (segment, word, mask) = place(u32::try_from(id).ok()?);
                let segment = bits.segments[segment].as_ref()?;
                let bits = segment.words[word];
                (bits & mask != 0).then(|| segment.ranks[word] + (bits & (mask - 1)).count_ones())
            }
            Self::Listed(ids) => u32::try_from(ids.binary_search(&id).ok()?).ok(),
        }
    }

    /// Returns the ids in ascending order.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = i64> + '_> {
        match self {
            Self::Bits(bits) => Box::new(bits.iter().map(i64::from)),
            Self::Listed(ids) => Box::new(ids.iter().copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_are_those_of_the_sorted_ids(
            small in prop::collection::vec(0i64..200, 0..50),
            far in prop::collection::vec(0i64..1 << 32, 0..20),
            any in prop::collection::vec(any::<i64>(), 0..3),
        ) {
            let ids = [small, far, any].concat();
            let naive: BTreeSet<i64> = ids.iter().copied().collect();
            let set = IdSet::new();
            set.extend(&ids);
            set.extend(&ids);
            let found = set.finish();
            prop_assert_eq!(found.len(), naive.len());
            prop_assert!(found.iter().eq(naive.iter().copied()));
            for (place, id) in naive.iter().enumerate() {
                prop_assert_eq!(found.position(*id).map(|at| at as usize), Some(place));
            }
            prop_assert_eq!(found.position(200), naive.contains(&200).then(|| found.position(200)).flatten());
            let numbers = (0..).take(naive.len()).all(|number| naive.contains(&number));
            prop_assert_eq!(found.are_numbers(), numbers && !naive.is_empty());
        }
    }

    #[test]
    fn new_ids_are_counted() {
        let set = IdSet::new();
        assert_eq!(set.extend(&[5, 7, 5]), 2);
        assert_eq!(set.extend(&[7, 8]), 1);
    }
}
