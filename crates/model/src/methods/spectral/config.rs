use serde::{Deserialize, Serialize};

use crate::ModelError;

/// What joins the pieces of a graph that falls apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Regularisation {
    /// Nothing: the graph as it is. Each component of two nodes or more has an eigenvalue 0, so a graph
    /// of many components spends its dimensions on saying which component a node is in.
    None,
    /// Every pair of nodes is joined by `strength` x average degree / N (Amini, Chen, Bickel & Levina
    /// 2013, arXiv 1207.2340, section 2).
    #[default]
    Amini,
}

/// What a coordinate is, given a unit eigenvector and its eigenvalue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scaling {
    /// The eigenvector.
    None,
    /// The eigenvector times `sqrt(1 - eigenvalue)`, or 0 where that eigenvalue is above 1. The scores
    /// are then the best approximation of the normalised adjacency of that rank.
    #[default]
    SqrtEigenvalue,
    /// The eigenvector times the square root of the node's degree, as scikit-learn had it until June
    /// 2017 (so at the time of the paper).
    SqrtDegree,
}

/// The table `[model.spectral]`. `docs/spectral.md` has the measurements behind the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpectralConfig {
    /// Width of the embedding; less than the number of nodes.
    pub dimensions: usize,
    /// What joins the pieces of a graph that falls apart.
    pub regularisation: Regularisation,
    /// How strongly, for `amini` only: 1 is what Amini et al. suggest, near 0 is near `none`.
    pub strength: f64,
    /// What a coordinate is.
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

impl SpectralConfig {
    /// Far more than is useful, far less than overflows.
    const MOST: usize = 1 << 16;

    pub(crate) fn check(&self) -> Result<(), ModelError> {
        if !(1..=Self::MOST).contains(&self.dimensions) {
            let (expected, found) = (format!("1 to {}", Self::MOST), self.dimensions.to_string());
            return Err(ModelError::config("spectral.dimensions", expected, found));
        }
        if !(1e-6..=1e6).contains(&self.strength) {
            let found = self.strength.to_string();
            return Err(ModelError::config("spectral.strength", "1e-6 to 1e6", found));
        }
        Ok(())
    }
}
