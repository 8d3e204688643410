use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Seed;
use vgae_options::Options;

use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, ModelError, Needs,
};

/// Regularisation of disconnected graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Regularisation {
    /// No regularisation. Each component of two nodes or more has an eigenvalue 0, so a graph of many
    /// components uses its dimensions for indicators of components.
    None,
    /// Adds an edge of weight `strength` x average degree / N between every pair of nodes (Amini, Chen,
    /// Bickel & Levina 2013, arXiv 1207.2340, section 2).
    #[default]
    Amini,
}

/// Scaling of unit eigenvectors to coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scaling {
    /// Unscaled eigenvector.
    None,
    /// Eigenvector times `sqrt(1 - eigenvalue)`, or 0 if the eigenvalue is above 1. The scores are then the
    /// best approximation of the normalised adjacency of that rank.
    #[default]
    SqrtEigenvalue,
    /// Eigenvector times the square root of the node's degree, as in scikit-learn until June 2017 (the
    /// version at the time of the paper).
    SqrtDegree,
}

/// Hyper-parameters of spectral embedding. `docs/spectral.md` has the measurements behind the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpectralConfig {
    /// Width of the embedding, less than the number of nodes.
    #[schemars(range(min = 1, max = 65536))]
    pub dimensions: usize,
    /// Regularisation of disconnected graphs.
    pub regularisation: Regularisation,
    /// Strength of the regularisation `amini`: 1 is the suggestion of Amini et al., values near 0 act like `none`.
    #[schemars(range(min = 0.000_001, max = 1_000_000.0))]
    pub strength: f64,
    /// Scaling of eigenvectors to coordinates.
    pub scaling: Scaling,
}

impl Default for SpectralConfig {
    fn default() -> Self {
        Self {
            dimensions: 128,
            regularisation: Regularisation::default(),
            strength: 0.02,
            scaling: Scaling::default(),
        }
    }
}

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "sc",
    about: "spectral embedding; reads no features",
    default: || Box::new(SpectralConfig::default()),
}];

impl Estimator for SpectralConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
    }

    fn needs(&self) -> Needs {
        Needs::graph(FeatureUse::Ignored)
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        _: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        Ok(super::fit(input, self, seed, callback)?.into())
    }

    fn uses_edge_weights(&self) -> bool {
        false
    }

    fn transductive(&self) -> Option<&'static str> {
        Some(
            "its vectors are eigenvectors of the training graph, with one value per node of that graph",
        )
    }

    fn memory(&self, data: &DataSize) -> usize {
        data.training_memory(self.dimensions, false)
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        data.least_vectors(self.dimensions)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(8_000)
    }
}
