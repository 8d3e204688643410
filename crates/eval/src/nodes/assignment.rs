//! Optimal assignment of rows to columns.

/// Returns the largest sum of entries of a `size x size` matrix (row-major), one from each row and each
/// column: the Hungarian method with shortest augmenting paths and potentials (Jonker & Volgenant 1987), in
/// `O(size^3)` time.
pub(super) fn most(gains: &[usize], size: usize) -> usize {
    let gain =
        |row: usize, column: usize| i64::try_from(gains[row * size + column]).unwrap_or(i64::MAX);
    // Indices count from 1; row and column 0 mean unassigned.
    let (mut u, mut v) = (vec![0i64; size + 1], vec![0i64; size + 1]);
    let mut row_of = vec![0usize; size + 1];
    for row in 1..=size {
        row_of[0] = row;
        let mut column = 0;
        let mut slack = vec![i64::MAX; size + 1];
        let mut before = vec![0usize; size + 1];
        let mut reached = vec![false; size + 1];
        while row_of[column] != 0 {
            reached[column] = true;
            let row = row_of[column];
            let (mut least, mut next) = (i64::MAX, 0);
            for other in (1..=size).filter(|&other| !reached[other]) {
                let reduced = -gain(row - 1, other - 1) - u[row] - v[other];
                if reduced < slack[other] {
                    (slack[other], before[other]) = (reduced, column);
                }
                if slack[other] < least {
                    (least, next) = (slack[other], other);
                }
            }
            for other in 0..=size {
                if reached[other] {
                    u[row_of[other]] += least;
                    v[other] -= least;
                } else {
                    slack[other] = slack[other].saturating_sub(least);
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    (1..=size).map(|column| gains[(row_of[column] - 1) * size + column - 1]).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tries every assignment.
    fn naive(gains: &[usize], size: usize, row: usize, taken: &mut Vec<bool>) -> usize {
        if row == size {
            return 0;
        }
        let mut best = 0;
        for column in 0..size {
            if !taken[column] {
                taken[column] = true;
                let rest = naive(gains, size, row + 1, taken);
                best = best.max(gains[row * size + column] + rest);
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_pairing_is_better(
            (size, gains) in (1usize..7).prop_flat_map(|size| {
                (Just(size), prop::collection::vec(prop_oneof![0usize..4, 0usize..1000], size * size))
            })
        ) {
            prop_assert_eq!(most(&gains, size), naive(&gains, size, 0, &mut vec![false; size]));
        }
    }
}
