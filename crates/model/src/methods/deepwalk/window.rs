//! Gradient step of skip-gram: one context against the targets of a centre.
//!
//! The loss of a context `x` (a row of `w_in`) and targets `w_j` with labels `y_j` (rows of `w_out`: the
//! inner nodes on the centre's path, or the centre and the negatives) is
//!
//! `sum over j of softplus(s_j) - y_j s_j`, `s_j = x . w_j`,
//!
//! so with `g_j = rate (y_j - sigmoid(s_j))` a step is `x += sum over j of g_j w_j`, `w_j += g_j x`, both
//! from the previous values. As in word2vec, contexts are processed sequentially. Batching the contexts of a
//! window (Ji et al. 2016, arXiv 1604.04661) was no faster here and cost 1.5 percentage points of AUC on
//! small components, whose windows contain the same few nodes many times.
//!
//! Unlike in word2vec and gensim, the sigmoid is not a table, and large logits are not skipped.
//!
//! Vector code uses 16 virtual lanes, as in the auto-encoders' loss, for bitwise equal results on any
//! processor.

use pulp::Simd;

use vgae_numerics::simd::{LANES, load, sigmoid, store};

/// 16 consecutive values of a row, held in registers.
pub(super) type Lanes = [f32; LANES];

/// Targets of a centre, copied from `w_out` to be contiguous while its window is processed.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// `chunks` of 16 lanes per row.
    w: Vec<Lanes>,
    rows: Vec<u32>,
    labels: Vec<Lanes>,
    /// `s`, then `g`.
    g: Vec<Lanes>,
}

impl Targets {
    /// Copies the rows of `w_out`; rows must be distinct. `labels` contains one value per row.
    #[inline(always)]
    pub(super) fn take(&mut self, w_out: &[Lanes], chunks: usize, rows: &[u32], labels: &[f32]) {
        self.w.clear();
        for &row in rows {
            self.w.extend_from_slice(&w_out[row as usize * chunks..][..chunks]);
        }
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        let groups = rows.len().div_ceil(LANES);
        self.g.clear();
        self.g.resize(groups, [0.0; LANES]);
        self.labels.clear();
        self.labels.resize(groups, [0.0; LANES]);
        self.labels.as_flattened_mut()[..labels.len()].copy_from_slice(labels);
    }

    /// Copies the rows back to `w_out`.
    #[inline(always)]
    pub(super) fn put_back(&self, w_out: &mut [Lanes], chunks: usize) {
        for (&row, w) in self.rows.iter().zip(self.w.chunks_exact(chunks)) {
            w_out[row as usize * chunks..][..chunks].copy_from_slice(w);
        }
    }

    /// Applies one step to the context `x`, a row of `w_in`.
    #[inline(always)]
    pub(super) fn step<S: Simd, const V: usize>(&mut self, simd: S, x: &mut [Lanes], rate: f32) {
        let Self { w, rows, labels, g } = self;
        let chunks = x.len();
        for (s, w) in g.as_flattened_mut().iter_mut().zip(w.chunks_exact(chunks)) {
            let mut sum = [simd.splat_f32s(0.0); V];
            for k in 0..chunks {
                let (x, w) = (load::<S, V>(simd, &x[k]), load::<S, V>(simd, &w[k]));
                for v in 0..V {
                    sum[v] = simd.mul_add_f32s(x[v], w[v], sum[v]);
                }
            }
            *s = total::<S, V>(simd, sum);
        }
        let rate = simd.splat_f32s(rate);
        for (g, labels) in g.iter_mut().zip(&*labels) {
            let (mut s, labels) = (load::<S, V>(simd, g), load::<S, V>(simd, labels));
            for v in 0..V {
                let error = simd.sub_f32s(labels[v], sigmoid(simd, s[v]));
                s[v] = simd.mul_f32s(rate, error);
            }
            store::<S, V>(simd, g, s);
        }
        let g = &g.as_flattened()[..rows.len()];
        // The number of chunks at a time is limited by the registers for both sums.
        let mut first = 0;
        while V == 1 && chunks - first >= 8 {
            update::<S, V, 8>(simd, x, (w, first), g);
            first += 8;
        }
        while chunks - first >= 2 {
            update::<S, V, 2>(simd, x, (w, first), g);
            first += 2;
        }
        if first < chunks {
            update::<S, V, 1>(simd, x, (w, first), g);
        }
    }
}

/// Computes `x += sum over j of g_j w_j` and `w_j += g_j x` from the previous values, in the chunks from
/// `first`.
#[inline(always)]
fn update<S: Simd, const V: usize, const C: usize>(
    simd: S,
    x: &mut [Lanes],
    (w, first): (&mut [Lanes], usize),
    g: &[f32],
) {
    let mut before = [[simd.splat_f32s(0.0); V]; C];
    for c in 0..C {
        before[c] = load::<S, V>(simd, &x[first + c]);
    }
    let mut after = before;
    for (&g, w) in g.iter().zip(w.chunks_exact_mut(x.len())) {
        let g = simd.splat_f32s(g);
        let w = &mut w[first..first + C];
        for c in 0..C {
            let mut row = load::<S, V>(simd, &w[c]);
            for v in 0..V {
                after[c][v] = simd.mul_add_f32s(g, row[v], after[c][v]);
                row[v] = simd.mul_add_f32s(g, before[c][v], row[v]);
            }
            store::<S, V>(simd, &mut w[c], row);
        }
    }
    for c in 0..C {
        store::<S, V>(simd, &mut x[first + c], after[c]);
    }
}

/// Returns the sum of 16 lanes, by halving on every processor.
#[inline(always)]
fn total<S: Simd, const V: usize>(simd: S, lanes: [S::f32s; V]) -> f32 {
    match V {
        1 => simd.reduce_sum_f32s(lanes[0]),
        2 => simd.reduce_sum_f32s(simd.add_f32s(lanes[0], lanes[1])),
        _ => {
            let mut all = [0.0; LANES];
            store::<S, V>(simd, &mut all, lanes);
            for half in [8, 4, 2, 1] {
                for lane in 0..half {
                    all[lane] += all[lane + half];
                }
            }
            all[0]
        }
    }
}
