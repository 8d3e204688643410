//! Eigenvalues and eigenvectors of Cora's training graph beside those that LAPACK finds.
//!
//! `golden/scipy_spectral.py` made the numbers; its header states the rules that both sides follow.

use serde_json::Value;
use vgae_artifacts::{EdgeSplit, LabelledPairs, Seed};
use vgae_model::{
    Diagnostics, Estimator, FitInput, FitOptions, Fitted, NoCallback, Regularisation, Scaling,
    SpectralConfig,
};

use crate::common::{graph, root};

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn embed(split: &EdgeSplit, regularisation: Regularisation) -> Fitted {
    let spectral = SpectralConfig {
        regularisation,
        strength: 1.0,
        scaling: Scaling::None,
        ..SpectralConfig::default()
    };
    let input = FitInput { features: None, train: split.train_view() };
    let fitted = spectral.fit(input, Seed(1), FitOptions::default(), &mut NoCallback);
    fitted.expect("converges").encoder.expect("vectors")
}

#[test]
fn eigenpairs_are_those_of_lapack() {
    let path = root().join("tests/golden/scipy_spectral.json");
    let text = std::fs::read_to_string(path).expect("golden file");
    let golden: Value = serde_json::from_str(&text).expect("JSON");

    let graph = graph("cora");
    let kept = graph.edges.pairs().iter().enumerate().filter(|(number, _)| number % 20 >= 3);
    let train: Vec<_> = kept.map(|(_, &pair)| pair).collect();
    let nodes = graph.node_count();
    assert_eq!(golden["nodes"], nodes);
    assert_eq!(golden["train_edges"], train.len());
    let split = EdgeSplit::new(nodes, train, LabelledPairs::default(), LabelledPairs::default());
    let split = split.expect("canonical pairs");

    for (name, regularisation) in [("none", Regularisation::None), ("amini", Regularisation::Amini)]
    {
        let fitted = embed(&split, regularisation);
        let Diagnostics::Spectral(diagnostics) = &fitted.diagnostics else {
            panic!("a spectral embedding, not {:?}", fitted.diagnostics);
        };
        // The first is left out of the embedding.
        let expected = &numbers(&golden[name]["eigenvalues"])[1..];
        assert_eq!(expected.len(), diagnostics.eigenvalues.len());
        for (found, expected) in diagnostics.eigenvalues.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{name}: {found}, LAPACK {expected}");
        }
        assert!(diagnostics.residuals.iter().all(|&residual| residual < 1e-9), "{name}");

        let Some(vectors) = golden[name]["vectors"].as_array() else { continue };
        // The largest angle between the two spans: the sine is the largest distance of a unit vector in
        // one from the other, at most the Frobenius norm of what the projection leaves. Both sides are
        // rounded to about 1e-7 a unit vector.
        let mu = fitted.embedding.mu();
        let mut left = 0.0;
        for expected in vectors {
            let mut rest = numbers(expected);
            for column in 0..vectors.len() {
                let ours = |node: usize| f64::from(mu.row(node)[column]);
                let along: f64 = rest.iter().enumerate().map(|(i, x)| x * ours(i)).sum();
                rest.iter_mut().enumerate().for_each(|(i, x)| *x -= along * ours(i));
            }
            left += rest.iter().map(|x| x * x).sum::<f64>();
        }
        assert!(left.sqrt() < 1e-5, "{name}: sine {:e}", left.sqrt());
    }
}
