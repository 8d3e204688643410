use std::sync::Arc;

use vgae_artifacts::tensors::Tensor;
use vgae_artifacts::{Embedding, Features, Matrix, Pair, Seed, Validation};

use crate::estimator::checked_input;
use crate::input::check_pairs;
use crate::methods::gae::config::{DecoderOptions, InnerProductOptions, MlpOptions};
use crate::methods::gae::directed::directed_logits;
use crate::methods::gae::edge_weights::{checked_weights, scale_tensors};
use crate::methods::gae::encoder::{Encoder, Io, Pass};
use crate::methods::gae::mlp_decoder::{Batch, Batches, MlpLoss};
use crate::methods::gae::objective::Gae;
use crate::methods::gae::objective::Vgae;
use crate::methods::gae::objective::{FullBatchLoss, Losses, Reconstruction};
use crate::methods::gae::parameters::Parameters;
use crate::methods::gae::relations::{RelationDecoder, RelationLoss};
use crate::methods::gae::scaling::{FeatureScaling, Scaler};
use crate::{Callback, FitInput, GaeConfig, MlpDecoder, ModelError, Weights};
use vgae_nn::Negatives;
use vgae_nn::ShapeError;
use vgae_nn::ops::Kernels;
use vgae_nn::ops::directed_loss::{DirectedDecoder, DirectedLoss};
use vgae_nn::ops::edge_weights::EdgeWeightLoss;
use vgae_nn::ops::inner_product_loss::{InnerProductLoss, ReconstructionLoss};
use vgae_nn::optim::{Adam, ParameterSet};
use vgae_numerics::Adjacency;
use vgae_numerics::copy_columns;

impl FitInput<'_> {
    /// Returns the number of rows of the first layer's weights: features, or nodes without features.
    ///
    /// # Errors
    /// Returns an error when the method cannot be trained on this input.
    pub fn width(&self, config: &GaeConfig) -> Result<usize, ModelError> {
        let features = checked_input(*self, config, config.name())?.features;
        Ok(features.map_or(self.train.node_count(), Features::feature_count))
    }
}

/// The loss and its sampling.
enum Objective<T: Kernels> {
    /// Loss of inner products over the whole graph; a step is an epoch.
    FullBatch(Box<dyn FullBatchLoss<T>>),
    /// Loss of a learned decoder over a batch of edges, which are removed from message passing.
    MiniBatch(Box<MiniBatch<T>>),
}

struct MiniBatch<T> {
    graph: Arc<Adjacency>,
    batches: Batches,
    loss: MlpLoss<T>,
}

impl<T: Kernels> MiniBatch<T> {
    /// Sets the next batch.
    fn set(&mut self, Batch { positives, negatives, rest }: Batch, encoder: &mut dyn Encoder<T>) {
        encoder.pass_over(Arc::new(rest));
        self.loss.set_pairs(&positives, &negatives);
    }
}

/// Encoder and objective of a method, with all buffers: forward and backward passes over the whole graph do
/// not allocate.
pub(crate) struct Model<T: Kernels> {
    encoder: Box<dyn Encoder<T>>,
    objective: Objective<T>,
    /// `N x outputs`.
    d_encoded: Vec<T>,
    /// Scaling of the features.
    scaler: Scaler,
}

