use proptest::prelude::*;
use vgae_artifacts::EdgeSplit;

use super::*;
use crate::NoCallback;
use vgae_testing::{on_threads, ring, split_of};

/// Returns a configuration with strength 1, which simplifies the expected values.
fn config(dimensions: usize) -> SpectralConfig {
    SpectralConfig { dimensions, strength: 1.0, ..SpectralConfig::default() }
}

fn embed(split: &EdgeSplit, config: SpectralConfig) -> Result<Fitted, ModelError> {
    fit(FitInput { features: None, train: split.train_view() }, &config, Seed(1), &mut NoCallback)
}

fn diagnostics(fitted: &Fitted) -> &SpectralDiagnostics {
    match &fitted.diagnostics {
        Diagnostics::Spectral(diagnostics) => diagnostics,
        other => panic!("a spectral embedding, not {other:?}"),
    }
}

const REGULARISATIONS: [Regularisation; 2] = [Regularisation::None, Regularisation::Amini];

/// Returns the dense `L` by its definition.
fn laplacian(split: &EdgeSplit, regularisation: Regularisation) -> Vec<Vec<f64>> {
    let nodes = split.node_count();
    let edges = split.train_view().edges();
    let everywhere = match regularisation {
        Regularisation::None => 0.0,
        Regularisation::Amini => 2.0 * edges.len() as f64 / (nodes * nodes) as f64,
    };
    let mut a = vec![vec![everywhere; nodes]; nodes];
    for pair in edges {
        a[pair.src as usize][pair.dst as usize] += 1.0;
        a[pair.dst as usize][pair.src as usize] += 1.0;
    }
    let root: Vec<f64> = a.iter().map(|row| row.iter().sum::<f64>().max(1e-300).sqrt()).collect();
    let entry = |i: usize, j: usize| f64::from(u8::from(i == j)) - a[i][j] / (root[i] * root[j]);
    (0..nodes).map(|i| (0..nodes).map(|j| entry(i, j)).collect()).collect()
}

/// Returns disjoint rings of five nodes.
fn rings(count: u32) -> EdgeSplit {
    let edges: Vec<(u32, u32)> =
        (0..5 * count).map(|node| (node, node / 5 * 5 + (node + 1) % 5)).collect();
    split_of(5 * count as usize, &edges)
}

#[test]
fn the_eigenvectors_are_those_of_the_laplacian_as_defined() {
    // Small enough for the dense solver, and large enough for the filter.
    for (split, dimensions) in [(ring(30), 12), (rings(9), 20), (ring(700), 40)] {
        for regularisation in REGULARISATIONS {
            let adjacency = Arc::new(Adjacency::new(split.train_view()));
            let config = SpectralConfig { regularisation, ..config(dimensions) };
            let operator = NormalisedAdjacency::new(adjacency, &config);
            let Spectrum { vectors, diagnostics } =
                spectrum(&operator, dimensions, Seed(1), &mut NoCallback).expect("converges");
            let laplacian = laplacian(&split, regularisation);
            let vector = |column: usize| -> Vec<f64> {
                vectors[column..].iter().step_by(dimensions).copied().collect()
            };
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            for column in 0..dimensions {
                let (v, lambda) = (vector(column), diagnostics.eigenvalues[column]);
                for (row, v_i) in laplacian.iter().zip(&v) {
                    assert!((dot(row, &v) - lambda * v_i).abs() < 1e-8, "{regularisation:?}");
                }
                for other in 0..=column {
                    let expected = f64::from(u8::from(other == column));
                    assert!((dot(&v, &vector(other)) - expected).abs() < 1e-9);
                }
                assert!(diagnostics.residuals[column] < 1e-9);
            }
            assert!(diagnostics.eigenvalues.is_sorted());
        }
    }
}

#[test]
fn dense_and_filtered_agree() {
    let split = ring(900);
    for regularisation in REGULARISATIONS {
        let adjacency = Arc::new(Adjacency::new(split.train_view()));
        let operator =
            NormalisedAdjacency::new(adjacency, &SpectralConfig { regularisation, ..config(60) });
        let known = operator.null_vectors();
        let mut rng = Seed(1).stream(Stream::Eigen, 0);
        let filtered =
            solver::largest(&operator, &known, 60, &mut rng, &mut NoCallback).expect("converges");
        let dense = solver::dense(&operator, &known, 60).expect("found");
        assert!(filtered.iterations > 0 && dense.iterations == 0);
        for (a, b) in filtered.values.iter().zip(&dense.values) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }
}

#[test]
fn no_copy_of_a_multiple_eigenvalue_is_missed() {
    // 150 rings of five, each with 2 cos(2 pi / 5) / 2 twice: a higher multiplicity than the block width.
    let split = rings(150);
    let once = 1.0 - (2.0 * std::f64::consts::PI / 5.0).cos();
    let plain = SpectralConfig { regularisation: Regularisation::None, ..config(149 + 128) };
    let fitted = embed(&split, plain).expect("converges");
    let values = &diagnostics(&fitted).eigenvalues;
    assert!(values[..149].iter().all(|&value| value == 0.0));
    assert!(values[149..].iter().all(|value| (value - once).abs() < 1e-12), "{values:?}");
    assert_eq!(diagnostics(&fitted).components, 150);
    // With regularisation all degrees are 2 + 2: 149 of the eigenvalues 0 become 1/2, as do all others.
    let values = diagnostics(&embed(&split, config(128)).expect("converges")).eigenvalues.clone();
    assert!(values.iter().all(|value| (value - 0.5).abs() < 1e-12), "{values:?}");
}

