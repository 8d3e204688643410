use vgae_artifacts::ArtifactError;
use vgae_eval::EvalError;
use vgae_ingest::IngestError;
use vgae_model::ModelError;
use vgae_split::SplitError;

/// An error of any step; each names what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The edges or features do not make a graph.
    #[error(transparent)]
    Graph(#[from] IngestError),
    /// A value does not fit the others.
    #[error(transparent)]
    Value(#[from] ArtifactError),
    /// The edges cannot be split as asked for.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The method cannot be configured or trained.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Pairs cannot be scored.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// An Arrow array has a type that node ids cannot have.
    #[error("node ids: expected an array of integers or strings without nulls, found {found}")]
    Ids {
        /// The type, or the first null.
        found: String,
    },
    /// Source and target arrays differ in length.
    #[error("edges: expected as many targets as sources ({sources}), found {targets}")]
    Ends {
        /// Length of the source array.
        sources: usize,
        /// Length of the target array.
        targets: usize,
    },
}
