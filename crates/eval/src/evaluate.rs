use std::collections::BTreeMap;

use vgae_artifacts::{EdgeSplit, Metrics, Pair, Part, ScoredPair, Scores, SliceMetrics};
use vgae_numerics::Adjacency;

use crate::ranked::rank_in_common;
use crate::{EvalConfig, EvalError, PairScorer, link_metrics, scorer, sliced};

/// Each metric's name, with the name and version of its definition: a definition that changes gets a new
/// version, so that numbers of two kinds are not taken for one.
const DEFINITIONS: [(&str, &str); 6] = [
    (
        "auc",
        "roc_auc/1 (area under the ROC curve, a tied pair counts half; scikit-learn's roc_auc_score)",
    ),
    (
        "ap",
        "average_precision/1 (precision times gained recall, summed over distinct scores from high to low; \
         scikit-learn's average_precision_score)",
    ),
    (
        "hits_at_k",
        "hits_at_k/1 (share of positives that rank among the first K of themselves and their negatives, ties in \
         uniformly random order, in expectation; absent where a positive has fewer than K negatives; positives \
         without negatives do not count; Hu et al. 2020, OGB, counts a tie as a miss)",
    ),
    (
        "mrr",
        "mrr/1 (mean over positives of one divided by the rank among themselves and their negatives, ties in \
         uniformly random order, in expectation; positives without negatives do not count)",
    ),
    (
        SliceMetrics::BY_DEGREE,
        "min_train_degree/1 (of a pair, the smaller number of training edges of its two nodes; a slice holds \
         the positives and the negatives with such a degree)",
    ),
    (
        SliceMetrics::BY_DISTANCE,
        "train_distance/1 (of a pair, the number of training edges on a shortest path between its nodes; a slice \
         holds the positives and the negatives with such a distance, `apart` those without a path)",
    ),
];

/// Scores every held-out pair of `split` and measures validation, test and slices of both by degree and by
/// distance, and how edges rank among the negatives of their part. The scores come in the order of the split.
///
/// Other negatives that `config` names are for the caller to make, and for [`crate::evaluate_ranking`] to rank
/// among.
///
/// # Errors
/// When the scorer knows another number of nodes than the split, fails or gives a NaN.
pub fn evaluate(
    scorer: &dyn PairScorer,
    split: &EdgeSplit,
    config: &EvalConfig,
) -> Result<(Metrics, Scores), EvalError> {
    scorer::check_node_count(scorer, split.node_count())?;
    let scores = score(scorer, split)?;
    let train = Adjacency::of_pairs(split.node_count(), split.train());
    let mut slices = sliced::by_degree(&scores, &train, &config.degree_slices)?;
    slices.extend(sliced::by_distance(&scores, &train, &config.distance_slices)?);
    let part = |part: Part| -> Result<_, EvalError> {
        let (positive, negative) = scores.of_part(part);
        let metrics = link_metrics(&positive, &negative)?;
        let ranking = rank_in_common(part, &metrics, &positive, &negative);
        Ok((metrics, ranking))
    };
    let (validation, validation_ranking) = part(Part::Validation)?;
    let (test, test_ranking) = part(Part::Test)?;
    let metrics = Metrics {
        warnings: Vec::new(),
        definitions: definitions(),
        validation,
        test,
        slices,
        rankings: vec![validation_ranking, test_ranking],
        nodes: None,
    };
    Ok((metrics, scores))
}

fn score(scorer: &dyn PairScorer, split: &EdgeSplit) -> Result<Scores, EvalError> {
    let held_out = || split.rows().filter(|(part, ..)| *part != Part::Train);
    let pairs: Vec<Pair> = held_out().map(|(.., pair)| pair).collect();
    let logits = scorer::logits(scorer, &pairs)?;
    let rows = held_out().zip(logits);
    let rows: Vec<ScoredPair> = rows
        .map(|((part, positive, pair), score)| ScoredPair { pair, part, positive, score })
        .collect();
    match rows.iter().find(|row| row.score.is_nan()) {
        Some(&ScoredPair { part, pair, .. }) => Err(EvalError::NanOfPair { part, pair }),
        None => Ok(Scores(rows)),
    }
}

fn definitions() -> BTreeMap<String, String> {
    DEFINITIONS.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}
