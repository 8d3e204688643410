//! Going through values of a model's options.

use std::collections::BTreeMap;

use serde_json::Value;
use vgae_model::ModelOptions;

use crate::PipelineError;

/// One combination of the values of a search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variant {
    /// The model with these values.
    pub(crate) model: ModelOptions,
    /// `latent = 64, scale = 2`; nothing where there is no search.
    pub(crate) name: Option<String>,
    /// What it adds to the name of a folder: `-latent-64-scale-2`.
    pub(crate) folder: String,
}

/// All combinations of the values of `vary`, the last key's changing fastest; `model` alone where there are none.
pub(crate) fn variants(
    model: &ModelOptions,
    vary: &BTreeMap<String, Vec<Value>>,
) -> Result<Vec<Variant>, PipelineError> {
    let mut variants = vec![Variant { model: *model, name: None, folder: String::new() }];
    for (key, values) in vary {
        if values.is_empty() {
            return Err(refused(key, "a list with values to go through", "an empty one"));
        }
        let mut next = Vec::with_capacity(variants.len() * values.len());
        for before in &variants {
            for value in values {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let own = format!("{key} = {shown}");
                let folder = format!("{key}-{shown}");
                let safe = |letter: char| {
                    if letter.is_alphanumeric() || letter == '.' { letter } else { '-' }
                };
                next.push(Variant {
                    model: set(&before.model, key, value)?,
                    name: Some(
                        before.name.iter().cloned().chain([own]).collect::<Vec<_>>().join(", "),
                    ),
                    folder: format!(
                        "{}-{}",
                        before.folder,
                        folder.chars().map(safe).collect::<String>()
                    ),
                });
            }
        }
        variants = next;
    }
    Ok(variants)
}

/// The options with one key set, `hybrid.combiner` say.
fn set(model: &ModelOptions, key: &str, value: &Value) -> Result<ModelOptions, PipelineError> {
    let mut options = serde_json::to_value(model).unwrap_or_default();
    let mut place = &mut options;
    for part in key.split('.') {
        if !place.is_object() {
            return Err(refused(key, "a key of [model]", "none of that name"));
        }
        place = &mut place[part];
    }
    *place = value.clone();
    serde_json::from_value(options).map_err(|error| {
        refused(key, "a key of [model] and a value that it can have", &error.to_string())
    })
}

fn refused(key: &str, expected: &str, found: &str) -> PipelineError {
    PipelineError::Usage {
        what: format!("grid.vary.{key}"),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vary(pairs: &[(&str, Value)]) -> Result<Vec<Variant>, PipelineError> {
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let vary = pairs.iter().map(|(key, values)| ((*key).to_owned(), list(values))).collect();
        variants(&ModelOptions::default(), &vary)
    }

    #[test]
    fn all_combinations_are_gone_through() {
        let found =
            vary(&[("hybrid.combiner", json!(["mlp", "logistic"])), ("latent", json!([8, 64]))]);
        let found = found.expect("variants");
        let names: Vec<&str> = found.iter().filter_map(|variant| variant.name.as_deref()).collect();
        assert_eq!(names[1], "hybrid.combiner = mlp, latent = 64");
        assert_eq!(
            found.iter().map(|v| v.model.latent).collect::<Vec<_>>(),
            [Some(8), Some(64), Some(8), Some(64)]
        );
        assert_eq!(found[3].folder, "-hybrid.combiner-logistic-latent-64");
        assert_eq!(vary(&[]).expect("the model").len(), 1);
        for (key, values, said) in [
            ("latnt", json!([1]), "unknown field `latnt`"),
            ("latent.x", json!([1]), "grid.vary.latent.x"),
            ("latent", json!(["wide"]), "invalid type"),
            ("latent", json!([]), "an empty one"),
        ] {
            let error = vary(&[(key, values)]).expect_err(key);
            assert!(error.is_usage() && error.to_string().contains(said), "{error}");
        }
    }
}
