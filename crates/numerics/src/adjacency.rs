//! Symmetric sparse adjacency of a graph.

use vgae_artifacts::table::row_index;
use vgae_artifacts::{Pair, TrainView};
use vgae_numerics::Components;

use crate::parallel::RowChunks;

/// Undirected edges in both directions as compressed rows: a symmetric adjacency matrix without diagonal.
#[derive(Debug)]
pub struct Adjacency {
    row_starts: Vec<usize>,
    neighbours: Vec<u32>,
    /// A weight per entry of `neighbours`, if the graph has any.
    weights: Option<Vec<f32>>,
    /// Rows grouped into tasks of similar numbers of entries.
    pub chunks: RowChunks,
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

    /// Unweighted adjacency of `nodes` nodes from pairs of different nodes; neighbours ascend within a row.
    #[must_use]
    pub fn of_pairs(nodes: usize, pairs: &[Pair]) -> Self {
        let mut row_starts = vec![0usize; nodes + 1];
        for pair in pairs {
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
        for bounds in row_starts.windows(2) {
            neighbours[bounds[0]..bounds[1]].sort_unstable();
        }
        let chunks = RowChunks::by_entries(&row_starts);
        Self { row_starts, neighbours, weights: None, chunks }
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

    /// The connected components.
    pub(crate) fn components(&self) -> Components {
        let nodes = row_index(self.nodes());
        let edges = (0..nodes).flat_map(|node| {
            let neighbours = self.neighbours(node as usize).iter();
            neighbours.filter(move |&&other| other > node).map(move |&other| (node, other))
        });
        Components::new(nodes, edges)
    }
}
