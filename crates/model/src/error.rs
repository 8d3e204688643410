use vgae_artifacts::{ArtifactError, Pair};
use vgae_nn::ShapeError;
use vgae_nn::training::TrainingError;
use vgae_options::OptionError;

use crate::PairFeature;

/// Why nothing was trained, or training stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A hyper-parameter is out of its range.
    #[error("model: {0}")]
    Option(#[from] OptionError),
    /// The method reads features and the graph has none.
    #[error(
        "model: method `{method}` needs node features, and this graph has none; use `{instead}`, which works without"
    )]
    NoFeatures {
        /// The method.
        method: &'static str,
        /// A similar method that needs none.
        instead: &'static str,
    },
    /// Features of another graph.
    #[error(
        "model: the features are of {found} nodes, but the split is of {expected}; both must come from one graph"
    )]
    FeatureRows {
        /// Nodes of the split.
        expected: usize,
        /// Rows of the features.
        found: usize,
    },
    /// The graph has less than two nodes.
    #[error("model: expected a graph of at least 2 nodes, found {nodes}")]
    TooFewNodes {
        /// How many it has.
        nodes: usize,
    },
    /// Nothing to learn from: the weight of a positive would be infinite.
    #[error(
        "model: the split has no training edges, so there is nothing to learn from; split a graph with more edges or hold out fewer"
    )]
    NoTrainingEdges,
    /// A tensor has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Vectors trained over walks are not finite any more.
    #[error("model: training over walks diverged; lower `learning_rate` (it is {learning_rate})")]
    WalksDiverged {
        /// As configured.
        learning_rate: f64,
    },
    /// The eigenvectors cannot be found.
    #[error(
        "model: the eigenvectors were not found in {iterations} iterations: the worst residual is {residual:e}; ask for fewer `dimensions`"
    )]
    NotConverged {
        /// How often the filter was applied.
        iterations: usize,
        /// `|L v - lambda v|` of the worst.
        residual: f64,
    },
    /// Smoothed features would not fit.
    #[error(
        "model: method `sgc` makes a vector as wide as the features: expected {nodes} nodes times the features to be 1 to {most}, found {features} features; use `gnae`, whose vectors have the width `latent`"
    )]
    SmoothWidth {
        /// Nodes of the graph.
        nodes: usize,
        /// Its features.
        features: usize,
        /// Numbers that the embedding may have.
        most: usize,
    },
    /// The method embeds only nodes it was trained on.
    #[error(
        "model: expected an inductive method, found one that embeds only nodes it was trained on: {why}"
    )]
    Transductive {
        /// Why it does.
        why: &'static str,
    },
    /// A learned decoder was not handed in.
    #[error(
        "model: expected the weights of a learned decoder, found none; they are among those of its encoder"
    )]
    NoDecoder,
    /// A hybrid joins an embedding with other numbers.
    #[error(
        "model: expected an embedding for the hybrid to join, found none; it is beside the model's file"
    )]
    NoEmbeddingToJoin,
    /// Methods of samples were given a graph.
    #[error(
        "model: method `{method}` learns from samples (images, a table), not from a graph; take samples as the dataset, or a method of graphs, `vgae` say"
    )]
    NeedsSamples {
        /// The method.
        method: &'static str,
    },
    /// Methods of graphs were given samples.
    #[error("model: method `{method}` learns from a graph, not from samples (images, a table)")]
    NeedsGraph {
        /// The method.
        method: &'static str,
    },
    /// A pair feature reads node features and the graph has none.
    #[error(
        "model: pair feature `{feature}` needs node features, and this graph has none; leave it out, or use `{}`, which works without",
        PairFeature::ResourceAllocation
    )]
    NoFeaturesOfPairs {
        /// The pair feature asked for.
        feature: PairFeature,
    },
    /// A pair that cannot be an edge.
    #[error(
        "model: expected pairs of two different nodes below {nodes}, found ({}, {})",
        pair.src,
        pair.dst
    )]
    NoSuchPair {
        /// The pair.
        pair: Pair,
        /// Nodes of the graph.
        nodes: usize,
    },
    /// A combiner of pair scores was to learn from edges only, or from none.
    #[error(
        "model: a combiner of pair scores needs pairs with and without an edge to learn from, found {positives} with and {negatives} without; hold out more edges, or use a graph that is not complete"
    )]
    OneTruth {
        /// Pairs with an edge.
        positives: usize,
        /// Pairs without.
        negatives: usize,
    },
    /// A combiner of pair scores was given other columns than it was fitted on.
    #[error(
        "model: expected pairs scored by {expected}, as the hybrid was fitted, found {found}; score them by the same, in this order"
    )]
    OtherColumns {
        /// When it was fitted.
        expected: String,
        /// Now.
        found: String,
    },
    /// The training ended with an error.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A file is missing, damaged, or not what it should be.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

impl ModelError {
    pub(crate) fn config(
        key: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        OptionError::new(key, expected.into(), found.into()).into()
    }

    /// `None`: no such tensor.
    pub(crate) fn shape(
        name: impl Into<String>,
        expected: Option<(usize, usize)>,
        found: Option<(usize, usize)>,
    ) -> Self {
        ShapeError::new(name, expected, found).into()
    }
}
