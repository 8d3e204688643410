use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{ContentHash, Embedding, Features, Seed, TrainView};
use vgae_nn::Negatives;
use vgae_nn::ops::directed_loss::DirectedDecoder;
use vgae_nn::ops::edge_weights::WeightLoss;
use vgae_numerics::Adjacency;
use vgae_options::{OptionError, Options};

use super::encoder::EncoderOptions;
use super::weights::EDGE_WEIGHT;
use crate::methods::gae::kl_weight::KlWeight;
use crate::methods::gae::scaling::FeatureScaling;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, Learned,
    ModelError, Needs, NoCallback, PairModel, Scoring, Weights,
};

/// Graph auto-encoder: encoder, prior, features and decoder, each with its hyper-parameters. The named
/// combinations are in `presets.rs`; others are possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaeConfig {
    /// Encoder.
    pub encoder: EncoderOptions,
    /// Codes.
    pub code: CodeOptions,
    /// Features; `None` for a one-hot input per node.
    pub features: Option<FeatureOptions>,
    /// Prior of variational methods.
    pub prior: Option<PriorOptions>,
    /// Decoder.
    pub decoder: DecoderOptions,
    /// Training.
    pub training: TrainingOptions,
}

/// Hyper-parameters of codes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CodeOptions {
    /// Width of the embedding.
    #[schemars(range(min = 1, max = 65536))]
    pub latent: usize,
}

/// Hyper-parameters of node features.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureOptions {
    /// Scaling of node features before the model reads them.
    pub feature_scaling: FeatureScaling,
    /// Method whose vectors replace the node features of a graph without any. They are computed from the training edges
    /// and not scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["prone"]))]
    pub structural_features: Option<StructuralFeatures>,
    /// Width of `structural_features`. Defaults to 128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65536), extend("examples" = [128]))]
    pub structural_dimensions: Option<usize>,
}

impl FeatureOptions {
    /// Node features with a scaling.
    pub(crate) const fn new(feature_scaling: FeatureScaling) -> Self {
        Self { feature_scaling, structural_features: None, structural_dimensions: None }
    }
}

/// Method whose vectors replace node features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StructuralFeatures {
    /// Fast random projection.
    Fastrp,
    /// `ProNE`.
    Prone,
}

/// Prior N(0, I) of codes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriorOptions {
    /// Weight of the mean KL divergence per node.
    pub kl_weight: KlWeight,
}

/// Decoder from codes to edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DecoderOptions {
    /// Inner product of two codes.
    InnerProduct(InnerProductOptions),
    /// Learned network over the elementwise product of two codes.
    Mlp(MlpOptions),
}

/// Hyper-parameters of the inner-product decoder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InnerProductOptions {
    /// Negatives of the loss: all pairs of nodes, or this many per training edge, resampled in each epoch.
    /// Sampling is intended for graphs of more than about 50,000 nodes.
    pub negatives: Negatives,
    /// Decoder of edges with a direction or with relation types, in place of the inner product. `source-target` and
    /// `gravity` require `directed = true` in `[split]`, `distmult` a column `relation` of the edges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["gravity"]))]
    pub decoder: Option<DecoderName>,
    /// Weight of the distance in `decoder = "gravity"`. Defaults to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "examples" = [1.0]))]
    pub distance_weight: Option<f64>,
    /// Loss of the weights of edges, which are then predicted beside the edges. Requires a graph with weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["squared"]))]
    pub weight_loss: Option<WeightLoss>,
    /// Factor of the loss of weights beside that of edges. Defaults to 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "examples" = [0.1]))]
    pub weight_loss_factor: Option<f64>,
}

/// Name of a decoder: of directed edges (Salha et al. 2019, arXiv 1905.09570), or of edges with relation types (Yang et
/// al. 2015, arXiv 1412.6575).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecoderName {
    /// Inner product of the source's first half and the target's second half; `latent` must be even.
    SourceTarget,
    /// The target's mass, the last value of its vector, minus `distance_weight` times the logarithm of the squared
    /// distance of the other values.
    Gravity,
    /// Bilinear form with a diagonal matrix per relation type.
    Distmult,
}

impl InnerProductOptions {
    /// An undirected decoder.
    pub(crate) const fn new(negatives: Negatives) -> Self {
        Self {
            negatives,
            decoder: None,
            distance_weight: None,
            weight_loss: None,
            weight_loss_factor: None,
        }
    }

    /// Returns the factor of the loss of weights.
    pub(crate) fn weight_loss_factor(self) -> f64 {
        self.weight_loss_factor.unwrap_or(0.1)
    }

