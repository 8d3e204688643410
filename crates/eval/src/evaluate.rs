use std::error::Error;

use vgae_artifacts::metric::definitions;
use vgae_artifacts::{
    Curves, EdgeSplit, EdgeWeight, EdgeWeightMetrics, Embedding, LinkMetrics, Metrics,
    NegativeKind, NegativeSet, NodeMetrics, Pair, Part, ProbabilityMetrics, RankingMetrics,
    ScoredPair, Scores, SliceMetrics,
};
use vgae_numerics::Adjacency;

use crate::ranked::rank_in_common;
use crate::scores::{ScoreMetrics, curves, measure_scores};
use crate::{
    Candidates, ColumnScorer, EvalConfig, EvalError, PairScorer, draw_candidates, evaluate_nodes,
    evaluate_ranking, importance, link_metrics, negatives, relations, scorer, sliced,
};

/// Held-out parts.
const PARTS: [Part; 2] = [Part::Validation, Part::Test];

/// Generates the hard negatives of a part: one list per edge.
pub type HardLists<'a> =
    dyn Fn(NegativeSet, Part) -> Result<Vec<Vec<Pair>>, Box<dyn Error + Send + Sync>> + 'a;

/// Predicts the weight of an edge between the nodes of each pair.
pub type WeightPredictor<'a> =
    dyn Fn(&[Pair]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> + 'a;

/// Returns the logit of an edge of a relation type, given by its index, for each pair.
pub type RelationScorer<'a> =
    dyn Fn(u32, &[Pair]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> + 'a;

/// Input of an evaluation.
#[derive(Clone, Copy)]
pub struct EvalInput<'a> {
    /// Scorer of pairs.
    pub scorer: &'a dyn PairScorer,
    /// Split with the held-out pairs.
    pub split: &'a EdgeSplit,
    /// Scorer of test pairs, if message passing covers more edges for them.
    pub test_scorer: Option<&'a dyn PairScorer>,
    /// Node vectors and labels.
    pub nodes: Option<(&'a Embedding, &'a [Option<String>])>,
    /// Source of hard and given negatives; required if the configuration requests hard ones or `given` is not
    /// empty.
    pub hard: Option<&'a HardLists<'a>>,
    /// Sets of given negatives, which `hard` returns. A part without any has empty lists.
    pub given: &'a [NegativeSet],
    /// Predicted weights of edges, if the model predicts them and the split has weights of held-out edges.
    pub weights: Option<&'a WeightPredictor<'a>>,
    /// Logits of edges of a relation type, if the model has a decoder of relation types.
    pub relations: Option<&'a RelationScorer<'a>>,
    /// Columns of a combiner, whose feature importance is measured on validation pairs.
    pub columns: Option<&'a dyn ColumnScorer>,
}

impl<'a> EvalInput<'a> {
    /// Creates an input from a scorer and a split, without vectors and hard negatives.
    #[must_use]
    pub fn new(scorer: &'a dyn PairScorer, split: &'a EdgeSplit) -> Self {
        Self {
            scorer,
            split,
            test_scorer: None,
            nodes: None,
            hard: None,
            given: &[],
            weights: None,
            relations: None,
            columns: None,
        }
    }

    /// Returns the scorer of a part.
    fn scorer(&self, part: Part) -> &'a dyn PairScorer {
        self.test_scorer.filter(|_| part == Part::Test).unwrap_or(self.scorer)
    }
}

/// Result of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Metrics with their definitions and warnings.
    pub metrics: Metrics,
    /// Scores of all held-out pairs, in the order of the split.
    pub scores: Scores,
    /// ROC and precision-recall curve of the test pairs.
    pub curves: Curves,
}

