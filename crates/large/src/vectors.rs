//! A vector per node, in rows of whole cache lines.

use memmap2::MmapMut;
use rayon::prelude::*;
use vgae_artifacts::{ArtifactError, HashPurpose, KeyedHash, Result, Seed};
use vgae_numerics::Adjacency;

/// Values per cache line of 64 bytes. Rows are padded to a multiple with zeros.
pub(crate) const LINE: usize = 16;
/// Rows per task.
const TASK_ROWS: usize = 1 << 13;

/// `N x width` values of single precision. Each row starts at a cache line.
#[derive(Debug)]
pub struct Vectors {
    /// Pages of their own, of 2 MB where the system has them: rows are read in random order, and most of the time would
    /// go into finding pages of 4 kB.
    memory: MmapMut,
    width: usize,
    stride: usize,
}

impl Vectors {
    /// Returns rows of zeros.
    ///
    /// # Errors
    /// Returns an error when the system does not reserve the memory.
    pub fn zeros(nodes: usize, width: usize) -> Result<Self> {
        let stride = width.next_multiple_of(LINE);
        let bytes = nodes * stride * size_of::<f32>();
        let memory = MmapMut::map_anon(bytes).map_err(|error| {
            let expected = format!("{bytes} bytes of memory for {nodes} rows of {stride} values");
            ArtifactError::invalid("vectors", expected, error.to_string())
        })?;
        // Only a wish: without huge pages everything is the same, but slower.
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        Ok(Self { memory, width, stride })
    }

    /// Returns the number of values from one row to the next.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Returns the number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns all rows, with their padding.
    pub(crate) fn values(&self) -> &[f32] {
        bytemuck::cast_slice(&self.memory)
    }

    /// Returns all rows, with their padding.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.memory)
    }

    /// Returns the row of a node.
    #[inline]
    #[must_use]
    pub fn row(&self, node: usize) -> &[f32] {
        &self.values()[node * self.stride..][..self.width]
    }

    /// Sets the row of a node, rounded to single precision.
    pub(crate) fn set(&mut self, node: usize, values: impl Iterator<Item = f64>) {
        let (stride, width) = (self.stride, self.width);
        let row = &mut self.values_mut()[node * stride..][..width];
        for (value, given) in row.iter_mut().zip(values) {
            #[expect(clippy::cast_possible_truncation, reason = "vectors are of single precision")]
            let single = given as f32;
            *value = single;
        }
    }

    /// Calls `fill` with every node and its row, on all threads.
    pub fn for_each_row(&mut self, fill: impl Fn(usize, &mut [f32]) + Sync) {
        let (stride, width) = (self.stride, self.width);
        let tasks = self.values_mut().par_chunks_mut(TASK_ROWS * stride).enumerate();
        tasks.for_each(|(task, rows)| {
            for (at, row) in rows.chunks_exact_mut(stride).enumerate() {
                fill(task * TASK_ROWS + at, &mut row[..width]);
            }
        });
    }

    /// Returns the largest absolute value, 0 without any.
    pub(crate) fn greatest(&self) -> f32 {
        let tasks = self.values().par_chunks(TASK_ROWS * self.stride);
        let of_task =
            |values: &[f32]| values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        tasks.map(of_task).reduce(|| 0.0, f32::max)
    }
}

/// `D^b R`: a random vector of 1 and -1 per node, times the power `half_powers / 2` of its degree in `A + I`.
///
/// Component `k` of a node is 1 - 2 times bit `k mod 32` of the hash of the node and `floor(k / 32)`.
///
/// # Errors
/// See [`Vectors::zeros`].
pub(crate) fn random(
    adjacency: &Adjacency,
    seed: Seed,
    half_powers: i32,
    width: usize,
) -> Result<Vectors> {
    let hash = KeyedHash::new(HashPurpose::Vectors, seed);
    let mut vectors = Vectors::zeros(adjacency.nodes(), width)?;
    vectors.for_each_row(|node, row| {
        #[expect(clippy::cast_possible_truncation, reason = "nodes are numbered by u32")]
        let number = node as u32;
        #[expect(clippy::cast_possible_truncation, reason = "vectors are of single precision")]
        let scale = power((adjacency.degree(node) + 1) as f64, half_powers) as f32;
        for (word, values) in (0..).zip(row.chunks_mut(32)) {
            let bits = hash.of(number, word);
            for (bit, value) in values.iter_mut().enumerate() {
                *value = if bits >> bit & 1 == 0 { scale } else { -scale };
            }
        }
    });
    Ok(vectors)
}

/// Returns `base` to the power `half_powers / 2`, made of products, a root and a quotient, which round alike everywhere.
fn power(base: f64, half_powers: i32) -> f64 {
    let count = half_powers.unsigned_abs();
    let mut product = if count >= 2 { base } else { 1.0 };
    for _ in 1..count / 2 {
        product *= base;
    }
    if count % 2 == 1 {
        product *= base.sqrt();
    }
    if half_powers < 0 { 1.0 / product } else { product }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_of_half_steps() {
        for half_powers in -4..=4 {
            let expected = 7f64.powf(f64::from(half_powers) / 2.0);
            assert!((power(7.0, half_powers) - expected).abs() < 1e-14 * expected);
        }
    }

    #[test]
    fn rows_start_at_cache_lines_and_keep_their_padding() {
        for width in [1, 15, 16, 17, 40] {
            let mut vectors = Vectors::zeros(3, width).expect("memory");
            vectors.for_each_row(|node, row| row.fill(node as f32 - 1.5));
            assert_eq!(vectors.values().as_ptr().align_offset(64), 0);
            assert_eq!((vectors.stride() % LINE, vectors.row(2).len()), (0, width));
            assert!(vectors.row(2).iter().all(|&value| value > 0.0));
            let padding = &vectors.values()[width..vectors.stride()];
            assert!(padding.iter().all(|&value| value.to_bits() == 0));
            assert!((vectors.greatest() - 1.5).abs() < f32::EPSILON);
        }
    }
}
