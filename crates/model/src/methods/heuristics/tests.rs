//! Pair features against dense implementations and reference values of other libraries.

use approx::assert_relative_eq;
use faer::Mat;
use faer::prelude::Solve;
use proptest::prelude::*;
use vgae_artifacts::{EdgeSplit, Embedding, Features, Matrix, Pair};

use strum::VariantArray;

use super::*;
use crate::ModelError;
use vgae_testing::{features, golden, on_threads, ring, split_of};

fn all_pairs(nodes: u32) -> Vec<Pair> {
    (0..nodes).flat_map(|u| (u + 1..nodes).map(move |v| Pair::new(u, v))).collect()
}

fn dense(features: &Features) -> Mat<f64> {
    let mut dense = Mat::zeros(features.node_count(), features.feature_count());
    for node in 0..features.node_count() {
        for (column, value) in features.row(node) {
            dense[(node, column as usize)] = f64::from(value);
        }
    }
    dense
}

fn cosines(rows: &Mat<f64>) -> Mat<f64> {
    let products = rows * rows.transpose();
    Mat::from_fn(rows.nrows(), rows.nrows(), |u, v| {
        let lengths = (products[(u, u)] * products[(v, v)]).sqrt();
        if lengths > 0.0 { products[(u, v)] / lengths } else { 0.0 }
    })
}

