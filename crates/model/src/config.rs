use serde::{Deserialize, Serialize, Serializer};

use crate::autoencoder::UsedAutoEncoder;
use crate::{
    AutoEncoderConfig, DeepWalkConfig, KlWeight, Method, ModelError, Negatives, SpectralConfig,
};

/// What to train and how, as a person writes it. The defaults are the paper's and its code's. Width,
/// epochs and so on are the graph auto-encoders'; the other methods have tables of their own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The method.
    pub method: Method,
    /// Width of the hidden layer.
    pub hidden: usize,
    /// Width of the embedding.
    pub latent: usize,
    /// Full-batch steps.
    pub epochs: u32,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// Probability with which an input nonzero or a hidden value is dropped in training.
    pub dropout: f64,
    /// Weight of the KL term; without effect in methods that have none.
    pub kl_weight: KlWeight,
    /// The pairs that the loss sees beside the training edges.
    pub negatives: Negatives,
    /// For `sc` only.
    pub spectral: SpectralConfig,
    /// For `dw` only.
    pub deepwalk: DeepWalkConfig,
    /// For `ae` and `vae` only.
    pub autoencoder: AutoEncoderConfig,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            method: Method::default(),
            hidden: 32,
            latent: 16,
            epochs: 200,
            learning_rate: 0.01,
            dropout: 0.0,
            kl_weight: KlWeight::default(),
            negatives: Negatives::default(),
            spectral: SpectralConfig::default(),
            deepwalk: DeepWalkConfig::default(),
            autoencoder: AutoEncoderConfig::default(),
        }
    }
}

impl ModelConfig {
    /// The widest layer: far more than is useful, far less than overflows.
    const WIDEST: usize = 1 << 16;

    /// Checks every value once; only the result can be trained.
    ///
    /// # Errors
    /// Names the first value at fault, the range it must be in, and what was found.
    pub fn check(&self) -> Result<CheckedModelConfig, ModelError> {
        let width = format!("1 to {}", Self::WIDEST);
        let rules = [
            ("hidden", (1..=Self::WIDEST).contains(&self.hidden), &*width, self.hidden.to_string()),
            ("latent", (1..=Self::WIDEST).contains(&self.latent), &width, self.latent.to_string()),
            ("epochs", self.epochs >= 1, "at least 1", self.epochs.to_string()),
            (
                "learning_rate",
                self.learning_rate.is_finite() && self.learning_rate > 0.0,
                "a finite number above 0",
                self.learning_rate.to_string(),
            ),
            (
                "dropout",
                (0.0..1.0).contains(&self.dropout),
                "a probability in [0, 1)",
                self.dropout.to_string(),
            ),
            (
                "kl_weight",
                matches!(self.kl_weight, KlWeight::OneOverN)
                    || (0.0..=f64::MAX).contains(&self.kl_weight.value(1)),
                "\"1/n\" or a finite number of at least 0",
                self.kl_weight.value(1).to_string(),
            ),
        ];
        if let Some((key, _, expected, found)) = rules.into_iter().find(|(_, holds, ..)| !holds) {
            return Err(ModelError::config(key, expected, found));
        }
        self.spectral.check()?;
        self.deepwalk.check()?;
        self.autoencoder.check(self.method)?;
        Ok(CheckedModelConfig(*self))
    }
}

/// A configuration that [`ModelConfig::check`] found sound.
///
/// Serialised, it holds what its method uses and nothing else, since whoever keeps results finds them
/// by that: an option of spectral embedding has no say in a graph auto-encoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedModelConfig(ModelConfig);

/// What a method uses of a configuration.
#[derive(Serialize)]
#[serde(untagged)]
enum Used<'a> {
    AutoEncoder {
        method: Method,
        hidden: usize,
        latent: usize,
        epochs: u32,
        learning_rate: f64,
        dropout: f64,
        kl_weight: KlWeight,
        /// Left out when it is what it always was, by which stored results are found.
        #[serde(skip_serializing_if = "Negatives::is_all")]
        negatives: Negatives,
    },
    Spectral {
        method: Method,
        spectral: &'a SpectralConfig,
    },
    DeepWalk {
        method: Method,
        deepwalk: &'a DeepWalkConfig,
    },
    Samples {
        method: Method,
        autoencoder: UsedAutoEncoder<'a>,
    },
}

