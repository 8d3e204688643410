//! Products of dense matrices with the same bits on every processor.
//!
//! Each element of `C = A B` is one sum over `k` in increasing order, every term added by a fused multiply-add.
//! Blocks of `k` continue from the stored sum. So neither the vector instructions nor the sizes of blocks and
//! tiles change a bit, and callers may cut rows and columns between threads as they like. Sums over a long `k`
//! that are to be shared between threads are cut by the caller, into pieces that depend on the size only.
//!
//! Blocks of `B` are packed in the first-level cache, and all rows of `A` pass: a tile of sums stays in registers
//! while one row of a block and one value of each row of `A` are multiplied per step. `A` is read in place, in
//! either order.

mod element;
#[cfg(test)]
mod tests;
mod tile;

pub use self::element::Element;
use self::element::PACKED;
use self::tile::Blocks;
use crate::simd;

/// Fewer columns than this do not fill the lanes.
const FEW: usize = 16;

/// Row-major matrix to be read, or its transpose.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, E> {
    data: &'a [E],
    layout: Layout,
}

/// Shape of a matrix and the positions of its values.
#[derive(Debug, Clone, Copy)]
struct Layout {
    rows: usize,
    cols: usize,
    /// Position of the first value.
    start: usize,
    /// Distance between consecutive stored rows.
    stride: usize,
    /// Whether the stored rows are columns.
    transposed: bool,
}

impl Layout {
    const fn t(self) -> Self {
        Self { rows: self.cols, cols: self.rows, transposed: !self.transposed, ..self }
    }

    /// Position of an element.
    #[inline(always)]
    const fn at(&self, row: usize, col: usize) -> usize {
        let (row, col) = if self.transposed { (col, row) } else { (row, col) };
        self.start + row * self.stride + col
    }

    /// Panics unless all elements are in a slice of `len` values and no two share a place.
    fn check(&self, len: usize) {
        let (rows, cols) =
            if self.transposed { (self.cols, self.rows) } else { (self.rows, self.cols) };
        assert!(rows < 2 || cols <= self.stride, "rows overlap");
        let end = if rows == 0 { 0 } else { self.start + (rows - 1) * self.stride + cols };
        assert!(end <= len, "{rows} x {cols} values every {} in {len}", self.stride);
    }
}

impl<'a, E: Element> View<'a, E> {
    /// Views `rows * cols` values.
    ///
    /// # Panics
    /// When `data` has fewer values.
    #[must_use]
    pub fn new(data: &'a [E], rows: usize, cols: usize) -> Self {
        Self::columns(data, cols, 0, (rows, cols))
    }

    /// Views `cols` columns from `start` of the first `rows` rows of a matrix with rows of `stride` values.
    ///
    /// # Panics
    /// When `data` has fewer values, or a row fewer columns.
    #[must_use]
    pub fn columns(
        data: &'a [E],
        stride: usize,
        start: usize,
        (rows, cols): (usize, usize),
    ) -> Self {
        let layout = Layout { rows, cols, start, stride, transposed: false };
        layout.check(data.len());
        Self { data, layout }
    }

    /// Returns the transpose.
    #[must_use]
    pub const fn t(self) -> Self {
        Self { data: self.data, layout: self.layout.t() }
    }
}

/// Computes `c = a b` for `a: m x k`, `b: k x n` and row-major `c: m x n`.
///
/// # Panics
/// When the shapes do not match.
pub fn multiply<E: Element>(a: View<'_, E>, b: View<'_, E>, c: &mut [E]) {
    let layout = row_major(&a, &b, c.len());
    Product { source: Apart(a.data, c), a: a.layout, b, c: layout, add: false }.compute();
}

/// Computes `c += a b`: every element's sum continues from its value in `c`.
///
/// # Panics
/// When the shapes do not match.
pub fn multiply_add<E: Element>(a: View<'_, E>, b: View<'_, E>, c: &mut [E]) {
    let layout = row_major(&a, &b, c.len());
    Product { source: Apart(a.data, c), a: a.layout, b, c: layout, add: true }.compute();
}

