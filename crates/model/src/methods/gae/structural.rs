//! Vectors of a method without training in place of node features, so that on a graph without features an encoder trains
//! `F x latent` weights instead of a row per node.

use vgae_artifacts::table::row_index;
use vgae_artifacts::{Features, Seed};

use super::config::{FeatureOptions, GaeConfig, StructuralFeatures};
use super::scaling::FeatureScaling;
use crate::{Callback, DataSize, FitInput, FitOptions, Method, ModelError};

/// Width of the vectors unless it is set.
const DIMENSIONS: usize = 128;

impl StructuralFeatures {
    const fn name(self) -> &'static str {
        match self {
            Self::Fastrp => "fastrp",
            Self::Prone => "prone",
        }
    }
}

impl GaeConfig {
    /// Returns the vectors that replace node features and their width, if they are configured.
    fn structural(&self) -> Option<(StructuralFeatures, usize)> {
        let options = self.features?;
        let dimensions = options.structural_dimensions.unwrap_or(DIMENSIONS);
        Some((options.structural_features?, dimensions))
    }

    /// Returns whether vectors replace missing node features.
    pub(crate) fn replaces_features(&self) -> bool {
        self.structural().is_some()
    }

    /// Returns the size of data with the vectors that replace missing node features.
    pub(crate) fn with_structural(&self, data: &DataSize) -> DataSize {
        match (*data, self.structural()) {
            (DataSize::Graph { nodes, edges, features: 0, .. }, Some((_, features))) => {
                let feature_values = nodes.saturating_mul(features);
                DataSize::Graph { nodes, edges, features, feature_values }
            }
            _ => *data,
        }
    }

    /// Returns the vectors that replace the node features of a graph without any, and the configuration for them; `None`
    /// if nothing is to be replaced.
    pub(crate) fn structural_input(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        callback: &mut dyn Callback,
    ) -> Result<Option<(Self, Features)>, ModelError> {
        let has_features = input.features.is_some_and(|features| features.feature_count() > 0);
        let Some((method, dimensions)) = self.structural().filter(|_| !has_features) else {
            return Ok(None);
        };
        let method: Method = method.name().parse()?;
        let method = method.default_config().with(&[("dimensions", dimensions.into())])?;
        let input = FitInput { features: None, ..input };
        let fitted = method.fit(input, seed, FitOptions::default(), callback)?;
        let vectors = fitted.encoder.ok_or(ModelError::NoEmbeddingToJoin)?.embedding;
        let (nodes, width) = (vectors.mu().rows(), vectors.mu().cols());
        let features = Features::from_rows(
            width,
            (0..=nodes).map(|node| node * width).collect(),
            (0..nodes).flat_map(|_| 0..row_index(width)).collect(),
            vectors.mu().as_slice().to_vec(),
        )?;
        // The vectors have one length already.
        let options = self
            .features
            .map(|options| FeatureOptions { feature_scaling: FeatureScaling::AsGiven, ..options });
        Ok(Some((Self { features: options, ..*self }, features)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vgae_artifacts::EdgeSplit;
    use vgae_testing::{features, on_threads, ring};

    use super::*;
    use crate::{FeatureUse, FittedModel, Learned, ModelConfig, NoCallback};

    fn config(method: &str, structural: &str) -> ModelConfig {
        let method: Method = method.parse().expect("a method");
        let options = [
            ("structural_features", json!(structural)),
            ("structural_dimensions", json!(12)),
            ("epochs", json!(4)),
        ];
        method.default_config().with(&options).expect("sound")
    }

    fn train(config: &ModelConfig, split: &EdgeSplit) -> FittedModel {
        let input = FitInput { features: None, train: split.train_view() };
        config.fit(input, Seed(2), FitOptions::default(), &mut NoCallback).expect("trained")
    }

    #[test]
    fn every_encoder_of_features_is_trained_on_vectors_of_the_graph() {
        let split = ring(120);
        for preset in GaeConfig::all().filter(|preset| preset.features.is_some()) {
            for structural in ["fastrp", "prone"] {
                let config = config(preset.name(), structural);
                assert_eq!(config.needs().features, FeatureUse::Optional);
                let fitted = on_threads(1, || train(&config, &split)).encoder.expect("an encoder");
                let other = on_threads(3, || train(&config, &split)).encoder.expect("an encoder");
                let hash = fitted.embedding.content_hash();
                assert_eq!(hash, other.embedding.content_hash(), "{}", preset.name());
                let Learned::Encoder(weights) = &fitted.weights else { panic!("weights") };
                // `GraphSAGE` reads the inputs and their means.
                assert!(weights.named().iter().any(|(_, w)| [12, 24].contains(&w.rows())));
                let input = FitInput { features: None, train: split.train_view() };
                let again = config.embed_again(&fitted.weights, input, Seed(2)).expect("again");
                assert_eq!(again.content_hash(), hash, "{}", preset.name());

                // Other nodes have no such vectors.
                let none = Features::from_rows(0, vec![0; 121], Vec::new(), Vec::new());
                let none = none.expect("no columns");
                let error = config.infer(weights, &none, split.train_view()).expect_err("none");
                assert!(error.to_string().contains("vectors of the training nodes"), "{error}");
            }
        }
    }

    #[test]
    fn node_features_are_not_replaced() {
        let (split, features) = (ring(60), features(60, 9));
        let input = FitInput { features: Some(&features), train: split.train_view() };
        let fit = |config: &ModelConfig| {
            let fitted = config.fit(input, Seed(2), FitOptions::default(), &mut NoCallback);
            fitted.expect("trained").encoder.expect("an encoder").embedding.content_hash()
        };
        let plain: Method = "gnae".parse().expect("a method");
        let plain = plain.default_config().with(&[("epochs", 4.into())]).expect("sound");
        assert_eq!(fit(&config("gnae", "prone")), fit(&plain));
    }

    #[test]
    fn a_width_without_a_method_and_missing_features_are_refused() {
        let method: Method = "gnae".parse().expect("a method");
        let error = method.default_config().with(&[("structural_dimensions", 3.into())]);
        let error = error.expect_err("no method").to_string();
        assert!(error.contains("`structural_features` beside it"), "{error}");
        let split = ring(9);
        let input = FitInput { features: None, train: split.train_view() };
        let error =
            method.default_config().fit(input, Seed(0), FitOptions::default(), &mut NoCallback);
        let error = error.expect_err("no features").to_string();
        assert!(error.contains("`gae*`") && error.contains("structural_features"), "{error}");
    }
}
