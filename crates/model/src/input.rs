use vgae_artifacts::{Features, Matrix, Pair, TrainView};

use crate::ModelError;

/// Input of a training: features and training edges. It does not include the graph, which contains the
/// held-out edges.
#[derive(Debug, Clone, Copy)]
pub struct FitInput<'a> {
    /// Node features; ignored by methods with a star.
    pub features: Option<&'a Features>,
    /// Training edges.
    pub train: TrainView<'a>,
}

/// Checks that each pair consists of two different nodes below `nodes`.
pub(crate) fn check_pairs(pairs: &[Pair], nodes: usize) -> Result<(), ModelError> {
    let sound = |pair: &&Pair| !pair.is_self_loop() && (pair.src.max(pair.dst) as usize) < nodes;
    match pairs.iter().find(|pair| !sound(pair)) {
        Some(&pair) => Err(ModelError::NoSuchPair { pair, nodes }),
        None => Ok(()),
    }
}

/// Checks that vectors have the width of their decoder, and pairs two different nodes each.
pub(crate) fn check_vectors(mu: &Matrix, width: usize, pairs: &[Pair]) -> Result<(), ModelError> {
    let (nodes, found) = (mu.rows(), mu.cols());
    if found != width {
        return Err(ModelError::shape("embedding", Some((nodes, width)), Some((nodes, found))));
    }
    check_pairs(pairs, nodes)
}

impl FitInput<'_> {
    /// Checks the requirements of all methods: two nodes and an edge.
    pub(crate) fn check_graph(&self) -> Result<(), ModelError> {
        let nodes = self.train.node_count();
        if nodes < 2 {
            return Err(ModelError::TooFewNodes { nodes });
        }
        if self.train.edges().is_empty() {
            return Err(ModelError::NoTrainingEdges);
        }
        Ok(())
    }
}
