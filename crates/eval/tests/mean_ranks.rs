//! MRR and Hits@K by the mean of tied ranks, and lists of negatives as they are given.

use proptest::prelude::*;
use vgae_artifacts::{
    EdgeSplit, LabelledPairs, MeanRanks, NegativeSet, Pair, Part, RankedAmong, RankingMetrics,
    ScoredPair, Scores,
};
use vgae_eval::{
    Candidates, EvalConfig, EvalError, EvalInput, HITS_AT, PairScorer, evaluate, measure_scores,
};

const TOLERANCE: f64 = 1e-12;

/// The naive twin, as `HeaRT`'s evaluator has it: half of the optimistic and the pessimistic count, plus 1.
fn naive_rank(positive: f32, negative: &[f32]) -> f64 {
    let optimistic = negative.iter().filter(|&&other| other > positive).count() as f64;
    let pessimistic = negative.iter().filter(|&&other| other >= positive).count() as f64;
    0.5 * (optimistic + pessimistic) + 1.0
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn check(found: &MeanRanks, ranks: &[f64], fewest: usize) -> Result<(), TestCaseError> {
    let mrr = mean(ranks.iter().map(|rank| 1.0 / rank));
    prop_assert!((found.mrr - mrr).abs() <= TOLERANCE, "{} {mrr}", found.mrr);
    for k in HITS_AT {
        let share = mean(ranks.iter().map(|&rank| f64::from(u8::from(rank <= f64::from(k)))));
        let found = found.hits.get(&k);
        prop_assert_eq!(found.is_some(), fewest >= k as usize);
        prop_assert!(found.is_none_or(|found| (found - share).abs() <= TOLERANCE));
    }
    Ok(())
}

/// Scores of test pairs of a graph of which nothing else matters.
fn scores(positive: &[f32], negative: &[f32]) -> Scores {
    let row = |positive| {
        move |&score: &f32| ScoredPair {
            pair: Pair::new(0, 1),
            part: Part::Test,
            positive,
            score,
            weight: None,
        }
    };
    Scores(positive.iter().map(row(true)).chain(negative.iter().map(row(false))).collect())
}

fn of_test(rankings: Vec<RankingMetrics>, negatives: RankedAmong) -> RankingMetrics {
    let mut rankings = rankings.into_iter();
    let is_wanted =
        |ranking: &RankingMetrics| (ranking.part, ranking.negatives) == (Part::Test, negatives);
    rankings.find(is_wanted).expect("a ranking")
}

/// Levels of scores, so that most are tied.
fn levels(most: usize) -> impl Strategy<Value = Vec<f32>> {
    let level = prop_oneof![Just(-0.0f32), (-3i8..=3).prop_map(|level| f32::from(level) / 2.0)];
    prop::collection::vec(level, 1..most)
}

/// Scores by a table of the first and the last node of a pair.
struct Table(usize, Vec<f32>);

impl PairScorer for Table {
    fn node_count(&self) -> usize {
        self.0
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(pairs.iter().map(|pair| self.of(*pair)).collect())
    }
}

impl Table {
    fn of(&self, pair: Pair) -> f32 {
        let Pair { src, dst } = pair.canonical();
        self.1[(src as usize * 7 + dst as usize * 3) % self.1.len()]
    }
}

fn given_set() -> NegativeSet {
    "given:4".parse().expect("a set")
}

/// Nodes 0 to 7; lists may hold edges, and pairs twice.
fn split() -> EdgeSplit {
    let pair = Pair::new;
    let part = |positive| LabelledPairs { positive, negative: vec![pair(0, 7)] };
    let train = vec![pair(0, 1), pair(1, 2)];
    let (validation, test) =
        (part(vec![pair(2, 3)]), part(vec![pair(3, 4), pair(4, 5), pair(5, 6)]));
    EdgeSplit::new(8, train, validation, test).expect("a split")
}

proptest! {
    #[test]
    fn ranks_in_a_common_list(positive in levels(30), negative in levels(150)) {
        let measured = measure_scores(&scores(&positive, &negative), true).expect("numbers");
        let ranking = of_test(measured.rankings, RankedAmong::Split);
        let ranks: Vec<f64> = positive.iter().map(|&own| naive_rank(own, &negative)).collect();
        check(&ranking.mean_ranks.expect("asked for"), &ranks, negative.len())?;
        // The expected reciprocal rank is at least the reciprocal of the mean rank (Jensen).
        let reciprocal = mean(ranks.iter().map(|rank| 1.0 / rank));
        prop_assert!(ranking.mrr.expect("both kinds") >= reciprocal - TOLERANCE);
        let measured = measure_scores(&scores(&positive, &negative), false).expect("numbers");
        prop_assert_eq!(of_test(measured.rankings, RankedAmong::Split).mean_ranks, None);
    }

    #[test]
    fn ranks_in_lists_of_their_own(
        table in levels(12),
        lists in prop::collection::vec(prop::collection::vec((0u32..8, 0u32..8), 0..30), 3),
    ) {
        let split = split();
        let lists: Vec<Vec<Pair>> = lists
            .iter()
            .map(|list| list.iter().filter(|(a, b)| a != b).map(|&(a, b)| Pair::new(a, b)).collect())
            .collect();
        prop_assume!(lists.iter().any(|list| !list.is_empty()));
        let scorer = Table(8, table);
        let hard = |_, part| Ok(if part == Part::Test { lists.clone() } else { vec![Vec::new()] });
        let given = [given_set()];
        let input = EvalInput { hard: Some(&hard), given: &given, ..EvalInput::new(&scorer, &split) };
        let config = EvalConfig { mean_ranks: true, ..EvalConfig::default() };
        let metrics = evaluate(&input, &config).expect("evaluated").metrics;
        let validation = metrics.rankings.iter().filter(|ranking| ranking.part == Part::Validation);
        prop_assert_eq!(validation.count(), 1, "no row for a part without lists");
        let ranking = of_test(metrics.rankings, RankedAmong::Set(given_set()));
        let own = split.test().positive.iter().zip(&lists).filter(|(_, list)| !list.is_empty());
        let ranks: Vec<f64> = own
            .map(|(&edge, list)| {
                let negative: Vec<f32> = list.iter().map(|&pair| scorer.of(pair)).collect();
                naive_rank(scorer.of(edge), &negative)
            })
            .collect();
        let fewest = lists.iter().map(Vec::len).filter(|&len| len > 0).min().expect("a list");
        prop_assert_eq!(ranking.positives, ranks.len());
        check(&ranking.mean_ranks.expect("asked for"), &ranks, fewest)?;
        let keys = ["mrr_mean_rank", "hits_at_k_mean_rank", "given_negatives"];
        prop_assert!(keys.iter().all(|key| metrics.definitions.contains_key(*key)));
    }
}

#[test]
fn a_constant_score_has_the_middle_rank() {
    let measured = measure_scores(&scores(&[1.0; 3], &[1.0; 100]), true).expect("numbers");
    let ranks = of_test(measured.rankings, RankedAmong::Split).mean_ranks.expect("asked for");
    assert!((ranks.mrr - 1.0 / 51.0).abs() <= TOLERANCE);
    assert_eq!(ranks.hits[&50].to_bits(), 0.0f64.to_bits());
    assert_eq!(ranks.hits[&100].to_bits(), 1.0f64.to_bits());
}

#[test]
fn given_lists_are_kept_but_for_pairs_that_are_none() {
    let split = split();
    let pair = Pair::new;
    let lists = |first: Vec<Pair>| vec![first, Vec::new(), Vec::new()];
    let kept = vec![pair(1, 0), pair(0, 1), pair(3, 4), pair(6, 0)];
    let candidates = Candidates::given(&split, Part::Test, lists(kept)).expect("kept");
    assert_eq!(candidates.list(0), [pair(0, 1), pair(0, 1), pair(3, 4), pair(0, 6)]);
    for (bad, expected) in [(pair(2, 2), "two different nodes"), (pair(0, 8), "nodes of the split")]
    {
        let error = Candidates::given(&split, Part::Test, lists(vec![bad])).expect_err("no pair");
        assert!(matches!(error, EvalError::Candidate { expected: found, .. } if found == expected));
    }
    let error = Candidates::given(&split, Part::Test, vec![Vec::new()]).expect_err("too few");
    assert!(matches!(error, EvalError::CandidateLists { expected: 3, found: 1, .. }), "{error}");
}
