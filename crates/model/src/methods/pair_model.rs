use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Embedding, Kind, LabelledPairs, Pair, Provenance, json};
use vgae_nn::ops::directed_loss::DirectedDecoder;

use crate::methods::gae::directed::directed_logits;
use crate::methods::hybrid::Hybrid;
use crate::{
    Combiner, FitInput, Learned, Method, MlpDecoder, ModelError, PairFeature, PairScores,
    PairTable, RelationDecoder, Scoring,
};

/// Name of the embedding's column in a hybrid.
const EMBEDDING: &str = "embedding";
/// Name of the column of a decoder trained with the embedding.
const DECODER: &str = "decoder";

/// Model that scores pairs, for methods without inner products: `pair-model.json`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PairModel {
    /// A single structural or feature heuristic.
    Feature {
        /// The heuristic.
        feature: PairFeature,
        /// Formula with its constants.
        definition: String,
    },
    /// Heuristics and an embedding, combined by a fitted model.
    Hybrid(FittedHybrid),
    /// Decoder trained with its encoder; its weights are stored together with the encoder's.
    MlpDecoder,
    /// Decoder of directed edges, without weights.
    Directed(DirectedDecoder),
    /// Decoder of edges with relation types; its weights are stored together with the encoder's.
    Relations {
        /// Names of the relation types, in the order of the decoder's rows.
        names: Vec<String>,
    },
}

/// Fitted hybrid, without the embedding that it combines.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct FittedHybrid {
    /// Method that embeds the nodes.
    pub encoder: Method,
    /// Combiner of the scores.
    pub combiner: Combiner,
    /// Heuristics that are combined with the embedding.
    pub features: Vec<PairFeature>,
    /// Number of training edges in the fit, removed from the graph for it.
    pub positives: usize,
    /// Number of pairs without an edge in the fit.
    pub negatives: usize,
    pub(crate) joined: Hybrid,
}

/// Returns the columns that a hybrid combines.
pub(crate) fn table(
    scores: &PairScores,
    features: &[PairFeature],
    embedding: Option<&Embedding>,
    decoder: Option<&MlpDecoder>,
    pairs: &[Pair],
) -> Result<PairTable, ModelError> {
    let mut others = Vec::new();
    if let (Some(decoder), Some(embedding)) = (decoder, embedding) {
        let logits = decoder.logits(embedding, pairs)?;
        others.push((DECODER, logits.into_iter().map(f64::from).collect()));
    }
    let embedding = embedding.map(|embedding| (EMBEDDING, embedding));
    scores.table(features, embedding.as_slice(), others, pairs)
}

impl Learned {
    /// Returns the decoder, if one was learned.
    ///
    /// # Errors
    /// Returns an error when the shapes of its weights do not match.
    pub fn decoder(&self) -> Result<Option<MlpDecoder>, ModelError> {
        match self {
            Self::Encoder(weights) if weights.get("decoder.0.weight").is_some() => {
                Ok(Some(MlpDecoder::from_weights(weights)?))
            }
            _ => Ok(None),
        }
    }
}

impl PairModel {
    /// Creates the model of a single heuristic.
    #[must_use]
    pub fn of(feature: PairFeature) -> Self {
        Self::Feature { feature, definition: feature.definition() }
    }

    /// Writes `pair-model.json`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ModelError> {
        Ok(json::write(path, Kind::PairModel, self, provenance)?)
    }

    /// Reads a file of [`PairModel::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        Ok(json::read(path, Kind::PairModel)?)
    }

    /// Returns whether the model reads the nodes' vectors.
    #[must_use]
    pub fn reads_embedding(&self) -> bool {
        match self {
            Self::Hybrid(_) | Self::MlpDecoder | Self::Directed(_) | Self::Relations { .. } => true,
            Self::Feature { .. } => false,
        }
    }

    /// Returns whether the model uses a decoder trained with the encoder.
    #[must_use]
    pub fn reads_decoder(&self) -> bool {
        match self {
            Self::MlpDecoder => true,
            Self::Hybrid(hybrid) => hybrid.encoder.default_config().scoring() == Scoring::Decoder,
            Self::Feature { .. } | Self::Directed(_) | Self::Relations { .. } => false,
        }
    }

    /// Returns whether the model reads node features.
    #[must_use]
    pub fn reads_features(&self) -> bool {
        match self {
            Self::Feature { feature, .. } => feature.uses_features(),
            Self::Hybrid(hybrid) => hybrid.features.iter().any(|feature| feature.uses_features()),
            Self::MlpDecoder | Self::Directed(_) | Self::Relations { .. } => false,
        }
    }
}

