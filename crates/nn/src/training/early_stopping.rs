use vgae_artifacts::tensors::Tensor;

use super::by_name::by_name;

/// The best epoch so far by a validation score.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EarlyStopping {
    pub(super) best: Option<Best>,
    /// Scores since then.
    pub(super) since: u32,
}

/// An epoch and the weights that it scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Its score; higher is better.
    pub score: f64,
    /// The weights that were scored.
    pub weights: Vec<Tensor>,
}

impl EarlyStopping {
    /// Records the score of an epoch. Of equal scores the earliest is kept; NaN is never better.
    pub fn offer(&mut self, epoch: u32, score: f64, weights: impl FnOnce() -> Vec<Tensor>) {
        let is_better = match &self.best {
            None => !score.is_nan(),
            Some(best) => score > best.score,
        };
        if is_better {
            self.best = Some(Best { epoch, score, weights: by_name(weights()) });
            self.since = 0;
        } else {
            self.since += 1;
        }
    }

    /// Whether the last `patience` scores were no better; never if it is 0.
    pub(super) fn is_exhausted(&self, patience: u32) -> bool {
        patience > 0 && self.since >= patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_best_is_kept() {
        let mut stopping = EarlyStopping::default();
        let weights =
            |value| vec![Tensor { name: "w".to_owned(), shape: vec![1], values: vec![value] }];
        for (epoch, score) in (1u32..).zip([f64::NAN, 0.5, 0.7, 0.7, 0.6, f64::NAN]) {
            assert!(!stopping.is_exhausted(3) && !stopping.is_exhausted(0), "epoch {epoch}");
            stopping.offer(epoch, score, || weights(epoch as f32));
        }
        assert!(stopping.is_exhausted(3) && !stopping.is_exhausted(4));
        let best = stopping.best.expect("scored");
        assert_eq!((best.epoch, best.weights), (3, weights(3.0)));
    }
}