/// Scores every held-out pair of a split and measures AUC and average precision of validation and test pairs,
/// also in slices by degree and by distance; the ranks of edges among the negatives of their part and among
/// those selected by `config`; calibration; feature importance; and the prediction of labels from vectors.
///
/// # Errors
/// Returns an error when a scorer has another number of nodes than the split, fails or returns a NaN, or hard
/// negatives cannot be generated.
pub fn evaluate(input: &EvalInput<'_>, config: &EvalConfig) -> Result<Evaluation, EvalError> {
    let split = input.split;
    let scores = score(input)?;
    let ScoreMetrics {
        validation,
        test,
        validation_weights,
        test_weights,
        mut rankings,
        probabilities,
    } = measure_scores(&scores, config.mean_ranks)?;
    let train = Adjacency::of_pairs(split.node_count(), split.train());
    let mut slices = sliced::by_degree(&scores, &train, &config.degree_slices)?;
    slices.extend(sliced::by_distance(&scores, &train, &config.distance_slices)?);
    slices.extend(relations::by_relation(input, &scores)?);
    for set in config.negatives.iter().chain(input.given.iter().copied()) {
        for part in PARTS {
            let candidates = candidates(input, part, set)?;
            if set.kind() == NegativeKind::Given && candidates.pairs().is_empty() {
                continue;
            }
            let scorer = input.scorer(part);
            let ranking = evaluate_ranking(scorer, split, part, set, &candidates)?;
            rankings.push(if config.mean_ranks { ranking } else { ranking.without_mean_ranks() });
        }
    }
    let nodes = match input.nodes {
        Some((embedding, labels)) => evaluate_nodes(embedding, labels, config)?,
        None => None,
    };
    let importances = match input.columns {
        Some(scorer) => importance::importances(scorer, split.validation())?,
        None => Vec::new(),
    };
    let (positive, negative) = scores.of_part(Part::Test);
    let curves = curves(&positive, &negative)?;
    let mut metrics = Metrics {
        warnings: split.messages().warning().map(str::to_owned).into_iter().collect(),
        validation,
        test,
        validation_weights,
        test_weights,
        slices,
        rankings,
        probabilities,
        nodes,
        importances,
        ..Metrics::default()
    };
    define(&mut metrics, input, config);
    Ok(Evaluation { metrics, scores, curves })
}

/// Returns the ranks of the edges of a part among the split's negatives and among given ones.
///
/// # Errors
/// See [`evaluate`].
pub fn evaluate_given(
    input: &EvalInput<'_>,
    config: &EvalConfig,
    part: Part,
) -> Result<Vec<RankingMetrics>, EvalError> {
    let (scorer, split) = (input.scorer(part), input.split);
    scorer::check_node_count(scorer, split.node_count())?;
    let pairs = if part == Part::Test { split.test() } else { split.validation() };
    let [positive, negative] =
        [&pairs.positive, &pairs.negative].map(|pairs| scorer::logits(scorer, pairs));
    let (positive, negative) = (positive?, negative?);
    let metrics = link_metrics(&positive, &negative)?;
    let mut rankings = vec![rank_in_common(part, &metrics, &positive, &negative)];
    for &set in input.given {
        let candidates = candidates(input, part, set)?;
        if !candidates.pairs().is_empty() {
            rankings.push(evaluate_ranking(scorer, split, part, set, &candidates)?);
        }
    }
    if config.mean_ranks {
        return Ok(rankings);
    }
    Ok(rankings.into_iter().map(RankingMetrics::without_mean_ranks).collect())
}

