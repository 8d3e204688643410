//! Blocks of a product, and the tile of sums in registers.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over registers, which the compiler unrolls; several arrays share an index"
)]

use pulp::Simd;

use super::element::Element;
use super::{Layout, Source};
use crate::simd::LANES;

/// Rows of a block of the right matrix.
const DEPTH: usize = 256;
/// Rows of the left matrix that pass a block: `ROWS x DEPTH` values stay in the second-level cache.
const ROWS: usize = 512;
/// Columns of the widest block.
const WIDEST: usize = 2 * LANES;

/// `out = left right`, or `out += left right`; `left` is read in place, `right` is packed.
pub(super) struct Blocks<'a, E, X> {
    pub(super) source: X,
    pub(super) b: &'a [E],
    /// Whether `right` is in `source` and `left` in `b`, rather than the reverse.
    pub(super) mirrored: bool,
    pub(super) left: Layout,
    pub(super) right: Layout,
    pub(super) out: Layout,
    pub(super) add: bool,
}

/// Packed block of the right matrix, row by row.
#[repr(align(64))]
struct Packed<E>([E; DEPTH * WIDEST]);

/// Position of a block in the product: `depth` values of `k` from `inner`, `width` columns from `column`.
#[derive(Clone, Copy)]
struct Block {
    inner: usize,
    depth: usize,
    column: usize,
    width: usize,
}

