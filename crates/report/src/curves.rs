//! ROC and precision-recall curves.

/// A point of a curve, both coordinates 0 to 1.
pub(crate) type Point = (f64, f64);

/// Both curves, every corner of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curves {
    /// `(false positive rate, true positive rate)` from (0, 0) to (1, 1), straight in between: the area
    /// under it is the AUC, a tied pair counting half.
    pub(crate) roc: Vec<Point>,
    /// `(recall, precision)` in steps: between two recalls, the precision at the larger. The area under it
    /// is the average precision.
    pub(crate) precision_recall: Vec<Point>,
}

impl Curves {
    /// The curves of two lists of scores; nothing when one is empty or a score is not a number.
    pub(crate) fn new(positive: &[f32], negative: &[f32]) -> Option<Self> {
        let truths = |scores: &[f32], truth: bool| -> Vec<(f32, bool)> {
            // Adding zero makes one number of both zeros, as `==` has it.
            scores.iter().map(|&score| (score + 0.0, truth)).collect()
        };
        let mut ranked = truths(positive, true);
        ranked.extend(truths(negative, false));
        if positive.is_empty() || negative.is_empty() || ranked.iter().any(|(s, _)| s.is_nan()) {
            return None;
        }
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let (all_positive, all_negative) = (positive.len() as f64, negative.len() as f64);
        let (mut tp, mut fp) = (0usize, 0usize);
        let mut roc = vec![(0.0, 0.0)];
        let mut precision_recall = Vec::new();
        for tied in ranked.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let positives = tied.iter().filter(|(_, truth)| *truth).count();
            let recall = tp as f64 / all_positive;
            tp += positives;
            fp += tied.len() - positives;
            push(&mut roc, (fp as f64 / all_negative, tp as f64 / all_positive));
            if positives > 0 {
                let precision = tp as f64 / (tp + fp) as f64;
                precision_recall.push((recall, precision));
                precision_recall.push((tp as f64 / all_positive, precision));
            }
        }
        Some(Self { roc, precision_recall })
    }
}

/// Adds a point; one that goes on straight up or straight to the right takes the place of the last.
fn push(curve: &mut Vec<Point>, point: Point) {
    if let [.., before, last] = curve.as_mut_slice() {
        let up = before.0 >= last.0 && last.0 >= point.0;
        let right = before.1 >= last.1 && last.1 >= point.1;
        if up || right {
            *last = point;
            return;
        }
    }
    curve.push(point);
}

/// The area between a curve and the horizontal axis.
pub(crate) fn area(curve: &[Point]) -> f64 {
    curve.windows(2).map(|ends| (ends[1].0 - ends[0].0) * 0.5 * (ends[0].1 + ends[1].1)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The chance that a positive beats a negative, by trying each pair.
    fn auc(positive: &[f32], negative: &[f32]) -> f64 {
        let wins = |p: f32| {
            negative
                .iter()
                .map(|&n| {
                    if p > n {
                        1.0
                    } else if p < n {
                        0.0
                    } else {
                        0.5
                    }
                })
                .sum::<f64>()
        };
        let wins: f64 = positive.iter().map(|&p| wins(p)).sum();
        wins / (positive.len() * negative.len()) as f64
    }

    /// Precision times gained recall, threshold by threshold.
    fn average_precision(positive: &[f32], negative: &[f32]) -> f64 {
        let mut thresholds = positive.to_vec();
        thresholds.sort_by(|a, b| b.partial_cmp(a).expect("numbers"));
        thresholds.dedup();
        let at_least =
            |scores: &[f32], t: f32| scores.iter().filter(|&&score| score >= t).count() as f64;
        let mut before = 0.0;
        let mut sum = 0.0;
        for threshold in thresholds {
            let tp = at_least(positive, threshold);
            sum +=
                (tp - before) / positive.len() as f64 * tp / (tp + at_least(negative, threshold));
            before = tp;
        }
        sum
    }

    fn scores() -> impl Strategy<Value = Vec<f32>> {
        // Few values, so that ties are common; both zeros among them.
        prop::collection::vec(
            prop_oneof![Just(-0.0f32), (-8i8..8).prop_map(|n| f32::from(n) / 4.0)],
            1..60,
        )
    }

    proptest! {
        #[test]
        fn the_areas_are_the_metrics(positive in scores(), negative in scores()) {
            let curves = Curves::new(&positive, &negative).expect("both classes");
            prop_assert!((area(&curves.roc) - auc(&positive, &negative)).abs() < 1e-12);
            let ap = average_precision(&positive, &negative);
            prop_assert!((area(&curves.precision_recall) - ap).abs() < 1e-12);
            prop_assert_eq!(curves.roc.first(), Some(&(0.0, 0.0)));
            prop_assert_eq!(curves.roc.last(), Some(&(1.0, 1.0)));
            prop_assert!(curves.roc.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1));
        }
    }

    #[test]
    fn without_both_classes_there_is_no_curve() {
        assert_eq!(Curves::new(&[], &[1.0]), None);
        assert_eq!(Curves::new(&[1.0], &[]), None);
        assert_eq!(Curves::new(&[f32::NAN], &[1.0]), None);
    }
}
