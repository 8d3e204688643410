use tracing::info;
use vgae_artifacts::{Seed, Validation};

use super::config::HybridConfig;
use super::{Hybrid, hold_out};
use crate::methods::pair_model::{FittedHybrid, PairModel, listed, table, truths};
use crate::{
    Callback, Diagnostics, FitInput, FitOptions, Fitted, FittedModel, ModelConfig, ModelError,
    PairScores,
};

/// Fits a hybrid: the encoder over all training edges; the encoder again without a fraction of them
/// ([`hold_out`]); and the combiner on those and on pairs without an edge. Of several encoders, the one with the highest
/// validation AUC + AP is kept; without validation pairs, the first. `callback` receives the events of all trainings in
/// sequence.
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
    let inner = hold_out(input.train, config.held_out, config.combiner_negatives, seed)?;
    let inner_input = FitInput { train: inner.train_view(), ..input };
    let checkpoint_every = options.checkpoint_every;
    let mut resume = options.resume;
    let mut embed = |config: &ModelConfig, input, callback: &mut dyn Callback| {
        // The checkpoint is of one of the trainings.
        let run = if resume.is_some() { config.run_hash(input, seed)? } else { None };
        let resume = resume.take_if(|state| run == Some(state.run()));
        let options = FitOptions { checkpoint_every, resume };
        config.fit(input, seed, options, callback)?.encoder.ok_or(ModelError::NoEmbeddingToJoin)
    };
    let candidates = config.encoders_of(input.features.is_some());
    if candidates.len() > 1 {
        let methods: Vec<_> = candidates.iter().map(|encoder| encoder.method().name()).collect();
        info!(?methods, "no node features: the encoder is selected by validation pairs");
    }
    let mut best: Option<(&ModelConfig, Fitted, f64)> = None;
    for candidate in candidates {
        let fitted = embed(candidate, input, callback)?;
        let score = match candidates {
            [_] => None,
            _ => validation(&fitted, callback)?,
        };
        let score = score.map_or(f64::NEG_INFINITY, |found| found.auc + found.ap);
        if candidates.len() > 1 {
            info!(encoder = candidate.method().name(), auc_and_ap = score, "validated encoder");
        }
        if best.as_ref().is_none_or(|(_, _, known)| score > *known) {
            best = Some((candidate, fitted, score));
        }
    }
    let (wanted, encoder, _) = best.ok_or(ModelError::NoEmbeddingToJoin)?;
    let blind = embed(&as_long(wanted, &encoder)?, inner_input, callback)?;

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
    Ok(FittedModel {
        encoder: Some(encoder),
        encoder_config: Some(wanted.clone()),
        pair_model: Some(PairModel::Hybrid(model)),
    })
}

/// Scores the validation pairs with the vectors of an encoder.
fn validation(
    fitted: &Fitted,
    callback: &mut dyn Callback,
) -> Result<Option<Validation>, ModelError> {
    let embedding = &fitted.embedding;
    Ok(match fitted.weights.decoder()? {
        Some(decoder) => {
            callback.validate_logits(&mut |pairs| Ok(decoder.logits(embedding, pairs)?))
        }
        None => callback.validate(embedding.mu()),
    })
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
