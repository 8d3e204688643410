use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use vgae_artifacts::DataKind;
use vgae_options::{OptionError, nearest};

use crate::{Estimator, ModelConfig, ModelError, renamed};

/// An entry of the registry.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Description for help texts and references.
    pub(crate) about: &'static str,
    /// Default hyper-parameters of the method.
    pub(crate) default: fn() -> Box<dyn Estimator>,
}

/// Method, identified by its name. It is implemented in its folder in `methods/`; [`Method::configure`] adds
/// hyper-parameters.
///
/// ```
/// use vgae_model::Method;
///
/// let method: Method = "gnae".parse()?;
/// assert_eq!(method.default_config().get("latent"), Some(&256.into()));
/// # Ok::<(), vgae_model::ModelError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Method(&'static Entry);

impl Method {
    pub(crate) const fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// Returns the name in configurations, tables and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the name in files and folders: without the star, which shells and some file systems do not
    /// accept.
    #[must_use]
    pub fn file_name(self) -> String {
        self.name().replace('*', "-star")
    }

    /// Returns a one-line description.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.0.about
    }

    /// Returns the data kind of the method.
    #[must_use]
    pub fn data(self) -> DataKind {
        (self.0.default)().needs().data
    }

    /// Returns whether edge weights affect the result.
    #[must_use]
    pub fn uses_edge_weights(self) -> bool {
        (self.0.default)().uses_edge_weights()
    }

    /// Returns the method with its default hyper-parameters.
    #[must_use]
    pub fn default_config(self) -> ModelConfig {
        ModelConfig::new(self, (self.0.default)())
    }

    /// Returns the method with the hyper-parameters of `options`, and defaults for the others.
    ///
    /// # Errors
    /// Returns an error when a key is not a hyper-parameter of the method, or a value is out of range; the
    /// error contains the first one.
    pub fn configure(self, options: &Map<String, Value>) -> Result<ModelConfig, ModelError> {
        let mut estimator = (self.0.default)();
        let known = keys(&mut *estimator);
        if let Some(key) = options.keys().find(|key| !known.contains(key)) {
            return Err(self.unknown(key, &known));
        }
        for group in estimator.groups() {
            group.set(options)?;
        }
        estimator.check()?;
        Ok(ModelConfig::new(self, estimator))
    }

    /// Returns whether `key` is a hyper-parameter of the method.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        keys(&mut *(self.0.default)()).iter().any(|known| known == key)
    }

    fn unknown(self, key: &str, known: &[String]) -> ModelError {
        if let Some(now) = renamed::option(key, |new| known.iter().any(|known| known == new)) {
            return OptionError { key: key.to_owned(), problem: now }.into();
        }
        let owners: Vec<&str> =
            Self::all().filter(|other| other.has(key)).map(Self::name).collect();
        let owners = match owners.as_slice() {
            [] => String::new(),
            some => format!(" (an option of {})", some.join(", ")),
        };
        let options = match known {
            [] => "it has none".to_owned(),
            some => format!("its options: {}", some.join(", ")),
        };
        let guess = nearest(key, known.iter().map(String::as_str));
        let guess = guess.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let problem = format!("`{self}` has no option `{key}`{owners}; {options}{guess}");
        OptionError { key: key.to_owned(), problem }.into()
    }
}

