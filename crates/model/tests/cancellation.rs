//! A callback ends a training between two epochs or steps.

use vgae_artifacts::{EpochRecord, Seed};
use vgae_model::{Callback, FitInput, FitOptions, Method, ModelError, TrainingError};
use vgae_testing::{features, ring};

/// Cancels the training after the first event.
#[derive(Default)]
struct Impatient {
    events: u32,
}

impl Callback for Impatient {
    fn epoch(&mut self, _: &EpochRecord, _: u32) {
        self.events += 1;
    }

    fn step(&mut self, _: u32, _: Option<u32>) {
        self.events += 1;
    }

    fn is_cancelled(&mut self) -> bool {
        self.events >= 1
    }
}

#[test]
fn a_cancelled_training_ends_before_the_next_epoch_or_step() {
    let (split, features) = (ring(40), features(40, 12));
    let input = FitInput { features: Some(&features), train: split.train_view() };
    for method in ["gae", "vgae", "gnae", "mlp-gae", "dw", "fastrp", "prone", "sgc", "hybrid"] {
        let config = method.parse::<Method>().expect("a method").default_config();
        let mut callback = Impatient::default();
        let error = config
            .fit(input, Seed(0), FitOptions::default(), &mut callback)
            .expect_err("cancelled");
        assert!(
            matches!(error, ModelError::Training(TrainingError::Cancelled)),
            "{method}: {error}"
        );
        assert_eq!(callback.events, 1, "{method}");
    }
}
