use std::path::Path;

use crate::{ArtifactError, ContentHash, Kind, Matrix, Provenance, Result, tensors};

/// Encoder output for every node: the mean, and for variational models the logarithm of the standard
/// deviation, each `node_count x width`.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    mu: Matrix,
    log_sigma: Option<Matrix>,
}

impl Embedding {
    /// Creates an embedding from the mean and, for a variational model, log sigma (not log sigma squared).
    ///
    /// # Errors
    /// Returns an error when the shapes differ or a value is NaN or infinite.
    pub fn new(mu: Matrix, log_sigma: Option<Matrix>) -> Result<Self> {
        for (name, matrix) in [("mu", Some(&mu)), ("log_sigma", log_sigma.as_ref())] {
            let Some(matrix) = matrix else { continue };
            if (matrix.rows(), matrix.cols()) != (mu.rows(), mu.cols()) {
                return Err(ArtifactError::invalid(
                    name,
                    format!("shape {} x {}", mu.rows(), mu.cols()),
                    format!("{} x {}", matrix.rows(), matrix.cols()),
                ));
            }
            if let Some(at) = matrix.as_slice().iter().position(|value| !value.is_finite()) {
                return Err(ArtifactError::invalid(
                    format!("{name} of node {}", at / matrix.cols()),
                    "finite numbers",
                    matrix.as_slice()[at].to_string(),
                ));
            }
        }
        Ok(Self { mu, log_sigma })
    }

    /// Returns the mean, which is the vector of each node, `node_count x width`.
    #[must_use]
    pub fn mu(&self) -> &Matrix {
        &self.mu
    }

    /// Returns the logarithm of the standard deviation, for variational models.
    #[must_use]
    pub fn log_sigma(&self) -> Option<&Matrix> {
        self.log_sigma.as_ref()
    }

    /// Returns the logit of an edge between two nodes: the inner product of their means, summed in `f64`.
    ///
    /// # Panics
    /// Panics when a node index is not below the number of rows.
    #[must_use]
    pub fn logit(&self, src: u32, dst: u32) -> f32 {
        self.mu.inner_product(src as usize, dst as usize)
    }

    /// Returns a hash over the bits of all values; equal hashes mean bitwise equal embeddings.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let matrices = [Some(&self.mu), self.log_sigma.as_ref()];
        let pieces =
            matrices.into_iter().flatten().flat_map(|matrix| matrix.as_slice().chunks(1 << 12));
        ContentHash::of_pieces(pieces.map(|piece| -> Vec<u8> {
            piece.iter().flat_map(|value| value.to_le_bytes()).collect()
        }))
    }

    /// Writes `latent.safetensors` with `mu` and, if present, `log_sigma`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let mut named = vec![("mu", &self.mu)];
        named.extend(self.log_sigma.as_ref().map(|matrix| ("log_sigma", matrix)));
        tensors::write(path, Kind::Latent, &named, provenance)
    }

    /// Reads a file of [`Embedding::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, has no `mu`, or violates a rule of
    /// [`Embedding::new`].
    pub fn read(path: &Path) -> Result<Self> {
        let (mut mu, mut log_sigma) = (None, None);
        for (name, matrix) in tensors::read(path, Kind::Latent)? {
            match name.as_str() {
                "mu" => mu = Some(matrix),
                "log_sigma" => log_sigma = Some(matrix),
                _ => {}
            }
        }
        let mu =
            mu.ok_or_else(|| ArtifactError::form(path, "a tensor `mu`", "none of that name"))?;
        Self::new(mu, log_sigma).map_err(|error| error.in_file(path))
    }
}
