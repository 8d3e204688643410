//! Numbers for keys by the order of their first appearance.
//!
//! One large hash table misses the cache at every look-up. Keys are therefore divided by their hash among tables
//! that fit it, which are filled side by side.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::quality::FixedState;
use rayon::prelude::*;

/// No number: the key is not known.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Number of tables; a byte names one.
const TABLES: u8 = 32;
/// Keys that are hashed in one piece.
const PIECE: usize = 1 << 16;

/// The number of each key from `known` on, and the positions that gave a new number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    /// Number of each position from `known` on; [`UNKNOWN`] for keys that are not known.
    pub(super) of: Vec<u32>,
    /// First position of each number that is new, ascending.
    pub(super) new: Vec<usize>,
}

/// Numbers the keys at positions 0 to `count`. The first `known` are distinct and have their position as number;
/// others have the number of the same key before them, or the next one if `may_add`. Returns `None` for more positions
/// than 32 bits count. The result does not depend on the number of threads.
pub(super) fn number<K: Hash + Eq>(
    (known, count): (usize, usize),
    key: impl Fn(usize) -> K + Sync,
    may_add: bool,
) -> Option<Numbered> {
    let positions = u32::try_from(count).ok().filter(|&count| count < UNKNOWN)?;
    let hasher = FixedState::with_seed(1);
    let pieces = (0..count).step_by(PIECE).collect::<Vec<_>>();
    let table_of: Vec<u8> = pieces
        .par_iter()
        .flat_map_iter(|&start| {
            let (key, hasher) = (&key, &hasher);
            let table = move |position| hasher.hash_one(key(position)).to_be_bytes()[0] % TABLES;
            (start..count.min(start + PIECE)).map(table)
        })
        .collect();
    let of: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(UNKNOWN)).collect();
    // Numbers within a table, by first position; another seed, since keys of a table share bits of the hash.
    let number_table = |table: u8| -> Vec<u32> {
        let mut numbers: HashMap<K, u32, FixedState> =
            HashMap::with_hasher(FixedState::with_seed(2));
        let mut first = Vec::new();
        for (position, _) in (0..positions).zip(&table_of).filter(|(_, own)| **own == table) {
            let at = position as usize;
            let number = if may_add || at < known {
                let next = narrow(numbers.len());
                let number = *numbers.entry(key(at)).or_insert(next);
                if number == next {
                    first.push(position);
                }
                number
            } else {
                numbers.get(&key(at)).copied().unwrap_or(UNKNOWN)
            };
            of[at].store(number, Ordering::Relaxed);
        }
        first
    };
    let firsts: Vec<Vec<u32>> = (0..TABLES).into_par_iter().map(number_table).collect();

    let mut all: Vec<(u32, u8, u32)> = firsts
        .iter()
        .zip(0u8..)
        .flat_map(|(first, table)| first.iter().zip(0..).map(move |(&at, own)| (at, table, own)))
        .collect();
    all.par_sort_unstable();
    let mut global: Vec<Vec<u32>> = firsts.iter().map(|first| vec![0; first.len()]).collect();
    for (number, &(_, table, own)) in (0..).zip(&all) {
        global[usize::from(table)][own as usize] = number;
    }
    let of = of[known..].par_iter().zip(&table_of[known..]).map(|(own, &table)| {
        match own.load(Ordering::Relaxed) {
            UNKNOWN => UNKNOWN,
            own => global[usize::from(table)][own as usize],
        }
    });
    let of = of.collect();
    let new = all[known..].iter().map(|&(at, ..)| at as usize).collect();
    Some(Numbered { of, new })
}

/// Fewer than the positions, which 32 bits count.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The naive twin: one table, in order.
    fn naive(keys: &[String], known: usize, may_add: bool) -> Numbered {
        let mut numbers = HashMap::new();
        let (mut of, mut new) = (Vec::new(), Vec::new());
        for (at, key) in keys.iter().enumerate() {
            let next = numbers.len();
            if at < known {
                numbers.insert(key, next);
                continue;
            }
            if may_add && !numbers.contains_key(key) {
                numbers.insert(key, next);
                new.push(at);
            }
            of.push(numbers.get(key).map_or(UNKNOWN, |&number| narrow(number)));
        }
        Numbered { of, new }
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_one_table(
            known in prop::collection::hash_set("[a-d]{0,3}", 0..9),
            rest in prop::collection::vec("[a-f]{0,3}", 0..200),
            may_add: bool,
            threads in 1usize..4,
        ) {
            let mut keys: Vec<String> = known.into_iter().collect();
            keys.sort();
            let known = keys.len();
            keys.extend(rest);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let found = pool.install(|| {
                number((known, keys.len()), |at| keys[at].as_str(), may_add)
            });
            prop_assert_eq!(found, Some(naive(&keys, known, may_add)));
        }
    }

    #[test]
    fn more_positions_than_32_bits_are_refused() {
        assert_eq!(number((0, UNKNOWN as usize), |at| at, true), None);
    }
}
