//! Principal component analysis.

use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Col, Mat, Par, Spec};
use rayon::prelude::*;
use vgae_artifacts::Matrix;

use crate::product::{View, multiply, multiply_add};

/// The widest matrix whose eigenvectors are computed: it takes about half a minute.
const WIDEST: usize = 4096;
/// Rows that are multiplied at a time.
const CHUNK: usize = 1024;
/// Columns of the blocks in which products are made.
const BLOCK: usize = 112;

/// Rows of numbers, read one at a time.
pub trait RowSource: Sync {
    /// The number of rows.
    fn rows(&self) -> usize;
    /// The number of columns.
    fn columns(&self) -> usize;
    /// Writes row `row` into `out`.
    fn copy_row(&self, row: usize, out: &mut [f32]);
}

impl RowSource for Matrix {
    fn rows(&self) -> usize {
        Matrix::rows(self)
    }

    fn columns(&self) -> usize {
        self.cols()
    }

    fn copy_row(&self, row: usize, out: &mut [f32]) {
        out.copy_from_slice(self.row(row));
    }
}

/// Principal component analysis: a mean, and the directions of largest variance.
///
/// The sign of an axis is chosen so that its largest loading is positive. The same rows give the same bits at any
/// number of threads.
#[derive(Debug)]
pub struct Pca {
    mean: Vec<f64>,
    /// `columns x dimensions`, orthonormal columns.
    axes: Mat<f64>,
    shares: Vec<f64>,
}

/// The eigenvalue solver did not converge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotConverged;

/// Axes, eigenvalues of the scatter matrix, and its trace.
struct Decomposition {
    axes: Mat<f64>,
    values: Vec<f64>,
    total: f64,
}

impl Pca {
    /// The first `dimensions` axes of `source`. Returns `None` for an empty source, and where both rows and
    /// columns are too many.
    ///
    /// # Errors
    /// When the eigenvalue solver does not converge.
    pub fn fit(source: &impl RowSource, dimensions: usize) -> Result<Option<Self>, NotConverged> {
        let (rows, columns) = (source.rows(), source.columns());
        let size = rows.min(columns);
        if size == 0 || size > WIDEST {
            return Ok(None);
        }
        let mean = mean(source);
        let centred = Centred { source, mean: &mean };
        let dimensions = dimensions.min(size);
        let found = if columns <= rows {
            centred.axes_by_columns(dimensions)
        } else {
            centred.axes_by_rows(dimensions)
        };
        let Decomposition { mut axes, values, total } = found.ok_or(NotConverged)?;
        for mut axis in axes.col_iter_mut() {
            let larger = |a: f64, &b: &f64| if b.abs() > a.abs() { b } else { a };
            if axis.as_ref().iter().fold(0.0, larger) < 0.0 {
                axis *= faer::Scale(-1.0);
            }
        }
        let share = |value: &f64| if total > 0.0 { value.max(0.0) / total } else { 0.0 };
        let shares = values.iter().map(share).collect();
        Ok(Some(Self { mean, axes, shares }))
    }

    /// Share of the variance along each axis, 0 to 1.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Coordinates of a row along the axes; the mean is the origin.
    pub fn project(&self, row: &[f32]) -> impl Iterator<Item = f64> {
        let centred = |(&value, mean): (&f32, &f64)| f64::from(value) - mean;
        self.axes.col_iter().map(move |axis| {
            let values = row.iter().zip(&self.mean).map(centred).zip(axis.iter());
            values.map(|(value, loading)| value * loading).sum()
        })
    }

