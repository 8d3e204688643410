//! Scorer of a run's pairs: inner products of its vectors, or its pair model.

use std::error::Error;

use vgae_artifacts::{Embedding, Features, Pair, TrainView, names};
use vgae_eval::{ColumnScorer, PairColumn, PairScorer};
use vgae_model::{
    EdgeWeightDecoder, FitInput, MlpDecoder, PairFeature, PairModel, PairModelScores, PairTable,
    RelationDecoder, Weights,
};

use crate::StageError;
use crate::stages::Artifacts;

/// Trained artifacts that scoring needs.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) embedding: Option<Embedding>,
    /// Embedding with message passing over validation edges too, where the split has it.
    test_embedding: Option<Embedding>,
    pub(crate) model: Option<PairModel>,
    pub(crate) decoder: Option<MlpDecoder>,
    /// Decoder of relation types, if the method has one.
    pub(crate) relations: Option<RelationDecoder>,
    /// Decoder of edge weights, if the method predicts them.
    pub(crate) weights: Option<EdgeWeightDecoder>,
    pub(crate) features: Option<Features>,
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
        let path = from.path(names::WEIGHTS);
        let relations = match &model {
            Some(PairModel::Relations { .. }) => {
                Some(RelationDecoder::from_weights(&Weights::read(&path)?.1)?)
            }
            _ => None,
        };
        let weights = if path.exists() { EdgeWeightDecoder::read(&path)? } else { None };
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
        Ok(Self {
            embedding: vectors,
            test_embedding,
            model,
            decoder,
            relations,
            weights,
            features,
        })
    }

    /// Returns the scorer with message passing over the edges of `view`.
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
        let decoders = (self.decoder.as_ref(), self.relations.as_ref());
        Scorer::new(input, embedding, self.model.as_ref(), decoders)
    }
}

/// Either way to score a pair.
pub(crate) enum Scorer<'a> {
    Vectors(&'a Embedding),
    Model(Box<PairModelScores<'a>>),
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

impl<'a> Scorer<'a> {
    /// Creates the scorer of a method that was trained on `input`.
    pub(crate) fn new(
        input: FitInput<'_>,
        embedding: Option<&'a Embedding>,
        model: Option<&'a PairModel>,
        (decoder, relations): (Option<&'a MlpDecoder>, Option<&'a RelationDecoder>),
    ) -> Result<Self, StageError> {
        match (model, embedding) {
            (Some(model), embedding) => {
                let scores = PairModelScores::new(model, input, embedding, decoder)?;
                Ok(Self::Model(Box::new(scores.with_relations(relations))))
            }
            (None, Some(embedding)) => Ok(Self::Vectors(embedding)),
            (None, None) => Err(StageError::NoTestVectors),
        }
    }

    /// The columns that scores are combined from; `None` where they are not.
    pub(crate) fn columns(&self) -> Option<&dyn ColumnScorer> {
        match self {
            Self::Model(model) if model.combiner().is_some() => Some(self),
            _ => None,
        }
    }
}

impl ColumnScorer for Scorer<'_> {
    fn columns(&self, pairs: &[Pair]) -> Result<Vec<PairColumn>, Box<dyn Error + Send + Sync>> {
        let Self::Model(model) = self else { return Ok(Vec::new()) };
        let coefficients = model.combiner().and_then(|combiner| combiner.coefficients());
        let table = model.columns(pairs)?.into_iter().flat_map(PairTable::into_columns);
        let columns = table.enumerate().map(|(at, (name, values))| PairColumn {
            definition: name.parse().ok().map(PairFeature::definition),
            coefficient: coefficients.map(|coefficients| coefficients[at]),
            name,
            values,
        });
        Ok(columns.collect())
    }

    fn score(&self, columns: &[PairColumn]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
        let Self::Model(model) = self else { return Ok(Vec::new()) };
        let Some(combiner) = model.combiner() else { return Ok(Vec::new()) };
        let (names, values) =
            columns.iter().map(|column| (column.name.clone(), column.values.clone())).unzip();
        Ok(combiner.score(&PairTable::new(names, values)?)?)
    }
}
