//! Initial values and checks of weights, by the configuration of a graph auto-encoder.

use vgae_artifacts::{Matrix, Seed, Stream};
use vgae_numerics::random::draw_within;

use super::weights::{RELATION, place};
use crate::{GaeConfig, ModelError, Weights};

/// First stream of decoder weights, beyond those of hidden layers.
const DECODER_STREAM: u64 = 1 << 32;

impl Weights {
    /// Returns initial weights for `inputs` features (or nodes, without features): uniform in
    /// `+-sqrt(6 / (in + out))` (Glorot & Bengio 2010, eq. 16), from [`Stream::Init`], with a separate stream per
    /// tensor; biases are 0.
    #[must_use]
    pub fn glorot(inputs: usize, config: &GaeConfig, seed: Seed) -> Self {
        let tensors = config.shapes(inputs).into_iter().map(|(name, (rows, cols))| {
            let stream = match name.as_str() {
                "w0" => Some(0),
                "w_mu" => Some(1),
                "w_log_sigma" => Some(2),
                "decoder.0.weight" => Some(DECODER_STREAM),
                "decoder.1.weight" => Some(DECODER_STREAM + 1),
                _ => {
                    place(&name).filter(|&(group, _)| group == 0).map(|(_, index)| 2 + index as u64)
                }
            };
            let mut matrix = Matrix::zeros(rows, cols);
            if let Some(stream) = stream {
                let mut rng = seed.stream(Stream::Init, stream);
                let limit = (6.0 / (rows as f64 + cols as f64)).sqrt();
                for value in matrix.as_mut_slice() {
                    *value = draw_within(&mut rng, limit);
                }
            }
            (name, matrix)
        });
        Self::from_tensors(tensors)
    }

    /// Checks that the learned tensors are exactly those of `config` with `inputs` features (or nodes).
    pub(crate) fn check(
        &self,
        name: &str,
        inputs: usize,
        config: &GaeConfig,
    ) -> Result<(), ModelError> {
        let mut shapes = config.shapes(inputs);
        if config.decodes_relations() {
            // As many as the graph has relation types; checked where they are known.
            let own = |tensor: &str| self.get(tensor).map(|own| (own.rows(), own.cols()));
            shapes
                .extend(RELATION.iter().filter_map(|name| Some(((*name).to_owned(), own(name)?))));
        }
        Ok(self.check_shapes(name, &shapes)?)
    }
}
