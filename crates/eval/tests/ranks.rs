//! AUC and AP against naive implementations and against scikit-learn.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use vgae_eval::{average_precision, roc_auc};

/// Both sides round a few times and sum at most a few thousand terms in [0, 1]: at most a few hundred units
/// of 2.2e-16.
const TOLERANCE: f64 = 1e-12;

/// The definition: every positive against every negative.
fn naive_auc(positive: &[f32], negative: &[f32]) -> f64 {
    let comparisons = positive.iter().flat_map(|p| negative.iter().map(move |n| (p, n)));
    let wins: f64 = comparisons
        .map(|(p, n)| {
            if p > n {
                1.0
            } else if p < n {
                0.0
            } else {
                0.5
            }
        })
        .sum();
    wins / (positive.len() * negative.len()) as f64
}

/// The definition: at every distinct score, counts the scores at or above it.
fn naive_ap(positive: &[f32], negative: &[f32]) -> f64 {
    let mut thresholds = [positive, negative].concat();
    thresholds.sort_by(|a, b| b.partial_cmp(a).expect("no NaN"));
    thresholds.dedup();
    let at_least = |scores: &[f32], threshold: f32| {
        scores.iter().filter(|&&score| score >= threshold).count() as f64
    };
    let (mut ap, mut recall_before) = (0.0, 0.0);
    for threshold in thresholds {
        let (tp, fp) = (at_least(positive, threshold), at_least(negative, threshold));
        let recall = tp / positive.len() as f64;
        ap += (recall - recall_before) * tp / (tp + fp);
        recall_before = recall;
    }
    ap
}

/// Scores on a coarse grid, so that most are tied, or arbitrary ones including infinities.
fn scores() -> impl Strategy<Value = Vec<f32>> {
    let tied =
        proptest::collection::vec((-3i8..=3).prop_map(|level| f32::from(level) / 2.0), 1..60);
    let free = proptest::collection::vec(-1e3f32..1e3, 1..60);
    let odd = proptest::sample::select(vec![
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MIN_POSITIVE,
    ]);
    prop_oneof![3 => tied, 2 => free, 1 => proptest::collection::vec(odd, 1..20)]
}

proptest! {
    #[test]
    fn counting_agrees_with_the_definitions(positive in scores(), negative in scores()) {
        let auc = roc_auc(&positive, &negative).expect("both kinds");
        let ap = average_precision(&positive, &negative).expect("both kinds");
        prop_assert!((auc - naive_auc(&positive, &negative)).abs() <= TOLERANCE);
        prop_assert!((ap - naive_ap(&positive, &negative)).abs() <= TOLERANCE);
    }

    #[test]
    fn the_order_of_pairs_changes_no_bit(positive in scores(), negative in scores()) {
        let reversed = |scores: &[f32]| scores.iter().rev().copied().collect::<Vec<_>>();
        let bits = |positive: &[f32], negative: &[f32]| {
            (roc_auc(positive, negative).map(f64::to_bits), average_precision(positive, negative).map(f64::to_bits))
        };
        prop_assert_eq!(
            bits(&positive, &negative),
            bits(&reversed(&positive), &reversed(&negative))
        );
    }

    #[test]
    fn swapping_the_classes_mirrors_auc(positive in scores(), negative in scores()) {
        let there = roc_auc(&positive, &negative).expect("both kinds");
        let back = roc_auc(&negative, &positive).expect("both kinds");
        prop_assert!((there + back - 1.0).abs() <= TOLERANCE);
    }
}

#[test]
fn a_metric_needs_both_kinds() {
    for (positive, negative) in [(&[][..], &[1.0][..]), (&[1.0], &[]), (&[], &[])] {
        assert_eq!(roc_auc(positive, negative), None);
        assert_eq!(average_precision(positive, negative), None);
    }
}

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    positive: Vec<f32>,
    negative: Vec<f32>,
    auc: f64,
    ap: f64,
}

#[test]
fn metrics_work_like_sklearn() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/sklearn_metrics.json");
    let text = std::fs::read_to_string(path).expect("golden file");
    let golden: Golden = serde_json::from_str(&text).expect("cases");
    assert!(golden.cases.len() >= 10, "{} cases", golden.cases.len());
    for Case { name, positive, negative, auc, ap } in golden.cases {
        let found = roc_auc(&positive, &negative).expect("both kinds");
        assert!((found - auc).abs() <= TOLERANCE, "{name}: AUC {found}, scikit-learn {auc}");
        let found = average_precision(&positive, &negative).expect("both kinds");
        assert!((found - ap).abs() <= TOLERANCE, "{name}: AP {found}, scikit-learn {ap}");
    }
}
