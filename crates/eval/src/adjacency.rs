use vgae_artifacts::Pair;
use vgae_artifacts::table::row_index;
use vgae_numerics::Components;

/// The neighbours of every node, sorted, each once.
#[derive(Debug)]
pub(crate) struct Adjacency {
    /// One more than there are nodes.
    starts: Vec<usize>,
    neighbours: Vec<u32>,
}

impl Adjacency {
    /// Of `edges` between two different nodes below `node_count`, taken in both directions. An edge may come
    /// more than once, as one that stands in two parts of a leaking split.
    pub(crate) fn new<'a>(
        node_count: usize,
        edges: impl Iterator<Item = &'a Pair> + Clone,
    ) -> Self {
        let mut starts = vec![0; node_count + 1];
        for edge in edges.clone() {
            starts[edge.src as usize + 1] += 1;
            starts[edge.dst as usize + 1] += 1;
        }
        for node in 0..node_count {
            starts[node + 1] += starts[node];
        }
        let mut neighbours = vec![0; starts[node_count]];
        let mut next = starts.clone();
        for edge in edges {
            for (from, to) in [(edge.src, edge.dst), (edge.dst, edge.src)] {
                neighbours[next[from as usize]] = to;
                next[from as usize] += 1;
            }
        }
        let mut kept = 0;
        for node in 0..node_count {
            let (start, end) = (starts[node], starts[node + 1]);
            neighbours[start..end].sort_unstable();
            starts[node] = kept;
            for at in start..end {
                if kept == starts[node] || neighbours[kept - 1] != neighbours[at] {
                    neighbours[kept] = neighbours[at];
                    kept += 1;
                }
            }
        }
        starts[node_count] = kept;
        neighbours.truncate(kept);
        Self { starts, neighbours }
    }

    pub(crate) fn node_count(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn neighbours(&self, node: u32) -> &[u32] {
        &self.neighbours[self.starts[node as usize]..self.starts[node as usize + 1]]
    }

    pub(crate) fn degree(&self, node: u32) -> u32 {
        // There are at most 2^32 nodes, and no node is its own neighbour.
        u32::try_from(self.neighbours(node).len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn contains(&self, pair: Pair) -> bool {
        self.neighbours(pair.src).binary_search(&pair.dst).is_ok()
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> impl DoubleEndedIterator<Item = u32> + use<> {
        0..u32::try_from(self.node_count()).unwrap_or(u32::MAX)
    }

    /// The connected components.
    pub(crate) fn components(&self) -> Components {
        let nodes = row_index(self.node_count());
        let edges = (0..nodes).flat_map(|node| {
            let neighbours = self.neighbours(node).iter();
            neighbours.filter(move |&&other| other > node).map(move |&other| (node, other))
        });
        Components::new(nodes, edges)
    }
}
