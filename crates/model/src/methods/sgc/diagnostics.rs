/// Diagnostics of feature smoothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmoothingDiagnostics {
    /// Number of columns of the embedding, equal to the number of features.
    pub width: usize,
    /// Number of nodes with a zero vector: no features within reach.
    pub empty_rows: usize,
}
