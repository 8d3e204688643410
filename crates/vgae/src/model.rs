use vgae_artifacts::{EdgeSplit, Edges, Embedding, Graph, Pair, Part, Seed};
use vgae_eval::{
    Among, EvalConfig, EvalInput, Evaluation, Neighbour, PairScorer, RankedPair, Similarity,
    all_pairs, evaluate, neighbours, top_pairs, top_scored,
};
use vgae_model::{
    Callback, FitInput, FitOptions, FittedModel, MlpDecoder, ModelConfig, NoCallback, PairModel,
    PairModelScores, split_hard_negatives,
};
use vgae_split::{SplitConfig, split_edges};

use crate::Error;

/// Splits the edges of a graph into training, validation and test edges, with as many absent edges beside the held-out
/// ones.
///
/// # Errors
/// When the fractions leave a part empty or the graph is too dense for that many absent edges.
pub fn split(graph: &Graph, config: SplitConfig, seed: Seed) -> Result<EdgeSplit, Error> {
    Ok(split_edges(&graph.edges, &config.check()?, seed)?)
}

/// Trains a method on the training edges of a split.
///
/// # Errors
/// When the graph does not suit the method, or training fails.
pub fn fit<'a>(
    graph: &'a Graph,
    split: &'a EdgeSplit,
    config: &ModelConfig,
    seed: Seed,
) -> Result<Model<'a>, Error> {
    fit_with(graph, split, config, seed, &mut NoCallback)
}

/// Trains a method, with callbacks for epochs and for validation.
///
/// # Errors
/// As [`fit`].
pub fn fit_with<'a>(
    graph: &'a Graph,
    split: &'a EdgeSplit,
    config: &ModelConfig,
    seed: Seed,
    callback: &mut dyn Callback,
) -> Result<Model<'a>, Error> {
    let features = graph.features.as_ref().filter(|_| config.reads_features());
    let input = FitInput { features, train: split.train_view() };
    let fitted = config.fit(input, seed, FitOptions::default(), callback)?;
    let decoder = match &fitted.encoder {
        Some(encoder) => encoder.weights.decoder()?,
        None => None,
    };
    Ok(Model { graph, split, input, fitted, decoder })
}

/// A trained method with the graph and split it was trained on.
#[derive(Debug)]
pub struct Model<'a> {
    graph: &'a Graph,
    split: &'a EdgeSplit,
    input: FitInput<'a>,
    fitted: FittedModel,
    decoder: Option<MlpDecoder>,
}

impl Model<'_> {
    /// The trained method, borrowed.
    #[must_use]
    pub fn view(&self) -> ModelView<'_> {
        ModelView {
            graph: self.graph,
            split: self.split,
            input: self.input,
            embedding: self.embedding(),
            pair_model: self.fitted.pair_model.as_ref(),
            decoder: self.decoder.as_ref(),
        }
    }

    /// Returns what training returned, without the graph and the split.
    #[must_use]
    pub fn into_fitted(self) -> FittedModel {
        self.fitted
    }

    /// The embedding of the nodes, `N x latent`; `None` of methods that only score pairs.
    #[must_use]
    pub fn embedding(&self) -> Option<&Embedding> {
        self.fitted.encoder.as_ref().map(|encoder| &encoder.embedding)
    }

    /// Everything that training returned: weights, history, diagnostics.
    #[must_use]
    pub fn fitted(&self) -> &FittedModel {
        &self.fitted
    }

    /// The logits of edges between the nodes of each pair, in the order of `pairs`.
    ///
    /// # Errors
    /// When a pair names a node that is not there.
    pub fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Error> {
        self.view().logits(pairs)
    }

    /// Measures the method on the validation and test edges of the split.
    ///
    /// # Errors
    /// When a score is not a number, or hard negatives cannot be made.
    pub fn evaluate(&self, config: &EvalConfig) -> Result<Evaluation, Error> {
        self.view().evaluate(config)
    }

    /// The `count` pairs without an edge that have the highest logits, from high to low.
    ///
    /// # Errors
    /// When a score is not a number.
    pub fn missing_links(&self, count: usize) -> Result<Vec<RankedPair>, Error> {
        self.view().missing_links(count)
    }

    /// The `count` nodes most similar to `node`.
    ///
    /// # Errors
    /// When there is no such node, or the similarity needs vectors and the method has none.
    pub fn neighbours(
        &self,
        node: u32,
        by: Similarity,
        count: usize,
    ) -> Result<Vec<Neighbour>, Error> {
        self.view().neighbours(node, by, count)
    }
}

