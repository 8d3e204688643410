//! Metrics of held-out edges by relation type.

use vgae_artifacts::{EdgeSplit, LabelledPairs, Pair, Part, Scores, SliceMetrics};

use crate::{EvalError, EvalInput, link_metrics};

/// Returns, per part and relation type, metrics of the edges of that type among the negatives of the part. A decoder of
/// relation types scores all of them as edges of that type; other models by their one score.
pub(crate) fn by_relation(
    input: &EvalInput<'_>,
    scores: &Scores,
) -> Result<Vec<SliceMetrics>, EvalError> {
    let Some(relations) = input.split.relations() else { return Ok(Vec::new()) };
    let mut slices = Vec::new();
    for part in [Part::Validation, Part::Test] {
        let LabelledPairs { positive, negative } = pairs(input.split, part);
        let (positive_scores, negative_scores) = scores.of_part(part);
        for (relation, name) in (0..).zip(relations.names()) {
            let holds = |pair: &Pair| relations.of(*pair).iter().any(|&(_, own)| own == relation);
            let places: Vec<usize> =
                (0..positive.len()).filter(|&at| holds(&positive[at])).collect();
            let metrics = if let Some(scorer) = input.relations {
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
