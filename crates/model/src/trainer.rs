use std::sync::Arc;

use vgae_artifacts::{Embedding, Features, Matrix, Seed, TrainView};

use crate::dense::copy_columns;
use crate::encoder::{Gcn, Pass};
use crate::gae::Gae;
use crate::graph::Adjacency;
use crate::objective::{Losses, Objective};
use crate::optim::Adam;
use crate::parameters::Parameters;
use crate::scalar::Scalar;
use crate::vgae::Vgae;
use crate::{CheckedModelConfig, ModelError, Weights};

/// What a model may see: features and training edges. Not the graph, which holds the held-out edges.
#[derive(Debug, Clone, Copy)]
pub struct FitInput<'a> {
    /// Node features; methods with a star leave them alone.
    pub features: Option<&'a Features>,
    /// The training edges.
    pub train: TrainView<'a>,
}

impl<'a> FitInput<'a> {
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

    /// The features that `config`'s method reads.
    pub(crate) fn check(
        &self,
        config: &CheckedModelConfig,
    ) -> Result<Option<&'a Features>, ModelError> {
        let nodes = self.train.node_count();
        let method = config.get().method;
        if !method.is_auto_encoder() {
            return Err(ModelError::NotAnAutoEncoder { method });
        }
        self.check_graph()?;
        if !method.uses_features() {
            return Ok(None);
        }
        match self.features.filter(|features| features.feature_count() > 0) {
            None => Err(ModelError::NoFeatures { method }),
            Some(features) if features.node_count() != nodes => {
                Err(ModelError::FeatureRows { expected: nodes, found: features.node_count() })
            }
            features => Ok(features),
        }
    }

    /// Rows of the first layer's weights for `config`'s method: features, or nodes without them.
    ///
    /// # Errors
    /// When the method cannot be trained on this input.
    pub fn width(&self, config: &CheckedModelConfig) -> Result<usize, ModelError> {
        let features = self.check(config)?;
        Ok(features.map_or(self.train.node_count(), Features::feature_count))
    }
}

/// Encoder and objective of a method, with all buffers: forward and backward allocate nothing.
pub(crate) struct Model<T> {
    encoder: Gcn<T>,
    objective: Box<dyn Objective<T>>,
    /// `N x outputs`.
    d_encoded: Vec<T>,
}

impl<T: Scalar> Model<T> {
    pub(crate) fn new(
        input: FitInput<'_>,
        config: &CheckedModelConfig,
    ) -> Result<Self, ModelError> {
        let features = input.check(config)?;
        let config = config.get();
        let adjacency = Arc::new(Adjacency::new(input.train));
        let (nodes, latent) = (adjacency.nodes(), config.latent);
        let (outputs, objective): (usize, Box<dyn Objective<T>>) = if config.method.is_variational()
        {
            let kl_weight = config.kl_weight.value(nodes);
            (
                2 * latent,
                Box::new(Vgae::new(Arc::clone(&adjacency), latent, config.negatives, kl_weight)),
            )
        } else {
            (latent, Box::new(Gae::new(Arc::clone(&adjacency), latent, config.negatives)))
        };
        let encoder = Gcn::new(adjacency, features, config.hidden, outputs, config.dropout);
        Ok(Self { encoder, objective, d_encoded: vec![T::ZERO; nodes * outputs] })
    }

    /// Draws noise and dropout masks of an epoch.
    pub(crate) fn draw(&mut self, seed: Seed, epoch: u32) {
        self.encoder.draw(seed, epoch);
        self.objective.draw(seed, epoch);
    }

    /// Loss and gradient at `weights`, with the last noise and masks.
    pub(crate) fn forward_backward(
        &mut self,
        weights: &Parameters<T>,
        d_weights: &mut Parameters<T>,
    ) -> Losses {
        self.encoder.forward(weights, Pass::Train);
        let losses = self.objective.forward_backward(self.encoder.encoded(), &mut self.d_encoded);
        self.encoder.backward(weights, &self.d_encoded, d_weights);
        losses
    }
}

