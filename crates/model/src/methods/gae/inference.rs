use std::sync::Arc;

use vgae_artifacts::{Embedding, Features, TrainView};

use crate::methods::gae::encoder::{Encoder, Io, Pass};
use crate::methods::gae::parameters::Parameters;
use crate::methods::gae::scaling::Scaler;
use crate::{FitInput, GaeConfig, ModelError, Weights};
use vgae_numerics::Dense;

/// Embeds the nodes of a graph with an encoder that was trained on another graph, with message passing over
/// `edges` and without training. With the training graph and edges the result is bitwise equal to the
/// embedding of the training.
///
/// `features` is `N x F`, unscaled, and present if `config` is of a method that reads features. Without them
/// the edges must be of the training graph.
///
/// # Errors
/// Returns an error when the weights do not match the configuration or the features, the number of nodes of
/// features and edges differs, or a value of the embedding is not finite.
pub(crate) fn encode(
    config: &GaeConfig,
    weights: &Weights,
    features: Option<&Features>,
    edges: TrainView<'_>,
) -> Result<Embedding, ModelError> {
    let expected = edges.node_count();
    if let Some(found) = features.map(Features::node_count).filter(|&found| found != expected) {
        return Err(ModelError::FeatureRows { expected, found });
    }
    weights.check("", FitInput { features, train: edges }.width(config)?, config)?;
    let scaling = config.features.map(|options| options.feature_scaling).unwrap_or_default();
    let scaler = Scaler::of(scaling, weights)?;
    let features = features.map(|features| scaler.apply(features)).transpose()?;
    let parameters = Parameters::<f32>::of(weights);
    let adjacency = Arc::new(config.messages(edges)?);
    let (latent, outputs) = (config.code.latent, config.outputs());
    let io = Io { latent, outputs, dropout: 0.0 };
    let mut encoder: Box<dyn Encoder<f32>> =
        config.encoder.build(io, adjacency, features.as_deref());
    encoder.forward(&parameters, Pass::Evaluate);
    let encoded = Dense { rows: expected, cols: outputs, data: encoder.encoded().to_vec() };
    let log_sigma = (outputs > latent).then(|| encoded.columns(latent, latent));
    Ok(Embedding::new(encoded.columns(0, latent), log_sigma)?)
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};

    use super::*;
    use serde_json::json;
    use strum::VariantArray;

    use crate::testing::fit;
    use crate::{FeatureScaling, FitOptions, NoCallback};

    fn features(nodes: usize, count: usize) -> Features {
        let columns = (0..nodes).flat_map(|_| 0..u32::try_from(count).expect("small"));
        let values = (0..nodes * count).map(|at| (at as f32 * 0.7).sin()).collect();
        let starts = (0..=nodes).map(|node| node * count).collect();
        Features::from_rows(count, starts, columns.collect(), values).expect("features")
    }

    fn ring(nodes: u32) -> EdgeSplit {
        let pairs = (0..nodes).map(|node| Pair::new(node, (node + 1) % nodes).canonical());
        let none = LabelledPairs::default;
        EdgeSplit::new(nodes as usize, pairs.collect(), none(), none()).expect("a split")
    }

    #[test]
    fn what_was_trained_is_found_again_to_the_last_bit() {
        let split = ring(30);
        for (number, config) in GaeConfig::all().enumerate() {
            for (dropout, hops) in [(0.0, 1), (0.3, 2)] {
                let scaling = FeatureScaling::VARIANTS[number % FeatureScaling::VARIANTS.len()];
                let reads = config.features.is_some();
                let mut options = json!({"epochs": 5, "dropout": dropout, "hops": hops});
                if reads {
                    options["feature_scaling"] = json!(scaling);
                }
                let config = config.with(&options).expect("sound");
                let features = reads.then(|| self::features(30, 5));
                let features = features.as_ref();
                let input = FitInput { features, train: split.train_view() };
                let options = FitOptions::default();
                let fitted = fit(input, &config, Seed(1), options, &mut NoCallback);
                let fitted = fitted.expect("trained");
                let crate::Learned::Encoder(weights) = &fitted.weights else {
                    panic!("an auto-encoder has weights")
                };
                let found =
                    encode(&config, weights, features, split.train_view()).expect("encoded");
                assert_eq!(found.content_hash(), fitted.embedding.content_hash());
                if !reads {
                    continue;
                }
                // Another graph has as many vectors as nodes.
                let (other, own) = (ring(7), self::features(7, 5));
                let found = encode(&config, weights, Some(&own), other.train_view());
                assert_eq!(found.expect("encoded").mu().rows(), 7);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let config = GaeConfig::of("gae").expect("a method");
        let weights = Weights::glorot(5, &config, Seed(1));
        let split = ring(7);
        let refused = |config: &GaeConfig, weights: &Weights, of: &Features| {
            encode(config, weights, Some(of), split.train_view()).expect_err("does not fit")
        };
        let error = refused(&config, &weights, &features(7, 4)).to_string();
        assert!(error.contains("w0: expected 4 x 32, found 5 x 32"), "{error}");
        let scaled = config.with(&json!({"feature_scaling": "tf-idf"})).expect("sound");
        let error = refused(&scaled, &weights, &features(7, 5)).to_string();
        assert!(error.contains("column_weights"), "{error}");
        let error = refused(&config, &weights, &features(6, 5));
        assert!(matches!(error, ModelError::FeatureRows { expected: 7, found: 6 }), "{error}");
    }
}
