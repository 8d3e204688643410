//! Features smoothed over the graph, without training: `Z = rows of A_hat^k X of length 1`, so that the inner
//! product of two nodes is the cosine of their smoothed features (the propagation of Wu et al. 2019,
//! "Simplifying graph convolutional networks", arXiv 1902.07153, without its classifier).
//!
//! The embedding is dense and as wide as the features, which [`MOST`] limits. A random projection would make
//! it narrower, but costs accuracy, which is all that this method is for; where features are too many, the
//! normalised encoder learns a narrow code.

use std::sync::Arc;

use tracing::info;
use vgae_artifacts::{Embedding, Features, History, Matrix, TrainView};

use crate::methods::gae::scaling::Scaler;
use crate::methods::gae::weights::PROPAGATIONS;
use crate::{Callback, Diagnostics, FitInput, Fitted, Learned, ModelConfig, ModelError, Weights};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::unit_rows::{self, Lengths};
use vgae_numerics::Adjacency;
use vgae_numerics::constant;
use vgae_numerics::parallel::{RowChunks, Rows};

/// Numbers that an embedding may have: 1 GiB of them.
const MOST: usize = 1 << 28;

/// What smoothing was, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmoothingDiagnostics {
    /// Columns of the embedding: features.
    pub width: usize,
    /// Nodes whose vector is zero: no features within reach.
    pub empty_rows: usize,
}

/// Smooths the features of `input`.
pub(crate) fn fit(
    input: FitInput<'_>,
    config: &ModelConfig,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    input.check_graph()?;
    let method = config.method;
    let features = input.features_of(method)?.ok_or(ModelError::NoFeatures { method })?;
    let scaler = Scaler::new(config.features, features);
    let steps = config.propagations;
    let embedding = embed(&scaler, features, input.train, steps, callback)?;
    let width = embedding.mu().cols();
    let empty = embedding.mu().as_slice().chunks(width).filter(|row| row.iter().all(|&v| v == 0.0));
    let diagnostics = SmoothingDiagnostics { width, empty_rows: empty.count() };
    info!(%method, width, steps, empty_rows = diagnostics.empty_rows, "smoothed");
    let constants = [(PROPAGATIONS.to_owned(), constant(steps as f32))];
    Ok(Fitted {
        weights: Learned::Encoder(Weights::from_tensors(
            constants.into_iter().chain(scaler.tensors()),
        )),
        embedding,
        history: History::default(),
        diagnostics: Diagnostics::Smoothing(diagnostics),
    })
}

/// The smoothed features of the nodes of a graph, as many as `features` has rows.
pub(crate) fn embed(
    scaler: &Scaler,
    features: &Features,
    edges: TrainView<'_>,
    steps: u32,
    callback: &mut dyn Callback,
) -> Result<Embedding, ModelError> {
    let (nodes, width) = (features.node_count(), features.feature_count());
    if width == 0 || nodes.saturating_mul(width) > MOST {
        return Err(ModelError::SmoothWidth { nodes, features: width, most: MOST });
    }
    let features = scaler.apply(features)?;
    let mut smoothed = vec![0.0f32; nodes * width];
    let rows = RowChunks::even(nodes, 64);
    rows.for_each(Rows::new(&mut smoothed, width), |_, rows, out| {
        for (node, out) in rows.zip(out.data.chunks_exact_mut(width)) {
            for (column, value) in features.row(node) {
                out[column as usize] = value;
            }
        }
    });
    let propagation = Propagation::new(Arc::new(Adjacency::new(edges.messages())));
    let mut next = vec![0.0f32; nodes * width];
    for step in 1..=steps {
        propagation.apply(&smoothed, width, &mut next);
        std::mem::swap(&mut smoothed, &mut next);
        callback.step(step, Some(steps));
    }
    drop(next);
    let mut lengths = Lengths::new(nodes, width, 1.0);
    unit_rows::forward(&rows, width, &mut lengths, &mut smoothed);
    Ok(Embedding::new(Matrix::from_row_major(nodes, width, smoothed)?, None)?)
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::Seed;

    use super::*;
    use crate::{FeatureScaling, FitOptions, Method, NoCallback, encode};
    use vgae_testing::{features, on_threads, ring};

    fn smooth(
        config: &ModelConfig,
        features: &Features,
        train: TrainView<'_>,
    ) -> Result<Fitted, ModelError> {
        let input = FitInput { features: Some(features), train };
        crate::fit(input, &config.check()?, Seed(1), FitOptions::default(), &mut NoCallback)
    }

    /// The naive twin: dense matrices in f64, by the formulas.
    #[test]
    fn is_the_formula() {
        let (nodes, count) = (30usize, 7usize);
        let (split, features) = (ring(30), features(30, 7));
        let mut a_hat = vec![0.0f64; nodes * nodes];
        for node in 0..nodes {
            a_hat[node * nodes + node] = 1.0;
        }
        for pair in split.train_view().edges() {
            let (src, dst) = (pair.src as usize, pair.dst as usize);
            (a_hat[src * nodes + dst], a_hat[dst * nodes + src]) = (1.0, 1.0);
        }
        let degree: Vec<f64> = a_hat.chunks(nodes).map(|row| row.iter().sum()).collect();
        for at in 0..nodes * nodes {
            a_hat[at] /= (degree[at / nodes] * degree[at % nodes]).sqrt();
        }
        for propagations in 1..=3 {
            let mut x = vec![0.0f64; nodes * count];
            for node in 0..nodes {
                for (column, value) in features.row(node) {
                    x[node * count + column as usize] = f64::from(value);
                }
            }
            for _ in 0..propagations {
                let mut y = vec![0.0; nodes * count];
                for at in 0..nodes * nodes {
                    for k in 0..count {
                        y[at / nodes * count + k] += a_hat[at] * x[at % nodes * count + k];
                    }
                }
                x = y;
            }
            let as_given = FeatureScaling::AsGiven;
            let config =
                ModelConfig { propagations, features: as_given, ..ModelConfig::of(Method::Smooth) };
            let fitted = smooth(&config, &features, split.train_view()).expect("smooths");
            for (row, x) in fitted.embedding.mu().as_slice().chunks(count).zip(x.chunks(count)) {
                let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
                for (found, x) in row.iter().zip(x) {
                    // Some ten roundings of f32 a step.
                    assert!((f64::from(*found) - x / length).abs() < 1e-6, "{found}");
                }
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_bit_and_other_nodes_are_smoothed_alike() {
        let (split, features) = (ring(700), features(700, 60));
        for scaling in FeatureScaling::ALL {
            let config = ModelConfig { features: scaling, ..ModelConfig::of(Method::Smooth) };
            let on = |threads| {
                on_threads(threads, || smooth(&config, &features, split.train_view()))
                    .expect("smooths")
            };
            let one = on(1);
            assert!(one == on(2) && one == on(5));
            let Learned::Encoder(weights) = &one.weights else { panic!("constants") };
            let again = encode(weights, &features, split.train_view()).expect("encodes");
            assert_eq!(again.content_hash(), one.embedding.content_hash());
        }
    }

    #[test]
    fn too_many_features_are_refused_with_the_limit() {
        let split = ring(9);
        let wide = Features::from_rows(1 << 25, vec![0; 10], Vec::new(), Vec::new());
        let wide = wide.expect("no entries");
        let config = ModelConfig::of(Method::Smooth);
        let error = smooth(&config, &wide, split.train_view()).expect_err("9 GiB").to_string();
        assert!(error.contains("268435456") && error.contains("gnae"), "{error}");
    }
}