impl<T: Kernels> Model<T> {
    pub(crate) fn new(input: FitInput<'_>, config: &GaeConfig) -> Result<Self, ModelError> {
        let features = checked_input(input, config, config.name())?.features;
        let adjacency = Arc::new(Adjacency::new(input.train));
        // Usually the same graph; only the encoder's message passing may cover more than the training edges.
        let is_same = input.train.messages().edges() == input.train.edges();
        let messages = match config.directed() {
            None if is_same => Arc::clone(&adjacency),
            _ => Arc::new(config.messages(input.train)?),
        };
        let (nodes, latent) = (adjacency.nodes(), config.code.latent);
        let reconstruction =
            |decoder: InnerProductOptions| -> Result<Reconstruction<T>, ModelError> {
                let negatives = decoder.negatives;
                if let (true, Negatives::PerPositive(count)) =
                    (config.decodes_relations(), negatives)
                {
                    let loss = RelationLoss::new(input.train, latent, count.get() as usize)?;
                    return Ok(Reconstruction::Relations(loss));
                }
                let loss: Box<dyn ReconstructionLoss<T>> =
                    match (decoder.directed(), input.train.directed_edges()) {
                        (Some(decoder), Some(edges)) => {
                            Box::new(DirectedLoss::new(nodes, edges, latent, decoder, negatives))
                        }
                        (Some(_), None) => return Err(ModelError::NoDirection),
                        (None, _) => Box::new(
                            InnerProductLoss::new(Arc::clone(&adjacency), latent, negatives)
                                .with_pair_types(input.train.pair_types()),
                        ),
                    };
                Ok(match decoder.weight_loss {
                    None => Reconstruction::Edges(loss),
                    Some(of_weights) => {
                        let (edges, weights) =
                            (input.train.edges(), checked_weights(input.train, of_weights)?);
                        let of_weights = (of_weights, decoder.weight_loss_factor());
                        let weights = EdgeWeightLoss::new(nodes, edges, weights, of_weights);
                        Reconstruction::Weighted(loss, weights)
                    }
                })
            };
        let objective = match (config.decoder, config.prior) {
            (DecoderOptions::Mlp(MlpOptions { hidden, negatives, batches }), _) => {
                let batches = Batches::new(input.train, batches as usize, negatives as usize);
                let loss = MlpLoss::new(nodes, latent, hidden);
                let graph = Arc::clone(&messages);
                Objective::MiniBatch(Box::new(MiniBatch { graph, batches, loss }))
            }
            (DecoderOptions::InnerProduct(decoder), Some(prior)) => {
                let kl_weight = prior.kl_weight.value(nodes);
                let loss = reconstruction(decoder)?;
                Objective::FullBatch(Box::new(Vgae::new(loss, kl_weight)))
            }
            (DecoderOptions::InnerProduct(decoder), None) => {
                Objective::FullBatch(Box::new(Gae::new(reconstruction(decoder)?)))
            }
        };
        let as_given = Some(FeatureScaling::AsGiven);
        if config.features.map(|options| options.feature_scaling) == as_given
            && features.is_some_and(|features| FeatureScaling::needed(features).is_some())
        {
            tracing::warn!(
                "the node features have large or different scales, which training may not survive; set \
                 feature_scaling = \"standard\""
            );
        }
        let scaler = config.features.zip(features);
        let scaler = scaler.map(|(options, of)| Scaler::new(options.feature_scaling, of));
        let scaler = scaler.unwrap_or_default();
        let features = features.map(|features| scaler.apply(features)).transpose()?;
        let outputs = config.outputs();
        let io = Io { latent, outputs, dropout: config.training.dropout };
        let encoder = config.encoder.build(io, messages, features.as_deref());
        Ok(Self { encoder, objective, d_encoded: vec![T::ZERO; nodes * outputs], scaler })
    }

    /// Returns the constants that are stored with the weights.
    fn constants(&self) -> Vec<(String, Matrix)> {
        let scale = match &self.objective {
            Objective::FullBatch(loss) => loss.weight_scale(),
            Objective::MiniBatch(_) => None,
        };
        self.scaler.tensors().chain(scale.into_iter().flat_map(scale_tensors)).collect()
    }

    /// Returns the number of steps per epoch.
    fn steps(&self) -> u32 {
        match &self.objective {
            Objective::FullBatch(_) => 1,
            Objective::MiniBatch(mini_batch) => {
                u32::try_from(mini_batch.batches.count()).unwrap_or(u32::MAX)
            }
        }
    }

    /// Draws noise, dropout masks and pairs of a step of an epoch. The steps of an epoch must be drawn in
    /// order.
    pub(crate) fn draw(&mut self, seed: Seed, epoch: u32, step: u32) {
        // Masks differ between steps too.
        let number = epoch.wrapping_mul(self.steps()).wrapping_add(step);
        self.encoder.draw(seed, number);
        match &mut self.objective {
            Objective::FullBatch(loss) => loss.draw(seed, epoch),
            Objective::MiniBatch(mini_batch) => {
                let batch = mini_batch.batches.take(seed, epoch, step as usize);
                mini_batch.set(batch, &mut *self.encoder);
            }
        }
    }

    /// Returns the loss at `weights` for the last draw, and writes the gradient.
    pub(crate) fn forward_backward(
        &mut self,
        weights: &Parameters<T>,
        d_weights: &mut Parameters<T>,
    ) -> Losses {
        let Self { encoder, objective, d_encoded, .. } = self;
        encoder.forward(weights, Pass::Train);
        let losses = match objective {
            Objective::FullBatch(loss) => {
                let (forms, d_forms) = (&weights.forms, &mut d_weights.forms);
                loss.forward_backward(encoder.encoded(), forms, d_encoded, d_forms)
            }
            Objective::MiniBatch(mini_batch) => {
                let (decoder, d_decoder) = (&weights.decoder, &mut d_weights.decoder);
                let loss = &mut mini_batch.loss;
                let loss = loss.forward_backward(encoder.encoded(), decoder, d_encoded, d_decoder);
                Losses { loss, reconstruction: loss, kl: 0.0 }
            }
        };
        encoder.backward(weights, d_encoded, d_weights);
        losses
    }

