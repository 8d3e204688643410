//! Long computations without the interpreter lock, which signals interrupt.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use vgae_artifacts::{EdgeSplit, EpochRecord, LabelledPairs, Matrix, Validation};
use vgae_eval::Validator;
use vgae_model::{Callback, Logits};

use crate::error::Error;

/// Time between two looks at signals.
const INTERVAL: Duration = Duration::from_millis(50);

/// Progress of a computation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress {
    /// Run and stage, `cora-gae-s0: train`, or file; `None` for a training alone.
    pub(crate) what: Option<String>,
    /// Number of finished epochs, steps or bytes.
    pub(crate) done: u64,
    /// Number of all of them, if it is known.
    pub(crate) total: Option<u64>,
    pub(crate) loss: Option<f64>,
}

impl Progress {
    /// Calls a Python function with all values but an absent `what`.
    fn show(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        let Self { what, done, total, loss } = self;
        match what {
            Some(what) => function.call1((what, done, total, loss)),
            None => function.call1((done, total, loss)),
        }
        .map(drop)
    }
}

/// State that a computation shares with the thread that waits for it.
#[derive(Default)]
pub(crate) struct Shared {
    cancelled: Arc<AtomicBool>,
    progress: Mutex<Option<Progress>>,
    done: Mutex<bool>,
    changed: Condvar,
}

impl Shared {
    /// Returns the flag that ends trainings when it becomes true.
    pub(crate) fn cancelled(&self) -> Arc<AtomicBool> {
        self.cancelled.clone()
    }

    /// Replaces the progress that is shown.
    pub(crate) fn report(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }
}

/// Runs `work` on the threads of rayon while this thread looks at signals. An interrupt cancels a training, and is raised
/// when `work` has returned. `progress` is called with the values of [`Progress`].
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Shared) -> T + Send,
) -> PyResult<T> {
    let shared = Shared::default();
    std::thread::scope(|scope| {
        let shared = &shared;
        let worker = scope.spawn(move || {
            let _done = Done(shared);
            rayon::scope(|_| work(shared))
        });
        let (mut raised, mut shown) = (None, None);
        while !py.detach(|| wait(shared)) {
            if raised.is_some() {
                continue;
            }
            let state = shared.progress.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let called = match (progress, &state) {
                (Some(progress), Some(now)) if state != shown => now.show(progress),
                _ => Ok(()),
            };
            shown = state;
            if let Err(error) = py.check_signals().and(called) {
                shared.cancelled.store(true, Ordering::Relaxed);
                raised = Some(error);
            }
        }
        let result = worker.join();
        match raised {
            Some(error) => Err(error),
            None => {
                result.map_err(|_| Error::new_err("internal error of vgae: see the message above"))
            }
        }
    })
}

/// Waits for the end of the computation for at most [`INTERVAL`], and returns whether it is there.
fn wait(shared: &Shared) -> bool {
    let done = shared.done.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = shared.changed.wait_timeout_while(done, INTERVAL, |done| !*done);
    *waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Reports the end when it is dropped, after a panic too.
struct Done<'a>(&'a Shared);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *self.0.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

/// The callback of a training: validation as in a run of the pipeline, progress and cancellation.
pub(crate) struct Training<'a> {
    shared: &'a Shared,
    /// The pairs to validate on, if the training is over a graph.
    validation: Option<(&'a LabelledPairs, Validator)>,
}

impl<'a> Training<'a> {
    pub(crate) fn new(shared: &'a Shared, split: Option<&'a EdgeSplit>) -> Self {
        let pairs = split.map(EdgeSplit::validation);
        Self { shared, validation: pairs.map(|pairs| (pairs, Validator::new(pairs))) }
    }
}

impl Callback for Training<'_> {
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        let (pairs, validator) = self.validation.as_mut()?;
        validator.validate(pairs, mu)
    }

    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let (pairs, _) = self.validation.as_ref()?;
        let positive = logits(&pairs.positive).ok()?;
        let negative = logits(&pairs.negative).ok()?;
        let metrics = vgae_eval::link_metrics(&positive, &negative).ok()?;
        Some(Validation { auc: metrics.auc?, ap: metrics.ap? })
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        let (done, total) = (record.epoch.into(), Some(total.into()));
        self.shared.report(Progress { what: None, done, total, loss: Some(record.loss) });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        let (done, total) = (done.into(), total.map(u64::from));
        self.shared.report(Progress { what: None, done, total, loss: None });
    }

    fn is_cancelled(&mut self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }
}
