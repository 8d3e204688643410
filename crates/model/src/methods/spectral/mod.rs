//! Spectral embedding (SC in the paper): the eigenvectors of the training graph's symmetric normalised
//! Laplacian with the smallest eigenvalues, without the first. The score of a pair is the inner product (Tang
//! & Liu 2011, "Leveraging social media networks for classification", as cited by Kipf & Welling 2016).
//!
//! `config.rs` contains the options, `operator.rs` the Laplacian, `solver.rs` the eigensolver. There are no
//! checkpoints and no history.

mod config;
mod diagnostics;
mod operator;
mod solver;

use std::sync::Arc;

use tracing::info;
use vgae_artifacts::{Embedding, History, Matrix, Seed, Stream};

pub(crate) use config::METHODS;
pub use config::{Regularisation, Scaling, SpectralConfig};
pub use diagnostics::SpectralDiagnostics;

use crate::{Callback, Diagnostics, FitInput, Fitted, Learned, ModelError};
use operator::NormalisedAdjacency;
use vgae_numerics::Adjacency;

/// Maximum residual; larger residuals are an error.
const WORST_RESIDUAL: f64 = 1e-8;

/// Unit eigenvectors with diagnostics.
struct Spectrum {
    /// `N x dimensions`, row-major.
    vectors: Vec<f64>,
    diagnostics: SpectralDiagnostics,
}

pub(crate) fn fit(
    input: FitInput<'_>,
    config: &SpectralConfig,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Fitted, ModelError> {
    input.check_graph()?;
    let (nodes, dimensions) = (input.train.node_count(), config.dimensions);
    if dimensions >= nodes {
        return Err(ModelError::config(
            "dimensions",
            format!("less than the {nodes} nodes of the graph"),
            dimensions.to_string(),
        ));
    }
    let adjacency = Arc::new(Adjacency::new(input.train.messages()));
    let operator = NormalisedAdjacency::new(adjacency, config);
    let Spectrum { vectors, diagnostics } = spectrum(&operator, dimensions, seed, callback)?;
    let worst = diagnostics.residuals.iter().copied().fold(0.0, f64::max);
    info!(
        nodes,
        dimensions,
        components = diagnostics.components,
        iterations = diagnostics.iterations,
        residual = worst,
        "spectral embedding"
    );
    if worst.is_nan() || worst > WORST_RESIDUAL {
        let iterations = diagnostics.iterations;
        return Err(ModelError::NotConverged { iterations, residual: worst });
    }

    let column: Vec<f64> = match config.scaling {
        Scaling::SqrtEigenvalue => {
            diagnostics.eigenvalues.iter().map(|value| (1.0 - value).max(0.0).sqrt()).collect()
        }
        Scaling::None | Scaling::SqrtDegree => vec![1.0; dimensions],
    };
    let mut mu = Matrix::zeros(nodes, dimensions);
    let rows = mu.as_mut_slice().chunks_exact_mut(dimensions).zip(vectors.chunks(dimensions));
    for ((mu, vector), degree) in rows.zip(operator.degrees()) {
        let row = if config.scaling == Scaling::SqrtDegree { degree.sqrt() } else { 1.0 };
        for ((mu, value), column) in mu.iter_mut().zip(vector).zip(&column) {
            *mu = to_f32(row * column * value);
        }
    }
    let row = |values: &[f64]| {
        Matrix::from_row_major(1, dimensions, values.iter().map(|&value| to_f32(value)).collect())
    };
    Ok(Fitted {
        weights: Learned::Spectral {
            eigenvalues: row(&diagnostics.eigenvalues)?,
            residuals: row(&diagnostics.residuals)?,
        },
        embedding: Embedding::new(mu, None)?,
        history: History::default(),
        diagnostics: Diagnostics::Spectral(diagnostics),
    })
}

/// Returns the eigenvectors 1 to `dimensions`, counted from 0, by ascending eigenvalue of the Laplacian.
/// Among those of eigenvalue 0, the omitted one belongs to the largest component; the others follow by size.
fn spectrum(
    operator: &NormalisedAdjacency,
    dimensions: usize,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Spectrum, ModelError> {
    let (nodes, known) = (operator.nodes(), operator.null_vectors());
    let free = (known.count - 1).min(dimensions);
    let found = if free < dimensions {
        let mut rng = seed.stream(Stream::Eigen, 0);
        solver::largest(operator, &known, dimensions - free, &mut rng, callback)?
    } else {
        solver::Eigenpairs { values: Vec::new(), vectors: Vec::new(), iterations: 0 }
    };

    let mut vectors = vec![0.0; nodes * dimensions];
    for (node, vector) in vectors.chunks_exact_mut(dimensions).enumerate() {
        if let Some(number) = known.component[node].filter(|number| (1..=free).contains(number)) {
            vector[number - 1] = known.values[node];
        }
        let width = dimensions - free;
        vector[free..].copy_from_slice(&found.vectors[node * width..(node + 1) * width]);
    }
    fix_signs(&mut vectors, dimensions);
    let eigenvalues: Vec<f64> = std::iter::repeat_n(0.0, free)
        .chain(found.values.iter().map(|value| (1.0 - value).max(0.0)))
        .collect();
    let residuals = residuals(operator, &vectors, &eigenvalues);
    let diagnostics = SpectralDiagnostics {
        eigenvalues,
        residuals,
        iterations: found.iterations,
        components: known.count,
    };
    Ok(Spectrum { vectors, diagnostics })
}

/// Fixes the signs of eigenvectors: the entry with the largest absolute value, the first if there are
/// several, becomes positive.
fn fix_signs(vectors: &mut [f64], dimensions: usize) {
    let mut largest = vec![0.0f64; dimensions];
    for row in vectors.chunks_exact(dimensions) {
        for (largest, &value) in largest.iter_mut().zip(row) {
            if value.abs() > largest.abs() {
                *largest = value;
            }
        }
    }
    for row in vectors.chunks_exact_mut(dimensions) {
        for (value, largest) in row.iter_mut().zip(&largest) {
            if *largest < 0.0 {
                *value = -*value;
            }
        }
    }
}

/// Returns `|L v - lambda v|` of each column.
fn residuals(operator: &NormalisedAdjacency, vectors: &[f64], eigenvalues: &[f64]) -> Vec<f64> {
    let width = eigenvalues.len();
    let mut rest = vec![0.0; vectors.len()];
    operator.apply(vectors, width, &mut rest);
    for (rest, vector) in rest.chunks_exact_mut(width).zip(vectors.chunks_exact(width)) {
        for ((rest, value), eigenvalue) in rest.iter_mut().zip(vector).zip(eigenvalues) {
            *rest = (1.0 - eigenvalue) * value - *rest;
        }
    }
    solver::column_norms(operator.chunks(), &rest, width)
}

#[expect(clippy::cast_possible_truncation, reason = "embeddings are f32")]
fn to_f32(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests;
