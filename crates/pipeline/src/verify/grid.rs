//! Verification of a grid: its tables against its runs.

use std::collections::BTreeSet;
use std::path::Path;

use vgae_artifacts::{Manifest, ResultTable, atomic, names};

use super::compare::difference;
use super::{Check, Verification, chain, verify_run};
use crate::metrics::data_kind_of_folder;
use crate::{PipelineError, RunMetrics, RunOutcome, StageError, results, summary};

/// Returns whether a folder is that of a grid.
pub(crate) fn is_grid(folder: &Path) -> bool {
    folder.join(names::RUNS).is_dir() || folder.join(names::RESULTS).exists()
}

/// Verifies the tables of a grid and then each of its runs.
pub(crate) fn verify(folder: &Path, retrain: bool) -> Result<Vec<Verification>, PipelineError> {
    let runs = folder.join(names::RUNS);
    let mut found = BTreeSet::new();
    if runs.is_dir() {
        for entry in std::fs::read_dir(&runs).map_err(PipelineError::io("list", &runs))? {
            let entry = entry.map_err(PipelineError::io("list", &runs))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !name.starts_with(atomic::TEMPORARY_PREFIX) {
                found.insert(name);
            }
        }
    }
    let mut checks = Vec::new();
    match ResultTable::read(folder) {
        Err(error) => checks.push(Check::new(
            names::RESULTS,
            Some(format!("the grid has not finished, or its table is damaged: {}", chain(&error))),
        )),
        Ok(table) => {
            let listed: Vec<&String> = table.rows.iter().flat_map(|row| &row.runs).collect();
            let missing = listed.iter().find(|name| !found.contains(**name));
            let missing = missing.map(|name| format!("{name} is missing"));
            let none = listed.is_empty().then(|| "the table has no runs".to_owned());
            checks.push(Check::new("all runs of the table are there", missing.or(none)));
            let tables = tables_fault(folder, &table).unwrap_or_else(|error| Some(chain(&error)));
            checks.push(Check::new("tables made again from the runs", tables));
        }
    }
    let mut verified = vec![Verification { folder: folder.to_owned(), checks }];
    for name in &found {
        let run = runs.join(name);
        let verification = verify_run(&run, Some(name), retrain);
        verified.push(verification.unwrap_or_else(|error| Verification {
            folder: run,
            checks: vec![Check::new(names::MANIFEST, Some(chain(&error)))],
        }));
    }
    Ok(verified)
}

/// Makes `results.*` and `summary.parquet` again from the manifests and metrics of the runs.
fn tables_fault(folder: &Path, table: &ResultTable) -> Result<Option<String>, StageError> {
    let mut outcomes = Vec::new();
    for name in table.rows.iter().flat_map(|row| &row.runs) {
        let folder = folder.join(names::RUNS).join(name);
        let manifest = Manifest::read(&folder)?;
        let metrics = RunMetrics::read(&folder, data_kind_of_folder(&folder))?;
        outcomes.push(RunOutcome { folder, manifest, metrics, unchanged: true });
    }
    let apart = table.rows.iter().any(|row| row.peak_memory_bytes.is_some());
    let scratch = tempfile::tempdir()
        .map_err(vgae_artifacts::ArtifactError::io("create a folder in", &std::env::temp_dir()))?;
    summary::write(&scratch.path().join(names::SUMMARY), &outcomes)?;
    results(&outcomes, apart).write(scratch.path())?;
    for name in [names::RESULTS, names::RESULTS_PARQUET, names::RESULTS_MD, names::SUMMARY] {
        let kind = names::find(name).and_then(|file| file.kind);
        if let Some(found) = difference(&folder.join(name), &scratch.path().join(name), kind)? {
            return Ok(Some(format!("{name} does not follow from the runs: {found}")));
        }
    }
    Ok(None)
}