    /// Returns the decoder of directed edges, if it is one.
    pub(crate) fn directed(self) -> Option<DirectedDecoder> {
        let distance_weight = self.distance_weight.unwrap_or(1.0);
        Some(match self.decoder? {
            DecoderName::SourceTarget => DirectedDecoder::SourceTarget,
            DecoderName::Gravity => DirectedDecoder::Gravity { distance_weight },
            DecoderName::Distmult => return None,
        })
    }
}

/// Hyper-parameters of the learned decoder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MlpOptions {
    /// Width of the decoder's hidden layer.
    #[schemars(range(min = 1, max = 65536))]
    pub hidden: usize,
    /// Negatives per training edge, resampled in each epoch.
    #[schemars(range(min = 1, max = 1000))]
    pub negatives: u32,
    /// Mini-batches per epoch; the edges of each are removed from message passing while they are predicted.
    #[schemars(range(min = 2, max = 1024))]
    pub batches: u32,
}

/// Hyper-parameters of training with Adam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingOptions {
    /// Number of epochs, at most.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// Learning rate of Adam.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub learning_rate: f64,
    /// Fraction of inputs that each layer drops during training.
    #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
    pub dropout: f64,
    /// Whether to keep the weights of the epoch with the highest validation AUC + AP, instead of the last
    /// epoch's.
    pub keep_best: bool,
    /// Epochs between two evaluations of the validation edges.
    #[schemars(range(min = 1))]
    pub validate_every: u32,
    /// Evaluations without improvement before early stopping; 0 disables it. Requires `keep_best = true`.
    pub patience: u32,
}

impl GaeConfig {
    /// Configuration of the paper and its code.
    pub(crate) const PAPER: Self = Self {
        encoder: EncoderOptions::GCN,
        code: CodeOptions { latent: 16 },
        features: Some(FeatureOptions::new(FeatureScaling::AsGiven)),
        prior: None,
        decoder: DecoderOptions::InnerProduct(InnerProductOptions::new(Negatives::All)),
        training: TrainingOptions {
            epochs: 200,
            learning_rate: 0.01,
            dropout: 0.0,
            keep_best: false,
            validate_every: 1,
            patience: 0,
        },
    };
    /// One negative per training edge.
    pub(crate) const SAMPLED: DecoderOptions = DecoderOptions::InnerProduct(
        InnerProductOptions::new(Negatives::PerPositive(NonZeroU32::MIN)),
    );

    /// Sets the values of `options`, a table, ignoring keys that this combination does not have.
    ///
    /// # Errors
    /// Returns an error when a value is invalid; it contains the first one.
    pub fn with(mut self, options: &serde_json::Value) -> Result<Self, ModelError> {
        if let Some(options) = options.as_object() {
            for group in self.groups() {
                group.set(options)?;
            }
        }
        Estimator::check(&self)?;
        Ok(self)
    }

    /// Returns whether the code of a node is a distribution: mean and log sigma.
    #[must_use]
    pub const fn is_variational(&self) -> bool {
        self.prior.is_some()
    }

    /// Returns whether the decoder has weights.
    #[must_use]
    pub const fn learns_decoder(&self) -> bool {
        matches!(self.decoder, DecoderOptions::Mlp(_))
    }

    /// Returns the decoder of directed edges, if it is one.
    #[must_use]
    pub fn directed(&self) -> Option<DirectedDecoder> {
        match self.decoder {
            DecoderOptions::InnerProduct(options) => options.directed(),
            DecoderOptions::Mlp(_) => None,
        }
    }

    /// Returns whether edges are decoded by relation types.
    #[must_use]
    pub fn decodes_relations(&self) -> bool {
        matches!(
            self.decoder,
            DecoderOptions::InnerProduct(InnerProductOptions {
                decoder: Some(DecoderName::Distmult),
                ..
            })
        )
    }

    /// Returns the graph over which the encoder passes messages: with a decoder of directed edges, from targets to
    /// sources, unless the encoder averages over all neighbours.
    ///
    /// # Errors
    /// Returns an error when the decoder needs directed edges and there are none.
    pub(crate) fn messages(&self, train: TrainView<'_>) -> Result<Adjacency, ModelError> {
        let messages = train.messages();
        match (self.directed(), train.directed_edges(), self.encoder) {
            (None, _, _) | (Some(_), Some(_), EncoderOptions::Sage(_)) => {
                Ok(Adjacency::new(messages))
            }
            (Some(_), Some(edges), _) => Ok(Adjacency::directed(train.node_count(), edges)),
            (Some(_), None, _) => Err(ModelError::NoDirection),
        }
    }

