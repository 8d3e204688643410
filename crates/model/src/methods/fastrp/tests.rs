use vgae_artifacts::{EdgeSplit, TrainView};
use vgae_testing::{features, on_threads, ring, split_of};

use super::*;
use crate::{FeatureScaling, NoCallback};

/// A node joined with all others.
fn star(nodes: u32) -> EdgeSplit {
    let edges: Vec<(u32, u32)> = (1..nodes).map(|node| (0, node)).collect();
    split_of(nodes as usize, &edges)
}

fn project_graph(
    config: &FastRpConfig,
    features: Option<&Features>,
    train: TrainView<'_>,
) -> Result<Fitted, ModelError> {
    fit(FitInput { features, train }, config, Seed(3), &mut NoCallback)
}

/// Rows of unit length; rows of zeros stay.
fn unit_rows_of(x: &[f64], width: usize) -> Vec<f64> {
    let unit = |row: &[f64]| {
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter().map(|x| if length > 0.0 { x / length } else { 0.0 }).collect::<Vec<f64>>()
    };
    x.chunks(width).flat_map(unit).collect()
}

/// The naive twin: dense matrices in f64, by the formula with `P = D^-1 (A + I)`.
fn naive(config: &FastRpConfig, features: Option<&Features>, train: TrainView<'_>) -> Vec<f64> {
    let (nodes, width) = (train.node_count(), config.dimensions);
    let mut a = vec![0.0f64; nodes * nodes];
    for node in 0..nodes {
        a[node * nodes + node] = 1.0;
    }
    for pair in train.edges() {
        let (src, dst) = (pair.src as usize, pair.dst as usize);
        (a[src * nodes + dst], a[dst * nodes + src]) = (1.0, 1.0);
    }
    let degree: Vec<f64> = a.chunks(nodes).map(|row| row.iter().sum()).collect();
    let double = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
    let mut x = double(random(nodes, width, Seed(3), 0));
    if let Some(features) = features.filter(|_| config.feature_weight > 0.0) {
        let basis = double(random(features.feature_count(), width, Seed(3), FEATURE_STREAMS));
        let mut projected = vec![0.0; nodes * width];
        for node in 0..nodes {
            for (column, value) in features.row(node) {
                for k in 0..width {
                    projected[node * width + k] +=
                        f64::from(value) * basis[column as usize * width + k];
                }
            }
        }
        let (random, projected) = (unit_rows_of(&x, width), unit_rows_of(&projected, width));
        x = random.iter().zip(projected).map(|(r, p)| r + config.feature_weight * p).collect();
    }
    for (at, x) in x.iter_mut().enumerate() {
        *x *= degree[at / width].powf(config.degree_power);
    }
    let mut sum = vec![0.0; nodes * width];
    for weight in &config.hop_weights {
        let mut next = vec![0.0; nodes * width];
        for at in 0..nodes * nodes {
            for k in 0..width {
                next[at / nodes * width + k] +=
                    a[at] / degree[at / nodes] * x[at % nodes * width + k];
            }
        }
        x = next;
        for (sum, unit) in sum.iter_mut().zip(unit_rows_of(&x, width)) {
            *sum += weight * unit;
        }
    }
    unit_rows_of(&sum, width)
}

#[test]
fn is_the_formula() {
    let given = features(30, 7);
    for (split, features) in [(ring(30), Some(&given)), (ring(30), None), (star(30), None)] {
        for (hop_weights, degree_power) in
            [(vec![1.0], 0.0), (vec![0.0, 0.0, 1.0, 1.0], 0.5), (vec![0.5, 0.0, 2.0], -1.0)]
        {
            let config = FastRpConfig {
                dimensions: 24,
                hop_weights,
                degree_power,
                feature_weight: 0.7,
                feature_scaling: FeatureScaling::AsGiven,
            };
            let fitted = project_graph(&config, features, split.train_view()).expect("vectors");
            let expected = naive(&config, features, split.train_view());
            for (found, expected) in fitted.embedding.mu().as_slice().iter().zip(expected) {
                assert!((f64::from(*found) - expected).abs() < 1e-5, "{found}, {expected}");
            }
        }
    }
}

#[test]
fn threads_do_not_change_a_bit_and_seeds_do() {
    let (split, features) = (ring(3000), features(3000, 60));
    let config = FastRpConfig { dimensions: 20, ..FastRpConfig::default() };
    let on = |threads| {
        let fit = || project_graph(&config, Some(&features), split.train_view());
        on_threads(threads, fit).expect("vectors").embedding.content_hash()
    };
    let one = on(1);
    assert!(one == on(2) && one == on(5));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    let other = fit(input, &config, Seed(4), &mut NoCallback).expect("vectors");
    assert_ne!(other.embedding.content_hash(), one);
}

#[test]
fn random_values_have_their_probabilities() {
    let values = random(2000, 33, Seed(0), 0);
    let share = |wanted: f32| {
        values.iter().filter(|&&value| value.total_cmp(&wanted).is_eq()).count() as f64
            / values.len() as f64
    };
    // Four standard errors of a share of 1/6 among 66,000.
    assert!((share(1.0) - 1.0 / 6.0).abs() < 0.006 && (share(-1.0) - 1.0 / 6.0).abs() < 0.006);
    assert_eq!(values[..33 * 1024], random(1024, 33, Seed(0), 0));
    assert_ne!(values[..99], random(3, 33, Seed(0), 1));
}

#[test]
fn more_dimensions_than_nodes_and_isolated_nodes_have_vectors() {
    let split = star(5);
    let config = FastRpConfig { dimensions: 64, ..FastRpConfig::default() };
    let fitted = project_graph(&config, None, split.train_view()).expect("vectors");
    for row in fitted.embedding.mu().as_slice().chunks(64) {
        let length: f32 = row.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
    }
    let none = FastRpConfig { hop_weights: vec![0.0, 0.0], ..FastRpConfig::default() };
    assert!(crate::Estimator::check(&none).is_err());
}
