//! Symmetric sparse adjacency of a graph.

use rayon::prelude::*;
use vgae_artifacts::table::row_index;
use vgae_artifacts::{Pair, TrainView};

use crate::Components;
use crate::parallel::RowChunks;

/// Undirected edges in both directions as compressed rows: a symmetric adjacency matrix without diagonal. That of
/// [`Adjacency::directed`] is not symmetric, and only for propagation.
#[derive(Debug)]
pub struct Adjacency {
    row_starts: Vec<usize>,
    neighbours: Vec<u32>,
    /// A weight per entry of `neighbours`, if the graph has any.
    weights: Option<Vec<f32>>,
    /// Rows grouped into tasks of similar numbers of entries.
    pub chunks: RowChunks,
    /// The transposed matrix, if it is not symmetric.
    transposed: Option<Box<Self>>,
}

impl Adjacency {
    /// Adjacency of training edges, with their weights if they have any.
    #[must_use]
    pub fn new(train: TrainView<'_>) -> Self {
        Self::of_edges(train.node_count(), train.edges(), train.weights())
    }

    /// Adjacency of edges, each listed once, with an optional weight per edge.
    #[must_use]
    pub fn of_edges(nodes: usize, edges: &[Pair], weights: Option<&[f32]>) -> Self {
        let mut adjacency = Self::of_pairs(nodes, edges);
        adjacency.weights = weights.map(|weights| adjacency.weights_of(edges, weights));
        adjacency
    }

