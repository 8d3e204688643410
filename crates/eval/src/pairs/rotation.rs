//! Rotation of vectors to their principal axes, so that the first columns hold most of their length.

use rayon::prelude::*;
use vgae_numerics::SymmetricEigen;
use vgae_numerics::product::{View, multiply};

/// Narrower vectors are multiplied whole.
const LEAST_WIDTH: usize = 48;
/// Columns of the head, at least and in steps of.
const STEP: usize = 16;
/// Vectors that the axes are computed from; they need not be exact.
const SAMPLE: usize = 16_384;
/// Vectors that are rotated at a time.
const BLOCK: usize = 1024;

/// The first columns of rotated vectors.
pub(super) struct Head {
    /// Number of columns.
    pub(super) width: usize,
    /// `N x width`.
    pub(super) values: Vec<f32>,
    /// Upper bound of the L2 norm of each vector's other columns.
    pub(super) tails: Vec<f64>,
}

/// Returns the head of vectors of the given width; `None` if it would not be worth it. Inner products do not change under
/// a rotation; it is computed in `f64`, so that its only error is the rounding of the result.
pub(super) fn head(vectors: &[f32], width: usize) -> Option<Head> {
    if width < LEAST_WIDTH || vectors.is_empty() {
        return None;
    }
    let axes = SymmetricEigen::new(second_moments(vectors, width), width)?.vectors;
    let head = (width / 4).next_multiple_of(STEP);
    let blocks = vectors.par_chunks(BLOCK * width).map(|block| {
        let rows = block.len() / width;
        let exact: Vec<f64> = block.iter().map(|&x| f64::from(x)).collect();
        let mut rotated = vec![0.0f64; exact.len()];
        let axes = View::new(&axes, width, width).t();
        multiply(View::new(&exact, rows, width), axes, &mut rotated);
        let (mut values, mut tails) = (Vec::new(), Vec::new());
        for row in rotated.chunks_exact(width) {
            let (first, rest) = row.split_at(head);
            #[expect(clippy::cast_possible_truncation, reason = "vectors are f32")]
            values.extend(first.iter().map(|&x| x as f32));
            let square = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
            let (first, rest) = (square(first), square(rest));
            // More than the rounding of the sums, and of axes that are not quite orthonormal.
            tails.push((rest + 1e-9 * (first + rest)).sqrt());
        }
        (values, tails)
    });
    let blocks: Vec<(Vec<f32>, Vec<f64>)> = blocks.collect();
    let (mut values, mut tails) = (Vec::new(), Vec::new());
    for (block, tail) in blocks {
        values.extend(block);
        tails.extend(tail);
    }
    Some(Head { width: head, values, tails })
}

/// Sums of products of columns over a sample of the vectors.
fn second_moments(vectors: &[f32], width: usize) -> Vec<f64> {
    let step = (vectors.len() / width).div_ceil(SAMPLE).max(1);
    let mut moments = vec![0.0; width * width];
    for vector in vectors.chunks_exact(width).step_by(step) {
        for (row, &own) in moments.chunks_exact_mut(width).zip(vector) {
            let own = f64::from(own);
            row.iter_mut().zip(vector).for_each(|(sum, &x)| *sum += own * f64::from(x));
        }
    }
    moments
}
