//! Log lines where there is no terminal.

use std::time::Instant;

use indicatif::FormattedDuration;
use vgae_pipeline::{Event, RunEvent};

use super::pace::Pace;

/// Epochs between two log lines.
const EPOCHS_A_LINE: u32 = 50;
/// Seconds after which an epoch has a line of its own.
const LONG_EPOCH: f64 = 0.5;

/// State of the runs that log lines depend on.
pub(super) struct Lines {
    runs: usize,
    pace: Pace,
}

impl Default for Lines {
    fn default() -> Self {
        Self { runs: 1, pace: Pace::default() }
    }
}

impl Lines {
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let now = Instant::now();
        self.pace.event(event, now);
        match *event {
            Event::Planned { runs, .. } => {
                self.runs = runs;
                if runs > 1 {
                    tracing::info!("{runs} runs: first the data of all, then the runs");
                }
            }
            Event::Run { run, event } if self.runs > 1 => self.grid(run, event, now),
            Event::Run { event, .. } => single(event),
            _ => {}
        }
    }

    /// A line when a run begins and one when it ends, with the time left; what happens within a run would
    /// drown them.
    fn grid(&self, run: usize, event: RunEvent<'_>, now: Instant) {
        let (number, runs) = (run + 1, self.runs);
        match event {
            RunEvent::MethodChosen { method, data } => chosen(method, data),
            RunEvent::Started { name, .. } => tracing::info!(name, "run {number} of {runs}"),
            RunEvent::Finished { name, unchanged } => {
                let left = self.pace.left(now).map(|left| FormattedDuration(left).to_string());
                let how = if unchanged { "unchanged" } else { "done" };
                tracing::info!(name, left, "run {number} of {runs} {how}");
            }
            _ => {}
        }
    }
}

fn chosen(method: &str, data: &str) {
    tracing::info!(method, "method chosen for {data}");
}

/// Lines for the steps of a single run.
fn single(event: RunEvent<'_>) {
    match event {
        RunEvent::Preparing { name } => tracing::info!(name, "run"),
        RunEvent::MethodChosen { method, data } => chosen(method, data),
        RunEvent::StageSkipped { stage } => tracing::info!(%stage, "unchanged, skipped"),
        RunEvent::StageStarted { stage } => tracing::info!(%stage, "start"),
        RunEvent::Resumed { epoch } => {
            tracing::info!(epoch, "training continues from a checkpoint");
        }
        RunEvent::Epoch { record, total }
            if record.epoch % EPOCHS_A_LINE == 0
                || record.epoch == total
                || record.seconds >= LONG_EPOCH =>
        {
            let validation = record.validation;
            tracing::info!(
                epoch = record.epoch,
                total,
                loss = round(record.loss),
                val_auc = validation.map(|scores| round(scores.auc)),
                val_ap = validation.map(|scores| round(scores.ap)),
                val_loss = record.validation_loss.map(round),
                "train"
            );
        }
        RunEvent::Step { done, total }
            if total.is_none_or(|total| done == total || done % total.div_ceil(10).max(1) == 0) =>
        {
            tracing::info!(step = step(done, total), "train");
        }
        RunEvent::StageFinished { stage, seconds } => {
            tracing::info!(%stage, seconds = round(seconds), "done");
        }
        _ => {}
    }
}

/// `12/40`, or `12` where the end is open.
pub(super) fn step(done: u32, total: Option<u32>) -> String {
    total.map_or_else(|| done.to_string(), |total| format!("{done}/{total}"))
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
