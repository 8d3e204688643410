use std::collections::HashSet;

use rand::{Rng, RngExt};
use vgae_artifacts::{EdgeSplit, Edges, LabelledPairs, NodeTypes, Pair, Seed, Stream};

use crate::parts::{node_count, part_sizes, without};
use crate::{CheckedSplitConfig, SplitError, shuffle_front};

/// Splits the edges of a directed graph with their direction, with one negative per held-out edge: a pair from a
/// source to a target that is not an edge of the whole graph in this direction. Edges and negatives are drawn as
/// those of [`crate::split_edges`].
///
/// # Errors
/// Returns an error when the graph is undirected, or has weights or node types, which directed splits do not
/// support; otherwise see [`crate::split_edges`].
pub(crate) fn split(
    edges: &Edges,
    types: Option<&NodeTypes>,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<EdgeSplit, SplitError> {
    check(edges, types)?;
    let nodes = node_count(edges)?;
    let graph = edges.pairs();
    let (validation_count, test_count) = part_sizes(graph.len(), config)?;
    let held_out = validation_count + test_count;
    let available = pair_count(nodes) - graph.len() as u64;
    if available < held_out as u64 {
        let edges = graph.len();
        return Err(SplitError::TooDense { asked: held_out, available, nodes, edges });
    }
    let mut rng = seed.stream(Stream::Split, 0);
    let mut positive = graph.to_vec();
    shuffle_front(&mut rng, &mut positive, held_out);
    positive.truncate(held_out);
    let train = without(graph, &positive);
    let mut negative = draw_negatives(&mut rng, nodes, graph, held_out);
    let test = LabelledPairs {
        positive: positive.split_off(validation_count),
        negative: negative.split_off(validation_count),
    };
    let validation = LabelledPairs { positive, negative };
    Ok(EdgeSplit::directed(edges.node_count(), train, validation, test)?)
}

/// Checks that a graph has directed edges, and no weights and node types.
pub(crate) fn check(edges: &Edges, types: Option<&NodeTypes>) -> Result<(), SplitError> {
    let unsupported = [
        (!edges.is_directed(), "undirected edges"),
        (edges.weights().is_some(), "edges with weights"),
        (types.is_some(), "nodes with types"),
    ];
    match unsupported.into_iter().find(|(is_found, _)| *is_found) {
        Some((_, found)) => Err(SplitError::DirectedGraph { found }),
        None => Ok(()),
    }
}

/// Returns the number of pairs of a source and another node.
fn pair_count(nodes: u32) -> u64 {
    let n = u64::from(nodes);
    n * n.saturating_sub(1)
}

/// Draws `asked` different pairs, uniformly from those that are not among the sorted `edges`, in the order drawn. At
/// least so many must exist. Pairs are listed where few are left, otherwise drawn until one is found.
fn draw_negatives<R: Rng>(rng: &mut R, nodes: u32, edges: &[Pair], asked: usize) -> Vec<Pair> {
    let is_edge = |pair: &Pair| edges.binary_search(pair).is_ok();
    if edges.len() as u64 + asked as u64 > pair_count(nodes) / 2 {
        let all = (0..nodes).flat_map(|src| (0..nodes).map(move |dst| Pair::new(src, dst)));
        let mut left: Vec<Pair> =
            all.filter(|pair| !pair.is_self_loop() && !is_edge(pair)).collect();
        shuffle_front(rng, &mut left, asked);
        left.truncate(asked);
        return left;
    }
    let (mut drawn, mut seen) = (Vec::with_capacity(asked), HashSet::with_capacity(asked));
    while drawn.len() < asked {
        let (src, dst) = (rng.random_range(0..nodes), rng.random_range(0..nodes - 1));
        let pair = Pair::new(src, dst + u32::from(dst >= src));
        if !is_edge(&pair) && seen.insert(pair) {
            drawn.push(pair);
        }
    }
    drawn
}
