//! The part of the loss that runs over all `N x N` pairs, in `f32`, without an `N x N` matrix.
//!
//! `S = Z Z^T` is visited in tiles of 64 x 64 logits on and above the diagonal (S is symmetric). Each
//! tile lives in the first-level cache and is forgotten after four steps:
//!
//! 1. logits: `tile = Z_I Z_J^T`;
//! 2. in place `tile = sigmoid(tile)`, and softplus is added up;
//! 3. `dZ_I += tile Z_J`;
//! 4. `dZ_J += tile^T Z_I` (off the diagonal only).
//!
//! Memory is O(N d): the idea of attention computed in tiles (Dao et al. 2022, arXiv 2205.14135).
//!
//! **The same bits everywhere.** All vector code speaks of 16 virtual lanes, which are one AVX-512
//! register, two of AVX2, four of NEON; every product is a fused multiply-add; division is exact. The
//! triangle is cut into strips whose number depends on the number of nodes only; each has its own sums
//! and its own `dZ`, and they are added up in order. So neither the processor nor the number of threads
//! changes a bit.
//!
//! **Padding.** `N` is padded to a multiple of 64 and `d` to one of 16, with zeros. Zeros are exact in
//! the products; a padded pair has logit 0 and so multiplies the sum's product (below) by exactly 2,
//! which is subtracted from an integer.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over registers, which the compiler unrolls; several arrays share an index"
)]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use vgae_numerics::simd::{self, LANES, load, store};

use super::AllPairs;
use super::softplus::{SoftplusSum, sigmoid_and_softplus};

/// Nodes in a block; a tile is `BLOCK x BLOCK` logits, 16 KiB.
const BLOCK: usize = 64;
/// Groups of lanes in a row of a tile.
const GROUPS: usize = BLOCK / LANES;
/// The most strips the triangle is cut into: the most threads that can share the work, and the number
/// of `N x d` gradient buffers.
const MOST_STRIPS: usize = 16;

/// 16 columns of Z for the 64 nodes of a block: `[node][column]`.
#[derive(Clone)]
#[repr(C, align(64))]
struct Panel([[f32; LANES]; BLOCK]);

/// The same transposed: `[column][group][node of group]`.
#[derive(Clone)]
#[repr(C, align(64))]
struct TransposedPanel([[[f32; LANES]; GROUPS]; LANES]);

/// Logits, then sigmoids: `[row][group][column of group]`.
#[derive(Clone)]
#[repr(C, align(64))]
struct Tile([[[f32; LANES]; GROUPS]; BLOCK]);

/// Buffers of the tiled kernel for a fixed number of nodes and width.
pub struct TiledPairs {
    nodes: usize,
    width: usize,
    /// Panels in a block: the padded width over 16.
    panels: usize,
    blocks: usize,
    z: Vec<Panel>,
    z_transposed: Vec<TransposedPanel>,
    strips: Vec<Strip>,
}

/// The block rows `I` with `I mod 2S` equal to `first` or `2S - 1 - first`: long rows of the triangle
/// are matched with short ones.
struct Strip {
    rows: Vec<usize>,
    d_z: Vec<Panel>,
    tile: Tile,
    diagonal: SoftplusSum,
    above: SoftplusSum,
}

impl AllPairs<f32> for TiledPairs {
    fn new(nodes: usize, width: usize) -> Self {
        let (panels, blocks) = (width.div_ceil(LANES), nodes.div_ceil(BLOCK));
        let panel = Panel([[0.0; LANES]; BLOCK]);
        let transposed = TransposedPanel([[[0.0; LANES]; GROUPS]; LANES]);
        let count = MOST_STRIPS.min(blocks.div_ceil(2));
        let strips = (0..count)
            .map(|first| Strip {
                rows: (0..blocks)
                    .filter(|row| [first, 2 * count - 1 - first].contains(&(row % (2 * count))))
                    .collect(),
                d_z: vec![panel.clone(); blocks * panels],
                tile: Tile([[[0.0; LANES]; GROUPS]; BLOCK]),
                diagonal: SoftplusSum::EMPTY,
                above: SoftplusSum::EMPTY,
            })
            .collect();
        Self {
            nodes,
            width,
            panels,
            blocks,
            z: vec![panel; blocks * panels],
            z_transposed: vec![transposed; blocks * panels],
            strips,
        }
    }

