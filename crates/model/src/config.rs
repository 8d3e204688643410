use std::num::NonZeroU32;
use std::str::FromStr;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use vgae_autoencoder::{AutoEncoderConfig, UsedAutoEncoder};

use crate::method::EncoderKind;
use crate::{
    DeepWalkConfig, FeatureScaling, HybridConfig, KlWeight, Method, ModelError, Negatives,
    SpectralConfig,
};

/// Which epoch's weights are the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Select {
    /// `"last"`: those after the last update.
    #[default]
    Last,
    /// `"validation"`: those with the highest AUC + AP on the validation pairs, of the epochs that were
    /// scored; the earliest of equals.
    Validation,
}

impl Select {
    const ALL: [Self; 2] = [Self::Last, Self::Validation];

    const fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Validation => "validation",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_last(&self) -> bool {
        *self == Self::Last
    }
}

impl FromStr for Select {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Self::ALL.into_iter().find(|select| select.name() == text).ok_or_else(|| {
            ModelError::config("select", "one of last, validation", format!("{text:?}"))
        })
    }
}

/// What to train and how. [`ModelConfig::of`] has each method's defaults; [`ModelConfig::default`] has the
/// paper's and its code's. Width, epochs and so on are the graph auto-encoders'; other methods have tables of
/// their own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "ModelOptions")]
pub struct ModelConfig {
    /// The method.
    pub method: Method,
    /// Width of the hidden layers, of encoders and of a learned decoder.
    pub hidden: usize,
    /// Graph convolutions in all, of deep encoders: the hidden ones and that of the heads.
    pub layers: usize,
    /// Width of the embedding.
    pub latent: usize,
    /// The length to which normalised encoders scale rows before propagation.
    pub scale: f64,
    /// Steps of propagation of linear and normalised encoders and of `smooth`.
    pub propagations: u32,
    /// What is done to features first.
    pub features: FeatureScaling,
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
    /// Batches an epoch, of `mlp-gae`: each takes its share of the training edges out of propagation.
    pub batches: u32,
    /// Which epoch's weights are the result.
    pub select: Select,
    /// Validation pairs are scored every so many epochs, and in the last.
    pub evaluate_every: u32,
    /// Stop after so many scorings without a better one; 0: never. Needs [`Select::Validation`].
    pub patience: u32,
    /// For `sc` only.
    pub spectral: SpectralConfig,
    /// For `dw` only.
    pub deepwalk: DeepWalkConfig,
    /// For `ae` and `vae` only.
    pub autoencoder: AutoEncoderConfig,
    /// For `hybrid` only; its encoder has the options above.
    pub hybrid: HybridConfig,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self::of(Method::default())
    }
}

/// What a person writes of a [`ModelConfig`]: what is not given has the default of its method, which may
/// become known later than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of ModelConfig")]
pub struct ModelOptions {
    pub method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latent: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagations: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureScaling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kl_weight: Option<KlWeight>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negatives: Option<Negatives>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batches: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<Select>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluate_every: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    pub spectral: SpectralConfig,
    pub deepwalk: DeepWalkConfig,
    pub autoencoder: AutoEncoderConfig,
    pub hybrid: HybridConfig,
}

impl From<ModelOptions> for ModelConfig {
    fn from(given: ModelOptions) -> Self {
        let ModelOptions { method, spectral, deepwalk, autoencoder, hybrid, .. } = given;
        let default = Self::of(if method == Method::Hybrid { hybrid.encoder } else { method });
        Self {
            method,
            hidden: given.hidden.unwrap_or(default.hidden),
            layers: given.layers.unwrap_or(default.layers),
            latent: given.latent.unwrap_or(default.latent),
            scale: given.scale.unwrap_or(default.scale),
            propagations: given.propagations.unwrap_or(default.propagations),
            features: given.features.unwrap_or(default.features),
            epochs: given.epochs.unwrap_or(default.epochs),
            learning_rate: given.learning_rate.unwrap_or(default.learning_rate),
            dropout: given.dropout.unwrap_or(default.dropout),
            kl_weight: given.kl_weight.unwrap_or(default.kl_weight),
            negatives: given.negatives.unwrap_or(default.negatives),
            batches: given.batches.unwrap_or(default.batches),
            select: given.select.unwrap_or(default.select),
            evaluate_every: given.evaluate_every.unwrap_or(default.evaluate_every),
            patience: given.patience.unwrap_or(default.patience),
            spectral,
            deepwalk,
            autoencoder,
            hybrid,
        }
    }
}

impl ModelConfig {
    /// The widest layer: far more than is useful, far less than overflows.
    const WIDEST: usize = 1 << 16;
    /// The same of convolutions and of steps of propagation.
    const DEEPEST: usize = 64;
    /// The same of batches.
    const MOST_BATCHES: u32 = 1024;

