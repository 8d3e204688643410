//! What a run tells whoever watches it: the command line draws it, tests count it.

use vgae_artifacts::EpochRecord;

use crate::Stage;

/// Something happened in a run.
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
    /// A run begins.
    RunStarted {
        /// From 1.
        number: usize,
        /// Its name, `cora-gae-s0`.
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
        /// What it brought.
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
    /// A run is done.
    RunFinished {
        /// Its name.
        name: &'a str,
        /// Whether every stage was skipped.
        unchanged: bool,
    },
}

/// Watches a run.
pub trait Observer: Send {
    /// Called for every event, in order.
    fn event(&mut self, event: &Event<'_>);

    /// Who is told about downloads.
    fn fetch(&mut self) -> &mut dyn vgae_ingest::fetch::FetchWatch;
}
