use std::collections::HashSet;

use rand::{Rng, RngExt};
use vgae_artifacts::{Pair, PairTypes};
use vgae_numerics::Adjacency;

use crate::shuffle_front;

/// Returns the number of unordered pairs of different nodes.
fn pair_count(node_count: u32) -> u64 {
    let n = u64::from(node_count);
    // n (n - 1) < 2^64 for every n below 2^32.
    n * n.saturating_sub(1) / 2
}

/// Returns the number of pairs that may be edges, without `taken`, which are sorted and distinct. With types,
/// pairs of `taken` whose types edges do not join are not counted.
pub(crate) fn available_pairs(node_count: u32, types: Option<&PairTypes>, taken: &[Pair]) -> u64 {
    match types {
        None => pair_count(node_count) - taken.len() as u64,
        Some(types) => {
            let allowed = taken.iter().filter(|pair| types.allows(**pair)).count();
            types.pair_count() - allowed as u64
        }
    }
}

/// Draws like [`draw_negatives`], from the pairs of node types that `types` allows, if nodes have types.
pub(crate) fn draw_any_negatives<R: Rng>(
    rng: &mut R,
    node_count: u32,
    types: Option<&PairTypes>,
    edges: &[Pair],
    asked: usize,
) -> Vec<Pair> {
    match types {
        None => draw_negatives(rng, node_count, edges, asked),
        Some(types) => draw_typed_negatives(rng, types, edges, asked),
    }
}

/// Draws `asked` different pairs, uniformly from those that are not edges, in the order drawn. `edges` must
/// be sorted and canonical, and at least `asked` pairs without an edge must exist.
///
/// The counts alone select one of two methods. Rejection sampling is used while even the last draw succeeds
/// with probability 1/2 or more. Otherwise all pairs without an edge are listed, fewer than `edges + 2 *
/// asked`. Time and memory are therefore bounded by a small multiple of edges and negatives. Moving the
/// threshold would change existing splits.
fn draw_negatives<R: Rng>(rng: &mut R, node_count: u32, edges: &[Pair], asked: usize) -> Vec<Pair> {
    let unavailable = edges.len() as u64 + asked as u64;
    if unavailable <= pair_count(node_count) / 2 {
        by_rejection(rng, node_count, edges, asked)
    } else {
        by_listing(rng, node_count, edges, asked)
    }
}

fn by_rejection<R: Rng>(rng: &mut R, node_count: u32, edges: &[Pair], asked: usize) -> Vec<Pair> {
    let graph = Adjacency::of_pairs(node_count as usize, edges);
    let mut drawn = Vec::with_capacity(asked);
    let mut seen = HashSet::with_capacity(asked);
    while drawn.len() < asked {
        // A uniform node and a uniform other node: all unordered pairs have the same probability.
        let src = rng.random_range(0..node_count);
        let dst = rng.random_range(0..node_count - 1);
        let pair = Pair::new(src, dst + u32::from(dst >= src)).canonical();
        if !graph.contains(pair) && seen.insert(pair) {
            drawn.push(pair);
        }
    }
    drawn
}

fn by_listing<R: Rng>(rng: &mut R, node_count: u32, edges: &[Pair], asked: usize) -> Vec<Pair> {
    let mut non_edges = non_edges(node_count, edges);
    shuffle_front(rng, &mut non_edges, asked);
    non_edges.truncate(asked);
    non_edges
}

/// Draws like [`draw_negatives`], from the pairs of node types that `types` allows.
fn draw_typed_negatives<R: Rng>(
    rng: &mut R,
    types: &PairTypes,
    edges: &[Pair],
    asked: usize,
) -> Vec<Pair> {
    let count = types.pair_count();
    let graph = Adjacency::of_pairs(types.types().node_count(), edges);
    if edges.len() as u64 + asked as u64 > count / 2 {
        let all = (0..count).map(|number| types.pair(number));
        let mut non_edges: Vec<Pair> = all.filter(|&pair| !graph.contains(pair)).collect();
        shuffle_front(rng, &mut non_edges, asked);
        non_edges.truncate(asked);
        return non_edges;
    }
    let mut drawn = Vec::with_capacity(asked);
    let mut seen = HashSet::with_capacity(asked);
    while drawn.len() < asked {
        let pair = types.pair(rng.random_range(0..count));
        if !graph.contains(pair) && seen.insert(pair) {
            drawn.push(pair);
        }
    }
    drawn
}

/// Returns all pairs that are not edges, in order, by merging with the sorted edges.
fn non_edges(node_count: u32, edges: &[Pair]) -> Vec<Pair> {
    let mut edges = edges.iter().peekable();
    let all =
        (0..node_count).flat_map(|src| (src + 1..node_count).map(move |dst| Pair::new(src, dst)));
    all.filter(|pair| edges.next_if_eq(&pair).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{Seed, Stream};

    use super::*;

    fn path(node_count: u32) -> Vec<Pair> {
        (1..node_count).map(|node| Pair::new(node - 1, node)).collect()
    }

    #[test]
    fn non_edges_are_the_complement() {
        assert_eq!(
            non_edges(4, &[Pair::new(0, 1), Pair::new(1, 3), Pair::new(2, 3)]),
            [Pair::new(0, 2), Pair::new(0, 3), Pair::new(1, 2)]
        );
        assert!(non_edges(1, &[]).is_empty());
        assert_eq!(non_edges(7, &[]).len() as u64, pair_count(7));
    }

    #[test]
    fn the_pairs_of_the_largest_graph_can_be_counted() {
        assert_eq!(pair_count(u32::MAX), 9_223_372_030_412_324_865);
        assert_eq!((pair_count(0), pair_count(1), pair_count(2)), (0, 0, 1));
    }

    /// Returns Pearson's statistic of the counts of each non-edge of a path over 12 nodes, 10 drawn per seed,
    /// over 2,000 seeds.
    fn chi_square(draw: fn(&mut rand_chacha::ChaCha8Rng, u32, &[Pair], usize) -> Vec<Pair>) -> f64 {
        let (nodes, asked, seeds) = (12, 10, 2_000u32);
        let edges = path(nodes);
        let all = non_edges(nodes, &edges);
        assert_eq!(all.len(), 55);
        let mut counts = vec![0u32; all.len()];
        for seed in 0..seeds {
            let mut rng = Seed(u64::from(seed)).stream(Stream::Split, 0);
            for pair in draw(&mut rng, nodes, &edges, asked) {
                counts[all.binary_search(&pair).expect("a non-edge")] += 1;
            }
        }
        let share = asked as f64 / all.len() as f64;
        let expected = f64::from(seeds) * share;
        // Drawing without replacement multiplies the variance of each count by 1 - share.
        let spread: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2)).sum();
        spread / (expected * (1.0 - share)) * (all.len() - 1) as f64 / all.len() as f64
    }

    #[test]
    fn both_ways_draw_every_non_edge_alike() {
        // Chi-square with 54 degrees of freedom: 0.1 % lie below 26 and 0.1 % above 92. The seeds are fixed,
        // so the result is deterministic.
        for (name, statistic) in
            [("rejection", chi_square(by_rejection)), ("listing", chi_square(by_listing))]
        {
            assert!((26.0..92.0).contains(&statistic), "{name}: {statistic}");
        }
    }
}