/// One training, step by step: for those who bring their own weights, noise or loop. Most want
/// [`fit`](crate::fit).
pub struct Trainer {
    model: Model<f32>,
    weights: Parameters<f32>,
    gradients: Parameters<f32>,
    adam: Adam<f32>,
    latent: usize,
    variational: bool,
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
    /// Starts from `weights`.
    ///
    /// # Errors
    /// When the method cannot be trained on `input`, or the weights have other shapes than `config`
    /// asks for.
    pub fn new(
        input: FitInput<'_>,
        config: &CheckedModelConfig,
        weights: &Weights,
    ) -> Result<Self, ModelError> {
        weights.check("", input.width(config)?, config)?;
        let model = Model::new(input, config)?;
        let weights = Parameters::of(weights);
        let config = config.get();
        Ok(Self {
            model,
            gradients: weights.zeros_like(),
            adam: Adam::new(config.learning_rate, &weights),
            weights,
            latent: config.latent,
            variational: config.method.is_variational(),
            mu: Matrix::zeros(input.train.node_count(), config.latent),
        })
    }

    /// One step with the noise and dropout of `seed` and `epoch`: loss, gradient, update.
    pub fn step(&mut self, seed: Seed, epoch: u32) -> Losses {
        let losses = self.evaluate(seed, epoch);
        self.update();
        losses
    }

    /// One step with the caller's `noise` (`N x latent`; `None` for methods that draw none) and without
    /// dropout.
    ///
    /// # Errors
    /// When the noise has another shape, or the method has none.
    pub fn step_with_noise(&mut self, noise: Option<&Matrix>) -> Result<Losses, ModelError> {
        self.model.objective.set_noise(noise)?;
        self.model.encoder.keep_all();
        let losses = self.model.forward_backward(&self.weights, &mut self.gradients);
        self.update();
        Ok(losses)
    }

    /// The gradients of the last step, at the weights before its update.
    #[must_use]
    pub fn gradients(&self) -> Weights {
        self.gradients.to_weights(self.latent)
    }

    /// The weights as they are.
    #[must_use]
    pub fn weights(&self) -> Weights {
        self.weights.to_weights(self.latent)
    }

    /// Encodes all nodes with the weights as they are, without noise or dropout.
    ///
    /// # Errors
    /// When a value is not finite.
    pub fn embedding(&mut self) -> Result<Embedding, ModelError> {
        self.model.encoder.forward(&self.weights, Pass::Evaluate);
        let columns = |start: usize| {
            let mut out = Matrix::zeros(self.mu.rows(), self.latent);
            let cols = self.latent * (1 + usize::from(self.variational));
            copy_columns(self.model.encoder.encoded(), cols, start, &mut out);
            out
        };
        let log_sigma = self.variational.then(|| columns(self.latent));
        Ok(Embedding::new(columns(0), log_sigma)?)
    }

    /// The first half of a step: everything but the update.
    pub(crate) fn evaluate(&mut self, seed: Seed, epoch: u32) -> Losses {
        self.model.draw(seed, epoch);
        self.model.forward_backward(&self.weights, &mut self.gradients)
    }

    /// The second half of a step.
    pub(crate) fn update(&mut self) {
        self.adam.update(&mut self.weights, &self.gradients);
    }

    /// `mu` of the weights that [`Trainer::evaluate`] saw: its own forward pass gave it, unless dropout
    /// made that pass noisy.
    pub(crate) fn mu(&mut self) -> &Matrix {
        if self.model.encoder.drops() {
            self.model.encoder.forward(&self.weights, Pass::Evaluate);
        }
        let cols = self.latent * (1 + usize::from(self.variational));
        copy_columns(self.model.encoder.encoded(), cols, 0, &mut self.mu);
        &self.mu
    }

    /// How many numbers are learned.
    pub(crate) fn parameter_count(&self) -> usize {
        self.weights.len()
    }

    /// Adam's moments, shaped as the weights.
    pub(crate) fn moments(&self) -> (Weights, Weights) {
        let (first, second) = self.adam.moments();
        (first.to_weights(self.latent), second.to_weights(self.latent))
    }

    /// Goes on after `step` updates that left these moments.
    pub(crate) fn resume(
        &mut self,
        learning_rate: f64,
        step: u32,
        first: &Weights,
        second: &Weights,
    ) {
        self.adam =
            Adam::resume(learning_rate, step, Parameters::of(first), Parameters::of(second));
    }
}

#[cfg(test)]
mod tests;
