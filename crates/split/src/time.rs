//! Splits by time.

use vgae_artifacts::{EdgeSplit, Edges, LabelledPairs, NodeTypes, Pair, PairTypes, Seed, Stream};

use crate::edges::{assemble, undirected};
use crate::negatives::{available_pairs, draw_any_negatives};
use crate::parts::{node_count, part_sizes};
use crate::{CheckedSplitConfig, SplitError};

/// Split by time, with the first and last time of each part.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSplit {
    /// The split. Held-out edges are in the order of their times.
    pub split: EdgeSplit,
    /// Last time of a training edge.
    pub train_until: u32,
    /// First and last time of a validation edge.
    pub validation: Option<[u32; 2]>,
    /// First time of a test edge.
    pub test_from: Option<u32>,
}

/// Splits `edges` by time: training edges are the earliest, test edges the latest, and no time is in two parts.
///
/// `times` contains entries of edges in any direction, each with a time; an edge with several entries has the
/// time of the earliest. Among the divisions between two times, that with the number of edges nearest to the
/// configured fraction is used, and of two equally near ones the later. Negatives are drawn as by
/// [`crate::split_typed_edges`].
///
/// # Errors
/// See [`crate::split_typed_edges`]; also returns an error when an edge has no time, or when there are fewer
/// distinct times than parts.
pub fn split_by_time(
    edges: &Edges,
    types: Option<&NodeTypes>,
    times: &[(Pair, u32)],
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<TimeSplit, SplitError> {
    let nodes = node_count(edges)?;
    let graph = undirected(edges);
    let mut timed = in_order(&graph, times)?;
    timed.sort_unstable();
    let (validation_count, test_count) = part_sizes(graph.len(), config)?;
    let divisions: Vec<usize> =
        (1..timed.len()).filter(|&at| timed[at - 1].0 < timed[at].0).collect();
    let few = || SplitError::FewTimes {
        needed: 1 + usize::from(validation_count > 0) + usize::from(test_count > 0),
        found: divisions.len() + 1,
    };
    let nearest = |wanted: usize, divisions: &[usize]| {
        divisions.iter().copied().rev().min_by_key(|at| at.abs_diff(wanted)).ok_or_else(few)
    };
    let count = timed.len();
    let test_start = match test_count {
        0 => count,
        // The first division is needed for validation edges.
        _ => nearest(
            count - test_count,
            divisions.get(usize::from(validation_count > 0)..).unwrap_or(&[]),
        )?,
    };
    let validation_start = if validation_count == 0 {
        test_start
    } else {
        let before = divisions.partition_point(|&at| at < test_start);
        nearest(count - test_count - validation_count, &divisions[..before])?
    };
    let pairs = |range: std::ops::Range<usize>| -> Vec<Pair> {
        timed[range].iter().map(|&(_, pair)| pair).collect()
    };
    let positives = [pairs(validation_start..test_start), pairs(test_start..count)];
    let asked = count - validation_start;
    let types = types.map(|types| PairTypes::of_edges(types.clone(), graph.iter())).transpose()?;
    let available = available_pairs(nodes, types.as_ref(), &graph);
    if available < asked as u64 {
        return Err(SplitError::TooDense { asked, available, nodes, edges: graph.len() });
    }
    let mut rng = seed.stream(Stream::Split, 0);
    let mut negative = draw_any_negatives(&mut rng, nodes, types.as_ref(), &graph, asked);
    let test_negative = negative.split_off(test_start - validation_start);
    let [validation, test] = positives;
    let validation = LabelledPairs { positive: validation, negative };
    let test = LabelledPairs { positive: test, negative: test_negative };
    let time = |at: usize| timed[at].0;
    Ok(TimeSplit {
        train_until: time(validation_start - 1),
        validation: (validation_start < test_start)
            .then(|| [time(validation_start), time(test_start - 1)]),
        test_from: (test_start < count).then(|| time(test_start)),
        split: assemble(edges, types, config, validation, test)?,
    })
}

/// Returns each edge with its earliest time.
fn in_order(graph: &[Pair], times: &[(Pair, u32)]) -> Result<Vec<(u32, Pair)>, SplitError> {
    let mut earliest: Vec<(Pair, u32)> =
        times.iter().map(|&(pair, time)| (pair.canonical(), time)).collect();
    earliest.sort_unstable();
    earliest.dedup_by_key(|(pair, _)| *pair);
    let time = |pair: &Pair| {
        let at = earliest.binary_search_by_key(pair, |(own, _)| *own).ok()?;
        Some((earliest[at].1, *pair))
    };
    let timed: Vec<(u32, Pair)> = graph.iter().filter_map(time).collect();
    match graph.len() - timed.len() {
        0 => Ok(timed),
        missing => Err(SplitError::WithoutTime { edges: graph.len(), missing }),
    }
}
