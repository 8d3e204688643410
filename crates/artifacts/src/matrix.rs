use crate::{ArtifactError, Result};

/// A dense `rows x cols` matrix of `f32`, row-major, so that the vector of a node is contiguous.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl Matrix {
    /// Creates a matrix of zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Creates a matrix from row-major `data`.
    ///
    /// # Errors
    /// Returns an error when its length is not `rows * cols`.
    pub fn from_row_major(rows: usize, cols: usize, data: Vec<f32>) -> Result<Self> {
        if rows.checked_mul(cols) != Some(data.len()) {
            return Err(ArtifactError::invalid(
                "matrix",
                format!("{rows} x {cols} values"),
                format!("{} values", data.len()),
            ));
        }
        Ok(Self { rows, cols, data })
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Returns row `index`, of length `cols`.
    ///
    /// # Panics
    /// Panics when `index` is not below `rows`.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        &self.data[index * self.cols..(index + 1) * self.cols]
    }

    /// Returns the inner product of two rows, summed in `f64`.
    ///
    /// # Panics
    /// Panics when an index is not below `rows`.
    #[must_use]
    pub fn inner_product(&self, a: usize, b: usize) -> f32 {
        let pairs = self.row(a).iter().zip(self.row(b));
        let sum: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        #[expect(clippy::cast_possible_truncation, reason = "logits are stored as f32")]
        let product = sum as f32;
        product
    }

    /// Returns all values, row-major.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// Returns all values, row-major, for writing.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }
}
