//! The best linear code there is, to compare with.

use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Col, Mat, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;
use vgae_artifacts::SampleValues;

use crate::EvalError;

/// The widest matrix whose eigenvectors are looked for: it takes about half a minute.
const WIDEST: usize = 4096;
/// Rows that are multiplied at a time.
const CHUNK: usize = 1024;
/// Columns of the blocks in which products are made.
const BLOCK: usize = 112;

/// Principal component analysis: a mean, and the directions in which samples spread most.
pub(super) struct Pca {
    mean: Vec<f64>,
    /// `columns x dimensions`, orthonormal columns.
    axes: Mat<f64>,
}

impl Pca {
    /// The first `dimensions` axes of the samples in `rows`; nothing where there are no rows, or both
    /// rows and columns are too many.
    ///
    /// # Errors
    /// When the eigen-solver does not converge.
    pub(super) fn fit(
        values: &SampleValues,
        rows: &[u32],
        dimensions: usize,
    ) -> Result<Option<Self>, EvalError> {
        let (samples, columns) = (rows.len(), values.columns());
        if samples == 0 || samples.min(columns) > WIDEST {
            return Ok(None);
        }
        let mean = mean(values, rows);
        let centred = Centred { values, rows, mean: &mean };
        let axes = if columns <= samples {
            centred.axes_by_columns(dimensions.min(columns))
        } else {
            centred.axes_by_samples(dimensions.min(samples))
        };
        let axes = axes.ok_or(EvalError::Pca { columns })?;
        Ok(Some(Self { mean, axes }))
    }

    /// The mean squared error a value of the samples in `rows`, as the model sees them.
    pub(super) fn squared_error(&self, values: &SampleValues, rows: &[u32]) -> f64 {
        let (columns, dimensions) = (self.axes.nrows(), self.axes.ncols());
        let chunks: Vec<f64> = rows
            .par_chunks(CHUNK)
            .map(|rows| {
                let centred = Centred { values, rows, mean: &self.mean };
                let mut x: Vec<f64> = vec![0.0; rows.len() * columns];
                for (at, x) in x.chunks_exact_mut(columns).enumerate() {
                    centred.copy(at, x);
                }
                let mut code = Mat::<f64>::zeros(rows.len(), dimensions);
                let of_x = MatRef::from_row_major_slice(&x, rows.len(), columns);
                matmul(code.as_mut(), Accum::Replace, of_x, self.axes.as_ref(), 1.0, Par::Seq);
                let rest = MatMut::from_row_major_slice_mut(&mut x, rows.len(), columns);
                let axes = self.axes.transpose();
                matmul(rest, Accum::Add, code.as_ref(), axes, -1.0, Par::Seq);
                x.iter().map(|value| value * value).sum()
            })
            .collect();
        chunks.iter().sum::<f64>() / (rows.len() * columns) as f64
    }
}

fn mean(values: &SampleValues, rows: &[u32]) -> Vec<f64> {
    let mut mean = vec![0.0; values.columns()];
    let mut row = vec![0.0; values.columns()];
    for &at in rows {
        values.copy_row(at as usize, &mut row);
        mean.iter_mut().zip(&row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    for sum in &mut mean {
        *sum /= rows.len() as f64;
    }
    mean
}

/// Samples less the mean.
#[derive(Clone, Copy)]
struct Centred<'a> {
    values: &'a SampleValues,
    rows: &'a [u32],
    mean: &'a [f64],
}

impl Centred<'_> {
    fn copy(&self, at: usize, out: &mut [f64]) {
        let mut row = vec![0.0; self.mean.len()];
        self.values.copy_row(self.rows[at] as usize, &mut row);
        for ((out, &value), mean) in out.iter_mut().zip(&row).zip(self.mean) {
            *out = f64::from(value) - mean;
        }
    }

    /// The eigenvectors of `X^T X`, `columns x columns`.
    fn axes_by_columns(&self, dimensions: usize) -> Option<Mat<f64>> {
        let columns = self.mean.len();
        let gram = gram(columns, self.rows.len(), |range, out| {
            out.par_chunks_mut(columns).zip(range).for_each(|(out, at)| {
                let mut row = vec![0.0; columns];
                self.copy(at, &mut row);
                round(&row, out);
            });
        });
        Some(largest(&gram, dimensions)?.1)
    }

    /// The same from the eigenvectors `u` of `X X^T`, `samples x samples`, where that is smaller: an axis
    /// is `X^T u / sqrt(lambda)`.
    fn axes_by_samples(&self, dimensions: usize) -> Option<Mat<f64>> {
        let (samples, columns) = (self.rows.len(), self.mean.len());
        let mut x = vec![0.0; samples * columns];
        x.par_chunks_mut(columns).enumerate().for_each(|(at, out)| self.copy(at, out));
        let gram = gram(samples, columns, |range, out| {
            out.par_chunks_mut(samples).zip(range).for_each(|(out, column)| {
                let values: Vec<f64> =
                    (0..samples).map(|sample| x[sample * columns + column]).collect();
                round(&values, out);
            });
        });
        let (values, vectors) = largest(&gram, dimensions)?;
        // Directions without spread are rounding; n - 1 is the most that centred samples can have.
        let first = values.first().copied().unwrap_or(0.0);
        let smallest = first * f64::from(f32::EPSILON) * samples as f64;
        let kept = values.iter().take_while(|value| **value > smallest).count();
        let mut axes = Mat::zeros(columns, kept);
        let of_x = MatRef::from_row_major_slice(&x, samples, columns);
        let vectors = vectors.get(.., ..kept);
        matmul(axes.as_mut(), Accum::Replace, of_x.transpose(), vectors, 1.0, Par::Seq);
        // By the length there is rather than by sqrt(lambda), which carries the rounding of the Gram matrix.
        for mut axis in axes.col_iter_mut() {
            let length = axis.norm_l2();
            axis /= faer::Scale(length);
        }
        Some(axes)
    }
}

