use vgae_artifacts::{ArtifactError, Pair};
use vgae_nn::ShapeError;
use vgae_nn::training::TrainingError;
use vgae_options::OptionError;

use crate::{Method, PairFeature};

/// Error of training or applying a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A hyper-parameter is out of range.
    #[error("model: {0}")]
    Option(#[from] OptionError),
    /// The method requires features and the graph has none.
    #[error(
        "model: method `{method}` needs node features, and this graph has none; use `{instead}`, which \
         does not need them{}",
        structural(method)
    )]
    NoFeatures {
        /// Name of the method.
        method: &'static str,
        /// Similar method that needs no features.
        instead: &'static str,
    },
    /// A decoder of directed edges is trained on a split without direction.
    #[error(
        "model: expected a directed split for a `decoder` of directed edges, found an undirected one; set `directed = \
         true` in `[split]` and `[data]`"
    )]
    NoDirection,
    /// A decoder of relation types is trained on edges without relation types.
    #[error(
        "model: expected edges with relation types for `decoder = \"distmult\"`, found edges without; name their column \
         as `relation` of `edges` in `[data]`"
    )]
    NoRelations,
    /// Edge weights are to be predicted, and edges have none.
    #[error(
        "model: expected edges with weights for `weight_loss`, found edges without; name the column of weights in \
         `[data]`, or remove `weight_loss`"
    )]
    NoWeights,
    /// The number of nodes of the features differs from that of the split.
    #[error(
        "model: the features are of {found} nodes, but the split is of {expected}; both must come from one \
         graph"
    )]
    FeatureRows {
        /// Number of nodes of the split.
        expected: usize,
        /// Number of rows of the features.
        found: usize,
    },
    /// The graph has fewer than two nodes.
    #[error("model: expected a graph of at least 2 nodes, found {nodes}")]
    TooFewNodes {
        /// Number of nodes.
        nodes: usize,
    },
    /// There are no training edges; the weight of a positive would be infinite.
    #[error(
        "model: the split has no training edges, and training requires at least one; split a graph with \
         more edges or hold out fewer"
    )]
    NoTrainingEdges,
    /// A tensor has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Weights belong to another method.
    #[error("model: expected weights of method `{method}`, found those of another method")]
    ForeignWeights {
        /// Expected method.
        method: &'static str,
    },
    /// Vectors trained over walks are no longer finite.
    #[error("model: training over walks diverged; lower `learning_rate` (it is {learning_rate})")]
    WalksDiverged {
        /// Configured learning rate.
        learning_rate: f64,
    },
    /// The eigensolver did not converge.
    #[error(
        "model: the eigensolver did not converge in {iterations} iterations: the worst residual is \
         {residual:e}; reduce `dimensions`"
    )]
    NotConverged {
        /// Number of filter applications.
        iterations: usize,
        /// Largest `|L v - lambda v|`.
        residual: f64,
    },
    /// The smoothed features would not fit into memory.
    #[error(
        "model: the vectors of method `sgc` are as wide as the features: expected {nodes} nodes times the \
         features to be 1 to {most}, found {features} features; use `gnae`, whose vectors have the width \
         `latent`"
    )]
    SmoothWidth {
        /// Number of nodes of the graph.
        nodes: usize,
        /// Number of features.
        features: usize,
        /// Maximum number of values of the embedding.
        most: usize,
    },
    /// The method embeds only nodes it was trained on.
    #[error(
        "model: expected an inductive method, found one that embeds only nodes it was trained on: {why}"
    )]
    Transductive {
        /// Reason.
        why: &'static str,
    },
    /// The weights of a learned decoder are missing.
    #[error(
        "model: expected the weights of a learned decoder, found none; they are among those of its encoder"
    )]
    NoDecoder,
    /// The embedding for a hybrid is missing.
    #[error(
        "model: expected an embedding for the hybrid, found none; it is in the folder of the model file"
    )]
    NoEmbeddingToJoin,
    /// A method of samples was applied to a graph.
    #[error(
        "model: method `{method}` learns from samples (images, a table), not from a graph; use a dataset \
         of samples, or a method for graphs such as `vgae`"
    )]
    NeedsSamples {
        /// Name of the method.
        method: &'static str,
    },
    /// A method of graphs was applied to samples.
    #[error("model: method `{method}` learns from a graph, not from samples (images, a table)")]
    NeedsGraph {
        /// Name of the method.
        method: &'static str,
    },
    /// A pair feature requires node features and the graph has none.
    #[error(
        "model: pair feature `{feature}` needs node features, and this graph has none; remove it, or use \
         `{}`, which does not need them",
        PairFeature::ResourceAllocation
    )]
    NoFeaturesOfPairs {
        /// The pair feature.
        feature: PairFeature,
    },
    /// A pair is a self-loop or has a node index out of range.
    #[error(
        "model: expected pairs of two different nodes below {nodes}, found ({}, {})",
        pair.src,
        pair.dst
    )]
    NoSuchPair {
        /// The pair.
        pair: Pair,
        /// Number of nodes of the graph.
        nodes: usize,
    },
    /// A combiner of pair scores lacks pairs with or without an edge.
    #[error(
        "model: a combiner of pair scores needs training pairs with and without an edge, found {positives} \
         with and {negatives} without; hold out more edges, or use a graph that is not complete"
    )]
    OneTruth {
        /// Number of pairs with an edge.
        positives: usize,
        /// Number of pairs without an edge.
        negatives: usize,
    },
    /// The columns of a combiner of pair scores differ from those of its fit.
    #[error(
        "model: expected the columns {expected} that the hybrid was fitted on, found {found}; use the same \
         columns in this order"
    )]
    OtherColumns {
        /// Columns of the fit.
        expected: String,
        /// Columns found.
        found: String,
    },
    /// Training failed.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A file is missing, damaged, or of another kind.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// Returns the advice to replace node features, if a method can.
fn structural(method: &str) -> &'static str {
    let can = method.parse::<Method>().is_ok_and(|method| method.has("structural_features"));
    if can { ", or set `structural_features = \"prone\"`" } else { "" }
}

impl ModelError {
    pub(crate) fn config(
        key: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        OptionError::new(key, expected.into(), found.into()).into()
    }

    /// Creates a shape error; `None` means that the tensor does not exist.
    pub(crate) fn shape(
        name: impl Into<String>,
        expected: Option<(usize, usize)>,
        found: Option<(usize, usize)>,
    ) -> Self {
        ShapeError::new(name, expected, found).into()
    }
}
