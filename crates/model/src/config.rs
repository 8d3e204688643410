use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use vgae_artifacts::{DataKind, Embedding, Seed};
use vgae_options::Field;

use crate::estimator::checked_input;
use crate::{
    Callback, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, Learned, Method, ModelError,
};

/// Method with validated hyper-parameters, created by [`Method::configure`].
///
/// It is serialised as the name of the method and all hyper-parameters, including defaults.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    method: Method,
    estimator: Arc<dyn Estimator>,
    values: Vec<(String, Value)>,
}

impl ModelConfig {
    pub(crate) fn new(method: Method, mut estimator: Box<dyn Estimator>) -> Self {
        let groups = estimator.groups().into_iter();
        let values = groups.flat_map(|group| group.set_values()).collect();
        Self { method, estimator: estimator.into(), values }
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the value of a hyper-parameter.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Returns the hyper-parameters, with these values as defaults.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut estimator = self.estimator.boxed();
        estimator.groups().into_iter().flat_map(|group| vgae_options::fields(group)).collect()
    }

    /// Returns the same method with other values.
    ///
    /// # Errors
    /// See [`Method::configure`].
    pub fn with(&self, options: &[(&str, Value)]) -> Result<Self, ModelError> {
        let mut values: Map<String, Value> = self.values.iter().cloned().collect();
        values.extend(options.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        self.method.configure(&values)
    }

    /// Returns the configuration without early stopping and best-epoch selection, which keeps the weights of
    /// epoch `epochs` (else of the last epoch).
    ///
    /// # Errors
    /// See [`Method::configure`].
    pub fn to_the_last_epoch(&self, epochs: Option<u32>) -> Result<Self, ModelError> {
        let epochs = epochs.map(|epochs| ("epochs", epochs.into()));
        let given = [("keep_best", false.into()), ("patience", 0.into())].into_iter().chain(epochs);
        self.with(&given.filter(|(key, _)| self.get(key).is_some()).collect::<Vec<_>>())
    }

    /// Returns the method that embeds nodes: the encoder of a hybrid on graphs with node features, else the method
    /// itself.
    #[must_use]
    pub fn node_encoder(&self) -> &Self {
        self.estimator.encoders().first().copied().unwrap_or(self)
    }

    /// Returns whether nodes can have been embedded by `other`: the method itself, or an encoder of a hybrid.
    #[must_use]
    pub fn embeds_by(&self, other: &Self) -> bool {
        let encoders = self.estimator.encoders();
        if encoders.is_empty() { self == other } else { encoders.contains(&other) }
    }

    /// Returns whether the method reads node features, if present.
    #[must_use]
    pub fn reads_features(&self) -> bool {
        self.needs().features != FeatureUse::Ignored
    }

    /// Trains the method on a graph.
    ///
    /// The same input, hyper-parameters and seed give bitwise equal results for any number of threads of the
    /// current rayon pool, and for interrupted and resumed trainings. Only
    /// [`EpochRecord::seconds`](vgae_artifacts::EpochRecord::seconds) differs.
    ///
    /// ```
    /// use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};
    /// use vgae_model::{FitInput, FitOptions, Method, NoCallback};
    ///
    /// let ring = (0..9).map(|node| Pair::new(node, node + 1)).collect();
    /// let split = EdgeSplit::new(10, ring, LabelledPairs::default(), LabelledPairs::default())?;
    /// let config = "vgae*".parse::<Method>()?.default_config().with(&[("epochs", 20.into())])?;
    ///
    /// let input = FitInput { features: None, train: split.train_view() };
    /// let fitted = config.fit(input, Seed(1), FitOptions::default(), &mut NoCallback)?;
    /// let encoder = fitted.encoder.expect("vectors");
    /// assert_eq!(encoder.embedding.mu().cols(), 16);
    /// assert_eq!(encoder.history.0.len(), 20);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error when the input is not suitable for the method, the checkpoint belongs to another run,
    /// a checkpoint cannot be stored, or the loss is no longer finite.
    pub fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        if self.needs().data == DataKind::Samples {
            return Err(ModelError::NeedsSamples { method: self.method.name() });
        }
        let input = checked_input(input, &*self.estimator, self.method.name())?;
        self.estimator.fit(input, seed, options, callback)
    }

    /// Computes the embedding of the training graph again, without training where there are trained weights.
    /// On the same processor it is bitwise equal to that of [`ModelConfig::fit`].
    ///
    /// # Errors
    /// Returns an error when the weights do not match the input, or the method embeds no nodes.
    pub fn embed_again(
        &self,
        learned: &Learned,
        input: FitInput<'_>,
        seed: Seed,
    ) -> Result<Embedding, ModelError> {
        let input = checked_input(input, &*self.estimator, self.method.name())?;
        self.estimator.embed_again(learned, input, seed)
    }

    /// Returns the error of a graph without node features.
    #[must_use]
    pub fn no_features(&self) -> ModelError {
        ModelError::NoFeatures {
            method: self.method.name(),
            instead: self.estimator.without_features().unwrap_or_default(),
        }
    }
}

impl Deref for ModelConfig {
    type Target = dyn Estimator;

    fn deref(&self) -> &(dyn Estimator + 'static) {
        &*self.estimator
    }
}

impl PartialEq for ModelConfig {
    fn eq(&self, other: &Self) -> bool {
        self.method == other.method && self.values == other.values
    }
}

impl Serialize for ModelConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.values.len()))?;
        map.serialize_entry("method", &self.method)?;
        for (key, value) in &self.values {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ModelConfig {
    /// Reads the name of a method, or a table with `method` and hyper-parameters.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of an option already contains its key.
        let error = |error: ModelError| match error {
            ModelError::Option(error) => serde::de::Error::custom(error),
            error => serde::de::Error::custom(error),
        };
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(name.parse::<Method>().map_err(error)?.default_config()),
            Value::Object(mut options) => {
                let method = options.remove("method").unwrap_or_default();
                let method = Method::deserialize(method).map_err(serde::de::Error::custom)?;
                method.configure(&options).map_err(error)
            }
            other => {
                let found = vgae_options::found(&other);
                let expected = "a method's name, or a table with `method` and its options";
                Err(serde::de::Error::custom(format!("expected {expected}, found {found}")))
            }
        }
    }
}

impl JsonSchema for ModelConfig {
    fn schema_name() -> Cow<'static, str> {
        "ModelConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = Method::json_schema(generator);
        json_schema!({ "anyOf": [name, { "type": "object" }] })
    }
}
