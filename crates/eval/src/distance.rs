//! How far apart the ends of pairs are.

use rayon::prelude::*;
use vgae_artifacts::Pair;
use vgae_numerics::Adjacency;

/// Pairs that share the marks of one search.
const PIECE: usize = 512;

/// Of each pair, the number of edges on a shortest path between its ends, or `far` if there are more; nothing
/// where no path joins them.
///
/// One search a pair, from both ends at once, the side with fewer edges ahead going on: two small balls that
/// meet, where a search from one end would see most of the graph at a distance of five.
pub(crate) fn distances(graph: &Adjacency, pairs: &[Pair], far: u32) -> Vec<Option<u32>> {
    let components = graph.components().of;
    let pieces = pairs.par_chunks(PIECE).flat_map_iter(|pairs| {
        let mut search = Search::new(graph);
        let distance = |pair: &Pair| {
            let joined = components[pair.src as usize] == components[pair.dst as usize];
            joined.then(|| search.distance(*pair, far))
        };
        pairs.iter().map(distance).collect::<Vec<_>>()
    });
    pieces.collect()
}

/// The marks of searches, one after the other.
struct Search<'a> {
    graph: &'a Adjacency,
    /// Which side of which search reached a node: `2 * round + side`.
    marks: Vec<u32>,
    /// Counts from 1.
    round: u32,
    /// The nodes that each side reached last.
    front: [Vec<u32>; 2],
    next: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Adjacency) -> Self {
        let marks = vec![0; graph.nodes()];
        Self { graph, marks, round: 0, front: [Vec::new(), Vec::new()], next: Vec::new() }
    }

    /// The distance between the ends of a pair, at most `far`.
    fn distance(&mut self, pair: Pair, far: u32) -> u32 {
        if pair.is_self_loop() {
            return 0;
        }
        self.round += 1;
        for (side, end) in [(0u32, pair.src), (1, pair.dst)] {
            self.marks[end as usize] = 2 * self.round + side;
            self.front[side as usize].clear();
            self.front[side as usize].push(end);
        }
        // After so many steps, both sides together, there is no path of as many edges or fewer.
        for steps in 1..far {
            let ahead = |front: &[u32]| -> usize {
                front.iter().map(|&node| self.graph.degree(node as usize)).sum()
            };
            let side = u32::from(ahead(&self.front[1]) < ahead(&self.front[0]));
            if self.step(side) {
                return steps;
            }
        }
        far
    }

    /// Takes one side a step further; whether it met the other.
    fn step(&mut self, side: u32) -> bool {
        let (own, other) = (2 * self.round + side, 2 * self.round + (1 - side));
        self.next.clear();
        for &node in &self.front[side as usize] {
            for &reached in self.graph.neighbours(node as usize) {
                let mark = &mut self.marks[reached as usize];
                if *mark == other {
                    return true;
                }
                if *mark != own {
                    *mark = own;
                    self.next.push(reached);
                }
            }
        }
        std::mem::swap(&mut self.front[side as usize], &mut self.next);
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Breadth first from one end, to the end.
    fn naive(node_count: usize, edges: &[Pair], pair: Pair, far: u32) -> Option<u32> {
        let mut distance = vec![None; node_count];
        distance[pair.src as usize] = Some(0u32);
        for round in 0.. {
            let mut changed = false;
            for edge in edges {
                for (from, to) in [(edge.src, edge.dst), (edge.dst, edge.src)] {
                    if distance[from as usize] == Some(round) && distance[to as usize].is_none() {
                        distance[to as usize] = Some(round + 1);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        distance[pair.dst as usize].map(|found| found.min(far))
    }

    fn graphs() -> impl Strategy<Value = (usize, Vec<Pair>)> {
        (2u32..40).prop_flat_map(|nodes| {
            let ends = (0..nodes, 0..nodes);
            let edges = proptest::collection::vec(ends, 0..60).prop_map(|ends| {
                let pairs = ends.into_iter().map(|(a, b)| Pair::new(a, b).canonical());
                let mut edges: Vec<Pair> = pairs.filter(|pair| !pair.is_self_loop()).collect();
                edges.sort_unstable();
                edges.dedup();
                edges
            });
            (Just(nodes as usize), edges)
        })
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_naive_twin((nodes, edges) in graphs(), far in 1u32..9) {
            let graph = Adjacency::of_pairs(nodes, &edges);
            let all = || (0u32..).take(nodes);
            let pairs: Vec<Pair> =
                all().flat_map(|src| all().map(move |dst| Pair::new(src, dst))).collect();
            let found = distances(&graph, &pairs, far);
            for (pair, found) in pairs.iter().zip(found) {
                prop_assert_eq!(found, naive(nodes, &edges, *pair, far), "{:?}", pair);
            }
        }
    }
}
