//! Exact AUC and average precision, in integers.

use rayon::prelude::*;
use vgae_artifacts::Pair;

use crate::vectors::Vectors;

/// Fractional bits of a term of the average precision.
pub const AP_BITS: u32 = 30;
/// Largest number of held-out pairs of a part whose sums fit 64 bits.
pub(crate) const MOST_PAIRS: u64 = 1 << 31;

/// Returns the score of each pair: the inner product of its rows, summed in double precision in the order of the columns.
pub(crate) fn scores(vectors: &Vectors, pairs: &[Pair]) -> Vec<f32> {
    let score = |pair: &Pair| {
        let (a, b) = (vectors.row(pair.src as usize), vectors.row(pair.dst as usize));
        let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
        #[expect(clippy::cast_possible_truncation, reason = "scores are of single precision")]
        let score = products.reduce(|sum, product| sum + product).unwrap_or(0.0) as f32;
        // Makes -0 a 0.
        score + 0.0
    };
    pairs.par_iter().map(score).collect()
}

/// Returns twice the number of pairs of a positive and a negative in the right order, a tie as half a pair, and the sum
/// of precision times gain in true positives over all distinct scores, in units of 2^-30.
pub(crate) fn sums(mut positives: Vec<f32>, mut negatives: Vec<f32>) -> (u64, u64) {
    let descending = |a: &f32, b: &f32| b.total_cmp(a);
    positives.par_sort_unstable_by(descending);
    negatives.par_sort_unstable_by(descending);
    let (mut auc, mut ap) = (0u64, 0u64);
    let (mut tp, mut fp) = (0, 0);
    while tp < positives.len() || fp < negatives.len() {
        let next = [positives.get(tp), negatives.get(fp)];
        let score = next.into_iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
        let run = |scores: &[f32]| scores.iter().take_while(|&&other| other >= score).count();
        let (p, n) = (run(&positives[tp..]), run(&negatives[fp..]));
        tp += p;
        fp += n;
        auc += n as u64 * (2 * (tp - p) + p) as u64;
        let gain = p as f64 * tp as f64 / (tp + fp) as f64 * f64::from(1u32 << AP_BITS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^62")]
        let gain = (gain + 0.5).floor() as u64;
        ap += gain;
    }
    (auc, ap)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::HeldOutMetrics;

    proptest! {
        #[test]
        fn sums_are_those_of_the_main_program(
            positive in prop::collection::vec(-4i8..5, 1..40),
            shift in -2i8..3,
        ) {
            let positives: Vec<f32> = positive.iter().map(|&score| f32::from(score) / 4.0).collect();
            let negatives: Vec<f32> =
                positive.iter().rev().map(|&score| f32::from(score / 2 + shift) / 4.0).collect();
            let (auc, ap) = sums(positives.clone(), negatives.clone());
            let found = HeldOutMetrics::of_part(auc, ap, positives.len());
            let expected = vgae_eval::link_metrics(&positives, &negatives).expect("metrics");
            prop_assert!((found.auc.unwrap_or(0.0) - expected.auc.unwrap_or(1.0)).abs() < 1e-12);
            prop_assert!((found.ap.unwrap_or(0.0) - expected.ap.unwrap_or(1.0)).abs() < 1e-8);
        }
    }
}
