use std::sync::Arc;

use vgae_artifacts::{Embedding, Features, TrainView};

use crate::dense::Dense;
use crate::encoder::{Gcn, Pass};
use crate::graph::Adjacency;
use crate::parameters::Parameters;
use crate::{ModelError, Weights};

/// What the encoder of `weights`, learned on some graph, says of the nodes of this one: messages pass over
/// `edges`, nothing is learned. On the graph it was trained on, with the training edges, it is the embedding of
/// the training to the last bit.
///
/// `features` is `N x F`, the weights' first layer `F x hidden`: the weights of a method without features,
/// whose rows stand for nodes, must not come here.
///
/// # Errors
/// When the weights do not fit each other or the features, the features are of other nodes than the edges,
/// or a value of the embedding is not finite.
pub fn encode(
    weights: &Weights,
    features: &Features,
    edges: TrainView<'_>,
) -> Result<Embedding, ModelError> {
    let shape = |matrix: &vgae_artifacts::Matrix| (matrix.rows(), matrix.cols());
    let (hidden, latent) = (weights.w0.cols(), weights.w_mu.cols());
    let head = (hidden, latent);
    let log_sigma = weights.w_log_sigma.as_ref().map(shape);
    for (name, expected, found) in [
        ("w0", Some((features.feature_count(), hidden)), Some(shape(&weights.w0))),
        ("w_mu", Some(head), Some(shape(&weights.w_mu))),
        ("w_log_sigma", log_sigma.map(|_| head), log_sigma),
    ] {
        if expected != found {
            return Err(ModelError::shape(name, expected, found));
        }
    }
    let (expected, found) = (edges.node_count(), features.node_count());
    if expected != found {
        return Err(ModelError::FeatureRows { expected, found });
    }

    let parameters = Parameters::<f32>::of(weights);
    let (nodes, outputs) = (expected, parameters.heads.cols);
    let adjacency = Arc::new(Adjacency::new(edges));
    let mut encoder = Gcn::new(adjacency, Some(features), hidden, outputs, 0.0);
    encoder.forward(&parameters, Pass::Evaluate);
    let encoded = Dense { rows: nodes, cols: outputs, data: encoder.encoded().to_vec() };
    let log_sigma = log_sigma.map(|_| encoded.columns(latent, latent));
    Ok(Embedding::new(encoded.columns(0, latent), log_sigma)?)
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};

    use super::*;
    use crate::{FitInput, FitOptions, Method, ModelConfig, Unwatched, fit};

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
        let (split, features) = (ring(30), features(30, 5));
        for method in [Method::Gae, Method::Vgae] {
            for dropout in [0.0, 0.3] {
                let config = ModelConfig { method, epochs: 5, dropout, ..ModelConfig::default() };
                let config = config.check().expect("sound");
                let input = FitInput { features: Some(&features), train: split.train_view() };
                let options = FitOptions::default();
                let fitted = fit(input, &config, Seed(1), options, &mut Unwatched);
                let fitted = fitted.expect("trained");
                let crate::Learned::AutoEncoder(weights) = &fitted.weights else {
                    panic!("an auto-encoder has weights")
                };
                let found = encode(weights, &features, split.train_view()).expect("encoded");
                assert_eq!(found.content_hash(), fitted.embedding.content_hash());
                // Another graph: as many vectors as it has nodes.
                let (other, own) = (ring(7), self::features(7, 5));
                let found = encode(weights, &own, other.train_view()).expect("encoded");
                assert_eq!(found.mu().rows(), 7);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let config = ModelConfig::default().check().expect("sound");
        let weights = Weights::glorot(5, &config, Seed(1));
        let split = ring(7);
        let error =
            encode(&weights, &features(7, 4), split.train_view()).expect_err("a column less");
        assert!(error.to_string().contains("w0: expected 4 x 32, found 5 x 32"), "{error}");
        let error = encode(&weights, &features(6, 5), split.train_view()).expect_err("a row less");
        assert!(matches!(error, ModelError::FeatureRows { expected: 7, found: 6 }), "{error}");
    }
}
