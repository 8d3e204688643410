//! Is a run folder what its manifest says?

pub(crate) mod graph;
pub(crate) mod recomputed;
pub(crate) mod samples;

use std::path::{Path, PathBuf};

use vgae_artifacts::{DataKind, Manifest, names};

use crate::store::{describe, is_file_name};
use crate::{PipelineError, stages};

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The check.
    pub what: String,
    /// Why it does not hold; `None` when it does.
    pub fault: Option<String>,
}

/// Findings in one run folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The run folder.
    pub folder: PathBuf,
    /// Each check, in order.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether every check holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none())
    }
}

/// Checks a run folder, or every run of a grid: each file's hash against the manifest, the leak
/// certificate proved again from edges or samples and the split, and the metrics computed again: of a graph
/// from the scores, of samples from the model, whose codes are computed again too.
///
/// # Errors
/// When there is no readable manifest.
pub fn verify(folder: &Path) -> Result<Vec<Verification>, PipelineError> {
    let runs = folder.join("runs");
    if folder.join(names::MANIFEST).exists() || !runs.is_dir() {
        return Ok(vec![verify_run(folder)?]);
    }
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(&runs).map_err(PipelineError::io("list", &runs))? {
        let path = entry.map_err(PipelineError::io("list", &runs))?.path();
        if path.join(names::MANIFEST).exists() {
            folders.push(path);
        }
    }
    folders.sort();
    folders.iter().map(|folder| verify_run(folder)).collect()
}

fn verify_run(folder: &Path) -> Result<Verification, PipelineError> {
    let manifest = Manifest::read(folder)?;
    let mut checks: Vec<Check> = manifest
        .files()
        .map(|(name, expected)| {
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
            Check { what: name.to_owned(), fault }
        })
        .collect();
    let data_kind = if manifest.files().any(|(name, _)| name == names::SAMPLES) {
        DataKind::Samples
    } else {
        DataKind::Graph
    };
    for (what, fault) in stages::of(data_kind).verify(folder, &manifest) {
        let fault = fault.unwrap_or_else(|error| Some(chain(&error)));
        checks.push(Check { what: what.to_owned(), fault });
    }
    Ok(Verification { folder: folder.to_owned(), checks })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