    /// Mean squared error per value of `source`, reconstructed from its coordinates.
    pub fn squared_error(&self, source: &impl RowSource) -> f64 {
        let (columns, dimensions) = (self.axes.nrows(), self.axes.ncols());
        let centred = Centred { source, mean: &self.mean };
        let axes = by_columns(&self.axes);
        let axes = View::new(&axes, dimensions, columns);
        let chunks: Vec<f64> = (0..source.rows())
            .step_by(CHUNK)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|start| {
                let rows = CHUNK.min(source.rows() - start);
                let mut x: Vec<f64> = vec![0.0; rows * columns];
                for (at, x) in x.chunks_exact_mut(columns).enumerate() {
                    centred.copy(start + at, x);
                }
                let mut code = vec![0.0; rows * dimensions];
                multiply(View::new(&x, rows, columns), axes.t(), &mut code);
                for value in &mut code {
                    *value = -*value;
                }
                multiply_add(View::new(&code, rows, dimensions), axes, &mut x);
                x.iter().map(|value| value * value).sum()
            })
            .collect();
        chunks.iter().sum::<f64>() / (source.rows() * columns) as f64
    }
}

fn mean(source: &impl RowSource) -> Vec<f64> {
    let mut mean = vec![0.0; source.columns()];
    let mut row = vec![0.0; source.columns()];
    for at in 0..source.rows() {
        source.copy_row(at, &mut row);
        mean.iter_mut().zip(&row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    for sum in &mut mean {
        *sum /= source.rows() as f64;
    }
    mean
}

/// Rows less the mean.
struct Centred<'a, S> {
    source: &'a S,
    mean: &'a [f64],
}

impl<S: RowSource> Centred<'_, S> {
    fn copy(&self, at: usize, out: &mut [f64]) {
        let mut row = vec![0.0; self.mean.len()];
        self.source.copy_row(at, &mut row);
        for ((out, &value), mean) in out.iter_mut().zip(&row).zip(self.mean) {
            *out = f64::from(value) - mean;
        }
    }

    /// The eigenvectors of `X^T X`, `columns x columns`.
    fn axes_by_columns(&self, dimensions: usize) -> Option<Decomposition> {
        let columns = self.mean.len();
        let gram = gram(columns, self.source.rows(), |range, out| {
            out.par_chunks_mut(columns).zip(range).for_each(|(out, at)| {
                let mut row = vec![0.0; columns];
                self.copy(at, &mut row);
                round(&row, out);
            });
        });
        let (values, axes) = largest(&gram, dimensions)?;
        Some(Decomposition { axes, values, total: trace(&gram) })
    }

    /// The same from the eigenvectors `u` of `X X^T`, `rows x rows`, where that is smaller: an axis is
    /// `X^T u / sqrt(lambda)`.
    fn axes_by_rows(&self, dimensions: usize) -> Option<Decomposition> {
        let (rows, columns) = (self.source.rows(), self.mean.len());
        let mut x = vec![0.0; rows * columns];
        x.par_chunks_mut(columns).enumerate().for_each(|(at, out)| self.copy(at, out));
        let gram = gram(rows, columns, |range, out| {
            out.par_chunks_mut(rows).zip(range).for_each(|(out, column)| {
                let values: Vec<f64> = (0..rows).map(|row| x[row * columns + column]).collect();
                round(&values, out);
            });
        });
        let (mut values, vectors) = largest(&gram, dimensions)?;
        // Directions without variance are rounding; n - 1 is the most that centred rows can have.
        let first = values.first().copied().unwrap_or(0.0);
        let smallest = first * f64::from(f32::EPSILON) * rows as f64;
        let kept = values.iter().take_while(|value| **value > smallest).count();
        values.truncate(kept);
        let vectors = &by_columns(&vectors)[..kept * rows];
        let mut products = vec![0.0; kept * columns];
        multiply(View::new(vectors, kept, rows), View::new(&x, rows, columns), &mut products);
        let mut axes = Mat::from_fn(columns, kept, |row, axis| products[axis * columns + row]);
        // By the length there is rather than by sqrt(lambda), which carries the rounding of the Gram matrix.
        for mut axis in axes.col_iter_mut() {
            let length = axis.norm_l2();
            axis /= faer::Scale(length);
        }
        Some(Decomposition { axes, values, total: trace(&gram) })
    }
}