    fn forward_backward(&mut self, z: &[f32], scale: f64, d_z: &mut [f32]) -> f64 {
        self.run(z, scale, d_z, |task| simd::arch().dispatch(task))
    }
}

impl TiledPairs {
    /// [`AllPairs::forward_backward`], with the strips computed by `dispatch`.
    pub(super) fn run(
        &mut self,
        z: &[f32],
        scale: f64,
        d_z: &mut [f32],
        dispatch: impl Fn(StripTask<'_>) + Sync,
    ) -> f64 {
        // Minimum and maximum instructions may drop a NaN, so it is looked for where it comes in. An
        // infinite logit needs no look: the diagonal holds sums of squares, which then are infinite too.
        if !self.pack(z) {
            d_z.fill(f32::NAN);
            return f64::NAN;
        }
        let (panels, blocks) = (self.panels, self.blocks);
        let (z, z_transposed) = (&self.z[..], &self.z_transposed[..]);
        self.strips.par_iter_mut().with_max_len(1).for_each(|strip| {
            dispatch(StripTask { strip, z, z_transposed, panels, blocks });
        });
        self.unpack(scale, d_z);
        self.sum()
    }

    /// Copies `z` (`nodes x width`, row-major) into panels; says whether all of it is finite.
    fn pack(&mut self, z: &[f32]) -> bool {
        let (width, panels) = (self.width, self.panels);
        z.par_chunks(BLOCK * width)
            .zip(self.z.par_chunks_mut(panels))
            .zip(self.z_transposed.par_chunks_mut(panels))
            .map(|((z, panels), transposed)| {
                for (node, row) in z.chunks_exact(width).enumerate() {
                    for (k, &value) in row.iter().enumerate() {
                        panels[k / LANES].0[node][k % LANES] = value;
                        transposed[k / LANES].0[k % LANES][node / LANES][node % LANES] = value;
                    }
                }
                z.iter().all(|value| value.is_finite())
            })
            .reduce(|| true, |a, b| a && b)
    }

    /// `d_z = scale * sum of the strips' buffers`, in the order of the strips.
    fn unpack(&self, scale: f64, d_z: &mut [f32]) {
        let (width, panels, strips) = (self.width, self.panels, &self.strips);
        #[expect(clippy::cast_possible_truncation, reason = "the gradient is f32")]
        let scale = scale as f32;
        d_z.par_chunks_mut(BLOCK * width).enumerate().for_each(|(block, d_z)| {
            for (node, row) in d_z.chunks_exact_mut(width).enumerate() {
                for (panel, out) in row.chunks_mut(LANES).enumerate() {
                    let mut sum = [0.0f32; LANES];
                    for strip in strips {
                        let part = &strip.d_z[block * panels + panel].0[node];
                        for lane in 0..LANES {
                            sum[lane] += part[lane];
                        }
                    }
                    for (out, sum) in out.iter_mut().zip(sum) {
                        *out = scale * sum;
                    }
                }
            }
        });
    }

    /// The sum over all ordered pairs: tiles above the diagonal stand for two.
    fn sum(&self) -> f64 {
        let last = self.nodes - (self.blocks - 1) * BLOCK;
        let (full, last) = ((BLOCK * BLOCK) as u64, last as u64);
        let mut total = 0.0;
        for strip in &self.strips {
            let mut padded = (0, 0);
            for &row in &strip.rows {
                if row + 1 == self.blocks {
                    padded.0 += full - last * last;
                } else {
                    padded.1 += full - last * BLOCK as u64;
                }
            }
            total += strip.diagonal.finish(padded.0) + 2.0 * strip.above.finish(padded.1);
        }
        total
    }
}

/// One strip's share of the work.
pub(super) struct StripTask<'a> {
    strip: &'a mut Strip,
    z: &'a [Panel],
    z_transposed: &'a [TransposedPanel],
    panels: usize,
    blocks: usize,
}

impl WithSimd for StripTask<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Registers in 16 lanes, then the register blocks: rows of the gradient products, rows and
        // groups of the logits. They fill 32 registers of AVX-512 and NEON, 16 of AVX2, and do not
        // change the order of any sum.
        match S::F32_LANES {
            16 => self.run::<S, 1, 16, 4, 4>(simd),
            8 => self.run::<S, 2, 4, 4, 1>(simd),
            4 => self.run::<S, 4, 4, 4, 1>(simd),
            2 => self.run::<S, 8, 1, 1, 1>(simd),
            _ => self.run::<S, 16, 1, 1, 1>(simd),
        }
    }
}

