use vgae_artifacts::{Edges, Pair};

use crate::fraction::Fraction;
use crate::{CheckedSplitConfig, SplitError};

/// Returns the number of nodes, whose indices must fit into `u32`.
pub(crate) fn node_count(edges: &Edges) -> Result<u32, SplitError> {
    let found = edges.node_count();
    u32::try_from(found).map_err(|_| SplitError::TooManyNodes { found })
}

/// Removes the pairs of `taken` from the sorted `edges`. All pairs of `taken` must be in `edges`.
pub(crate) fn without(edges: &[Pair], taken: &[Pair]) -> Vec<Pair> {
    let mut taken = taken.to_vec();
    taken.sort_unstable();
    let mut left = Vec::with_capacity(edges.len() - taken.len());
    let mut taken = taken.iter().peekable();
    left.extend(edges.iter().filter(|edge| taken.next_if_eq(edge).is_none()));
    left
}

/// Returns the numbers of validation and test edges.
pub(crate) fn part_sizes(
    edge_count: usize,
    config: &CheckedSplitConfig,
) -> Result<(usize, usize), SplitError> {
    let size = |part, fraction: Fraction| {
        let size = fraction.floor_of(edge_count);
        if size == 0 && fraction.is_positive() {
            return Err(SplitError::TooFewEdges {
                part,
                fraction: fraction.value(),
                needed: fraction.smallest_count(),
                edges: edge_count,
            });
        }
        Ok(size)
    };
    let (validation, test) =
        (size("validation", config.validation())?, size("test", config.test())?);
    let held_out = validation + test;
    if held_out >= edge_count {
        return Err(SplitError::NothingToTrain { edges: edge_count, held_out });
    }
    Ok((validation, test))
}
