//! Carries a plan out: the data of every run first, then the runs, side by side where they are small.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use vgae_artifacts::names;

use crate::placement::Placement;
use crate::plan::{Plan, RunPlan};
use crate::runner::{Prepared, Runner};
use crate::store::Store;
use crate::{
    Event, Observer, PipelineError, RunEvent, RunOptions, RunOutcome, results, schedule, summary,
};

/// Runs every run of `plan` into `options.out` and returns their outcomes in the plan's order.
///
/// The data of all runs are read and split first, one run after another with all threads: runs share
/// them, and what cannot be read fails before hours of training. Then small runs go side by side, one
/// thread each; one that keeps all threads busy or takes much memory has them to itself, and so has a single
/// run. The results are the same bits either way.
///
/// A run killed at any point and started again goes on where it was and ends with the same artifacts.
///
/// # Errors
/// When the folder is in use or cannot be written, or a stage fails: then no other run starts, those under
/// way end and are kept, and the error is that of the first failed run in the plan's order.
///
/// # Panics
/// When a stage does, which is a bug; as late as with an error.
pub fn run(
    plan: &Plan,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Vec<RunOutcome>, PipelineError> {
    // To rayon, 0 means a thread a core.
    let pool = schedule::pool(options.threads.or(plan.threads).map_or(0, NonZeroUsize::get))?;
    let store = Store::open(&options.out)?;
    observer.event(&Event::Planned { runs: plan.runs.len(), weight: plan.weight() });

    let runner = |run| Runner { plan, run: Cow::Borrowed(run), options, store: &store };
    let mut runners: Vec<Runner<'_>> = plan.runs.iter().map(runner).collect();
    let prepared = pool.install(|| {
        let prepare = |(index, runner): (usize, &mut Runner<'_>)| {
            runner.prepare(index, observer).map_err(|error| named(plan, &runner.run, error))
        };
        runners.iter_mut().enumerate().map(prepare).collect::<Result<Vec<_>, _>>()
    })?;

    let placement = |prepared: &Prepared| {
        if options.apart { Placement::Alone } else { prepared.placement }
    };
    let placements: Vec<_> = prepared.iter().map(placement).collect();
    let observer = Mutex::new(observer);
    let outcomes = schedule::carry_out(pool, &placements, |index| {
        let mut tell = |event: RunEvent<'_>| {
            // Poisoned by a panic in the observer: the runs under way end all the same.
            let mut observer = observer.lock().unwrap_or_else(PoisonError::into_inner);
            observer.event(&Event::Run { run: index, event });
        };
        let runner = &runners[index];
        let RunPlan { name, weight, .. } = &*runner.run;
        tell(RunEvent::Started { name, weight: *weight });
        // Log lines of the stages say whose they are.
        let span = plan.is_grid.then(|| tracing::error_span!("run", name).entered());
        let outcome = runner.complete(&prepared[index], &mut tell);
        drop(span);
        let outcome = outcome.map_err(|error| named(plan, &runner.run, error))?;
        tell(RunEvent::Finished { name, unchanged: outcome.unchanged });
        Ok(outcome)
    })?;

    if plan.is_grid {
        vgae_artifacts::atomic::sweep(&options.out)?;
        summary::write(&options.out.join(names::SUMMARY), &outcomes)?;
        results(&outcomes, options.apart).write(&options.out)?;
    }
    Ok(outcomes)
}

/// Says of an error in a grid which run it is.
fn named(plan: &Plan, run: &RunPlan, error: PipelineError) -> PipelineError {
    match error {
        PipelineError::Stage { stage, source, .. } if plan.is_grid => {
            PipelineError::Stage { stage, run: Some(run.name.clone()), source }
        }
        other => other,
    }
}
