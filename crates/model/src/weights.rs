use std::path::Path;

use vgae_artifacts::{ArtifactError, Kind, Matrix, Provenance, Seed, Stream, tensors};

use crate::random::draw_within;
use crate::{CheckedModelConfig, ModelError};

/// What a graph auto-encoder learns. Row-major matrices; no biases.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// First layer: `F x hidden`; without features `N x hidden`, a row a node.
    pub w0: Matrix,
    /// Head of the mean: `hidden x latent`.
    pub w_mu: Matrix,
    /// Head of log sigma (not of log sigma squared): `hidden x latent`. Variational methods only.
    pub w_log_sigma: Option<Matrix>,
}

impl Weights {
    /// Initial weights for `inputs` features (or nodes, without features): uniform in
    /// `+-sqrt(6 / (in + out))` (Glorot & Bengio 2010, eq. 16), from [`Stream::Init`], each tensor from a
    /// stream of its own.
    #[must_use]
    pub fn glorot(inputs: usize, config: &CheckedModelConfig, seed: Seed) -> Self {
        let config = config.get();
        let tensor = |index: u64, rows: usize, cols: usize| {
            let mut rng = seed.stream(Stream::Init, index);
            let limit = (6.0 / (rows as f64 + cols as f64)).sqrt();
            let mut matrix = Matrix::zeros(rows, cols);
            for value in matrix.as_mut_slice() {
                *value = draw_within(&mut rng, limit);
            }
            matrix
        };
        Self {
            w0: tensor(0, inputs, config.hidden),
            w_mu: tensor(1, config.hidden, config.latent),
            w_log_sigma: config
                .method
                .is_variational()
                .then(|| tensor(2, config.hidden, config.latent)),
        }
    }

    /// The tensors with their names.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, &Matrix)> {
        let mut named = vec![("w0", &self.w0), ("w_mu", &self.w_mu)];
        named.extend(self.w_log_sigma.as_ref().map(|matrix| ("w_log_sigma", matrix)));
        named
    }

    /// Takes tensors by name; others are left alone.
    pub(crate) fn from_named(
        path: &Path,
        tensors: Vec<(String, Matrix)>,
        prefix: &str,
    ) -> Result<Self, ArtifactError> {
        let (mut w0, mut w_mu, mut w_log_sigma) = (None, None, None);
        for (name, matrix) in tensors {
            match name.strip_prefix(prefix) {
                Some("w0") => w0 = Some(matrix),
                Some("w_mu") => w_mu = Some(matrix),
                Some("w_log_sigma") => w_log_sigma = Some(matrix),
                _ => {}
            }
        }
        let required = |name: &str, matrix: Option<Matrix>| {
            let expected = format!("a tensor `{prefix}{name}`");
            matrix.ok_or_else(|| ArtifactError::form(path, expected, "none of that name"))
        };
        Ok(Self { w0: required("w0", w0)?, w_mu: required("w_mu", w_mu)?, w_log_sigma })
    }

    /// Says whether the shapes are those that `config` asks for with `inputs` features (or nodes).
    pub(crate) fn check(
        &self,
        name: &str,
        inputs: usize,
        config: &CheckedModelConfig,
    ) -> Result<(), ModelError> {
        let config = config.get();
        let head = (config.hidden, config.latent);
        let shape = |matrix: &Matrix| (matrix.rows(), matrix.cols());
        let log_sigma = config.method.is_variational().then_some(head);
        let rules = [
            ("w0", Some((inputs, config.hidden)), Some(shape(&self.w0))),
            ("w_mu", Some(head), Some(shape(&self.w_mu))),
            ("w_log_sigma", log_sigma, self.w_log_sigma.as_ref().map(shape)),
        ];
        for (tensor, expected, found) in rules {
            if expected != found {
                return Err(ModelError::shape(format!("{name}{tensor}"), expected, found));
            }
        }
        Ok(())
    }

    /// Writes `weights.safetensors`: `w0`, `w_mu` and, for variational methods, `w_log_sigma`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ModelError> {
        Ok(tensors::write(path, Kind::Weights, &self.named(), provenance)?)
    }

    /// Reads what [`Weights::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or lacks a tensor.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        Ok(Self::from_named(path, tensors::read(path, Kind::Weights)?, "")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Method, ModelConfig};

    fn config(method: Method) -> CheckedModelConfig {
        ModelConfig { method, ..ModelConfig::default() }.check().expect("sound")
    }

    #[test]
    fn glorot_fills_its_range() {
        let weights = Weights::glorot(500, &config(Method::Vgae), Seed(1));
        let limit = (6.0f32 / 532.0).sqrt();
        let values = weights.w0.as_slice();
        let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
        assert!(most <= limit && most > 0.99 * limit, "{most} {limit}");
        let mean = values.iter().sum::<f32>() / 16_000.0;
        // Five standard errors of a uniform's mean.
        assert!(mean.abs() < 5.0 * limit / (3.0f32 * 16_000.0).sqrt(), "{mean}");
        assert_ne!(Some(&weights.w_mu), weights.w_log_sigma.as_ref());
    }

    #[test]
    fn the_shared_tensors_do_not_depend_on_the_method() {
        let gae = Weights::glorot(7, &config(Method::Gae), Seed(1));
        let vgae = Weights::glorot(7, &config(Method::Vgae), Seed(1));
        assert!(gae.w0 == vgae.w0 && gae.w_mu == vgae.w_mu && gae.w_log_sigma.is_none());
    }

    #[test]
    fn file_round_trip() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("weights.safetensors");
        for method in Method::AUTO_ENCODERS {
            let weights = Weights::glorot(7, &config(method), Seed(1));
            weights.write(&path, &Provenance::of_stage("test")).expect("writes");
            assert_eq!(Weights::read(&path).expect("reads"), weights);
        }
    }
}
