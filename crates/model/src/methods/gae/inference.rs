use std::sync::Arc;

use vgae_artifacts::{Embedding, Features, Matrix, TrainView};

use crate::method::EncoderKind;
use crate::methods::gae::encoder::{self, Pass, Shape};
use crate::methods::gae::parameters::Parameters;
use crate::methods::gae::scaling::Scaler;
use crate::methods::gae::weights::{DECODER, PROPAGATIONS, SCALE, decoder_shapes, shapes_of};
use crate::methods::sgc;
use crate::{ModelError, NoCallback, Weights};
use vgae_numerics::Adjacency;
use vgae_numerics::Dense;

/// What the encoder of `weights`, learned on some graph, says of the nodes of this one: messages pass over
/// `edges`, nothing is learned. On the graph it was trained on, with the training edges, it is the embedding of
/// the training to the last bit.
///
/// `features` is `N x F`, unscaled; the weights know how they are scaled. The weights of a method without
/// features, whose first rows stand for nodes, must not come here.
///
/// # Errors
/// When the weights do not fit each other or the features, the features are of other nodes than the edges,
/// or a value of the embedding is not finite.
pub fn encode(
    weights: &Weights,
    features: &Features,
    edges: TrainView<'_>,
) -> Result<Embedding, ModelError> {
    let (expected, found) = (edges.node_count(), features.node_count());
    let same_nodes = || {
        let error = ModelError::FeatureRows { expected, found };
        if expected == found { Ok(()) } else { Err(error) }
    };
    let scaler = Scaler::of(weights)?;
    let propagations = match number(weights, PROPAGATIONS, 1.0)? {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 64")]
        #[expect(clippy::cast_sign_loss, reason = "at least 1")]
        steps if (1.0..=64.0).contains(&steps) && steps.fract() == 0.0 => steps as u32,
        steps => {
            let expected = "a whole number of 1 to 64";
            return Err(ModelError::config(
                "propagations in the weights",
                expected,
                steps.to_string(),
            ));
        }
    };
    let Some(w_mu) = weights.get("w_mu") else {
        same_nodes()?;
        return sgc::embed(&scaler, features, edges, propagations, &mut NoCallback);
    };

    let shape = shape_of(weights, w_mu, propagations, features.feature_count())?;
    same_nodes()?;
    let features = scaler.apply(features)?;
    let parameters = Parameters::<f32>::of(weights);
    let adjacency = Arc::new(Adjacency::new(edges.messages()));
    let mut encoder = encoder::build(shape, adjacency, Some(&features));
    encoder.forward(&parameters, Pass::Evaluate);
    let Shape { latent, outputs, .. } = shape;
    let encoded = Dense { rows: expected, cols: outputs, data: encoder.encoded().to_vec() };
    let log_sigma = (outputs > latent).then(|| encoded.columns(latent, latent));
    Ok(Embedding::new(encoded.columns(0, latent), log_sigma)?)
}

/// The encoder that `weights` are of, by their names and shapes, which must fit each other and `inputs`
/// features.
fn shape_of(
    weights: &Weights,
    w_mu: &Matrix,
    propagations: u32,
    inputs: usize,
) -> Result<Shape, ModelError> {
    let latent = w_mu.cols();
    let hidden = weights.hidden().next().map_or(0, Matrix::cols);
    let hidden_layers = weights.hidden().count();
    if latent == 0 || (hidden_layers > 0 && hidden == 0) {
        return Err(ModelError::config("width of the weights", "at least 1", "0"));
    }
    let kind = match hidden_layers {
        0 if weights.get("b_mu").is_some() => EncoderKind::Normalised,
        0 => EncoderKind::Linear,
        1 => EncoderKind::Gcn,
        _ => EncoderKind::Deep,
    };
    let variational = weights.get("w_log_sigma").is_some();
    let widths = (inputs, hidden, latent);
    let mut shapes = shapes_of(kind, hidden_layers, widths, variational);
    if let Some(decoder) = weights.get(DECODER[0]) {
        shapes.extend(decoder_shapes(decoder.rows(), latent));
    }
    weights.check_shapes("", &shapes)?;
    Ok(Shape {
        kind,
        hidden,
        hidden_layers,
        latent,
        outputs: latent * (1 + usize::from(variational)),
        dropout: 0.0,
        scale: number(weights, SCALE, 1.0)?,
        propagations,
    })
}

/// A constant of the weights.
fn number(weights: &Weights, name: &'static str, default: f64) -> Result<f64, ModelError> {
    match weights.get(name).map(Matrix::as_slice) {
        None => Ok(default),
        Some(&[value]) if value.is_finite() && value > 0.0 => Ok(value.into()),
        Some(other) => {
            let found = format!("{other:?}");
            Err(ModelError::config(name, "one finite number above 0 in the weights", found))
        }
    }
}

#[cfg(test)]
mod tests {
    use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Seed};

    use super::*;
    use crate::{FeatureScaling, FitInput, FitOptions, Method, ModelConfig, fit};

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
        let with_features = Method::AUTO_ENCODERS.into_iter().filter(|of| of.uses_features());
        for (number, method) in with_features.enumerate() {
            for (dropout, propagations) in [(0.0, 1), (0.3, 2)] {
                let features = FeatureScaling::ALL[number % 3];
                let config = ModelConfig::of(method);
                let config = ModelConfig { epochs: 5, dropout, propagations, features, ..config };
                let config = config.check().expect("sound");
                let features = self::features(30, 5);
                let input = FitInput { features: Some(&features), train: split.train_view() };
                let options = FitOptions::default();
                let fitted = fit(input, &config, Seed(1), options, &mut NoCallback);
                let fitted = fitted.expect("trained");
                let crate::Learned::Encoder(weights) = &fitted.weights else {
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
        for (name, value) in [("propagations", 1.5), ("scale", f32::NAN), ("row_norm", 3.0)] {
            let config = ModelConfig::of(Method::Gnae).check().expect("sound");
            let constant = [(name.to_owned(), vgae_numerics::constant(value))].into_iter();
            let weights = Weights::glorot(5, &config, Seed(1)).with(constant);
            let error = encode(&weights, &features(7, 5), split.train_view()).expect_err(name);
            assert!(error.to_string().contains(name), "{error}");
        }
        let error = encode(&weights, &features(6, 5), split.train_view()).expect_err("a row less");
        assert!(matches!(error, ModelError::FeatureRows { expected: 7, found: 6 }), "{error}");
    }
}