    /// Encodes all nodes over all edges, without noise or dropout.
    fn encode(&mut self, weights: &Parameters<T>) {
        if let Objective::MiniBatch(mini_batch) = &self.objective {
            self.encoder.pass_over(Arc::clone(&mini_batch.graph));
        }
        self.encoder.forward(weights, Pass::Evaluate);
    }
}

/// Step-by-step training, for custom weights, noise or training loops. Most users need
/// [`ModelConfig::fit`](crate::ModelConfig::fit) instead.
pub struct Trainer {
    model: Model<f32>,
    weights: Parameters<f32>,
    gradients: Parameters<f32>,
    adam: Adam<Parameters<f32>>,
    /// Constants required to encode other nodes, besides the weights.
    constants: Vec<(String, Matrix)>,
    latent: usize,
    variational: bool,
    directed: Option<DirectedDecoder>,
    /// `N x latent`.
    mu: Matrix,
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("nodes", &self.mu.rows())
            .field("latent", &self.latent)
            .field("parameters", &self.weights.len())
            .finish_non_exhaustive()
    }
}

impl Trainer {
    /// Creates a trainer with initial `weights`.
    ///
    /// # Errors
    /// Returns an error when the method cannot be trained on `input`, or the shapes of the weights do not
    /// match `config`.
    pub fn new(
        input: FitInput<'_>,
        config: &GaeConfig,
        weights: &Weights,
    ) -> Result<Self, ModelError> {
        weights.check("", input.width(config)?, config)?;
        let model = Model::new(input, config)?;
        let relations = input.train.relations().filter(|_| config.decodes_relations());
        let weights = weights.clone().with_relations(relations, config.code.latent)?;
        let weights = Parameters::of(&weights);
        let constants = model.constants();
        Ok(Self {
            model,
            constants,
            gradients: weights.zeros_like(),
            adam: Adam::new(config.training.learning_rate, &weights),
            weights,
            latent: config.code.latent,
            variational: config.is_variational(),
            directed: config.directed(),
            mu: Matrix::zeros(input.train.node_count(), config.code.latent),
        })
    }

    /// Runs one epoch with the noise, dropout and batches of `seed` and `epoch`: loss, gradient and update,
    /// for each batch if there are several.
    pub fn step(&mut self, seed: Seed, epoch: u32) -> Losses {
        let losses = self.evaluate(seed, epoch);
        self.update();
        self.finish(seed, epoch, losses)
    }

    /// Runs one step with the given `noise` (`N x latent`; `None` for methods without noise) and without
    /// dropout.
    ///
    /// # Errors
    /// Returns an error when the noise has another shape, or the method uses mini-batches
    /// ([`Trainer::step_on`]).
    pub fn step_with_noise(&mut self, noise: Option<&Matrix>) -> Result<Losses, ModelError> {
        match &mut self.model.objective {
            Objective::FullBatch(loss) => loss.set_noise(noise)?,
            Objective::MiniBatch(_) => {
                let expected = "one whose steps are over the whole graph";
                return Err(ModelError::config("method", expected, "one with batches"));
            }
        }
        self.model.encoder.keep_all();
        let losses = self.model.forward_backward(&self.weights, &mut self.gradients);
        self.update();
        Ok(losses)
    }

    /// Runs one step on the given batch, for methods with a learned decoder: `positives`, training edges
    /// removed from message passing in this step, against `negatives`; without dropout.
    ///
    /// # Errors
    /// Returns an error when a positive is not a training edge, a negative is a self-loop or has a node out
    /// of range, or the method does not use mini-batches.
    pub fn step_on(
        &mut self,
        positives: &[Pair],
        negatives: &[Pair],
    ) -> Result<Losses, ModelError> {
        let Objective::MiniBatch(mini_batch) = &mut self.model.objective else {
            let expected = "one with batches (`mlp-gae`)";
            return Err(ModelError::config("method", expected, "one that has none"));
        };
        check_pairs(negatives, self.mu.rows())?;
        let batch = mini_batch
            .batches
            .of(positives, negatives)
            .ok_or_else(|| ModelError::config("positives", "training edges", "another pair"))?;
        mini_batch.set(batch, &mut *self.model.encoder);
        self.model.encoder.keep_all();
        let losses = self.model.forward_backward(&self.weights, &mut self.gradients);
        self.update();
        Ok(losses)
    }

    /// Returns the gradients of the last step, at the weights before its update.
    #[must_use]
    pub fn gradients(&self) -> Weights {
        self.gradients.to_weights(self.latent)
    }

    /// Returns the current weights with their constants.
    #[must_use]
    pub fn weights(&self) -> Weights {
        self.weights.to_weights(self.latent).with(self.constants.iter().cloned())
    }

    /// Returns the learned weights as named tensors, without the constants.
    pub(crate) fn tensors(&self) -> Vec<Tensor> {
        self.weights.to_weights(self.latent).tensors()
    }