fn round(values: &[f64], out: &mut [f32]) {
    for (out, &value) in out.iter_mut().zip(values) {
        #[expect(clippy::cast_possible_truncation, reason = "the values were f32 before")]
        let value = value as f32;
        *out = value;
    }
}

/// `A^T A` of a matrix with `length` rows of `width`, of which `fill` writes a range.
///
/// Products of a chunk are made in `f32` and summed in `f64`: half the time, and an axis that is turned by
/// some 1e-6 loses the square of that. Every block sums its chunks in their order, on one thread: the same
/// bits at any number of threads.
fn gram(width: usize, length: usize, fill: impl Fn(Range<usize>, &mut [f32])) -> Mat<f64> {
    let starts = || (0..width).step_by(BLOCK);
    let mut blocks: Vec<(usize, usize, Mat<f64>)> = starts()
        .flat_map(|row| starts().filter(move |&column| column <= row).map(move |c| (row, c)))
        .map(|(row, column)| {
            let size = |start: usize| (width - start).min(BLOCK);
            (row, column, Mat::zeros(size(row), size(column)))
        })
        .collect();
    let mut chunk = vec![0.0f32; CHUNK.min(length) * width];
    for start in (0..length).step_by(CHUNK) {
        let rows = (length - start).min(CHUNK);
        let chunk = &mut chunk[..rows * width];
        fill(start..start + rows, chunk);
        let chunk = MatRef::from_row_major_slice(&*chunk, rows, width);
        blocks.par_iter_mut().for_each(|(row, column, sums)| {
            let part = |start: usize, size: usize| chunk.get(.., start..start + size);
            let (left, right) = (part(*row, sums.nrows()), part(*column, sums.ncols()));
            let mut product = Mat::<f32>::zeros(sums.nrows(), sums.ncols());
            let into = product.as_mut();
            matmul(into, Accum::Replace, left.transpose(), right, 1.0, Par::Seq);
            for (sums, product) in sums.col_iter_mut().zip(product.col_iter()) {
                for (sum, &product) in sums.iter_mut().zip(product.iter()) {
                    *sum += f64::from(product);
                }
            }
        });
    }
    let mut gram = Mat::zeros(width, width);
    for (row, column, sums) in &blocks {
        gram.submatrix_mut(*row, *column, sums.nrows(), sums.ncols()).copy_from(sums);
        if row != column {
            let mut mirror = gram.submatrix_mut(*column, *row, sums.ncols(), sums.nrows());
            mirror.copy_from(sums.transpose());
        }
    }
    gram
}

/// The `count` largest eigenvalues of a symmetric matrix and their vectors (columns), from large to small;
/// nothing when the solver does not converge.
fn largest(matrix: &Mat<f64>, count: usize) -> Option<(Vec<f64>, Mat<f64>)> {
    let size = matrix.nrows();
    let mut values = Col::<f64>::zeros(size);
    let mut vectors = Mat::<f64>::zeros(size, size);
    let scratch =
        self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    // On one thread: several would sum in another order.
    self_adjoint_evd(
        matrix.as_ref(),
        values.as_mut().as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    )
    .ok()?;
    let axes = Mat::from_fn(size, count, |row, rank| vectors[(row, size - 1 - rank)]);
    Some((values.iter().rev().take(count).copied().collect(), axes))
}
