/// The sum of softplus over all ordered pairs, and its gradient.
pub trait AllPairs<T>: Send {
    /// Buffers for `Z` of `nodes x width`.
    fn new(nodes: usize, width: usize) -> Self;

    /// Returns `sum over all (i, j) of softplus(z_i . z_j)` and writes `d_z = scale * sigmoid(Z Z^T) Z`.
    fn forward_backward(&mut self, z: &[T], scale: f64, d_z: &mut [T]) -> f64;
}
