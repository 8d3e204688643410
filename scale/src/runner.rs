//! Runs steps: skips finished ones, verifies new ones, and repeats those whose verification fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use vgae_artifacts::ContentHash;

use crate::dataset::{Record, collect_parts, fingerprint, folder, remove_folder, table_files};
use crate::engine::{Engine, TableFiles};
use crate::steps::{Check, Facts, OUTPUT, Rule, Step, Value};

/// Number of attempts at a step whose verification fails.
const ATTEMPTS: u32 = 3;

/// Finished step of a run.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// Record of the dataset.
    pub(crate) record: Record,
    /// Folder of the dataset.
    pub(crate) folder: PathBuf,
}

/// Report of a step, for progress lines.
#[derive(Debug)]
pub enum Event<'a> {
    /// The dataset of the step exists and is unchanged.
    Kept(&'a Record),
    /// The dataset exists and is damaged; the step runs again.
    Damaged(&'a str, &'a anyhow::Error),
    /// The verification of an attempt failed.
    Rejected(&'a str, u32, &'a anyhow::Error),
    /// The step was written and verified.
    Written {
        /// Record of the dataset.
        record: &'a Record,
        /// Seconds of the query.
        write_seconds: f64,
        /// Seconds of hashing and verification.
        verify_seconds: f64,
    },
}

/// Runner of the steps of one pipeline.
pub(crate) struct Runner<'a> {
    engine: &'a mut dyn Engine,
    root: PathBuf,
    inputs: BTreeMap<String, ContentHash>,
    finished: BTreeMap<String, Finished>,
    report: &'a mut dyn FnMut(Event<'_>),
}

/// Failure of a verification; the step runs again.
#[derive(Debug)]
struct Rejection(anyhow::Error);

impl<'a> Runner<'a> {
    /// Creates a runner that keeps its datasets in the folder `root`.
    pub(crate) fn new(
        engine: &'a mut dyn Engine,
        root: &Path,
        report: &'a mut dyn FnMut(Event<'_>),
    ) -> Self {
        let (inputs, finished) = (BTreeMap::new(), BTreeMap::new());
        Self { engine, root: root.to_owned(), inputs, finished, report }
    }

    /// Registers a table of the user.
    ///
    /// # Errors
    /// Returns an error when a file cannot be read.
    pub(crate) fn source(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()> {
        self.engine.register(name, files)?;
        self.inputs.insert(name.to_owned(), files.fingerprint()?);
        Ok(())
    }

    /// Runs a step, or finds its finished dataset, and returns its facts.
    ///
    /// # Errors
    /// Returns an error when an input is missing, the query or a file operation fails, the input data violate a
    /// rule, or the verification fails three times.
    pub(crate) fn run(&mut self, step: Step) -> anyhow::Result<Facts> {
        let mut inputs = BTreeMap::new();
        for name in &step.inputs {
            let input = self.inputs.get(name);
            let input =
                input.with_context(|| format!("step {}: no dataset `{name}`", step.name))?;
            inputs.insert(name.clone(), *input);
        }
        let fingerprint = fingerprint(&step, &inputs)?;
        let target = folder(&self.root, &step, &fingerprint);
        let record = match self.kept(&step, &fingerprint, &target)? {
            Some(record) => record,
            None => self.attempt(step, fingerprint, inputs, &target)?,
        };
        let name = record.step.name.clone();
        self.engine.register(&name, &record.files(&target))?;
        self.inputs.insert(name.clone(), fingerprint);
        let facts = record.facts.clone();
        self.finished.insert(name, Finished { record, folder: target });
        Ok(facts)
    }

    /// Returns the finished step of a name.
    ///
    /// # Errors
    /// Returns an error when this run has no such step.
    pub(crate) fn finished(&self, name: &str) -> anyhow::Result<&Finished> {
        self.finished.get(name).with_context(|| format!("step {name} has not run"))
    }

    /// Returns all finished steps, by name.
    #[must_use]
    pub(crate) fn into_finished(self) -> BTreeMap<String, Finished> {
        self.finished
    }

    /// Returns the record of an unchanged dataset in `target`; removes a damaged one.
    fn kept(
        &mut self,
        step: &Step,
        fingerprint: &ContentHash,
        target: &Path,
    ) -> anyhow::Result<Option<Record>> {
        if !target.exists() {
            return Ok(None);
        }
        let checked = Record::read(target).and_then(|record| {
            anyhow::ensure!(
                record.fingerprint == *fingerprint && record.step == *step,
                "{} is the record of another step",
                target.display()
            );
            record.check_parts(target)?;
            Ok(record)
        });
        match checked {
            Ok(record) => {
                (self.report)(Event::Kept(&record));
                Ok(Some(record))
            }
            Err(error) => {
                (self.report)(Event::Damaged(&step.name, &error));
                remove_folder(target)?;
                Ok(None)
            }
        }
    }

    fn attempt(
        &mut self,
        step: Step,
        fingerprint: ContentHash,
        inputs: BTreeMap<String, ContentHash>,
        target: &Path,
    ) -> anyhow::Result<Record> {
        for attempt in 1.. {
            let folder = target.with_extension(attempt.to_string());
            remove_folder(&folder)?;
            let started = Instant::now();
            self.engine.write(&step.sql, &folder).with_context(|| {
                format!(
                    "step {}: the query failed on the engine `{}`:\n{}",
                    step.name,
                    self.engine.name(),
                    step.sql
                )
            })?;
            let write_seconds = started.elapsed().as_secs_f64();
            let started = Instant::now();
            match self.verified(&step, &folder)? {
                Ok((parts, rows, facts)) => {
                    let engine = self.engine.name().to_owned();
                    let record = Record { step, fingerprint, inputs, engine, rows, facts, parts };
                    record.write(&folder)?;
                    std::fs::rename(&folder, target).with_context(|| {
                        format!("cannot rename {} to {}", folder.display(), target.display())
                    })?;
                    let verify_seconds = started.elapsed().as_secs_f64();
                    (self.report)(Event::Written {
                        record: &record,
                        write_seconds,
                        verify_seconds,
                    });
                    return Ok(record);
                }
                Err(Rejection(error)) => {
                    (self.report)(Event::Rejected(&step.name, attempt, &error));
                    remove_folder(&folder)?;
                    if attempt == ATTEMPTS {
                        return Err(error.context(format!(
                            "step {}: the verification failed {ATTEMPTS} times on the engine `{}`",
                            step.name,
                            self.engine.name()
                        )));
                    }
                }
            }
        }
        bail!("step {}: no attempt was made", step.name)
    }

    /// Verifies the output of a step in `folder`. The inner error rejects the output; the outer one ends the run.
    #[expect(clippy::type_complexity, reason = "private, and read in one place")]
    fn verified(
        &mut self,
        step: &Step,
        folder: &Path,
    ) -> anyhow::Result<Result<(Vec<crate::dataset::Part>, u64, Facts), Rejection>> {
        let (parts, rows) = match collect_parts(folder, &step.columns) {
            Ok(found) => found,
            Err(error) => return Ok(Err(Rejection(error))),
        };
        self.engine.register(OUTPUT, &table_files(folder, step, &parts))?;
        let facts = check_facts(self.engine, &step.name, &step.checks)?;
        Ok(match apply_rules(step, &facts) {
            Ok(()) => Ok((parts, rows, facts)),
            Err(Violation::Data(error)) => {
                remove_folder(folder)?;
                return Err(error);
            }
            Err(Violation::Output(error)) => Err(Rejection(error)),
        })
    }
}

