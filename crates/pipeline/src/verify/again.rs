//! Stages of a finished run, executed again from its own files and compared with what it stored.

use std::collections::BTreeSet;
use std::path::Path;

use vgae_artifacts::{ArtifactError, EpochRecord, History, Manifest, Stage, StageRecord, names};

use super::chain;
use super::compare::{are_close, difference};
use super::recomputed::Recomputed;
use crate::plan::RunPlan;
use crate::stages::{self, Artifacts, Splitting, Training};
use crate::{PipelineError, StageError};

/// Executes split, eval and export again, and the embedding from the trained weights; with `retrain` the
/// training instead. Files are compared with those of the run.
///
/// # Errors
/// Returns an error when there is no folder for temporary files.
pub(crate) fn checks(
    folder: &Path,
    manifest: &Manifest,
    run: &RunPlan,
    retrain: bool,
) -> Result<Vec<Recomputed>, PipelineError> {
    let scratch = tempfile::tempdir()
        .map_err(PipelineError::io("create a folder in", &std::env::temp_dir()))?;
    let again = Again { folder, run, out: scratch.path() };
    let training = if retrain { "training done again" } else { "vectors computed again" };
    let work = [
        (Stage::Split, "split made again"),
        (Stage::Train, training),
        (Stage::Eval, "evaluation done again"),
        (Stage::Export, "export made again"),
    ];
    let mut checks = Vec::new();
    for (stage, what) in work {
        let Some(record) = manifest.stage(stage) else { continue };
        if stage == Stage::Split && run.splits_raw_files() {
            continue; // Its files may be gone; the certificate is proved elsewhere.
        }
        tracing::info!(%stage, "{what}");
        if stage == Stage::Train {
            checks.push(("first epoch trained again", again.first_epoch_fault(record)));
        }
        checks.push((what, again.fault(record, retrain)));
    }
    Ok(checks)
}

struct Again<'a> {
    folder: &'a Path,
    run: &'a RunPlan,
    out: &'a Path,
}

impl Again<'_> {
    fn fault(&self, record: &StageRecord, retrain: bool) -> Result<Option<String>, StageError> {
        let stage = record.stage;
        let out = self.out.join(<&str>::from(stage));
        std::fs::create_dir(&out).map_err(ArtifactError::io("create", &out))?;
        self.execute(record, &out, retrain)?;
        let is_whole = stage != Stage::Train || retrain;
        let made = names_in(&out)?;
        let stored: BTreeSet<&str> = record.outputs.keys().map(String::as_str).collect();
        if is_whole && let Some(name) = made.iter().find(|name| !stored.contains(name.as_str())) {
            return Ok(Some(format!("the run has no {name}, which the stage writes")));
        }
        if is_whole && let Some(name) = stored.iter().find(|name| !made.contains(**name)) {
            return Ok(Some(format!("the stage does not write {name}")));
        }
        // The thresholds of curves are distinct scores, which rounding may merge: they are compared with the
        // stored scores elsewhere.
        for name in made.iter().filter(|name| *name != names::CURVES) {
            let kind = names::find(name).and_then(|file| file.kind);
            let found = difference(&self.folder.join(name), &out.join(name), kind)?;
            if let Some(found) = found {
                return Ok(Some(format!("{name} does not follow from its inputs: {found}")));
            }
        }
        Ok(None)
    }

    /// Trains one epoch and compares its losses with the history: they follow from data, hyper-parameters and
    /// seed, so that a training with another seed shows.
    fn first_epoch_fault(&self, record: &StageRecord) -> Result<Option<String>, StageError> {
        let model = self.run.model.node_encoder();
        if model.get("epochs").is_none() || !record.outputs.contains_key(names::HISTORY) {
            return Ok(None);
        }
        let out = self.out.join("first-epoch");
        std::fs::create_dir(&out).map_err(ArtifactError::io("create", &out))?;
        let config = &model.to_the_last_epoch(Some(1))?;
        let training = Training {
            config,
            seed: self.run.seed,
            checkpoint: None,
            own_epochs: None,
            cancelled: None,
        };
        let provenance = self.run.provenance(record.stage, record.seed, record.fingerprint);
        let from = Artifacts(vec![self.folder.to_owned()]);
        let stages = stages::of(self.run.data_kind);
        stages.train(&from, &out, &training, &mut |_| {}, &provenance)?;
        let losses = |folder: &Path| -> Result<Option<[f64; 3]>, StageError> {
            let history = History::read(&folder.join(names::HISTORY))?;
            let of = |record: &EpochRecord| [record.loss, record.reconstruction, record.kl];
            Ok(history.0.first().map(of))
        };
        let (stored, again) = (losses(self.folder)?, losses(&out)?);
        let is_same = match (stored, again) {
            (Some(stored), Some(again)) => are_close(&stored, &again),
            _ => false,
        };
        Ok((!is_same).then(|| {
            "history.parquet starts with other losses than this training: another seed or other data".to_owned()
        }))
    }

    fn execute(&self, record: &StageRecord, out: &Path, retrain: bool) -> Result<(), StageError> {
        let run = self.run;
        let from = Artifacts(vec![self.folder.to_owned()]);
        let stages = stages::of(run.data_kind);
        let provenance = &run.provenance(record.stage, record.seed, record.fingerprint);
        let training = Training {
            config: &run.model,
            seed: run.seed,
            checkpoint: None,
            own_epochs: run.eval.own_epochs.then_some(&run.eval),
            cancelled: None,
        };
        match record.stage {
            Stage::Ingest => {}
            Stage::Split => {
                let splitting = Splitting {
                    config: &run.split,
                    seed: run.split_seed,
                    hard: &run.hard(),
                    files: None,
                    negatives: None,
                    data: &run.data,
                    base: Path::new("."),
                };
                stages.split(&from, out, &splitting, provenance)?;
            }
            Stage::Train if retrain => {
                stages.train(&from, out, &training, &mut |_| {}, provenance)?;
            }
            Stage::Train => stages.embed_again(&from, out, &training, provenance)?,
            Stage::Eval => stages.eval(&from, out, &run.eval, provenance)?,
            Stage::Export => stages::export(&from, out, &run.export, provenance)?,
        }
        Ok(())
    }
}

fn names_in(folder: &Path) -> Result<BTreeSet<String>, StageError> {
    let fault = || ArtifactError::io("list", folder);
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(fault())? {
        names.insert(entry.map_err(fault())?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// Returns the fault of a check that failed to run.
pub(crate) fn fault_of(result: Result<Option<String>, StageError>) -> Option<String> {
    result.unwrap_or_else(|error| Some(chain(&error)))
}