/// Scores of pairs over a graph by a [`PairModel`].
#[derive(Debug)]
pub struct PairModelScores<'a> {
    model: &'a PairModel,
    scores: PairScores,
    embedding: Option<&'a Embedding>,
    decoder: Option<&'a MlpDecoder>,
    relations: Option<&'a RelationDecoder>,
}

impl<'a> PairModelScores<'a> {
    /// Creates the scorer over the edges and features of `input`. `embedding` must be of the same nodes and
    /// edges, and `decoder` must have been trained with its encoder; models that do not need them ignore
    /// them.
    ///
    /// # Errors
    /// Returns an error when features or embedding have another number of nodes, or a required one is missing.
    pub fn new(
        model: &'a PairModel,
        input: FitInput<'_>,
        embedding: Option<&'a Embedding>,
        decoder: Option<&'a MlpDecoder>,
    ) -> Result<Self, ModelError> {
        let features = input.features.filter(|_| model.reads_features());
        let scores = PairScores::new(input.train, features)?;
        let embedding = embedding.filter(|_| model.reads_embedding());
        if model.reads_embedding() && embedding.is_none() {
            return Err(ModelError::NoEmbeddingToJoin);
        }
        let decoder = decoder.filter(|_| model.reads_decoder());
        if model.reads_decoder() && decoder.is_none() {
            return Err(ModelError::NoDecoder);
        }
        Ok(Self { model, scores, embedding, decoder, relations: None })
    }

    /// Adds the decoder of relation types, for [`PairModel::Relations`].
    #[must_use]
    pub fn with_relations(self, relations: Option<&'a RelationDecoder>) -> Self {
        Self { relations, ..self }
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.scores.node_count()
    }

    /// Returns one score per pair; a higher score means a higher likelihood of an edge. For a hybrid it is a
    /// logit, where 0 means even odds; for a heuristic its value. The result is bitwise equal for any number
    /// of threads and does not depend on the other pairs.
    ///
    /// # Errors
    /// Returns an error when a pair has a node out of range or is a self-loop, or the model was read from an
    /// inconsistent file.
    pub fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, ModelError> {
        match self.model {
            PairModel::Feature { feature, .. } => {
                #[expect(clippy::cast_possible_truncation, reason = "scores are stored as f32")]
                let narrow = |score: f64| score as f32;
                Ok(self.scores.score(*feature, pairs)?.into_iter().map(narrow).collect())
            }
            PairModel::Hybrid(hybrid) => hybrid.joined.score(&self.table(hybrid, pairs)?),
            PairModel::MlpDecoder => match (self.decoder, self.embedding) {
                (Some(decoder), Some(embedding)) => decoder.logits(embedding, pairs),
                _ => Err(ModelError::NoDecoder),
            },
            PairModel::Relations { .. } => match (self.relations, self.embedding) {
                (Some(decoder), Some(embedding)) => {
                    let best = decoder.best(embedding, pairs)?;
                    Ok(best.into_iter().map(|(_, logit)| logit).collect())
                }
                _ => Err(ModelError::NoDecoder),
            },
            PairModel::Directed(decoder) => match self.embedding {
                Some(embedding) => directed_logits(*decoder, embedding.mu(), pairs),
                None => Err(ModelError::NoEmbeddingToJoin),
            },
        }
    }

    fn table(&self, hybrid: &FittedHybrid, pairs: &[Pair]) -> Result<PairTable, ModelError> {
        table(&self.scores, &hybrid.features, self.embedding, self.decoder, pairs)
    }

    /// Returns the columns that a hybrid combines, for `pairs`; `None` for other models.
    ///
    /// # Errors
    /// See [`PairModelScores::logits`].
    pub fn columns(&self, pairs: &[Pair]) -> Result<Option<PairTable>, ModelError> {
        self.hybrid().map(|hybrid| self.table(hybrid, pairs)).transpose()
    }

    /// Returns the combiner of columns; `None` for models without columns.
    #[must_use]
    pub fn combiner(&self) -> Option<&'a Hybrid> {
        self.hybrid().map(|hybrid| &hybrid.joined)
    }

    fn hybrid(&self) -> Option<&'a FittedHybrid> {
        match self.model {
            PairModel::Hybrid(hybrid) => Some(hybrid),
            PairModel::Feature { .. }
            | PairModel::MlpDecoder
            | PairModel::Directed(_)
            | PairModel::Relations { .. } => None,
        }
    }
}

/// Concatenates positives and negatives.
pub(crate) fn listed(pairs: &LabelledPairs) -> Vec<Pair> {
    [&pairs.positive[..], &pairs.negative].concat()
}

