//! Methods `ae` and `vae` for samples without a graph: `vgae_autoencoder` as an [`Estimator`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{DataKind, Seed};
use vgae_autoencoder::AutoEncoderConfig;
use vgae_options::{OptionError, Options};

use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, ModelError, Needs,
};

/// Methods in the registry.
pub(crate) const METHODS: &[Entry] = &[
    Entry {
        name: "ae",
        about: "auto-encoder of images or rows of a table",
        default: || Box::new(Samples { config: AutoEncoderConfig::default(), prior: None }),
    },
    Entry {
        name: "vae",
        about: "variational auto-encoder of images or rows of a table",
        default: || {
            let prior = Some(Prior { beta: 1.0 });
            Box::new(Samples { config: AutoEncoderConfig::default(), prior })
        },
    },
];

/// Auto-encoder of samples.
#[derive(Debug, Clone, PartialEq)]
struct Samples {
    config: AutoEncoderConfig,
    /// Prior of the codes, for `vae` only.
    prior: Option<Prior>,
}

/// Prior N(0, I) of codes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Prior {
    /// Weight of the KL divergence per sample.
    #[schemars(range(min = 0.0))]
    beta: f64,
}

impl Estimator for Samples {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        let mut groups: Vec<&mut dyn Options> = vec![&mut self.config];
        groups.extend(self.prior.as_mut().map(|prior| prior as &mut dyn Options));
        groups
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(self.clone())
    }

    fn check(&self) -> Result<(), OptionError> {
        self.config.check_likelihood(self.prior.is_some())
    }

    fn needs(&self) -> Needs {
        Needs { data: DataKind::Samples, features: FeatureUse::Ignored }
    }

    fn fit(
        &self,
        _: FitInput<'_>,
        _: Seed,
        _: FitOptions,
        _: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        let name = METHODS[usize::from(self.prior.is_some())].name;
        Err(ModelError::NeedsSamples { method: name })
    }

    fn of_samples(&self) -> Option<(&AutoEncoderConfig, Option<f64>)> {
        Some((&self.config, self.prior.map(|prior| prior.beta)))
    }

    fn transductive(&self) -> Option<&'static str> {
        Some("it encodes images or rows of a table, not nodes of a graph")
    }

    /// Counts values and codes as `f32`, and each weight with its gradient and moments, for encoder and
    /// decoder.
    fn memory(&self, data: &DataSize) -> usize {
        let DataSize::Samples { samples, columns } = *data else { return 0 };
        let AutoEncoderConfig { latent, hidden, .. } = &self.config;
        let row = columns.saturating_add(latent.saturating_mul(4));
        let widths = hidden.iter().fold(*latent, |sum, width| sum.saturating_add(*width));
        let weights = widths.saturating_mul(columns.max(widths)).saturating_mul(2 * 4 * 4);
        samples.saturating_mul(row).saturating_mul(4).saturating_add(weights)
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        let DataSize::Samples { columns, .. } = *data else { return 0 };
        let AutoEncoderConfig { latent, hidden, .. } = &self.config;
        let widths: Vec<usize> = [&[columns], hidden.as_slice(), &[*latent]].concat();
        let weights = widths.windows(2).map(|pair| pair[0].saturating_mul(pair[1]));
        // Encoder and decoder; each weight with its gradient and two moments.
        let weights = weights.fold(0, usize::saturating_add).saturating_mul(2 * 4 * 4);
        weights.saturating_add(data.least_vectors(*latent) / 2)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(self.config.epochs.into())
    }
}