/// Runs the checks of a step and returns their facts. [`OUTPUT`] and the inputs are registered.
///
/// # Errors
/// Returns an error when a query fails.
pub(crate) fn check_facts(
    engine: &mut dyn Engine,
    step: &str,
    checks: &[Check],
) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    for Check { name, sql } in checks {
        let found = engine.query(sql).with_context(|| {
            format!(
                "step {step}: the verification \"{name}\" failed on the engine `{}`:\n{sql}",
                engine.name()
            )
        })?;
        facts.0.extend(found.0);
    }
    Ok(facts)
}

/// Violated rule of a step.
#[derive(Debug)]
pub(crate) enum Violation {
    /// The input data lack a property.
    Data(anyhow::Error),
    /// The output of the engine is wrong.
    Output(anyhow::Error),
}

/// Compares the facts of a step with its rules.
///
/// # Errors
/// Returns the first violation.
pub(crate) fn apply_rules(step: &Step, facts: &Facts) -> Result<(), Violation> {
    let shown = |fact: &str| match facts.0.get(fact) {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::Integer(value)) => value.to_string(),
        Some(Value::Real(value)) => value.to_string(),
        Some(Value::Text(text)) => text.clone(),
    };
    let wrong = |what: String, expected: String, found: &str| {
        let name = &step.name;
        Err(Violation::Output(anyhow::anyhow!(
            "step {name}: {what}: expected {expected}, found {}",
            shown(found)
        )))
    };
    for rule in &step.rules {
        match rule {
            Rule::Equals { fact, value } if facts.integer(fact) != Some(i128::from(*value)) => {
                return wrong(format!("`{fact}`"), value.to_string(), fact);
            }
            Rule::Same { left, right }
                if facts.integer(left).is_none() || facts.integer(left) != facts.integer(right) =>
            {
                return wrong(
                    format!("`{left}`"),
                    format!("that of `{right}`, {}", shown(right)),
                    left,
                );
            }
            Rule::Data { fact, message } if facts.integer(fact) != Some(0) => {
                return Err(Violation::Data(anyhow::anyhow!("{} {message}", shown(fact))));
            }
            _ => {}
        }
    }
    Ok(())
}
