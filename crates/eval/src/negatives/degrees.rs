use rand::{Rng, RngExt};
use vgae_artifacts::table::row_index;
use vgae_artifacts::{Pair, PairTypes};
use vgae_numerics::Adjacency;

/// Minimum number of nodes in a bin of degrees.
const LIKE: usize = 100;

/// Nodes grouped by training degree, to replace a node by one of similar degree.
///
/// Degrees are assigned to bins in ascending order; a bin is complete when it contains [`LIKE`] nodes. Most
/// bins of a graph contain one degree. Bins of large degrees contain many, and the ends of edges then have
/// larger degrees than the nodes of the bin. Therefore a degree is drawn first, in proportion to the ends of
/// the part's edges that have it, then a node of that degree: within each bin, drawn nodes have the degree
/// distribution of the ends of edges.
///
/// Nodes of different types are never exchanged.
#[derive(Debug)]
pub(super) struct ByDegree<'a> {
    types: Option<&'a PairTypes>,
    /// Degree of each node.
    degrees: Vec<u32>,
    /// Nodes of each type, or all nodes.
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    /// Bin of each degree.
    bin_of: Vec<usize>,
    /// Degrees of the ends of edges in each bin.
    ends: Vec<Vec<u32>>,
    /// Nodes of each degree.
    nodes: Vec<Vec<u32>>,
}

impl<'a> ByDegree<'a> {
    /// Groups the nodes by degree over the training edges, to replace the ends of `edges`.
    pub(super) fn new(train: &Adjacency, types: Option<&'a PairTypes>, edges: &[Pair]) -> Self {
        let degrees: Vec<u32> =
            (0..train.nodes()).map(|node| row_index(train.degree(node))).collect();
        let ends = || edges.iter().flat_map(|edge| [edge.src, edge.dst]);
        let groups = match types {
            None => {
                let all: Vec<u32> = (0..row_index(degrees.len())).collect();
                vec![Group::new(&degrees, &all, ends())]
            }
            Some(types) => (0..types.types().names().len())
                .map(|own| {
                    let ends = ends().filter(|&end| types.types().index(end) == own);
                    Group::new(&degrees, types.members(own), ends)
                })
                .collect(),
        };
        Self { types, degrees, groups }
    }

    /// Draws a node of similar degree. `node` must be an end of one of the edges.
    pub(super) fn like<R: Rng>(&self, node: u32, rng: &mut R) -> u32 {
        let group = &self.groups[self.types.map_or(0, |types| types.types().index(node))];
        let ends = &group.ends[group.bin_of[self.degrees[node as usize] as usize]];
        let degree = ends[rng.random_range(0..ends.len())];
        let nodes = &group.nodes[degree as usize];
        nodes[rng.random_range(0..nodes.len())]
    }
}

impl Group {
    fn new(degrees: &[u32], members: &[u32], ends_of_edges: impl Iterator<Item = u32>) -> Self {
        let degree = |node: u32| degrees[node as usize] as usize;
        let most = members.iter().map(|&node| degree(node)).max().unwrap_or(0);
        let mut nodes = vec![Vec::new(); most + 1];
        for &node in members {
            nodes[degree(node)].push(node);
        }
        let mut left = members.len();
        let (mut bin, mut filled) = (0, 0);
        let mut bin_of = Vec::with_capacity(nodes.len());
        for nodes in &nodes {
            // The last bin includes the remaining nodes if they are too few for their own bin.
            if filled >= LIKE && left >= LIKE {
                bin += 1;
                filled = 0;
            }
            bin_of.push(bin);
            filled += nodes.len();
            left -= nodes.len();
        }
        let mut ends = vec![Vec::new(); bin + 1];
        for end in ends_of_edges {
            ends[bin_of[degree(end)]].push(degrees[end as usize]);
        }
        Self { bin_of, ends, nodes }
    }
}
