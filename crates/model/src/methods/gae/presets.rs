use super::config::{
    CodeOptions, DecoderOptions, FeatureOptions, GaeConfig, MlpOptions, PriorOptions,
    TrainingOptions,
};
use super::encoder::EncoderOptions;
use crate::method::Entry;
use crate::methods::gae::kl_weight::KlWeight;
use crate::methods::gae::scaling::FeatureScaling;

/// A named combination of encoder, prior, features and decoder, with its defaults.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) config: GaeConfig,
}

const PAPER: GaeConfig = GaeConfig::PAPER;
const LINEAR: GaeConfig = GaeConfig { encoder: EncoderOptions::LINEAR, ..PAPER };
const SAGE: GaeConfig = GaeConfig { encoder: EncoderOptions::SAGE, ..PAPER };
const DEEP: GaeConfig = GaeConfig { encoder: EncoderOptions::DEEP, ..PAPER };
/// The defaults are explained in docs/encoders.md.
const NORMALISED: GaeConfig = GaeConfig {
    encoder: EncoderOptions::normalised(2.2),
    code: CodeOptions { latent: 256 },
    features: Some(FeatureOptions::new(FeatureScaling::RowSum)),
    decoder: GaeConfig::SAMPLED,
    training: TrainingOptions { keep_best: true, validate_every: 10, ..PAPER.training },
    ..PAPER
};
/// The defaults are explained in docs/decoders.md.
const MLP: GaeConfig = GaeConfig {
    encoder: EncoderOptions::normalised(1.0),
    decoder: DecoderOptions::Mlp(MlpOptions { hidden: 32, negatives: 1, batches: 4 }),
    training: TrainingOptions {
        epochs: 120,
        dropout: 0.6,
        validate_every: 5,
        ..NORMALISED.training
    },
    ..NORMALISED
};

const fn variational(config: GaeConfig) -> GaeConfig {
    GaeConfig { prior: Some(PriorOptions { kl_weight: KlWeight::OneOverN }), ..config }
}

const fn featureless(config: GaeConfig) -> GaeConfig {
    GaeConfig { features: None, ..config }
}

/// Declares [`PRESETS`] and the entries of the registry from one list.
macro_rules! presets {
    ($($name:literal, $about:literal, $config:expr;)*) => {
        /// Named graph auto-encoders.
        pub(crate) const PRESETS: &[Preset] =
            &[$(Preset { name: $name, config: $config }),*];
        /// Entries of the presets in the registry.
        pub(crate) const METHODS: &[Entry] =
            &[$(Entry { name: $name, about: $about, default: || Box::new($config) }),*];
    };
}

presets! {
    "gae", "graph auto-encoder",
        PAPER;
    "vgae", "variational graph auto-encoder",
        variational(PAPER);
    "gae*", "graph auto-encoder without features",
        featureless(PAPER);
    "vgae*", "variational graph auto-encoder without features",
        featureless(variational(PAPER));
    "linear-gae", "graph auto-encoder with a linear encoder",
        LINEAR;
    "linear-vgae", "variational graph auto-encoder with a linear encoder",
        variational(LINEAR);
    "gnae", "graph normalised auto-encoder",
        NORMALISED;
    "vgnae", "variational graph normalised auto-encoder",
        variational(NORMALISED);
    "deep-gae", "graph auto-encoder with several convolutions and residual connections",
        DEEP;
    "deep-vgae", "variational graph auto-encoder with several convolutions and residual connections",
        variational(DEEP);
    "sage-gae", "graph auto-encoder with a GraphSAGE-mean encoder",
        SAGE;
    "sage-vgae", "variational graph auto-encoder with a GraphSAGE-mean encoder",
        variational(SAGE);
    "mlp-gae", "graph normalised auto-encoder with a learned decoder",
        MLP;
}

impl GaeConfig {
    /// Returns the defaults of a method of this family.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        PRESETS.iter().find(|preset| preset.name == name).map(|preset| preset.config)
    }

    /// Returns the defaults of all methods of this family.
    pub fn all() -> impl Iterator<Item = Self> {
        PRESETS.iter().map(|preset| preset.config)
    }

    /// Returns the name of the method with this combination of encoder, prior, features and decoder.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let same = |other: &Self| {
            std::mem::discriminant(&other.encoder) == std::mem::discriminant(&self.encoder)
                && std::mem::discriminant(&other.decoder) == std::mem::discriminant(&self.decoder)
                && other.prior.is_some() == self.prior.is_some()
                && other.features.is_some() == self.features.is_some()
        };
        let preset = PRESETS.iter().find(|preset| same(&preset.config));
        preset.map_or("an unnamed graph auto-encoder", |preset| preset.name)
    }
}
