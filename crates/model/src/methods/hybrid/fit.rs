use tracing::info;
use vgae_artifacts::Seed;

use super::config::HybridConfig;
use super::{Hybrid, hold_out};
use crate::methods::pair_model::{FittedHybrid, PairModel, listed, table, truths};
use crate::{
    Callback, Diagnostics, FitInput, FitOptions, Fitted, FittedModel, ModelConfig, ModelError,
    PairScores,
};

/// Fits a hybrid: the encoder over all training edges; the encoder again without a fraction of them
/// ([`hold_out`]); and the combiner on those and on pairs without an edge. `callback` receives the events of
/// both trainings in sequence.
///
/// # Errors
/// See [`ModelConfig::fit`], and when there are too few training edges to remove some.
pub(crate) fn fit_hybrid(
    input: FitInput<'_>,
    config: &HybridConfig,
    seed: Seed,
    options: FitOptions,
    callback: &mut dyn Callback,
) -> Result<FittedModel, ModelError> {
    let wanted = &config.encoder;
    let inner = hold_out(input.train, config.held_out, config.combiner_negatives, seed)?;
    let inner_input = FitInput { train: inner.train_view(), ..input };
    let checkpoint_every = options.checkpoint_every;
    // A checkpoint of the first training does not fit the second.
    let [first, second] = match options.resume {
        Some(state) if wanted.run_hash(input, seed)? != Some(state.run()) => [None, Some(state)],
        state => [state, None],
    };
    let embed = |config: &ModelConfig, input, resume, callback: &mut dyn Callback| {
        let options = FitOptions { checkpoint_every, resume };
        config.fit(input, seed, options, callback)?.encoder.ok_or(ModelError::NoEmbeddingToJoin)
    };
    let encoder = embed(wanted, input, first, callback)?;
    let blind = embed(&as_long(wanted, &encoder)?, inner_input, second, callback)?;

    let pairs = inner.validation();
    let features = config.features_of(input.features.is_some());
    let scores = PairScores::new(inner_input.train, input.features)?;
    let decoder = blind.weights.decoder()?;
    let table =
        table(&scores, &features, Some(&blind.embedding), decoder.as_ref(), &listed(pairs))?;
    let joined = Hybrid::fit(&table, &truths(pairs), config, seed)?;
    let (positives, negatives) = (pairs.positive.len(), pairs.negative.len());
    info!(columns = joined.columns().len(), positives, negatives, "fitted combiner");
    let model = FittedHybrid {
        encoder: wanted.method(),
        combiner: config.combiner,
        features,
        positives,
        negatives,
        joined,
    };
    Ok(FittedModel { encoder: Some(encoder), pair_model: Some(PairModel::Hybrid(model)) })
}

/// Returns the configuration that trains up to the best epoch of another training, so that validation pairs
/// are used once.
fn as_long(config: &ModelConfig, fitted: &Fitted) -> Result<ModelConfig, ModelError> {
    match &fitted.diagnostics {
        Diagnostics::Training(training) if training.best_epoch.is_some() => {
            config.to_the_last_epoch(training.best_epoch)
        }
        _ => Ok(config.clone()),
    }
}