#[test]
fn threads_do_not_change_a_bit() {
    for split in [ring(1500), rings(300), ring(40)] {
        for regularisation in REGULARISATIONS {
            let config = SpectralConfig { regularisation, ..config(24) };
            let on = |threads| {
                let fitted = on_threads(threads, || embed(&split, config)).expect("converges");
                (fitted.embedding.content_hash(), fitted.weights, fitted.diagnostics)
            };
            let one = on(1);
            assert!(one == on(2) && one == on(5));
        }
    }
}

#[test]
fn the_scores_with_all_positive_eigenvalues_rebuild_the_adjacency() {
    // Eigenvalues of a complete graph's normalised adjacency: 1 once, -1 / (N - 1). For two disjoint complete
    // graphs: 1 twice. Without regularisation, the scores separate the two.
    let edges: Vec<(u32, u32)> = (0..12u32)
        .flat_map(|a| (a + 1..12).map(move |b| (a, b)))
        .filter(|(a, b)| a / 6 == b / 6)
        .collect();
    let split = split_of(12, &edges);
    for scaling in [Scaling::None, Scaling::SqrtEigenvalue, Scaling::SqrtDegree] {
        let config = SpectralConfig { scaling, ..config(1) };
        let embedding = embed(&split, config).expect("found").embedding;
        assert!(embedding.logit(0, 1) > 0.0 && embedding.logit(0, 7) < 0.0, "{scaling:?}");
        let logit = embedding.logit(6, 11);
        let expected = match scaling {
            Scaling::None => 1.0 / 12.0,
            // Degrees 5 + 5: half of the previous value.
            Scaling::SqrtEigenvalue => 0.5 / 12.0,
            Scaling::SqrtDegree => 10.0 / 12.0,
        };
        assert!((logit - expected).abs() < 1e-6, "{scaling:?}: {logit}");
    }
}

#[test]
fn small_and_broken_graphs_are_errors_or_sound() {
    let edgeless = embed(&split_of(200, &[]), config(128)).expect_err("nothing to learn from");
    assert!(matches!(edgeless, ModelError::NoTrainingEdges), "{edgeless}");
    let small = embed(&ring(34), config(128)).expect_err("34 nodes").to_string();
    assert!(small.contains("dimensions") && small.contains("34 nodes"), "{small}");

    for regularisation in REGULARISATIONS {
        for scaling in [Scaling::None, Scaling::SqrtEigenvalue, Scaling::SqrtDegree] {
            let with =
                |dimensions| SpectralConfig { regularisation, scaling, ..config(dimensions) };
            // Two nodes; a pair among isolated nodes, few and many; a path; the maximum number of dimensions.
            let cases = [
                (split_of(2, &[(0, 1)]), 1),
                (split_of(5, &[(3, 4)]), 3),
                (split_of(2000, &[(3, 4)]), 128),
                (split_of(700, &[(0, 1), (1, 2)]), 699),
                (ring(34), 33),
            ];
            for (split, dimensions) in cases {
                let fitted = embed(&split, with(dimensions)).expect("sound");
                let mu = fitted.embedding.mu();
                assert_eq!((mu.rows(), mu.cols()), (split.node_count(), dimensions));
                assert!(diagnostics(&fitted).residuals.iter().all(|&residual| residual < 1e-9));
            }
        }
    }
}

#[test]
fn seeds_change_the_start_and_not_the_answer() {
    let split = ring(1200);
    let input = FitInput { features: None, train: split.train_view() };
    let scores = |seed: u64| -> Vec<f32> {
        let fitted = fit(input, &config(20), Seed(seed), &mut NoCallback).expect("converges");
        (1..1200).map(|node| fitted.embedding.logit(0, node)).collect()
    };
    let (one, other) = (scores(1), scores(2));
    assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-6));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_graph_is_embedded(
        nodes in 2u32..40,
        raw in prop::collection::vec((0u32..40, 0u32..40), 1..80),
        dimensions in 1usize..40,
        plain: bool,
    ) {
        let mut edges: Vec<(u32, u32)> = raw
            .into_iter()
            .map(|(a, b)| (a % nodes, b % nodes))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        prop_assume!(!edges.is_empty());
        let split = split_of(nodes as usize, &edges);
        let regularisation = if plain { Regularisation::None } else { Regularisation::Amini };
        let config = SpectralConfig { regularisation, ..config(dimensions.min(nodes as usize - 1)) };
        let fitted = embed(&split, config).expect("sound");
        let SpectralDiagnostics { eigenvalues, residuals, .. } = diagnostics(&fitted);
        prop_assert!(residuals.iter().all(|&residual| residual < 1e-9));
        prop_assert!(eigenvalues.iter().all(|value| (0.0..=2.0 + 1e-9).contains(value)));
    }
}