/// Adds the definitions of the measured metrics.
fn define(metrics: &mut Metrics, input: &EvalInput<'_>, config: &EvalConfig) {
    let all = &mut metrics.definitions;
    all.extend(definitions("", &LinkMetrics::METRICS));
    all.extend(definitions("", &RankingMetrics::METRICS));
    let others = [RankingMetrics::HITS].into_iter().chain(SliceMetrics::DEFINITIONS);
    all.extend(others.map(|(name, text)| (name.to_owned(), text.to_owned())));
    if input.split.relations().is_some() {
        let (name, text) = SliceMetrics::RELATION_DEFINITION;
        all.insert(name.to_owned(), text.to_owned());
    }
    if config.mean_ranks {
        all.extend(definitions("", &RankingMetrics::MEAN_RANK_METRICS));
        let (name, text) = RankingMetrics::MEAN_RANK_HITS;
        all.insert(name.to_owned(), text.to_owned());
    }
    let sets = config.negatives.iter().chain(input.given.iter().copied());
    all.extend(sets.map(|set| negatives::definition(set.kind())));
    if metrics.probabilities.is_some() {
        all.extend(definitions("", &ProbabilityMetrics::METRICS));
    }
    if metrics.validation_weights.is_some() || metrics.test_weights.is_some() {
        all.extend(definitions(EdgeWeightMetrics::PREFIX, &EdgeWeightMetrics::METRICS));
    }
    if metrics.nodes.is_some() {
        all.extend(definitions(NodeMetrics::PREFIX, &NodeMetrics::METRICS));
    }
}

/// Returns the negatives of each edge of a part. They are the same for every method on the same split.
fn candidates(
    input: &EvalInput<'_>,
    part: Part,
    set: NegativeSet,
) -> Result<Candidates, EvalError> {
    let lists =
        |hard: &HardLists<'_>| hard(set, part).map_err(|source| EvalError::Hard { set, source });
    match (input.hard, set.kind()) {
        (Some(hard), NegativeKind::Hard) => Candidates::from_lists(input.split, part, lists(hard)?),
        (Some(hard), NegativeKind::Given) => Candidates::given(input.split, part, lists(hard)?),
        _ => draw_candidates(input.split, part, set),
    }
}

/// Adds predicted and true weights to the rows of held-out edges.
fn predict_weights(input: &EvalInput<'_>, rows: &mut [ScoredPair]) -> Result<(), EvalError> {
    let (Some(predict), Some(weights)) = (input.weights, input.split.held_out_weights()) else {
        return Ok(());
    };
    // The order of the split: validation edges, then test edges.
    let observed = weights.validation.iter().chain(&weights.test).copied();
    let mut edges: Vec<&mut ScoredPair> = rows.iter_mut().filter(|row| row.positive).collect();
    let pairs: Vec<Pair> = edges.iter().map(|row| row.pair).collect();
    let predicted = predict(&pairs).map_err(|source| EvalError::Scorer { source })?;
    if predicted.len() != pairs.len() {
        return Err(EvalError::LogitCount { expected: pairs.len(), found: predicted.len() });
    }
    for ((row, observed), predicted) in edges.iter_mut().zip(observed).zip(predicted) {
        if predicted.is_nan() {
            return Err(EvalError::NanOfPair { part: row.part, pair: row.pair });
        }
        row.weight = Some(EdgeWeight { observed, predicted });
    }
    Ok(())
}

/// Returns the scores of all held-out pairs.
fn score(input: &EvalInput<'_>) -> Result<Scores, EvalError> {
    let split = input.split;
    let mut rows: Vec<ScoredPair> = split
        .rows()
        .filter(|(part, ..)| *part != Part::Train)
        .map(|(part, positive, pair)| ScoredPair {
            pair,
            part,
            positive,
            score: f32::NAN,
            weight: None,
        })
        .collect();
    predict_weights(input, &mut rows)?;
    let parts: &[&[Part]] = match input.test_scorer {
        None => &[&PARTS],
        Some(_) => &[&[Part::Validation], &[Part::Test]],
    };
    for parts in parts {
        let scorer = input.scorer(parts[0]);
        scorer::check_node_count(scorer, split.node_count())?;
        let mut own: Vec<&mut ScoredPair> =
            rows.iter_mut().filter(|row| parts.contains(&row.part)).collect();
        let pairs: Vec<Pair> = own.iter().map(|row| row.pair).collect();
        for (row, score) in own.iter_mut().zip(scorer::logits(scorer, &pairs)?) {
            row.score = score;
        }
    }
    match rows.iter().find(|row| row.score.is_nan()) {
        Some(&ScoredPair { part, pair, .. }) => Err(EvalError::NanOfPair { part, pair }),
        None => Ok(Scores(rows)),
    }
}