impl Serialize for CheckedModelConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ModelConfig {
            method,
            hidden,
            latent,
            epochs,
            learning_rate,
            dropout,
            kl_weight,
            negatives,
            spectral,
            deepwalk,
            autoencoder,
        } = &self.0;
        let method = *method;
        let used = match method {
            Method::Sc => Used::Spectral { method, spectral },
            Method::Dw => Used::DeepWalk { method, deepwalk },
            Method::Ae | Method::Vae => {
                Used::Samples { method, autoencoder: autoencoder.used(method) }
            }
            Method::Gae | Method::Vgae | Method::GaeStar | Method::VgaeStar => Used::AutoEncoder {
                method,
                hidden: *hidden,
                latent: *latent,
                epochs: *epochs,
                learning_rate: *learning_rate,
                dropout: *dropout,
                kl_weight: *kl_weight,
                negatives: *negatives,
            },
        };
        used.serialize(serializer)
    }
}

impl CheckedModelConfig {
    /// The values.
    #[must_use]
    pub fn get(&self) -> &ModelConfig {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_and_missing_ones_have_defaults() {
        let config: ModelConfig = serde_json::from_str(r#"{"method":"gae"}"#).expect("defaults");
        assert_eq!(config, ModelConfig { method: Method::Gae, ..ModelConfig::default() });
        assert!(serde_json::from_str::<ModelConfig>(r#"{"learningrate":1}"#).is_err());
    }

    #[test]
    fn a_checked_configuration_says_what_its_method_uses_and_no_more() {
        let of = |config: ModelConfig| {
            serde_json::to_string(&config.check().expect("sound")).expect("JSON")
        };
        let other = ModelConfig {
            spectral: SpectralConfig { dimensions: 7, ..SpectralConfig::default() },
            deepwalk: DeepWalkConfig { dimensions: 7, ..DeepWalkConfig::default() },
            ..ModelConfig::default()
        };
        // Pinned: a change here trains everybody's auto-encoders again.
        let vgae = r#"{"method":"vgae","hidden":32,"latent":16,"epochs":200,"learning_rate":0.01,"dropout":0.0,"kl_weight":"1/n"}"#;
        assert_eq!(of(other), vgae);
        let other = ModelConfig {
            autoencoder: AutoEncoderConfig { latent: 7, ..AutoEncoderConfig::default() },
            ..other
        };
        assert_eq!(of(other), vgae);
        for method in [Method::Sc, Method::Dw, Method::Ae, Method::Vae] {
            let config = ModelConfig { method, ..other };
            assert_eq!(of(config), of(ModelConfig { epochs: 1, latent: 3, ..config }));
            assert_ne!(of(config), of(ModelConfig { method, ..ModelConfig::default() }));
        }
        // `beta` has a say in the variational one only.
        let beta = |method, beta| {
            let autoencoder = AutoEncoderConfig { beta, ..AutoEncoderConfig::default() };
            of(ModelConfig { method, autoencoder, ..ModelConfig::default() })
        };
        assert_eq!(beta(Method::Ae, 2.0), beta(Method::Ae, 1.0));
        assert_ne!(beta(Method::Vae, 2.0), beta(Method::Vae, 1.0));
    }

    #[test]
    fn check_names_the_key_the_range_and_the_value() {
        let base = ModelConfig::default();
        base.check().expect("the defaults are sound");
        let cases = [
            (ModelConfig { hidden: 0, ..base }, "hidden"),
            (ModelConfig { latent: 0, ..base }, "latent"),
            (ModelConfig { latent: usize::MAX, ..base }, "latent"),
            (ModelConfig { epochs: 0, ..base }, "epochs"),
            (ModelConfig { learning_rate: f64::NAN, ..base }, "learning_rate"),
            (ModelConfig { learning_rate: -0.1, ..base }, "learning_rate"),
            (ModelConfig { dropout: 1.0, ..base }, "dropout"),
            (ModelConfig { dropout: f64::NAN, ..base }, "dropout"),
            (ModelConfig { kl_weight: KlWeight::Fixed(f64::INFINITY), ..base }, "kl_weight"),
            (
                ModelConfig { spectral: SpectralConfig { dimensions: 0, ..base.spectral }, ..base },
                "spectral.dimensions",
            ),
        ];
        for (config, key) in cases {
            let error = config.check().expect_err(key).to_string();
            assert!(error.starts_with(&format!("model: {key}: expected ")), "{error}");
        }
    }
}
