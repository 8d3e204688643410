//! The `[model]` table, whose keys depend on the method.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vgae_model::{Method, ModelConfig, ModelError};
use vgae_options::{OptionError, nearest};

/// The `[model]` table as written: `method` and its hyper-parameters. With several methods, a key applies to those that
/// have it, and a table `[model.NAME]` to the method of that name alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelTable(Map<String, Value>);

impl ModelTable {
    /// A table that names a method and sets nothing.
    #[must_use]
    pub fn of(method: Method) -> Self {
        Self(Map::from_iter([("method".to_owned(), method.name().into())]))
    }

    /// The method, if one is named.
    ///
    /// # Errors
    /// When there is no such method.
    pub fn method(&self) -> Result<Option<Method>, ModelError> {
        let name = self.0.get("method");
        let parse = |name: &Value| name.as_str().unwrap_or_default().parse();
        name.map(parse).transpose()
    }

    /// Sets the value at a path of keys, `latent` or `encoder.latent`.
    pub fn set(&mut self, path: &str, value: Value) {
        let mut keys: Vec<&str> = path.split('.').collect();
        let last = keys.pop().unwrap_or_default();
        let mut table = &mut self.0;
        for key in keys {
            let entry = table.entry(key).or_insert_with(|| Value::Object(Map::new()));
            // A method that is given by its name alone.
            if let Value::String(name) = entry {
                let name = std::mem::take(name);
                *entry = Value::Object(Map::from_iter([("method".to_owned(), name.into())]));
            }
            let Some(next) = entry.as_object_mut() else { return };
            table = next;
        }
        table.insert(last.to_owned(), value);
    }

    /// The configuration of `method`. Options of other methods are ignored.
    ///
    /// # Errors
    /// When a key is an option of no method, or a value is not accepted.
    pub fn config(&self, method: Method) -> Result<ModelConfig, ModelError> {
        let mut options = Map::new();
        let mut own = None;
        for (key, value) in self.0.iter().filter(|(key, _)| *key != "method") {
            match (value, key.parse::<Method>()) {
                (Value::Object(table), Ok(named)) if named == method => own = Some(table),
                // Checked, though it does not apply: the methods of a grid can be chosen elsewhere.
                (Value::Object(table), Ok(other)) => {
                    other.configure(table)?;
                }
                _ if !method.has(key) && Method::all().any(|other| other.has(key)) => {}
                _ => {
                    options.insert(key.clone(), value.clone());
                }
            }
        }
        options.extend(own.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        method.configure(&options)
    }

    /// Checks that each key is an option of one of `methods`, and their configurations. Without methods, there may
    /// be tables `[model.NAME]` only.
    ///
    /// # Errors
    /// Names the first key at fault, and the method it was meant for.
    pub fn check(&self, methods: &[Method]) -> Result<(), (Option<Method>, ModelError)> {
        let is_option = |key: &str, value: &Value| {
            let is_table = value.is_object() && key.parse::<Method>().is_ok();
            key == "method" || is_table || methods.iter().any(|method| method.has(key))
        };
        let strange = self.0.iter().find(|(key, value)| !is_option(key, value));
        if methods.is_empty() {
            return match strange {
                Some((key, _)) => Err((None, without_method(key))),
                // Any configuration checks the tables of all methods.
                None => Method::all().take(1).try_for_each(|method| {
                    self.config(method).map(drop).map_err(|error| (None, error))
                }),
            };
        }
        for &method in methods {
            let strange = strange.map(|(key, value)| (key.clone(), value.clone()));
            let checked = match strange {
                Some(strange) => method.configure(&Map::from_iter([strange])),
                None => self.config(method),
            };
            checked.map_err(|error| (Some(method), error))?;
        }
        Ok(())
    }
}

/// Returns the error of an option that belongs to no method.
fn without_method(key: &str) -> ModelError {
    let fields = Method::all().flat_map(|method| method.default_config().fields());
    let keys: Vec<String> = fields.map(|field| field.key).collect();
    let guess = nearest(key, keys.iter().map(String::as_str)).filter(|near| *near != key);
    let guess = guess.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let problem =
        format!("expected `method` beside it, or the table [model.METHOD] around it{guess}");
    OptionError { key: key.to_owned(), problem }.into()
}

impl JsonSchema for ModelTable {
    fn schema_name() -> Cow<'static, str> {
        "ModelTable".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        crate::reference::model_schema().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(value: Value) -> ModelTable {
        serde_json::from_value(value).expect("a table")
    }

    fn methods(names: &[&str]) -> Vec<Method> {
        names.iter().map(|name| name.parse().expect("a method")).collect()
    }

    fn refused(value: Value, names: &[&str]) -> String {
        table(value).check(&methods(names)).expect_err("refused").1.to_string()
    }

    #[test]
    fn keys_apply_to_the_methods_that_have_them() {
        let table = table(json!({"latent": 8, "scale": 1.5, "gnae": {"latent": 64}}));
        let all = methods(&["gae", "gnae", "sc"]);
        table.check(&all).expect("each key is an option of one of them");
        let latent = |method: &Method| table.config(*method).expect("sound").get("latent").cloned();
        let latents: Vec<_> = all.iter().map(latent).collect();
        assert_eq!(latents, [Some(8.into()), Some(64.into()), None]);
        let error = refused(json!({"scale": 1.5}), &["gae"]);
        assert!(error.contains("`gae` has no option `scale` (an option of gnae"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_an_error_whatever_the_methods() {
        let error = refused(json!({"latnt": 8}), &["gae", "sc"]);
        assert!(error.contains("no option `latnt`"), "{error}");
        let error = refused(json!({"dw": {"walks": 3}}), &["gae"]);
        assert!(error.contains("`walks_per_node`"), "{error}");
        let error = refused(json!({"spectral": {"dimensions": 3}}), &["gae", "sc"]);
        assert!(error.contains("directly in [model]"), "{error}");
        let method = methods(&["gae"])[0];
        table(json!({"latnt": 8})).config(method).expect_err("no such option");
    }

    #[test]
    fn options_need_a_method_and_tables_name_theirs() {
        table(json!({"prone": {"dimensions": 8}, "gae": {"latent": 8}})).check(&[]).expect("named");
        for (value, expected) in [
            (json!({"latent": 8}), "latent: expected `method` beside it, or the table"),
            (json!({"latnt": 8}), "did you mean `latent`"),
            (json!({"dw": {"walks": 8}}), "`walks_per_node`"),
            (json!({"gae": {"latent": 0}}), "latent: expected 1 to"),
        ] {
            let error = refused(value, &[]);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn paths_reach_into_the_encoder_of_a_hybrid() {
        let all = methods(&["hybrid"]);
        for (before, method) in [(json!({}), "mlp-gae"), (json!({"encoder": "gnae"}), "gnae")] {
            let mut table = table(before);
            table.set("encoder.latent", 32.into());
            let config = table.config(all[0]).expect("sound");
            let encoder = config.node_encoder();
            assert_eq!(
                (encoder.method().name(), encoder.get("latent")),
                (method, Some(&32.into()))
            );
        }
    }
}
