use faer::Mat;
use vgae_artifacts::{EdgeSplit, TrainView};
use vgae_testing::{features, on_threads, ring, split_of};

use super::*;
use crate::{FeatureScaling, NoCallback};

fn embed(
    config: &ProneConfig,
    features: Option<&Features>,
    train: TrainView<'_>,
) -> Result<Fitted, ModelError> {
    fit(FitInput { features, train }, config, Seed(3), &mut NoCallback)
}

/// A ring with chords, whose edges have weights, one of them negative and one 0.
fn weighted(nodes: u32) -> EdgeSplit {
    let split = ring(nodes);
    let mut weights: Vec<f32> = (0..split.train().len()).map(|at| 0.5 + (at % 4) as f32).collect();
    (weights[3], weights[5]) = (-1.5, 0.0);
    split.with_train_weights(weights).expect("as many")
}

/// `|A|` or `A`, dense, with `diagonal` on the diagonal.
fn dense(train: TrainView<'_>, diagonal: f64, of: impl Fn(f64) -> f64) -> Mat<f64> {
    let nodes = train.node_count();
    let mut a = Mat::zeros(nodes, nodes);
    for (at, pair) in train.edges().iter().enumerate() {
        let weight = of(train.weights().map_or(1.0, |weights| f64::from(weights[at])));
        a[(pair.src as usize, pair.dst as usize)] = weight;
        a[(pair.dst as usize, pair.src as usize)] = weight;
    }
    for node in 0..nodes {
        a[(node, node)] = diagonal;
    }
    a
}

fn unit_rows(x: &Mat<f64>) -> Mat<f64> {
    let length = |row: usize| x.row(row).iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale: Vec<f64> =
        (0..x.nrows()).map(length).map(|l| if l > 1e-6 { 1.0 / l } else { 0.0 }).collect();
    Mat::from_fn(x.nrows(), x.ncols(), |row, column| scale[row] * x[(row, column)])
}

/// `U S^power` of the whole singular value decomposition.
fn factor(x: &Mat<f64>, power: f64) -> Mat<f64> {
    let svd = x.svd().expect("converges");
    let (u, s) = (svd.U(), svd.S().column_vector());
    Mat::from_fn(x.nrows(), s.nrows(), |row, at| u[(row, at)] * s[at].powf(power))
}

/// The naive twin: dense matrices in f64, with the whole decomposition, and the filter by the series of the exponential.
/// Returns inner products, which do not depend on the signs of singular vectors.
fn naive(config: &ProneConfig, features: Option<&Features>, train: TrainView<'_>) -> Mat<f64> {
    let nodes = train.node_count();
    let (a, size) = (dense(train, 0.0, |w| w), dense(train, 0.0, f64::abs));
    let sum = |row: usize| size.row(row).iter().sum::<f64>();
    let p = Mat::from_fn(nodes, nodes, |i, j| size[(i, j)] / sum(i).max(1e-300));
    let frequency = |j: usize| p.col(j).iter().sum::<f64>().powf(config.negative_exponent);
    let total: f64 = (0..nodes).map(frequency).sum();
    let f = Mat::from_fn(nodes, nodes, |i, j| {
        let ratio = || a[(i, j)].signum() * (p[(i, j)].ln() - (frequency(j) / total).ln());
        if a[(i, j)] == 0.0 { 0.0 } else { ratio() }
    });
    let mut x = unit_rows(&factor(&f, 0.5));
    if let Some(features) = features.filter(|_| config.feature_weight > 0.0) {
        let mut dense = Mat::zeros(nodes, features.feature_count());
        for node in 0..nodes {
            for (column, value) in features.row(node) {
                dense[(node, column as usize)] = f64::from(value);
            }
        }
        let dense = unit_rows(&dense);
        let width = x.ncols();
        x = Mat::from_fn(nodes, width + dense.ncols(), |row, at| {
            if at < width { x[(row, at)] } else { config.feature_weight * dense[(row, at - width)] }
        });
    }
    // L - m with L = I - D^-1 (A + I).
    let (with_loops, degree) = (dense(train, 1.0, |w| w), |row: usize| 1.0 + sum(row));
    let m = Mat::from_fn(nodes, nodes, |i, j| {
        let one = if i == j { 1.0 - config.filter_centre } else { 0.0 };
        one - with_loops[(i, j)] / degree(i)
    });
    let identity = Mat::<f64>::identity(nodes, nodes);
    let y = faer::Scale(0.5) * (&m * &m) - &identity;
    let (mut term, mut exponential) = (identity.clone(), identity.clone());
    for at in 1..60 {
        term = faer::Scale(-config.filter_scale / f64::from(at)) * (&term * &y);
        exponential += &term;
    }
    let x = unit_rows(&(&with_loops * ((identity - exponential) * x)));
    &x * x.transpose()
}