/// Returns the keys of a method's hyper-parameters.
fn keys(estimator: &mut dyn Estimator) -> Vec<String> {
    let groups = estimator.groups().into_iter();
    groups.flat_map(|group| group.values()).map(|(key, _)| key).collect()
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Method {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Method {}

impl Hash for Method {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Method {
    fn schema_name() -> Cow<'static, str> {
        "Method".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::all().map(Self::name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn refused(method: &str, options: &Value) -> String {
        let method: Method = method.parse().expect("a method");
        let options = options.as_object().expect("a table").clone();
        method.configure(&options).expect_err("not sound").to_string()
    }

    #[test]
    fn methods_are_found_by_their_own_name_only() {
        let names: BTreeSet<&str> = Method::all().map(Method::name).collect();
        assert_eq!(names.len(), Method::all().count(), "each name once");
        for method in Method::all() {
            assert_eq!(method.to_string().parse::<Method>().expect("its own name"), method);
            let json = serde_json::to_string(&method).expect("JSON");
            assert_eq!(json, format!("\"{method}\""));
            assert_eq!(serde_json::from_str::<Method>(&json).expect("round trip"), method);
        }
        let error = "vga".parse::<Method>().expect_err("no such method").to_string();
        assert!(
            error.contains("one of gae, vgae, gae*") && error.contains("did you mean"),
            "{error}"
        );
        let error = "smooth".parse::<Method>().expect_err("the old name").to_string();
        assert!(error.contains("`sgc`"), "{error}");
    }

    #[test]
    fn a_configuration_is_read_back_from_what_it_serialises_to() {
        for method in Method::all() {
            let config = method.default_config();
            let value = serde_json::to_value(&config).expect("JSON");
            assert_eq!(value["method"], method.name());
            assert_eq!(serde_json::from_value::<ModelConfig>(value).expect("reads back"), config);
        }
    }

    #[test]
    fn values_out_of_range_are_refused_with_key_range_and_value() {
        let cases = [
            ("vgae", json!({"hidden": 0}), "model: hidden: expected 1 to 65536, found 0"),
            ("vgae", json!({"latent": 65537}), "model: latent: expected 1 to 65536, found 65537"),
            ("vgae", json!({"epochs": 0}), "model: epochs: expected 1 to 1000000, found 0"),
            (
                "vgae",
                json!({"learning_rate": f64::NAN}),
                "model: learning_rate: expected a finite number above 0, found a number that is not finite",
            ),
            (
                "vgae",
                json!({"learning_rate": -0.1}),
                "model: learning_rate: expected a finite number above 0, found -0.1",
            ),
            (
                "gae",
                json!({"dropout": 1}),
                "model: dropout: expected a number of at least 0, below 1, found 1",
            ),
            ("deep-gae", json!({"layers": 1}), "model: layers: expected 2 to 64, found 1"),
            ("gnae", json!({"scale": 0}), "model: scale: expected 0.001 to 1000.0, found 0"),
            ("gnae", json!({"hops": 0}), "model: hops: expected 1 to 64, found 0"),
            (
                "gae",
                json!({"validate_every": 0}),
                "model: validate_every: expected an integer of at least 1, found 0",
            ),
            ("mlp-gae", json!({"batches": 1}), "model: batches: expected 2 to 1024, found 1"),
            (
                "mlp-gae",
                json!({"negatives": "all"}),
                "model: negatives: expected 1 to 1000, found \"all\"",
            ),
            (
                "gae",
                json!({"negatives": 0}),
                "model: negatives: expected \"all\" or 1 to 1000, found 0",
            ),
            (
                "gae",
                json!({"patience": 1}),
                "model: patience: expected 0, or any value with `keep_best = true`, found 1",
            ),
            (
                "vgae",
                json!({"kl_weight": -1}),
                "model: kl_weight: expected \"1/n\" or a finite number of at least 0, found -1",
            ),
            ("sc", json!({"dimensions": 0}), "model: dimensions: expected 1 to 65536, found 0"),
            (
                "vae",
                json!({"likelihood": "squared"}),
                "model: likelihood: expected \"bernoulli\" or \"gaussian\" for method `vae`, whose bound needs a \
                 likelihood, found \"squared\"",
            ),
            (
                "hybrid",
                json!({"encoder": {"method": "gnae", "latent": 0}}),
                "model: encoder: latent: expected 1 to 65536, found 0",
            ),
        ];
        for (method, options, message) in cases {
            assert_eq!(refused(method, &options), message);
        }
    }

    #[test]
    fn unknown_and_old_keys_are_refused_with_what_is_known() {
        let error = refused("gae", &json!({"walks_per_node": 3}));
        assert!(
            error.contains(
                "`gae` has no option `walks_per_node` (an option of dw); its options: hidden"
            ),
            "{error}"
        );
        let error = refused("gae", &json!({"latnt": 3}));
        assert!(error.contains("did you mean `latent`?"), "{error}");
        let error = refused("gnae", &json!({"propagations": 3}));
        assert_eq!(error, "model: propagations: this option is now called `hops`");
    }
}
