//! Parallel loops over rows whose results do not depend on the number of threads.
//!
//! Every output row belongs to one task and is computed in one order, and sums over rows go through
//! partial sums of fixed chunks. The chunks depend on the data only, never on the number of threads, so
//! one thread and many give the same bits. Nothing here allocates once the chunks are made.

use std::ops::Range;

/// Rows cut into contiguous chunks of about equal work.
#[derive(Debug, Clone)]
pub struct RowChunks {
    /// `0 = bounds[0] <= bounds[1] <= ... = rows`.
    bounds: Vec<usize>,
}

impl RowChunks {
    /// At most 64 chunks of the same number of rows, at least `least` each: what a dense row costs is
    /// always the same, and each chunk may cost a partial sum.
    #[must_use]
    pub fn even(rows: usize, least: usize) -> Self {
        let size = rows.div_ceil(64).max(least).max(1);
        let mut bounds = vec![0];
        bounds.extend((size..rows).step_by(size));
        bounds.push(rows);
        Self { bounds }
    }

    /// Chunks of compressed rows that hold about as many entries each. A row counts as its entries and
    /// a few more, for its own upkeep.
    #[must_use]
    pub fn by_entries(row_starts: &[usize]) -> Self {
        const UPKEEP: usize = 4;
        const LEAST: usize = 4096;
        let rows = row_starts.len() - 1;
        let work = |row: usize| row_starts[row] + UPKEEP * row;
        let size = work(rows).div_ceil(64).max(LEAST);
        let mut bounds = vec![0];
        for row in 1..rows {
            if work(row) - work(bounds[bounds.len() - 1]) >= size {
                bounds.push(row);
            }
        }
        bounds.push(rows);
        Self { bounds }
    }

    /// The number of chunks, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "there is always a chunk")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Returns the rows of each chunk.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.bounds.windows(2).map(|bounds| bounds[0]..bounds[1])
    }

    /// Calls `task` once per chunk with its number, its rows and its part of `out`, on as many threads as
    /// the current rayon pool has.
    pub fn for_each<O: SplitRows>(&self, out: O, task: impl Fn(usize, Range<usize>, O) + Sync) {
        self.recurse(0, self.len(), out, &task);
    }

    fn recurse<O: SplitRows, F: Fn(usize, Range<usize>, O) + Sync>(
        &self,
        first: usize,
        last: usize,
        out: O,
        task: &F,
    ) {
        if last - first == 1 {
            return task(first, self.bounds[first]..self.bounds[last], out);
        }
        let middle = usize::midpoint(first, last);
        let (left, right) =
            out.split_rows(middle - first, self.bounds[middle] - self.bounds[first]);
        rayon::join(
            || self.recurse(first, middle, left, task),
            || self.recurse(middle, last, right, task),
        );
    }
}

/// Output that can be split between two tasks.
pub trait SplitRows: Send + Sized {
    /// The part of the first `chunks` chunks, which are `rows` rows, and the rest.
    fn split_rows(self, chunks: usize, rows: usize) -> (Self, Self);
}

/// Rows of a row-major matrix.
#[derive(Debug)]
pub struct Rows<'a, T> {
    /// Columns.
    pub width: usize,
    /// Values, row by row.
    pub data: &'a mut [T],
}

impl<'a, T> Rows<'a, T> {
    /// Rows of `width` columns.
    pub fn new(data: &'a mut [T], width: usize) -> Self {
        Self { width, data }
    }
}

impl<T: Send> SplitRows for Rows<'_, T> {
    fn split_rows(self, _: usize, rows: usize) -> (Self, Self) {
        let (left, right) = self.data.split_at_mut(rows * self.width);
        (Self { width: self.width, data: left }, Self { width: self.width, data: right })
    }
}

/// `size` values per chunk, for partial sums.
#[derive(Debug)]
pub struct PerChunk<'a, T> {
    /// Values per chunk.
    pub size: usize,
    /// Values, chunk by chunk.
    pub data: &'a mut [T],
}

impl<T: Send> SplitRows for PerChunk<'_, T> {
    fn split_rows(self, chunks: usize, _: usize) -> (Self, Self) {
        let (left, right) = self.data.split_at_mut(chunks * self.size);
        (Self { size: self.size, data: left }, Self { size: self.size, data: right })
    }
}

impl<A: SplitRows, B: SplitRows> SplitRows for (A, B) {
    fn split_rows(self, chunks: usize, rows: usize) -> (Self, Self) {
        let (a, b) = (self.0.split_rows(chunks, rows), self.1.split_rows(chunks, rows));
        ((a.0, b.0), (a.1, b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_visited_once_with_its_own_output() {
        for rows in [0, 1, 2, 63, 64, 65, 1000] {
            let starts: Vec<usize> = (0..=rows).map(|row| row * (row % 7) * 100).collect();
            let mut starts = starts;
            starts.sort_unstable();
            for chunks in [RowChunks::even(rows, 3), RowChunks::by_entries(&starts)] {
                let mut out = vec![0usize; 2 * rows];
                let mut counts = vec![0usize; chunks.len()];
                let parts =
                    (Rows::new(&mut out, 2), PerChunk { size: 1, data: counts.as_mut_slice() });
                chunks.for_each(parts, |_, range, (out, count)| {
                    count.data[0] += range.len();
                    for (row, out) in range.zip(out.data.chunks_exact_mut(2)) {
                        out[0] += row;
                        out[1] += 1;
                    }
                });
                assert!(out.chunks_exact(2).enumerate().all(|(row, out)| out == [row, 1]));
                assert_eq!(counts.iter().sum::<usize>(), rows);
            }
        }
    }
}
