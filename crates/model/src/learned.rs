use std::path::Path;

use vgae_artifacts::{Kind, Matrix, Provenance, tensors};

use crate::{ModelError, Weights};

/// What a method learned, beside the embedding.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Learned {
    /// An encoder's weights and constants; of `smooth` constants alone.
    Encoder(Weights),
    /// Of a spectral embedding.
    Spectral {
        /// Eigenvalues of the Laplacian, `1 x dimensions`, ascending: one a column of the embedding.
        eigenvalues: Matrix,
        /// `|L v - lambda v|` of each unit eigenvector, `1 x dimensions`.
        residuals: Matrix,
    },
    /// Of random walks.
    DeepWalk {
        /// The nodes' vectors, `N x dimensions`: the embedding.
        w_in: Matrix,
        /// The vectors they are multiplied with in training: hierarchical softmax `(N - 1) x dimensions`,
        /// a row an inner node of the tree; negative sampling `N x dimensions`.
        w_out: Matrix,
    },
}

impl Learned {
    /// The tensors with their names.
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

    /// Writes `weights.safetensors`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ModelError> {
        Ok(tensors::write(path, Kind::Weights, &self.named(), provenance)?)
    }
}