    /// The defaults of a method; docs/encoders.md and docs/decoders.md have why they are what they are.
    #[must_use]
    pub fn of(method: Method) -> Self {
        let paper = Self {
            method,
            hidden: 32,
            layers: 3,
            latent: 16,
            scale: 2.2,
            propagations: 1,
            features: FeatureScaling::AsGiven,
            epochs: 200,
            learning_rate: 0.01,
            dropout: 0.0,
            kl_weight: KlWeight::default(),
            negatives: Negatives::default(),
            batches: 4,
            select: Select::default(),
            evaluate_every: 1,
            patience: 0,
            spectral: SpectralConfig::default(),
            deepwalk: DeepWalkConfig::default(),
            autoencoder: AutoEncoderConfig::default(),
            hybrid: HybridConfig::default(),
        };
        match method {
            Method::Gnae | Method::Vgnae => Self {
                latent: 256,
                features: FeatureScaling::RowSum,
                negatives: Negatives::PerPositive(NonZeroU32::MIN),
                select: Select::Validation,
                evaluate_every: 10,
                ..paper
            },
            Method::MlpGae => Self {
                method,
                scale: 1.0,
                epochs: 120,
                dropout: 0.6,
                evaluate_every: 5,
                ..Self::of(Method::Gnae)
            },
            Method::Smooth => Self { features: FeatureScaling::TfIdf, ..paper },
            Method::Hybrid => Self { method, ..Self::of(paper.hybrid.encoder) },
            _ => paper,
        }
    }

