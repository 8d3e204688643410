//! Random draws. Each consumes the generator's numbers in a fixed order, so a change here changes the results
//! of every method.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// `0..below`, uniform up to `below / 2^32`.
#[inline]
pub fn draw(rng: &mut ChaCha8Rng, below: usize) -> usize {
    ((u64::from(rng.next_u32()) * below as u64) >> 32) as usize
}

/// `0.0..1.0`.
#[inline]
pub fn draw_unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// `0.0..=1.0`, in steps of about `2^-32`: for initial weights.
#[inline]
pub fn draw_coarse(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(rng.next_u32()) / f64::from(u32::MAX)
}

/// Uniform in `+-limit`.
#[inline]
pub fn draw_within(rng: &mut ChaCha8Rng, limit: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    let weight = (limit * (2.0 * draw_coarse(rng) - 1.0)) as f32;
    weight
}

/// Fisher and Yates' shuffle.
pub fn shuffle(rng: &mut ChaCha8Rng, order: &mut [u32]) {
    for last in (1..order.len()).rev() {
        order.swap(last, draw(rng, last + 1));
    }
}
