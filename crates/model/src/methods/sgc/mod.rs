//! Simplified graph convolution: features smoothed over the graph, without training. `Z` is `A_hat^k X` with
//! rows of unit length, so that the inner product of two nodes is the cosine of their smoothed features (the
//! propagation of Wu et al. 2019, "Simplifying graph convolutional networks", arXiv 1902.07153, without its
//! classifier).
//!
//! The embedding is dense and as wide as the features, up to the limit [`MOST`]. A random projection would
//! reduce the width at the cost of accuracy; for more features, the normalised encoder learns a narrow code.

mod diagnostics;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::info;
use vgae_artifacts::{Embedding, Features, History, Matrix, Seed, TrainView};

pub use self::diagnostics::SmoothingDiagnostics;
use crate::estimator::checked_input;
use crate::method::Entry;
use crate::methods::gae::scaling::Scaler;
use crate::{
    Callback, DataSize, Diagnostics, Estimator, FeatureScaling, FeatureUse, FitInput, FitOptions,
    Fitted, FittedModel, Learned, ModelError, Needs, NoCallback, Weights,
};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::unit_rows::{self, Lengths};
use vgae_nn::training::check_cancelled;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::{RowChunks, Rows};
use vgae_options::Options;

/// Maximum number of values of an embedding: 1 GiB.
const MOST: usize = 1 << 28;

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "sgc",
    about: "simplified graph convolution: features smoothed over the graph, without training",
    default: || Box::new(SgcConfig::default()),
}];

/// Hyper-parameters of the simplified graph convolution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SgcConfig {
    /// Number of propagation steps.
    #[schemars(range(min = 1, max = 64))]
    pub hops: u32,
    /// Scaling of node features before the model reads them.
    pub feature_scaling: FeatureScaling,
}

impl Default for SgcConfig {
    fn default() -> Self {
        Self { hops: 1, feature_scaling: FeatureScaling::TfIdf }
    }
}

impl Estimator for SgcConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
    }

    fn needs(&self) -> Needs {
        Needs::graph(FeatureUse::Required)
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        _: Seed,
        _: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        let input = checked_input(input, self, METHODS[0].name)?;
        let Some(features) = input.features else { return Err(ModelError::NoTrainingEdges) };
        Ok(fit(features, input.train, *self, callback)?.into())
    }

    fn infer(
        &self,
        weights: &Weights,
        features: &Features,
        edges: TrainView<'_>,
    ) -> Result<Embedding, ModelError> {
        let (expected, found) = (edges.node_count(), features.node_count());
        if expected != found {
            return Err(ModelError::FeatureRows { expected, found });
        }
        let scaler = Scaler::of(self.feature_scaling, weights)?;
        embed(&scaler, features, edges, self.hops, &mut NoCallback)
    }

    fn transductive(&self) -> Option<&'static str> {
        None
    }

    /// Counts two dense matrices and their copy as an embedding.
    fn memory(&self, data: &DataSize) -> usize {
        let DataSize::Graph { nodes, features, feature_values, .. } = *data else { return 0 };
        let dense = nodes.saturating_mul(features).saturating_mul(3 * 4);
        dense.saturating_add(feature_values.saturating_mul(32))
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        let DataSize::Graph { features, .. } = *data else { return 0 };
        data.least_vectors(features)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(500)
    }

    fn without_features(&self) -> Option<&'static str> {
        Some("sc")
    }
}

/// Smooths the features.
fn fit(
    features: &Features,
    train: TrainView<'_>,
    config: SgcConfig,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    let scaler = Scaler::new(config.feature_scaling, features);
    let embedding = embed(&scaler, features, train, config.hops, callback)?;
    let width = embedding.mu().cols();
    let empty = embedding.mu().as_slice().chunks(width).filter(|row| row.iter().all(|&v| v == 0.0));
    let diagnostics = SmoothingDiagnostics { width, empty_rows: empty.count() };
    info!(width, hops = config.hops, empty_rows = diagnostics.empty_rows, "smoothed");
    Ok(Fitted {
        weights: Learned::Encoder(Weights::from_tensors(scaler.tensors())),
        embedding,
        history: History::default(),
        diagnostics: Diagnostics::Smoothing(diagnostics),
    })
}

/// Returns the smoothed features of the nodes of a graph, one row per row of `features`.
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
        check_cancelled(callback)?;
    }
    drop(next);
    let mut lengths = Lengths::new(nodes, width, 1.0);
    unit_rows::forward(&rows, width, &mut lengths, &mut smoothed);
    Ok(Embedding::new(Matrix::from_row_major(nodes, width, smoothed)?, None)?)
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;
    use vgae_testing::{features, on_threads, ring};

    fn smooth(
        config: SgcConfig,
        features: &Features,
        train: TrainView<'_>,
    ) -> Result<Fitted, ModelError> {
        fit(features, train, config, &mut NoCallback)
    }

    /// Naive implementation: dense matrices in f64, by the formulas.
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
        for hops in 1..=3 {
            let mut x = vec![0.0f64; nodes * count];
            for node in 0..nodes {
                for (column, value) in features.row(node) {
                    x[node * count + column as usize] = f64::from(value);
                }
            }
            for _ in 0..hops {
                let mut y = vec![0.0; nodes * count];
                for at in 0..nodes * nodes {
                    for k in 0..count {
                        y[at / nodes * count + k] += a_hat[at] * x[at % nodes * count + k];
                    }
                }
                x = y;
            }
            let config = SgcConfig { hops, feature_scaling: FeatureScaling::AsGiven };
            let fitted = smooth(config, &features, split.train_view()).expect("smooths");
            for (row, x) in fitted.embedding.mu().as_slice().chunks(count).zip(x.chunks(count)) {
                let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
                for (found, x) in row.iter().zip(x) {
                    // About ten roundings of f32 per step.
                    assert!((f64::from(*found) - x / length).abs() < 1e-6, "{found}");
                }
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_bit_and_other_nodes_are_smoothed_alike() {
        let (split, features) = (ring(700), features(700, 60));
        for &feature_scaling in FeatureScaling::VARIANTS {
            let config = SgcConfig { hops: 1, feature_scaling };
            let on = |threads| {
                on_threads(threads, || smooth(config, &features, split.train_view()))
                    .expect("smooths")
            };
            let one = on(1);
            assert!(one == on(2) && one == on(5));
            let Learned::Encoder(weights) = &one.weights else { panic!("constants") };
            let again = config.infer(weights, &features, split.train_view()).expect("encodes");
            assert_eq!(again.content_hash(), one.embedding.content_hash());
        }
    }

    #[test]
    fn too_many_features_are_refused_with_the_limit() {
        let split = ring(9);
        let wide = Features::from_rows(1 << 25, vec![0; 10], Vec::new(), Vec::new());
        let wide = wide.expect("no entries");
        let error =
            smooth(SgcConfig::default(), &wide, split.train_view()).expect_err("9 GiB").to_string();
        assert!(error.contains("268435456") && error.contains("gnae"), "{error}");
    }
}
