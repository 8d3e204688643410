//! The terms of single pairs, where a row of `Z` meets a few others: the positive entries, and sampled
//! pairs. Each row of the gradient is one task's, so nothing is shared; other rows are only read.
//!
//! Pairs are taken in batches of 64, whatever rows they belong to, since most rows have few: their logits,
//! then `softplus` and its slope of all 64 at once, then the gradient.

use super::batch::{BATCH, Batch, Term, TermSum};
use crate::ops::Kernels;

/// Goes over the pairs of a range of rows: adds up their terms, and `scale` times their gradient with respect
/// to the row's vector. A pair's other vector gets its share when its own row meets this one.
pub(super) struct Visit<'a, T> {
    batch: Batch<'a, T>,
    pairs: [(usize, usize); BATCH],
    len: usize,
    sum: TermSum,
}

impl<'a, T: Kernels> Visit<'a, T> {
    /// Creates a visit of the rows from `first_row` on, whose gradient is `d_rows`.
    pub(super) fn new(
        (z, width): (&'a [T], usize),
        term: Term,
        scale: f64,
        first_row: usize,
        d_rows: &'a mut [T],
    ) -> Self {
        Self {
            batch: Batch { z, width, term, scale, pairs: &[], first_row, d_rows },
            pairs: [(0, 0); BATCH],
            len: 0,
            sum: TermSum::EMPTY,
        }
    }

    /// `row` meets `column`.
    #[inline(always)]
    pub(super) fn pair(&mut self, row: usize, column: usize) {
        self.pairs[self.len] = (row, column);
        self.len += 1;
        if self.len == BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let Batch { z, width, term, scale, first_row, ref mut d_rows, .. } = self.batch;
        let pairs = &self.pairs[..self.len];
        let batch = Batch { z, width, term, scale, pairs, first_row, d_rows };
        T::visit(batch, &mut self.sum);
        self.len = 0;
    }

    /// The sum of all terms.
    pub(super) fn finish(mut self) -> f64 {
        self.flush();
        self.sum.finish(self.batch.term)
    }
}