/// Returns the values column by column.
fn by_columns(matrix: &Mat<f64>) -> Vec<f64> {
    matrix.col_iter().flat_map(|column| column.iter().copied()).collect()
}

fn trace(matrix: &Mat<f64>) -> f64 {
    (0..matrix.nrows()).map(|at| matrix[(at, at)]).sum()
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
    let range = |start: usize| start..width.min(start + BLOCK);
    let mut blocks: Vec<GramBlock> = starts()
        .flat_map(|row| starts().filter(move |&column| column <= row).map(move |c| (row, c)))
        .map(|(row, column)| {
            let (rows, columns) = (range(row), range(column));
            GramBlock { sums: vec![0.0; rows.len() * columns.len()], rows, columns }
        })
        .collect();
    let mut chunk = vec![0.0f32; CHUNK.min(length) * width];
    for start in (0..length).step_by(CHUNK) {
        let count = (length - start).min(CHUNK);
        let chunk = &mut chunk[..count * width];
        fill(start..start + count, chunk);
        let chunk = &*chunk;
        blocks.par_iter_mut().for_each(|GramBlock { rows, columns, sums }| {
            let part = |of: &Range<usize>| View::columns(chunk, width, of.start, (count, of.len()));
            let mut product = vec![0.0f32; sums.len()];
            multiply(part(rows).t(), part(columns), &mut product);
            sums.iter_mut().zip(&product).for_each(|(sum, &product)| *sum += f64::from(product));
        });
    }
    let mut gram = Mat::zeros(width, width);
    for GramBlock { rows, columns, sums } in &blocks {
        for (row, sums) in rows.clone().zip(sums.chunks_exact(columns.len())) {
            for (column, &sum) in columns.clone().zip(sums) {
                gram[(row, column)] = sum;
                gram[(column, row)] = sum;
            }
        }
    }
    gram
}

/// Block of a Gram matrix, row by row.
struct GramBlock {
    rows: Range<usize>,
    columns: Range<usize>,
    sums: Vec<f64>,
}

