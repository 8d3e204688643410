use vgae_artifacts::{Features, TrainView};

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
