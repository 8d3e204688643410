//! Metrics of held-out edges by relation type.

use std::error::Error;

use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Part, Scores, SliceMetrics};

use crate::{EvalError, link_metrics};

/// Returns the logit of an edge of a relation type, given by its index, for each pair.
pub type RelationScorer<'a> =
    dyn Fn(u32, &[Pair]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> + 'a;

/// Returns, per part and relation type, metrics of the edges of that type among the negatives of the part. A decoder of
/// relation types scores all of them as edges of that type; other models by their one score.
pub(crate) fn by_relation(
    split: &EdgeSplit,
    scorer: Option<&RelationScorer<'_>>,
    scores: &Scores,
) -> Result<Vec<SliceMetrics>, EvalError> {
    let Some(relations) = split.relations() else { return Ok(Vec::new()) };
    let mut slices = Vec::new();
    for part in [Part::Validation, Part::Test] {
        let LabelledPairs { positive, negative } = pairs(split, part);
        let (positive_scores, negative_scores) = scores.of_part(part);
        let mut places = vec![Vec::new(); relations.names().len()];
        for (at, &pair) in positive.iter().enumerate() {
            for &(_, relation) in relations.of(pair) {
                places[relation as usize].push(at);
            }
        }
        for ((relation, name), places) in (0..).zip(relations.names()).zip(places) {
            let metrics = if let Some(scorer) = scorer {
                let own: Vec<Pair> = places.iter().map(|&at| positive[at]).collect();
                let logits = |pairs: &[Pair]| {
                    let logits = scorer(relation, pairs);
                    let logits = logits.map_err(|source| EvalError::Scorer { source })?;
                    match logits.len() {
                        found if found == pairs.len() => Ok(logits),
                        found => Err(EvalError::LogitCount { expected: pairs.len(), found }),
                    }
                };
                link_metrics(&logits(&own)?, &logits(negative)?)?
            } else {
                let own: Vec<f32> = places.iter().map(|&at| positive_scores[at]).collect();
                link_metrics(&own, &negative_scores)?
            };
            slices.push(SliceMetrics {
                part,
                by: SliceMetrics::BY_RELATION.to_owned(),
                name: name.clone(),
                from: None,
                to: None,
                metrics,
            });
        }
    }
    Ok(slices)
}

fn pairs(split: &EdgeSplit, part: Part) -> &LabelledPairs {
    if part == Part::Test { split.test() } else { split.validation() }
}
