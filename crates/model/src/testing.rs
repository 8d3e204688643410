//! Support for the tests of several methods.

use serde_json::{Value, json};

use crate::{Estimator, FitInput, FitOptions, Fitted, GaeConfig, ModelError};

/// Returns a graph auto-encoder with those of `options` that it has, and the exact loss if possible.
pub(crate) fn gae(name: &str, options: &Value) -> GaeConfig {
    let config = GaeConfig::of(name).expect("a graph auto-encoder");
    let all = json!({"negatives": "all"});
    let exact = if config.learns_decoder() { Ok(config) } else { config.with(&all) };
    exact.and_then(|config| config.with(options)).expect("sound")
}

/// Returns the names of all graph auto-encoders.
pub(crate) fn auto_encoders() -> impl Iterator<Item = &'static str> {
    GaeConfig::all().map(|config| config.name())
}

/// Trains a graph auto-encoder.
pub(crate) fn fit(
    input: FitInput<'_>,
    config: &GaeConfig,
    seed: vgae_artifacts::Seed,
    options: FitOptions,
    callback: &mut dyn crate::Callback,
) -> Result<Fitted, ModelError> {
    let fitted = config.fit(input, seed, options, callback)?;
    Ok(fitted.encoder.expect("an auto-encoder has vectors"))
}
