use rand::{Rng, RngExt};
use vgae_artifacts::Pair;
use vgae_artifacts::table::row_index;
use vgae_numerics::Adjacency;

/// A bin of degrees holds so many nodes or more.
const LIKE: usize = 100;

/// Nodes by training degree, to exchange a node for one of like degree.
///
/// Degrees are put into bins from low to high, a bin ending when it holds [`LIKE`] nodes. Most bins of a graph
/// hold one degree; those of large degrees hold many, and among these the ends of edges have larger degrees than
/// the nodes have. So of a bin first a degree is drawn, as often as ends of the part's edges have it, then a node
/// of that degree: within each bin, drawn ends have the degrees that ends of edges have.
#[derive(Debug)]
pub(super) struct ByDegree {
    /// The bin of each degree.
    bin_of: Vec<usize>,
    /// For each bin, the degrees of the ends of edges that lie in it.
    ends: Vec<Vec<u32>>,
    /// For each degree, its nodes.
    nodes: Vec<Vec<u32>>,
    /// Of each node.
    degrees: Vec<u32>,
}

impl ByDegree {
    /// Over the training edges, for `edges` to be exchanged.
    pub(super) fn new(train: &Adjacency, edges: &[Pair]) -> Self {
        let degrees: Vec<u32> =
            (0..train.nodes()).map(|node| row_index(train.degree(node))).collect();
        let most = degrees.iter().max().map_or(0, |&most| most as usize);
        let mut nodes = vec![Vec::new(); most + 1];
        for (node, &degree) in (0u32..).zip(&degrees) {
            nodes[degree as usize].push(node);
        }
        let mut left = degrees.len();
        let (mut bin, mut filled) = (0, 0);
        let mut bin_of = Vec::with_capacity(nodes.len());
        for nodes in &nodes {
            // What is too little for a bin of its own goes with the last.
            if filled >= LIKE && left >= LIKE {
                bin += 1;
                filled = 0;
            }
            bin_of.push(bin);
            filled += nodes.len();
            left -= nodes.len();
        }
        let mut ends = vec![Vec::new(); bin + 1];
        for end in edges.iter().flat_map(|edge| [edge.src, edge.dst]) {
            let degree = degrees[end as usize];
            ends[bin_of[degree as usize]].push(degree);
        }
        Self { bin_of, ends, nodes, degrees }
    }

    /// A node of like degree as `node`, an end of an edge; it may be the same.
    pub(super) fn like<R: Rng>(&self, node: u32, rng: &mut R) -> u32 {
        let ends = &self.ends[self.bin_of[self.degrees[node as usize] as usize]];
        let degree = ends[rng.random_range(0..ends.len())];
        let nodes = &self.nodes[degree as usize];
        nodes[rng.random_range(0..nodes.len())]
    }
}
