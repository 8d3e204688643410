//! Carries a plan out: each stage is looked up on the shelf, or run and put there.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use vgae_artifacts::{ContentHash, Provenance, names};
use vgae_eval::{EvalConfig, SampleEvalConfig};
use vgae_ingest::fetch::{self, Cache, FetchOptions, Fetched, Form, Registry};

use crate::fingerprint::Job;
use crate::manifest::{MachineRecord, Manifest, StageRecord};
use crate::plan::{Plan, RunPlan};
use crate::stages::{self, Artifacts, Training};
use crate::store::{self, Entry, Found, Store};
use crate::{Event, Observer, PipelineError, RunMetrics, Stage, StageError, summary};

/// Where and how a plan is carried out. Nothing here changes a result.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The output folder.
    pub out: PathBuf,
    /// Where downloads are kept.
    pub cache: Cache,
    /// How they are made.
    pub fetch: FetchOptions,
    /// Worker threads, in place of the plan's; as many as there are cores if neither says.
    pub threads: Option<NonZeroUsize>,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    /// Its folder.
    pub folder: PathBuf,
    /// What produced what.
    pub manifest: Manifest,
    /// What it is judged by.
    pub metrics: RunMetrics,
    /// Whether there was nothing to do.
    pub unchanged: bool,
}

/// The runs of each dataset and method, which stand together as a plan lays them out; none is empty.
pub(crate) fn by_cell(outcomes: &[RunOutcome]) -> impl Iterator<Item = &[RunOutcome]> {
    outcomes.chunk_by(|a, b| {
        a.manifest.dataset == b.manifest.dataset && a.manifest.method == b.manifest.method
    })
}

/// Mean wall-clock seconds of a run: split, train, eval and export.
pub(crate) fn mean_seconds(runs: &[RunOutcome]) -> f64 {
    runs.iter().map(|run| run.manifest.run_seconds()).sum::<f64>() / runs.len() as f64
}

/// Runs every run of `plan`, in order, into `options.out`.
///
/// A run killed at any point and started again goes on where it was and ends with the same artifacts.
///
/// # Errors
/// When the folder is in use or cannot be written, or a stage fails; finished stages stay.
pub fn run(
    plan: &Plan,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Vec<RunOutcome>, PipelineError> {
    // To rayon, 0 means a thread a core.
    let threads = options.threads.or(plan.threads).map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| PipelineError::Threads { threads, source })?;
    pool.install(|| run_here(plan, options, observer))
}

fn run_here(
    plan: &Plan,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Vec<RunOutcome>, PipelineError> {
    let store = Store::open(&options.out)?;
    observer.event(&Event::Planned { runs: plan.runs.len(), weight: plan.weight() });
    let mut outcomes = Vec::with_capacity(plan.runs.len());
    for (index, run) in plan.runs.iter().enumerate() {
        let folder = run_folder(plan, run, &options.out);
        std::fs::create_dir_all(&folder)
            .map_err(PipelineError::io("create the folder", &folder))?;
        vgae_artifacts::atomic::sweep(&folder)?;
        let (number, name, weight) = (index + 1, run.name.as_str(), run.weight);
        observer.event(&Event::RunStarted { number, name, weight });
        let outcome = Runner { plan, run, options, store: &store }.run(&folder, observer).map_err(
            |error| match error {
                PipelineError::Stage { stage, source, .. } if plan.is_grid => {
                    PipelineError::Stage { stage, run: Some(run.name.clone()), source }
                }
                other => other,
            },
        )?;
        observer.event(&Event::RunFinished { name, unchanged: outcome.unchanged });
        outcomes.push(outcome);
    }
    if plan.is_grid {
        vgae_artifacts::atomic::sweep(&options.out)?;
        summary::write(&options.out.join(names::SUMMARY), &outcomes)?;
    }
    Ok(outcomes)
}

/// Where a run of this plan goes.
pub(crate) fn run_folder(plan: &Plan, run: &RunPlan, out: &Path) -> PathBuf {
    if plan.is_grid { out.join("runs").join(&run.name) } else { out.to_owned() }
}

struct Runner<'a> {
    plan: &'a Plan,
    run: &'a RunPlan,
    options: &'a RunOptions,
    store: &'a Store,
}

