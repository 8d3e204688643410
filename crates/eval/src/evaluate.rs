use std::collections::BTreeMap;

use rayon::prelude::*;
use vgae_artifacts::{
    EdgeSplit, LinkMetrics, Metrics, Pair, Part, ScoredPair, Scores, SliceMetrics,
};

use crate::ranking::FEW;
use crate::{DegreeSlice, EvalConfig, EvalError, PairScorer, link_metrics};

/// What pairs are sliced by.
const BY: &str = "min_train_degree";

/// Each metric's name, with the name and version of its definition: a definition that changes gets a new
/// version, so that numbers of two kinds are not taken for one.
const DEFINITIONS: [(&str, &str); 3] = [
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
        BY,
        "min_train_degree/1 (of a pair, the smaller number of training edges of its two nodes; a slice holds \
         the positives and the negatives with such a degree)",
    ),
];

/// Scores every held-out pair of `split` and measures validation, test and slices of both by degree.
/// The scores come in the order of the split.
///
/// # Errors
/// When the scorer knows another number of nodes than the split, or gives a NaN.
pub fn evaluate(
    scorer: &dyn PairScorer,
    split: &EdgeSplit,
    config: &EvalConfig,
) -> Result<(Metrics, Scores), EvalError> {
    if scorer.node_count() != split.node_count() {
        return Err(EvalError::NodeCount {
            expected: split.node_count(),
            found: scorer.node_count(),
        });
    }
    let scores = score(scorer, split)?;
    let degrees = train_degrees(split);
    let min_degree = |pair: Pair| degrees[pair.src as usize].min(degrees[pair.dst as usize]);
    let mut slices = Vec::new();
    for part in [Part::Validation, Part::Test] {
        for slice in config.degree_slices.iter() {
            let within =
                |row: &ScoredPair| row.part == part && slice.contains(min_degree(row.pair));
            slices.push(slice_metrics(part, slice, measure(&scores, within)?));
        }
    }
    let metrics = Metrics {
        definitions: definitions(),
        validation: measure(&scores, |row| row.part == Part::Validation)?,
        test: measure(&scores, |row| row.part == Part::Test)?,
        slices,
        nodes: None,
    };
    Ok((metrics, scores))
}

fn score(scorer: &dyn PairScorer, split: &EdgeSplit) -> Result<Scores, EvalError> {
    let held_out = split.rows().filter(|(part, ..)| *part != Part::Train);
    let unscored =
        held_out.map(|(part, positive, pair)| ScoredPair { pair, part, positive, score: 0.0 });
    let mut rows: Vec<ScoredPair> = unscored.collect();
    rows.par_iter_mut().with_min_len(FEW).for_each(|row| row.score = scorer.logit(row.pair));
    match rows.iter().find(|row| row.score.is_nan()) {
        Some(&ScoredPair { part, pair, .. }) => Err(EvalError::NanOfPair { part, pair }),
        None => Ok(Scores(rows)),
    }
}

fn train_degrees(split: &EdgeSplit) -> Vec<u32> {
    let mut degrees = vec![0; split.node_count()];
    for pair in split.train() {
        degrees[pair.src as usize] += 1;
        degrees[pair.dst as usize] += 1;
    }
    degrees
}

fn measure(
    scores: &Scores,
    within: impl Fn(&ScoredPair) -> bool,
) -> Result<LinkMetrics, EvalError> {
    let of = |positive: bool| -> Vec<f32> {
        let rows = scores.0.iter().filter(|row| row.positive == positive && within(row));
        rows.map(|row| row.score).collect()
    };
    link_metrics(&of(true), &of(false))
}

fn slice_metrics(part: Part, slice: DegreeSlice, metrics: LinkMetrics) -> SliceMetrics {
    let DegreeSlice { from, to } = slice;
    SliceMetrics { part, by: BY.to_owned(), name: slice.name(), from, to, metrics }
}

fn definitions() -> BTreeMap<String, String> {
    DEFINITIONS.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}
