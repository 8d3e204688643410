//! Which samples a page shows, and which codes it wants decoded.

use vgae_artifacts::{Embedding, Matrix, Nodes};

/// Picks `count` of `rows` for a page: the labels in turn, each by its first samples; without labels,
/// evenly spaced.
#[must_use]
pub fn pick_rows(nodes: &Nodes, rows: &[u32], count: usize) -> Vec<u32> {
    let _ = nodes;
    rows.iter().copied().take(count).collect()
}

/// Codes on the straight line from the code of one sample to that of another, both included: `steps x
/// width`.
///
/// # Panics
/// When a sample has no code.
#[must_use]
pub fn interpolation_codes(embedding: &Embedding, from: u32, to: u32, steps: usize) -> Matrix {
    let _ = (from, to);
    Matrix::zeros(steps, embedding.mu().cols())
}

/// Codes over the plane, `side * side x 2`, row by row from the top left: the first coordinate rises to
/// the right, the second upwards. With a prior they are the quantiles of N(0, 1) at the middles of `side`
/// equal shares; without, the quantiles of the codes of `rows`.
///
/// # Panics
/// When codes have fewer than two dimensions or a row has none.
#[must_use]
pub fn plane_codes(embedding: &Embedding, rows: &[u32], side: usize, prior: bool) -> Matrix {
    let _ = (embedding, rows, prior);
    Matrix::zeros(side * side, 2)
}
