//! Evaluation of a model on a split: slices, order of scores, errors.

use vgae_artifacts::{
    EdgeSplit, Embedding, LabelledPairs, LinkMetrics, Matrix, Metrics, Pair, Part, Scores,
    SliceMetrics,
};
use vgae_eval::{EvalConfig, EvalError, EvalInput, PairScorer, SliceBounds, Validator, roc_auc};

fn evaluate(
    scorer: &dyn PairScorer,
    split: &EdgeSplit,
    config: &EvalConfig,
) -> Result<(Metrics, Scores), EvalError> {
    let found = vgae_eval::evaluate(&EvalInput::new(scorer, split), config)?;
    Ok((found.metrics, found.scores))
}

fn pairs<const N: usize>(ends: [(u32, u32); N]) -> Vec<Pair> {
    ends.map(|(src, dst)| Pair::new(src, dst)).to_vec()
}

/// Nodes 0 to 3 form a square, node 4 is adjacent to 0, nodes 5 to 7 have no training edges. Training
/// degrees: 3, 2, 2, 2, 1, 0, 0, 0.
fn split() -> EdgeSplit {
    let train = pairs([(0, 1), (1, 2), (2, 3), (0, 3), (0, 4)]);
    let validation = LabelledPairs { positive: pairs([(0, 2)]), negative: pairs([(4, 6)]) };
    let test = LabelledPairs {
        positive: pairs([(1, 3), (4, 5), (1, 4)]),
        negative: pairs([(2, 4), (5, 6), (3, 7)]),
    };
    EdgeSplit::new(8, train, validation, test).expect("a split")
}

/// Scorer by a formula.
struct Formula(fn(Pair) -> f32);

impl PairScorer for Formula {
    fn node_count(&self) -> usize {
        8
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(pairs.iter().map(|&pair| (self.0)(pair)).collect())
    }
}

/// A small embedding with irregular values.
fn embedding(rows: u8) -> Embedding {
    let values = (0..rows).flat_map(|row| (0..3u8).map(move |col| (row, col)));
    let values = values.map(|(row, col)| (f32::from(row) * 1.7 + f32::from(col) * 0.3).sin());
    let mu = Matrix::from_row_major(rows.into(), 3, values.collect()).expect("a matrix");
    Embedding::new(mu, None).expect("finite")
}

#[test]
fn positives_and_negatives_are_both_restricted_to_a_slice() {
    let scorer = Formula(|pair| -((pair.src + 2 * pair.dst) as f32));
    let (metrics, _) = evaluate(&scorer, &split(), &EvalConfig::default()).expect("metrics");
    let of = |part: Part, name: &str| {
        let mut found = metrics
            .slices_by(SliceMetrics::BY_DEGREE)
            .filter(|(_, row)| row.part == part && row.name == name);
        let (_, slice) = found.next().expect("one slice of that name");
        assert_eq!(found.next(), None);
        (slice.from, slice.to, slice.metrics.positives, slice.metrics.negatives)
    };
    assert_eq!(of(Part::Test, "cold"), (Some(0), Some(0), 1, 2));
    assert_eq!(of(Part::Test, "1"), (Some(1), Some(1), 1, 1));
    assert_eq!(of(Part::Test, "2-3"), (Some(2), Some(3), 1, 0));
    assert_eq!(of(Part::Test, "4-7"), (Some(4), Some(7), 0, 0));
    assert_eq!(of(Part::Test, "8+"), (Some(8), None, 0, 0));
    assert_eq!(of(Part::Validation, "2-3"), (Some(2), Some(3), 1, 0));
    assert_eq!(of(Part::Validation, "cold"), (Some(0), Some(0), 0, 1));
    assert_eq!(metrics.slices_by(SliceMetrics::BY_DEGREE).count(), 10);

    let cold = metrics.slices.iter().find(|row| row.part == Part::Test && row.name == "cold");
    // Logits: positive (4, 5) -14; negatives (5, 6) -17 and (3, 7) -17.
    let cold = &cold.expect("the cold slice").metrics;
    assert_eq!((cold.auc, cold.ap), (Some(1.0), Some(1.0)));
    let one_sided = metrics.slices.iter().find(|row| row.part == Part::Test && row.name == "2-3");
    let one_sided = &one_sided.expect("a slice without negatives").metrics;
    assert_eq!((one_sided.auc, one_sided.ap), (None, None));
}

