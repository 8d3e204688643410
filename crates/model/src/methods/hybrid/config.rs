use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use strum::VariantArray;
use vgae_artifacts::{DataKind, Seed};
use vgae_options::{OptionError, Options};

use super::Combiner;
use crate::method::Entry;
use crate::methods::heuristics::PairFeature;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, ModelConfig,
    ModelError, Needs, Scoring,
};

/// Default encoder of a hybrid.
const ENCODER: &str = "mlp-gae";
/// Default encoders of graphs without node features.
const WITHOUT_FEATURES: [&str; 1] = ["fastrp"];

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "hybrid",
    about: "an embedding combined with pair features by a small model (stacking)",
    default: || Box::new(HybridConfig::default()),
}];

/// Hyper-parameters of a hybrid, which scores candidate pairs by several combined features. `docs/hybrid.md`
/// has the measurements behind the defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HybridConfig {
    /// Method that embeds the nodes: its name, or a table with `method` and its options.
    #[serde(deserialize_with = "encoder")]
    #[schemars(example = ENCODER)]
    pub encoder: ModelConfig,
    /// Methods that embed the nodes of a graph without node features, in place of an `encoder` that needs them: each is
    /// trained, and the one with the highest validation AUC + AP is kept.
    #[schemars(length(min = 1, max = 8), extend("examples" = [WITHOUT_FEATURES]))]
    pub encoders_without_features: Vec<ModelConfig>,
    /// Model over the scores.
    pub combiner: Combiner,
    /// Pair features in addition to the embedding. Those that require node features are skipped if the graph
    /// has none.
    pub pair_features: Vec<PairFeature>,
    /// Fraction of training edges removed from the graph to fit the combiner, at most 20,000 edges.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub held_out: f64,
    /// Negatives per edge for fitting the combiner.
    #[schemars(range(min = 1, max = 1000))]
    pub combiner_negatives: u32,
    /// Weight of the L2 penalty of logistic regression, relative to a sum over pairs.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub combiner_l2: f64,
    /// Hidden units of the combiner `mlp`.
    #[schemars(range(min = 1, max = 4096))]
    pub combiner_hidden: usize,
}

/// Checks that a method can be the encoder of a hybrid.
fn check_encoder(key: &str, encoder: &ModelConfig) -> Result<(), OptionError> {
    let scoring = encoder.scoring();
    if let Scoring::Directed(_) | Scoring::Relations = scoring {
        let expected = "a method of undirected edges without relation types";
        let found = format!("{} with a `decoder` of others", encoder.method());
        return Err(OptionError::new(key, expected, found));
    }
    let embeds = !matches!(scoring, Scoring::PairModel { .. });
    if !embeds || encoder.needs().data == DataKind::Samples {
        let expected = "a method that embeds the nodes of a graph, such as gnae";
        return Err(OptionError::new(key, expected, encoder.method()));
    }
    Ok(())
}

/// Reads a table without `method` as options of the default encoder.
fn encoder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ModelConfig, D::Error> {
    let mut value = Value::deserialize(deserializer)?;
    if let Some(table) = value.as_object_mut() {
        table.entry("method").or_insert_with(|| ENCODER.into());
    }
    serde_json::from_value(value).map_err(serde::de::Error::custom)
}

impl Default for HybridConfig {
    fn default() -> Self {
        let method = |name: &str| {
            let method: Result<crate::Method, _> = name.parse();
            method.expect("in the registry").default_config()
        };
        Self {
            encoder: method(ENCODER),
            encoders_without_features: WITHOUT_FEATURES.map(method).to_vec(),
            combiner: Combiner::default(),
            pair_features: vec![
                PairFeature::ResourceAllocation,
                PairFeature::PageRank,
                PairFeature::Walks3,
                PairFeature::FeatureCosine,
                PairFeature::SgcCosine,
                PairFeature::DegreeSum,
                PairFeature::DegreeMin,
            ],
            held_out: 0.1,
            combiner_negatives: 5,
            combiner_l2: 1.0,
            combiner_hidden: 32,
        }
    }
}

impl HybridConfig {
    /// Returns the encoders for a graph with or without node features.
    pub(crate) fn encoders_of(&self, has_features: bool) -> &[ModelConfig] {
        match self.encoder.needs().features {
            FeatureUse::Required if !has_features => &self.encoders_without_features,
            _ => std::slice::from_ref(&self.encoder),
        }
    }

    /// Returns the largest value of a function of the encoders of a graph.
    fn largest(&self, data: &DataSize, of: impl Fn(&ModelConfig) -> usize) -> usize {
        let has_features = !matches!(data, DataSize::Graph { features: 0, .. });
        self.encoders_of(has_features).iter().map(of).max().unwrap_or_default()
    }

    /// Returns the pair features for a graph with or without node features, in the order of [`PairFeature`].
    #[must_use]
    pub fn features_of(&self, has_features: bool) -> Vec<PairFeature> {
        let wanted = |feature: &PairFeature| {
            self.pair_features.contains(feature) && (has_features || !feature.uses_features())
        };
        PairFeature::VARIANTS.iter().copied().filter(wanted).collect()
    }
}

impl Estimator for HybridConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(self.clone())
    }

    fn check(&self) -> Result<(), OptionError> {
        check_encoder("encoder", &self.encoder)?;
        for encoder in &self.encoders_without_features {
            let key = "encoders_without_features";
            check_encoder(key, encoder)?;
            if encoder.needs().features == FeatureUse::Required {
                let expected = "methods that need no node features, such as dw";
                return Err(OptionError::new(key, expected, encoder.method()));
            }
        }
        if self.encoders_without_features.is_empty() {
            return Err(OptionError::new(
                "encoders_without_features",
                "at least one method",
                "none",
            ));
        }
        let twice = |feature: &&PairFeature| {
            self.pair_features.iter().filter(|other| other == feature).count() > 1
        };
        match self.pair_features.iter().find(twice) {
            Some(feature) => {
                let found = format!("duplicate {feature}");
                Err(OptionError::new("pair_features", "distinct features", found))
            }
            None => Ok(()),
        }
    }

    fn needs(&self) -> Needs {
        Needs::graph(FeatureUse::Optional)
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        super::fit::fit_hybrid(input, self, seed, options, callback)
    }

    fn encoders(&self) -> Vec<&ModelConfig> {
        let without = self.encoders_without_features.iter();
        let without = without.filter(|_| self.encoder.needs().features == FeatureUse::Required);
        std::iter::once(&self.encoder).chain(without).collect()
    }

    fn scoring(&self) -> Scoring {
        Scoring::PairModel { decoder: self.encoder.scoring() == Scoring::Decoder }
    }

    fn transductive(&self) -> Option<&'static str> {
        self.encoder.transductive()
    }

    fn memory(&self, data: &DataSize) -> usize {
        self.largest(data, |encoder| encoder.memory(data))
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        self.largest(data, |encoder| encoder.least_memory(data))
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(4_000)
    }

    fn fills_threads(&self, data: &DataSize, threads: usize) -> bool {
        self.encoder.fills_threads(data, threads)
    }
}