/// The program's vectors and the twin's have the same inner products where all factors are kept.
fn assert_like_naive(config: &ProneConfig, features: Option<&Features>, split: &EdgeSplit) {
    let found = embed(config, features, split.train_view()).expect("vectors");
    let mu = found.embedding.mu();
    let expected = naive(config, features, split.train_view());
    for row in 0..mu.rows() {
        for other in 0..row {
            let product: f32 = mu.row(row).iter().zip(mu.row(other)).map(|(a, b)| a * b).sum();
            let expected = expected[(row, other)];
            assert!((f64::from(product) - expected).abs() < 2e-3, "{product}, {expected}");
        }
    }
}

#[test]
fn is_the_formula() {
    let given = features(30, 7);
    let star: Vec<(u32, u32)> = (1..30).map(|node| (0, node)).collect();
    for split in [ring(30), weighted(30), split_of(30, &star), split_of(30, &star[..9])] {
        for features in [None, Some(&given)] {
            let config = ProneConfig {
                filter_order: 20,
                feature_scaling: FeatureScaling::AsGiven,
                ..ProneConfig::default()
            };
            assert_like_naive(&config, features, &split);
            let other = ProneConfig {
                dimensions: 40,
                negative_exponent: 1.0,
                filter_centre: -0.3,
                filter_scale: 2.0,
                feature_weight: 0.5,
                ..config
            };
            assert_like_naive(&other, features, &split);
        }
    }
}

#[test]
fn the_largest_singular_values_and_vectors_are_those_of_a_dense_solver() {
    let features = features(200, 160);
    let dense = Mat::from_fn(200, 160, |row, column| {
        let mut values = features.row(row).filter(|&(at, _)| at as usize == column);
        values.next().map_or(0.0, |(_, value)| f64::from(value))
    });
    let exact = dense.svd().expect("converges");
    let (rank, mut callback) = (12, NoCallback);
    let mut steps = Steps { callback: &mut callback, count: 0 };
    let found = sparse(&features).truncated_svd(rank, 40, (Seed(1), 0), &mut steps);
    let found = found.expect("converges");
    for at in 0..rank {
        let expected = exact.S().column_vector()[at];
        let value = found.values[at];
        assert!((value / expected - 1.0).abs() < 1e-4, "{at}: {value} {expected}");
    }
    // Singular vectors of one value are not unique, but their span is: each is within that of the exact ones.
    for at in 0..rank {
        let along = (0..rank + 4).map(|other| {
            let products = (0..200)
                .map(|row| f64::from(found.left[row * rank + at]) * exact.U()[(row, other)]);
            products.sum::<f64>().powi(2)
        });
        let length = along.sum::<f64>();
        assert!((length - 1.0).abs() < 1e-2, "{at}: {length}");
    }
}

#[test]
fn threads_do_not_change_a_bit_and_seeds_do() {
    let (split, features) = (ring(3000), features(3000, 200));
    let config = ProneConfig { dimensions: 70, ..ProneConfig::default() };
    let on = |threads| {
        let fit = || embed(&config, Some(&features), split.train_view());
        on_threads(threads, fit).expect("vectors").embedding.content_hash()
    };
    let one = on(1);
    assert!(one == on(2) && one == on(5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let other = fit(input, &config, Seed(4), &mut NoCallback).expect("vectors");
    assert_ne!(other.embedding.content_hash(), one);
}

#[test]
fn small_graphs_and_features_of_zeros_have_vectors() {
    let split = split_of(3, &[(0, 1)]);
    let empty = Features::from_rows(5, vec![0; 4], Vec::new(), Vec::new()).expect("no values");
    for features in [None, Some(&empty)] {
        let found = embed(&ProneConfig::default(), features, split.train_view()).expect("vectors");
        let mu = found.embedding.mu();
        let length = |row: usize| mu.row(row).iter().map(|x| x * x).sum::<f32>();
        assert!((length(0) - 1.0).abs() < 1e-5 && (length(1) - 1.0).abs() < 1e-5);
        assert!(length(2) == 0.0, "a node without edges has no factors");
    }
}
