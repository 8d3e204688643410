//! Synthetic graph and values shared by the comparisons with `PyTorch`; the scripts in `tests/golden`
//! document the rules.

use vgae_artifacts::{EdgeSplit, Features, LabelledPairs, Matrix};
use vgae_testing::{golden_edges, uniform};

/// Relative tolerance of f32 training against f64: rounding of about 1e-7 per value, amplified by sums of
/// both signs and by nine steps of Adam, which divides small gradients by their own magnitude.
pub(crate) const TOLERANCE: f64 = 1e-4;
/// Number of nodes of the graph.
pub(crate) const NODES: u32 = 60;
/// Number of features per node.
pub(crate) const FEATURES: u32 = 23;

/// Returns a matrix of the values of a stream.
#[expect(clippy::cast_possible_truncation, reason = "the script rounds to f32 too")]
pub(crate) fn matrix(rows: usize, cols: usize, stream: u64, map: impl Fn(f64) -> f64) -> Matrix {
    let values = uniform(stream, rows * cols).map(|u| map(u) as f32).collect();
    Matrix::from_row_major(rows, cols, values).expect("shape")
}

/// Returns initial weights.
pub(crate) fn weight(stream: u64, rows: usize, cols: usize) -> Matrix {
    let limit = (6.0 / (rows + cols) as f64).sqrt();
    matrix(rows, cols, stream, |u| (2.0 * u - 1.0) * limit)
}

/// Returns training edges and features.
pub(crate) fn data() -> (EdgeSplit, Features) {
    let none = LabelledPairs::default;
    let edges = golden_edges(NODES);
    let split = EdgeSplit::new(NODES as usize, edges, none(), none()).expect("canonical pairs");
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for i in 0..NODES {
        for f in (0..FEATURES).filter(|f| (i * 31 + f * 17) % 29 < 7) {
            columns.push(f);
            values.push((1 + (i + 2 * f) % 3) as f32);
        }
        starts.push(columns.len());
    }
    let features = Features::from_rows(FEATURES as usize, starts, columns, values);
    (split, features.expect("sound rows"))
}

/// Checks the norm of the difference relative to the norm of the expected values.
pub(crate) fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    let relative = difference / norm(&mut expected.iter().copied());
    assert!(relative <= TOLERANCE, "{what}: off by {relative:e}");
}
