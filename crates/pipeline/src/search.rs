//! Going through values of a model's options.

use std::collections::BTreeMap;

use serde_json::Value;
use vgae_model::{Method, ModelError};
use vgae_options::{OptionError, nearest};

use crate::PipelineError;
use crate::model_table::ModelTable;

/// One combination of the values of a search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variant {
    /// The model with these values.
    pub(crate) model: ModelTable,
    /// `latent = 64, scale = 2`; nothing where there is no search.
    pub(crate) name: Option<String>,
    /// Suffix of the folder's name: `-latent-64-scale-2`.
    pub(crate) folder: String,
}

impl Variant {
    /// The model as it is written.
    pub(crate) fn without_search(model: &ModelTable) -> Self {
        Self { model: model.clone(), name: None, folder: String::new() }
    }
}

/// All combinations of the values of `vary`, the last key's changing fastest; `model` alone where there are none.
pub(crate) fn variants(
    model: &ModelTable,
    methods: &[Method],
    vary: &BTreeMap<String, Vec<Value>>,
) -> Result<Vec<Variant>, PipelineError> {
    let mut variants = vec![Variant::without_search(model)];
    for (key, values) in vary {
        if values.is_empty() {
            return Err(refused(key, "expected a list of values, found an empty one".to_owned()));
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
                    model: set(&before.model, methods, key, value)?,
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

/// The table with the value at one path set, `encoder.latent` say, checked for every method.
fn set(
    model: &ModelTable,
    methods: &[Method],
    path: &str,
    value: &Value,
) -> Result<ModelTable, PipelineError> {
    let key = path.split('.').next().unwrap_or_default();
    if let Some(method) = methods.iter().find(|method| !method.has(key)) {
        let fields = method.default_config().fields();
        let guess = nearest(key, fields.iter().map(|field| field.key.as_str()));
        let guess = guess.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let problem =
            format!("expected an option of every method, `{method}` has none of that name{guess}");
        return Err(refused(path, problem));
    }
    let mut table = model.clone();
    table.set(path, value.clone());
    for &method in methods {
        table.config(method).map_err(|error| match error {
            ModelError::Option(error) => refused(path, error.problem),
            error => PipelineError::from_model(error),
        })?;
    }
    Ok(table)
}

fn refused(path: &str, problem: String) -> PipelineError {
    OptionError { key: format!("grid.vary.{path}"), problem }.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vary(pairs: &[(&str, Value)]) -> Result<Vec<Variant>, PipelineError> {
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let vary = pairs.iter().map(|(key, values)| ((*key).to_owned(), list(values))).collect();
        let method = "hybrid".parse::<Method>().expect("a method");
        variants(&ModelTable::of(method), &[method], &vary)
    }

    #[test]
    fn all_combinations_are_gone_through() {
        let found =
            vary(&[("combiner", json!(["mlp", "logistic"])), ("encoder.latent", json!([8, 64]))]);
        let found = found.expect("variants");
        let names: Vec<&str> = found.iter().filter_map(|variant| variant.name.as_deref()).collect();
        assert_eq!(names[1], "combiner = mlp, encoder.latent = 64");
        let latent = |variant: &Variant| {
            let method = "hybrid".parse().expect("a method");
            let config = variant.model.config(method).expect("sound");
            config.node_encoder().get("latent").and_then(Value::as_u64)
        };
        let latents: Vec<_> = found.iter().map(latent).collect();
        assert_eq!(latents, [Some(8), Some(64), Some(8), Some(64)]);
        assert_eq!(found[3].folder, "-combiner-logistic-encoder.latent-64");
        assert_eq!(vary(&[]).expect("the model").len(), 1);
        for (key, values, said) in [
            ("combner", json!([1]), "did you mean `combiner`?"),
            ("encoder.x", json!([1]), "grid.vary.encoder.x"),
            ("held_out", json!(["much"]), "found \"much\""),
            ("held_out", json!([]), "an empty one"),
        ] {
            let error = vary(&[(key, values)]).expect_err(key);
            assert!(error.is_usage() && error.to_string().contains(said), "{error}");
        }
    }
}
