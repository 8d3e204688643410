use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Embedding, Kind, LabelledPairs, Pair, Provenance, json};

use crate::methods::hybrid::Hybrid;
use crate::{
    Combiner, FitInput, Learned, Method, MlpDecoder, ModelError, PairFeature, PairScores,
    PairTable, Scoring,
};

/// What the embedding is called among the columns that a hybrid joins.
const EMBEDDING: &str = "embedding";
/// The same of a decoder that was learned with it.
const DECODER: &str = "decoder";

/// How pairs are scored where inner products of vectors do not: `pair-model.json`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PairModel {
    /// By one number of structure or text.
    Feature {
        /// Which.
        feature: PairFeature,
        /// Its formula, with its constants.
        definition: String,
    },
    /// By several, and an embedding, joined.
    Hybrid(FittedHybrid),
    /// By a decoder that was learned with its encoder; its weights stand beside the encoder's.
    MlpDecoder,
}

/// A fitted hybrid, without the embedding that it joins.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct FittedHybrid {
    /// What embeds the nodes.
    pub encoder: Method,
    /// What joins the scores.
    pub combiner: Combiner,
    /// The numbers that are joined with the embedding.
    pub features: Vec<PairFeature>,
    /// Training edges that it was fitted on, taken out of the graph for the fit.
    pub positives: usize,
    /// Pairs without an edge that it was fitted on.
    pub negatives: usize,
    pub(crate) joined: Hybrid,
}

/// The columns that a hybrid joins.
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
    /// The decoder, if one was learned.
    ///
    /// # Errors
    /// When its weights do not fit each other.
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
    /// Of one number.
    #[must_use]
    pub fn of(feature: PairFeature) -> Self {
        Self::Feature { feature, definition: feature.definition() }
    }

    /// Writes `pair-model.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<(), ModelError> {
        Ok(json::write(path, Kind::PairModel, self, provenance)?)
    }

    /// Reads what [`PairModel::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        Ok(json::read(path, Kind::PairModel)?)
    }

    /// Whether it reads the nodes' vectors.
    #[must_use]
    pub fn reads_embedding(&self) -> bool {
        matches!(self, Self::Hybrid(_) | Self::MlpDecoder)
    }

    /// Whether it asks a decoder that was learned with the encoder.
    #[must_use]
    pub fn reads_decoder(&self) -> bool {
        match self {
            Self::MlpDecoder => true,
            Self::Hybrid(hybrid) => hybrid.encoder.default_config().scoring() == Scoring::Decoder,
            Self::Feature { .. } => false,
        }
    }

    /// Whether it reads node features.
    #[must_use]
    pub fn reads_features(&self) -> bool {
        match self {
            Self::Feature { feature, .. } => feature.uses_features(),
            Self::Hybrid(hybrid) => hybrid.features.iter().any(|feature| feature.uses_features()),
            Self::MlpDecoder => false,
        }
    }
}

/// Scores pairs over a graph by a [`PairModel`].
#[derive(Debug)]
pub struct PairModelScores<'a> {
    model: &'a PairModel,
    scores: PairScores,
    embedding: Option<&'a Embedding>,
    decoder: Option<&'a MlpDecoder>,
}

impl<'a> PairModelScores<'a> {
    /// Over the edges and features of `input`. `embedding` is of the same nodes, over the same edges, `decoder` was
    /// learned with its encoder; models that do not read them leave them alone.
    ///
    /// # Errors
    /// When features or embedding are of other nodes, or the model needs one that is not there.
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
        Ok(Self { model, scores, embedding, decoder })
    }

    /// The number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.scores.node_count()
    }

    /// One number a pair, larger for likelier edges. Of a hybrid a logit, where 0 is even odds; of a feature its
    /// value. The same bits at any number of threads and whatever other pairs are asked about.
    ///
    /// # Errors
    /// When a pair names a node that is not there or one node twice, or the model was read from a file that does
    /// not add up.
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
        }
    }

    fn table(&self, hybrid: &FittedHybrid, pairs: &[Pair]) -> Result<PairTable, ModelError> {
        table(&self.scores, &hybrid.features, self.embedding, self.decoder, pairs)
    }

    /// Returns the columns that a hybrid combines, for `pairs`; `None` for other models.
    ///
    /// # Errors
    /// As [`PairModelScores::logits`].
    pub fn columns(&self, pairs: &[Pair]) -> Result<Option<PairTable>, ModelError> {
        self.hybrid().map(|hybrid| self.table(hybrid, pairs)).transpose()
    }

    /// The combiner of columns; `None` where there are no columns.
    #[must_use]
    pub fn combiner(&self) -> Option<&'a Hybrid> {
        self.hybrid().map(|hybrid| &hybrid.joined)
    }

    fn hybrid(&self) -> Option<&'a FittedHybrid> {
        match self.model {
            PairModel::Hybrid(hybrid) => Some(hybrid),
            PairModel::Feature { .. } | PairModel::MlpDecoder => None,
        }
    }
}

/// Positives, then negatives.
pub(crate) fn listed(pairs: &LabelledPairs) -> Vec<Pair> {
    [&pairs.positive[..], &pairs.negative].concat()
}

/// Their truths.
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

    /// `mlp-gae`, small.
    fn encoder() -> ModelConfig {
        let small = [("epochs", json!(12)), ("latent", json!(8))];
        "mlp-gae".parse::<Method>().expect("a method").default_config().with(&small).expect("sound")
    }

    fn config() -> HybridConfig {
        HybridConfig { encoder: encoder(), ..HybridConfig::default() }
    }

    /// A fitted hybrid and its encoder.
    fn fitted(
        input: FitInput<'_>,
        options: FitOptions,
        callback: &mut dyn Callback,
    ) -> (Fitted, FittedHybrid) {
        let fitted = fit_hybrid(input, &config(), Seed(3), options, callback).expect("fits");
        match fitted {
            FittedModel { encoder: Some(encoder), pair_model: Some(PairModel::Hybrid(model)) } => {
                (encoder, model)
            }
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

        // A training goes on from a checkpoint of either part.
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
