//! `Y = X W`, dense: `X` is `N x a`, `W` is `a x b`, `Y` is `N x b`. No bias, as in the paper.
//!
//! Backward: `d_X = d_Y W^T`, `d_W = X^T d_Y`.
//!
//! Each product runs on one thread over a fixed chunk of rows; `d_W` is the sum of the chunks' products in the
//! order of the chunks. So the bits do not depend on the number of threads.

use vgae_numerics::Dense;
use vgae_numerics::Scalar;
use vgae_numerics::parallel::{PerChunk, RowChunks, Rows};
use vgae_numerics::product::{View, multiply};

/// The product for a fixed number of rows and shape of `W`, with room for partial sums.
#[derive(Debug)]
pub struct Linear<T> {
    inputs: usize,
    outputs: usize,
    chunks: RowChunks,
    partial: Vec<T>,
}

impl<T: Scalar> Linear<T> {
    /// For `rows x inputs` by `inputs x outputs`.
    pub fn new(rows: usize, inputs: usize, outputs: usize) -> Self {
        let chunks = RowChunks::even(rows, 256);
        let partial = vec![T::ZERO; chunks.len() * inputs * outputs];
        Self { inputs, outputs, chunks, partial }
    }

    /// `y = x w`.
    pub fn forward(&self, x: &[T], w: &Dense<T>, y: &mut [T]) {
        let (a, b) = (self.inputs, self.outputs);
        let w = View::new(&w.data, a, b);
        self.chunks.for_each(Rows::new(y, b), |_, rows, y| {
            let x = View::new(&x[rows.start * a..rows.end * a], rows.len(), a);
            multiply(x, w, y.data);
        });
    }

    /// `d_x = d_y w^T`.
    pub fn backward_input(&self, d_y: &[T], w: &Dense<T>, d_x: &mut [T]) {
        let (a, b) = (self.inputs, self.outputs);
        let w = View::new(&w.data, a, b);
        self.chunks.for_each(Rows::new(d_x, a), |_, rows, d_x| {
            let d_y = View::new(&d_y[rows.start * b..rows.end * b], rows.len(), b);
            multiply(d_y, w.t(), d_x.data);
        });
    }

    /// `d_w = x^T d_y`.
    pub fn backward_weight(&mut self, x: &[T], d_y: &[T], d_w: &mut Dense<T>) {
        let (a, b) = (self.inputs, self.outputs);
        let partial = PerChunk { size: a * b, data: self.partial.as_mut_slice() };
        self.chunks.for_each(partial, |_, rows, partial| {
            let x = View::new(&x[rows.start * a..rows.end * a], rows.len(), a);
            let d_y = View::new(&d_y[rows.start * b..rows.end * b], rows.len(), b);
            multiply(x.t(), d_y, partial.data);
        });
        d_w.data.fill(T::ZERO);
        for partial in self.partial.chunks_exact(a * b) {
            for (sum, &part) in d_w.data.iter_mut().zip(partial) {
                *sum += part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn where_the_rows_lie_in_memory_does_not_matter() {
        // Kernels that treat aligned memory otherwise would make two runs of one program differ.
        let (rows, a, b) = (300, 32, 16);
        let mut linear = Linear::<f32>::new(rows, a, b);
        let value = |at: usize| (at as f32 * 0.7).sin();
        let w = Dense { rows: a, cols: b, data: (0..a * b).map(value).collect() };
        let mut run = |offset: usize| {
            let x: Vec<f32> = (0..offset + rows * a).map(|at| value(at + 99 - offset)).collect();
            let mut y = vec![0.0; offset + rows * b];
            linear.forward(&x[offset..], &w, &mut y[offset..]);
            let mut d_x = vec![0.0; offset + rows * a];
            linear.backward_input(&y[offset..], &w, &mut d_x[offset..]);
            let mut d_w = Dense::zeros(a, b);
            linear.backward_weight(&x[offset..], &y[offset..], &mut d_w);
            y.drain(..offset);
            d_x.drain(..offset);
            [y, d_x, d_w.data]
                .map(|tensor| tensor.into_iter().map(f32::to_bits).collect::<Vec<_>>())
        };
        let expected = run(0);
        assert!((1..20).all(|offset| run(offset) == expected));
    }

    #[test]
    fn gradients() {
        // More rows than one chunk, so that partial sums are joined.
        let (rows, a, b) = (300, 3, 2);
        let mut linear = Linear::<f64>::new(rows, a, b);
        let (x, pull) = (gradcheck::point(rows * a, 1), gradcheck::point(rows * b, 2));
        let w = Dense { rows: a, cols: b, data: gradcheck::point(a * b, 3) };

        let mut d_x = vec![0.0; rows * a];
        linear.backward_input(&pull, &w, &mut d_x);
        gradcheck::assert_gradient("X", &x, &d_x, |x| {
            let mut y = vec![0.0; rows * b];
            linear.forward(x, &w, &mut y);
            gradcheck::dot(&y, &pull)
        });

        let mut d_w = Dense::zeros(a, b);
        linear.backward_weight(&x, &pull, &mut d_w);
        gradcheck::assert_gradient("W", &w.data, &d_w.data, |w| {
            let w = Dense { rows: a, cols: b, data: w.to_vec() };
            let mut y = vec![0.0; rows * b];
            linear.forward(&x, &w, &mut y);
            gradcheck::dot(&y, &pull)
        });
    }
}
