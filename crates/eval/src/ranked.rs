use vgae_artifacts::{
    EdgeSplit, LinkMetrics, NegativeSet, Pair, Part, RankedAmong, RankingMetrics,
};

use crate::EvalError;
use crate::negatives::{Candidates, edges_of};
use crate::place::{Place, Places};
use crate::pool::Pool;
use crate::scorer::{self, PairScorer};

/// Maximum number of pairs scored together: some methods do work for each node of a block.
const BLOCK: usize = 1 << 21;

/// Ranks each edge of a part among its own negatives: AUC and average precision of all edges against all
/// negatives, mean reciprocal rank and Hits@K. Edges without negatives are skipped. `set` describes the
/// negatives in the result.
///
/// Negatives are scored in blocks of about two million pairs, so that memory does not depend on their number.
///
/// # Errors
/// Returns an error when the scorer has another number of nodes than the split, fails or returns a NaN, or
/// the candidates are for another number of edges.
pub fn evaluate_ranking(
    scorer: &dyn PairScorer,
    split: &EdgeSplit,
    part: Part,
    set: NegativeSet,
    candidates: &Candidates,
) -> Result<RankingMetrics, EvalError> {
    scorer::check_node_count(scorer, split.node_count())?;
    let edges = edges_of(split, part);
    if edges.len() != candidates.len() {
        return Err(EvalError::CandidateLists {
            part,
            expected: edges.len(),
            found: candidates.len(),
        });
    }
    let ranked: Vec<usize> =
        (0..edges.len()).filter(|&at| !candidates.list(at).is_empty()).collect();
    let score = |pairs: &[Pair]| -> Result<Vec<f32>, EvalError> {
        let logits = scorer::logits(scorer, pairs)?;
        match logits.iter().position(|logit| logit.is_nan()) {
            Some(at) => Err(EvalError::NanOfPair { part, pair: pairs[at] }),
            None => Ok(logits),
        }
    };
    let positive = score(&ranked.iter().map(|&at| edges[at]).collect::<Vec<_>>())?;
    let mut pool = Pool::new(&positive);
    let mut places = Vec::with_capacity(ranked.len());
    let mut rest = ranked.as_slice();
    while let [first, ..] = *rest {
        let (block, later) = rest.split_at(block_of(rest, candidates));
        rest = later;
        // All lists between two ranked edges are empty.
        let last = block.last().copied().unwrap_or(first);
        let negative = score(candidates.lists(first..=last))?;
        pool.add(&negative);
        let mut negative = negative.as_slice();
        for &at in block {
            let (own, others) = negative.split_at(candidates.list(at).len());
            negative = others;
            places.push(Place::among(positive[places.len()], own));
        }
    }
    let (metrics, places) = (pool.measure(), Places::new(places));
    Ok(RankingMetrics {
        part,
        negatives: RankedAmong::Set(set),
        positives: ranked.len(),
        pairs: candidates.pairs().len(),
        auc: metrics.map(|metrics| metrics.auc),
        ap: metrics.map(|metrics| metrics.ap),
        mrr: places.mean_reciprocal_rank(),
        hits: places.hits(),
        mean_ranks: places.by_mean_rank(),
    })
}

/// Returns the number of leading `edges`, at least one, whose negatives fit into a block.
fn block_of(edges: &[usize], candidates: &Candidates) -> usize {
    let mut pairs = 0;
    let fitting = edges.iter().take_while(|&&at| {
        pairs += candidates.list(at).len();
        pairs <= BLOCK
    });
    fitting.count().max(1)
}

/// Ranks edges among common negatives. No score may be NaN. Without edges or negatives the result contains
/// counts only.
pub(crate) fn rank_in_common(
    part: Part,
    metrics: &LinkMetrics,
    positive: &[f32],
    negative: &[f32],
) -> RankingMetrics {
    let places = shared_places(positive, negative);
    RankingMetrics {
        part,
        negatives: RankedAmong::Split,
        positives: places.len(),
        pairs: negative.len(),
        auc: metrics.auc,
        ap: metrics.ap,
        mrr: places.mean_reciprocal_rank(),
        hits: places.hits(),
        mean_ranks: places.by_mean_rank(),
    }
}

/// Returns the rank of each positive among common negatives; empty if there are no negatives.
pub(crate) fn shared_places(positive: &[f32], negative: &[f32]) -> Places {
    if negative.is_empty() {
        return Places::new(Vec::new());
    }
    let mut pool = Pool::new(positive);
    pool.add(negative);
    pool.places()
}
