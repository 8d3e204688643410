//! Linear probe: multinomial logistic regression on standardised codes.

use vgae_numerics::Standardiser;
use vgae_numerics::logistic::multinomial;

use super::Labelled;

/// A fitted linear probe.
pub struct Probe {
    scaling: Vec<Standardiser>,
    classes: usize,
    /// `(width + 1) x classes`, row-major; the last row is the bias.
    weights: Vec<f64>,
}

/// Fits a probe to the codes of labelled samples.
#[must_use]
pub fn fit(train: &Labelled) -> Probe {
    let column = |at: usize| train.codes.iter().skip(at).step_by(train.width);
    let scaling: Vec<Standardiser> = (0..train.width)
        .map(|at| Standardiser::fit(column(at).map(|&value| f64::from(value))))
        .collect();
    let codes = scaled(&scaling, train);
    let weights = multinomial::fit(&codes, train.width + 1, &train.of, train.classes);
    Probe { scaling, classes: train.classes, weights }
}

impl Probe {
    /// Returns the most probable class of each sample.
    #[must_use]
    pub fn predict(&self, test: &Labelled) -> Vec<usize> {
        let codes = scaled(&self.scaling, test);
        let mut logits = vec![0.0; self.classes];
        let rows = codes.chunks_exact(test.width + 1).map(|code| {
            multinomial::forward(code, &self.weights, &mut logits);
            let better =
                |best: usize, class| if logits[class] > logits[best] { class } else { best };
            (1..self.classes).fold(0, better)
        });
        rows.collect()
    }
}

/// Returns the standardised codes, each followed by a 1: `samples x (width + 1)`.
fn scaled(scaling: &[Standardiser], labelled: &Labelled) -> Vec<f64> {
    let mut scaled = Vec::with_capacity(labelled.len() * (labelled.width + 1));
    for at in 0..labelled.len() {
        let own = labelled.code(at).iter().zip(scaling);
        scaled.extend(own.map(|(&value, standardiser)| standardiser.apply(f64::from(value))));
        scaled.push(1.0);
    }
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_class_and_constant_dimensions_are_no_trouble() {
        let labelled = |of: Vec<Option<usize>>, classes| {
            let codes = (0..of.len()).flat_map(|at| [at as f32, 7.1]).collect();
            Labelled { codes, width: 2, of, classes }
        };
        let one = labelled(vec![Some(0); 4], 1);
        assert_eq!(fit(&one).predict(&one), [0; 4]);
        let two = labelled(vec![Some(0), Some(0), Some(1), Some(1)], 2);
        assert_eq!(fit(&two).predict(&two), [0, 0, 1, 1]);
    }
}
