//! Verification of finished runs: every file, fingerprint and result against what it was made of.
//!
//! A manifest with hashes proves nothing about a folder whose files and hashes were both replaced. So each
//! claim is derived again: fingerprints from the records, the split from edges and seed, vectors from weights,
//! scores and metrics from vectors, exports from vectors, tables of grids from their runs. Training itself is
//! repeated on request only.

mod again;
mod compare;
mod encoder;
pub(crate) mod graph;
mod grid;
mod manifest;
pub(crate) mod recomputed;
pub(crate) mod samples;

use std::path::{Path, PathBuf};

use vgae_artifacts::{DataKind, Manifest, names};

use crate::plan::RunPlan;
use crate::store::{describe, is_file_name};
use crate::{PipelineError, stages};

/// Outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The check.
    pub what: String,
    /// Why it does not hold; `None` when it does.
    pub fault: Option<String>,
}

impl Check {
    fn new(what: impl Into<String>, fault: Option<String>) -> Self {
        Self { what: what.into(), fault }
    }
}

/// Findings in one run folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The run folder, or that of a grid.
    pub folder: PathBuf,
    /// Each check, in order.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Returns whether every check holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none())
    }
}

/// Verifies a run folder, or a grid: its tables and every run.
///
/// A run has these checks: each file's hash; the manifest's stages, seeds, inputs and fingerprints; the
/// certificate of the split; split, vectors, scores, metrics and exports by making them again. With `retrain`
/// the training is repeated too, which takes as long as the run.
///
/// # Errors
/// Returns an error when there is neither a readable manifest nor a grid, or no folder for temporary files.
pub fn verify(folder: &Path, retrain: bool) -> Result<Vec<Verification>, PipelineError> {
    if folder.join(names::MANIFEST).exists() || !grid::is_grid(folder) {
        return Ok(vec![verify_run(folder, None, retrain)?]);
    }
    grid::verify(folder, retrain)
}

/// Verifies a run folder, which must hold the run `expected` if that is given.
fn verify_run(
    folder: &Path,
    expected: Option<&str>,
    retrain: bool,
) -> Result<Verification, PipelineError> {
    let manifest = Manifest::read(folder)?;
    let name = expected.map(|expected| {
        let of = &manifest.run;
        let fault = (of != expected).then(|| format!("the folder holds the run {of}"));
        Check::new("folder has the name of its run", fault)
    });
    let files = manifest.files().map(|(name, expected)| {
        let fault = if is_file_name(name) {
            match describe(&folder.join(name)) {
                Ok(found) if found == *expected => None,
                Ok(found) => Some(format!(
                    "expected {} bytes with hash {}, found {} bytes with hash {}",
                    expected.bytes,
                    expected.hash.short(),
                    found.bytes,
                    found.hash.short()
                )),
                Err(error) => Some(chain(&error)),
            }
        } else {
            Some("the manifest names a file outside the run folder".to_owned())
        };
        Check::new(name, fault)
    });
    let mut checks: Vec<Check> = name.into_iter().chain(files).collect();
    let unlisted = manifest::unlisted_fault(folder, &manifest);
    checks.push(Check::new("no other artifacts in the folder", unlisted));
    let data_kind = if manifest.files().any(|(name, _)| name == names::SAMPLES) {
        DataKind::Samples
    } else {
        DataKind::Graph
    };
    match manifest::described(&manifest, data_kind) {
        Ok(run) => checks.extend(content_checks(folder, &manifest, &run, retrain)?),
        Err(fault) => checks.push(Check::new("manifest describes a run", Some(fault))),
    }
    Ok(Verification { folder: folder.to_owned(), checks })
}

/// Checks everything that hashes do not prove.
fn content_checks(
    folder: &Path,
    manifest: &Manifest,
    run: &RunPlan,
    retrain: bool,
) -> Result<Vec<Check>, PipelineError> {
    let identity = manifest::identity_fault(manifest, run);
    let mut checks = vec![Check::new("manifest describes the run that it names", identity)];
    for record in &manifest.stages {
        let fault = manifest::record_fault(manifest, run, record)
            .or_else(|| manifest::outputs_fault(folder, run, record));
        checks.push(Check::new(format!("record of {}", record.stage), fault));
    }
    let recomputed = stages::of(run.data_kind).verify(folder, run).into_iter();
    let again = again::checks(folder, manifest, run, retrain)?;
    checks.extend(
        recomputed.chain(again).map(|(what, result)| Check::new(what, again::fault_of(result))),
    );
    Ok(checks)
}

/// Returns an error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
