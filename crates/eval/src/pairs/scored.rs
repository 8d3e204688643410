//! Exhaustive search for the pairs with the highest scores, for scorers without vectors.

use std::borrow::Cow;
use std::rc::Rc;

use vgae_artifacts::{Edges, Pair};

use super::best::{Best, Candidate, logit_of};
use super::{Among, RankedPair, check_nodes};
use crate::scorer::logits;
use crate::{EvalError, PairScorer};

/// Number of pairs scored at once.
const BLOCK: usize = 1 << 17;

/// Returns the `count` pairs of `pairs` with the highest logits that are not edges of `known` (in either
/// direction, or with `is_directed` in their own), in descending order; ties by `src`, then `dst`. All pairs are scored, `BLOCK` at a time.
/// Duplicates are removed only if they are adjacent.
///
/// # Errors
/// Returns an error when `known` has another number of nodes than the scorer, or the scorer fails or returns
/// a NaN.
pub fn top_scored(
    scorer: &dyn PairScorer,
    known: &Edges,
    is_directed: bool,
    pairs: impl IntoIterator<Item = Pair>,
    count: usize,
) -> Result<Vec<RankedPair>, EvalError> {
    check_nodes("edges", scorer.node_count(), known.node_count())?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let edges = if is_directed {
        Cow::Borrowed(known.pairs())
    } else {
        Cow::Owned(known.undirected_pairs())
    };
    let mut best = Best::new(count);
    let mut block: Vec<Pair> = Vec::new();
    let mut score = |block: &mut Vec<Pair>| -> Result<(), EvalError> {
        for (&pair, logit) in block.iter().zip(logits(scorer, block)?) {
            if logit.is_nan() {
                return Err(EvalError::NanOfRanked { pair });
            }
            let _last = best.push(Candidate::new(pair, logit));
        }
        block.clear();
        Ok(())
    };
    for pair in pairs {
        let pair = if is_directed { pair } else { pair.canonical() };
        if pair.is_self_loop() || block.last() == Some(&pair) || edges.binary_search(&pair).is_ok()
        {
            continue;
        }
        block.push(pair);
        if block.len() == BLOCK {
            score(&mut block)?;
        }
    }
    score(&mut block)?;
    let ranked = best.into_sorted().into_iter();
    Ok(ranked
        .map(|found| RankedPair { pair: found.pair(), logit: logit_of(found.rank()) })
        .collect())
}

/// Returns the pairs of `0..nodes` selected by `among`, each once, ordered by their lower node or, if they have a
/// direction, by their source.
pub fn all_pairs(nodes: u32, among: Among<'_>) -> impl Iterator<Item = Pair> {
    let wanted: Rc<[bool]> = match among.nodes {
        None => (0..nodes).map(|_| true).collect(),
        Some(some) => {
            let mut wanted = vec![false; nodes as usize];
            let known = some.iter().filter(|&&node| node < nodes);
            known.for_each(|&node| wanted[node as usize] = true);
            wanted.into()
        }
    };
    (0..nodes).flat_map(move |src| {
        let wanted = Rc::clone(&wanted);
        let first = if among.directed { 0 } else { src + 1 };
        let others = (first..nodes)
            .filter(move |&dst| dst != src && (wanted[src as usize] || wanted[dst as usize]));
        others.map(move |dst| Pair::new(src, dst)).filter(move |&pair| among.allows(pair))
    })
}
