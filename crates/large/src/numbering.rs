//! Numbers of nodes.

use md5::{Digest, Md5};
use rayon::prelude::*;
use vgae_artifacts::{ArtifactError, Result};

use crate::ids::Ids;

/// Buckets of ids: the first three hexadecimal digits of the MD5 hash of the decimal text of the id.
const BUCKETS: usize = 1 << 12;

/// Number of each node, 0 to N - 1, by its id.
///
/// Ids 0 to N - 1 remain. Other ids are ordered by their bucket, and within a bucket by id: an order that SQL engines
/// compute without sorting all ids at once.
#[derive(Debug)]
pub(crate) enum Numbering {
    /// The ids are the numbers.
    Identity(u32),
    /// The number of each id, in the order of the ids.
    Listed { ids: Ids, numbers: Vec<u32> },
}

impl Numbering {
    /// Numbers ids.
    ///
    /// # Errors
    /// Returns an error when there are fewer than 2 or more than `u32::MAX`.
    pub(crate) fn new(ids: Ids) -> Result<Self> {
        let Ok(count @ 2..) = u32::try_from(ids.len()) else {
            let expected = format!("2 to {} nodes", u32::MAX);
            return Err(ArtifactError::invalid("the edge table", expected, ids.len().to_string()));
        };
        if ids.are_numbers() {
            return Ok(Self::Identity(count));
        }
        let listed: Vec<i64> = ids.iter().collect();
        let buckets: Vec<u16> = listed.into_par_iter().map(bucket).collect();
        let mut next = vec![0u32; BUCKETS + 1];
        for &bucket in &buckets {
            next[usize::from(bucket) + 1] += 1;
        }
        for bucket in 0..BUCKETS {
            next[bucket + 1] += next[bucket];
        }
        let numbers = buckets.into_iter().map(|bucket| {
            let number = next[usize::from(bucket)];
            next[usize::from(bucket)] += 1;
            number
        });
        Ok(Self::Listed { numbers: numbers.collect(), ids })
    }

    /// Returns the number of nodes, `N`.
    pub(crate) fn nodes(&self) -> u32 {
        match self {
            Self::Identity(count) => *count,
            // At most `u32::MAX` by construction.
            Self::Listed { numbers, .. } => u32::try_from(numbers.len()).unwrap_or(u32::MAX),
        }
    }

    /// Returns the number of an id, if a node has it.
    #[inline]
    pub(crate) fn number(&self, id: i64) -> Option<u32> {
        match self {
            Self::Identity(count) => u32::try_from(id).ok().filter(|number| number < count),
            Self::Listed { ids, numbers } => Some(numbers[ids.position(id)? as usize]),
        }
    }

    /// Returns the id of each node, by number.
    pub(crate) fn ids(&self) -> Vec<i64> {
        match self {
            Self::Identity(count) => (0..i64::from(*count)).collect(),
            Self::Listed { ids, numbers } => {
                let mut by_number = vec![0; numbers.len()];
                for (id, &number) in ids.iter().zip(numbers) {
                    by_number[number as usize] = id;
                }
                by_number
            }
        }
    }
}

fn bucket(id: i64) -> u16 {
    let hash = Md5::digest(id.to_string());
    u16::from(hash[0]) << 4 | u16::from(hash[1] >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSet;

    fn numbering(ids: &[i64]) -> Result<Numbering> {
        let set = IdSet::new();
        set.extend(ids);
        Numbering::new(set.finish())
    }

    #[test]
    fn numbers_remain() {
        let numbering = numbering(&[2, 0, 1]).expect("three nodes");
        assert_eq!([0, 2, 3].map(|id| numbering.number(id)), [Some(0), Some(2), None]);
        assert_eq!(numbering.ids(), [0, 1, 2]);
    }

    #[test]
    fn other_ids_are_ordered_by_bucket_and_id() {
        let given = [7, -3, 1 << 40, 12, 99, 100, 101];
        let numbering = numbering(&given).expect("nodes");
        let mut sorted = given;
        // The first three hexadecimal digits are the first twelve bits.
        let digits = |id: i64| {
            let hash = Md5::digest(id.to_string());
            u32::from_be_bytes([0, hash[0], hash[1], hash[2]]) >> 12
        };
        sorted.sort_unstable_by_key(|&id| (digits(id), id));
        assert_eq!(numbering.ids(), sorted);
        for (number, &id) in sorted.iter().enumerate() {
            assert_eq!(numbering.number(id).map(|found| found as usize), Some(number));
        }
        assert_eq!(numbering.number(8), None);
    }

    #[test]
    fn a_graph_has_two_nodes() {
        let error = numbering(&[5]).expect_err("one node").to_string();
        assert!(error.contains("expected 2 to 4294967295 nodes, found 1"), "{error}");
    }
}
