//! Pairs taken by their lower end: what a node sends into the graph is worked out once for all of its pairs.

use rayon::prelude::*;
use vgae_artifacts::Pair;

/// Pairs of one node that a task takes at once.
const MOST: usize = 4096;

/// A node, and the others, all different from it, of the pairs that are to be scored.
pub(super) struct Asked {
    pub(super) source: usize,
    pub(super) targets: Vec<u32>,
}

/// Something that scores the pairs of one node after the other. What it says of a pair must not depend on
/// the pairs before it.
pub(super) trait FromSource: Sync {
    /// Room to work in, one a thread.
    type Scratch: Send;

    fn scratch(&self) -> Self::Scratch;

    /// One score for each of `targets`, all different from `source`.
    fn score(&self, source: usize, targets: &[u32], scratch: &mut Self::Scratch) -> Vec<f64>;
}

/// Something that scores the pairs of a few nodes side by side. What it says of a pair must not depend on
/// the pairs beside it.
pub(super) trait FromSources: Sync {
    /// Room to work in, one a thread.
    type Scratch: Send;
    /// So many nodes at once.
    const SIDE_BY_SIDE: usize;

    fn scratch(&self) -> Self::Scratch;

    /// One score for each target of each of `asked`, at least one and at most [`Self::SIDE_BY_SIDE`].
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

/// The score of each pair, in either direction the same. Memory is in the number of pairs, and a scratch a
/// thread.
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
