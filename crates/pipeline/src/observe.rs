//! Events of runs: the command line draws them, tests count them.

use vgae_artifacts::EpochRecord;

use crate::Stage;

/// Something happened.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The plan is made. `weight` is the whole work in arbitrary units.
    Planned {
        /// Runs in the grid; 1 for a single run.
        runs: usize,
        /// The sum of the runs' weights.
        weight: u64,
    },
    /// Something happened in a run. Runs may go side by side: then their events interleave.
    Run {
        /// Its place in the plan, from 0.
        run: usize,
        /// The event.
        event: RunEvent<'a>,
    },
}

/// Something happened in a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// Its data are looked up or read and split: for all runs of a grid, before the first one starts.
    Preparing {
        /// The run's name, `cora-gae-s0`.
        name: &'a str,
    },
    /// The program has chosen the method, since the pipeline names none.
    MethodChosen {
        /// The method's name.
        method: &'a str,
        /// Data that it suits: `graphs without node features`.
        data: &'a str,
    },
    /// The stages that only this run needs begin: training and those after it.
    Started {
        /// Its name.
        name: &'a str,
        /// Its share of the whole work.
        weight: u64,
    },
    /// A stage has nothing to do: its output for these inputs is there.
    StageSkipped {
        /// Which.
        stage: Stage,
    },
    /// A stage begins.
    StageStarted {
        /// Which.
        stage: Stage,
    },
    /// Training goes on from a checkpoint.
    Resumed {
        /// Epochs already done.
        epoch: u32,
    },
    /// Batches of an epoch over samples are done.
    Batch {
        /// The epoch, from 1.
        epoch: u32,
        /// Epochs in all.
        epochs: u32,
        /// Batches done of this epoch.
        done: usize,
        /// Batches an epoch.
        total: usize,
    },
    /// An epoch of training is done.
    Epoch {
        /// Record of the epoch.
        record: &'a EpochRecord,
        /// Epochs in all.
        total: u32,
    },
    /// A step of a training without epochs is done.
    Step {
        /// From 1.
        done: u32,
        /// Steps in all, where that is known.
        total: Option<u32>,
    },
    /// A stage is done and its output stored.
    StageFinished {
        /// Which.
        stage: Stage,
        /// How long it took.
        seconds: f64,
    },
    /// The run is done.
    Finished {
        /// Its name.
        name: &'a str,
        /// Whether every stage was skipped.
        unchanged: bool,
    },
}

/// Watches runs.
pub trait Observer: Send {
    /// Called for every event; those of one run come in order.
    fn event(&mut self, event: &Event<'_>);

    /// Returns the receiver of events of downloads.
    fn fetch(&mut self) -> &mut dyn vgae_ingest::fetch::FetchWatch;
}

/// Takes what happens in one run.
pub(crate) type Tell<'a> = dyn FnMut(RunEvent<'_>) + 'a;

/// Passes on what happens in `run`.
pub(crate) fn tell(observer: &mut dyn Observer, run: usize) -> impl FnMut(RunEvent<'_>) {
    move |event| observer.event(&Event::Run { run, event })
}