    /// Unweighted adjacency of `nodes` nodes from pairs of different nodes, in any order and direction; a pair that
    /// is listed more than once is one edge. Neighbours ascend within a row.
    #[must_use]
    pub fn of_pairs<'a>(
        nodes: usize,
        pairs: impl IntoIterator<Item = &'a Pair, IntoIter: Clone>,
    ) -> Self {
        let pairs = pairs.into_iter();
        let mut row_starts = vec![0usize; nodes + 1];
        for pair in pairs.clone() {
            row_starts[pair.src as usize + 1] += 1;
            row_starts[pair.dst as usize + 1] += 1;
        }
        for node in 0..nodes {
            row_starts[node + 1] += row_starts[node];
        }
        let mut next = row_starts.clone();
        let mut neighbours = vec![0u32; row_starts[nodes]];
        let mut put = |row: u32, neighbour: u32| {
            neighbours[next[row as usize]] = neighbour;
            next[row as usize] += 1;
        };
        for pair in pairs {
            put(pair.src, pair.dst);
            put(pair.dst, pair.src);
        }
        Self::of_unsorted_rows(row_starts, neighbours)
    }

    /// Unweighted adjacency of rows whose neighbours are in any order, each in both directions; a neighbour that is
    /// listed more than once is one edge.
    #[must_use]
    pub fn of_unsorted_rows(row_starts: Vec<usize>, neighbours: Vec<u32>) -> Self {
        Self::filtered(row_starts, neighbours, |_, row| {
            row.sort_unstable();
            let mut kept = 0;
            for at in 0..row.len() {
                if kept == 0 || row[kept - 1] != row[at] {
                    row[kept] = row[at];
                    kept += 1;
                }
            }
            kept
        })
    }

    /// Removes the edges for which `keep` of the canonical pair is false. Weights are dropped.
    #[must_use]
    pub fn retain(self, keep: impl Fn(Pair) -> bool + Sync) -> Self {
        Self::filtered(self.row_starts, self.neighbours, |node, row| {
            let node = row_index(node);
            let mut kept = 0;
            for at in 0..row.len() {
                if keep(Pair::new(node, row[at]).canonical()) {
                    row[kept] = row[at];
                    kept += 1;
                }
            }
            kept
        })
    }

    /// Rows of which only the front remains: `filter` is called with each node and row, and returns the number of
    /// neighbours that it moved to the front of the row. In place, on all threads.
    fn filtered(
        mut row_starts: Vec<usize>,
        mut neighbours: Vec<u32>,
        filter: impl Fn(usize, &mut [u32]) -> usize + Sync,
    ) -> Self {
        let chunks = RowChunks::by_entries(&row_starts);
        // Within each chunk of rows, the kept neighbours move to its front.
        let mut pieces = Vec::new();
        let (mut starts, mut entries) = (&mut row_starts[..], &mut neighbours[..]);
        let mut first_entry = 0;
        for rows in chunks.ranges() {
            let (own, rest) = starts.split_at_mut(rows.len());
            let end = rest[0];
            let (row_entries, others) = entries.split_at_mut(end - first_entry);
            pieces.push((rows.start, first_entry, end, own, row_entries));
            (starts, entries, first_entry) = (rest, others, end);
        }
        let kept: Vec<(usize, usize)> = pieces
            .into_par_iter()
            .map(|(first, offset, end, starts, entries)| {
                let mut kept = 0;
                for at in 0..starts.len() {
                    let to = starts.get(at + 1).map_or(end, |&next| next) - offset;
                    let from = starts[at] - offset;
                    let count = filter(first + at, &mut entries[from..to]);
                    entries.copy_within(from..from + count, kept);
                    starts[at] = kept;
                    kept += count;
                }
                (offset, kept)
            })
            .collect();
        // Then the chunks move together.
        let mut total = 0;
        for (rows, (offset, kept)) in chunks.ranges().zip(kept) {
            neighbours.copy_within(offset..offset + kept, total);
            row_starts[rows].iter_mut().for_each(|start| *start += total);
            total += kept;
        }
        if let Some(end) = row_starts.last_mut() {
            *end = total;
        }
        neighbours.truncate(total);
        let chunks = RowChunks::by_entries(&row_starts);
        Self { row_starts, neighbours, weights: None, chunks, transposed: None }
    }

    /// Unweighted adjacency of directed edges, sorted and distinct: the row of a node contains its targets.
    #[must_use]
    pub fn directed(nodes: usize, edges: &[Pair]) -> Self {
        let targets = Self::of_rows(nodes, edges.iter().map(|pair| (pair.src, pair.dst)));
        let sources = Self::of_rows(nodes, edges.iter().map(|pair| (pair.dst, pair.src)));
        Self { transposed: Some(Box::new(sources)), ..targets }
    }

    /// Adjacency of distinct entries (row, column), in any order in which the columns of a row ascend.
    fn of_rows(nodes: usize, entries: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut row_starts = vec![0usize; nodes + 1];
        for (row, _) in entries.clone() {
            row_starts[row as usize + 1] += 1;
        }
        for node in 0..nodes {
            row_starts[node + 1] += row_starts[node];
        }
        let mut next = row_starts.clone();
        let mut neighbours = vec![0u32; row_starts[nodes]];
        for (row, column) in entries {
            neighbours[next[row as usize]] = column;
            next[row as usize] += 1;
        }
        let chunks = RowChunks::by_entries(&row_starts);
        Self { row_starts, neighbours, weights: None, chunks, transposed: None }
    }

    /// The transposed matrix; `None` if it is the same.
    #[must_use]
    pub fn transposed(&self) -> Option<&Self> {
        self.transposed.as_deref()
    }

    /// The weight of each entry, for both directions of an edge.
    fn weights_of(&self, edges: &[Pair], weights: &[f32]) -> Vec<f32> {
        let mut entries = vec![0.0; self.neighbours.len()];
        let mut put = |row: u32, neighbour: u32, weight: f32| {
            if let Ok(place) = self.neighbours(row as usize).binary_search(&neighbour) {
                entries[self.row_starts[row as usize] + place] = weight;
            }
        };
        for (pair, &weight) in edges.iter().zip(weights) {
            put(pair.src, pair.dst, weight);
            put(pair.dst, pair.src, weight);
        }
        entries
    }

    /// The weights of the edges to [`Adjacency::neighbours`], if the graph has any.
    #[inline(always)]
    #[must_use]
    pub fn weights(&self, node: usize) -> Option<&[f32]> {
        let weights = self.weights.as_ref()?;
        Some(&weights[self.row_starts[node]..self.row_starts[node + 1]])
    }

    /// Whether edges have weights.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// The number of nodes, `N`.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// The number of undirected edges.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// The neighbours of `node`, ascending.
    #[inline(always)]
    #[must_use]
    pub fn neighbours(&self, node: usize) -> &[u32] {
        &self.neighbours[self.row_starts[node]..self.row_starts[node + 1]]
    }

    /// The number of neighbours of `node`.
    #[must_use]
    pub fn degree(&self, node: usize) -> usize {
        self.neighbours(node).len()
    }

    /// Whether a pair, in either direction, is an edge.
    #[must_use]
    pub fn contains(&self, pair: Pair) -> bool {
        self.neighbours(pair.src as usize).binary_search(&pair.dst).is_ok()
    }

    /// The connected components.
    #[must_use]
    pub fn components(&self) -> Components {
        let nodes = row_index(self.nodes());
        let edges = (0..nodes).flat_map(|node| {
            let neighbours = self.neighbours(node as usize).iter();
            neighbours.filter(move |&&other| other > node).map(move |&other| (node, other))
        });
        Components::new(nodes, edges)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_hold_each_edge_once_in_both_directions(
            ends in prop::collection::vec((0u32..9, 0u32..9), 0..30),
        ) {
            let ends = ends.into_iter().filter(|(src, dst)| src != dst);
            let pairs: Vec<Pair> = ends.map(|(src, dst)| Pair::new(src, dst)).collect();
            let adjacency = Adjacency::of_pairs(9, &pairs);
            let is_edge = |src, dst| {
                pairs.contains(&Pair::new(src, dst)) || pairs.contains(&Pair::new(dst, src))
            };
            for src in 0..9 {
                let naive: Vec<u32> = (0..9).filter(|&dst| is_edge(src, dst)).collect();
                prop_assert_eq!(adjacency.neighbours(src as usize), &naive);
                prop_assert_eq!(adjacency.degree(src as usize), naive.len());
                for dst in 0..9 {
                    prop_assert_eq!(adjacency.contains(Pair::new(src, dst)), is_edge(src, dst));
                }
            }
            let keep = |pair: Pair| !(pair.src + pair.dst).is_multiple_of(3);
            let kept: Vec<Pair> = pairs.iter().copied().filter(|&pair| keep(pair.canonical())).collect();
            let (expected, retained) = (Adjacency::of_pairs(9, &kept), adjacency.retain(keep));
            for node in 0..9 {
                prop_assert_eq!(retained.neighbours(node), expected.neighbours(node));
            }
        }

        #[test]
        fn many_chunks_are_one_after_another(step in 1u32..50) {
            // Enough entries for several chunks.
            let nodes = 3000;
            let ends = (0..nodes).flat_map(|node| (1..6).map(move |k| (node, (node + k * step) % nodes)));
            let pairs: Vec<Pair> = ends
                .filter(|(src, dst)| src != dst)
                .flat_map(|(src, dst)| [Pair::new(src, dst), Pair::new(src, dst)])
                .collect();
            let adjacency = Adjacency::of_pairs(nodes as usize, &pairs);
            prop_assert!(adjacency.chunks.len() > 3);
            let mut naive = vec![std::collections::BTreeSet::new(); nodes as usize];
            for pair in pairs {
                naive[pair.src as usize].insert(pair.dst);
                naive[pair.dst as usize].insert(pair.src);
            }
            for (node, naive) in naive.iter().enumerate() {
                prop_assert!(adjacency.neighbours(node).iter().eq(naive));
            }
        }
    }
}
