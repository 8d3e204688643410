//! One step of skip-gram: a centre and the contexts in its window, all at once.
//!
//! The loss of contexts `x_i` (rows of `w_in`) and targets `w_j` with labels `y_j` (rows of `w_out`: the
//! inner nodes on the centre's path, or the centre and the negatives) is
//!
//! `sum over i, j of softplus(s_ij) - y_j s_ij`, `s = X W^T`,
//!
//! so with `G = rate (Y - sigmoid(S))` a step is `X += G W`, `W += G^T X`. word2vec and gensim take a
//! context at a time, each seeing what the last one changed; here all see the same values, which makes
//! three small products of it (Ji et al. 2016, arXiv 1604.04661: as good, and several times as fast).
//! Also unlike theirs, the sigmoid is no table, and far logits are not skipped.
//!
//! Vector code speaks of 16 virtual lanes, as in the auto-encoders' loss: the same bits on any processor.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over registers; several arrays share an index"
)]

use pulp::Simd;

use crate::simd::{LANES, load, sigmoid, store};

/// A sixteenth of a row, in registers.
pub(super) type Lanes = [f32; LANES];

/// Rows handled together; room is rounded up to so many, with zeros.
const ROWS: usize = 4;

/// Room for a step, used again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Contexts and targets, copied: `chunks` of 16 lanes a row.
    x: Vec<Lanes>,
    w: Vec<Lanes>,
    /// `S`, then `G`: a row a context, targets in groups of 16.
    g: Vec<Lanes>,
    labels: Vec<Lanes>,
}

/// Two matrices of rows of `chunks` times 16 lanes.
pub(super) struct Vectors<'a> {
    pub(super) chunks: usize,
    pub(super) w_in: &'a mut [Lanes],
    pub(super) w_out: &'a mut [Lanes],
}

impl Vectors<'_> {
    /// One step; `labels` has a value a target. A row may come twice: then both changes are added.
    #[inline(always)]
    pub(super) fn step<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        contexts: &[u32],
        (targets, labels): (&[u32], &[f32]),
        rate: f32,
        scratch: &mut Scratch,
    ) {
        let chunks = self.chunks;
        let Scratch { x, w, g, labels: label_lanes } = scratch;
        gather(self.w_in, chunks, contexts, x);
        gather(self.w_out, chunks, targets, w);
        let groups = targets.len().div_ceil(LANES);
        label_lanes.clear();
        label_lanes.resize(groups, [0.0; LANES]);
        label_lanes.as_flattened_mut()[..labels.len()].copy_from_slice(labels);
        // Rows of padding are zero, so whatever their logits, they change nothing but themselves.
        let rows = contexts.len().next_multiple_of(ROWS);
        g.clear();
        g.resize(rows * groups, [0.0; LANES]);

        logits::<S, V>(simd, chunks, (x, rows), (w, groups, targets.len()), g);
        let rate = simd.splat_f32s(rate);
        for row in g.chunks_exact_mut(groups) {
            for (g, label) in row.iter_mut().zip(&*label_lanes) {
                let (s, label) = (load::<S, V>(simd, g), load::<S, V>(simd, label));
                let mut out = s;
                for v in 0..V {
                    let error = simd.sub_f32s(label[v], sigmoid(simd, s[v]));
                    out[v] = simd.mul_f32s(rate, error);
                }
                store::<S, V>(simd, g, out);
            }
        }
        let g = g.as_flattened();
        let stride = groups * LANES;
        add_product::<S, V>(
            simd,
            chunks,
            contexts,
            (w, targets.len()),
            self.w_in,
            #[inline(always)]
            |i, j| g[i * stride + j],
        );
        add_product::<S, V>(
            simd,
            chunks,
            targets,
            (x, contexts.len()),
            self.w_out,
            #[inline(always)]
            |j, i| g[i * stride + j],
        );
    }
}

/// Copies rows, and zeros after them up to a multiple of [`ROWS`].
#[inline(always)]
fn gather(from: &[Lanes], chunks: usize, rows: &[u32], to: &mut Vec<Lanes>) {
    to.clear();
    for &row in rows {
        to.extend_from_slice(&from[row as usize * chunks..][..chunks]);
    }
    to.resize(rows.len().next_multiple_of(ROWS) * chunks, [0.0; LANES]);
}

