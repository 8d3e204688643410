use std::path::Path;

use serde::{Deserialize, Serialize};
use vgae_artifacts::tensors::Tensor;
use vgae_artifacts::{ArtifactError, Seed, Stream};

use crate::{AutoEncoderConfig, Likelihood};
use vgae_nn::ShapeError;
use vgae_nn::ops::Kernels;
use vgae_numerics::random::draw_within;

/// Options that decide the tensors of a model and the meaning of its output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) variational: bool,
    pub(crate) likelihood: Likelihood,
    /// Numbers a sample.
    pub(crate) columns: usize,
    pub(crate) hidden: Vec<usize>,
    pub(crate) latent: usize,
}

/// One affine layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerShape {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) relu: bool,
}

/// A layer's numbers; also gradients and moments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Affine<T> {
    /// `outputs x inputs`, row-major.
    pub(crate) weight: Vec<T>,
    pub(crate) bias: Vec<T>,
}

impl<T: Kernels> Affine<T> {
    pub(crate) fn zeros(shape: LayerShape) -> Self {
        let LayerShape { inputs, outputs, .. } = shape;
        Self { weight: vec![T::ZERO; outputs * inputs], bias: vec![T::ZERO; outputs] }
    }
}

impl Shape {
    pub(crate) fn of(config: &AutoEncoderConfig, variational: bool, columns: usize) -> Self {
        Self {
            variational,
            likelihood: config.likelihood,
            columns,
            hidden: config.hidden.clone(),
            latent: config.latent,
        }
    }

    /// Whether a file's widths are such as could have been trained.
    pub(crate) fn check(&self, path: &Path) -> Result<(), ArtifactError> {
        let width = |width: &usize| (1..=AutoEncoderConfig::WIDEST).contains(width);
        if self.columns >= 1
            && u32::try_from(self.columns).is_ok()
            && width(&self.latent)
            && self.hidden.iter().all(width)
        {
            return Ok(());
        }
        let Self { columns, hidden, latent, .. } = self;
        let found = format!("columns {columns}, hidden {hidden:?}, latent {latent}");
        Err(ArtifactError::form(path, "widths of at least 1 and at most 65536", found))
    }

    /// Numbers that the encoder gives a sample: mean, or mean and log variance.
    pub(crate) fn encoded(&self) -> usize {
        self.latent * (1 + usize::from(self.variational))
    }

    /// The head's place among the layers: behind the encoder's hidden ones.
    pub(crate) fn head(&self) -> usize {
        self.hidden.len()
    }

    /// Hidden layers of the encoder, the head, hidden layers of the decoder, its output.
    pub(crate) fn layers(&self) -> Vec<LayerShape> {
        let mut layers = Vec::new();
        let mut inputs = self.columns;
        for &outputs in &self.hidden {
            layers.push(LayerShape { inputs, outputs, relu: true });
            inputs = outputs;
        }
        layers.push(LayerShape { inputs, outputs: self.encoded(), relu: false });
        inputs = self.latent;
        for &outputs in self.hidden.iter().rev() {
            layers.push(LayerShape { inputs, outputs, relu: true });
            inputs = outputs;
        }
        layers.push(LayerShape { inputs, outputs: self.columns, relu: false });
        layers
    }

    /// How many numbers are learned.
    pub(crate) fn parameters(&self) -> usize {
        self.layers().iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum()
    }

    /// `nn.Linear`'s initial values: weights and biases uniform in `+-1 / sqrt(inputs)`, from
    /// [`Stream::Init`], each layer from a stream of its own.
    pub(crate) fn initial(&self, seed: Seed) -> Vec<Affine<f32>> {
        let layer = |(index, layer): (u64, LayerShape)| {
            let mut affine = Affine::zeros(layer);
            let mut rng = seed.stream(Stream::Init, index);
            let limit = 1.0 / (layer.inputs as f64).sqrt();
            for value in affine.weight.iter_mut().chain(&mut affine.bias) {
                *value = draw_within(&mut rng, limit);
            }
            affine
        };
        (0..).zip(self.layers()).map(layer).collect()
    }

    /// The names of tensors, with the layer and output units each holds: what a `PyTorch` module has with
    /// `encoder` and `decoder` each an `nn.Sequential` of `nn.Linear` and `nn.ReLU` by turns (so the
    /// linear ones have even numbers), and heads `mu` and `log_var`.
    fn places(&self) -> Vec<(String, usize, std::ops::Range<usize>)> {
        let head = self.head();
        let mut places = Vec::new();
        for (index, layer) in self.layers().iter().enumerate() {
            if index == head {
                places.push(("mu".to_owned(), index, 0..self.latent));
                if self.variational {
                    places.push(("log_var".to_owned(), index, self.latent..2 * self.latent));
                }
            } else {
                let (side, number) =
                    if index < head { ("encoder", index) } else { ("decoder", index - head - 1) };
                places.push((format!("{side}.{}", 2 * number), index, 0..layer.outputs));
            }
        }
        places
    }

    /// The tensors by name: weights `outputs x inputs`, biases `outputs`.
    pub(crate) fn tensors(&self, prefix: &str, weights: &[Affine<f32>]) -> Vec<Tensor> {
        let layers = self.layers();
        let mut tensors = Vec::new();
        for (name, index, units) in self.places() {
            let (inputs, affine) = (layers[index].inputs, &weights[index]);
            tensors.push(Tensor {
                name: format!("{prefix}{name}.weight"),
                shape: vec![units.len(), inputs],
                values: affine.weight[units.start * inputs..units.end * inputs].to_vec(),
            });
            tensors.push(Tensor {
                name: format!("{prefix}{name}.bias"),
                shape: vec![units.len()],
                values: affine.bias[units].to_vec(),
            });
        }
        tensors
    }

    /// The reverse of [`Shape::tensors`]; tensors of other names are left alone.
    pub(crate) fn take_tensors(
        &self,
        prefix: &str,
        tensors: &[Tensor],
    ) -> Result<Vec<Affine<f32>>, ShapeError> {
        let mut weights: Vec<Affine<f32>> = Vec::new();
        for (name, index, units) in self.places() {
            let inputs = self.layers()[index].inputs;
            let find = |what: &str, expected: &[usize]| -> Result<&Vec<f32>, ShapeError> {
                let name = format!("{prefix}{name}.{what}");
                let found = tensors.iter().find(|tensor| tensor.name == name);
                match found {
                    Some(tensor) if tensor.shape == expected => Ok(&tensor.values),
                    found => Err(ShapeError {
                        name,
                        expected: format!("{expected:?}"),
                        found: found.map_or_else(
                            || "none".to_owned(),
                            |found| format!("{:?}", found.shape),
                        ),
                    }),
                }
            };
            let weight = find("weight", &[units.len(), inputs])?;
            let bias = find("bias", &[units.len()])?;
            if index == weights.len() {
                weights.push(Affine { weight: Vec::new(), bias: Vec::new() });
            }
            weights[index].weight.extend(weight);
            weights[index].bias.extend(bias);
        }
        Ok(weights)
    }
}
