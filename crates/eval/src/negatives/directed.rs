use vgae_artifacts::{EdgeSplit, NegativeKind, NegativeSet, Pair};

use super::candidates::Candidates;
use crate::EvalError;

/// Returns the edge in the other direction as the one negative of each edge; an edge in both directions has none.
pub(super) fn draw(
    split: &EdgeSplit,
    edges: &[Pair],
    set: NegativeSet,
) -> Result<Candidates, EvalError> {
    let is_reversed = set.kind() == NegativeKind::Reversed && set.per_positive() == 1;
    if !is_reversed || !split.is_directed() {
        return Err(EvalError::Direction { set, is_directed: split.is_directed() });
    }
    let mut graph: Vec<Pair> =
        split.rows().filter(|&(_, positive, _)| positive).map(|(_, _, pair)| pair).collect();
    graph.sort_unstable();
    let reversed = |edge: &Pair| Pair::new(edge.dst, edge.src);
    let lists = edges.iter().map(|edge| {
        let pair = reversed(edge);
        if graph.binary_search(&pair).is_ok() { Vec::new() } else { vec![pair] }
    });
    Ok(Candidates::trusted(split, lists.collect()))
}
