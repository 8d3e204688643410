use std::fmt;

use vgae_artifacts::{
    Audit, ContentHash, DataKind, Embedding, Features, SampleAudit, Seed, TrainView,
};
use vgae_autoencoder::AutoEncoderConfig;
use vgae_nn::ops::directed_loss::DirectedDecoder;
use vgae_nn::ops::edge_weights::WeightLoss;
use vgae_options::{OptionError, Options};

use crate::{
    Callback, FitInput, FitOptions, Fitted, Learned, ModelConfig, ModelError, NoCallback,
    PairModel, Weights,
};

/// Interface of a method with hyper-parameters. Each family of methods implements it for its configuration
/// struct.
pub trait Estimator: fmt::Debug + Send + Sync {
    /// Returns the groups of hyper-parameters in display order. Their keys are those of `[model]`.
    fn groups(&mut self) -> Vec<&mut dyn Options>;

    /// Returns a copy.
    fn boxed(&self) -> Box<dyn Estimator>;

    /// Checks rules that involve several hyper-parameters; single values are checked against their ranges.
    ///
    /// # Errors
    /// Returns an error when a value violates a rule; the error contains the first such value.
    fn check(&self) -> Result<(), OptionError> {
        Ok(())
    }

    /// Returns the data requirements.
    fn needs(&self) -> Needs;

    /// Trains on a graph. The input has been checked against [`Estimator::needs`], and contains no features
    /// that the method does not read.
    ///
    /// # Errors
    /// Returns an error when the input or checkpoint is not suitable for the method, or training fails.
    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError>;

    /// Returns the configuration and the weight of the KL term (for `vae`), if the method learns from
    /// samples.
    fn of_samples(&self) -> Option<(&AutoEncoderConfig, Option<f64>)> {
        None
    }

    /// Returns the methods that can embed the nodes, if they are others: the first for graphs with node features.
    fn encoders(&self) -> Vec<&ModelConfig> {
        Vec::new()
    }

    /// Returns the hash that identifies checkpoints of a training with this input; `None` for methods without
    /// checkpoints.
    ///
    /// # Errors
    /// Returns an error when the input is not suitable for the method.
    fn run_hash(&self, input: FitInput<'_>, seed: Seed) -> Result<Option<ContentHash>, ModelError> {
        let _ = (input, seed);
        Ok(None)
    }

    /// Returns how pairs of nodes are scored.
    fn scoring(&self) -> Scoring {
        Scoring::InnerProduct
    }

    /// Returns the loss of edge weights, if the method predicts them.
    fn weight_loss(&self) -> Option<WeightLoss> {
        None
    }

    /// Embeds the nodes of another graph with the trained weights.
    ///
    /// # Errors
    /// [`ModelError::Transductive`] if the method embeds only the nodes it was trained on; otherwise when the
    /// input does not match the weights.
    fn infer(
        &self,
        weights: &Weights,
        features: &Features,
        edges: TrainView<'_>,
    ) -> Result<Embedding, ModelError> {
        let _ = (weights, features, edges);
        Err(ModelError::Transductive { why: self.transductive().unwrap_or_default() })
    }

    /// Computes the embedding of the training graph again: with the trained weights, or from the start for
    /// methods that are computed rather than trained. The input has been checked as for [`Estimator::fit`].
    ///
    /// # Errors
    /// Returns an error when the weights do not match the input.
    fn embed_again(
        &self,
        learned: &Learned,
        input: FitInput<'_>,
        seed: Seed,
    ) -> Result<Embedding, ModelError> {
        let _ = learned;
        let fitted = self.fit(input, seed, FitOptions::default(), &mut NoCallback)?;
        fitted.encoder.map(|encoder| encoder.embedding).ok_or(ModelError::NoEmbeddingToJoin)
    }

    /// Returns why the method embeds only nodes it was trained on; `None` for inductive methods.
    fn transductive(&self) -> Option<&'static str>;

    /// Returns whether edge weights affect the result.
    fn uses_edge_weights(&self) -> bool {
        true
    }

    /// Estimates the memory of a training in bytes, rather too high than too low.
    fn memory(&self, data: &DataSize) -> usize;

    /// Returns a lower bound of the memory of a training in bytes: more is certainly needed.
    fn least_memory(&self, data: &DataSize) -> usize;

    /// Estimates the time of a run, in pairs of the exact loss.
    fn cost(&self, data: &DataSize) -> u64;

    /// Returns whether a single training occupies all of `threads`.
    fn fills_threads(&self, data: &DataSize, threads: usize) -> bool {
        let _ = (data, threads);
        false
    }

    /// Returns the name of a similar method that needs no node features.
    fn without_features(&self) -> Option<&'static str> {
        None
    }
}

/// Data requirements of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Data kind: graph or samples.
    pub data: DataKind,
    /// Use of node features.
    pub features: FeatureUse,
}

