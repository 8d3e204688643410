use std::sync::Arc;

use vgae_artifacts::{Embedding, Features, TrainView};

use crate::methods::gae::encoder::{Encoder, Io, Pass};
use crate::methods::gae::parameters::Parameters;
use crate::methods::gae::scaling::Scaler;
use crate::{GaeConfig, ModelError, Weights};
use vgae_numerics::Adjacency;
use vgae_numerics::Dense;

/// Embeds the nodes of a graph with an encoder that was trained on another graph, with message passing over
/// `edges` and without training. With the training graph and edges the result is bitwise equal to the
/// embedding of the training.
///
/// `features` is `N x F`, unscaled. `config` must be of a method that reads features.
///
/// # Errors
/// Returns an error when the weights do not match the configuration or the features, the number of nodes of
/// features and edges differs, or a value of the embedding is not finite.
pub(crate) fn encode(
    config: &GaeConfig,
    weights: &Weights,
    features: &Features,
    edges: TrainView<'_>,
) -> Result<Embedding, ModelError> {
    let (expected, found) = (edges.node_count(), features.node_count());
    if expected != found {
        return Err(ModelError::FeatureRows { expected, found });
    }
    weights.check("", features.feature_count(), config)?;
    let scaling = config.features.map(|options| options.feature_scaling).unwrap_or_default();
    let scaler = Scaler::of(scaling, weights)?;
    let features = scaler.apply(features)?;
    let parameters = Parameters::<f32>::of(weights);
    let adjacency = Arc::new(Adjacency::new(edges.messages()));
    let (latent, outputs) = (config.code.latent, config.outputs());
    let io = Io { latent, outputs, dropout: 0.0 };
    let mut encoder: Box<dyn Encoder<f32>> = config.encoder.build(io, adjacency, Some(&features));
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
    use crate::{FeatureScaling, FitInput, FitOptions, NoCallback};

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
        let with_features = GaeConfig::all().filter(|config| config.features.is_some());
        for (number, config) in with_features.enumerate() {
            for (dropout, hops) in [(0.0, 1), (0.3, 2)] {
                let scaling = FeatureScaling::VARIANTS[number % FeatureScaling::VARIANTS.len()];
                let options = json!({"epochs": 5, "dropout": dropout, "hops": hops, "feature_scaling": scaling});
                let config = config.with(&options).expect("sound");
                let features = self::features(30, 5);
                let input = FitInput { features: Some(&features), train: split.train_view() };
                let options = FitOptions::default();
                let fitted = fit(input, &config, Seed(1), options, &mut NoCallback);
                let fitted = fitted.expect("trained");
                let crate::Learned::Encoder(weights) = &fitted.weights else {
                    panic!("an auto-encoder has weights")
                };
                let found =
                    encode(&config, weights, &features, split.train_view()).expect("encoded");
                assert_eq!(found.content_hash(), fitted.embedding.content_hash());
                // Another graph has as many vectors as nodes.
                let (other, own) = (ring(7), self::features(7, 5));
                let found = encode(&config, weights, &own, other.train_view()).expect("encoded");
                assert_eq!(found.mu().rows(), 7);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let config = GaeConfig::of("gae").expect("a method");
        let weights = Weights::glorot(5, &config, Seed(1));
        let split = ring(7);
        let refused = |config: &GaeConfig, weights: &Weights, of: &Features| {
            encode(config, weights, of, split.train_view()).expect_err("does not fit")
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
