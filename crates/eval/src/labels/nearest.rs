//! Classification by nearest neighbours.

use rayon::prelude::*;
use vgae_numerics::Blocks;

use super::Labelled;

/// Test samples that scan the training samples together.
const TILE: usize = 64;

/// Predicts the most common class among the `k` nearest training samples by Euclidean distance. Ties between
/// classes are resolved in favour of the first class, ties between distances in favour of the earlier sample.
/// The search is exact.
#[must_use]
pub fn predict(train: &Labelled, test: &Labelled, k: usize) -> Vec<usize> {
    let blocks = Blocks::new(&train.codes, train.width);
    let tests: Vec<usize> = (0..test.len()).collect();
    let tiles = tests.par_chunks(TILE).flat_map_iter(|tile| {
        let codes: Vec<&[f32]> = tile.iter().map(|&at| test.code(at)).collect();
        blocks.nearest(&codes, k).into_iter().map(|nearest| vote(train, &nearest))
    });
    tiles.collect()
}

fn vote(train: &Labelled, nearest: &[(f32, usize)]) -> usize {
    let mut votes = vec![0usize; train.classes];
    for (_, at) in nearest {
        if let Some(class) = train.of[*at] {
            votes[class] += 1;
        }
    }
    // `max_by_key` returns the last of equal elements, hence the reversed order.
    (0..votes.len()).rev().max_by_key(|&class| votes[class]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(width: usize, codes: Vec<f32>, of: Vec<Option<usize>>) -> Labelled {
        Labelled { codes, width, of, classes: 3 }
    }

    #[test]
    fn the_first_of_equally_common_classes_wins() {
        let train = labelled(1, vec![0.0, 1.0, 2.0, 3.0], vec![Some(2), Some(1), Some(1), Some(2)]);
        let test = labelled(1, vec![1.4], vec![Some(1)]);
        assert_eq!(predict(&train, &test, 1), [1]);
        assert_eq!(predict(&train, &test, 3), [1]);
        assert_eq!(predict(&train, &test, 4), [1]);
        let huge = labelled(1, vec![f32::MAX, f32::MAX], vec![Some(2), Some(2)]);
        assert_eq!(predict(&huge, &labelled(1, vec![f32::MIN], vec![None]), 2), [2]);
    }
}