impl Needs {
    /// Returns the requirements of a method of graphs.
    #[must_use]
    pub const fn graph(features: FeatureUse) -> Self {
        Self { data: DataKind::Graph, features }
    }
}

/// Use of node features by a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureUse {
    /// Not read.
    Ignored,
    /// Read if present.
    Optional,
    /// Required.
    Required,
}

/// Scoring of pairs of nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scoring {
    /// Inner product of the nodes' vectors.
    InnerProduct,
    /// Learned decoder of the nodes' vectors, with weights stored together with the encoder's.
    Decoder,
    /// Decoder of directed edges without weights.
    Directed(DirectedDecoder),
    /// Decoder of edges with relation types, with weights stored together with the encoder's.
    Relations,
    /// Model of structural and feature heuristics, optionally with vectors and their decoder.
    PairModel {
        /// Whether the model includes a learned decoder.
        decoder: bool,
    },
}

/// Size of a dataset, for estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSize {
    /// Graph.
    Graph {
        /// Number of nodes.
        nodes: usize,
        /// Number of undirected edges.
        edges: usize,
        /// Number of features per node.
        features: usize,
        /// Number of nonzero feature values.
        feature_values: usize,
    },
    /// Samples.
    Samples {
        /// Number of samples.
        samples: usize,
        /// Number of values per sample.
        columns: usize,
    },
}

impl From<&Audit> for DataSize {
    fn from(audit: &Audit) -> Self {
        let &Audit { nodes, edges, features, feature_nonzeros, .. } = audit;
        Self::Graph { nodes, edges, features, feature_values: feature_nonzeros }
    }
}

impl From<&SampleAudit> for DataSize {
    fn from(audit: &SampleAudit) -> Self {
        let &SampleAudit { samples, columns, .. } = audit;
        Self::Samples { samples, columns }
    }
}

impl DataSize {
    /// Creates the size of a graph with only its number of nodes.
    #[must_use]
    pub const fn of_nodes(nodes: usize) -> Self {
        Self::Graph { nodes, edges: 0, features: 0, feature_values: 0 }
    }

    /// Returns the number of nodes or samples.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match *self {
            Self::Graph { nodes, .. } => nodes,
            Self::Samples { samples, .. } => samples,
        }
    }

    /// Returns the memory of a training over a graph: a dozen `f32` matrices of `width` columns with a row
    /// per node and per feature read (values, gradients, moments), each feature value, and each edge in both
    /// directions.
    pub(crate) fn training_memory(&self, width: usize, reads_features: bool) -> usize {
        let Self::Graph { nodes, edges, features, feature_values } = *self else { return 0 };
        let (columns, values) = if reads_features { (features, feature_values) } else { (0, 0) };
        let matrices = nodes.saturating_add(columns).saturating_mul(width).saturating_mul(12 * 4);
        matrices.saturating_add(values.saturating_mul(64)).saturating_add(edges.saturating_mul(128))
    }

    /// Returns the memory of two `f32` matrices of `width` columns with a row per node, the least that a training
    /// of vectors needs.
    pub(crate) fn least_vectors(&self, width: usize) -> usize {
        self.rows().saturating_mul(width).saturating_mul(2 * 4)
    }

    /// Returns a cost of `per_row` per node or sample.
    pub(crate) fn linear_cost(&self, per_row: u64) -> u64 {
        (self.rows() as u64).saturating_mul(per_row)
    }
}

/// Result of [`ModelConfig::fit`].
#[derive(Debug)]
pub struct FittedModel {
    /// Encoder of nodes and their embedding; `None` for methods that only score pairs.
    pub encoder: Option<Fitted>,
    /// Configuration of the encoder, if it is another method.
    pub encoder_config: Option<ModelConfig>,
    /// Scorer of pairs, for methods without inner products.
    pub pair_model: Option<PairModel>,
}

impl From<Fitted> for FittedModel {
    fn from(fitted: Fitted) -> Self {
        Self { encoder: Some(fitted), encoder_config: None, pair_model: None }
    }
}

/// Checks the input and removes features that `method` does not read.
///
/// # Errors
/// Returns an error when the method cannot be trained on this input.
pub(crate) fn checked_input<'a>(
    input: FitInput<'a>,
    method: &dyn Estimator,
    name: &'static str,
) -> Result<FitInput<'a>, ModelError> {
    input.check_graph()?;
    let wanted = method.needs().features;
    let features = input.features.filter(|features| features.feature_count() > 0);
    let features = features.filter(|_| wanted != FeatureUse::Ignored);
    let expected = input.train.node_count();
    match features.map(Features::node_count) {
        None if wanted == FeatureUse::Required => Err(ModelError::NoFeatures {
            method: name,
            instead: method.without_features().unwrap_or_default(),
        }),
        Some(found) if found != expected => Err(ModelError::FeatureRows { expected, found }),
        _ => Ok(FitInput { features, ..input }),
    }
}