/// Returns the truth of each pair of [`listed`].
pub(crate) fn truths(pairs: &LabelledPairs) -> Vec<bool> {
    let mut truths = vec![true; pairs.positive.len()];
    truths.resize(pairs.positive.len() + pairs.negative.len(), false);
    truths
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::methods::hybrid::fit_hybrid;
    use crate::{
        Callback, Checkpoint, FitOptions, Fitted, FittedModel, HybridConfig, ModelConfig,
        NoCallback,
    };
    use vgae_artifacts::Seed;
    use vgae_testing::{features, on_threads, ring};

    /// Returns a small `mlp-gae`.
    fn encoder() -> ModelConfig {
        let small = [("epochs", json!(12)), ("latent", json!(8))];
        "mlp-gae".parse::<Method>().expect("a method").default_config().with(&small).expect("sound")
    }

    fn config() -> HybridConfig {
        HybridConfig { encoder: encoder(), ..HybridConfig::default() }
    }

    /// Returns a fitted hybrid and its encoder.
    fn fitted(
        input: FitInput<'_>,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> (Fitted, FittedHybrid) {
        let fitted = fit_hybrid(input, &config(), Seed(3), options, callback).expect("fits");
        match fitted {
            FittedModel {
                encoder: Some(encoder),
                pair_model: Some(PairModel::Hybrid(model)),
                ..
            } => (encoder, model),
            other => panic!("a hybrid, not {other:?}"),
        }
    }

    struct Keep(Vec<Checkpoint>);

    impl Callback for Keep {
        fn checkpoint(
            &mut self,
            checkpoint: &Checkpoint,
        ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            self.0.push(checkpoint.clone());
            Ok(())
        }
    }

    #[test]
    fn a_hybrid_is_its_encoder_and_a_combiner_and_reads_back() {
        let (split, features) = (ring(200), features(200, 30));
        let input = FitInput { features: Some(&features), train: split.train_view() };
        let hybrid = |threads, options: FitOptions| {
            on_threads(threads, || fitted(input, options, &mut NoCallback))
        };
        let (own, model) = hybrid(1, FitOptions::default());
        let hash = |fitted: &Fitted| fitted.embedding.content_hash();
        let alone = encoder().fit(input, Seed(3), FitOptions::default(), &mut NoCallback);
        assert_eq!(hash(&own), hash(&alone.expect("fits").encoder.expect("vectors")));
        assert_eq!(model.positives * 5, model.negatives);
        let other = hybrid(3, FitOptions::default());
        assert!(other.1 == model && hash(&other.0) == hash(&own));

        // A training can be resumed from a checkpoint of either part.
        let mut keep = Keep(Vec::new());
        let options = FitOptions { checkpoint_every: Some(5), resume: None };
        fitted(input, options, &mut keep);
        assert_eq!(keep.0.len(), 4);
        for state in keep.0 {
            let resumed = hybrid(2, FitOptions { checkpoint_every: None, resume: Some(state) });
            assert!(resumed.1 == model && hash(&resumed.0) == hash(&own));
        }

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pair-model.json");
        let model = PairModel::Hybrid(model);
        model.write(&path, &Provenance::of_stage("train")).expect("written");
        assert_eq!(PairModel::read(&path).expect("reads back"), model);

        let embedding = Some(&own.embedding);
        let decoder = own.weights.decoder().expect("fits");
        let scores = PairModelScores::new(&model, input, embedding, decoder.as_ref());
        let scores = scores.expect("all is there");
        let pairs: Vec<Pair> = (1..100).map(|node| Pair::new(0, node)).collect();
        let logits = scores.logits(&pairs).expect("scores");
        let apart: Vec<f32> =
            pairs.iter().flat_map(|&pair| scores.logits(&[pair]).expect("scores")).collect();
        assert_eq!(logits, apart);
        let error = PairModelScores::new(&model, input, embedding, None).expect_err("no decoder");
        assert!(error.to_string().contains("expected the weights"), "{error}");
        let error = PairModelScores::new(&model, input, None, None).expect_err("no embedding");
        assert!(error.to_string().contains("expected an embedding"), "{error}");
    }

    #[test]
    fn a_feature_is_a_model() {
        let split = ring(40);
        let input = FitInput { features: None, train: split.train_view() };
        let model = PairModel::of(PairFeature::CommonNeighbours);
        let scores = PairModelScores::new(&model, input, None, None).expect("needs nothing");
        let logits = scores.logits(&[Pair::new(0, 2), Pair::new(0, 20)]).expect("scores");
        assert!(logits[0] > logits[1], "{logits:?}");
        let text = PairModel::of(PairFeature::FeatureCosine);
        let scores = PairModelScores::new(&text, input, None, None).expect("fails later");
        scores.logits(&[Pair::new(0, 2)]).expect_err("no features");
    }
}
