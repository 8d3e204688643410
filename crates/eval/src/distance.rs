//! Distances between the nodes of pairs.

use rayon::prelude::*;
use vgae_artifacts::Pair;
use vgae_numerics::Adjacency;

/// Number of pairs that share the marks of one search.
const PIECE: usize = 512;

/// Returns the length of a shortest path between the nodes of each pair, or `far` if it is longer; `None` for
/// pairs in different components.
///
/// Each pair requires one bidirectional breadth-first search that expands the side with fewer edges on its
/// frontier. It visits two small balls, where a search from one end would visit most of the graph at a
/// distance of five.
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

/// Marks and frontiers, reused by successive searches.
struct Search<'a> {
    graph: &'a Adjacency,
    /// Round and side that last reached each node: `2 * round + side`.
    marks: Vec<u32>,
    /// Number of the current search, from 1.
    round: u32,
    /// Frontier of each side.
    front: [Vec<u32>; 2],
    next: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Adjacency) -> Self {
        let marks = vec![0; graph.nodes()];
        Self { graph, marks, round: 0, front: [Vec::new(), Vec::new()], next: Vec::new() }
    }

    /// Returns the distance between the nodes of a pair, at most `far`.
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
        // After `steps` expansions of both sides together, no path has `steps` edges or fewer.
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

    /// Expands one side by one level. Returns whether it reached the other side.
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

    /// Breadth-first search from one end.
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
