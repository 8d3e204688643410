use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Seed;
use vgae_options::{OptionError, Options};

use crate::estimator::checked_input;
use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureScaling, FeatureUse, FitInput, FitOptions, FittedModel,
    ModelError, Needs,
};

/// Hyper-parameters of fast random projection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FastRpConfig {
    /// Width of the embedding.
    #[schemars(range(min = 1, max = 65536))]
    pub dimensions: usize,
    /// Weight of each hop, from the first on; their number is the number of hops. At least one is positive.
    #[schemars(length(max = 64), inner(range(min = 0.0, max = 1_000_000.0)))]
    pub hop_weights: Vec<f64>,
    /// Exponent of the degrees that random vectors are multiplied by: below 0, nodes of high degree count less.
    #[schemars(range(min = -10.0, max = 10.0))]
    pub degree_power: f64,
    /// Weight of projected node features beside the random vector of a node; 0 for none.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub feature_weight: f64,
    /// Scaling of node features before they are projected.
    pub feature_scaling: FeatureScaling,
}

impl Default for FastRpConfig {
    fn default() -> Self {
        Self {
            dimensions: 128,
            hop_weights: vec![0.0, 0.0, 1.0, 1.0],
            degree_power: 0.5,
            feature_weight: 4.0,
            feature_scaling: FeatureScaling::TfIdf,
        }
    }
}

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "fastrp",
    about: "fast random projection: random vectors (and features) that pass over edges; without training",
    default: || Box::new(FastRpConfig::default()),
}];

impl Estimator for FastRpConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(self.clone())
    }

    fn check(&self) -> Result<(), OptionError> {
        if self.hop_weights.iter().any(|&weight| weight > 0.0) {
            return Ok(());
        }
        let found = format!("{:?}", self.hop_weights);
        Err(OptionError::new("hop_weights", "a list with a positive weight", found))
    }

    fn needs(&self) -> Needs {
        Needs::graph(FeatureUse::Optional)
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        _: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        let input = checked_input(input, self, METHODS[0].name)?;
        Ok(super::fit(input, self, seed, callback)?.into())
    }

    fn transductive(&self) -> Option<&'static str> {
        Some("its random vectors belong to the training nodes")
    }

    /// Counts three dense matrices, their copy as an embedding, the random matrix of the features, and the edges.
    fn memory(&self, data: &DataSize) -> usize {
        let DataSize::Graph { nodes, edges, features, feature_values } = *data else { return 0 };
        let dense = nodes.saturating_mul(4).saturating_add(features);
        let dense = dense.saturating_mul(self.dimensions).saturating_mul(4);
        let sparse = feature_values.saturating_mul(24).saturating_add(edges.saturating_mul(24));
        dense.saturating_add(sparse)
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        data.least_vectors(self.dimensions)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(100 * self.hop_weights.len() as u64)
    }
}
