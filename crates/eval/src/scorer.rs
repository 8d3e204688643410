use vgae_artifacts::{Embedding, Pair};

/// Anything that says how likely a pair is to be an edge. Several threads ask it at a time.
pub trait PairScorer: Sync {
    /// The number of nodes it knows: pairs of `0..node_count` can be scored.
    fn node_count(&self) -> usize;

    /// The logit of an edge between the two nodes. Not its sigmoid, which saturates in `f32` and would
    /// create ties that change AUC and AP.
    fn logit(&self, pair: Pair) -> f32;
}

impl PairScorer for Embedding {
    fn node_count(&self) -> usize {
        self.mu().rows()
    }

    /// The inner product of the two means.
    fn logit(&self, pair: Pair) -> f32 {
        Embedding::logit(self, pair.src, pair.dst)
    }
}
