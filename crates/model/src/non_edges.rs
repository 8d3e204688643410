//! Sampling of pairs without an edge.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vgae_artifacts::{Pair, PairTypes};
use vgae_numerics::random::draw;

/// Maximum number of draws per negative, in case nearly all pairs are edges.
const MOST_DRAWS: usize = 100;

/// Draws a pair of `nodes` nodes, uniformly from those that `types` allows, canonical; without types it may be a node
/// with itself.
pub(crate) fn draw_pair(nodes: usize, types: Option<&PairTypes>, rng: &mut ChaCha8Rng) -> Pair {
    match types {
        None => {
            let mut node = || u32::try_from(draw(rng, nodes)).unwrap_or(u32::MAX);
            Pair::new(node(), node()).canonical()
        }
        Some(types) => types.pair(rng.random_range(0..types.pair_count())),
    }
}

/// Draws about `wanted` different pairs of `nodes` nodes that are not in `edges` (sorted), uniformly from
/// those that `types` allows, canonical; fewer if nearly all pairs are edges.
pub(crate) fn draw_non_edges(
    nodes: usize,
    edges: &[Pair],
    types: Option<&PairTypes>,
    wanted: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<Pair> {
    let (mut known, mut negatives) = (HashSet::with_capacity(wanted), Vec::with_capacity(wanted));
    for _ in 0..wanted * MOST_DRAWS {
        if negatives.len() == wanted {
            break;
        }
        let pair = draw_pair(nodes, types, rng);
        let is_edge = edges.binary_search(&pair).is_ok();
        if !pair.is_self_loop() && !is_edge && known.insert(pair) {
            negatives.push(pair);
        }
    }
    negatives
}
