//! Grouping of pairs by their lower node: the computation from a source node is shared by all of its pairs.

use rayon::prelude::*;
use vgae_artifacts::Pair;

/// Maximum number of pairs of one node per task.
const MOST: usize = 4096;

/// A source node with the targets of its pairs, all different from it.
pub(super) struct Asked {
    pub(super) source: usize,
    pub(super) targets: Vec<u32>,
}

/// Scorer of the pairs of one node. The score of a pair must not depend on the pairs before it.
pub(super) trait FromSource: Sync {
    /// Buffers, one per thread.
    type Scratch: Send;

    fn scratch(&self) -> Self::Scratch;

    /// Returns one score per target; all `targets` must differ from `source`.
    fn score(&self, source: usize, targets: &[u32], scratch: &mut Self::Scratch) -> Vec<f64>;
}

/// Scorer of the pairs of several nodes at once. The score of a pair must not depend on the other pairs.
pub(super) trait FromSources: Sync {
    /// Buffers, one per thread.
    type Scratch: Send;
    /// Number of nodes scored at once.
    const SIDE_BY_SIDE: usize;

    fn scratch(&self) -> Self::Scratch;

    /// Returns one score per target of each entry of `asked`, with 1 to [`Self::SIDE_BY_SIDE`] entries.
    fn score(&self, asked: &[Asked], scratch: &mut Self::Scratch) -> Vec<Vec<f64>>;
}

impl<S: FromSource> FromSources for S {
    type Scratch = S::Scratch;
    const SIDE_BY_SIDE: usize = 1;

    fn scratch(&self) -> Self::Scratch {
        FromSource::scratch(self)
    }

    fn score(&self, asked: &[Asked], scratch: &mut Self::Scratch) -> Vec<Vec<f64>> {
        let score = |asked: &Asked| FromSource::score(self, asked.source, &asked.targets, scratch);
        asked.iter().map(score).collect()
    }
}

/// Returns the score of each pair, independent of direction. Memory is proportional to the number of pairs,
/// plus one scratch buffer per thread.
pub(super) fn score_all<S: FromSources>(scorer: &S, pairs: &[Pair]) -> Vec<f64> {
    let mut order: Vec<(Pair, usize)> =
        pairs.iter().enumerate().map(|(at, pair)| (pair.canonical(), at)).collect();
    order.par_sort_unstable();
    let groups = order.chunk_by(|a, b| a.0.src == b.0.src).flat_map(|group| group.chunks(MOST));
    let asked: Vec<Asked> = groups
        .map(|group| Asked {
            source: group[0].0.src as usize,
            targets: group.iter().map(|(pair, _)| pair.dst).collect(),
        })
        .collect();
    let scored: Vec<Vec<Vec<f64>>> = asked
        .par_chunks(S::SIDE_BY_SIDE)
        .map_init(|| scorer.scratch(), |scratch, asked| scorer.score(asked, scratch))
        .collect();
    let mut scores = vec![0.0; pairs.len()];
    for (&(_, at), score) in order.iter().zip(scored.into_iter().flatten().flatten()) {
        scores[at] = score;
    }
    scores
}
