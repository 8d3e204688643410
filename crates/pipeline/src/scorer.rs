//! What scores the pairs of a run: inner products of its vectors, or its pair model.

use std::error::Error;

use vgae_artifacts::{Embedding, Features, Pair, TrainView, names};
use vgae_eval::PairScorer;
use vgae_model::{FitInput, MlpDecoder, PairModel, PairModelScores, Weights};

use crate::StageError;
use crate::stages::Artifacts;

/// What a training left to score with.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) embedding: Option<Embedding>,
    /// With messages over validation edges too, where the split asks for it.
    test_embedding: Option<Embedding>,
    pub(crate) model: Option<PairModel>,
    decoder: Option<MlpDecoder>,
    features: Option<Features>,
}

impl Trained {
    /// Reads what there is in the folders of a run with so many nodes.
    pub(crate) fn read(from: &Artifacts, node_count: usize) -> Result<Self, StageError> {
        let path = from.path(names::PAIR_MODEL);
        let model = path.exists().then(|| PairModel::read(&path)).transpose()?;
        let decoder = match &model {
            Some(model) if model.reads_decoder() => {
                let (_, weights) = Weights::read(&from.path(names::WEIGHTS))?;
                Some(MlpDecoder::from_weights(&weights)?)
            }
            _ => None,
        };
        let embedding = |name| from.optional(name, Embedding::read);
        let features = match &model {
            Some(model) if model.reads_features() => from.features(node_count)?,
            _ => None,
        };
        // Where there is neither, the missing file is the vectors'.
        let vectors = match &model {
            None => Some(Embedding::read(&from.path(names::LATENT))?),
            Some(_) => embedding(names::LATENT)?,
        };
        let test_embedding = embedding(names::LATENT_TEST)?;
        Ok(Self { embedding: vectors, test_embedding, model, decoder, features })
    }

    /// What scores pairs with messages over the edges of `view`.
    pub(crate) fn scorer(&self, view: TrainView<'_>) -> Result<Scorer<'_>, StageError> {
        self.over(view, self.embedding.as_ref())
    }

    /// The same where test pairs are scored with messages over more edges.
    pub(crate) fn test_scorer(&self, view: TrainView<'_>) -> Result<Scorer<'_>, StageError> {
        self.over(view, self.test_embedding.as_ref())
    }

    fn over<'a>(
        &'a self,
        train: TrainView<'_>,
        embedding: Option<&'a Embedding>,
    ) -> Result<Scorer<'a>, StageError> {
        let input = FitInput { features: self.features.as_ref(), train };
        match (&self.model, embedding) {
            (Some(model), embedding) => Ok(Scorer::Model(PairModelScores::new(
                model,
                input,
                embedding,
                self.decoder.as_ref(),
            )?)),
            (None, Some(embedding)) => Ok(Scorer::Vectors(embedding)),
            (None, None) => Err(StageError::NoTestVectors),
        }
    }
}

/// Either way to score a pair.
pub(crate) enum Scorer<'a> {
    Vectors(&'a Embedding),
    Model(PairModelScores<'a>),
}

impl PairScorer for Scorer<'_> {
    fn node_count(&self) -> usize {
        match self {
            Self::Vectors(embedding) => PairScorer::node_count(*embedding),
            Self::Model(model) => model.node_count(),
        }
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
        match self {
            Self::Vectors(embedding) => embedding.logits(pairs),
            Self::Model(model) => Ok(model.logits(pairs)?),
        }
    }
}
