use std::path::Path;

use vgae_artifacts::tensors::{self, Tensor};
use vgae_artifacts::{Kind, Matrix, Provenance};

use crate::{ModelConfig, ModelError, Weights};

/// Learned values of a method, besides the embedding.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Learned {
    /// Weights of an encoder.
    Encoder(Weights),
    /// Spectral embedding.
    Spectral {
        /// Eigenvalues of the Laplacian, `1 x dimensions`, ascending: one per column of the embedding.
        eigenvalues: Matrix,
        /// `|L v - lambda v|` of each unit eigenvector, `1 x dimensions`.
        residuals: Matrix,
    },
    /// Random walks.
    DeepWalk {
        /// Vectors of the nodes, `N x dimensions`: the embedding.
        w_in: Matrix,
        /// Output vectors: for hierarchical softmax `(N - 1) x dimensions`, one row per inner node of the
        /// tree; for negative sampling `N x dimensions`.
        w_out: Matrix,
    },
}

impl Learned {
    /// Returns the tensors with their names.
    #[must_use]
    pub fn named(&self) -> Vec<(&str, &Matrix)> {
        match self {
            Self::Encoder(weights) => weights.named(),
            Self::Spectral { eigenvalues, residuals } => {
                vec![("eigenvalues", eigenvalues), ("residuals", residuals)]
            }
            Self::DeepWalk { w_in, w_out } => vec![("w_in", w_in), ("w_out", w_out)],
        }
    }

    /// Writes `weights.safetensors`, whose header contains the configuration.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(
        &self,
        path: &Path,
        config: &ModelConfig,
        provenance: &Provenance,
    ) -> Result<(), ModelError> {
        let tensor = |(name, matrix): (&str, &Matrix)| Tensor {
            name: name.to_owned(),
            shape: vec![matrix.rows(), matrix.cols()],
            values: matrix.as_slice().to_vec(),
        };
        let tensors: Vec<Tensor> = self.named().into_iter().map(tensor).collect();
        Ok(tensors::write_all(path, Kind::Weights, &tensors, config, provenance)?)
    }
}

impl Learned {
    /// Reads `weights.safetensors` of any method, and its configuration.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or has tensors of no method.
    pub fn read(path: &Path) -> Result<(ModelConfig, Self), ModelError> {
        let (tensors, config) = tensors::read_all::<ModelConfig>(path, Kind::Weights)?;
        let matrix = |name: &str| {
            let tensor = tensors.iter().find(|tensor| tensor.name == name)?;
            let [rows, cols] = tensor.shape[..] else { return None };
            Matrix::from_row_major(rows, cols, tensor.values.clone()).ok()
        };
        let pair = |first, second| matrix(first).zip(matrix(second));
        let learned = if let Some((eigenvalues, residuals)) = pair("eigenvalues", "residuals") {
            Self::Spectral { eigenvalues, residuals }
        } else if let Some((w_in, w_out)) = pair("w_in", "w_out") {
            Self::DeepWalk { w_in, w_out }
        } else {
            Self::Encoder(Weights::of_tensors(&tensors)?)
        };
        Ok((config, learned))
    }
}

impl Weights {
    /// Reads `weights.safetensors` of an encoder, and its configuration.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or does not belong to an encoder.
    pub fn read(path: &Path) -> Result<(ModelConfig, Self), ModelError> {
        let (tensors, config) = tensors::read_all::<ModelConfig>(path, Kind::Weights)?;
        Ok((config, Self::of_tensors(&tensors)?))
    }
}
