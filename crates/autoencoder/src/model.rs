use std::path::Path;

use rayon::prelude::*;
use vgae_artifacts::{Embedding, Kind, Matrix, Provenance, SampleValues, Seed, Stream, tensors};

use crate::Likelihood;
use crate::plan::Plan;
use crate::shape::{Affine, Shape};
use vgae_nn::ShapeError;
use vgae_numerics::Scalar;

use crate::AutoEncoderError;

/// Rows that a task takes through a model at once.
const CHUNK: usize = 64;
/// The index of the noise with which models are evaluated; epochs count from 1.
const EVALUATION: u64 = 0;

/// The loss in its two parts, means over samples of sums over columns; their sum is minus the evidence
/// lower bound where the loss is a likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleLoss {
    /// Reconstruction term: nats for likelihoods, else squared error.
    pub reconstruction: f64,
    /// KL in nats, without `beta`; 0 for `ae`.
    pub kl: f64,
}

impl SampleLoss {
    /// The two parts together, KL with a weight.
    #[must_use]
    pub fn total(&self, beta: f64) -> f64 {
        self.reconstruction + beta * self.kl
    }
}

/// A trained auto-encoder of samples: weights and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoEncoder {
    pub(crate) shape: Shape,
    pub(crate) weights: Vec<Affine<f32>>,
}

impl AutoEncoder {
    /// Numbers a sample.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.shape.columns
    }

    /// Width of the code.
    #[must_use]
    pub fn latent(&self) -> usize {
        self.shape.latent
    }

    /// Widths of the encoder's hidden layers.
    #[must_use]
    pub fn hidden(&self) -> &[usize] {
        &self.shape.hidden
    }

    /// Whether the code is a distribution.
    #[must_use]
    pub fn is_variational(&self) -> bool {
        self.shape.variational
    }

    /// How a sample is thought to come from its reconstruction.
    #[must_use]
    pub fn likelihood(&self) -> Likelihood {
        self.shape.likelihood
    }

    /// How many numbers were learned.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.shape.parameters()
    }

    /// The codes of all samples, `rows x latent`: the mean and, of a variational model, log sigma.
    ///
    /// # Errors
    /// When the samples have another number of columns than the model, or a code is not finite.
    pub fn encode(&self, values: &SampleValues) -> Result<Embedding, AutoEncoderError> {
        check("samples", values.columns(), self.shape.columns)?;
        let (rows, latent, plan) = (values.rows(), self.shape.latent, self.plan());
        let mut mu = Matrix::zeros(rows, latent);
        let mut log_sigma = Matrix::zeros(if self.shape.variational { rows } else { 0 }, latent);
        let outputs = mu.as_mut_slice().par_chunks_mut(CHUNK * latent).enumerate();
        let encode = |scratch: &mut Vec<f32>, chunk: usize, mu: &mut [f32], sigma: &mut [f32]| {
            let scratch = &mut scratch[..mu.len() / latent * plan.stride];
            for (at, row) in scratch.chunks_exact_mut(plan.stride).enumerate() {
                values.copy_row(chunk * CHUNK + at, plan.x(row));
            }
            plan.encode(&self.weights, scratch);
            let mut sigma = sigma.chunks_exact_mut(latent);
            for (row, mu) in scratch.chunks_exact(plan.stride).zip(mu.chunks_exact_mut(latent)) {
                let code = plan.code(row);
                mu.copy_from_slice(code.0);
                if let Some(sigma) = sigma.next() {
                    sigma.copy_from_slice(code.1);
                }
            }
        };
        if self.shape.variational {
            let sigmas = log_sigma.as_mut_slice().par_chunks_mut(CHUNK * latent);
            outputs.zip(sigmas).for_each_init(
                || plan.scratch(),
                |scratch, ((chunk, mu), sigma)| encode(scratch, chunk, mu, sigma),
            );
        } else {
            outputs.for_each_init(
                || plan.scratch(),
                |scratch, (chunk, mu)| encode(scratch, chunk, mu, &mut []),
            );
        }
        Ok(Embedding::new(mu, self.shape.variational.then_some(log_sigma))?)
    }

    /// Decodes codes (`rows x latent`) to means of the likelihood, `rows x columns`. For
    /// Bernoulli these are probabilities.
    ///
    /// # Errors
    /// When the codes have another width than the model's.
    pub fn decode(&self, z: &Matrix) -> Result<Matrix, AutoEncoderError> {
        check("codes", z.cols(), self.shape.latent)?;
        let (columns, plan) = (self.shape.columns, self.plan());
        let mut out = Matrix::zeros(z.rows(), columns);
        out.as_mut_slice().par_chunks_mut(CHUNK * columns).enumerate().for_each_init(
            || plan.scratch(),
            |scratch, (chunk, out)| {
                let scratch = &mut scratch[..out.len() / columns * plan.stride];
                for (at, row) in scratch.chunks_exact_mut(plan.stride).enumerate() {
                    plan.z(row).copy_from_slice(z.row(chunk * CHUNK + at));
                }
                plan.decode(&self.weights, scratch);
                let rows = scratch.chunks_exact(plan.stride);
                for (row, out) in rows.zip(out.chunks_exact_mut(columns)) {
                    out.copy_from_slice(plan.output(row));
                    if self.shape.likelihood == Likelihood::Bernoulli {
                        for value in out {
                            *value = sigmoid(*value);
                        }
                    }
                }
            },
        );
        Ok(out)
    }

    /// Decodes the mean codes of all samples, `rows x columns`.
    ///
    /// # Errors
    /// As [`AutoEncoder::encode`].
    pub fn reconstruct(&self, values: &SampleValues) -> Result<Matrix, AutoEncoderError> {
        self.decode(self.encode(values)?.mu())
    }

    /// The loss of the samples in `rows`. Variational models draw one `z` a sample, with noise from
    /// [`Stream::Noise`] of `noise`, by the sample's position in `rows`.
    ///
    /// # Errors
    /// When the samples have another number of columns than the model, or a row is not there.
    pub fn loss(
        &self,
        values: &SampleValues,
        rows: &[u32],
        noise: Seed,
    ) -> Result<SampleLoss, AutoEncoderError> {
        check("samples", values.columns(), self.shape.columns)?;
        if let Some(row) = rows.iter().find(|&&row| row as usize >= values.rows()) {
            return Err(ShapeError {
                name: "rows".to_owned(),
                expected: format!("rows below {}", values.rows()),
                found: row.to_string(),
            }
            .into());
        }
        let copy = |at: usize, out: &mut [f32]| values.copy_row(rows[at] as usize, out);
        Ok(loss(&self.plan(), &self.weights, rows.len(), noise, &copy))
    }

    /// Writes the weights as safetensors, with names and layouts of a `PyTorch` `state_dict`:
    /// `encoder.0.weight` (`outputs x inputs`), `encoder.0.bias`, ..., `mu.weight`, ..., `log_var.weight`
    /// (variational models), ..., `decoder.0.weight`, ... Linear layers have even numbers, since in an
    /// `nn.Sequential` a `ReLU` stands between them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), AutoEncoderError> {
        let tensors = self.shape.tensors("", &self.weights);
        Ok(tensors::write_all(path, Kind::Weights, &tensors, &self.shape, provenance)?)
    }

    /// Reads what [`AutoEncoder::write`] wrote; the file alone says what the model is.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind or of another method, or lacks a tensor.
    pub fn read(path: &Path) -> Result<Self, AutoEncoderError> {
        let (tensors, shape): (_, Shape) = tensors::read_all(path, Kind::Weights)?;
        shape.check(path)?;
        let weights = shape.take_tensors("", &tensors)?;
        Ok(Self { shape, weights })
    }

    fn plan(&self) -> Plan {
        Plan::new(&self.shape)
    }
}