    /// Replaces the learned weights.
    pub(crate) fn set_weights(&mut self, tensors: &[Tensor]) -> Result<(), ShapeError> {
        self.weights = self.parameters(tensors)?;
        Ok(())
    }

    /// Converts tensors to parameters with the shapes of this training.
    fn parameters(&self, tensors: &[Tensor]) -> Result<Parameters<f32>, ShapeError> {
        let weights = Weights::of_tensors(tensors)?;
        weights.check_shapes("checkpoint ", &self.weights.to_weights(self.latent).shapes())?;
        Ok(Parameters::of(&weights))
    }

    /// Encodes all nodes with the current weights, without noise or dropout.
    ///
    /// # Errors
    /// Returns an error when a value is not finite.
    pub fn embedding(&mut self) -> Result<Embedding, ModelError> {
        self.model.encode(&self.weights);
        let columns = |start: usize| {
            let mut out = Matrix::zeros(self.mu.rows(), self.latent);
            let cols = self.latent * (1 + usize::from(self.variational));
            copy_columns(self.model.encoder.encoded(), cols, start, &mut out);
            out
        };
        let log_sigma = self.variational.then(|| columns(self.latent));
        Ok(Embedding::new(columns(0), log_sigma)?)
    }

    /// Runs an epoch's first step without its update.
    pub(crate) fn evaluate(&mut self, seed: Seed, epoch: u32) -> Losses {
        self.model.draw(seed, epoch, 0);
        self.model.forward_backward(&self.weights, &mut self.gradients)
    }

    /// Runs the steps of an epoch after the first, whose losses are `first`. Returns the mean losses of all
    /// steps.
    pub(crate) fn finish(&mut self, seed: Seed, epoch: u32, first: Losses) -> Losses {
        let steps = self.model.steps();
        if steps == 1 {
            return first;
        }
        let mut sum = first;
        for step in 1..steps {
            self.model.draw(seed, epoch, step);
            let losses = self.model.forward_backward(&self.weights, &mut self.gradients);
            self.update();
            sum.loss += losses.loss;
            sum.reconstruction += losses.reconstruction;
        }
        let mean = |sum| sum / f64::from(steps);
        Losses { loss: mean(sum.loss), reconstruction: mean(sum.reconstruction), ..sum }
    }

    /// Returns the validation of `callback` for the weights of [`Trainer::evaluate`].
    pub(crate) fn validate(&mut self, callback: &mut dyn Callback) -> Option<Validation> {
        if let Some(decoder) = self.directed {
            let mu = self.mu();
            return callback.validate_logits(&mut |pairs| Ok(directed_logits(decoder, mu, pairs)?));
        }
        if self.weights.are_relations {
            let decoder = RelationDecoder::of(&self.weights.forms);
            let mu = self.mu();
            return callback.validate_logits(&mut |pairs| {
                Ok(decoder.best_of(mu, pairs)?.into_iter().map(|(_, logit)| logit).collect())
            });
        }
        if self.weights.decoder.is_empty() {
            return callback.validate(self.mu());
        }
        let decoder = MlpDecoder::of(self.weights.decoder.clone());
        let mu = self.mu();
        callback.validate_logits(&mut |pairs| Ok(decoder.logits_of(mu, pairs)?))
    }

    /// Applies the update of a step.
    pub(crate) fn update(&mut self) {
        self.adam.update(&mut self.weights, &self.gradients);
    }

    /// Returns `mu` of the weights of [`Trainer::evaluate`]: the output of its forward pass, or of another
    /// pass if dropout or removed edges affected that one.
    fn mu(&mut self) -> &Matrix {
        if self.model.encoder.drops() || matches!(self.model.objective, Objective::MiniBatch(_)) {
            self.model.encode(&self.weights);
        }
        let cols = self.latent * (1 + usize::from(self.variational));
        copy_columns(self.model.encoder.encoded(), cols, 0, &mut self.mu);
        &self.mu
    }

    /// Returns the number of learned parameters.
    pub(crate) fn parameter_count(&self) -> usize {
        self.weights.len()
    }

    /// Returns Adam's moments, with the names of the weights.
    pub(crate) fn moments(&self) -> [Vec<Tensor>; 2] {
        let (first, second) = self.adam.moments();
        [first, second].map(|moment| moment.to_weights(self.latent).tensors())
    }

    /// Replaces Adam's moments by those after `epoch` epochs.
    pub(crate) fn set_moments(
        &mut self,
        learning_rate: f64,
        epoch: u32,
        [first, second]: &[Vec<Tensor>; 2],
    ) -> Result<(), ShapeError> {
        let (first, second) = (self.parameters(first)?, self.parameters(second)?);
        let updates = epoch.saturating_mul(self.model.steps());
        self.adam = Adam::resume(learning_rate, updates, first, second);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
