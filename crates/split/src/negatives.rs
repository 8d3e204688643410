use std::collections::HashSet;

use rand::{Rng, RngExt};
use vgae_artifacts::{Pair, PairTypes};
use vgae_numerics::Adjacency;

use crate::shuffle_front;

/// The number of unordered pairs of different nodes.
pub(crate) fn pair_count(node_count: u32) -> u64 {
    let n = u64::from(node_count);
    // n (n - 1) < 2^64 for every n below 2^32.
    n * n.saturating_sub(1) / 2
}

/// Draws `asked` different pairs, uniformly from those that are no edge, in the order drawn. `edges` are
/// sorted and canonical; at least `asked` non-edges must exist.
///
/// Which of the two ways is taken depends on counts alone: drawing pairs and rejecting those that will
/// not do, while even the last draw succeeds at least every second time; else listing all non-edges,
/// which are then fewer than `edges + 2 * asked`. So neither time nor memory ever exceeds a small
/// multiple of edges and negatives. Moving the border would change people's splits.
pub(crate) fn draw_negatives<R: Rng>(
    rng: &mut R,
    node_count: u32,
    edges: &[Pair],
    asked: usize,
) -> Vec<Pair> {
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
        // Any node, then any other node: each unordered pair is as likely as the next.
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

/// Draws as [`draw_negatives`], from the pairs that `types` allows.
pub(crate) fn draw_typed_negatives<R: Rng>(
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

/// Every pair that is no edge, in order, by walking along the sorted edges.
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

    /// Pearson's statistic of how often each non-edge of a path over 12 nodes was drawn, 10 at a time
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
        // Drawing without replacement shrinks each count's variance by 1 - share.
        let spread: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2)).sum();
        spread / (expected * (1.0 - share)) * (all.len() - 1) as f64 / all.len() as f64
    }

    #[test]
    fn both_ways_draw_every_non_edge_alike() {
        // Chi-square with 54 degrees of freedom: 0.1% lie below 26 and 0.1% above 92. The seeds are
        // fixed, so this either always passes or never.
        for (name, statistic) in
            [("rejection", chi_square(by_rejection)), ("listing", chi_square(by_listing))]
        {
            assert!((26.0..92.0).contains(&statistic), "{name}: {statistic}");
        }
    }
}
