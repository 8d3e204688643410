//! `Y = Y + 1 b`: a row `b` of `d` values added to each of `N` rows.
//!
//! Backward: `d_b = sum of d_Y's rows`, through partial sums of fixed chunks.

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};

/// `y += b`, row by row.
pub fn forward<T: Scalar>(chunks: &RowChunks, b: &[T], y: &mut [T]) {
    chunks.for_each(Rows::new(y, b.len()), |_, _, y| {
        for y in y.data.chunks_exact_mut(b.len()) {
            for (y, &b) in y.iter_mut().zip(b) {
                *y += b;
            }
        }
    });
}

/// Writes `d_b`; `partial` has room for a row a chunk.
pub fn backward<T: Scalar>(chunks: &RowChunks, d_y: &[T], partial: &mut [T], d_b: &mut [T]) {
    let width = d_b.len();
    let room = PerChunk { size: width, data: &mut *partial };
    chunks.for_each(room, |_, rows, sum| {
        sum.data.fill(T::ZERO);
        for d_y in d_y[rows.start * width..rows.end * width].chunks_exact(width) {
            for (sum, &d) in sum.data.iter_mut().zip(d_y) {
                *sum += d;
            }
        }
    });
    d_b.fill(T::ZERO);
    for partial in partial.chunks_exact(width) {
        for (sum, &part) in d_b.iter_mut().zip(partial) {
            *sum += part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn gradient() {
        let (rows, width) = (10, 3);
        let chunks = RowChunks::even(rows, 4);
        let (b, pull) = (gradcheck::point(width, 1), gradcheck::point(rows * width, 2));
        let (mut partial, mut d_b) = (vec![9.0; chunks.len() * width], vec![9.0; width]);
        backward(&chunks, &pull, &mut partial, &mut d_b);
        gradcheck::assert_gradient("b", &b, &d_b, |b| {
            let mut y = vec![0.5; rows * width];
            forward(&chunks, b, &mut y);
            gradcheck::dot(&y, &pull)
        });
    }
}
