use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use crate::autoencoder::UsedAutoEncoder;
use crate::{AutoEncoderConfig, DeepWalkConfig, ModelError, SpectralConfig};

/// What is trained. A star means: without features, `X = I`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Method {
    /// `gae`: graph auto-encoder.
    Gae,
    /// `vgae`: variational graph auto-encoder.
    #[default]
    Vgae,
    /// `gae*`: graph auto-encoder without features.
    GaeStar,
    /// `vgae*`: variational graph auto-encoder without features.
    VgaeStar,
    /// `sc`: spectral embedding; no features.
    Sc,
    /// `dw`: `DeepWalk`; no features.
    Dw,
    /// `ae`: plain auto-encoder of samples, without a graph.
    Ae,
    /// `vae`: variational auto-encoder of samples, without a graph.
    Vae,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 8] = [
        Self::Gae,
        Self::Vgae,
        Self::GaeStar,
        Self::VgaeStar,
        Self::Sc,
        Self::Dw,
        Self::Ae,
        Self::Vae,
    ];

    /// The graph auto-encoders: trained in epochs, by gradients of one loss.
    pub const AUTO_ENCODERS: [Self; 4] = [Self::Gae, Self::Vgae, Self::GaeStar, Self::VgaeStar];

    /// How it is written in configurations and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gae => "gae",
            Self::Vgae => "vgae",
            Self::GaeStar => "gae*",
            Self::VgaeStar => "vgae*",
            Self::Sc => "sc",
            Self::Dw => "dw",
            Self::Ae => "ae",
            Self::Vae => "vae",
        }
    }

    /// Whether node features are read; a method that does not leaves them alone if there are any.
    #[must_use]
    pub const fn uses_features(self) -> bool {
        matches!(self, Self::Gae | Self::Vgae)
    }

    /// Whether the code of a node or sample is a distribution: mean and log sigma.
    #[must_use]
    pub const fn is_variational(self) -> bool {
        matches!(self, Self::Vgae | Self::VgaeStar | Self::Vae)
    }

    /// Whether it learns from samples, by [`fit_samples`](crate::fit_samples), and not from a graph.
    #[must_use]
    pub const fn learns_from_samples(self) -> bool {
        matches!(self, Self::Ae | Self::Vae)
    }

    /// Whether it is a graph auto-encoder (not one of samples).
    #[must_use]
    pub const fn is_auto_encoder(self) -> bool {
        matches!(self, Self::Gae | Self::Vgae | Self::GaeStar | Self::VgaeStar)
    }

    /// The same method without features.
    #[must_use]
    pub const fn without_features(self) -> Self {
        match self {
            Self::Gae | Self::GaeStar => Self::GaeStar,
            Self::Vgae | Self::VgaeStar => Self::VgaeStar,
            Self::Sc => Self::Sc,
            Self::Dw => Self::Dw,
            Self::Ae => Self::Ae,
            Self::Vae => Self::Vae,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Self::ALL.into_iter().find(|method| method.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|method| method.name()).collect();
            ModelError::config(
                "method",
                format!("one of {}", names.join(", ")),
                format!("{text:?}"),
            )
        })
    }
}

impl TryFrom<String> for Method {
    type Error = ModelError;

    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        method.name().to_owned()
    }
}

/// The coefficient of `mean_i KL(q_i || N(0, I))` in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawKlWeight", into = "RawKlWeight")]
pub enum KlWeight {
    /// `"1/n"`: one over the number of nodes, as the authors' code has it. The true KL per node then
    /// counts `1 / N^2`.
    #[default]
    OneOverN,
    /// A fixed number, at least 0.
    Fixed(f64),
}

impl KlWeight {
    /// The coefficient for a graph of `nodes` nodes.
    #[must_use]
    pub fn value(self, nodes: usize) -> f64 {
        match self {
            Self::OneOverN => 1.0 / nodes as f64,
            Self::Fixed(weight) => weight,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"1/n\" or a number")]
enum RawKlWeight {
    Number(f64),
    Text(String),
}

impl TryFrom<RawKlWeight> for KlWeight {
    type Error = ModelError;