impl Runner<'_> {
    fn run(&self, folder: &Path, observer: &mut dyn Observer) -> Result<RunOutcome, PipelineError> {
        let mut done: Vec<Entry> = Vec::new();
        let mut unchanged = true;
        for stage in Stage::ALL {
            let job = self.run.job(stage, &self.plan.base, &outputs_of(&done))?;
            let fingerprint = job.fingerprint();
            let entry = match self.store.shelf().find(stage, &fingerprint) {
                Found::Whole(entry) => {
                    observer.event(&Event::StageSkipped { stage });
                    *entry
                }
                found => {
                    if let Found::Damaged { file } = found {
                        tracing::warn!(%stage, file, "a stored file is damaged; making it again");
                    }
                    unchanged = false;
                    self.work(job, &done, observer)?
                }
            };
            done.push(entry);
        }
        let manifest = self.publish(folder, &done)?;
        let metrics = RunMetrics::read(folder, self.run.form)?;
        Ok(RunOutcome { folder: folder.to_owned(), manifest, metrics, unchanged })
    }

    /// Does a stage's work and puts it on the shelf.
    fn work(
        &self,
        job: Job,
        done: &[Entry],
        observer: &mut dyn Observer,
    ) -> Result<Entry, PipelineError> {
        let stage = job.stage;
        let fingerprint = job.fingerprint();
        let fetched = match stage {
            Stage::Ingest => self.fetch(observer).map_err(PipelineError::at(stage))?,
            _ => None,
        };
        observer.event(&Event::StageStarted { stage });
        let written = self.store.stage_folder()?;
        let (result, seconds) = stages::timed(|| {
            self.call(&job, &fingerprint, (done, fetched.as_ref()), written.path(), observer)
        });
        let embedding_hash = result.map_err(PipelineError::at(stage))?;
        let record = StageRecord {
            stage,
            stage_version: job.stage_version,
            fingerprint,
            outputs: Store::outputs(written.path())?,
            config: job.config,
            seed: job.seed,
            inputs: job.inputs,
            embedding_hash,
            machine: MachineRecord::now(seconds),
        };
        let entry = self.store.commit(written, record)?;
        if stage == Stage::Train {
            let checkpoint = self.store.checkpoint(&fingerprint);
            if checkpoint.exists() {
                std::fs::remove_file(&checkpoint)
                    .map_err(PipelineError::io("remove the checkpoint", &checkpoint))?;
            }
        }
        observer.event(&Event::StageFinished { stage, seconds });
        Ok(entry)
    }

    /// Makes sure that the raw files of a known dataset are in the cache; not part of any stage's time.
    fn fetch(&self, observer: &mut dyn Observer) -> Result<Option<Fetched>, StageError> {
        let Some(name) = vgae_ingest::needs_fetch(&self.run.data) else { return Ok(None) };
        let (cache, options) = (&self.options.cache, &self.options.fetch);
        let fetched = fetch::fetch(Registry::builtin(), name, cache, options, observer.fetch())?;
        Ok(Some(fetched))
    }

    fn call(
        &self,
        job: &Job,
        fingerprint: &ContentHash,
        (done, fetched): (&[Entry], Option<&Fetched>),
        out: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Option<ContentHash>, StageError> {
        let run = self.run;
        let from = Artifacts(done.iter().map(|entry| entry.folder.clone()).collect());
        let provenance = run.provenance(job, *fingerprint);
        match job.stage {
            Stage::Ingest => {
                let base = &self.plan.base;
                stages::ingest(run.form, out, &run.data, base, fetched, &provenance)?;
            }
            Stage::Split => {
                stages::split(run.form, &from, out, &run.split, run.split_seed, &provenance)?;
            }
            Stage::Train => {
                let every = run.checkpoint_every;
                let training = Training {
                    config: &run.model,
                    seed: run.seed,
                    checkpoint: every.map(|every| (self.store.checkpoint(fingerprint), every)),
                };
                let embedding =
                    stages::train(run.form, &from, out, &training, observer, &provenance)?;
                return Ok(Some(embedding.content_hash()));
            }
            Stage::Eval => stages::eval(run.form, &from, out, &run.eval, &provenance)?,
            Stage::Export => stages::export(&from, out, &run.export, &provenance)?,
        }
        Ok(None)
    }

    /// Puts the run's files under their public names, and the manifest last: a run folder with a
    /// manifest is complete.
    fn publish(&self, folder: &Path, done: &[Entry]) -> Result<Manifest, PipelineError> {
        let run = self.run;
        let manifest = Manifest {
            run: run.name.clone(),
            dataset: run.dataset.clone(),
            method: run.method.to_string(),
            seed: run.seed,
            split_seed: run.split_seed,
            stages: done.iter().map(|entry| entry.record.clone()).collect(),
        };
        let before = Manifest::read(folder).ok();
        for entry in done {
            for (name, file) in &entry.record.outputs {
                store::publish(&entry.folder.join(name), &folder.join(name), file)?;
            }
        }
        if before.as_ref() == Some(&manifest) {
            return Ok(manifest);
        }
        // What the last run made and this one does not (the features of another graph, say) must not
        // stand beside this run's files.
        for (name, _) in before.iter().flat_map(Manifest::files) {
            if manifest.files().all(|(kept, _)| kept != name) && is_file_name(name) {
                let stale = folder.join(name);
                if stale.exists() {
                    std::fs::remove_file(&stale)
                        .map_err(PipelineError::io("remove the outdated", &stale))?;
                }
            }
        }
        manifest.write(folder)?;
        Ok(manifest)
    }
}

