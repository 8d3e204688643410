use rayon::prelude::*;
use vgae_artifacts::{Embedding, Pair};

use crate::EvalError;
use crate::ranking::FEW;

/// Model that scores pairs by the likelihood of an edge.
pub trait PairScorer: Sync {
    /// Returns the number of nodes: pairs of `0..node_count` can be scored.
    fn node_count(&self) -> usize;

    /// Returns the logits of edges between the nodes of each pair, in the order of `pairs`. They are not
    /// sigmoids, which saturate in `f32` and would create ties that change every metric.
    ///
    /// The logit of a pair must not depend on the other pairs, since long lists are passed in blocks.
    ///
    /// # Errors
    /// Returns an error when the model cannot score the pairs. The caller adds the context.
    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>>;
}

impl PairScorer for Embedding {
    fn node_count(&self) -> usize {
        self.mu().rows()
    }

    /// Returns the inner products of the means.
    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        let logits = pairs.par_iter().with_min_len(FEW).map(|pair| self.logit(pair.src, pair.dst));
        Ok(logits.collect())
    }
}

/// Checks that a scorer has the expected number of nodes.
pub(crate) fn check_node_count(
    scorer: &dyn PairScorer,
    node_count: usize,
) -> Result<(), EvalError> {
    match scorer.node_count() {
        found if found == node_count => Ok(()),
        found => Err(EvalError::NodeCount { expected: node_count, found }),
    }
}

/// Returns one logit per pair, possibly NaN.
pub(crate) fn logits(scorer: &dyn PairScorer, pairs: &[Pair]) -> Result<Vec<f32>, EvalError> {
    let logits = scorer.logits(pairs).map_err(|source| EvalError::Scorer { source })?;
    match logits.len() {
        found if found == pairs.len() => Ok(logits),
        found => Err(EvalError::LogitCount { expected: pairs.len(), found }),
    }
}
