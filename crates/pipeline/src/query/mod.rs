//! Answers from a finished run: its folder is read, nothing in it is changed.

mod infer;
mod neighbors;
mod predict;
mod shortlist;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::datatypes::DataType;
use serde::{Serialize, Serializer};
use vgae_artifacts::{
    ArtifactError, EdgeSplit, Edges, Embedding, Features, IdType, LabelledPairs, Nodes, Pair,
    PairTypes, Scores, names,
};
use vgae_eval::Calibration;
use vgae_model::{EdgeWeightDecoder, FitInput, MlpDecoder, PairModel, RelationDecoder};

use crate::metrics::calibration;
use crate::scorer::{Scorer, Trained};
use crate::stages::Artifacts;
use crate::{PipelineError, Stage, store};

pub use vgae_eval::Similarity;

pub use infer::{NewGraph, infer};
pub use neighbors::{NeighborRow, Neighbors, neighbors};
pub use predict::{
    Estimate, Prediction, Predictions, ShareColumn, Shares, Wanted, missing_links, predict,
};
pub use shortlist::Shortlist;

/// So many spellings are suggested for an id that is not there.
const SUGGESTIONS: usize = 3;

/// A trained method with its graph and split, in memory.
#[derive(Debug, Clone, Copy)]
pub struct TrainedGraph<'a> {
    /// The nodes.
    pub nodes: &'a Nodes,
    /// All edges, held out or not.
    pub edges: &'a Edges,
    /// The features that the pair model reads.
    pub features: Option<&'a Features>,
    /// The split that the method was trained on.
    pub split: &'a EdgeSplit,
    /// The embedding; `None` for methods that only score pairs.
    pub embedding: Option<&'a Embedding>,
    /// The pair model, of methods without inner products.
    pub pair_model: Option<&'a PairModel>,
    /// The learned decoder, of methods that have one.
    pub decoder: Option<&'a MlpDecoder>,
    /// The decoder of relation types, of methods that have one.
    pub relations: Option<&'a RelationDecoder>,
    /// The decoder of edge weights, of methods that predict them.
    pub weights: Option<&'a EdgeWeightDecoder>,
}

/// Artifacts of a finished run that queries need.
struct Stored {
    nodes: Nodes,
    edges: Edges,
    trained: Trained,
    split: EdgeSplit,
    /// From logits to probabilities; absent without validation pairs of both kinds.
    calibration: Option<Calibration>,
}

impl Stored {
    fn open(folder: &Path) -> Result<Self, PipelineError> {
        let vectors =
            if folder.join(names::PAIR_MODEL).exists() { names::PAIR_MODEL } else { names::LATENT };
        let needed = [names::NODES, names::EDGES, vectors];
        if let Some(missing) = needed.into_iter().find(|name| !folder.join(name).exists()) {
            return Err(PipelineError::Usage {
                what: folder.display().to_string(),
                expected: "the folder of a run over a graph".to_owned(),
                found: if folder.is_dir() {
                    format!("one without {missing}")
                } else {
                    "no such folder".to_owned()
                },
            });
        }
        store::refuse_unfinished(folder)?;
        let nodes = Nodes::read(&folder.join(names::NODES))?;
        let edges = Edges::read(&folder.join(names::EDGES), nodes.len())?;
        let trained = Trained::read(&Artifacts(vec![folder.to_owned()]), nodes.len())
            .map_err(PipelineError::at(Stage::Train))?;
        if let Some(embedding) = &trained.embedding
            && embedding.mu().rows() != nodes.len()
        {
            let expected = format!("a vector for each of {} nodes", nodes.len());
            let found = format!("{} vectors", embedding.mu().rows());
            let latent = folder.join(names::LATENT);
            return Err(ArtifactError::form(&latent, expected, found).into());
        }
        // Vectors score without a split; other methods score with the edges that they were trained on.
        let path = folder.join(names::SPLIT);
        let split = if trained.model.is_some() || path.exists() {
            EdgeSplit::read(&path, nodes.len())?
        } else {
            EdgeSplit::new(
                nodes.len(),
                Vec::new(),
                LabelledPairs::default(),
                LabelledPairs::default(),
            )?
        };
        let scores = folder.join(names::SCORES);
        let scores = scores.exists().then(|| Scores::read(&scores)).transpose()?;
        let calibration = scores.as_ref().and_then(calibration);
        Ok(Self { nodes, edges, trained, split, calibration })
    }

