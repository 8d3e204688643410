//! Truncated singular value decomposition of a sparse matrix by randomised subspace iteration (Halko, Martinsson & Tropp
//! 2011, SIAM Review 53, algorithms 4.4 and 5.1).
//!
//! Columns are orthonormalised by the Cholesky factor of their Gram matrix, which is added up in `f64`. Sums over rows
//! go through partial sums of fixed chunks, so the number of threads changes no bit.

use vgae_nn::ops::sparse::Csr;
use vgae_numerics::SymmetricEigen;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::product::{View, multiply};

use super::steps::{Steps, to_f32};
use crate::ModelError;
use crate::methods::fastrp::random;
use vgae_artifacts::Seed;

/// Columns in addition to the rank, which improve the last of the wanted ones.
const OVERSAMPLING: usize = 10;
/// Squared sine of the angle between a column and the span of those before it, below which the column is dropped.
const DEPENDENT: f64 = 1e-5;
/// Rows that are multiplied at a time.
const BLOCK: usize = 1024;

/// The largest singular values and their left vectors.
pub(super) struct Svd {
    /// `rows x rank`; columns of unit length, or 0 where the matrix has fewer singular values.
    pub(super) left: Vec<f32>,
    /// Singular values in descending order.
    pub(super) values: Vec<f64>,
}

/// Sparse matrix with its transpose.
pub(super) struct Sparse {
    by_rows: Csr<f32>,
    by_columns: Csr<f32>,
    rows: usize,
    columns: usize,
}

impl Sparse {
    pub(super) fn new(by_rows: Csr<f32>, rows: usize, columns: usize) -> Self {
        let (by_columns, _) = by_rows.transpose(columns);
        Self { by_rows, by_columns, rows, columns }
    }

    /// Returns the decomposition of the given rank. `first` is the first random stream of the initial vectors.
    pub(super) fn truncated_svd(
        &self,
        rank: usize,
        power_iterations: u32,
        (seed, first): (Seed, u64),
        steps: &mut Steps<'_>,
    ) -> Result<Svd, ModelError> {
        let width = (rank + OVERSAMPLING).min(self.rows).min(self.columns);
        let mut right = if width == self.columns {
            let mut identity = vec![0.0; width * width];
            for value in identity.iter_mut().step_by(width + 1) {
                *value = 1.0;
            }
            identity
        } else {
            random(self.columns, width, seed, first)
        };
        let mut left = vec![0.0; self.rows * width];
        self.by_rows.multiply(&self.by_rows.values, &right, width, &mut left);
        orthonormalise(&mut left, width);
        steps.done()?;
        for _ in 0..power_iterations {
            self.by_columns.multiply(&self.by_columns.values, &left, width, &mut right);
            orthonormalise(&mut right, width);
            steps.done()?;
            self.by_rows.multiply(&self.by_rows.values, &right, width, &mut left);
            orthonormalise(&mut left, width);
            steps.done()?;
        }
        // The second call reaches working precision.
        orthonormalise(&mut left, width);
        self.by_columns.multiply(&self.by_columns.values, &left, width, &mut right);
        let found = SymmetricEigen::new(gram(&right, width), width);
        drop(right);
        steps.done()?;
        let SymmetricEigen { values, vectors } =
            found.ok_or(ModelError::NotConverged { iterations: 0, residual: f64::NAN })?;
        let mut rotation = vec![0.0f32; width * rank];
        for (column, vector) in vectors.chunks_exact(width.max(1)).take(rank).enumerate() {
            for (row, &value) in vector.iter().enumerate() {
                rotation[row * rank + column] = to_f32(value);
            }
        }
        let values = values.iter().map(|value| value.max(0.0).sqrt());
        Ok(Svd {
            left: times(&left, width, &rotation, rank),
            values: values.chain(std::iter::repeat(0.0)).take(rank).collect(),
        })
    }
}

/// Replaces the columns of `x` (`N x width`) by orthonormal ones with the same span, as far as `f32` separates them. A
/// column that depends on those before it becomes 0.
fn orthonormalise(x: &mut [f32], width: usize) {
    let inverse = inverse_factor(gram(x, width), width);
    chunks(x.len() / width).for_each(Rows::new(x, width), |_, _, x| {
        let mut copy = Vec::with_capacity(BLOCK * width);
        for block in x.data.chunks_mut(BLOCK * width) {
            copy.clear();
            copy.extend_from_slice(block);
            let rows = block.len() / width;
            multiply(View::new(&copy, rows, width), View::new(&inverse, width, width), block);
        }
    });
}

/// Returns `T` such that the columns of `X T` are orthonormal for `gram = X^T X`.
fn inverse_factor(mut gram: Vec<f64>, width: usize) -> Vec<f32> {
    // The Cholesky factor R, row by row, in place; 0 in the rows of dropped columns.
    for at in 0..width {
        let (done, rest) = gram.split_at_mut(at * width);
        let row = &mut rest[..width];
        let whole = row[at];
        for done in done.chunks_exact(width) {
            let factor = done[at];
            row[at..].iter_mut().zip(&done[at..]).for_each(|(value, done)| *value -= factor * done);
        }
        let root = row[at].max(0.0).sqrt();
        let scale = if row[at] > DEPENDENT * whole { 1.0 / root } else { 0.0 };
        row[..at].fill(0.0);
        for value in &mut row[at..] {
            *value *= scale;
        }
    }
    // Its inverse, by back substitution.
    let mut inverse = vec![0.0; width * width];
    for at in (0..width).rev() {
        let (upper, lower) = inverse.split_at_mut((at + 1) * width);
        let row = &mut upper[at * width..];
        let factor = &gram[at * width..(at + 1) * width];
        if factor[at] == 0.0 {
            continue;
        }
        for (&factor, lower) in factor[at + 1..].iter().zip(lower.chunks_exact(width)) {
            row.iter_mut().zip(lower).for_each(|(value, lower)| *value -= factor * lower);
        }
        row[at] += 1.0;
        for value in row {
            *value /= factor[at];
        }
    }
    inverse.into_iter().map(to_f32).collect()
}

/// Returns `x^T x` for `x: N x width`.
fn gram(x: &[f32], width: usize) -> Vec<f64> {
    let (size, chunks) = (width * width, chunks(x.len() / width.max(1)));
    let mut partial = vec![0.0f64; chunks.len() * size];
    chunks.for_each(PerChunk { size, data: partial.as_mut_slice() }, |_, rows, sum| {
        let mut product = vec![0.0; size];
        for block in x[rows.start * width..rows.end * width].chunks(BLOCK * width) {
            let block = View::new(block, block.len() / width, width);
            multiply(block.t(), block, &mut product);
            sum.data.iter_mut().zip(&product).for_each(|(sum, &value)| *sum += f64::from(value));
        }
    });
    let mut total = vec![0.0; size];
    for part in partial.chunks_exact(size.max(1)) {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    total
}

/// Returns `x w` for `x: N x width` and `w: width x rank`.
fn times(x: &[f32], width: usize, w: &[f32], rank: usize) -> Vec<f32> {
    let rows = x.len() / width.max(1);
    let mut out = vec![0.0; rows * rank];
    chunks(rows).for_each(Rows::new(&mut out, rank), |_, rows, out| {
        let x = View::new(&x[rows.start * width..rows.end * width], rows.len(), width);
        multiply(x, View::new(w, width, rank), out.data);
    });
    out
}

/// A fixed partition of rows, for sums over rows.
fn chunks(rows: usize) -> RowChunks {
    RowChunks::even(rows, 256)
}