    fn try_from(raw: RawKlWeight) -> Result<Self, ModelError> {
        match raw {
            RawKlWeight::Number(weight) => Ok(Self::Fixed(weight)),
            RawKlWeight::Text(text) if text == "1/n" => Ok(Self::OneOverN),
            RawKlWeight::Text(text) => {
                Err(ModelError::config("kl_weight", "\"1/n\" or a number", format!("{text:?}")))
            }
        }
    }
}

impl From<KlWeight> for RawKlWeight {
    fn from(weight: KlWeight) -> Self {
        match weight {
            KlWeight::OneOverN => Self::Text("1/n".to_owned()),
            KlWeight::Fixed(weight) => Self::Number(weight),
        }
    }
}

/// Which pairs without an edge the loss of a graph auto-encoder sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawNegatives", into = "RawNegatives")]
pub enum Negatives {
    /// `"all"`: every pair, each epoch; the exact loss, as in the paper. Time grows with `N^2`.
    #[default]
    All,
    /// So many pairs a training edge, drawn anew each epoch: an estimate of the exact loss without bias.
    /// Time grows with the edges.
    PerPositive(NonZeroU32),
}

impl Negatives {
    /// More a positive than anybody needs, and few enough to be counted.
    const MOST: u32 = 1000;

    fn new(count: u64) -> Result<Self, ModelError> {
        let found = || ModelError::config("negatives", Self::expected(), count.to_string());
        let count = u32::try_from(count).ok().filter(|&count| count <= Self::MOST);
        count.and_then(NonZeroU32::new).map(Self::PerPositive).ok_or_else(found)
    }

    fn expected() -> String {
        format!("\"all\" or a number of pairs a training edge, 1 to {}", Self::MOST)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_all(&self) -> bool {
        *self == Self::All
    }
}

impl FromStr for Negatives {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        match text.parse() {
            _ if text == "all" => Ok(Self::All),
            Ok(count) => Self::new(count),
            Err(_) => Err(ModelError::config("negatives", Self::expected(), format!("{text:?}"))),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"all\" or a whole number of pairs a training edge")]
enum RawNegatives {
    Count(u64),
    Text(String),
}

impl TryFrom<RawNegatives> for Negatives {
    type Error = ModelError;

    fn try_from(raw: RawNegatives) -> Result<Self, ModelError> {
        match raw {
            RawNegatives::Count(count) => Self::new(count),
            RawNegatives::Text(text) if text == "all" => Ok(Self::All),
            RawNegatives::Text(text) => {
                Err(ModelError::config("negatives", Self::expected(), format!("{text:?}")))
            }
        }
    }
}

impl From<Negatives> for RawNegatives {
    fn from(negatives: Negatives) -> Self {
        match negatives {
            Negatives::All => Self::Text("all".to_owned()),
            Negatives::PerPositive(count) => Self::Count(count.get().into()),
        }
    }
}

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
    fn methods_are_spelled_as_in_the_paper() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse::<Method>().expect("its own name"), method);
            let json = serde_json::to_string(&method).expect("JSON");
            assert_eq!(json, format!("\"{method}\""));
            assert_eq!(serde_json::from_str::<Method>(&json).expect("round trip"), method);
        }
        let error = "gcn".parse::<Method>().expect_err("no such method").to_string();
        assert!(
            error.contains("gae, vgae, gae*, vgae*, sc, dw, ae, vae") && error.contains("\"gcn\""),
            "{error}"
        );
    }

    #[test]
    fn kl_weight_is_a_word_or_a_number() {
        let read = serde_json::from_str::<KlWeight>;
        assert_eq!(read("\"1/n\"").expect("word"), KlWeight::OneOverN);
        assert_eq!(read("0.5").expect("number"), KlWeight::Fixed(0.5));
        assert_eq!(read("1").expect("integer"), KlWeight::Fixed(1.0));
        assert!(read("\"n\"").expect_err("neither").to_string().contains("1/n"));
        assert_eq!(serde_json::to_string(&KlWeight::OneOverN).expect("JSON"), "\"1/n\"");
    }

    #[test]
    fn negatives_are_all_or_a_number() {
        let read = serde_json::from_str::<Negatives>;
        let two = Negatives::PerPositive(NonZeroU32::new(2).expect("not 0"));
        assert_eq!(read("\"all\"").expect("word"), Negatives::All);
        assert_eq!(read("2").expect("number"), two);
        assert_eq!("2".parse::<Negatives>().expect("number"), two);
        assert_eq!("all".parse::<Negatives>().expect("word"), Negatives::All);
        assert_eq!(serde_json::to_string(&two).expect("JSON"), "2");
        for wrong in ["0", "1001", "4294967297", "-1", "1.5", "\"some\"", "\"2\""] {
            let error = read(wrong).expect_err(wrong).to_string();
            assert!(error.contains("\"all\" or a"), "{error}");
        }
        assert!("0".parse::<Negatives>().is_err() && "few".parse::<Negatives>().is_err());
    }

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
