//! ROC and precision-recall curves as lines.

use vgae_artifacts::Curves;

/// A point of a curve, both coordinates 0 to 1.
pub(crate) type Point = (f64, f64);

/// Both curves, every corner of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lines {
    /// `(false positive rate, true positive rate)` from (0, 0) to (1, 1), straight in between: the area
    /// under it is the AUC, a tied pair counting half.
    pub(crate) roc: Vec<Point>,
    /// `(recall, precision)` in steps: between two recalls, the precision at the larger. The area under it
    /// is the average precision.
    pub(crate) precision_recall: Vec<Point>,
    /// The share of edges among all pairs.
    pub(crate) prevalence: f64,
}

impl Lines {
    /// The lines through the counts; nothing without edges or without non-edges.
    pub(crate) fn new(curves: &Curves) -> Option<Self> {
        let all =
            curves.0.last().filter(|all| all.true_positives > 0 && all.false_positives > 0)?;
        let (positives, negatives) = (all.true_positives as f64, all.false_positives as f64);
        let mut roc = vec![(0.0, 0.0)];
        let mut precision_recall = Vec::new();
        let mut recall = 0.0;
        for point in &curves.0 {
            let (tp, fp) = (point.true_positives as f64, point.false_positives as f64);
            let reached = tp / positives;
            roc.push((fp / negatives, reached));
            if reached > recall {
                let precision = tp / (tp + fp);
                precision_recall.push((recall, precision));
                precision_recall.push((reached, precision));
                recall = reached;
            }
        }
        let prevalence = positives / (positives + negatives);
        Some(Self { roc, precision_recall, prevalence })
    }
}

/// The area between a curve and the horizontal axis.
pub(crate) fn area(curve: &[Point]) -> f64 {
    curve.windows(2).map(|ends| (ends[1].0 - ends[0].0) * 0.5 * (ends[0].1 + ends[1].1)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vgae_artifacts::CurvePoint;

    use super::*;

    /// Curves by how many edges and non-edges have each of some falling scores.
    fn curves(blocks: &[(u64, u64)]) -> Curves {
        let counted = |counts: &mut (u64, u64), &(positives, negatives): &(u64, u64)| {
            *counts = (counts.0 + positives, counts.1 + negatives);
            let (true_positives, false_positives) = *counts;
            Some(CurvePoint { threshold: 0.0, true_positives, false_positives })
        };
        Curves(blocks.iter().scan((0, 0), counted).collect())
    }

    /// The chance that an edge scores above a non-edge, a tie counting half.
    fn auc(blocks: &[(u64, u64)]) -> f64 {
        let sum = |of: fn(&(u64, u64)) -> u64| blocks.iter().map(of).sum::<u64>() as f64;
        let wins = blocks.iter().enumerate().map(|(at, (positives, ties))| {
            let below: u64 = blocks[at + 1..].iter().map(|block| block.1).sum();
            *positives as f64 * (below as f64 + 0.5 * *ties as f64)
        });
        wins.sum::<f64>() / (sum(|block| block.0) * sum(|block| block.1))
    }

    /// Precision times gained recall, threshold by threshold.
    fn average_precision(blocks: &[(u64, u64)]) -> f64 {
        let all: u64 = blocks.iter().map(|block| block.0).sum();
        let terms = blocks.iter().enumerate().map(|(at, (positives, _))| {
            let (tp, fp) =
                blocks[..=at].iter().fold((0, 0), |sum, block| (sum.0 + block.0, sum.1 + block.1));
            *positives as f64 / all as f64 * tp as f64 / (tp + fp).max(1) as f64
        });
        terms.sum()
    }

    proptest! {
        #[test]
        fn the_areas_are_the_metrics(blocks in prop::collection::vec((0u64..4, 0u64..4), 1..40)) {
            let Some(lines) = Lines::new(&curves(&blocks)) else { return Ok(()) };
            prop_assert!((area(&lines.roc) - auc(&blocks)).abs() < 1e-12);
            let ap = average_precision(&blocks);
            prop_assert!((area(&lines.precision_recall) - ap).abs() < 1e-12);
            prop_assert_eq!(lines.roc.first(), Some(&(0.0, 0.0)));
            prop_assert_eq!(lines.roc.last(), Some(&(1.0, 1.0)));
            prop_assert!(lines.roc.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1));
        }
    }

    #[test]
    fn without_both_classes_there_is_no_curve() {
        assert_eq!(Lines::new(&curves(&[(0, 3)])), None);
        assert_eq!(Lines::new(&curves(&[(3, 0)])), None);
        assert_eq!(Lines::new(&Curves::default()), None);
    }
}