/// The parts of a trained method that score pairs, wherever they are kept: those of a [`Model`], or values that were
/// read from files.
#[derive(Debug, Clone, Copy)]
pub struct ModelView<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// The split that the method was trained on.
    pub split: &'a EdgeSplit,
    /// The input of the training.
    pub input: FitInput<'a>,
    /// The embedding of the nodes; `None` of methods that only score pairs.
    pub embedding: Option<&'a Embedding>,
    /// The scorer of pairs, of methods without inner products.
    pub pair_model: Option<&'a PairModel>,
    /// The learned decoder, of methods that have one.
    pub decoder: Option<&'a MlpDecoder>,
}

impl ModelView<'_> {
    /// The logits of edges between the nodes of each pair, in the order of `pairs`.
    ///
    /// # Errors
    /// When a pair names a node that is not there.
    pub fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Error> {
        let nodes = self.graph.node_count();
        let known = |pair: &&Pair| (pair.src.max(pair.dst) as usize) < nodes;
        if let Some(&pair) = pairs.iter().find(|pair| !known(pair)) {
            return Err(vgae_model::ModelError::NoSuchPair { pair, nodes }.into());
        }
        self.with_scorer(|scorer| {
            scorer.logits(pairs).map_err(|source| vgae_eval::EvalError::Scorer { source }.into())
        })
    }

    /// Measures the method on the validation and test edges of the split.
    ///
    /// # Errors
    /// When a score is not a number, or hard negatives cannot be made.
    pub fn evaluate(&self, config: &EvalConfig) -> Result<Evaluation, Error> {
        let labels = self.graph.nodes.labels();
        let hard = |set: vgae_artifacts::NegativeSet, part: Part| {
            let features = self.graph.features.as_ref();
            Ok(split_hard_negatives(self.split, features, part, set.per_positive() as usize)?)
        };
        self.with_scorer(|scorer| {
            let input = EvalInput {
                nodes: self.embedding.map(|embedding| (embedding, labels)),
                hard: Some(&hard),
                ..EvalInput::new(scorer, self.split)
            };
            Ok(evaluate(&input, config)?)
        })
    }

    /// The `count` pairs without an edge that have the highest logits, from high to low.
    ///
    /// # Errors
    /// When a score is not a number.
    pub fn missing_links(&self, count: usize) -> Result<Vec<RankedPair>, Error> {
        let known: &Edges = &self.graph.edges;
        match (self.embedding, self.pair_model) {
            (Some(embedding), None) => Ok(top_pairs(embedding, known, Among::ALL, count)?),
            _ => self.with_scorer(|scorer| {
                let nodes = u32::try_from(self.graph.node_count()).unwrap_or(u32::MAX);
                Ok(top_scored(scorer, known, false, all_pairs(nodes, Among::ALL), count)?)
            }),
        }
    }

    /// The `count` nodes most similar to `node`.
    ///
    /// # Errors
    /// When there is no such node, or the similarity needs vectors and the method has none.
    pub fn neighbours(
        &self,
        node: u32,
        by: Similarity,
        count: usize,
    ) -> Result<Vec<Neighbour>, Error> {
        self.with_scorer(|scorer| Ok(neighbours(scorer, self.embedding, node, by, count)?))
    }

    /// Calls `work` with the scorer of pairs.
    fn with_scorer<T>(
        &self,
        work: impl FnOnce(&dyn PairScorer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match (self.pair_model, self.embedding) {
            (None, Some(embedding)) => work(embedding),
            (Some(model), embedding) => {
                let scores = PairModelScores::new(model, self.input, embedding, self.decoder)?;
                work(&ByModel(scores))
            }
            (None, None) => unreachable!("a method embeds nodes or has a pair model"),
        }
    }
}

/// A pair model as a scorer.
struct ByModel<'a>(PairModelScores<'a>);

impl PairScorer for ByModel<'_> {
    fn node_count(&self) -> usize {
        self.0.node_count()
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.logits(pairs)?)
    }
}
