/// Diagnostics of the eigensolver.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralDiagnostics {
    /// Eigenvalues of the Laplacian, ascending, one per column of the embedding: 0 to 2.
    pub eigenvalues: Vec<f64>,
    /// `|L v - lambda v|` of each unit eigenvector `v`, computed from `L` after the solution.
    pub residuals: Vec<f64>,
    /// Number of applications of the Chebyshev filter; 0 if a dense solver or no solver was used.
    pub iterations: usize,
    /// Number of components with at least two nodes, after regularisation.
    pub components: usize,
}