    /// Returns the number of encoder outputs per node: those of the mean, and of log sigma.
    pub(crate) const fn outputs(&self) -> usize {
        self.code.latent * (1 + self.is_variational() as usize)
    }

    /// Returns the shapes of the learned tensors for `inputs` features, or nodes without features.
    pub(crate) fn shapes(&self, inputs: usize) -> Vec<(String, (usize, usize))> {
        let heads = if self.is_variational() { &["mu", "log_sigma"][..] } else { &["mu"] };
        let mut shapes = self.encoder.kind().shapes(inputs, self.code.latent, heads);
        if let DecoderOptions::Mlp(MlpOptions { hidden, .. }) = self.decoder {
            shapes.extend(super::weights::decoder_shapes(hidden, self.code.latent));
        }
        if self.weight_loss().is_some() {
            let [diagonal, bias] = EDGE_WEIGHT.map(str::to_owned);
            shapes.extend([(diagonal, (1, self.code.latent)), (bias, (1, 1))]);
        }
        shapes
    }

    /// Returns the memory of the weights in bytes, each with its gradient and two moments.
    fn parameter_memory(&self, data: &DataSize) -> usize {
        let DataSize::Graph { nodes, features, .. } = self.with_structural(data) else { return 0 };
        let inputs = if self.features.is_some() { features } else { nodes };
        let sizes = self.shapes(inputs).into_iter().map(|(_, (rows, cols))| {
            rows.saturating_mul(cols).saturating_mul(4 * size_of::<f32>())
        });
        sizes.fold(0, usize::saturating_add)
    }
}

