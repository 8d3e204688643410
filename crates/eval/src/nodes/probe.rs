//! Labels of most nodes from those of a few.

use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::{Cell, Seed, Stream};

use crate::labels::Labelled;
use crate::labels::linear;

/// How often nodes to learn from are drawn.
const DRAWS: u64 = 10;
/// One in so many nodes of each class is learned from, at least one.
const ONE_IN: usize = 10;

/// Accuracy and macro-F1 on the nodes that were not learned from, over all draws.
pub(super) fn judge(all: &Labelled, truth: &[usize], seed: Seed) -> Option<(Cell, Cell)> {
    let draws: Vec<(f64, f64)> = (0..DRAWS)
        .into_par_iter()
        .map(|draw| {
            let (train, test) = draw_few(truth, all.classes, seed, draw);
            score(all, truth, &train, &test)
        })
        .collect();
    let of = |value: fn(&(f64, f64)) -> f64| Cell::of(&draws.iter().map(value).collect::<Vec<_>>());
    of(|scores| scores.0).zip(of(|scores| scores.1))
}

/// Fits to the nodes in places `train`, judges those in `test`: accuracy and macro-F1.
pub(super) fn score(
    all: &Labelled,
    truth: &[usize],
    train: &[usize],
    test: &[usize],
) -> (f64, f64) {
    let predicted = linear::fit(&all.at(train)).predict(&all.at(test));
    let truth: Vec<usize> = test.iter().map(|&at| truth[at]).collect();
    let right = truth.iter().zip(&predicted).filter(|(a, b)| a == b).count();
    (right as f64 / truth.len().max(1) as f64, macro_f1(&truth, &predicted, all.classes))
}

/// Places to learn from, a share of each class, and the others; both rising.
fn draw_few(truth: &[usize], classes: usize, seed: Seed, draw: u64) -> (Vec<usize>, Vec<usize>) {
    let mut rng = seed.stream(Stream::LabelledNodes, draw);
    let mut order: Vec<usize> = (0..truth.len()).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
    let mut wanted = vec![0usize; classes];
    for &class in truth {
        wanted[class] += 1;
    }
    for count in &mut wanted {
        *count = (*count + ONE_IN / 2) / ONE_IN;
        *count = (*count).max(1);
    }
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for at in order {
        let wanted = &mut wanted[truth[at]];
        if *wanted > 0 {
            *wanted -= 1;
            train.push(at);
        } else {
            test.push(at);
        }
    }
    train.sort_unstable();
    test.sort_unstable();
    (train, test)
}

/// The mean of F1 over the classes that are there or predicted; scikit-learn's `f1_score` with
/// `average="macro"`.
fn macro_f1(truth: &[usize], predicted: &[usize], classes: usize) -> f64 {
    let (mut right, mut named) = (vec![0usize; classes], vec![0usize; classes]);
    for (&truth, &predicted) in truth.iter().zip(predicted) {
        named[truth] += 1;
        named[predicted] += 1;
        right[truth] += usize::from(truth == predicted);
    }
    let there: Vec<f64> = right
        .iter()
        .zip(&named)
        .filter(|(_, named)| **named > 0)
        .map(|(&right, &named)| 2.0 * right as f64 / named as f64)
        .collect();
    there.iter().sum::<f64>() / there.len().max(1) as f64
}
