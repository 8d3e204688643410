use rayon::prelude::*;
use vgae_artifacts::{Matrix, Pair};
use vgae_nn::ops::directed_loss::DirectedDecoder;

use crate::ModelError;
use crate::input::check_pairs;

/// Returns the logits of the edges from the sources to the targets of `pairs`, with vectors `mu`.
///
/// # Errors
/// Returns an error when a pair is a self-loop or has a node out of range, or the vectors are of width 1.
pub(crate) fn directed_logits(
    decoder: DirectedDecoder,
    mu: &Matrix,
    pairs: &[Pair],
) -> Result<Vec<f32>, ModelError> {
    let nodes = mu.rows();
    if mu.cols() < 2 {
        let found = Some((nodes, mu.cols()));
        return Err(ModelError::shape("embedding", Some((nodes, 2)), found));
    }
    check_pairs(pairs, nodes)?;
    let logit = |pair: &Pair| decoder.logit(mu.row(pair.src as usize), mu.row(pair.dst as usize));
    Ok(pairs.par_iter().with_min_len(1024).map(logit).collect())
}