/// Whether a name from a manifest stays within its folder: the file could have been edited.
pub(crate) fn is_file_name(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|file| file == name)
}

fn outputs_of(done: &[Entry]) -> BTreeMap<String, String> {
    done.iter().flat_map(|entry| outputs(&entry.record)).collect()
}

/// The outputs of a stage by name, with their hashes, as later stages' jobs want them.
pub(crate) fn outputs(record: &StageRecord) -> impl Iterator<Item = (String, String)> + '_ {
    record.outputs.iter().map(|(name, file)| (name.clone(), file.hash.to_hex()))
}

impl RunPlan {
    /// What decides the output of `stage`, given the outputs of the stages before it.
    pub(crate) fn job(
        &self,
        stage: Stage,
        base: &Path,
        available: &BTreeMap<String, String>,
    ) -> Result<Job, PipelineError> {
        let (config, seed) = match stage {
            Stage::Ingest => (value(&self.data), None),
            Stage::Split => (value(&self.split), Some(self.split_seed)),
            Stage::Train => (value(&self.model), Some(self.seed)),
            Stage::Eval => match self.form {
                // Each form is judged by its own part, and stored results of one are not lost when the
                // other's changes.
                Form::Graph => {
                    let samples = SampleEvalConfig::default();
                    (value(&EvalConfig { samples, ..self.eval.clone() }), None)
                }
                Form::Samples => (value(&self.eval.samples), None),
            },
            Stage::Export => (value(&self.export), None),
        };
        let inputs = if stage == Stage::Ingest {
            let inputs = vgae_ingest::inputs(&self.data, base);
            inputs.map_err(PipelineError::at(stage))?.into_iter().collect()
        } else {
            let wanted = stage
                .reads(self.form)
                .iter()
                .filter(|name| **name != names::FEATURES || self.method.uses_features());
            wanted
                .filter_map(|name| Some(((*name).to_owned(), available.get(*name)?.clone())))
                .collect()
        };
        Ok(Job { stage, stage_version: stage.version(), config, inputs, seed })
    }

    fn provenance(&self, job: &Job, fingerprint: ContentHash) -> Provenance {
        let trained = job.stage >= Stage::Train;
        Provenance {
            dataset: Some(self.dataset.clone()),
            method: trained.then(|| self.method.to_string()),
            seed: if trained { Some(self.seed) } else { job.seed },
            fingerprint: Some(fingerprint),
            ..Provenance::of_stage(job.stage.name())
        }
    }
}

fn value<T: serde::Serialize>(config: &T) -> serde_json::Value {
    serde_json::to_value(config).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Loaded, PipelineConfig};

    /// The fingerprints of every stage, given inputs that all have the hash `00`.
    fn fingerprints(text: &str) -> String {
        let config = PipelineConfig::parse(text, Path::new("p.toml")).expect("parses");
        let plan = Plan::new(Loaded { config, base: ".".into() }).expect("runs");
        let every = names::RUN_FILES.map(|name| (name.to_owned(), "00".to_owned())).into();
        let lines = plan.runs.iter().flat_map(|run| {
            Stage::ALL.map(|stage| {
                let job = run.job(stage, Path::new("."), &every).expect("a job");
                let inputs: Vec<&str> = job.inputs.keys().map(String::as_str).collect();
                format!("{} {stage} {} {inputs:?}", run.name, job.fingerprint())
            })
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// People's stored results are found by these: they change only when a stage's version does.
    #[test]
    fn fingerprints_of_graph_runs_stay_as_they_are() {
        let grid = "seed = 7\n[split]\ntest = 0.2\n[model]\nhidden = 8\n[grid]\n\
                    datasets = [\"cora\", \"karate\"]\nmethods = [\"gae*\", \"vgae\", \"sc\", \"dw\"]";
        insta::assert_snapshot!(fingerprints(grid));
    }
}
