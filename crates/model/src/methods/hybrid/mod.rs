//! Stacking: a small model ([`Combiner`]) over the scores of several pair features and an embedding.

mod combiner;
mod config;
mod fit;
mod hold_out;
mod mlp;
mod scaling;
#[cfg(test)]
mod tests;

pub use combiner::Combiner;
pub use config::HybridConfig;
pub(crate) use config::METHODS;
#[cfg(test)]
pub(crate) use fit::fit_hybrid;
pub use hold_out::hold_out;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::Seed;
use vgae_numerics::logistic::binary;

use crate::ModelError;
use crate::methods::heuristics::PairTable;
use combiner::Labelled;
use mlp::Network;
use scaling::Scaling;

/// Number of pairs below which another thread does not pay off.
const FEW: usize = 512;

/// Fitted combiner of several scores, which identifies its columns by name. It is serialised as a small JSON
/// object.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Hybrid {
    columns: Vec<String>,
    scaling: Scaling,
    joined: Joined,
}

#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Joined {
    /// Weights of standardised columns, followed by the bias.
    Logistic(Vec<f64>),
    Mlp(Vec<Network>),
}

impl Hybrid {
    /// Fits the combiner on labelled pairs. They should resemble the pairs to be scored, see
    /// [`hold_out`](crate::hold_out).
    ///
    /// # Errors
    /// Returns an error when the number of truths differs from that of pairs, or one of the two truths does
    /// not occur.
    pub fn fit(
        table: &PairTable,
        positive: &[bool],
        config: &HybridConfig,
        seed: Seed,
    ) -> Result<Self, ModelError> {
        if table.rows() != positive.len() {
            let expected = Some((table.rows(), 1));
            return Err(ModelError::shape("truths", expected, Some((positive.len(), 1))));
        }
        let positives = positive.iter().filter(|&&is| is).count();
        let negatives = positive.len() - positives;
        if positives == 0 || negatives == 0 {
            return Err(ModelError::OneTruth { positives, negatives });
        }
        let scaling = Scaling::of(table, positive);
        let rows = scaling.apply(table);
        let pairs = Labelled::new(&rows, table.columns().len(), positive);
        let joined = match config.combiner {
            Combiner::Logistic => {
                let shape = (pairs.len(), pairs.width);
                let l2 = config.combiner_l2;
                Joined::Logistic(binary::fit(shape, |at| pairs.pair(at), l2))
            }
            Combiner::Mlp => Joined::Mlp(mlp::fit(&pairs, config.combiner_hidden, seed)),
        };
        Ok(Self { columns: table.names().to_vec(), scaling, joined })
    }

    /// Returns the columns of the fit, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the logit of each pair. Positives and negatives have the same weight in the fit, so 0 means
    /// even odds at a prevalence of one half.
    ///
    /// # Errors
    /// Returns an error when the table has other columns, or the model was read from an inconsistent file.
    pub fn score(&self, table: &PairTable) -> Result<Vec<f32>, ModelError> {
        if table.names() != self.columns {
            return Err(ModelError::OtherColumns {
                expected: self.columns.join(", "),
                found: table.names().join(", "),
            });
        }
        let width = self.columns.len();
        let adds_up = self.scaling.takes(width)
            && match &self.joined {
                Joined::Logistic(weights) => weights.len() == width + 1,
                Joined::Mlp(networks) => {
                    !networks.is_empty() && networks.iter().all(|network| network.takes(width))
                }
            };
        if !adds_up {
            let expected = format!("weights of {width} columns");
            return Err(ModelError::config("hybrid", expected, "another number of them"));
        }
        let rows = self.scaling.apply(table);
        // Without columns there is one empty row per pair.
        let row = |at: usize| &rows[at * width..(at + 1) * width];
        #[expect(clippy::cast_possible_truncation, reason = "logits are stored as f32")]
        let logit = |at: usize| match &self.joined {
            Joined::Logistic(weights) => binary::logit(row(at), weights) as f32,
            Joined::Mlp(networks) => {
                let sum: f64 = networks.iter().map(|network| network.logit(row(at))).sum();
                (sum / networks.len() as f64) as f32
            }
        };
        Ok((0..table.rows()).into_par_iter().with_min_len(FEW).map(logit).collect())
    }

    /// Returns the coefficients of standardised columns and the intercept; `None` unless the combiner is
    /// linear.
    #[must_use]
    pub fn coefficients(&self) -> Option<&[f64]> {
        match &self.joined {
            Joined::Logistic(weights) => Some(weights),
            Joined::Mlp(_) => None,
        }
    }
}
