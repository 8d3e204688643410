//! The plane in which an embedding spreads most.

use vgae_artifacts::Matrix;

/// Beyond so many columns the whole covariance is not worth its time: the two axes are found by iteration.
const WIDE: usize = 256;
/// Vectors that are iterated together; more than two, so that the second is soon right.
const BLOCK: usize = 4;
const ITERATIONS: usize = 30;

/// Each row of a matrix on the first two principal axes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Projection {
    /// One point a row, the mean at (0, 0).
    pub(crate) points: Vec<(f64, f64)>,
    /// The share of the variance along each axis, 0 to 1.
    pub(crate) shares: (f64, f64),
}

/// Principal components by the covariance's eigenvectors, in `f64`. The sign of an axis is chosen so that
/// its largest loading is positive; the same values give the same bits.
pub(crate) fn project(rows: &Matrix) -> Projection {
    let width = rows.cols();
    let mean = mean(rows);
    let (values, vectors, found, total) = if width > WIDE {
        let (values, vectors) = largest(rows, &mean);
        (values, vectors, BLOCK, variance(rows, &mean))
    } else {
        let (values, vectors) = eigen(covariance(rows, &mean), width);
        let total = values.iter().map(|value| value.max(0.0)).sum();
        (values, vectors, width, total)
    };
    let mut order: Vec<usize> = (0..found).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    let axis = |rank: usize| -> Vec<f64> {
        let Some(&at) = order.get(rank) else { return vec![0.0; width] };
        let axis: Vec<f64> = (0..width).map(|row| vectors[row * found + at]).collect();
        let largest = axis.iter().fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
        if largest < 0.0 { axis.iter().map(|value| -value).collect() } else { axis }
    };
    let (first, second) = (axis(0), axis(1));
    let along = |row: &[f32], axis: &[f64]| -> f64 {
        row.iter()
            .zip(&mean)
            .zip(axis)
            .map(|((&value, mean), axis)| (f64::from(value) - mean) * axis)
            .sum()
    };
    let points =
        (0..rows.rows()).map(|row| (along(rows.row(row), &first), along(rows.row(row), &second)));
    let share = |rank: usize| match order.get(rank) {
        Some(&at) if total > 0.0 => values[at].max(0.0) / total,
        _ => 0.0,
    };
    Projection { points: points.collect(), shares: (share(0), share(1)) }
}

fn mean(rows: &Matrix) -> Vec<f64> {
    let mut mean = vec![0.0; rows.cols()];
    for row in 0..rows.rows() {
        for (sum, &value) in mean.iter_mut().zip(rows.row(row)) {
            *sum += f64::from(value);
        }
    }
    let count = rows.rows().max(1) as f64;
    for sum in &mut mean {
        *sum /= count;
    }
    mean
}

/// `width x width`, row by row.
fn covariance(rows: &Matrix, mean: &[f64]) -> Vec<f64> {
    let width = mean.len();
    let mut sums = vec![0.0; width * width];
    let mut centred = vec![0.0; width];
    for row in 0..rows.rows() {
        for ((centred, &value), mean) in centred.iter_mut().zip(rows.row(row)).zip(mean) {
            *centred = f64::from(value) - mean;
        }
        for (i, &left) in centred.iter().enumerate() {
            let line = &mut sums[i * width..=i * width + i];
            for (sum, &right) in line.iter_mut().zip(&centred) {
                *sum += left * right;
            }
        }
    }
    let count = rows.rows().max(1) as f64;
    for i in 0..width {
        for j in 0..=i {
            sums[i * width + j] /= count;
            sums[j * width + i] = sums[i * width + j];
        }
    }
    sums
}

/// The sum of the variances of all columns.
fn variance(rows: &Matrix, mean: &[f64]) -> f64 {
    let row = |row: usize| -> f64 {
        let values = rows.row(row).iter().zip(mean);
        values.map(|(&value, mean)| (f64::from(value) - mean).powi(2)).sum()
    };
    (0..rows.rows()).map(row).sum::<f64>() / rows.rows().max(1) as f64
}

