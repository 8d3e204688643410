//! The manifest of a run against itself: identity, fingerprints, and the chain from outputs to inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::de::DeserializeOwned;
use strum::VariantArray;
use vgae_artifacts::{DataKind, Manifest, Provenance, Stage, StageRecord, names};
use vgae_eval::EvalConfig;
use vgae_ingest::{IngestConfig, SplitFiles};
use vgae_model::ModelConfig;
use vgae_split::SplitTable;

use super::chain;
use crate::plan::{MethodChoice, RunPlan};
use crate::protocol;
use crate::runner::outputs;

/// Returns the run that the records of a manifest describe.
///
/// # Errors
/// Returns the fault of a manifest that describes none.
pub(crate) fn described(manifest: &Manifest, data_kind: DataKind) -> Result<RunPlan, String> {
    let stages: Vec<Stage> = manifest.stages.iter().map(|record| record.stage).collect();
    if stages != Stage::VARIANTS {
        let list = |stages: &[Stage]| {
            let names: Vec<&str> = stages.iter().map(<&str>::from).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        let (found, expected) = (list(&stages), list(Stage::VARIANTS));
        return Err(format!("expected the stages {expected}, found {found}"));
    }
    let data: IngestConfig = config(manifest, Stage::Ingest, &[])?;
    let split: SplitTable<SplitFiles> =
        config(manifest, Stage::Split, &["hard_negatives", "negative_files"])?;
    let (split, split_files) = split.without_files();
    let model: ModelConfig = config(manifest, Stage::Train, &["own_epochs"])?;
    let eval = match data_kind {
        DataKind::Graph => config(manifest, Stage::Eval, &[])?,
        DataKind::Samples => {
            let samples = config(manifest, Stage::Eval, &[])?;
            EvalConfig { samples, ..EvalConfig::default() }
        }
    };
    let export = config(manifest, Stage::Export, &[])?;
    let split = split.check().map_err(|error| chain(&error))?;
    Ok(RunPlan {
        name: manifest.run.clone(),
        dataset: manifest.dataset.clone(),
        data_kind,
        method: model.method(),
        choice: manifest.method_chosen_for.clone().map_or(MethodChoice::Named, MethodChoice::Suits),
        protocol: manifest.protocol,
        variant: manifest.variant.clone(),
        seed: manifest.seed,
        split_seed: manifest.split_seed,
        weight: 1,
        checkpoint_every: None,
        data,
        split,
        split_files,
        model,
        eval,
        export,
    })
}

/// Returns the configuration of a stage, without the keys that are not its own.
fn config<T: DeserializeOwned>(
    manifest: &Manifest,
    stage: Stage,
    without: &[&str],
) -> Result<T, String> {
    let record = manifest.stage(stage).ok_or_else(|| format!("no stage {stage}"))?;
    let mut config = record.config.clone();
    if let Some(table) = config.as_object_mut() {
        table.retain(|key, _| !without.contains(&key.as_str()));
    }
    serde_json::from_value(config).map_err(|error| format!("configuration of {stage}: {error}"))
}

/// Checks that the manifest's name, dataset, method and protocol are those of its records.
pub(crate) fn identity_fault(manifest: &Manifest, run: &RunPlan) -> Option<String> {
    let differ = |what: &str, found: &str, expected: &str| {
        (found != expected).then(|| format!("{what}: found {found}, the stages have {expected}"))
    };
    let dataset = run.data.dataset.as_deref().unwrap_or(&manifest.dataset);
    let name = &manifest.run;
    let start = format!("{}-{}", manifest.dataset, run.method.file_name());
    let end = format!("-s{}", manifest.seed);
    differ("method", &manifest.method, run.method.name())
        .or_else(|| differ("dataset", &manifest.dataset, dataset))
        .or_else(|| {
            let is_own = name.starts_with(&start) && name.ends_with(&end);
            (!is_own).then(|| format!("run: found {name}, expected {start}...{end}"))
        })
        .or_else(|| protocol_fault(run))
}

/// Checks that the settings are those of the protocol, which the run is labelled with.
fn protocol_fault(run: &RunPlan) -> Option<String> {
    let protocol = run.protocol?;
    let (mut split, mut eval) = (run.split.get().clone(), run.eval.clone());
    split.messages = vgae_artifacts::Messages::Train;
    let mut split_seed = Some(run.split_seed);
    let settings = protocol::Settings {
        split: &mut split,
        split_seed: &mut split_seed,
        eval: &mut eval,
        has_files: run.split_files.is_some(),
    };
    let applied = protocol::apply(protocol, run.seed, settings);
    let model = if protocol::keeps_last_epoch(protocol) {
        run.model.to_the_last_epoch(None).ok()
    } else {
        Some(run.model.clone())
    };
    let holds = applied.is_ok()
        && split == *run.split.get()
        && eval == run.eval
        && model.as_ref() == Some(&run.model);
    (!holds).then(|| format!("protocol: the stages do not follow protocol {protocol}"))
}

/// Checks the record of a stage against the run: version, configuration, seed, inputs that are outputs of
/// earlier stages, and the fingerprint over all of them.
pub(crate) fn record_fault(
    manifest: &Manifest,
    run: &RunPlan,
    record: &StageRecord,
) -> Option<String> {
    let stage = record.stage;
    if record.stage_version != stage.version() {
        return Some(format!(
            "version {} of the stage, this program has version {}: verify with the program that made the run",
            record.stage_version,
            stage.version()
        ));
    }
    let before = manifest.stages.iter().filter(|other| other.stage < stage);
    let available: BTreeMap<String, String> = before.flat_map(outputs).collect();
    // Raw files may be gone; the records of what was read stay.
    let is_raw = |name: &str| match stage {
        Stage::Ingest => true,
        Stage::Split => run.splits_raw_files() && names::find(name).is_none(),
        Stage::Train | Stage::Eval | Stage::Export => false,
    };
    let raw = record.inputs.iter().filter(|(name, _)| is_raw(name));
    let raw = raw.map(|(name, hash)| (name.clone(), hash.clone())).collect();
    let job = run.job_with(stage, raw, &available);
    if job.config != record.config {
        Some("its configuration is not one that this program writes".to_owned())
    } else if job.seed != record.seed {
        Some("its seed is not that of the run".to_owned())
    } else if job.inputs != record.inputs {
        let differs = |name: &&String| job.inputs.get(*name) != record.inputs.get(*name);
        let name = job.inputs.keys().chain(record.inputs.keys()).find(differs);
        let name = name.map_or("", String::as_str);
        Some(format!("its input {name} is not the output of an earlier stage"))
    } else if job.fingerprint() != record.fingerprint {
        Some("its fingerprint is not that of its configuration, inputs and seed".to_owned())
    } else {
        None
    }
}

/// Checks that each output belongs to its stage and, where its format has a provenance, that it is the one of
/// this run. Runs share stages, so that the name of the dataset may be another's.
pub(crate) fn outputs_fault(folder: &Path, run: &RunPlan, record: &StageRecord) -> Option<String> {
    let expected = run.provenance(record.stage, record.seed, record.fingerprint);
    record.outputs.keys().find_map(|name| {
        let writer = names::find(name).map(|file| file.writer);
        if writer != Some(names::Writer::Stage(record.stage)) {
            return Some(format!("{name} is not a file of stage {}", record.stage));
        }
        match names::provenance(&folder.join(name)) {
            Ok(Some(found)) => {
                let (program, dataset) = (expected.program.clone(), expected.dataset.clone());
                let found = Provenance { program, dataset, ..found };
                (found != expected).then(|| format!("{name} was written by another run or stage"))
            }
            Ok(None) => {
                let expected = names::has_provenance(name);
                expected.then(|| format!("{name} does not contain the stage that wrote it"))
            }
            Err(error) => Some(chain(&error)),
        }
    })
}

/// Checks that the folder contains no artifact that the manifest does not list and stages or queries would
/// read.
pub(crate) fn unlisted_fault(folder: &Path, manifest: &Manifest) -> Option<String> {
    let listed: BTreeSet<&str> = manifest.files().map(|(name, _)| name).collect();
    let unlisted = names::read_files()
        .map(|file| file.name)
        .find(|name| !listed.contains(name) && folder.join(name).exists());
    unlisted.map(|name| format!("{name} is in the folder and not in the manifest"))
}