    /// Checks every value once; only the result can be trained.
    ///
    /// # Errors
    /// Names the first value at fault, the range it must be in, and what was found.
    pub fn check(&self) -> Result<CheckedModelConfig, ModelError> {
        let width = format!("1 to {}", Self::WIDEST);
        let depth = format!("2 to {}", Self::DEEPEST);
        let steps = format!("1 to {}", Self::DEEPEST);
        let batches = format!("2 to {}", Self::MOST_BATCHES);
        let deepest = u32::try_from(Self::DEEPEST).unwrap_or(u32::MAX);
        let may_stop = self.patience == 0 || self.select == Select::Validation;
        let rules = [
            ("hidden", (1..=Self::WIDEST).contains(&self.hidden), &*width, self.hidden.to_string()),
            ("layers", (2..=Self::DEEPEST).contains(&self.layers), &depth, self.layers.to_string()),
            ("latent", (1..=Self::WIDEST).contains(&self.latent), &width, self.latent.to_string()),
            ("scale", (1e-3..=1e3).contains(&self.scale), "0.001 to 1000", self.scale.to_string()),
            (
                "propagations",
                (1..=deepest).contains(&self.propagations),
                &steps,
                self.propagations.to_string(),
            ),
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
            (
                "negatives",
                !(self.method.learns_decoder() && self.negatives.is_all()),
                "a number of pairs a training edge (a learned decoder is trained in batches)",
                "\"all\"".to_owned(),
            ),
            (
                "batches",
                (2..=Self::MOST_BATCHES).contains(&self.batches),
                &*batches,
                self.batches.to_string(),
            ),
            (
                "evaluate_every",
                self.evaluate_every >= 1,
                "at least 1",
                self.evaluate_every.to_string(),
            ),
            (
                "patience",
                may_stop,
                "0, or `select = \"validation\"` beside it",
                self.patience.to_string(),
            ),
        ];
        if let Some((key, _, expected, found)) = rules.into_iter().find(|(_, holds, ..)| !holds) {
            return Err(ModelError::config(key, expected, found));
        }
        self.spectral.check()?;
        self.deepwalk.check()?;
        self.autoencoder.check(self.method.is_variational())?;
        self.hybrid.check()?;
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
    /// With the encoder of the paper: what came later is left out where it changes nothing, since stored
    /// results are found by this form.
    Gcn {
        method: Method,
        hidden: usize,
        latent: usize,
        epochs: u32,
        learning_rate: f64,
        dropout: f64,
        kl_weight: KlWeight,
        #[serde(skip_serializing_if = "Negatives::is_all")]
        negatives: Negatives,
        #[serde(skip_serializing_if = "FeatureScaling::is_as_given")]
        features: FeatureScaling,
        #[serde(skip_serializing_if = "Select::is_last")]
        select: Select,
        #[serde(skip_serializing_if = "is_one")]
        evaluate_every: u32,
        #[serde(skip_serializing_if = "is_zero")]
        patience: u32,
    },
    /// With another encoder.
    AutoEncoder {
        method: Method,
        #[serde(skip_serializing_if = "Option::is_none")]
        hidden: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        layers: Option<usize>,
        latent: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        scale: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        propagations: Option<u32>,
        features: FeatureScaling,
        epochs: u32,
        learning_rate: f64,
        dropout: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        kl_weight: Option<KlWeight>,
        negatives: Negatives,
        #[serde(skip_serializing_if = "Option::is_none")]
        batches: Option<u32>,
        select: Select,
        evaluate_every: u32,
        patience: u32,
    },
    Smooth {
        method: Method,
        features: FeatureScaling,
        propagations: u32,
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
    Pairs {
        method: Method,
    },
}

/// A hybrid: what its encoder uses stands beside its own table.
#[derive(Serialize)]
struct UsedHybrid<'a> {
    #[serde(flatten)]
    encoder: serde_json::Value,
    hybrid: &'a HybridConfig,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Serialize for CheckedModelConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &ModelConfig {
            method,
            hidden,
            layers,
            latent,
            scale,
            propagations,
            features,
            epochs,
            learning_rate,
            dropout,
            kl_weight,
            negatives,
            batches,
            select,
            evaluate_every,
            patience,
            ref spectral,
            ref deepwalk,
            ref autoencoder,
            ref hybrid,
        } = &self.0;
        if method == Method::Hybrid {
            let mut encoder = serde_json::to_value(self.encoder()).map_err(S::Error::custom)?;
            encoder["method"] = method.name().into();
            return UsedHybrid { encoder, hybrid }.serialize(serializer);
        }
        let with = |encoder: EncoderKind| {
            let deep = encoder == EncoderKind::Deep;
            Used::AutoEncoder {
                method,
                hidden: (deep || method.learns_decoder()).then_some(hidden),
                layers: deep.then_some(layers),
                latent,
                scale: (encoder == EncoderKind::Normalised).then_some(scale),
                propagations: (!deep).then_some(propagations),
                features,
                epochs,
                learning_rate,
                dropout,
                kl_weight: method.is_variational().then_some(kl_weight),
                negatives,
                batches: method.learns_decoder().then_some(batches),
                select,
                evaluate_every,
                patience,
            }
        };
        let used = match method {
            Method::Sc => Used::Spectral { method, spectral },
            Method::Dw => Used::DeepWalk { method, deepwalk },
            Method::Ae | Method::Vae => {
                Used::Samples { method, autoencoder: autoencoder.used(method.is_variational()) }
            }
            Method::Smooth => Used::Smooth { method, features, propagations },
            Method::Pairs(_) | Method::Hybrid => Used::Pairs { method },
            Method::Gae | Method::Vgae | Method::GaeStar | Method::VgaeStar => Used::Gcn {
                method,
                hidden,
                latent,
                epochs,
                learning_rate,
                dropout,
                kl_weight,
                negatives,
                features,
                select,
                evaluate_every,
                patience,
            },
            Method::LinearGae | Method::LinearVgae => with(EncoderKind::Linear),
            Method::Gnae | Method::Vgnae | Method::MlpGae => with(EncoderKind::Normalised),
            Method::DeepGae | Method::DeepVgae => with(EncoderKind::Deep),
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

    /// Of a hybrid's encoder alone; of another method the same.
    #[must_use]
    pub fn encoder(&self) -> Self {
        match self.0.method {
            Method::Hybrid => Self(ModelConfig { method: self.0.hybrid.encoder, ..self.0 }),
            _ => *self,
        }
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
    fn what_is_given_is_used_and_what_is_not_has_the_default_of_its_method() {
        let given: ModelOptions =
            serde_json::from_str(r#"{"epochs":7,"kl_weight":0,"patience":3}"#).expect("options");
        let of = |method| ModelConfig::from(ModelOptions { method, ..given });
        let kl_weight = KlWeight::Fixed(0.0);
        for method in Method::ALL {
            let expected =
                ModelConfig { epochs: 7, kl_weight, patience: 3, ..ModelConfig::of(method) };
            assert_eq!(of(method), expected, "{method}");
        }
        assert_eq!((of(Method::Gnae).latent, of(Method::LinearGae).latent), (256, 16));
        let text = serde_json::to_string(&given).expect("JSON");
        assert_eq!(serde_json::from_str::<ModelOptions>(&text).expect("round trip"), given);
    }

    #[test]
    fn a_checked_configuration_can_be_read_again() {
        for method in Method::ALL {
            let config = ModelConfig { scale: 1.5, layers: 5, ..ModelConfig::of(method) };
            let checked = config.check().expect("sound");
            let text = serde_json::to_string(&checked).expect("JSON");
            if method.learns_from_samples() {
                continue;
            }
            let read: ModelConfig = serde_json::from_str(&text).expect("the same keys");
            assert_eq!(serde_json::to_string(&read.check().expect("sound")).expect("JSON"), text);
        }
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
        // Later options of the paper's methods stand there only where they change something.
        let later = ModelConfig {
            features: FeatureScaling::TfIdf,
            select: Select::Validation,
            evaluate_every: 5,
            patience: 2,
            ..other
        };
        let (start, end) = (vgae.trim_end_matches('}'), of(later));
        let options =
            r#","features":"tf-idf","select":"validation","evaluate_every":5,"patience":2}"#;
        assert_eq!(end, format!("{start}{options}"));
        let gnae = of(ModelConfig::of(Method::Gnae));
        assert_eq!(gnae, of(ModelConfig { hidden: 5, layers: 9, ..ModelConfig::of(Method::Gnae) }));
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
            (ModelConfig { layers: 1, ..base }, "layers"),
            (ModelConfig { scale: 0.0, ..base }, "scale"),
            (ModelConfig { propagations: 0, ..base }, "propagations"),
            (ModelConfig { evaluate_every: 0, ..base }, "evaluate_every"),
            (ModelConfig { batches: 1, ..base }, "batches"),
            (ModelConfig { method: Method::MlpGae, ..base }, "negatives"),
            (ModelConfig { patience: 1, ..base }, "patience"),
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