/// The largest eigenvalues of the covariance and their eigenvectors (columns, `width x BLOCK`), by subspace
/// iteration with a Rayleigh-Ritz step at its end (Golub & Van Loan, section 8.2.4). The rows are passed over in
/// each iteration; nothing of `width x width` is made.
fn largest(rows: &Matrix, mean: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let width = mean.len();
    // Any start that is not orthogonal to what is looked for.
    let start = |at: usize| ((at / width + 1) as f64 * (at % width + 1) as f64 * 0.7).sin();
    let mut basis: Vec<f64> = (0..BLOCK * width).map(start).collect();
    for _ in 0..ITERATIONS {
        orthonormalise(&mut basis, width);
        basis = covariance_times(rows, mean, &basis);
    }
    orthonormalise(&mut basis, width);
    let image = covariance_times(rows, mean, &basis);
    let vector = |of: &[f64], at: usize| of[at * width..(at + 1) * width].to_vec();
    let inner = |at: usize| dot(&vector(&basis, at / BLOCK), &vector(&image, at % BLOCK));
    let (values, small) = eigen((0..BLOCK * BLOCK).map(inner).collect(), BLOCK);
    let mut vectors = vec![0.0; width * BLOCK];
    for (row, line) in vectors.chunks_exact_mut(BLOCK).enumerate() {
        for (at, value) in line.iter_mut().enumerate() {
            *value = (0..BLOCK).map(|b| basis[b * width + row] * small[b * BLOCK + at]).sum();
        }
    }
    (values, vectors)
}

/// The covariance times each of [`BLOCK`] vectors, one after the other in `basis`.
fn covariance_times(rows: &Matrix, mean: &[f64], basis: &[f64]) -> Vec<f64> {
    let width = mean.len();
    let mut image = vec![0.0; basis.len()];
    let mut centred = vec![0.0; width];
    let count = rows.rows().max(1) as f64;
    for row in 0..rows.rows() {
        for ((centred, &value), mean) in centred.iter_mut().zip(rows.row(row)).zip(mean) {
            *centred = f64::from(value) - mean;
        }
        for (image, basis) in image.chunks_exact_mut(width).zip(basis.chunks_exact(width)) {
            let along = dot(&centred, basis) / count;
            for (sum, &value) in image.iter_mut().zip(&centred) {
                *sum += along * value;
            }
        }
    }
    image
}

/// Makes vectors of unit length, orthogonal to each other; one that depends on those before it becomes zeros.
fn orthonormalise(basis: &mut [f64], width: usize) {
    for at in 0..basis.len() / width {
        let (before, rest) = basis.split_at_mut(at * width);
        let vector = &mut rest[..width];
        let length = dot(vector, vector).sqrt();
        // Twice is enough (Kahan, in Parlett 1980).
        for _ in 0..2 {
            for other in before.chunks_exact(width) {
                let along = dot(vector, other);
                for (value, other) in vector.iter_mut().zip(other) {
                    *value -= along * other;
                }
            }
        }
        let left = dot(vector, vector).sqrt();
        let scale = if left > 1e-12 * length { 1.0 / left } else { 0.0 };
        for value in vector {
            *value *= scale;
        }
    }
}

/// In eight sums, so that they are done side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations (Golub & Van
/// Loan, section 8.5): slower than tridiagonal methods, but short, accurate, and the same on every machine.
fn eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    const SWEEPS: usize = 30;
    let mut v = vec![0.0; n * n];
    for i in 0..n {
        v[i * n + i] = 1.0;
    }
    let norm: f64 = a.iter().map(|value| value * value).sum::<f64>().sqrt();
    for _ in 0..SWEEPS {
        let mut off = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                off += a[p * n + q] * a[p * n + q];
                rotate(&mut a, &mut v, n, p, q);
            }
        }
        // What was there before the sweep; convergence is quadratic, so after it all is rounding.
        if off.sqrt() <= 1e-12 * norm {
            break;
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), v)
}

