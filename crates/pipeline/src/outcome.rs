use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use vgae_artifacts::Manifest;
use vgae_ingest::fetch::{Cache, FetchOptions};

use crate::RunMetrics;

/// Where and how a plan is carried out. Nothing here changes a result.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The output folder.
    pub out: PathBuf,
    /// The cache of downloads; `None` if no folder for it is known, so that nothing can be fetched.
    pub cache: Option<Cache>,
    /// How downloads are made.
    pub fetch: FetchOptions,
    /// Worker threads of all runs together, in place of the plan's. Defaults to the number of cores.
    pub threads: Option<NonZeroUsize>,
    /// One run after another, each with all threads, so that seconds and memory are each run's own.
    pub apart: bool,
    /// Ends the trainings under way when it becomes true; the plan then fails, and can be resumed. `None` if that is never
    /// wanted.
    pub cancelled: Option<Arc<AtomicBool>>,
    /// Program, version and commit, `vgae 0.1.0 (13cc5df1a2b3)`, for the record of each stage.
    pub program: String,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    /// Its folder.
    pub folder: PathBuf,
    /// The record of its stages.
    pub manifest: Manifest,
    /// Its metrics.
    pub metrics: RunMetrics,
    /// Whether there was nothing to do.
    pub unchanged: bool,
}
