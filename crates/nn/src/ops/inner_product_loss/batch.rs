//! The terms of a batch of pairs and their gradient, on vector instructions.

use pulp::Simd;

use super::softplus::{SoftplusSum, sigmoid_and_softplus};
use vgae_numerics::simd::{LANES, Lanes16, load, on_16_lanes};

/// Pairs in a batch.
pub(super) const BATCH: usize = 64;

/// Term of the loss for a pair with logit `s`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Term {
    /// `softplus(s)`: a pair as any other.
    Any,
    /// `weight softplus(-s) - softplus(s)`: what turns a negative's term into a positive's.
    Positive {
        /// The weight of a positive entry.
        weight: f64,
    },
}

/// Up to 64 pairs.
pub struct Batch<'a, T> {
    /// `N x width`.
    pub(super) z: &'a [T],
    pub(super) width: usize,
    pub(super) term: Term,
    pub(super) scale: f64,
    pub(super) pairs: &'a [(usize, usize)],
    /// The row that `d_rows` begins with.
    pub(super) first_row: usize,
    pub(super) d_rows: &'a mut [T],
}

/// A sum of terms.
pub struct TermSum {
    pub(super) value: f64,
    softplus: SoftplusSum,
}

impl TermSum {
    pub(super) const EMPTY: Self = Self { value: 0.0, softplus: SoftplusSum::EMPTY };

    pub(super) fn finish(&self, term: Term) -> f64 {
        let softplus = self.softplus.finish(0);
        match term {
            Term::Any => self.value + softplus,
            Term::Positive { weight } => self.value + (weight - 1.0) * softplus,
        }
    }
}

/// A batch on vector instructions, with the same bits on all of them. Of a positive, with `t = -s`:
/// `weight softplus(t) - softplus(-t) = (weight - 1) softplus(t) + t`, since `softplus(t) - softplus(-t) = t`,
/// and the slope in `s` is `-((weight - 1) sigmoid(t) + 1)`, where nothing cancels.
pub fn in_f32(batch: Batch<'_, f32>, sum: &mut TermSum) {
    on_16_lanes(InLanes { batch, sum });
}

pub(super) struct InLanes<'a, 'b> {
    pub(super) batch: Batch<'a, f32>,
    pub(super) sum: &'b mut TermSum,
}

impl Lanes16 for InLanes<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        // sigmoid and softplus of it are zero: fills the last group.
        const NOTHING: f32 = -100.0;

        let Batch { z, width, term, scale, pairs, first_row, d_rows } = self.batch;
        let sign = if matches!(term, Term::Any) { 1.0 } else { -1.0 };
        let mut logits = [[NOTHING; LANES]; BATCH / LANES];
        for (logit, &(row, column)) in logits.as_flattened_mut().iter_mut().zip(pairs) {
            let (a, b) = (row * width, column * width);
            *logit = sign * inner_product::<S, V>(simd, &z[a..a + width], &z[b..b + width]);
        }
        if let Term::Positive { .. } = term {
            let t = &logits.as_flattened()[..pairs.len()];
            self.sum.value += t.iter().map(|&t| f64::from(t)).sum::<f64>();
        }
        let groups = &mut logits[..pairs.len().div_ceil(LANES)];
        sigmoid_and_softplus::<S, V>(simd, groups, &mut self.sum.softplus);
        #[expect(clippy::cast_possible_truncation, reason = "the gradient is f32")]
        let (factor, addend) = match term {
            Term::Any => (scale as f32, 0.0),
            Term::Positive { weight } => ((-scale * (weight - 1.0)) as f32, -scale as f32),
        };
        for (&sigmoid, &(row, column)) in logits.as_flattened().iter().zip(pairs) {
            let slope = sigmoid.mul_add(factor, addend);
            let (at, from) = ((row - first_row) * width, column * width);
            for (d, &z) in d_rows[at..at + width].iter_mut().zip(&z[from..from + width]) {
                *d = z.mul_add(slope, *d);
            }
        }
    }
}

/// Inner product of two rows of one width: 16 running sums, added by halves, as a tree.
#[inline(always)]
fn inner_product<S: Simd, const V: usize>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [simd.splat_f32s(0.0); V];
    let (a_groups, a_rest) = a.as_chunks::<LANES>();
    let (b_groups, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_groups.iter().zip(b_groups) {
        add_products(simd, a, b, &mut lanes);
    }
    if !a_rest.is_empty() {
        let (mut a, mut b) = ([0.0; LANES], [0.0; LANES]);
        a[..a_rest.len()].copy_from_slice(a_rest);
        b[..b_rest.len()].copy_from_slice(b_rest);
        add_products(simd, &a, &b, &mut lanes);
    }
    let mut half = V / 2;
    while half > 0 {
        for v in 0..half {
            lanes[v] = simd.add_f32s(lanes[v], lanes[v + half]);
        }
        half /= 2;
    }
    // Within a register pulp adds by halves too.
    simd.reduce_sum_f32s(lanes[0])
}

#[inline(always)]
fn add_products<S: Simd, const V: usize>(
    simd: S,
    a: &[f32; LANES],
    b: &[f32; LANES],
    lanes: &mut [S::f32s; V],
) {
    let (a, b) = (load::<S, V>(simd, a), load::<S, V>(simd, b));
    for v in 0..V {
        lanes[v] = simd.mul_add_f32s(a[v], b[v], lanes[v]);
    }
}