/// `s = X W^T`. Sixteen sums of 16 lanes at a time, each then added up as a tree.
#[inline(always)]
fn logits<S: Simd, const V: usize>(
    simd: S,
    chunks: usize,
    (x, rows): (&[Lanes], usize),
    (w, groups, targets): (&[Lanes], usize, usize),
    s: &mut [Lanes],
) {
    let zero = simd.splat_f32s(0.0);
    for i in (0..rows).step_by(ROWS) {
        for j in (0..targets).step_by(ROWS) {
            let mut sums = [[[zero; V]; ROWS]; ROWS];
            let (x, w) = (&x[i * chunks..][..ROWS * chunks], &w[j * chunks..][..ROWS * chunks]);
            for k in 0..chunks {
                let mut columns = [[zero; V]; ROWS];
                for b in 0..ROWS {
                    columns[b] = load::<S, V>(simd, &w[b * chunks + k]);
                }
                for a in 0..ROWS {
                    let row = load::<S, V>(simd, &x[a * chunks + k]);
                    for b in 0..ROWS {
                        for v in 0..V {
                            sums[a][b][v] = simd.mul_add_f32s(row[v], columns[b][v], sums[a][b][v]);
                        }
                    }
                }
            }
            for a in 0..ROWS {
                for b in 0..ROWS {
                    let mut lanes = [0.0; LANES];
                    store::<S, V>(simd, &mut lanes, sums[a][b]);
                    s[(i + a) * groups + (j + b) / LANES][(j + b) % LANES] = tree_sum(lanes);
                }
            }
        }
    }
}

/// The sum of the lanes, halves first.
#[inline(always)]
fn tree_sum(lanes: Lanes) -> f32 {
    let mut eight = [0.0; 8];
    for lane in 0..8 {
        eight[lane] = lanes[lane] + lanes[lane + 8];
    }
    let mut four = [0.0; 4];
    for lane in 0..4 {
        four[lane] = eight[lane] + eight[lane + 4];
    }
    (four[0] + four[2]) + (four[1] + four[3])
}

/// Adds `sum over r of factor(i, r) * from[r]` to the row `rows[i]` of `to`.
#[inline(always)]
fn add_product<S: Simd, const V: usize>(
    simd: S,
    chunks: usize,
    rows: &[u32],
    (from, count): (&[Lanes], usize),
    to: &mut [Lanes],
    factor: impl Fn(usize, usize) -> f32,
) {
    let mut at = 0;
    while at < chunks {
        let mut i = 0;
        while i < rows.len() {
            let (left, wide) = (rows.len() - i, chunks - at >= 4);
            match (left >= ROWS, wide) {
                (true, true) => {
                    panel::<S, V, ROWS, 4>(simd, chunks, (i, at), rows, (from, count), to, &factor);
                }
                (true, false) => {
                    panel::<S, V, ROWS, 1>(simd, chunks, (i, at), rows, (from, count), to, &factor);
                }
                (false, true) => {
                    panel::<S, V, 1, 4>(simd, chunks, (i, at), rows, (from, count), to, &factor);
                }
                (false, false) => {
                    panel::<S, V, 1, 1>(simd, chunks, (i, at), rows, (from, count), to, &factor);
                }
            }
            i += if left >= ROWS { ROWS } else { 1 };
        }
        at += if chunks - at >= 4 { 4 } else { 1 };
    }
}

/// `R` rows and `C` chunks of [`add_product`], in registers while all of `from` passes.
#[inline(always)]
fn panel<S: Simd, const V: usize, const R: usize, const C: usize>(
    simd: S,
    chunks: usize,
    (first, at): (usize, usize),
    rows: &[u32],
    (from, count): (&[Lanes], usize),
    to: &mut [Lanes],
    factor: &impl Fn(usize, usize) -> f32,
) {
    let zero = simd.splat_f32s(0.0);
    let mut sums = [[[zero; V]; C]; R];
    for row in 0..count {
        let from = &from[row * chunks + at..][..C];
        let mut values = [[zero; V]; C];
        for c in 0..C {
            values[c] = load::<S, V>(simd, &from[c]);
        }
        for r in 0..R {
            let factor = simd.splat_f32s(factor(first + r, row));
            for c in 0..C {
                for v in 0..V {
                    sums[r][c][v] = simd.mul_add_f32s(factor, values[c][v], sums[r][c][v]);
                }
            }
        }
    }
    for r in 0..R {
        let to = &mut to[rows[first + r] as usize * chunks + at..][..C];
        for c in 0..C {
            let mut total = load::<S, V>(simd, &to[c]);
            for v in 0..V {
                total[v] = simd.add_f32s(total[v], sums[r][c][v]);
            }
            store::<S, V>(simd, &mut to[c], total);
        }
    }
}
