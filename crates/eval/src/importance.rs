//! Permutation feature importance of a combiner's columns (Breiman 2001, Machine Learning 45, section 10).

use std::error::Error;

use vgae_artifacts::{FeatureImportance, LabelledPairs, Pair, Seed, Stream};
use vgae_numerics::random::draw;

use crate::{EvalError, roc_auc};

/// Number of shuffles per column, whose losses are averaged.
const SHUFFLES: usize = 5;

/// Seed of the shuffles, fixed so that a repeated evaluation returns the same values.
const SEED: Seed = Seed(0);

/// One column of a table with one row per pair.
#[derive(Debug, Clone, PartialEq)]
pub struct PairColumn {
    /// Name of the column.
    pub name: String,
    /// Formula of the column, if any.
    pub definition: Option<String>,
    /// Weight in a linear model of standardised columns; `None` for other models.
    pub coefficient: Option<f64>,
    /// Values, one per pair.
    pub values: Vec<f64>,
}

/// Model that combines the columns of a pair into one score.
pub trait ColumnScorer {
    /// Returns the columns of `pairs`.
    ///
    /// # Errors
    /// Returns an error when a pair cannot be scored.
    fn columns(&self, pairs: &[Pair]) -> Result<Vec<PairColumn>, Box<dyn Error + Send + Sync>>;

    /// Returns one score per row of columns of [`ColumnScorer::columns`]; their values may have been
    /// permuted.
    ///
    /// # Errors
    /// Returns an error when these are not the model's columns.
    fn score(&self, columns: &[PairColumn]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>>;
}

/// Returns the importance of each column: the mean loss of AUC on `pairs` when the values of the column are
/// shuffled. Columns with the same information substitute each other, so that shuffling one of them loses
/// little. Empty if `pairs` lack positives or negatives.
pub(crate) fn importances(
    scorer: &dyn ColumnScorer,
    pairs: &LabelledPairs,
) -> Result<Vec<FeatureImportance>, EvalError> {
    let positives = pairs.positive.len();
    if positives == 0 || pairs.negative.is_empty() {
        return Ok(Vec::new());
    }
    let fault = |source| EvalError::Scorer { source };
    let auc = |columns: &[PairColumn]| -> Result<f64, EvalError> {
        let scores = scorer.score(columns).map_err(fault)?;
        let expected = positives + pairs.negative.len();
        if scores.len() != expected {
            return Err(EvalError::LogitCount { expected, found: scores.len() });
        }
        let (positive, negative) = scores.split_at(positives);
        Ok(roc_auc(positive, negative).unwrap_or_default())
    };
    let mut columns =
        scorer.columns(&[&pairs.positive[..], &pairs.negative].concat()).map_err(fault)?;
    let whole = auc(&columns)?;
    let mut importances = Vec::with_capacity(columns.len());
    for at in 0..columns.len() {
        let original = columns[at].values.clone();
        let mut rng = SEED.stream(Stream::Importance, at as u64);
        let mut drop = 0.0;
        for _ in 0..SHUFFLES {
            let values = &mut columns[at].values;
            for last in (1..values.len()).rev() {
                values.swap(last, draw(&mut rng, last + 1));
            }
            drop += (whole - auc(&columns)?) / SHUFFLES as f64;
        }
        columns[at].values = original;
        let PairColumn { name, definition, coefficient, .. } = &columns[at];
        importances.push(FeatureImportance {
            name: name.clone(),
            definition: definition.clone(),
            coefficient: *coefficient,
            drop,
        });
    }
    Ok(importances)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores pairs by the first of two columns.
    struct First;

    impl ColumnScorer for First {
        fn columns(&self, pairs: &[Pair]) -> Result<Vec<PairColumn>, Box<dyn Error + Send + Sync>> {
            let column = |name: &str, value: fn(&Pair) -> f64| PairColumn {
                name: name.to_owned(),
                definition: None,
                coefficient: None,
                values: pairs.iter().map(value).collect(),
            };
            Ok(vec![
                column("gap", |pair| -f64::from(pair.dst - pair.src)),
                column("source", |pair| f64::from(pair.src)),
            ])
        }

        fn score(&self, columns: &[PairColumn]) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
            #[expect(clippy::cast_possible_truncation, reason = "small integers")]
            let scores = columns[0].values.iter().map(|&value| value as f32).collect();
            Ok(scores)
        }
    }

    #[test]
    fn only_a_column_that_the_score_depends_on_has_importance() {
        let pairs = LabelledPairs {
            positive: (0..40).map(|node| Pair::new(node, node + 1)).collect(),
            negative: (0..40).map(|node| Pair::new(node, node + 7)).collect(),
        };
        let found = importances(&First, &pairs).expect("sound");
        assert_eq!([&found[0].name, &found[1].name], ["gap", "source"]);
        // A shuffled column has no information: the AUC falls from 1 to about 0.5.
        assert!((found[0].drop - 0.5).abs() < 0.1, "{found:?}");
        assert!(found[1].drop.abs() < f64::EPSILON, "{found:?}");
        assert_eq!(found, importances(&First, &pairs).expect("sound"), "the same shuffles");
        let none = LabelledPairs { positive: Vec::new(), ..pairs };
        assert!(importances(&First, &none).expect("nothing to measure").is_empty());
    }
}