impl<E: Element, X: Source<E>> Blocks<'_, E, X> {
    #[inline(always)]
    pub(super) fn multiply<
        S: Simd,
        const V: usize,
        const R: usize,
        const T: usize,
        const G: usize,
    >(
        &mut self,
        simd: S,
    ) {
        let mut packed = Packed([E::default(); DEPTH * WIDEST]);
        for first in (0..self.out.rows).step_by(ROWS) {
            let rows = first..self.out.rows.min(first + ROWS);
            for inner in (0..self.left.cols).step_by(DEPTH) {
                let depth = DEPTH.min(self.left.cols - inner);
                let mut column = 0;
                while column < self.out.cols {
                    let left = self.out.cols - column;
                    let width = left.min(if left > LANES { G * LANES } else { LANES });
                    let block = Block { inner, depth, column, width };
                    if width > LANES {
                        self.block::<S, V, R, T, G>(simd, rows.clone(), block, &mut packed.0);
                    } else {
                        self.block::<S, V, R, T, 1>(simd, rows.clone(), block, &mut packed.0);
                    }
                    column += width;
                }
            }
        }
    }

    /// Multiplies some rows with a block.
    #[inline(always)]
    fn block<S: Simd, const V: usize, const R: usize, const T: usize, const G: usize>(
        &mut self,
        simd: S,
        rows: std::ops::Range<usize>,
        block: Block,
        packed: &mut [E],
    ) {
        let stride = self.right.stride;
        let in_place = !self.right.transposed
            && block.width == G * LANES
            && (stride <= WIDEST || rows.len() <= 2 * R);
        if !in_place {
            self.pack(block, G * LANES, packed);
        }
        let mut row = rows.start;
        while row + R <= rows.end {
            self.tile::<S, V, R, G>(simd, row, block, (!in_place).then_some(packed));
            row += R;
        }
        while row + T <= rows.end {
            self.tile::<S, V, T, G>(simd, row, block, (!in_place).then_some(packed));
            row += T;
        }
        while row < rows.end {
            self.tile::<S, V, 1, G>(simd, row, block, (!in_place).then_some(packed));
            row += 1;
        }
    }

    #[inline(always)]
    fn left(&self) -> &[E] {
        if self.mirrored { self.b } else { self.source.a() }
    }

    #[inline(always)]
    fn right(&self) -> &[E] {
        if self.mirrored { self.source.a() } else { self.b }
    }

    /// Copies a block of the right matrix to rows of `width` values, with zeros behind the last column.
    #[inline(always)]
    fn pack(&self, block: Block, width: usize, packed: &mut [E]) {
        let (from, stride) = (self.right(), self.right.stride);
        let first = self.right.at(block.inner, block.column);
        let packed = &mut packed[..block.depth * width];
        if self.right.transposed {
            if block.width < width {
                packed.fill(E::default());
            }
            for column in 0..block.width {
                let from = &from[first + column * stride..][..block.depth];
                for (to, &from) in packed[column..].iter_mut().step_by(width).zip(from) {
                    *to = from;
                }
            }
        } else if block.width == width {
            for (k, to) in packed.chunks_exact_mut(width).enumerate() {
                to.copy_from_slice(&from[first + k * stride..][..width]);
            }
        } else {
            for (k, to) in packed.chunks_exact_mut(width).enumerate() {
                let (values, padding) = to.split_at_mut(block.width);
                values.copy_from_slice(&from[first + k * stride..][..block.width]);
                padding.fill(E::default());
            }
        }
    }

    /// Adds a block to `R` rows of the result.
    #[inline(always)]
    fn tile<S: Simd, const V: usize, const R: usize, const G: usize>(
        &mut self,
        simd: S,
        row: usize,
        block: Block,
        packed: Option<&[E]>,
    ) {
        let mut sums = [[[E::splat(simd, E::default()); V]; G]; R];
        if self.add || block.inner > 0 {
            self.load::<S, V, R, G>(row, block, &mut sums);
        }
        let (right, stride) = match packed {
            Some(packed) => (packed, G * LANES),
            None => (
                &self.right()[self.right.at(block.inner, block.column)..],
                self.right.stride,
            ),
        };
        let left = self.left();
        let start = self.left.at(row, block.inner);
        if self.left.transposed {
            for k in 0..block.depth {
                let factors = &left[start + k * self.left.stride..][..R];
                step::<S, E, V, R, G>(simd, |r| factors[r], &right[k * stride..], &mut sums);
            }
        } else {
            let mut rows = [&left[..0]; R];
            for r in 0..R {
                rows[r] = &left[start + r * self.left.stride..][..block.depth];
            }
            for k in 0..block.depth {
                step::<S, E, V, R, G>(simd, |r| rows[r][k], &right[k * stride..], &mut sums);
            }
        }
        self.store::<S, V, R, G>(row, block, &sums);
    }

    #[inline(always)]
    fn load<S: Simd, const V: usize, const R: usize, const G: usize>(
        &self,
        row: usize,
        block: Block,
        sums: &mut [[[E::Register<S>; V]; G]; R],
    ) {
        let out = self.source.c();
        for r in 0..R {
            for g in 0..G {
                let count = LANES.min(block.width - g * LANES);
                let at = self.out.at(row + r, block.column + g * LANES);
                let mut values = [E::default(); LANES];
                if self.out.transposed {
                    for (lane, value) in values[..count].iter_mut().enumerate() {
                        *value = out[at + lane * self.out.stride];
                    }
                } else if count == LANES {
                    values.copy_from_slice(&out[at..at + LANES]);
                } else {
                    values[..count].copy_from_slice(&out[at..at + count]);
                }
                let registers = E::registers::<S>(&values);
                for v in 0..V {
                    sums[r][g][v] = registers[v];
                }
            }
        }
    }

    #[inline(always)]
    fn store<S: Simd, const V: usize, const R: usize, const G: usize>(
        &mut self,
        row: usize,
        block: Block,
        sums: &[[[E::Register<S>; V]; G]; R],
    ) {
        let layout = self.out;
        let out = self.source.c_mut();
        for r in 0..R {
            for g in 0..G {
                let mut values = [E::default(); LANES];
                let registers = E::registers_mut::<S>(&mut values);
                for v in 0..V {
                    registers[v] = sums[r][g][v];
                }
                let count = LANES.min(block.width - g * LANES);
                let at = layout.at(row + r, block.column + g * LANES);
                if layout.transposed {
                    for (lane, &value) in values[..count].iter().enumerate() {
                        out[at + lane * layout.stride] = value;
                    }
                } else if count == LANES {
                    out[at..at + LANES].copy_from_slice(&values);
                } else {
                    out[at..at + count].copy_from_slice(&values[..count]);
                }
            }
        }
    }
}

/// Adds the products of `R` factors with the first `16 G` values of `right`.
#[inline(always)]
fn step<S: Simd, E: Element, const V: usize, const R: usize, const G: usize>(
    simd: S,
    factor: impl Fn(usize) -> E,
    right: &[E],
    sums: &mut [[[E::Register<S>; V]; G]; R],
) {
    let (groups, _) = right[..G * LANES].as_chunks::<LANES>();
    for r in 0..R {
        let factor = E::splat(simd, factor(r));
        for g in 0..G {
            let registers = E::registers::<S>(&groups[g]);
            for v in 0..V {
                sums[r][g][v] = E::fused_registers(simd, factor, registers[v], sums[r][g][v]);
            }
        }
    }
}