/// Distances: (1, 3) 2; (4, 5) unconnected; (1, 4) 2; (2, 4) 3; (5, 6) and (3, 7) unconnected.
#[test]
fn pairs_are_sliced_by_distance_too() {
    let scorer = Formula(|pair| -((pair.src + 2 * pair.dst) as f32));
    let (metrics, _) = evaluate(&scorer, &split(), &EvalConfig::default()).expect("metrics");
    let rows = metrics.slices_by("train_distance").filter(|(_, row)| row.part == Part::Test);
    let rows: Vec<_> = rows
        .map(|(_, row)| {
            let LinkMetrics { auc, positives, negatives, .. } = row.metrics;
            (row.name.as_str(), row.from, row.to, auc, positives, negatives)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("2", Some(2), Some(2), None, 2, 0),
            ("3", Some(3), Some(3), None, 0, 1),
            ("4-5", Some(4), Some(5), None, 0, 0),
            ("6+", Some(6), None, None, 0, 0),
            ("apart", None, None, Some(1.0), 1, 2),
        ]
    );
    let validation = |row: &&SliceMetrics| row.part == Part::Validation && row.name == "2";
    let rows = metrics.slices_by("train_distance").map(|(_, row)| row);
    assert_eq!(rows.filter(validation).count(), 1);
}

#[test]
fn a_leak_shows_as_pairs_at_distance_one() {
    let held_out = LabelledPairs { positive: pairs([(0, 1)]), negative: pairs([(0, 4)]) };
    let train = pairs([(0, 1), (1, 2), (2, 3), (3, 4)]);
    let split = EdgeSplit::new(5, train, LabelledPairs::default(), held_out).expect("a split");
    let (metrics, _) = evaluate(&embedding(5), &split, &EvalConfig::default()).expect("metrics");
    let rows = metrics.slices_by(SliceMetrics::BY_DISTANCE);
    let rows = rows.filter(|(_, row)| row.part == Part::Test && row.metrics.positives > 0);
    let names: Vec<&str> = rows.map(|(_, row)| row.name.as_str()).collect();
    assert_eq!(names, ["1"]);
}

#[test]
fn scores_come_in_the_order_of_the_split_and_give_the_metrics_again() {
    let (embedding, split) = (embedding(8), split());
    let (metrics, scores) = evaluate(&embedding, &split, &EvalConfig::default()).expect("metrics");
    let held_out: Vec<_> = split.rows().filter(|(part, ..)| *part != Part::Train).collect();
    let rows: Vec<_> = scores.0.iter().map(|row| (row.part, row.positive, row.pair)).collect();
    assert_eq!(rows, held_out);
    for row in &scores.0 {
        assert_eq!(row.score.to_bits(), embedding.logit(row.pair.src, row.pair.dst).to_bits());
    }
    for (part, found) in [(Part::Validation, &metrics.validation), (Part::Test, &metrics.test)] {
        let (positive, negative) = scores.of_part(part);
        assert_eq!(found, &vgae_eval::link_metrics(&positive, &negative).expect("numbers"));
    }
}

#[test]
fn every_metric_names_its_definition() {
    let (metrics, _) = evaluate(&embedding(8), &split(), &EvalConfig::default()).expect("metrics");
    for (name, definition) in [
        ("auc", "roc_auc/1 "),
        ("ap", "average_precision/1 "),
        ("hits_at_k", "hits_at_k/1 "),
        ("mrr", "mrr/1 "),
        ("min_train_degree", "min_train_degree/1 "),
        ("train_distance", "train_distance/1 "),
    ] {
        assert!(metrics.definitions[name].starts_with(definition));
    }
}

