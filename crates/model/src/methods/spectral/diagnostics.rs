/// How good the eigenpairs are.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralDiagnostics {
    /// Eigenvalues of the Laplacian, ascending, one a column of the embedding: 0 to 2.
    pub eigenvalues: Vec<f64>,
    /// `|L v - lambda v|` of each unit eigenvector `v`, computed afterwards from `L` itself.
    pub residuals: Vec<f64>,
    /// How often the Chebyshev filter was applied; 0 when a dense solver or no solver was needed.
    pub iterations: usize,
    /// Components of two nodes or more, of the graph as regularised.
    pub components: usize,
}
