//! Verification of a finished run: the content of its files, and the queries that verified its steps.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use vgae_artifacts::{ContentHash, regular};
use vgae_large::Outcome;

use crate::dataset::{Record, fingerprint};
use crate::engine::Engine;
use crate::pipeline::{RUN, RunRecord, STEPS, outcome_of};
use crate::runner::{Violation, apply_rules, check_facts};
use crate::steps::OUTPUT;
use crate::steps::embeddings::EMBEDDINGS;

/// Verifies the run in the folder `out` and calls `report` with the name of each verified step. Returns the number of
/// steps.
///
/// Each part file has its recorded size and content, each step the fingerprint of its SQL and inputs; the checks of each
/// step are queried again and return the recorded facts; results and embeddings are those of the steps.
///
/// # Errors
/// Returns an error that names the first difference.
pub fn verify(
    out: &Path,
    engine: &mut dyn Engine,
    report: &mut dyn FnMut(&str),
) -> anyhow::Result<usize> {
    let path = out.join(RUN);
    let bytes = regular::read(&path).with_context(|| {
        format!("cannot read {}: is this the folder of a finished run?", path.display())
    })?;
    let is_native = serde_json::from_slice::<serde_json::Value>(&bytes)
        .is_ok_and(|run| run.get("engine").is_some_and(|engine| engine == "native"));
    ensure!(
        !is_native,
        "{}: the engine `native` keeps no steps to verify: run the pipeline with --engine local, which makes the same \
         files and verifies each step",
        path.display()
    );
    let run: RunRecord = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not the record of a run", path.display()))?;
    let mut fingerprints: BTreeMap<String, ContentHash> = BTreeMap::new();
    for (name, files) in &run.sources {
        fingerprints.insert(name.clone(), files.fingerprint()?);
        engine.register(name, files)?;
    }
    let mut waiting = Vec::new();
    for (name, folder) in &run.steps {
        let folder = out.join(STEPS).join(folder);
        let record = Record::read(&folder)?;
        record.check_parts(&folder)?;
        engine.register(name, &record.files(&folder))?;
        fingerprints.insert(name.clone(), record.fingerprint);
        waiting.push((record, folder));
    }
    for (record, folder) in &waiting {
        let name = &record.step.name;
        for (input, recorded) in &record.inputs {
            ensure!(
                fingerprints.get(input) == Some(recorded),
                "step {name}: its input `{input}` has changed since the run: run the pipeline again"
            );
        }
        let expected = fingerprint(&record.step, &record.inputs)?;
        ensure!(
            record.fingerprint == expected,
            "step {name}: expected the fingerprint {expected}, found {}",
            record.fingerprint
        );
        engine.register(OUTPUT, &record.files(folder))?;
        let facts = check_facts(engine, name, &record.step.checks)?;
        apply_rules(&record.step, &facts).map_err(|violation| match violation {
            Violation::Data(error) | Violation::Output(error) => error,
        })?;
        ensure!(
            facts == record.facts,
            "step {name}: the checks return other facts than recorded: {facts:?}, recorded {:?}",
            record.facts
        );
        report(name);
    }
    let of = |step: &str| {
        let record =
            waiting.iter().map(|(record, _)| record).find(|record| record.step.name == step);
        record.with_context(|| format!("{}: expected the step {step}, found none", path.display()))
    };
    let expected = outcome_of(|step| Ok(&of(step)?.facts))?;
    same(out, Outcome::AUDIT, &expected.audit)?;
    same(out, Outcome::CERTIFICATE, &expected.certificate)?;
    same(out, Outcome::METRICS, &expected.metrics)?;
    of(EMBEDDINGS)?.check_parts(&out.join(EMBEDDINGS))?;
    Ok(waiting.len())
}

/// Compares a result file with the facts of the steps.
fn same<T: serde::de::DeserializeOwned + PartialEq>(
    out: &Path,
    name: &str,
    expected: &T,
) -> anyhow::Result<()> {
    let path = out.join(name);
    let bytes = regular::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let found: T = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a readable result", path.display()))?;
    ensure!(
        found == *expected,
        "{}: the content differs from the steps of the run",
        path.display()
    );
    Ok(())
}
