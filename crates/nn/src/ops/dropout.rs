//! `y = m * x` elementwise, `m` being `1 / (1 - p)` with probability `1 - p` and 0 otherwise, so that the
//! expectation of `y` is `x` (Srivastava et al. 2014, JMLR 15; "inverted" as in the authors' code).
//!
//! Backward: `d_x = m * d_y`, the same function with the same mask.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use vgae_numerics::Scalar;
use vgae_numerics::parallel::{RowChunks, Rows};

/// Values that are drawn from one stream of a generator: draws do not depend on the thread.
const BLOCK: usize = 4096;

/// The mask of one tensor.
#[derive(Debug)]
pub struct Mask<T> {
    /// 0 or `1 / (1 - p)`.
    factors: Vec<T>,
    chunks: RowChunks,
    /// Distinguishes the masks of one epoch.
    layer: u32,
}

impl<T: Scalar> Mask<T> {
    /// A mask over `len` values that drops nothing yet.
    pub fn new(len: usize, layer: u32) -> Self {
        Self { factors: vec![T::ONE; len], chunks: RowChunks::even(len.div_ceil(BLOCK), 1), layer }
    }

    /// Draws which values to drop, each with probability `p` (to 2^-32), from `rng`'s streams of this
    /// layer.
    pub fn draw(&mut self, rng: &ChaCha8Rng, p: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "p is in [0, 1)")]
        #[expect(clippy::cast_sign_loss, reason = "p is in [0, 1)")]
        let threshold = (p * 2f64.powi(32)) as u32;
        let (kept, layer) = (T::from_f64(1.0 / (1.0 - p)), u64::from(self.layer) << 48);
        self.chunks.for_each(Blocks(&mut self.factors), |_, blocks, factors| {
            for (block, factors) in blocks.zip(factors.0.chunks_mut(BLOCK)) {
                let mut rng = rng.clone();
                rng.set_stream(layer | block as u64);
                for factor in factors {
                    *factor = if rng.next_u32() < threshold { T::ZERO } else { kept };
                }
            }
        });
    }

    /// Drops nothing.
    pub fn keep_all(&mut self) {
        self.factors.fill(T::ONE);
    }

    /// The factors, one a value.
    #[must_use]
    pub fn factors(&self) -> &[T] {
        &self.factors
    }

    /// `x *= m`: forward on values, backward on their gradient.
    pub fn apply(&self, x: &mut [T]) {
        self.chunks.for_each(Blocks(x), |_, blocks, x| {
            for (x, &factor) in x.0.iter_mut().zip(&self.factors[blocks.start * BLOCK..]) {
                *x *= factor;
            }
        });
    }
}

/// Values cut into blocks; the last may be short.
struct Blocks<'a, T>(&'a mut [T]);

impl<T: Send> vgae_numerics::parallel::SplitRows for Blocks<'_, T> {
    fn split_rows(self, _: usize, blocks: usize) -> (Self, Self) {
        let (left, right) = self.0.split_at_mut((blocks * BLOCK).min(self.0.len()));
        (Self(left), Self(right))
    }
}

/// `y[row, ..] = factors[row] * x[row, ..]`: dropout of a one-hot input, which keeps or drops a row of
/// the first weights as a whole. Forward and backward.
pub fn scale_rows<T: Scalar>(
    chunks: &RowChunks,
    width: usize,
    factors: &[T],
    x: &[T],
    y: &mut [T],
) {
    chunks.for_each(Rows::new(y, width), |_, rows, y| {
        let x = x[rows.start * width..].chunks_exact(width);
        for ((y, x), &factor) in y.data.chunks_exact_mut(width).zip(x).zip(&factors[rows]) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = factor * x;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{Seed, Stream};

    use super::*;
    use vgae_testing::gradcheck;

    #[test]
    fn keeps_the_expectation() {
        let (len, p) = (100_000, 0.3);
        let mut mask = Mask::<f64>::new(len, 0);
        mask.draw(&Seed(1).stream(Stream::Dropout, 1), p);
        let dropped = mask.factors().iter().filter(|&&factor| factor == 0.0).count() as f64;
        // Five standard deviations of a binomial count.
        let tolerance = 5.0 * (len as f64 * p * (1.0 - p)).sqrt();
        assert!((dropped - p * len as f64).abs() < tolerance, "{dropped}");
        let values = [0.0, 1.0 / (1.0 - p)].map(f64::to_bits);
        assert!(mask.factors().iter().all(|factor| values.contains(&factor.to_bits())));
    }

    #[test]
    fn layers_and_epochs_differ() {
        let draw = |layer, epoch| {
            let mut mask = Mask::<f32>::new(64, layer);
            mask.draw(&Seed(1).stream(Stream::Dropout, epoch), 0.5);
            mask.factors
        };
        assert_eq!(draw(0, 1), draw(0, 1));
        assert_ne!(draw(0, 1), draw(1, 1));
        assert_ne!(draw(0, 1), draw(0, 2));
    }

    #[test]
    fn gradient() {
        let mut mask = Mask::<f64>::new(20, 0);
        mask.draw(&Seed(3).stream(Stream::Dropout, 1), 0.4);
        let (x, pull) = (gradcheck::point(20, 1), gradcheck::point(20, 2));
        let apply = |x: &[f64]| {
            let mut y = x.to_vec();
            mask.apply(&mut y);
            y
        };
        gradcheck::assert_gradient("x", &x, &apply(&pull), |x| gradcheck::dot(&apply(x), &pull));

        let chunks = RowChunks::even(4, 1);
        let rows = |x: &[f64]| {
            let mut y = vec![0.0; 20];
            scale_rows(&chunks, 5, &mask.factors()[..4], x, &mut y);
            y
        };
        gradcheck::assert_gradient("rows", &x, &rows(&pull), |x| gradcheck::dot(&rows(x), &pull));
    }
}
