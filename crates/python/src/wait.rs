//! Long computations without the interpreter lock, which signals interrupt.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use vgae_artifacts::{EdgeSplit, EpochRecord, Matrix, Validation};
use vgae_eval::Validator;
use vgae_model::{Callback, Logits};

use crate::error::Error;

/// Time between two looks at signals.
const INTERVAL: Duration = Duration::from_millis(50);

/// Number of finished epochs or steps, of how many, and the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Progress {
    done: u32,
    total: Option<u32>,
    loss: Option<f64>,
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

    fn tell(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }
}

/// Runs `work` on the threads of rayon while this thread looks at signals. An interrupt cancels a training, and is raised
/// when `work` has returned. `progress` is called with the epoch or step, their number or `None`, and the loss or `None`.
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
            let state = *shared.progress.lock().unwrap_or_else(PoisonError::into_inner);
            let told = match (progress, state) {
                (Some(progress), Some(state)) if Some(state) != shown => {
                    shown = Some(state);
                    progress.call1((state.done, state.total, state.loss)).map(drop)
                }
                _ => Ok(()),
            };
            if let Err(error) = py.check_signals().and(told) {
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
    split: &'a EdgeSplit,
    validator: Validator,
}

impl<'a> Training<'a> {
    pub(crate) fn new(shared: &'a Shared, split: &'a EdgeSplit) -> Self {
        Self { shared, split, validator: Validator::new(split.validation()) }
    }
}

impl Callback for Training<'_> {
    fn validate(&mut self, mu: &Matrix) -> Option<Validation> {
        self.validator.validate(self.split.validation(), mu)
    }

    fn validate_logits(&mut self, logits: &mut Logits<'_>) -> Option<Validation> {
        let pairs = self.split.validation();
        let positive = logits(&pairs.positive).ok()?;
        let negative = logits(&pairs.negative).ok()?;
        let metrics = vgae_eval::link_metrics(&positive, &negative).ok()?;
        Some(Validation { auc: metrics.auc?, ap: metrics.ap? })
    }

    fn epoch(&mut self, record: &EpochRecord, total: u32) {
        let (done, loss) = (record.epoch, Some(record.loss));
        self.shared.tell(Progress { done, total: Some(total), loss });
    }

    fn step(&mut self, done: u32, total: Option<u32>) {
        self.shared.tell(Progress { done, total, loss: None });
    }

    fn is_cancelled(&mut self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }
}
