//! Pairs taken by their lower end: what a node sends into the graph is worked out once for all of its pairs.

use rayon::prelude::*;
use vgae_artifacts::Pair;

/// Pairs of one node that a task takes at once.
const MOST: usize = 4096;

/// Something that scores the pairs of one node after the other. What it says of a pair must not depend on
/// the pairs before it.
pub(super) trait FromSource: Sync {
    /// Room to work in, one a thread.
    type Scratch: Send;

    fn scratch(&self) -> Self::Scratch;

    /// One score for each of `targets`, all different from `source`.
    fn score(&self, source: usize, targets: &[u32], scratch: &mut Self::Scratch) -> Vec<f64>;
}

/// The score of each pair, in either direction the same. Memory is in the number of pairs, and a scratch a
/// thread.
pub(super) fn score_all<S: FromSource>(scorer: &S, pairs: &[Pair]) -> Vec<f64> {
    let mut order: Vec<(Pair, usize)> =
        pairs.iter().enumerate().map(|(at, pair)| (pair.canonical(), at)).collect();
    order.par_sort_unstable();
    let groups: Vec<&[(Pair, usize)]> =
        order.chunk_by(|a, b| a.0.src == b.0.src).flat_map(|group| group.chunks(MOST)).collect();
    let scored: Vec<Vec<f64>> = groups
        .par_iter()
        .map_init(
            || scorer.scratch(),
            |scratch, group| {
                let targets: Vec<u32> = group.iter().map(|(pair, _)| pair.dst).collect();
                scorer.score(group[0].0.src as usize, &targets, scratch)
            },
        )
        .collect();
    let mut scores = vec![0.0; pairs.len()];
    for (group, scored) in groups.iter().zip(scored) {
        for (&(_, at), score) in group.iter().zip(scored) {
            scores[at] = score;
        }
    }
    scores
}
