use vgae_artifacts::{EdgeWeightMetrics, Part, Scores};

/// Measures predicted weights of the edges of a part; `None` if it has no edges with a predicted weight.
#[must_use]
pub fn edge_weight_metrics(scores: &Scores, part: Part) -> Option<EdgeWeightMetrics> {
    let rows = scores.0.iter().filter(|row| row.part == part && row.positive);
    let (weights, predicted): (Vec<f64>, Vec<f64>) = rows
        .filter_map(|row| row.weight)
        .map(|weight| (f64::from(weight.observed), f64::from(weight.predicted)))
        .unzip();
    let edges = weights.len();
    if edges == 0 {
        return None;
    }
    let root_mean = |squares: f64| (squares / edges as f64).sqrt();
    let mean = weights.iter().sum::<f64>() / edges as f64;
    let errors = weights.iter().zip(&predicted).map(|(weight, found)| (found - weight).powi(2));
    Some(EdgeWeightMetrics {
        edges,
        rmse: root_mean(errors.sum()),
        deviation: root_mean(weights.iter().map(|weight| (weight - mean).powi(2)).sum()),
        spearman: correlation(&mean_ranks(&weights), &mean_ranks(&predicted)),
    })
}

/// Returns the rank of each value, from 1; equal values have the mean of their ranks.
fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    #[expect(clippy::float_cmp, reason = "ties are equal values")]
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &at in tie {
            ranks[at] = before as f64 + (tie.len() + 1) as f64 / 2.0;
        }
        before += tie.len();
    }
    ranks
}

/// Returns Pearson's correlation; `None` if all values of a list are equal.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
    let squares = |values: &[f64], mean: f64| -> f64 {
        values.iter().map(|value| (value - mean).powi(2)).sum()
    };
    let scale = (squares(a, mean_a) * squares(b, mean_b)).sqrt();
    (scale > 0.0).then(|| products.sum::<f64>() / scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vgae_artifacts::{EdgeWeight, Pair, ScoredPair};

    use super::*;

    fn scores(weights: &[(f32, f32)]) -> Scores {
        let row = |&(observed, predicted): &(f32, f32)| ScoredPair {
            pair: Pair::new(0, 1),
            part: Part::Test,
            positive: true,
            score: 0.0,
            weight: Some(EdgeWeight { observed, predicted }),
        };
        Scores(weights.iter().map(row).collect())
    }

    #[test]
    fn known_values() {
        // scipy.stats.spearmanr([1, 2, 2, 5, 3], [0.5, 2, 1, 4, 4]) is 0.8157894736842104.
        let found = scores(&[(1.0, 0.5), (2.0, 2.0), (2.0, 1.0), (5.0, 4.0), (3.0, 4.0)]);
        let found = edge_weight_metrics(&found, Part::Test).expect("edges");
        assert_eq!(found.edges, 5);
        assert!((found.rmse - 0.65f64.sqrt()).abs() < 1e-12, "{found:?}");
        assert!((found.deviation - 1.84f64.sqrt()).abs() < 1e-12, "{found:?}");
        assert!((found.spearman.expect("ranks") - 0.815_789_473_684_210_4).abs() < 1e-12);
        let equal = edge_weight_metrics(&scores(&[(1.0, 2.0), (1.0, 3.0)]), Part::Test);
        assert_eq!(equal.expect("edges").spearman, None);
        assert_eq!(edge_weight_metrics(&scores(&[]), Part::Test), None);
        assert_eq!(edge_weight_metrics(&scores(&[(1.0, 1.0)]), Part::Validation), None);
    }

    proptest! {
        /// Ranks by counting.
        #[test]
        fn ranks_are_those_of_counting(values in prop::collection::vec(-4i8..4, 1..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            for (&value, rank) in values.iter().zip(mean_ranks(&values)) {
                let below = values.iter().filter(|other| **other < value).count();
                let equal = values.iter().filter(|other| **other <= value).count() - below;
                prop_assert!((2.0 * (rank - below as f64) - (equal as f64 + 1.0)).abs() < 1e-9);
            }
        }
    }
}