    fn run(&self) -> Result<Run<'_>, PipelineError> {
        let Self { nodes, edges, trained, split, .. } = self;
        Run::new(TrainedGraph {
            nodes,
            edges,
            features: trained.features.as_ref(),
            split,
            embedding: trained.embedding.as_ref(),
            pair_model: trained.model.as_ref(),
            decoder: trained.decoder.as_ref(),
            relations: trained.relations.as_ref(),
            weights: trained.weights.as_ref(),
        })
    }

    /// How logits become probabilities, if that is known.
    fn probabilities(&self) -> Option<Probabilities> {
        self.calibration.map(|calibration| Probabilities { calibration })
    }
}

/// A trained method as queries read it, from a folder or in memory.
struct Run<'a> {
    nodes: &'a Nodes,
    edges: &'a Edges,
    trained: TrainedGraph<'a>,
    /// The pairs that may be edges, if nodes have types.
    pair_types: Option<PairTypes>,
    split: &'a EdgeSplit,
}

impl<'a> Run<'a> {
    fn new(trained: TrainedGraph<'a>) -> Result<Self, PipelineError> {
        let TrainedGraph { nodes, edges, split, .. } = trained;
        let types = nodes.types();
        let pair_types = types.map(|types| PairTypes::of_edges(types.clone(), edges.pairs()));
        Ok(Self { nodes, edges, trained, pair_types: pair_types.transpose()?, split })
    }

    /// Returns the scorer of pairs that the evaluation used.
    fn scorer(&self) -> Result<Scorer<'a>, PipelineError> {
        let TrainedGraph { features, embedding, pair_model, decoder, relations, .. } = self.trained;
        let input = FitInput { features, train: self.split.train_view() };
        Scorer::new(input, embedding, pair_model, (decoder, relations))
            .map_err(PipelineError::at(Stage::Eval))
    }

    /// Returns the predicted weight of an edge between the nodes of each pair; `None` if the method predicts none.
    fn predicted_weights(&self, pairs: &[Pair]) -> Result<Option<Vec<f32>>, PipelineError> {
        let decoder = self.trained.weights.zip(self.trained.embedding);
        let weights = decoder.map(|(decoder, embedding)| decoder.predict(embedding, pairs));
        weights.transpose().map_err(PipelineError::at(Stage::Eval))
    }

    /// Returns the most likely relation type of each pair; `None` if the method does not decode relation types.
    fn likeliest_relations(&self, pairs: &[Pair]) -> Result<Option<Vec<&'a str>>, PipelineError> {
        let TrainedGraph { pair_model, relations, embedding, .. } = self.trained;
        let (Some(PairModel::Relations { names }), Some(decoder), Some(embedding)) =
            (pair_model, relations, embedding)
        else {
            return Ok(None);
        };
        let best = decoder.best(embedding, pairs).map_err(PipelineError::at(Stage::Eval))?;
        let name = |(of, _): (u32, f32)| names.get(of as usize).map_or("", String::as_str);
        Ok(Some(best.into_iter().map(name).collect()))
    }

    /// Returns whether the score of a pair depends on its direction.
    fn scores_directions(&self) -> bool {
        matches!(self.trained.pair_model, Some(PairModel::Directed(_)))
    }

    fn id(&self, node: u32) -> &str {
        &self.nodes.ids()[node as usize]
    }

    fn node_id(&self, node: u32) -> NodeId {
        let id = self.id(node);
        match self.nodes.id_type() {
            IdType::Integer => {
                id.parse().map_or_else(|_| NodeId::Text(id.to_owned()), NodeId::Integer)
            }
            IdType::Text => NodeId::Text(id.to_owned()),
        }
    }

    fn label(&self, node: u32) -> Option<&str> {
        self.nodes.labels()[node as usize].as_deref()
    }

    /// The nodes with these ids, which `what` names.
    fn find(&self, what: &str, ids: &[String]) -> Result<Vec<u32>, PipelineError> {
        let index: HashMap<&str, u32> =
            self.nodes.ids().iter().map(String::as_str).zip(0..).collect();
        let node = |id: &String| {
            index.get(id.as_str()).copied().ok_or_else(|| PipelineError::Usage {
                what: what.to_owned(),
                expected: "the id of a node of the run".to_owned(),
                found: format!("`{id}`; spelled most like it: {}", self.nearest(id)),
            })
        };
        ids.iter().map(node).collect()
    }

    /// The ids spelled most like one that is not there.
    fn nearest(&self, id: &str) -> String {
        let known = self.nodes.ids().iter();
        let mut known: Vec<(usize, &String)> =
            known.map(|known| (strsim::damerau_levenshtein(id, known), known)).collect();
        known.sort_unstable();
        let nearest = known.iter().take(SUGGESTIONS).map(|(_, id)| format!("`{id}`"));
        nearest.collect::<Vec<_>>().join(", ")
    }
}

