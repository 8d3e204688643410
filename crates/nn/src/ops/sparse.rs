//! `Y = X W` with sparse `X` (`N x F`, compressed rows) and dense `W` (`F x d`): the first layer's
//! product with the features (Kipf & Welling 2017, arXiv 1609.02907, eq. 9). Nothing dense of `N x F`
//! is ever made.
//!
//! Backward: `d_W = X^T d_Y`, with the transpose stored once. `X` is data and has no gradient.

use vgae_artifacts::Features;

use crate::ops::Kernels;
use vgae_numerics::parallel::{RowChunks, Rows};

/// A sparse matrix in compressed rows. The values may be replaced at each product (dropout does).
#[derive(Debug)]
pub struct Csr<T> {
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    /// Values, row by row.
    pub values: Vec<T>,
    /// Rows cut by entries.
    pub chunks: RowChunks,
}

impl<T: Kernels> Csr<T> {
    /// The feature matrix.
    #[must_use]
    pub fn new(features: &Features) -> Self {
        let values = features.values().iter().map(|&value| T::from_f64(f64::from(value)));
        let columns = features.columns().to_vec();
        Self::of_rows(features.row_starts().to_vec(), columns, values.collect())
    }

    /// A matrix from its rows: `row_starts` has one entry more than there are rows.
    #[must_use]
    pub fn of_rows(row_starts: Vec<usize>, columns: Vec<u32>, values: Vec<T>) -> Self {
        let chunks = RowChunks::by_entries(&row_starts);
        Self { row_starts, columns, values, chunks }
    }

    /// The transpose (`column_count` rows), and for each of its entries the place of the same entry in
    /// `self`.
    #[must_use]
    pub fn transpose(&self, column_count: usize) -> (Self, Vec<usize>) {
        let mut row_starts = vec![0usize; column_count + 1];
        for &column in &self.columns {
            row_starts[column as usize + 1] += 1;
        }
        for column in 0..column_count {
            row_starts[column + 1] += row_starts[column];
        }
        let mut next = row_starts.clone();
        let mut columns = vec![0u32; self.columns.len()];
        let mut places = vec![0usize; self.columns.len()];
        for (row, bounds) in (0u32..).zip(self.row_starts.windows(2)) {
            for place in bounds[0]..bounds[1] {
                let slot = &mut next[self.columns[place] as usize];
                columns[*slot] = row;
                places[*slot] = place;
                *slot += 1;
            }
        }
        let values = places.iter().map(|&place| self.values[place]).collect();
        (Self::of_rows(row_starts, columns, values), places)
    }

    /// `y = X w`, with `values` in place of the stored ones. `w` is `columns x width`, `y` is
    /// `rows x width`. The forward pass; with the transpose, the backward pass.
    pub fn multiply(&self, values: &[T], w: &[T], width: usize, y: &mut [T]) {
        self.multiply_where(|_| true, values, w, width, y);
    }

    /// The same where many of `values` are zero, as after dropout: these are passed over.
    pub fn multiply_nonzero(&self, values: &[T], w: &[T], width: usize, y: &mut [T]) {
        let zero = T::ZERO;
        self.multiply_where(
            #[inline(always)]
            move |value| value != zero,
            values,
            w,
            width,
            y,
        );
    }

    #[inline(always)]
    fn multiply_where(
        &self,
        counts: impl Fn(T) -> bool + Copy + Sync,
        values: &[T],
        w: &[T],
        width: usize,
        y: &mut [T],
    ) {
        self.chunks.for_each(Rows::new(y, width), |_, rows, y| {
            T::row_sums(
                rows,
                (w, width),
                y.data,
                #[inline(always)]
                |row| {
                    let range = self.row_starts[row]..self.row_starts[row + 1];
                    let columns = self.columns[range.clone()].iter();
                    let entries = columns.zip(&values[range]).map(
                        #[inline(always)]
                        |(&column, &value)| (column as usize, value),
                    );
                    entries.filter(
                        #[inline(always)]
                        move |&(_, value)| counts(value),
                    )
                },
                #[inline(always)]
                |_| T::ONE,
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    /// 4 x 3 with an empty row and an empty column.
    fn example() -> Csr<f64> {
        let features = Features::from_rows(
            3,
            vec![0, 2, 2, 3, 5],
            vec![0, 2, 2, 0, 2],
            vec![1.0, -2.0, 0.5, 3.0, 4.0],
        );
        Csr::new(&features.expect("sound rows"))
    }

    #[test]
    fn product_is_the_dense_product() {
        let x = example();
        for width in [1, 7, 16, 33, 41] {
            let w: Vec<f64> = (0..3 * width).map(|at| (at as f64).sin()).collect();
            let mut y = vec![0.0; 4 * width];
            x.multiply(&x.values, &w, width, &mut y);
            for k in 0..width {
                let w = |feature: usize| w[feature * width + k];
                let expected = [w(0) - 2.0 * w(2), 0.0, 0.5 * w(2), 3.0 * w(0) + 4.0 * w(2)];
                for (node, expected) in expected.into_iter().enumerate() {
                    assert!((y[node * width + k] - expected).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn gradient() {
        let (x, width) = (example(), 5);
        let (transposed, _) = x.transpose(3);
        let pull = gradcheck::point(4 * width, 1);
        let w = gradcheck::point(3 * width, 2);
        let mut d_w = vec![0.0; 3 * width];
        transposed.multiply(&transposed.values, &pull, width, &mut d_w);
        gradcheck::assert_gradient("W", &w, &d_w, |w| {
            let mut y = vec![0.0; 4 * width];
            x.multiply(&x.values, w, width, &mut y);
            gradcheck::dot(&y, &pull)
        });
    }
}
