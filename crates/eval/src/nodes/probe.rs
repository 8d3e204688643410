//! Linear probe of node labels from a few labelled nodes.

use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::{Cell, Seed, Stream};

use crate::labels::Labelled;
use crate::labels::linear;

/// Number of draws of training nodes.
const DRAWS: u64 = 10;
/// One of this many nodes per class, at least one, is a training node.
const ONE_IN: usize = 10;

/// Returns accuracy and macro-F1 on the test nodes, over all draws.
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

/// Fits a probe to the nodes at indices `train` and returns accuracy and macro-F1 at indices `test`.
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

/// Draws training indices, a share of each class, and returns them with the remaining ones; both in ascending
/// order.
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

/// Returns the unweighted mean of F1 over the classes that occur in truth or prediction: scikit-learn's
/// `f1_score` with `average="macro"`.
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
