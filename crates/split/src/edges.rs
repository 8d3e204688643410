use std::borrow::Cow;
use std::sync::Arc;

use vgae_artifacts::{
    EdgeSplit, Edges, HeldOutWeights, LabelledPairs, NodeTypes, Pair, PairTypes, Seed, Stream,
};

use crate::negatives::draw_any_negatives;
use crate::parts::{Draw, without};
use crate::shuffle::shuffle_front;
use crate::{CheckedSplitConfig, SplitError, directed};

/// Splits `edges` into training, validation and test edges, with one negative per held-out edge.
///
/// From E undirected edges, `floor(E * validation)` and `floor(E * test)` are held out: the edges are shuffled,
/// the first ones are validation edges, the next ones test edges, the rest training edges. Negatives are
/// uniform over the pairs of different nodes that are not edges of the *whole* graph. No pair is drawn twice,
/// in either direction or in different parts. (The published code of Kipf & Welling checks its validation
/// negatives against training and validation edges only, so that one of them can be a test edge.)
///
/// All random numbers come from the stream [`Stream::Split`] of `seed` and have a fixed width: the same input
/// gives the same split on every machine.
///
/// # Errors
/// Returns an error when a part with a fraction above zero would be empty, no training edges would remain,
/// the graph has too few pairs without an edge, or the graph has more than `u32::MAX` nodes.
pub fn split_edges(
    edges: &Edges,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<EdgeSplit, SplitError> {
    split_typed_edges(edges, None, config, seed)
}

/// Splits the edges of a heterogeneous graph like [`split_edges`]. With `types`, negatives are drawn from the
/// pairs of types that edges join ([`PairTypes`]): in a graph of users and movies, a user and a movie.
///
/// # Errors
/// See [`split_edges`]; also returns an error when `types` has another number of nodes.
pub fn split_typed_edges(
    edges: &Edges,
    types: Option<&NodeTypes>,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<EdgeSplit, SplitError> {
    if config.get().directed {
        return directed::split(edges, types, config, seed);
    }
    let graph = undirected(edges);
    let Draw { nodes, validation, held_out, types, .. } = Draw::new(edges, &graph, types, config)?;

    let mut rng = seed.stream(Stream::Split, 0);
    let mut positive = graph.to_vec();
    shuffle_front(&mut rng, &mut positive, held_out);
    positive.truncate(held_out);
    positive.shrink_to_fit();
    let mut negative = draw_any_negatives(&mut rng, nodes, types.as_ref(), &graph, held_out);
    let test = LabelledPairs {
        positive: positive.split_off(validation),
        negative: negative.split_off(validation),
    };
    let validation = LabelledPairs { positive, negative };
    assemble(edges, types, config, validation, test)
}

/// Creates the split of the held-out pairs; the other edges of the graph are training edges, with their weights.
pub(crate) fn assemble(
    edges: &Edges,
    types: Option<PairTypes>,
    config: &CheckedSplitConfig,
    validation: LabelledPairs,
    test: LabelledPairs,
) -> Result<EdgeSplit, SplitError> {
    let graph = undirected(edges);
    let held_out = [validation.positive.as_slice(), &test.positive].concat();
    let train = without(&graph, &held_out);
    let split = EdgeSplit::new(edges.node_count(), train, validation, test)?
        .with_pair_types(types.map(Arc::new));
    Ok(with_weights(split, &graph, undirected_weights(edges))?
        .with_messages(config.get().messages)?)
}

/// Returns a split without validation and test edges, for message passing over every edge; a directed one with
/// `keep_direction`.
///
/// # Errors
/// Returns an error when the graph has more than `u32::MAX` nodes, or no directed edges and their direction is to be
/// kept.
pub fn hold_out_nothing(edges: &Edges, keep_direction: bool) -> Result<EdgeSplit, SplitError> {
    let none = LabelledPairs::default;
    if keep_direction {
        directed::check(edges, None)?;
        let train = edges.pairs().to_vec();
        return Ok(EdgeSplit::directed(edges.node_count(), train, none(), none())?);
    }
    let graph = undirected(edges);
    let split = EdgeSplit::new(edges.node_count(), graph.to_vec(), none(), none())?;
    with_weights(split, &graph, undirected_weights(edges))
}

/// Adds the weights of the edges of all parts: those of the sorted edges of the `graph`, and 1 for other edges.
pub(crate) fn with_weights(
    split: EdgeSplit,
    graph: &[Pair],
    weights: Option<Vec<f32>>,
) -> Result<EdgeSplit, SplitError> {
    let Some(weights) = weights else { return Ok(split) };
    let mut places = (0..graph.len()).peekable();
    let train = split.train().iter().map(|pair| {
        while places.next_if(|&at| graph[at] < *pair).is_some() {}
        places.next_if(|&at| graph[at] == *pair).map_or(1.0, |at| weights[at])
    });
    let train = train.collect();
    let of = |pairs: &LabelledPairs| -> Vec<f32> {
        let weight = |pair| graph.binary_search(pair).map_or(1.0, |at| weights[at]);
        pairs.positive.iter().map(weight).collect()
    };
    let held_out = HeldOutWeights { validation: of(split.validation()), test: of(split.test()) };
    Ok(split.with_train_weights(train)?.with_held_out_weights(held_out)?)
}

/// Returns the weight of each undirected edge, in the order of [`undirected`]. Where both directions are
/// edges, it is the mean of their weights, so that weights of 1 are equivalent to no weights.
pub(crate) fn undirected_weights(edges: &Edges) -> Option<Vec<f32>> {
    let weights = edges.weights()?;
    if !edges.is_directed() {
        return Some(weights.to_vec());
    }
    let mut rows: Vec<(Pair, f32)> =
        edges.pairs().iter().map(|pair| pair.canonical()).zip(weights.iter().copied()).collect();
    rows.sort_by_key(|&(pair, _)| pair);
    let mean = |run: &[(Pair, f32)]| {
        let sum: f64 = run.iter().map(|&(_, weight)| f64::from(weight)).sum();
        #[expect(clippy::cast_possible_truncation, reason = "weights are stored as f32")]
        let mean = (sum / run.len() as f64) as f32;
        mean
    };
    Some(rows.chunk_by(|a, b| a.0 == b.0).map(mean).collect())
}

/// Returns the edges as sorted undirected pairs; copies them only if the graph is directed.
pub(crate) fn undirected(edges: &Edges) -> Cow<'_, [Pair]> {
    if edges.is_directed() {
        Cow::Owned(edges.undirected_pairs())
    } else {
        Cow::Borrowed(edges.pairs())
    }
}