/// Makes `a[p, q]` zero.
fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) {
    let off = a[p * n + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        let (x, y) = (v[k * n + p], v[k * n + q]);
        v[k * n + p] = c * x - s * y;
        v[k * n + q] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    fn matrix(rows: usize, cols: usize, values: &[f32]) -> Matrix {
        Matrix::from_row_major(rows, cols, values.to_vec()).expect("as many values")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_axes_are_those_of_the_naive_solver(values in prop::collection::vec(-1.0..1.0f32, 40 * 5)) {
            // Columns of different size keep the eigenvalues apart, which the naive solver needs.
            let values: Vec<f32> = values.iter().enumerate()
                .map(|(at, v)| v * [9.0, 5.0, 2.0, 1.0, 0.5][at % 5]).collect();
            let rows = matrix(40, 5, &values);
            let mean = mean(&rows);
            let covariance = covariance(&rows, &mean);
            let (first_value, first) = power(&covariance, 5, &[]);
            let (second_value, second) = power(&covariance, 5, std::slice::from_ref(&first));
            let trace: f64 = (0..5).map(|i| covariance[i * 5 + i]).sum();
            let found = project(&rows);
            prop_assert!((found.shares.0 - first_value / trace).abs() < 1e-9);
            prop_assert!((found.shares.1 - second_value / trace).abs() < 1e-9);
            for (row, point) in found.points.iter().enumerate() {
                for (axis, found) in [(&first, point.0), (&second, point.1)] {
                    let naive: f64 = (0..5).map(|i| (f64::from(rows.row(row)[i]) - mean[i]) * axis[i]).sum();
                    prop_assert!((naive.abs() - found.abs()).abs() < 1e-6, "{naive} {found}");
                }
            }
        }
    }

    #[test]
    fn odd_shapes_have_a_projection() {
        assert_eq!(project(&matrix(0, 3, &[])).points, []);
        assert_eq!(project(&matrix(2, 0, &[])).points, [(0.0, 0.0); 2]);
        assert_eq!(project(&matrix(3, 2, &[1.0; 6])).points, [(0.0, 0.0); 3]);
        let line = project(&matrix(3, 1, &[0.0, 1.0, 2.0]));
        assert_eq!(line.points, [(-1.0, 0.0), (0.0, 0.0), (1.0, 0.0)]);
        assert_eq!(line.shares, (1.0, 0.0));
    }

    #[test]
    fn wide_matrices_have_the_axes_of_the_whole_covariance() {
        let (count, width) = (40, WIDE + 11);
        // Two directions of their own strength, and a little of everything.
        let value = |row: usize, col: usize| {
            let (r, c) = (row as f64, col as f64);
            #[expect(clippy::cast_possible_truncation, reason = "test values")]
            let value = (3.0 * (r * 0.9).sin() * (c * 0.05).cos()
                + 1.5 * (r * 2.3).cos() * (c * 0.11).sin()
                + 0.1 * (r * 7.1 + c * 3.3).sin()) as f32;
            value
        };
        let values = (0..count * width).map(|at| value(at / width, at % width)).collect();
        let rows = Matrix::from_row_major(count, width, values).expect("shape");
        let mean = mean(&rows);
        let (all, _) = eigen(covariance(&rows, &mean), width);
        let mut all: Vec<f64> = all;
        all.sort_by(|a, b| b.total_cmp(a));
        let total: f64 = all.iter().sum();
        let found = project(&rows);
        assert!((found.shares.0 - all[0] / total).abs() < 1e-9, "{:?}", found.shares);
        assert!((found.shares.1 - all[1] / total).abs() < 1e-9, "{:?}", found.shares);
        let spread = |pick: fn(&(f64, f64)) -> f64| {
            found.points.iter().map(|point| pick(point).powi(2)).sum::<f64>() / count as f64
        };
        assert!((spread(|p| p.0) - all[0]).abs() < 1e-9 * all[0]);
        assert!((spread(|p| p.1) - all[1]).abs() < 1e-9 * all[0]);
        // All alike: no axis, no share, nothing that is not a number.
        let flat = Matrix::from_row_major(3, width, vec![2.5; 3 * width]).expect("shape");
        assert_eq!(project(&flat), Projection { points: vec![(0.0, 0.0); 3], shares: (0.0, 0.0) });
    }
}
