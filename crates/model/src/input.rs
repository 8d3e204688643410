use vgae_artifacts::{Features, TrainView};

use crate::ModelError;

/// What a model may see: features and training edges. Not the graph, which holds the held-out edges.
#[derive(Debug, Clone, Copy)]
pub struct FitInput<'a> {
    /// Node features; methods with a star leave them alone.
    pub features: Option<&'a Features>,
    /// The training edges.
    pub train: TrainView<'a>,
}

impl FitInput<'_> {
    /// What every method needs: two nodes and an edge.
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
