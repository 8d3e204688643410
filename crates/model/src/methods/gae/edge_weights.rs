use std::path::Path;

use rayon::prelude::*;
use vgae_artifacts::{Embedding, Kind, Matrix, Pair, TrainView, tensors};
use vgae_nn::ops::bilinear::form_of;
use vgae_nn::ops::edge_weights::{WeightLoss, WeightScale};
use vgae_numerics::constant;

use super::weights::{EDGE_WEIGHT, EDGE_WEIGHT_SCALE};
use crate::input::check_vectors;
use crate::{ModelConfig, ModelError, Weights};

/// Returns the weights of training edges, checked for `loss`.
pub(crate) fn checked_weights(
    train: TrainView<'_>,
    loss: WeightLoss,
) -> Result<&[f32], ModelError> {
    let weights = train.weights().ok_or(ModelError::NoWeights)?;
    if loss == WeightLoss::Poisson {
        let fault = |found: String| {
            let expected = "`squared`, or weights that are not negative and not all 0";
            Err(ModelError::config("weight_loss", expected, format!("`poisson` and {found}")))
        };
        if let Some(weight) = weights.iter().find(|weight| **weight < 0.0) {
            return fault(format!("the weight {weight}"));
        }
        if weights.iter().all(|weight| *weight <= 0.0) {
            return fault("weights that are all 0".to_owned());
        }
    }
    Ok(weights)
}

/// Returns the stored form of the scale of weights.
pub(crate) fn scale_tensors(scale: WeightScale) -> impl Iterator<Item = (String, Matrix)> {
    #[expect(clippy::cast_possible_truncation, reason = "tensors are f32")]
    let values = [scale.mean, scale.deviation, scale.least, scale.most].map(|value| value as f32);
    EDGE_WEIGHT_SCALE
        .into_iter()
        .zip(values)
        .map(|(name, value)| (name.to_owned(), constant(value)))
}

/// Decoder of edge weights, from the vectors of two nodes to the weight of an edge between them.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeWeightDecoder {
    loss: WeightLoss,
    scale: WeightScale,
    diagonal: Vec<f32>,
    bias: f32,
}

impl EdgeWeightDecoder {
    /// Reads the decoder from `weights.safetensors`; `None` if the method does not predict weights.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or lacks a tensor of the decoder.
    pub fn read(path: &Path) -> Result<Option<Self>, ModelError> {
        let config: ModelConfig = tensors::read_content(path, Kind::Weights)?;
        let Some(loss) = config.weight_loss() else { return Ok(None) };
        let (_, weights) = Weights::read(path)?;
        Self::from_weights(&weights, loss).map(Some)
    }

    /// Creates the decoder from the weights of a method that was trained with `loss`.
    ///
    /// # Errors
    /// Returns an error when one of its tensors is missing or their shapes do not match.
    pub fn from_weights(weights: &Weights, loss: WeightLoss) -> Result<Self, ModelError> {
        let one = |name: &str| match weights.get(name) {
            Some(matrix) if (matrix.rows(), matrix.cols()) == (1, 1) => Ok(matrix.as_slice()[0]),
            other => {
                let found = other.map(|matrix| (matrix.rows(), matrix.cols()));
                Err(ModelError::shape(name, Some((1, 1)), found))
            }
        };
        let [diagonal, bias] = EDGE_WEIGHT;
        let [mean, deviation, least, most] = EDGE_WEIGHT_SCALE;
        let diagonal = match weights.get(diagonal) {
            Some(matrix) if matrix.rows() == 1 && matrix.cols() > 0 => matrix.as_slice().to_vec(),
            other => {
                let found = other.map(|matrix| (matrix.rows(), matrix.cols()));
                return Err(ModelError::shape(diagonal, Some((1, 1)), found));
            }
        };
        let scale = WeightScale {
            mean: one(mean)?.into(),
            deviation: one(deviation)?.into(),
            least: one(least)?.into(),
            most: one(most)?.into(),
        };
        Ok(Self { loss, scale, diagonal, bias: one(bias)? })
    }

    /// Returns the predicted weight of an edge between the nodes of each pair, in order and independent of
    /// direction, whether there is an edge or not.
    ///
    /// # Errors
    /// Returns an error when the embedding has another width, or a pair is a self-loop or has a node out of range.
    pub fn predict(&self, embedding: &Embedding, pairs: &[Pair]) -> Result<Vec<f32>, ModelError> {
        let mu = embedding.mu();
        check_vectors(mu, self.diagonal.len(), pairs)?;
        let weight = |pair: &Pair| {
            let (a, b) = (mu.row(pair.src as usize), mu.row(pair.dst as usize));
            let form = form_of(&self.diagonal, self.bias, a, b);
            #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
            let weight = self.loss.predict(self.scale, form) as f32;
            weight
        };
        Ok(pairs.par_iter().with_min_len(1024).map(weight).collect())
    }
}
