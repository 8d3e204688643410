//! Which stages would run, and what changed since they last did.

use std::collections::BTreeMap;
use std::path::Path;

use strum::VariantArray as _;
use vgae_artifacts::{Manifest, Stage, StageRecord};

use crate::PipelineError;
use crate::choice::choose;
use crate::plan::{MethodChoice, Plan, RunPlan};
use crate::runner::outputs;
use crate::store::{Found, Shelf};

/// Planned action on one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its output is there.
    Skip,
    /// It would run, for these reasons.
    Run(Vec<String>),
}

/// Planned actions on one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// The run's name.
    pub run: String,
    /// Each stage, in order.
    pub stages: Vec<(Stage, Verdict)>,
}

/// Says what `run` would do with `plan` in `out`, without doing it.
///
/// # Errors
/// When the raw inputs of the user's own graph cannot be read.
pub fn why(plan: &Plan, out: &Path) -> Result<Vec<Forecast>, PipelineError> {
    let shelf = Shelf::new(out);
    let forecasts = plan.runs.iter().map(|run| {
        let chosen = chosen(plan, run, &shelf)?;
        let run = chosen.as_ref().unwrap_or(run);
        forecast(run, &plan.base, &shelf, &out.join(plan.folder(run)))
    });
    forecasts.collect()
}

/// Returns the run with the method that `run` would choose, if its data are ingested already.
fn chosen(plan: &Plan, run: &RunPlan, shelf: &Shelf) -> Result<Option<RunPlan>, PipelineError> {
    if run.choice != MethodChoice::Open {
        return Ok(None);
    }
    let job = run.job(Stage::Ingest, &plan.base, &BTreeMap::new())?;
    match shelf.find(Stage::Ingest, &job.fingerprint()) {
        Found::Whole(entry) => choose(plan, run, &entry.folder),
        Found::Damaged { .. } | Found::Nothing => Ok(None),
    }
}

fn forecast(
    run: &RunPlan,
    base: &Path,
    shelf: &Shelf,
    folder: &Path,
) -> Result<Forecast, PipelineError> {
    let before = Manifest::read(folder).ok();
    let mut available = BTreeMap::new();
    let mut upstream: Option<Stage> = None;
    let mut stages = Vec::new();
    for &stage in Stage::VARIANTS {
        // Past a stage that would run, hashes of inputs are not known; what reads them may run or not.
        if let Some(first) = upstream.filter(|first| depends(stage, *first)) {
            let reason = format!("it reads what {first} would write");
            stages.push((stage, Verdict::Run(vec![reason])));
            continue;
        }
        let job = run.job(stage, base, &available)?;
        let verdict = match shelf.find(stage, &job.fingerprint()) {
            Found::Whole(entry) => {
                available.extend(outputs(&entry.record));
                Verdict::Skip
            }
            Found::Damaged { file } => {
                Verdict::Run(vec![format!("the stored {file} is missing or damaged")])
            }
            Found::Nothing => match before.as_ref().and_then(|manifest| manifest.stage(stage)) {
                None => Verdict::Run(vec!["it has not run in this folder yet".to_owned()]),
                Some(record) => Verdict::Run(changes(record, &job)),
            },
        };
        if verdict != Verdict::Skip {
            upstream.get_or_insert(stage);
        }
        stages.push((stage, verdict));
    }
    Ok(Forecast { run: run.name.clone(), stages })
}

fn depends(stage: Stage, on: Stage) -> bool {
    // Export reads no metrics; every other stage reads what the one before it wrote.
    stage > on && !(stage == Stage::Export && on == Stage::Eval)
}

fn changes(record: &StageRecord, job: &crate::fingerprint::Job) -> Vec<String> {
    let mut changes = Vec::new();
    if record.stage_version != job.stage_version {
        changes.push(format!(
            "version of the stage {} -> {}",
            record.stage_version, job.stage_version
        ));
    }
    if record.seed != job.seed {
        let show = |seed: Option<vgae_artifacts::Seed>| {
            seed.map_or("none".to_owned(), |seed| seed.to_string())
        };
        changes.push(format!("seed {} -> {}", show(record.seed), show(job.seed)));
    }
    compare(record.stage.into(), &record.config, &job.config, &mut changes);
    for (name, hash) in &job.inputs {
        match record.inputs.get(name) {
            None => changes.push(format!("new input {name}")),
            Some(old) if old != hash => changes.push(format!("input {name} has other content")),
            Some(_) => {}
        }
    }
    let gone = record.inputs.keys().filter(|name| !job.inputs.contains_key(*name));
    changes.extend(gone.map(|name| format!("input {name} is gone")));
    if changes.is_empty() {
        changes.push("its stored output was removed".to_owned());
    }
    changes
}

/// Lists the leaves in which two configurations differ: `train.learning_rate 0.01 -> 0.02`.
fn compare(
    path: &str,
    old: &serde_json::Value,
    new: &serde_json::Value,
    changes: &mut Vec<String>,
) {
    match (old, new) {
        (serde_json::Value::Object(a), serde_json::Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let none = serde_json::Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                compare(&format!("{path}.{key}"), a, b, changes);
            }
        }
        (a, b) if a != b => changes.push(format!("{path} {a} -> {b}")),
        _ => {}
    }
}
