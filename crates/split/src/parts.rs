use vgae_artifacts::{Edges, NodeTypes, Pair, PairTypes};

use crate::fraction::Fraction;
use crate::negatives::available_pairs;
use crate::{CheckedSplitConfig, SplitError};

/// Returns the number of nodes, whose indices must fit into `u32`.
pub(crate) fn node_count(edges: &Edges) -> Result<u32, SplitError> {
    let found = edges.node_count();
    u32::try_from(found).map_err(|_| SplitError::TooManyNodes { found })
}

/// Removes the pairs of `taken` from the sorted `edges`. All pairs of `taken` must be in `edges`.
pub(crate) fn without(edges: &[Pair], taken: &[Pair]) -> Vec<Pair> {
    let mut taken = taken.to_vec();
    taken.sort_unstable();
    let mut left = Vec::with_capacity(edges.len() - taken.len());
    let mut taken = taken.iter().peekable();
    left.extend(edges.iter().filter(|edge| taken.next_if_eq(edge).is_none()));
    left
}

/// Returns the numbers of validation and test edges.
pub(crate) fn part_sizes(
    edge_count: usize,
    config: &CheckedSplitConfig,
) -> Result<(usize, usize), SplitError> {
    let size = |part, fraction: Fraction| {
        let size = fraction.floor_of(edge_count);
        if size == 0 && fraction.is_positive() {
            return Err(SplitError::TooFewEdges {
                part,
                fraction: fraction.value(),
                needed: fraction.smallest_count(),
                edges: edge_count,
            });
        }
        Ok(size)
    };
    let (validation, test) =
        (size("validation", config.validation())?, size("test", config.test())?);
    let held_out = validation + test;
    if held_out >= edge_count {
        return Err(SplitError::NothingToTrain { edges: edge_count, held_out });
    }
    Ok((validation, test))
}

/// Numbers of held-out edges and of pairs for as many negatives.
pub(crate) struct Draw {
    pub(crate) nodes: u32,
    /// Number of validation edges.
    pub(crate) validation: usize,
    /// Number of validation and test edges.
    pub(crate) held_out: usize,
    /// Pairs of types that edges join, in a graph with node types.
    pub(crate) types: Option<PairTypes>,
    /// Number of pairs that negatives may be, at least `held_out`.
    pub(crate) available: u64,
}

impl Draw {
    /// Counts what is drawn of the undirected pairs `graph` of `edges`.
    pub(crate) fn new(
        edges: &Edges,
        graph: &[Pair],
        types: Option<&NodeTypes>,
        config: &CheckedSplitConfig,
    ) -> Result<Self, SplitError> {
        let nodes = node_count(edges)?;
        let (validation, test) = part_sizes(graph.len(), config)?;
        let held_out = validation + test;
        let types =
            types.map(|types| PairTypes::of_edges(types.clone(), graph.iter())).transpose()?;
        let available = available_pairs(nodes, types.as_ref(), graph);
        let draw = Self { nodes, validation, held_out, types, available };
        if available < held_out as u64 { Err(draw.too_dense(graph)) } else { Ok(draw) }
    }

    /// Returns the error that there are too few pairs for negatives.
    pub(crate) fn too_dense(&self, graph: &[Pair]) -> SplitError {
        let Self { nodes, held_out: asked, available, .. } = *self;
        SplitError::TooDense { asked, available, nodes, edges: graph.len() }
    }
}