impl Estimator for GaeConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        let mut groups: Vec<&mut dyn Options> = vec![self.encoder.options(), &mut self.code];
        groups.extend(self.features.as_mut().map(|group| group as &mut dyn Options));
        groups.extend(self.prior.as_mut().map(|group| group as &mut dyn Options));
        groups.push(match &mut self.decoder {
            DecoderOptions::InnerProduct(decoder) => decoder,
            DecoderOptions::Mlp(decoder) => decoder,
        });
        groups.push(&mut self.training);
        groups
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
    }

    fn check(&self) -> Result<(), OptionError> {
        let TrainingOptions { patience, keep_best, .. } = self.training;
        if patience > 0 && !keep_best {
            let expected = "0, or any value with `keep_best = true`";
            return Err(OptionError::new("patience", expected, patience));
        }
        if let Some(FeatureOptions { structural_features: None, structural_dimensions, .. }) =
            self.features
            && let Some(found) = structural_dimensions
        {
            let expected = "`structural_features` beside it";
            return Err(OptionError::new("structural_dimensions", expected, found));
        }
        if let DecoderOptions::InnerProduct(decoder) = self.decoder {
            let latent = self.code.latent;
            if decoder.decoder.is_some() && decoder.weight_loss.is_some() {
                let expected = "none beside `decoder`, which does not predict weights";
                return Err(OptionError::new("weight_loss", expected, "a value"));
            }
            if let (None, Some(factor)) = (decoder.weight_loss, decoder.weight_loss_factor) {
                let expected = "`weight_loss` beside it";
                return Err(OptionError::new("weight_loss_factor", expected, factor));
            }
            match decoder.decoder {
                Some(DecoderName::SourceTarget) if !latent.is_multiple_of(2) => {
                    let expected = "an even number with `decoder = \"source-target\"`";
                    return Err(OptionError::new("latent", expected, latent));
                }
                Some(DecoderName::Gravity) if latent < 2 => {
                    let expected =
                        "at least 2 with `decoder = \"gravity\"`: the last value is the mass";
                    return Err(OptionError::new("latent", expected, latent));
                }
                Some(DecoderName::Distmult) if decoder.negatives.is_all() => {
                    let expected = "a number of negatives per edge with `decoder = \"distmult\"`";
                    return Err(OptionError::new("negatives", expected, "\"all\""));
                }
                Some(DecoderName::Gravity) => {}
                _ => {
                    if let Some(weight) = decoder.distance_weight {
                        let expected = "`decoder = \"gravity\"` beside it";
                        return Err(OptionError::new("distance_weight", expected, weight));
                    }
                }
            }
        }
        Ok(())
    }

    fn needs(&self) -> Needs {
        Needs::graph(match self.features {
            None => FeatureUse::Ignored,
            Some(_) if self.replaces_features() => FeatureUse::Optional,
            Some(_) => FeatureUse::Required,
        })
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        let run = options.keeps().then(|| super::fit::run_hash(input, self, seed)).transpose()?;
        let structural = self.structural_input(input, seed, callback)?;
        let (config, input) = with(self, input, structural.as_ref());
        let fitted = super::fit::fit(input, config, (seed, run), options, callback)?;
        let learned = self.learns_decoder().then_some(PairModel::MlpDecoder);
        let relations = input.train.relations().filter(|_| self.decodes_relations());
        let relations = relations.map(|own| PairModel::Relations { names: own.names.to_vec() });
        let pair_model = learned.or(relations).or(self.directed().map(PairModel::Directed));
        Ok(FittedModel { pair_model, ..fitted.into() })
    }

    fn run_hash(&self, input: FitInput<'_>, seed: Seed) -> Result<Option<ContentHash>, ModelError> {
        // Vectors that replace node features are a function of all of this.
        super::fit::run_hash(input, self, seed).map(Some)
    }

    fn scoring(&self) -> Scoring {
        match self.directed() {
            Some(decoder) => Scoring::Directed(decoder),
            None if self.decodes_relations() => Scoring::Relations,
            None if self.learns_decoder() => Scoring::Decoder,
            None => Scoring::InnerProduct,
        }
    }

    fn weight_loss(&self) -> Option<WeightLoss> {
        match self.decoder {
            DecoderOptions::InnerProduct(options) => options.weight_loss,
            DecoderOptions::Mlp(_) => None,
        }
    }

    fn infer(
        &self,
        weights: &Weights,
        features: &Features,
        edges: TrainView<'_>,
    ) -> Result<Embedding, ModelError> {
        let is_replaced = self.replaces_features() && features.feature_count() == 0;
        let why = "its inputs are vectors of the training nodes, as the graph has no node features";
        match self.transductive().or(is_replaced.then_some(why)) {
            Some(why) => Err(ModelError::Transductive { why }),
            None => super::inference::encode(self, weights, Some(features), edges),
        }
    }

    fn embed_again(
        &self,
        learned: &Learned,
        input: FitInput<'_>,
        seed: Seed,
    ) -> Result<Embedding, ModelError> {
        let Learned::Encoder(weights) = learned else {
            return Err(ModelError::ForeignWeights { method: self.name() });
        };
        let structural = self.structural_input(input, seed, &mut NoCallback)?;
        let (config, input) = with(self, input, structural.as_ref());
        super::inference::encode(config, weights, input.features, input.train)
    }

    fn transductive(&self) -> Option<&'static str> {
        let why = "its first layer has one row per training node, and none for other nodes";
        self.features.is_none().then_some(why)
    }

    fn memory(&self, data: &DataSize) -> usize {
        let decoder = match self.decoder {
            DecoderOptions::InnerProduct(_) => 0,
            DecoderOptions::Mlp(MlpOptions { hidden, .. }) => hidden,
        };
        let encoder = self.encoder.kind().width(self.code.latent);
        let width = encoder.saturating_add(decoder);
        let layers = self.with_structural(data).training_memory(width, self.features.is_some());
        layers.saturating_add(self.parameter_memory(data))
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        let vectors = data.least_vectors(self.encoder.kind().width(self.code.latent));
        vectors.saturating_add(self.parameter_memory(data))
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(if self.sees_all_pairs() { data.rows() as u64 } else { 1_000 })
    }

    /// The exact loss consists almost entirely of tiles. Two threads are 1.95 times as fast as one at 194
    /// million pairs each (Pubmed): concurrent runs of this size would gain nothing, and leave threads idle
    /// during the last one.
    fn fills_threads(&self, data: &DataSize, threads: usize) -> bool {
        /// Minimum number of pairs per thread.
        const BUSY: usize = 50_000_000;
        self.sees_all_pairs() && data.rows().saturating_mul(data.rows()) / threads > BUSY
    }

    fn without_features(&self) -> Option<&'static str> {
        Some(if self.is_variational() { "vgae*" } else { "gae*" })
    }
}

/// Returns the configuration and input of a training: those with replaced node features, if there are any.
fn with<'a>(
    config: &'a GaeConfig,
    input: FitInput<'a>,
    structural: Option<&'a (GaeConfig, Features)>,
) -> (&'a GaeConfig, FitInput<'a>) {
    match structural {
        Some((config, features)) => (config, FitInput { features: Some(features), ..input }),
        None => (config, input),
    }
}

impl GaeConfig {
    pub(crate) fn sees_all_pairs(&self) -> bool {
        matches!(self.decoder, DecoderOptions::InnerProduct(decoder) if decoder.negatives.is_all())
    }
}
