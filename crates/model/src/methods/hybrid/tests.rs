use serde_json::Value;
use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};
use vgae_testing::{features, on_threads, split_of};

use super::*;
use crate::{PairFeature, PairScores};

/// Rings of cliques, so that neighbours of neighbours are likely edges.
fn clustered() -> EdgeSplit {
    let all = (0..60).flat_map(|u| (u + 1..60).map(move |v| Pair::new(u, v)));
    let edges: Vec<(u32, u32)> = all
        .filter(|pair| {
            pair.src / 6 == pair.dst / 6 || pair.src + 6 == pair.dst && pair.src % 6 == 0
        })
        .map(|pair| (pair.src, pair.dst))
        .collect();
    split_of(60, &edges)
}

struct Fitting {
    whole: EdgeSplit,
    inner: EdgeSplit,
    config: HybridConfig,
}

impl Fitting {
    fn new(combiner: Combiner) -> Self {
        let whole = clustered();
        let config = HybridConfig { combiner, ..HybridConfig::default() };
        let inner =
            hold_out(whole.train_view(), 0.2, config.combiner_negatives, Seed(3)).expect("edges");
        Self { whole, inner, config }
    }

    fn table(&self, held: &LabelledPairs) -> (PairTable, Vec<bool>) {
        let text = features(60, 13);
        let scores = PairScores::new(self.inner.train_view(), Some(&text)).expect("one graph");
        let pairs = [&held.positive[..], &held.negative].concat();
        let table =
            scores.table(&self.config.features_of(true), &[], Vec::new(), &pairs).expect("sound");
        (table, (0..pairs.len()).map(|at| at < held.positive.len()).collect())
    }
}

fn auc(positive: &[f32], negative: &[f32]) -> f64 {
    let won = positive.iter().flat_map(|p| {
        negative.iter().map(move |n| {
            if p > n {
                1.0
            } else if p < n {
                0.0
            } else {
                0.5
            }
        })
    });
    won.sum::<f64>() / (positive.len() * negative.len()) as f64
}

#[test]
fn a_hybrid_finds_edges_says_why_and_survives_a_file() {
    for combiner in [Combiner::Logistic, Combiner::Mlp] {
        let fitting = Fitting::new(combiner);
        let (table, positive) = fitting.table(fitting.inner.validation());
        let fit = || Hybrid::fit(&table, &positive, &fitting.config, Seed(1)).expect("sound");
        let hybrid = on_threads(1, fit);
        assert_eq!(hybrid, on_threads(3, fit), "the same bits");
        let scores = hybrid.score(&table).expect("its own columns");
        let of = |truth| -> Vec<f32> {
            scores.iter().zip(&positive).filter(|(_, is)| **is == truth).map(|(s, _)| *s).collect()
        };
        assert!(auc(&of(true), &of(false)) > 0.95);

        let json = serde_json::to_string(&hybrid).expect("JSON");
        let back: Hybrid = serde_json::from_str(&json).expect("round trip");
        assert_eq!(back.score(&table).expect("columns"), scores);

        // A file with a missing value is an error, not a panic.
        for list in ["mean", "deviation", "most"] {
            let mut damaged: Value = serde_json::from_str(&json).expect("JSON");
            damaged["scaling"][list].as_array_mut().expect("numbers").pop();
            let damaged: Hybrid = serde_json::from_value(damaged).expect("the right types");
            assert!(matches!(damaged.score(&table), Err(ModelError::Option { .. })), "{list}");
        }

        // A value above those of nine out of ten edges is equivalent to one above all.
        let mut larger = table.clone();
        for at in 0..table.columns().len() {
            let most = table.columns()[at].iter().copied().fold(f64::MIN, f64::max);
            let top = larger.column_mut(at).iter_mut().filter(|value| **value >= most);
            top.for_each(|value| *value += 1e3);
        }
        assert_ne!(larger, table);
        assert_eq!(hybrid.score(&larger).expect("columns"), scores);

        let coefficients = hybrid.coefficients().map(<[f64]>::len);
        let one_per_column_and_the_bias = table.names().len() + 1;
        let logistic = combiner == Combiner::Logistic;
        assert_eq!(coefficients, logistic.then_some(one_per_column_and_the_bias));
        let copy = PairTable::new(table.names().to_vec(), table.columns().to_vec());
        assert_eq!(hybrid.score(&copy.expect("even columns")).expect("its own columns"), scores);
        let uneven = PairTable::new(vec!["a".into(), "b".into()], vec![vec![0.0], vec![]]);
        assert!(matches!(uneven, Err(ModelError::Shape { .. })), "{uneven:?}");

        let scores = PairScores::new(fitting.whole.train_view(), None).expect("no features");
        let other =
            scores.table(&[PairFeature::Katz], &[], Vec::new(), &[Pair::new(0, 9)]).expect("sound");
        let error = hybrid.score(&other).expect_err("other columns").to_string();
        assert!(error.contains("katz") && error.contains("walks-3"), "{error}");
    }
}

#[test]
fn a_hybrid_of_one_truth_is_refused() {
    let fitting = Fitting::new(Combiner::Logistic);
    let (table, positive) = fitting.table(fitting.inner.validation());
    let fit = |positive: &[bool]| Hybrid::fit(&table, positive, &fitting.config, Seed(1));
    assert!(matches!(fit(&vec![true; positive.len()]), Err(ModelError::OneTruth { .. })));
    assert!(fit(&positive[1..]).is_err());
}
