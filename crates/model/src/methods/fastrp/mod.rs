//! Fast random projection (Chen et al. 2019, "Fast and Accurate Network Embeddings via Very Sparse Random Projection",
//! arXiv 1908.11512): nodes have random vectors, which pass over the edges a few times. Nothing is trained.
//!
//! With `P = D^-1 (A + I)`, `D` the degrees of `A + I`, and a sparse random matrix `R` (`N x d`),
//!
//! `z_i = unit(sum over hops k of w_k unit(row i of P^k D^b R))`, `unit(v) = v / |v|`.
//!
//! Nodes whose walks of `k` steps end at the same nodes have vectors of the same direction, so the inner product of
//! two rows, a cosine, scores the pair. Node features may be projected beside the random vectors: `D^b R` becomes
//! `D^b unit(R) + c D^b unit(X S)`, where `S` is a sparse random matrix of the features.
//!
//! `P^k = D^-1/2 A_hat^k D^1/2`, and a positive factor of a row does not change its direction: the symmetric
//! propagation of the encoders is used.

mod config;

use std::sync::Arc;

use rand::Rng;
use rayon::prelude::*;
use tracing::info;
use vgae_artifacts::{Embedding, Features, History, Matrix, Seed, Stream};
use vgae_nn::ops::propagation::Propagation;
use vgae_nn::ops::unit_rows::{self, Lengths};
use vgae_nn::training::check_cancelled;
use vgae_numerics::Adjacency;
use vgae_numerics::elementary::pow;
use vgae_numerics::parallel::{RowChunks, Rows};

pub use config::FastRpConfig;
pub(crate) use config::METHODS;

use crate::methods::gae::scaling::Scaler;
use crate::methods::sgc::SmoothingDiagnostics;
use crate::{Callback, Diagnostics, FitInput, Fitted, Learned, ModelError, Weights};

/// Rows of a random matrix that are drawn from one stream.
const ROWS_PER_STREAM: usize = 1024;
/// First stream of the random matrix of features; those of nodes come before.
pub(crate) const FEATURE_STREAMS: u64 = 1 << 40;
/// Digits to base 6 that are taken from 32 random bits; each value has the same probability up to 0.04 %.
const DIGITS: u32 = 8;

pub(crate) fn fit(
    input: FitInput<'_>,
    config: &FastRpConfig,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    let (nodes, width) = (input.train.node_count(), config.dimensions);
    let rows = RowChunks::even(nodes, 64);
    let propagation = Propagation::new(Arc::new(Adjacency::new(input.train.messages())));
    let mut tensors = vec![("hop_weights".to_owned(), hop_weights(&config.hop_weights)?)];

    let mut vectors = random(nodes, width, seed, 0);
    if let Some(features) = input.features.filter(|_| config.feature_weight > 0.0) {
        let scaler = Scaler::new(config.feature_scaling, features);
        let mut projected = vec![0.0; vectors.len()];
        project(&*scaler.apply(features)?, width, seed, &mut projected);
        tensors.extend(scaler.tensors());
        unit(&rows, width, &mut vectors);
        unit_rows::add(&rows, width, to_f32(config.feature_weight), &projected, &mut vectors);
    }
    // The rows of `A_hat^k D^(b + 1/2) R` are those of `P^k D^b R` but for a positive factor.
    let power = 0.5 + config.degree_power;
    let roots: &[f32] = propagation.inverse_root_degrees();
    let degrees = roots.iter().map(|&root| to_f32(pow(f64::from(root), -2.0 * power)));
    for (row, degree) in vectors.chunks_exact_mut(width).zip(degrees) {
        for value in row {
            *value *= degree;
        }
    }

    let mut sum = vec![0.0f32; vectors.len()];
    let mut next = vec![0.0f32; vectors.len()];
    let hops = u32::try_from(config.hop_weights.len()).ok();
    for (hop, &weight) in (1..).zip(&config.hop_weights) {
        propagation.apply(&vectors, width, &mut next);
        std::mem::swap(&mut vectors, &mut next);
        if weight > 0.0 {
            unit_rows::add(&rows, width, to_f32(weight), &vectors, &mut sum);
        }
        callback.step(hop, hops);
        check_cancelled(callback)?;
    }
    unit(&rows, width, &mut sum);
    let empty = sum.chunks(width).filter(|row| row.iter().all(|&value| value == 0.0)).count();
    let diagnostics = SmoothingDiagnostics { width, empty_rows: empty };
    info!(nodes, width, hops, empty_rows = empty, "fast random projection");
    Ok(Fitted {
        embedding: Embedding::new(Matrix::from_row_major(nodes, width, sum)?, None)?,
        weights: Learned::Encoder(Weights::from_tensors(tensors)),
        history: History::default(),
        diagnostics: Diagnostics::Smoothing(diagnostics),
    })
}

/// `1 x hops`.
fn hop_weights(weights: &[f64]) -> Result<Matrix, ModelError> {
    Ok(Matrix::from_row_major(1, weights.len(), weights.iter().map(|&w| to_f32(w)).collect())?)
}

/// A sparse random matrix (Achlioptas 2003): entries are 1 or -1 with a probability of 1/6 each, else 0. Row `i` is
/// drawn from the stream of its block of rows, counted from `first`.
pub(crate) fn random(rows: usize, width: usize, seed: Seed, first: u64) -> Vec<f32> {
    let mut values = vec![0.0f32; rows * width];
    let blocks = values.par_chunks_mut(ROWS_PER_STREAM * width);
    blocks.enumerate().for_each(|(at, block)| {
        let mut rng = seed.stream(Stream::Init, first + at as u64);
        for values in block.chunks_mut(DIGITS as usize) {
            let all = 6u64.pow(DIGITS);
            let mut drawn = (u64::from(rng.next_u32()) * all) >> 32;
            for value in values {
                *value = match drawn % 6 {
                    0 => 1.0,
                    1 => -1.0,
                    _ => 0.0,
                };
                drawn /= 6;
            }
        }
    });
    values
}

/// `X S`: `X` the features, `S` random.
fn project(features: &Features, width: usize, seed: Seed, out: &mut [f32]) {
    let basis = random(features.feature_count(), width, seed, FEATURE_STREAMS);
    let rows = RowChunks::by_entries(features.row_starts());
    rows.for_each(Rows::new(out, width), |_, rows, out| {
        for (node, out) in rows.zip(out.data.chunks_exact_mut(width)) {
            for (column, value) in features.row(node) {
                let basis = &basis[column as usize * width..][..width];
                out.iter_mut().zip(basis).for_each(|(out, &basis)| *out += value * basis);
            }
        }
    });
}

/// Scales rows to unit length; rows of zeros stay.
pub(crate) fn unit(rows: &RowChunks, width: usize, values: &mut [f32]) {
    let mut lengths = Lengths::new(values.len() / width, width, 1.0);
    unit_rows::forward(rows, width, &mut lengths, values);
}

#[expect(clippy::cast_possible_truncation, reason = "embeddings are f32")]
fn to_f32(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests;
