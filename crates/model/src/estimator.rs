use std::fmt;

use vgae_artifacts::{ContentHash, DataKind, Embedding, Features, Seed, TrainView};
use vgae_autoencoder::AutoEncoderConfig;
use vgae_options::{OptionError, Options};

use crate::{Callback, FitInput, FitOptions, Fitted, ModelConfig, ModelError, PairModel, Weights};

/// A method with hyper-parameters: all that the rest of the program needs of it. Each family of methods implements it
/// for its configuration struct.
pub trait Estimator: fmt::Debug + Send + Sync {
    /// The groups of hyper-parameters, in the order in which they are shown. Their keys are those of `[model]`.
    fn groups(&mut self) -> Vec<&mut dyn Options>;

    /// A copy.
    fn boxed(&self) -> Box<dyn Estimator>;

    /// Checks rules that concern several hyper-parameters; each alone is checked by its range.
    ///
    /// # Errors
    /// Names the first value at fault.
    fn check(&self) -> Result<(), OptionError> {
        Ok(())
    }

    /// The data that it learns from.
    fn needs(&self) -> Needs;

    /// Learns from a graph. The input has been checked against [`Estimator::needs`], and contains no features that the
    /// method does not read.
    ///
    /// # Errors
    /// When the input or checkpoint does not suit the method, or training fails.
    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError>;

    /// The configuration and the weight of the KL term (of `vae`), if it learns from samples.
    fn of_samples(&self) -> Option<(&AutoEncoderConfig, Option<f64>)> {
        None
    }

    /// The method that embeds nodes, if that is another one.
    fn encoder(&self) -> Option<&ModelConfig> {
        None
    }

    /// The hash that marks checkpoints of a training with this input; none of methods without checkpoints.
    ///
    /// # Errors
    /// When the input does not suit the method.
    fn run_hash(&self, input: FitInput<'_>, seed: Seed) -> Result<Option<ContentHash>, ModelError> {
        let _ = (input, seed);
        Ok(None)
    }

    /// How pairs of nodes are scored.
    fn scoring(&self) -> Scoring {
        Scoring::InnerProduct
    }

    /// Embeds the nodes of another graph, with weights that stay as they are.
    ///
    /// # Errors
    /// [`ModelError::Transductive`] where the method embeds the nodes it was trained on alone; else when the input
    /// does not fit the weights.
    fn infer(
        &self,
        weights: &Weights,
        features: &Features,
        edges: TrainView<'_>,
    ) -> Result<Embedding, ModelError> {
        let _ = (weights, features, edges);
        Err(ModelError::Transductive { why: self.transductive().unwrap_or_default() })
    }

    /// Why it embeds only nodes it was trained on; `None` of inductive methods.
    fn transductive(&self) -> Option<&'static str>;

    /// Whether the weights of edges change the result.
    fn uses_edge_weights(&self) -> bool {
        true
    }

    /// Memory of a training in bytes, estimated rather too high.
    fn memory(&self, data: &DataSize) -> usize;

    /// Time of a run, estimated in pairs of the exact loss.
    fn cost(&self, data: &DataSize) -> u64;

    /// Whether a training alone keeps all of `threads` busy.
    fn fills_threads(&self, data: &DataSize, threads: usize) -> bool {
        let _ = (data, threads);
        false
    }

    /// The name of a similar method that needs no node features.
    fn without_features(&self) -> Option<&'static str> {
        None
    }
}

/// The data that a method learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// A graph, or samples without one.
    pub data: DataKind,
    /// Node features.
    pub features: FeatureUse,
}

impl Needs {
    /// A graph.
    #[must_use]
    pub const fn graph(features: FeatureUse) -> Self {
        Self { data: DataKind::Graph, features }
    }
}

/// Whether a method reads node features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureUse {
    /// No.
    Ignored,
    /// Where there are any.
    Optional,
    /// Yes, and it cannot do without.
    Required,
}

/// How pairs of nodes are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scoring {
    /// By the inner product of the nodes' vectors.
    InnerProduct,
    /// By a learned decoder of the nodes' vectors, whose weights are stored with the encoder's.
    Decoder,
    /// By structure and features, perhaps with vectors and their decoder.
    PairModel {
        /// Whether a learned decoder takes part.
        decoder: bool,
    },
}

/// The size of a dataset, for estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSize {
    /// A graph.
    Graph {
        /// Nodes.
        nodes: usize,
        /// Undirected edges.
        edges: usize,
        /// Features per node.
        features: usize,
        /// Feature values that are not 0.
        feature_values: usize,
    },
    /// Samples.
    Samples {
        /// Samples.
        samples: usize,
        /// Numbers per sample.
        columns: usize,
    },
}

impl DataSize {
    /// A graph of which no more is known than its number of nodes.
    #[must_use]
    pub const fn of_nodes(nodes: usize) -> Self {
        Self::Graph { nodes, edges: 0, features: 0, feature_values: 0 }
    }

    /// Nodes or samples.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match *self {
            Self::Graph { nodes, .. } => nodes,
            Self::Samples { samples, .. } => samples,
        }
    }

    /// Memory of a training over a graph: a dozen `f32` matrices of `width` columns with a row per node and per feature
    /// read (values, gradients, moments), each feature value, and each edge in both directions.
    pub(crate) fn training_memory(&self, width: usize, reads_features: bool) -> usize {
        let Self::Graph { nodes, edges, features, feature_values } = *self else { return 0 };
        let (columns, values) = if reads_features { (features, feature_values) } else { (0, 0) };
        let matrices = nodes.saturating_add(columns).saturating_mul(width).saturating_mul(12 * 4);
        matrices.saturating_add(values.saturating_mul(64)).saturating_add(edges.saturating_mul(128))
    }

    /// A cost of `per_row` for each node or sample.
    pub(crate) fn linear_cost(&self, per_row: u64) -> u64 {
        (self.rows() as u64).saturating_mul(per_row)
    }
}

/// Result of [`ModelConfig::fit`].
#[derive(Debug)]
pub struct FittedModel {
    /// The encoder of nodes and their embedding; none of methods that only score pairs.
    pub encoder: Option<Fitted>,
    /// The scorer of pairs, where it is not the inner product of vectors.
    pub pair_model: Option<PairModel>,
}

impl From<Fitted> for FittedModel {
    fn from(fitted: Fitted) -> Self {
        Self { encoder: Some(fitted), pair_model: None }
    }
}

/// Returns the input with the features that `method` reads.
///
/// # Errors
/// When the method cannot be trained on this input.
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