fn row_major<E>(a: &View<'_, E>, b: &View<'_, E>, len: usize) -> Layout {
    let (rows, cols) = (a.layout.rows, b.layout.cols);
    assert_eq!(len, rows * cols, "values of a {rows} x {cols} matrix");
    Layout { rows, cols, start: 0, stride: cols, transposed: false }
}

/// Computes `c = a b` where `a` and `c` are columns of the same row-major matrix with rows of `stride` values:
/// `a` those from `from`, as many as `b` has rows, `c` those from `to`, as many as `b` has columns.
///
/// # Panics
/// When the two overlap or exceed a row.
pub fn multiply_within<E: Element>(
    rows: &mut [E],
    stride: usize,
    from: usize,
    b: View<'_, E>,
    to: usize,
) {
    let (inner, outer) = (b.layout.rows, b.layout.cols);
    assert!(from + inner <= to || to + outer <= from, "columns overlap");
    assert!(from + inner <= stride && to + outer <= stride, "columns exceed the row");
    let count = rows.len() / stride.max(1);
    let columns =
        |start: usize, cols: usize| Layout { rows: count, cols, start, stride, transposed: false };
    let (a, c) = (columns(from, inner), columns(to, outer));
    Product { source: Within(rows), a, b, c, add: false }.compute();
}

/// The slices that contain `A` and `C`.
trait Source<E> {
    fn a(&self) -> &[E];
    fn c(&self) -> &[E];
    fn c_mut(&mut self) -> &mut [E];
}

struct Apart<'a, E>(&'a [E], &'a mut [E]);

impl<E> Source<E> for Apart<'_, E> {
    #[inline(always)]
    fn a(&self) -> &[E] {
        self.0
    }

    #[inline(always)]
    fn c(&self) -> &[E] {
        self.1
    }

    #[inline(always)]
    fn c_mut(&mut self) -> &mut [E] {
        self.1
    }
}

struct Within<'a, E>(&'a mut [E]);

impl<E> Source<E> for Within<'_, E> {
    #[inline(always)]
    fn a(&self) -> &[E] {
        self.0
    }

    #[inline(always)]
    fn c(&self) -> &[E] {
        self.0
    }

    #[inline(always)]
    fn c_mut(&mut self) -> &mut [E] {
        self.0
    }
}

/// Product to be computed. `A` and `C` are in `source`.
struct Product<'a, E, X> {
    source: X,
    a: Layout,
    b: View<'a, E>,
    c: Layout,
    /// Whether sums continue from `C`, or start from 0.
    add: bool,
}

impl<'a, E: Element, X: Source<E>> Product<'a, E, X> {
    fn compute(self) {
        if let Some(work) = self.check() {
            E::with_packed(|packed| simd::arch().dispatch(work.packed_in(packed)));
        }
    }

    /// Returns the work unless an empty sum or an empty matrix needs none.
    fn check(mut self) -> Option<Self> {
        assert_eq!(self.a.cols, self.b.layout.rows, "shapes of a product");
        if self.a.cols > 0 {
            return (self.a.rows > 0 && self.b.layout.cols > 0).then_some(self);
        }
        if !self.add {
            for row in 0..self.c.rows {
                let start = self.c.at(row, 0);
                self.source.c_mut()[start..start + self.c.cols].fill(E::default());
            }
        }
        None
    }

    /// Chooses the operand to be packed.
    fn packed_in(self, packed: &'a mut [E; PACKED]) -> Blocks<'a, E, X> {
        let mirrored = self.is_better_mirrored();
        let Self { source, a, b: View { data: b, layout }, c, add } = self;
        let (left, right, out) = if mirrored { (layout.t(), a.t(), c.t()) } else { (a, layout, c) };
        Blocks { source, b, mirrored, left, right, out, add, packed }
    }

    /// Whether `C^T = B^T A^T` takes less time. Then `A^T` is packed instead of `B`.
    fn is_better_mirrored(&self) -> bool {
        let (rows, cols) = (self.c.rows, self.c.cols);
        if self.b.layout.transposed {
            // Packing a transpose moves single values.
            self.a.transposed || rows < cols
        } else {
            self.a.transposed && cols < FEW && cols < rows
        }
    }
}