#[test]
fn slices_can_be_chosen_or_left_out() {
    let config = |bounds| EvalConfig {
        degree_slices: SliceBounds::new(bounds).expect("rising"),
        distance_slices: SliceBounds::new(vec![]).expect("rising"),
        ..EvalConfig::default()
    };
    let (metrics, _) = evaluate(&embedding(8), &split(), &config(vec![])).expect("metrics");
    assert!(metrics.slices.is_empty());
    let (metrics, _) = evaluate(&embedding(8), &split(), &config(vec![1, 3])).expect("metrics");
    let names: Vec<&str> = metrics.slices.iter().map(|slice| slice.name.as_str()).collect();
    assert_eq!(names, ["1-2", "3+", "1-2", "3+"]);
    let config = EvalConfig {
        degree_slices: SliceBounds::new(vec![]).expect("rising"),
        distance_slices: SliceBounds::new(vec![3]).expect("rising"),
        ..EvalConfig::default()
    };
    let (metrics, _) = evaluate(&embedding(8), &split(), &config).expect("metrics");
    let names: Vec<&str> = metrics.slices.iter().map(|slice| slice.name.as_str()).collect();
    assert_eq!(names, ["3+", "apart", "3+", "apart"]);
}

#[test]
fn an_empty_part_has_no_metrics() {
    let nothing = LabelledPairs::default();
    let split = EdgeSplit::new(8, pairs([(0, 1)]), nothing.clone(), nothing).expect("a split");
    let (metrics, scores) =
        evaluate(&embedding(8), &split, &EvalConfig::default()).expect("metrics");
    assert!(scores.0.is_empty());
    assert_eq!((metrics.test.auc, metrics.test.ap, metrics.test.positives), (None, None, 0));
}

#[test]
fn a_model_of_another_graph_is_refused() {
    let error = evaluate(&embedding(7), &split(), &EvalConfig::default()).expect_err("too small");
    assert!(matches!(error, EvalError::NodeCount { expected: 8, found: 7 }), "{error}");
}

#[test]
fn a_score_that_is_no_number_is_named() {
    let scorer = Formula(|pair| if pair == Pair::new(5, 6) { f32::NAN } else { 0.0 });
    let error = evaluate(&scorer, &split(), &EvalConfig::default()).expect_err("a NaN");
    assert_eq!(
        error.to_string(),
        "eval: expected a number as the score of test pair (5, 6), found NaN; the model has diverged: \
         lower its learning rate and train again"
    );
    let error = vgae_eval::link_metrics(&[1.0, f32::NAN], &[0.0]).expect_err("a NaN");
    assert!(matches!(error, EvalError::NanScore { truth: "positive", index: 1 }), "{error}");
    assert_eq!(roc_auc(&[1.0], &[f32::NAN]), None);
}

/// A scorer that fails or returns invalid logits.
struct Faulty(fn() -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>>);

impl PairScorer for Faulty {
    fn node_count(&self) -> usize {
        8
    }

    fn logits(&self, _: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        (self.0)()
    }
}

#[test]
fn a_scorer_that_fails_or_answers_something_else_is_an_error() {
    let judged = |scorer: &Faulty| evaluate(scorer, &split(), &EvalConfig::default());
    let error = judged(&Faulty(|| Err("no features".into()))).expect_err("it fails");
    let source = std::error::Error::source(&error).expect("a cause");
    assert_eq!(
        (error.to_string().as_str(), source.to_string().as_str()),
        ("eval: the model cannot score pairs", "no features")
    );
    let error = judged(&Faulty(|| Ok(vec![0.0; 3]))).expect_err("too few");
    assert!(matches!(error, EvalError::LogitCount { expected: 8, found: 3 }), "{error}");
}

#[test]
fn the_validator_agrees_with_evaluate_to_the_last_bit() {
    let (embedding, split) = (embedding(8), split());
    let (metrics, _) = evaluate(&embedding, &split, &EvalConfig::default()).expect("metrics");
    let mut validator = Validator::new(split.test());
    // Repeated, since neither a used buffer nor a previous larger set of pairs may affect the result.
    for (pairs, expected) in [
        (split.test(), &metrics.test),
        (split.validation(), &metrics.validation),
        (split.test(), &metrics.test),
    ] {
        let found = validator.validate(pairs, embedding.mu()).expect("both kinds of pairs");
        assert_eq!((Some(found.auc), Some(found.ap)), (expected.auc, expected.ap));
    }
    assert_eq!(validator.validate(&LabelledPairs::default(), embedding.mu()), None);
    let diverged = Matrix::from_row_major(8, 1, vec![f32::NAN; 8]).expect("a matrix");
    assert_eq!(validator.validate(split.test(), &diverged), None);
}