/// Naive implementation: matrices of all pairs, by the formulas.
fn naive(feature: PairFeature, split: &EdgeSplit, features: &Features) -> Mat<f64> {
    let nodes = split.node_count();
    let mut a = Mat::<f64>::zeros(nodes, nodes);
    for pair in split.train() {
        a[(pair.src as usize, pair.dst as usize)] = 1.0;
        a[(pair.dst as usize, pair.src as usize)] = 1.0;
    }
    let identity = Mat::<f64>::identity(nodes, nodes);
    let degree: Vec<f64> = (0..nodes).map(|u| (0..nodes).map(|v| a[(u, v)]).sum()).collect();
    let through = |worth: fn(f64) -> f64| {
        let weighted = Mat::from_fn(nodes, nodes, |u, v| {
            if a[(u, v)] > 0.0 && degree[v] > 1.0 { worth(degree[v]) } else { 0.0 }
        });
        &weighted * &a
    };
    let a_hat = Mat::from_fn(nodes, nodes, |u, v| {
        (a[(u, v)] + identity[(u, v)]) / ((degree[u] + 1.0) * (degree[v] + 1.0)).sqrt()
    });
    let text = || {
        let x = dense(features);
        let rarity = |f: usize| {
            let with = (0..nodes).filter(|&u| x[(u, f)] != 0.0).count() as f64;
            ((1.0 + nodes as f64) / (1.0 + with)).ln() + 1.0
        };
        let weighted = Mat::from_fn(nodes, x.ncols(), |u, f| x[(u, f)] * rarity(f));
        Mat::from_fn(nodes, x.ncols(), |u, f| {
            let length = (0..x.ncols()).map(|g| weighted[(u, g)].powi(2)).sum::<f64>().sqrt();
            if length > 0.0 { weighted[(u, f)] / length } else { 0.0 }
        })
    };
    match feature {
        PairFeature::CommonNeighbours => &a * &a,
        PairFeature::AdamicAdar => through(|degree| 1.0 / degree.ln()),
        PairFeature::ResourceAllocation => through(|degree| 1.0 / degree),
        PairFeature::Katz => {
            let (mut sum, mut power) = (Mat::zeros(nodes, nodes), identity);
            for _ in 0..katz::LONGEST {
                power = &power * &a * faer::Scale(katz::BETA);
                sum += &power;
            }
            sum
        }
        PairFeature::PageRank => {
            // A walk stays at a node without edges.
            let walk = Mat::from_fn(nodes, nodes, |u, v| {
                if degree[v] > 0.0 { a[(u, v)] / degree[v] } else { identity[(u, v)] }
            });
            let system = &identity - walk * faer::Scale(1.0 - page_rank::RETURN);
            let rank = system.partial_piv_lu().solve(&identity * faer::Scale(page_rank::RETURN));
            &rank + rank.transpose()
        }
        PairFeature::Walks2 => &a_hat * &a_hat,
        PairFeature::Walks3 => &a_hat * &a_hat * &a_hat,
        PairFeature::Walks4 => &a_hat * &a_hat * &a_hat * &a_hat,
        PairFeature::FeatureCosine => cosines(&text()),
        PairFeature::SgcCosine => cosines(&(&a_hat * text())),
        PairFeature::DegreeSum => {
            Mat::from_fn(nodes, nodes, |u, v| degree[u].ln_1p() + degree[v].ln_1p())
        }
        PairFeature::DegreeMin => {
            Mat::from_fn(nodes, nodes, |u, v| degree[u].min(degree[v]).ln_1p())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Sums in another order differ by some roundings. `PageRank` is solved in f32.
    #[test]
    fn every_feature_is_its_dense_twin(
        nodes in 2u32..14,
        chosen in prop::collection::vec(any::<bool>(), 91),
    ) {
        let edges: Vec<(u32, u32)> = all_pairs(nodes)
            .into_iter()
            .zip(&chosen)
            .filter(|(_, chosen)| **chosen)
            .map(|(pair, _)| (pair.src, pair.dst))
            .collect();
        let (split, features) = (split_of(nodes as usize, &edges), features(nodes, 7));
        let scores = PairScores::new(split.train_view(), Some(&features)).expect("one graph");
        let pairs = all_pairs(nodes);
        for feature in PairFeature::VARIANTS.iter().copied() {
            let found = scores.score(feature, &pairs).expect("sound pairs");
            let expected = naive(feature, &split, &features);
            for (pair, found) in pairs.iter().zip(found) {
                let expected = expected[(pair.src as usize, pair.dst as usize)];
                let tolerance = if feature == PairFeature::PageRank { 2e-6 } else { 1e-7 };
                prop_assert!(
                    (found - expected).abs() < tolerance,
                    "{feature} of {pair:?}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn order_direction_and_company_of_pairs_and_threads_change_nothing(
        ends in prop::collection::vec((0u32..40, 0u32..40), 0..200),
    ) {
        let (split, features) = (ring(40), features(40, 11));
        let scores = PairScores::new(split.train_view(), Some(&features)).expect("one graph");
        let pairs: Vec<Pair> = ends.into_iter().map(|(u, v)| Pair::new(u, v)).filter(|p| !p.is_self_loop()).collect();
        let turned: Vec<Pair> = pairs.iter().rev().map(|pair| Pair::new(pair.dst, pair.src)).collect();
        for feature in PairFeature::VARIANTS.iter().copied() {
            let one = on_threads(1, || scores.score(feature, &pairs)).expect("sound pairs");
            let mut other = on_threads(3, || scores.score(feature, &turned)).expect("sound pairs");
            other.reverse();
            prop_assert_eq!(&one, &other, "{}", feature);
            for (pair, score) in pairs.iter().zip(&one).take(3) {
                let alone = scores.score(feature, &[*pair]).expect("a sound pair");
                prop_assert_eq!(&alone[..], &[*score], "{} alone", feature);
            }
        }
    }
}

/// The values are from `tests/golden/pair_features.py`.
#[test]
fn features_are_those_of_networkx_and_scikit_learn() {
    let golden = golden("pair_features.json");
    let pairs_of = |key: &str| -> Vec<(u32, u32)> {
        serde_json::from_value(golden[key].clone()).expect("pairs")
    };
    let rows: Vec<Vec<f32>> = serde_json::from_value(golden["features"].clone()).expect("rows");
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in &rows {
        for (column, &value) in (0u32..).zip(row).filter(|(_, value)| **value != 0.0) {
            columns.push(column);
            values.push(value);
        }
        starts.push(columns.len());
    }
    let features = Features::from_rows(rows[0].len(), starts, columns, values).expect("features");
    let split = split_of(rows.len(), &pairs_of("edges"));
    let pairs: Vec<Pair> = pairs_of("pairs").into_iter().map(|(u, v)| Pair::new(u, v)).collect();
    let scores = PairScores::new(split.train_view(), Some(&features)).expect("one graph");
    for (name, expected) in golden["scores"].as_object().expect("scores") {
        let feature: PairFeature = name.parse().expect("a feature");
        let found = scores.score(feature, &pairs).expect("sound pairs");
        for (found, expected) in found.iter().zip(expected.as_array().expect("numbers")) {
            let expected = expected.as_f64().expect("a number");
            // PageRank is solved in f32, all others are exact to rounding.
            let relative = if feature == PairFeature::PageRank { 3e-6 } else { 1e-7 };
            assert_relative_eq!(*found, expected, epsilon = 1e-7, max_relative = relative);
        }
    }
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let split = ring(9);
    let scores = PairScores::new(split.train_view(), None).expect("no features to be wrong");
    let error =
        scores.score(PairFeature::FeatureCosine, &[Pair::new(0, 1)]).expect_err("no features");
    assert!(error.to_string().contains("`feature-cosine`"), "{error}");
    for pair in [Pair::new(3, 3), Pair::new(0, 9)] {
        for feature in PairFeature::VARIANTS.iter().copied() {
            let error = scores.score(feature, &[pair]);
            assert!(matches!(error, Err(ModelError::NoSuchPair { .. })), "{pair:?}");
        }
    }
    assert!(PairScores::new(split.train_view(), Some(&features(8, 3))).is_err());
    let other = Embedding::new(Matrix::zeros(8, 2), None).expect("zeros");
    assert!(scores.table(&[], &[("z", &other)], Vec::new(), &[Pair::new(0, 1)]).is_err());
    assert!("page_rank".parse::<PairFeature>().is_err());
}

#[test]
fn an_inner_product_has_two_columns() {
    let split = ring(6);
    let scores = PairScores::new(split.train_view(), None).expect("no features");
    let mu = Matrix::from_row_major(6, 2, (0..12).map(|at| at as f32).collect()).expect("6 x 2");
    let embedding = Embedding::new(mu, None).expect("finite");
    let table =
        scores.table(&[PairFeature::Walks2], &[("z", &embedding)], Vec::new(), &[Pair::new(1, 2)]);
    let table = table.expect("sound");
    assert_eq!(table.names(), ["z", "z-cosine", "walks-2"]);
    assert_eq!(table.columns()[0], [2.0 * 4.0 + 3.0 * 5.0]);
    assert_relative_eq!(table.columns()[1][0], 23.0 / (13.0f64 * 41.0).sqrt(), epsilon = 1e-12);
}
