//! Blocks of a product, and the tile of sums in registers.

#![expect(
    clippy::manual_memcpy,
    clippy::needless_range_loop,
    reason = "loops over registers, which the compiler unrolls; several arrays share an index"
)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::element::{Element, PACKED, TileWork};
use super::{Layout, Source};

/// Largest number of rows of a block.
const DEPTH: usize = 256;
/// Rows of the left matrix that pass a block: `ROWS x DEPTH` values stay in the second-level cache.
const ROWS: usize = 512;

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
    pub(super) packed: &'a mut [E; PACKED],
}

/// Block of the right matrix: `depth` values of `k` from `inner`, `width` columns from `column`.
#[derive(Clone, Copy)]
struct Block {
    inner: usize,
    depth: usize,
    column: usize,
    width: usize,
    /// Position in the packed values, unless the block is read in place.
    packed: Option<usize>,
}

impl<E: Element, X: Source<E>> WithSimd for Blocks<'_, E, X> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        E::with_tile(simd, self);
    }
}

impl<E: Element, X: Source<E>> TileWork<E> for Blocks<'_, E, X> {
    #[inline(always)]
    fn run<
        S: Simd,
        const L: usize,
        const V: usize,
        const R: usize,
        const T: usize,
        const G: usize,
    >(
        mut self,
        simd: S,
    ) {
        for first in (0..self.out.rows).step_by(ROWS) {
            let rows = first..self.out.rows.min(first + ROWS);
            for inner in (0..self.left.cols).step_by(DEPTH) {
                let depth = DEPTH.min(self.left.cols - inner);
                // As many blocks as fit, then the columns that are left.
                let most = PACKED / (depth * G * L) * G * L;
                let mut column = 0;
                while column < self.out.cols {
                    let left = self.out.cols - column;
                    let width = if left > L { left.min(most) } else { left };
                    let columns = column..column + width;
                    if left > L {
                        self.blocks::<S, L, V, R, T, G>(simd, &rows, inner..inner + depth, columns);
                    } else {
                        self.blocks::<S, L, V, R, T, 1>(simd, &rows, inner..inner + depth, columns);
                    }
                    column += width;
                }
            }
        }
    }
}

