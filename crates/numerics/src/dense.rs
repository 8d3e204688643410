//! Dense matrices of any [`Scalar`].

use vgae_artifacts::Matrix;

use crate::scalar::Scalar;

/// A `rows x cols` matrix, row-major; [`Matrix`] for any [`Scalar`].
#[derive(Debug, Clone, PartialEq)]
pub struct Dense<T> {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// Values, row by row.
    pub data: Vec<T>,
}

impl<T: Scalar> Dense<T> {
    /// Zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![T::ZERO; rows * cols] }
    }

    /// The matrices side by side: `[first | second]`.
    #[must_use]
    pub fn beside(first: &Matrix, second: Option<&Matrix>) -> Self {
        let parts: Vec<&Matrix> = std::iter::once(first).chain(second).collect();
        let data = (0..first.rows())
            .flat_map(|row| parts.iter().flat_map(move |part| part.row(row)))
            .map(|&value| T::from_f64(f64::from(value)))
            .collect();
        Self { rows: first.rows(), cols: parts.iter().map(|part| part.cols()).sum(), data }
    }

    /// `width` columns from `start`, as `f32`.
    #[must_use]
    pub fn columns(&self, start: usize, width: usize) -> Matrix {
        let mut out = Matrix::zeros(self.rows, width);
        copy_columns(&self.data, self.cols, start, &mut out);
        out
    }

    /// All columns, as `f32`.
    #[must_use]
    pub fn to_matrix(&self) -> Matrix {
        self.columns(0, self.cols)
    }
}

/// A `1 x 1` matrix.
#[must_use]
pub fn constant(value: f32) -> Matrix {
    let mut matrix = Matrix::zeros(1, 1);
    matrix.as_mut_slice().fill(value);
    matrix
}

/// `out = from[.., start..start + out.cols()]`, `from` having `cols` columns.
pub fn copy_columns<T: Scalar>(from: &[T], cols: usize, start: usize, out: &mut Matrix) {
    let width = out.cols();
    for (out, row) in out.as_mut_slice().chunks_exact_mut(width).zip(from.chunks_exact(cols)) {
        for (out, value) in out.iter_mut().zip(&row[start..]) {
            #[expect(clippy::cast_possible_truncation, reason = "f64 is for gradient checks only")]
            let value = value.to_f64() as f32;
            *out = value;
        }
    }
}