/// Id of a node, of the type that ids have in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum NodeId {
    /// An integer id.
    Integer(i64),
    /// A string id.
    Text(String),
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(id) => id.fmt(f),
            Self::Text(id) => id.fmt(f),
        }
    }
}

/// A column of ids, and its type.
fn id_column<'i>(ids: impl Iterator<Item = &'i NodeId> + Clone) -> (DataType, ArrayRef) {
    let integers = ids.clone().map(|id| match id {
        NodeId::Integer(id) => Some(*id),
        NodeId::Text(_) => None,
    });
    match integers.collect::<Option<Vec<i64>>>() {
        Some(integers) => (DataType::Int64, Arc::new(Int64Array::from(integers))),
        None => {
            (DataType::Utf8, Arc::new(StringArray::from_iter_values(ids.map(ToString::to_string))))
        }
    }
}

/// How probabilities came about, for a result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probabilities {
    /// Platt scaling, fitted to validation pairs.
    #[serde(serialize_with = "method")]
    pub calibration: Calibration,
}

fn method<S: Serializer>(calibration: &Calibration, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Written {
        method: &'static str,
        slope: f64,
        intercept: f64,
        positives: usize,
        negatives: usize,
    }
    let Calibration { slope, intercept, positives, negatives } = *calibration;
    Written { method: "platt/1", slope, intercept, positives, negatives }.serialize(serializer)
}

impl Probabilities {
    /// Explains a probability in a sentence.
    #[must_use]
    pub fn balanced(&self) -> String {
        let Calibration { positives, negatives, .. } = self.calibration;
        format!(
            "A probability is that of a pair from a mixture of {positives} edges to {negatives} non-edges, the \
             validation pairs, on which it is calibrated (Platt scaling)."
        )
    }

    fn of(&self, logit: f32) -> f64 {
        self.calibration.probability(logit)
    }
}

/// The file to write a result to: Parquet, and none of the run's own.
fn check_out(folder: &Path, out: &Path) -> Result<(), PipelineError> {
    let is_parquet = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"));
    if !is_parquet {
        return Err(PipelineError::Usage {
            what: out.display().to_string(),
            expected: "a name that ends in .parquet".to_owned(),
            found: "another".to_owned(),
        });
    }
    crate::generate::refuse_to_replace(folder, out)
}

fn at_eval(error: vgae_eval::EvalError) -> PipelineError {
    PipelineError::at(Stage::Eval)(error)
}