impl StripTask<'_> {
    #[inline(always)]
    fn run<S: Simd, const V: usize, const R: usize, const LR: usize, const LG: usize>(
        self,
        simd: S,
    ) {
        let Self { strip, z, z_transposed, panels, blocks } = self;
        let Strip { rows, d_z, tile, diagonal, above } = strip;
        let of = |block: usize| block * panels..(block + 1) * panels;
        (*diagonal, *above) = (SoftplusSum::EMPTY, SoftplusSum::EMPTY);
        for panel in d_z.iter_mut() {
            panel.0 = [[0.0; LANES]; BLOCK];
        }
        for &row in &*rows {
            let z_i = &z[of(row)];
            logits::<S, V, LR, LG>(simd, z_i, &z_transposed[of(row)], tile);
            sigmoid_and_softplus::<S, V>(simd, tile.0.as_flattened_mut(), diagonal);
            add_product::<S, V, R, false>(simd, tile, z_i, &mut d_z[of(row)]);
            for column in row + 1..blocks {
                let z_j = &z[of(column)];
                logits::<S, V, LR, LG>(simd, z_i, &z_transposed[of(column)], tile);
                sigmoid_and_softplus::<S, V>(simd, tile.0.as_flattened_mut(), above);
                add_product::<S, V, R, false>(simd, tile, z_j, &mut d_z[of(row)]);
                add_product::<S, V, R, true>(simd, tile, z_i, &mut d_z[of(column)]);
            }
        }
    }
}

/// `tile = Z_I Z_J^T`. Lanes run over the columns; `R x G` accumulators of 16 lanes stay in registers.
#[inline(always)]
fn logits<S: Simd, const V: usize, const R: usize, const G: usize>(
    simd: S,
    z_i: &[Panel],
    z_j: &[TransposedPanel],
    tile: &mut Tile,
) {
    let zero = simd.splat_f32s(0.0);
    for row in (0..BLOCK).step_by(R) {
        for group in (0..GROUPS).step_by(G) {
            let mut sums = [[[zero; V]; G]; R];
            for (z_i, z_j) in z_i.iter().zip(z_j) {
                for k in 0..LANES {
                    let mut columns = [[zero; V]; G];
                    for g in 0..G {
                        columns[g] = load::<S, V>(simd, &z_j.0[k][group + g]);
                    }
                    for r in 0..R {
                        let factor = simd.splat_f32s(z_i.0[row + r][k]);
                        for g in 0..G {
                            for v in 0..V {
                                sums[r][g][v] =
                                    simd.mul_add_f32s(factor, columns[g][v], sums[r][g][v]);
                            }
                        }
                    }
                }
            }
            for r in 0..R {
                for g in 0..G {
                    store::<S, V>(simd, &mut tile.0[row + r][group + g], sums[r][g]);
                }
            }
        }
    }
}

/// `d += tile z`, or `d += tile^T z`. Lanes run over the width; `R` rows of `d` stay in registers while
/// all 64 rows of `z` pass. Summing a tile on its own before it joins `d` keeps the rounding error of a
/// row near `(64 + N / 64)` units in the last place, not `N`.
#[inline(always)]
fn add_product<S: Simd, const V: usize, const R: usize, const TRANSPOSED: bool>(
    simd: S,
    tile: &Tile,
    z: &[Panel],
    d: &mut [Panel],
) {
    let zero = simd.splat_f32s(0.0);
    for (z, d) in z.iter().zip(d) {
        for row in (0..BLOCK).step_by(R) {
            let mut sums = [[zero; V]; R];
            for (inner, z) in z.0.iter().enumerate() {
                let z = load::<S, V>(simd, z);
                for r in 0..R {
                    let weight = if TRANSPOSED {
                        tile.0[inner].as_flattened()[row + r]
                    } else {
                        tile.0[row + r].as_flattened()[inner]
                    };
                    let weight = simd.splat_f32s(weight);
                    for v in 0..V {
                        sums[r][v] = simd.mul_add_f32s(weight, z[v], sums[r][v]);
                    }
                }
            }
            for r in 0..R {
                let mut total = load::<S, V>(simd, &d.0[row + r]);
                for v in 0..V {
                    total[v] = simd.add_f32s(total[v], sums[r][v]);
                }
                store::<S, V>(simd, &mut d.0[row + r], total);
            }
        }
    }
}
