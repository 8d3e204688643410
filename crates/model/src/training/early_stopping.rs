use vgae_artifacts::{EpochRecord, History, Validation};

use crate::methods::gae::parameters::Parameters;

/// The weights that scored best on the validation pairs so far.
pub(crate) struct Selection {
    best: Option<Best>,
    /// Scorings after that.
    since: u32,
}

pub(crate) struct Best {
    /// The epoch that scored them, before its update.
    pub(crate) epoch: u32,
    /// AUC + AP.
    score: f64,
    pub(crate) weights: Parameters<f32>,
}

fn score(validation: Validation) -> f64 {
    validation.auc + validation.ap
}

impl Selection {
    pub(crate) fn new() -> Self {
        Self { best: None, since: 0 }
    }

    /// As it was after `history`, whose best epoch was `epoch` with `weights`.
    pub(crate) fn resume(epoch: u32, weights: Parameters<f32>, history: &History) -> Self {
        let scored = |record: &EpochRecord| Some((record.epoch, record.validation?));
        let best = history.0.iter().filter_map(scored).find(|&(at, _)| at == epoch);
        let later = history.0.iter().filter_map(scored).filter(|&(at, _)| at > epoch).count();
        let best = best.map(|(_, validation)| Best { epoch, score: score(validation), weights });
        Self { best, since: u32::try_from(later).unwrap_or(u32::MAX) }
    }

    /// Tells how the weights before the update of `epoch` scored. Not a number is never better.
    pub(crate) fn offer(&mut self, epoch: u32, validation: Validation, weights: &Parameters<f32>) {
        let score = score(validation);
        self.since += 1;
        match &mut self.best {
            None if score.is_nan() => return,
            None => self.best = Some(Best { epoch, score, weights: weights.clone() }),
            Some(best) if score > best.score => {
                (best.epoch, best.score) = (epoch, score);
                best.weights.copy_from(weights);
            }
            Some(_) => return,
        }
        self.since = 0;
    }

    /// Whether the last `patience` scorings were no better; never if it is 0.
    pub(crate) fn is_exhausted(&self, patience: u32) -> bool {
        patience > 0 && self.since >= patience
    }

    pub(crate) fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vgae_numerics::Dense;

    fn weights(value: f32) -> Parameters<f32> {
        let heads = Dense { rows: 1, cols: 1, data: vec![value] };
        Parameters { hidden: Vec::new(), heads, bias: None, decoder: Vec::new() }
    }

    #[test]
    fn the_earliest_best_is_kept() {
        let mut selection = Selection::new();
        for (epoch, auc) in (1..).zip([f64::NAN, 0.5, 0.7, 0.7, 0.6, f64::NAN]) {
            assert!(!selection.is_exhausted(3) && !selection.is_exhausted(0), "epoch {epoch}");
            selection.offer(epoch, Validation { auc, ap: 0.5 }, &weights(epoch as f32));
        }
        let best = selection.best().expect("scored");
        assert_eq!((best.epoch, &best.weights), (3, &weights(3.0)));
        assert!(selection.is_exhausted(3) && !selection.is_exhausted(4));
    }
}
