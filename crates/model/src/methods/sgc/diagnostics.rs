/// What smoothing was, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmoothingDiagnostics {
    /// Columns of the embedding: features.
    pub width: usize,
    /// Nodes whose vector is zero: no features within reach.
    pub empty_rows: usize,
}