impl<E: Element, X: Source<E>> Blocks<'_, E, X> {
    /// Multiplies some rows with blocks of `G L` columns, of which the last may have fewer.
    #[inline(always)]
    fn blocks<
        S: Simd,
        const L: usize,
        const V: usize,
        const R: usize,
        const T: usize,
        const G: usize,
    >(
        &mut self,
        simd: S,
        rows: &Range<usize>,
        inner: Range<usize>,
        columns: Range<usize>,
    ) {
        let stride = self.right.stride;
        let in_place = !self.right.transposed && (stride <= 2 * G * L || rows.len() <= 2 * R);
        let block = |at: usize| {
            let column = columns.start + at * G * L;
            let width = (columns.end - column).min(G * L);
            let packed = (!in_place || width < G * L).then_some(at * inner.len() * G * L);
            Block { inner: inner.start, depth: inner.len(), column, width, packed }
        };
        let count = columns.len().div_ceil(G * L);
        for at in 0..count {
            self.pack::<L, G>(block(at));
        }
        let mut row = rows.start;
        while row + R <= rows.end {
            for at in 0..count {
                self.tile::<S, L, V, R, G>(simd, row, block(at));
            }
            row += R;
        }
        while row + T <= rows.end {
            for at in 0..count {
                self.tile::<S, L, V, T, G>(simd, row, block(at));
            }
            row += T;
        }
        while row < rows.end {
            for at in 0..count {
                self.tile::<S, L, V, 1, G>(simd, row, block(at));
            }
            row += 1;
        }
    }

    /// Copies a block of the right matrix to rows of `G L` values, with zeros behind the last column.
    #[inline(always)]
    fn pack<const L: usize, const G: usize>(&mut self, block: Block) {
        let Some(at) = block.packed else { return };
        let from = if self.mirrored { self.source.a() } else { self.b };
        let (first, stride) = (self.right.at(block.inner, block.column), self.right.stride);
        let packed = &mut self.packed[at..][..block.depth * G * L];
        if !self.right.transposed {
            for (k, to) in packed.chunks_exact_mut(G * L).enumerate() {
                let from = &from[first + k * stride..][..block.width];
                if block.width == G * L {
                    to.copy_from_slice(from);
                } else {
                    let (values, padding) = to.split_at_mut(block.width);
                    copy_few(from, values);
                    padding.fill(E::default());
                }
            }
            return;
        }
        for g in 0..G {
            let columns = block.width.saturating_sub(g * L).min(L);
            if columns < L {
                packed.chunks_exact_mut(G * L).for_each(|to| to[g * L..].fill(E::default()));
                for column in g * L..g * L + columns {
                    let from = &from[first + column * stride..][..block.depth];
                    for (to, &from) in packed[column..].iter_mut().step_by(G * L).zip(from) {
                        *to = from;
                    }
                }
                break;
            }
            let mut rows = [&from[..0]; L];
            for (lane, row) in rows.iter_mut().enumerate() {
                *row = &from[first + (g * L + lane) * stride..][..block.depth];
            }
            for (k, to) in packed.chunks_exact_mut(G * L).enumerate() {
                let to = &mut to[g * L..][..L];
                for lane in 0..L {
                    to[lane] = rows[lane][k];
                }
            }
        }
    }

    /// Adds a block to `R` rows of the result.
    #[inline(always)]
    fn tile<S: Simd, const L: usize, const V: usize, const R: usize, const G: usize>(
        &mut self,
        simd: S,
        row: usize,
        block: Block,
    ) {
        let continued = self.add || block.inner > 0;
        let out = self.out;
        if block.width == G * L && !out.transposed {
            let mut sums = [[[E::splat(simd, E::default()); V]; G]; R];
            if continued {
                let from = self.source.c();
                for r in 0..R {
                    let from = &from[out.at(row + r, block.column)..][..G * L];
                    read::<S, E, L, V, G>(from, &mut sums[r]);
                }
            }
            let sums = self.sums::<S, L, V, R, G>(simd, row, block, sums);
            let to = self.source.c_mut();
            for r in 0..R {
                let to = &mut to[out.at(row + r, block.column)..][..G * L];
                write::<S, E, L, V, G>(&sums[r], to);
            }
            return;
        }
        // Through an array on the stack, since registers cannot be indexed.
        let mut values = [[[E::default(); L]; G]; R];
        if continued {
            let from = self.source.c();
            for (r, values) in values.iter_mut().enumerate() {
                let values = &mut values.as_flattened_mut()[..block.width];
                let start = out.at(row + r, block.column);
                if out.transposed {
                    for (lane, value) in values.iter_mut().enumerate() {
                        *value = from[start + lane * out.stride];
                    }
                } else {
                    copy_few(&from[start..], values);
                }
            }
        }
        let mut sums = [[[E::splat(simd, E::default()); V]; G]; R];
        for r in 0..R {
            read::<S, E, L, V, G>(values[r].as_flattened(), &mut sums[r]);
        }
        let sums = self.sums::<S, L, V, R, G>(simd, row, block, sums);
        for r in 0..R {
            write::<S, E, L, V, G>(&sums[r], values[r].as_flattened_mut());
        }
        let to = self.source.c_mut();
        if out.transposed {
            for lane in 0..block.width {
                let to = &mut to[out.at(row, block.column + lane)..][..R];
                for r in 0..R {
                    to[r] = values[r].as_flattened()[lane];
                }
            }
        } else {
            for (r, values) in values.iter().enumerate() {
                let start = out.at(row + r, block.column);
                copy_few(values.as_flattened(), &mut to[start..start + block.width]);
            }
        }
    }

    /// Returns `sums` plus the products of `R` rows and a block.
    #[inline(always)]
    fn sums<S: Simd, const L: usize, const V: usize, const R: usize, const G: usize>(
        &self,
        simd: S,
        row: usize,
        block: Block,
        mut sums: [[[E::Register<S>; V]; G]; R],
    ) -> [[[E::Register<S>; V]; G]; R] {
        let (left, right) =
            if self.mirrored { (self.b, self.source.a()) } else { (self.source.a(), self.b) };
        let (right, stride) = match block.packed {
            Some(at) => (&self.packed[at..][..block.depth * G * L], G * L),
            None => (&right[self.right.at(block.inner, block.column)..], self.right.stride),
        };
        let start = self.left.at(row, block.inner);
        if self.left.transposed {
            for k in 0..block.depth {
                let factors = &left[start + k * self.left.stride..][..R];
                step::<S, E, L, V, R, G>(simd, |r| factors[r], &right[k * stride..], &mut sums);
            }
        } else {
            let mut rows = [&left[..0]; R];
            for r in 0..R {
                rows[r] = &left[start + r * self.left.stride..][..block.depth];
            }
            for k in 0..block.depth {
                step::<S, E, L, V, R, G>(simd, |r| rows[r][k], &right[k * stride..], &mut sums);
            }
        }
        sums
    }
}

/// Adds the products of `R` factors with the first `16 G` values of `right`.
#[inline(always)]
fn step<S: Simd, E: Element, const L: usize, const V: usize, const R: usize, const G: usize>(
    simd: S,
    factor: impl Fn(usize) -> E,
    right: &[E],
    sums: &mut [[[E::Register<S>; V]; G]; R],
) {
    let mut values = [[E::splat(simd, E::default()); V]; G];
    read::<S, E, L, V, G>(&right[..G * L], &mut values);
    for r in 0..R {
        let factor = E::splat(simd, factor(r));
        for g in 0..G {
            for v in 0..V {
                sums[r][g][v] = E::fused_registers(simd, factor, values[g][v], sums[r][g][v]);
            }
        }
    }
}

/// Reads `16 G` values.
#[inline(always)]
fn read<S: Simd, E: Element, const L: usize, const V: usize, const G: usize>(
    from: &[E],
    to: &mut [[E::Register<S>; V]; G],
) {
    let (from, _) = from.as_chunks::<L>();
    for g in 0..G {
        let from = E::registers::<S>(&from[g]);
        for v in 0..V {
            to[g][v] = from[v];
        }
    }
}

/// Writes `16 G` values.
#[inline(always)]
fn write<S: Simd, E: Element, const L: usize, const V: usize, const G: usize>(
    from: &[[E::Register<S>; V]; G],
    to: &mut [E],
) {
    let (to, _) = to.as_chunks_mut::<L>();
    for g in 0..G {
        let to = E::registers_mut::<S>(&mut to[g]);
        for v in 0..V {
            to[v] = from[g][v];
        }
    }
}

/// Copies some values without a call.
#[inline(always)]
fn copy_few<E: Element>(from: &[E], to: &mut [E]) {
    for (at, to) in to.iter_mut().enumerate() {
        *to = from[at];
    }
}
