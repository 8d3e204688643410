use std::sync::Arc;

use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed, Stream, TrainView};

use crate::ModelError;
use crate::non_edges::draw_non_edges;
use vgae_numerics::random::shuffle;

/// Maximum number of removed edges. A small model gains nothing from more, and its columns take time per
/// edge.
const MOST: usize = 20_000;

/// Removes a fraction of the training edges, at most 20,000, for fitting a combiner. Returns a split whose
/// training edges are the remaining ones and whose validation pairs are the removed ones, with `negatives`
/// pairs without a training edge per removed edge.
///
/// A combiner must be fitted on pairs that resemble those it will score: their own edge is not in the graph,
/// and no encoder was trained on it. Therefore encoder and heuristics are computed over the training edges of
/// this split for the fit, and again over all training edges for scoring.
///
/// Held-out edges are unknown here, so one of them may be among the negatives, with the probability of a
/// random pair.
///
/// # Errors
/// Returns an error when `share` is not between 0 and 1, `negatives` is 0, or there are fewer than two edges,
/// since at least one must remain and one be removed.
pub fn hold_out(
    train: TrainView<'_>,
    share: f64,
    negatives: u32,
    seed: Seed,
) -> Result<EdgeSplit, ModelError> {
    if !(share > 0.0 && share < 1.0) {
        let key = "held_out";
        return Err(ModelError::config(key, "more than 0, less than 1", share.to_string()));
    }
    if negatives == 0 {
        return Err(ModelError::config("combiner_negatives", "at least 1", "0"));
    }
    let edges = train.edges();
    if edges.len() < 2 {
        return Err(ModelError::NoTrainingEdges);
    }
    let mut rng = seed.stream(Stream::PairHoldOut, 0);
    let mut order: Vec<u32> = (0u32..).take(edges.len()).collect();
    shuffle(&mut rng, &mut order);
    let count = held_out_of(edges.len(), share);
    let (held, stay) = order.split_at_mut(count);
    stay.sort_unstable();
    let take = |places: &[u32]| places.iter().map(|&at| edges[at as usize]).collect::<Vec<Pair>>();
    let (held, rest) = (take(held), take(stay));

    let nodes = train.node_count();
    let (types, wanted) = (train.pair_types().map(AsRef::as_ref), count * negatives as usize);
    let negative = draw_non_edges(nodes, edges, types, wanted, &mut rng);
    let validation = LabelledPairs { positive: held, negative };
    let split = EdgeSplit::new(nodes, rest, validation, LabelledPairs::default())?
        .with_pair_types(train.pair_types().map(Arc::clone));
    match train.weights() {
        Some(weights) => {
            let weights = stay.iter().map(|&at| weights[at as usize]).collect();
            Ok(split.with_train_weights(weights)?)
        }
        None => Ok(split),
    }
}

/// Returns the number of removed edges out of `edges`, at least two.
fn held_out_of(edges: usize, share: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a count, between 0 and the count"
    )]
    let wanted = (edges as f64 * share).round() as usize;
    wanted.clamp(1, MOST.min(edges - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::ring;

    #[test]
    fn at_least_one_is_taken_out_and_one_stays() {
        assert_eq!(held_out_of(2, 0.001), 1);
        assert_eq!(held_out_of(2, 0.999), 1);
        assert_eq!(held_out_of(4488, 0.1), 449);
        assert_eq!(held_out_of(10_000_000, 0.1), MOST);
    }

    #[test]
    fn edges_are_in_one_part_and_negatives_are_none() {
        let whole = ring(60);
        let edges: Vec<Pair> = whole.train().to_vec();
        let weights: Vec<f32> = (0..edges.len()).map(|at| at as f32).collect();
        let whole = whole.with_train_weights(weights).expect("as many");
        let inner = hold_out(whole.train_view(), 0.1, 3, Seed(5)).expect("enough edges");
        let held = inner.validation();
        assert_eq!((held.positive.len(), held.negative.len()), (8, 24));
        let mut all = [inner.train(), &held.positive].concat();
        all.sort_unstable();
        assert_eq!(all, edges);
        assert!(held.negative.iter().all(|pair| edges.binary_search(pair).is_err()));
        let weights = inner.train_view().weights().expect("weights");
        for (pair, &weight) in inner.train().iter().zip(weights) {
            let place = edges.binary_search(pair).expect("an edge");
            assert!((weight - place as f32).abs() < 0.5, "an edge keeps its weight");
        }
        assert_eq!(inner, hold_out(whole.train_view(), 0.1, 3, Seed(5)).expect("again"));
        assert_ne!(inner, hold_out(whole.train_view(), 0.1, 3, Seed(6)).expect("another"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let whole = ring(9);
        for (share, negatives) in [(0.0, 1), (1.0, 1), (f64::NAN, 1), (0.1, 0)] {
            let error = hold_out(whole.train_view(), share, negatives, Seed(0));
            assert!(matches!(error, Err(ModelError::Option { .. })), "{share} {negatives}");
        }
        // A complete graph has no pair without an edge.
        let complete = vgae_testing::split_of(3, &[(0, 1), (0, 2), (1, 2)]);
        let inner = hold_out(complete.train_view(), 0.5, 2, Seed(0)).expect("three edges");
        assert!(inner.validation().negative.is_empty());
    }
}
