use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Seed;
use vgae_options::Options;

use crate::estimator::checked_input;
use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureScaling, FeatureUse, FitInput, FitOptions, FittedModel,
    ModelError, Needs,
};

/// Hyper-parameters of `ProNE`. `docs/prone.md` has the measurements behind the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProneConfig {
    /// Width of the embedding; with node features, of its part from the graph.
    #[schemars(range(min = 1, max = 65536))]
    pub dimensions: usize,
    /// Exponent of the frequencies of negatives in the factorised matrix.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub negative_exponent: f64,
    /// Number of power iterations of the randomised singular value decomposition.
    #[schemars(range(min = 0, max = 100))]
    pub power_iterations: u32,
    /// Number of Chebyshev terms of the filter; each after the first takes two hops.
    #[schemars(range(min = 2, max = 64))]
    pub filter_order: usize,
    /// Centre of the filter among the eigenvalues of the Laplacian, 0 to 2.
    #[schemars(range(min = -2.0, max = 4.0))]
    pub filter_centre: f64,
    /// Scale of the filter's exponent.
    #[schemars(range(min = 0.001, max = 10.0))]
    pub filter_scale: f64,
    /// Width of the part of the embedding from node features, if there are any.
    #[schemars(range(min = 1, max = 65536))]
    pub feature_dimensions: usize,
    /// Weight of node features beside the graph; 0 for none.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub feature_weight: f64,
    /// Scaling of node features before they are factorised.
    pub feature_scaling: FeatureScaling,
}

impl Default for ProneConfig {
    fn default() -> Self {
        Self {
            dimensions: 128,
            negative_exponent: 0.75,
            power_iterations: 2,
            filter_order: 5,
            filter_centre: 0.1,
            filter_scale: 0.5,
            feature_dimensions: 128,
            feature_weight: 2.0,
            feature_scaling: FeatureScaling::TfIdf,
        }
    }
}

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "prone",
    about: "ProNE: factors of the graph (and features) through a spectral filter; without training",
    default: || Box::new(ProneConfig::default()),
}];

impl Estimator for ProneConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
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
        Some("its vectors are factors of the training graph, with one row per node of that graph")
    }

    /// Counts three dense matrices, their copy as an embedding, the sparse matrices with their transposes, and the edges.
    fn memory(&self, data: &DataSize) -> usize {
        let DataSize::Graph { nodes, edges, features, feature_values } = *data else { return 0 };
        let of_features = if features > 0 { self.feature_dimensions } else { 0 };
        let dense = nodes.saturating_mul(self.dimensions.saturating_add(of_features));
        let dense = dense
            .saturating_mul(4 * 4)
            .saturating_add(features.saturating_mul(self.feature_dimensions).saturating_mul(3 * 4));
        let sparse = feature_values.saturating_mul(48).saturating_add(edges.saturating_mul(96));
        dense.saturating_add(sparse)
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        data.least_vectors(self.dimensions)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(2_000)
    }
}