impl Plan {
    /// Room for a chunk of rows.
    fn scratch(&self) -> Vec<f32> {
        vec![0.0; CHUNK * self.stride]
    }
}

/// The loss of `rows` samples that `copy` gives by position; 0 of none.
pub(crate) fn loss(
    plan: &Plan,
    weights: &[Affine<f32>],
    rows: usize,
    noise: Seed,
    copy: &(impl Fn(usize, &mut [f32]) + Sync),
) -> SampleLoss {
    let rng = noise.stream(Stream::Noise, EVALUATION);
    let partial: Vec<(f64, f64)> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map_init(
            || plan.scratch(),
            |scratch, chunk| {
                let first = chunk * CHUNK;
                let scratch = &mut scratch[..CHUNK.min(rows - first) * plan.stride];
                for (at, row) in (first..).zip(scratch.chunks_exact_mut(plan.stride)) {
                    let (x, eps) = plan.x_and_noise(row);
                    copy(at, x);
                    draw(&rng, at, eps);
                }
                plan.encode(weights, scratch);
                plan.sample(scratch);
                plan.decode(weights, scratch);
                // The gradients that come with both are of no use here.
                (plan.reconstruction(scratch, 0.0), plan.backward_code(scratch, 0.0))
            },
        )
        .collect();
    let mean =
        |of: fn(&(f64, f64)) -> f64| partial.iter().map(of).sum::<f64>() / rows.max(1) as f64;
    SampleLoss { reconstruction: mean(|part| part.0), kl: mean(|part| part.1) }
}

/// The noise of the sample at position `at`: each has a stream of the generator, so that the order of
/// draws does not matter.
pub(crate) fn draw(rng: &rand_chacha::ChaCha8Rng, at: usize, eps: &mut [f32]) {
    let mut rng = rng.clone();
    rng.set_stream(at as u64);
    for eps in eps {
        *eps = f32::standard_normal(&mut rng);
    }
}

/// Whether a width is the model's.
fn check(what: &str, found: usize, expected: usize) -> Result<(), AutoEncoderError> {
    if found == expected {
        return Ok(());
    }
    Err(ShapeError {
        name: what.to_owned(),
        expected: format!("{expected} columns"),
        found: found.to_string(),
    }
    .into())
}

fn sigmoid(logit: f32) -> f32 {
    let e = (-logit.abs()).exponential();
    (if logit < 0.0 { e } else { 1.0 }) / (1.0 + e)
}
