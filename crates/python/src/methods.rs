//! The methods and their hyper-parameters, from their declarations.

use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use vgae::{Method, ModelConfig};
use vgae_model::Scoring;

use crate::error::{invalid, to_py};

/// Returns all methods as JSON: `name`, `about`, `data` (`graph` or `samples`), and `options` with `key`, `about`,
/// `allowed`, `default` and `schema` each.
#[pyfunction]
pub(crate) fn methods() -> String {
    let described = Method::all().map(|method| {
        let fields = method.default_config().fields().into_iter();
        let options = fields.map(|field| {
            json!({
                "key": field.key,
                "about": field.about,
                "allowed": field.allowed(),
                "default": field.default,
                "schema": field.schema,
            })
        });
        json!({
            "name": method.name(),
            "about": method.about(),
            "data": method.data(),
            "options": options.collect::<Vec<_>>(),
        })
    });
    Value::Array(described.collect()).to_string()
}

/// Checks hyper-parameters, an object of JSON, and returns all of them with defaults.
#[pyfunction]
pub(crate) fn check(method: &str, options: &str) -> PyResult<String> {
    serde_json::to_string(&config(method, options)?).map_err(to_py)
}

/// Returns whether a method with these hyper-parameters, an object of JSON, scores edges with their direction.
#[pyfunction]
pub(crate) fn has_direction(method: &str, options: &str) -> PyResult<bool> {
    Ok(scores_directions(&config(method, options)?))
}

/// Returns whether a method scores edges with their direction.
pub(crate) fn scores_directions(config: &ModelConfig) -> bool {
    matches!(config.scoring(), Scoring::Directed(_))
}

/// The configuration of a method.
pub(crate) fn config(method: &str, options: &str) -> PyResult<ModelConfig> {
    let options: Map<String, Value> = serde_json::from_str(options)
        .map_err(|error| invalid("options", "an object of JSON", error))?;
    method.parse::<Method>().and_then(|method| method.configure(&options)).map_err(to_py)
}
