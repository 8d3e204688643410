//! `ProNE` (Zhang, Dong, Wang, Tang & Ding 2019, "Fast and scalable network representation learning", IJCAI): a
//! sparse matrix of log ratios is factorised, and a band-pass filter over the graph passes the factors on. Nothing is
//! trained.
//!
//! `log_ratio.rs` makes the matrix `F`, `svd.rs` factorises it as `U S V^T`, `filter.rs` filters `X = unit(U S^1/2)`. With
//! node features, the left factor of the scaled features is beside it: `X = [unit(U S^1/2), c unit(U' S')]`. A row of the
//! filtered `X`, scaled to length 1, is the vector of a node, so that inner products are cosines.
//!
//! The authors' code scales the singular vectors of the filtered matrix by the roots of its singular values instead,
//! which is less accurate on every graph that was measured (docs/prone.md).

mod config;
mod filter;
mod log_ratio;
mod steps;
mod svd;

use std::sync::Arc;

use tracing::info;
use vgae_artifacts::{Embedding, Features, History, Matrix, Seed};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::sparse::Csr;
use vgae_numerics::Adjacency;
use vgae_numerics::parallel::RowChunks;

pub(crate) use config::METHODS;
pub use config::ProneConfig;

use crate::methods::fastrp::{FEATURE_STREAMS, unit};
use crate::methods::gae::scaling::Scaler;
use crate::methods::sgc::SmoothingDiagnostics;
use crate::{Callback, Diagnostics, FitInput, Fitted, Learned, ModelError, Weights};
use filter::BandPass;
use log_ratio::log_ratios;
use steps::{Steps, to_f32};
use svd::{Sparse, Svd};

pub(crate) fn fit(
    input: FitInput<'_>,
    config: &ProneConfig,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    let nodes = input.train.node_count();
    let rows = RowChunks::even(nodes, 64);
    let mut steps = Steps { callback, count: 0 };
    let adjacency = Arc::new(Adjacency::new(input.train.messages()));
    let iterations = config.power_iterations;

    let factors = log_ratios(&adjacency, config.negative_exponent).truncated_svd(
        config.dimensions,
        iterations,
        (seed, 0),
        &mut steps,
    )?;
    let roots: Vec<f64> = factors.values.iter().map(|value| value.sqrt()).collect();
    let mut vectors = scaled(factors, &roots);
    unit(&rows, config.dimensions, &mut vectors);
    let mut width = config.dimensions;

    let mut tensors = Vec::new();
    if let Some(features) = input.features.filter(|_| config.feature_weight > 0.0) {
        let scaler = Scaler::new(config.feature_scaling, features);
        let scaled_features = scaler.apply(features)?;
        let features = sparse(&scaled_features);
        let (rank, stream) = (config.feature_dimensions, (seed, FEATURE_STREAMS));
        let factors = features.truncated_svd(rank, iterations, stream, &mut steps)?;
        let values = factors.values.clone();
        let mut of_features = scaled(factors, &values);
        unit(&rows, rank, &mut of_features);
        let weight = to_f32(config.feature_weight);
        for value in &mut of_features {
            *value *= weight;
        }
        vectors = beside((&vectors, width), (&of_features, rank));
        width += rank;
        tensors.extend(scaler.tensors());
    }

    let propagation = Propagation::new(adjacency);
    for (row, &root) in vectors.chunks_exact_mut(width).zip(propagation.inverse_root_degrees()) {
        for value in row {
            *value /= root;
        }
    }
    let filter = BandPass::new(config.filter_order, config.filter_centre, config.filter_scale);
    filter.apply(&propagation, width, &mut vectors, &mut steps)?;
    unit(&rows, width, &mut vectors);

    let empty_rows =
        vectors.chunks_exact(width).filter(|row| row.iter().all(|&value| value == 0.0)).count();
    info!(nodes, width, iterations, empty_rows, "ProNE");
    Ok(Fitted {
        embedding: Embedding::new(Matrix::from_row_major(nodes, width, vectors)?, None)?,
        weights: Learned::Encoder(Weights::from_tensors(tensors)),
        history: History::default(),
        diagnostics: Diagnostics::Smoothing(SmoothingDiagnostics { width, empty_rows }),
    })
}

/// The features as a sparse matrix.
fn sparse(features: &Features) -> Sparse {
    Sparse::new(Csr::new(features), features.node_count(), features.feature_count())
}

/// `U diag(factors)`.
fn scaled(svd: Svd, factors: &[f64]) -> Vec<f32> {
    let factors: Vec<f32> = factors.iter().map(|&factor| to_f32(factor)).collect();
    let mut left = svd.left;
    for row in left.chunks_exact_mut(factors.len()) {
        row.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
    }
    left
}

/// `[a, b]`, given with their widths.
fn beside((a, a_width): (&[f32], usize), (b, b_width): (&[f32], usize)) -> Vec<f32> {
    let rows = a.chunks_exact(a_width).zip(b.chunks_exact(b_width));
    rows.flat_map(|(a, b)| a.iter().chain(b)).copied().collect()
}

#[cfg(test)]
mod tests;