/// The `count` largest eigenvalues of a symmetric matrix and their vectors (columns), from large to small.
/// Returns `None` when the solver does not converge.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: usize, columns: usize, values: &[f32]) -> Matrix {
        Matrix::from_row_major(rows, columns, values.to_vec()).expect("as many values")
    }

    /// `X^T X` of the centred rows, row by row.
    fn scatter(rows: &Matrix, mean: &[f64]) -> Vec<f64> {
        let n = mean.len();
        let centred =
            |row: usize| rows.row(row).iter().zip(mean).map(|(&v, m)| f64::from(v) - m).collect();
        let centred: Vec<Vec<f64>> = (0..rows.rows()).map(centred).collect();
        let entry = |at: usize| centred.iter().map(|row| row[at / n] * row[at % n]).sum();
        (0..n * n).map(entry).collect()
    }

    /// The largest eigenpair by repeated multiplication, others taken out first.
    fn power(a: &[f64], n: usize, known: &[Vec<f64>]) -> (f64, Vec<f64>) {
        let mut x: Vec<f64> = (0..n).map(|i| 1.0 + i as f64 / 7.0).collect();
        let mut value = 0.0;
        for _ in 0..20_000 {
            let mut y: Vec<f64> =
                (0..n).map(|i| (0..n).map(|j| a[i * n + j] * x[j]).sum()).collect();
            for other in known {
                let along: f64 = y.iter().zip(other).map(|(a, b)| a * b).sum();
                y.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
            value = y.iter().map(|v| v * v).sum::<f64>().sqrt();
            x = y.iter().map(|v| v / value.max(f64::MIN_POSITIVE)).collect();
        }
        (value, x)
    }

    /// Values and axes are those of the naive solver. Products are made in f32: 1e-7 of the largest, some ten
    /// times that where two eigenvalues are near each other.
    fn assert_like_naive(rows: &Matrix) {
        let width = rows.cols();
        let mean = mean(rows);
        let scatter = scatter(rows, &mean);
        let (first_value, first) = power(&scatter, width, &[]);
        let (second_value, second) = power(&scatter, width, std::slice::from_ref(&first));
        let trace: f64 = (0..width).map(|i| scatter[i * width + i]).sum();
        let found = Pca::fit(rows, 2).expect("converges").expect("a plane");
        let shares = found.shares();
        assert!((shares[0] - first_value / trace).abs() < 1e-6, "{shares:?} {first_value}");
        assert!((shares[1] - second_value / trace).abs() < 1e-6, "{shares:?} {second_value}");
        let scale = (first_value / rows.rows() as f64).sqrt();
        for row in 0..rows.rows() {
            for (axis, found) in [&first, &second].into_iter().zip(found.project(rows.row(row))) {
                let centred = rows.row(row).iter().zip(&mean).map(|(&v, m)| f64::from(v) - m);
                let naive: f64 = centred.zip(axis).map(|(value, axis)| value * axis).sum();
                assert!((naive.abs() - found.abs()).abs() < 1e-4 * scale, "{naive} {found}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_axes_are_those_of_the_naive_solver(values in prop::collection::vec(-1.0..1.0f32, 40 * 5)) {
            // Columns of different size keep the eigenvalues apart, which the naive solver needs.
            let values: Vec<f32> = values.iter().enumerate()
                .map(|(at, v)| v * [9.0, 5.0, 2.0, 1.0, 0.5][at % 5]).collect();
            assert_like_naive(&matrix(40, 5, &values));
        }
    }

    #[test]
    fn wide_matrices_have_the_same_axes() {
        let (count, width) = (20, 60);
        // Two directions of their own strength, and a little of everything.
        let value = |at: usize| {
            let (r, c) = ((at / width) as f64, (at % width) as f64);
            #[expect(clippy::cast_possible_truncation, reason = "test values")]
            let value = (3.0 * (r * 0.9).sin() * (c * 0.05).cos()
                + 1.5 * (r * 2.3).cos() * (c * 0.11).sin()
                + 0.1 * (r * 7.1 + c * 3.3).sin()) as f32;
            value
        };
        let values: Vec<f32> = (0..count * width).map(value).collect();
        assert_like_naive(&matrix(count, width, &values));
    }

    #[test]
    fn odd_shapes() {
        let fit = |rows: &Matrix| Pca::fit(rows, 2).expect("converges");
        assert!(fit(&matrix(0, 3, &[])).is_none());
        assert!(fit(&matrix(2, 0, &[])).is_none());
        for flat in [matrix(3, 2, &[1.0; 6]), matrix(3, 7, &[2.5; 21])] {
            let found = fit(&flat).expect("a plane");
            assert!(found.shares().iter().all(|share| *share == 0.0), "{:?}", found.shares());
            assert!(found.project(flat.row(0)).all(|coordinate| coordinate == 0.0));
        }
        let line = matrix(3, 1, &[0.0, 1.0, 2.0]);
        let found = fit(&line).expect("a line");
        let points: Vec<f64> = (0..3).flat_map(|row| found.project(line.row(row))).collect();
        assert_eq!((points, found.shares()), (vec![-1.0, 0.0, 1.0], &[1.0][..]));
    }

    #[test]
    fn the_largest_loading_is_positive() {
        let rows = matrix(4, 2, &[1.0, -2.0, -1.0, 2.0, 3.0, -6.5, -3.0, 6.0]);
        let found = Pca::fit(&rows, 2).expect("converges").expect("a plane");
        for axis in found.axes.col_iter() {
            let largest = axis.iter().fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
            assert!(largest > 0.0);
        }
    }
}
