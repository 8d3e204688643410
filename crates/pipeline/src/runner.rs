//! One run: each stage is found in the cache, or executed and stored there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::PoisonError;

use vgae_artifacts::{
    ContentHash, DataKind, Manifest, NegativeKind, NegativeSet, Provenance, Seed, Stage,
    StageRecord, atomic, names,
};
use vgae_eval::{EvalConfig, SampleEvalConfig};
use vgae_ingest::fetch::Fetched;
use vgae_model::{ModelConfig, Scoring};
use vgae_split::SplitMethod;

use crate::choice::choose;
use crate::fingerprint::Job;
use crate::observe::{Tell, tell};
use crate::placement::Placement;
use crate::plan::{MethodChoice, Plan, RunPlan};
use crate::stages::{self, Artifacts, Splitting, Training};
use crate::store::{self, Entry, Found, Store};
use crate::{
    Observer, PipelineError, RunEvent, RunMetrics, RunOptions, RunOutcome, StageError, machine,
};

/// Stages shared between runs; the first run that needs one computes it.
const SHARED: [Stage; 2] = [Stage::Ingest, Stage::Split];
/// The stages that are a run's own. Two runs of a plan make the same one only where protocols do not differ in it;
/// they take turns.
const OWN: [Stage; 3] = [Stage::Train, Stage::Eval, Stage::Export];

/// A run and what it works with.
pub(crate) struct Runner<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) run: Cow<'a, RunPlan>,
    pub(crate) options: &'a RunOptions,
    pub(crate) store: &'a Store,
}

/// A run whose data are there, split.
pub(crate) struct Prepared {
    done: Done,
    /// Whether it may execute concurrently with others.
    pub(crate) placement: Placement,
}

/// Stages of a run that are in the cache.
#[derive(Clone)]
struct Done {
    entries: Vec<Entry>,
    /// Whether all of them were there before.
    unchanged: bool,
}

impl Runner<'_> {
    /// Makes the stages that runs share, one run at a time, and chooses the method where that is left to the program.
    pub(crate) fn prepare(
        &mut self,
        index: usize,
        observer: &mut dyn Observer,
    ) -> Result<Prepared, PipelineError> {
        tell(observer, index)(RunEvent::Preparing { name: &self.run.name });
        let mut done = Done { entries: Vec::new(), unchanged: true };
        for stage in SHARED {
            if stage == Stage::Split {
                self.choose_method(&done.entries[0].folder, &mut tell(observer, index))?;
            }
            let job = self.run.job(stage, &self.plan.base, &outputs_of(&done.entries))?;
            let Some(job) = self.look_up(job, &mut done, &mut tell(observer, index))? else {
                continue;
            };
            let fetched = match stage {
                Stage::Ingest => {
                    let (cache, options) = (self.options.cache.as_ref(), &self.options.fetch);
                    stages::fetch(&self.run.data, cache, options, observer.fetch())
                        .map_err(PipelineError::at(stage))?
                }
                _ => None,
            };
            self.work(job, fetched.as_ref(), &mut done, &mut tell(observer, index))?;
        }
        let placement =
            Placement::of(&self.run, &done.entries[0].folder, rayon::current_num_threads())?;
        Ok(Prepared { done, placement })
    }

    fn choose_method(&mut self, ingested: &Path, tell: &mut Tell<'_>) -> Result<(), PipelineError> {
        if let Some(run) = choose(self.plan, &self.run, ingested)? {
            if let MethodChoice::Suits(data) = &run.choice {
                tell(RunEvent::MethodChosen { method: run.method.name(), data });
            }
            self.run = Cow::Owned(run);
        }
        Ok(())
    }

    /// Makes the stages that are the run's own, and its folder.
    pub(crate) fn complete(
        &self,
        prepared: &Prepared,
        tell: &mut Tell<'_>,
    ) -> Result<RunOutcome, PipelineError> {
        if self.options.apart {
            machine::forget_peak_memory();
        }
        let folder = atomic::create_folder(&self.options.out, self.plan.folder(&self.run))?;
        atomic::sweep(&folder)?;
        let mut done = prepared.done.clone();
        for stage in OWN {
            let job = self.run.job(stage, &self.plan.base, &outputs_of(&done.entries))?;
            let turn = self.store.turn(&job.fingerprint());
            // Poisoned by a run that panicked: what it left is swept away, and the stage made anew.
            let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(job) = self.look_up(job, &mut done, tell)? {
                self.work(job, None, &mut done, tell)?;
            }
            drop(turn);
        }
        self.store.check_place(&self.options.out)?;
        let folder = atomic::create_folder(&self.options.out, self.plan.folder(&self.run))?;
        let manifest = self.publish(&folder, &done.entries)?;
        let metrics = RunMetrics::read(&folder, self.run.data_kind)?;
        Ok(RunOutcome { folder, manifest, metrics, unchanged: done.unchanged })
    }

    /// Takes a stage from the cache, or returns the job to do.
    fn look_up(
        &self,
        job: Job,
        done: &mut Done,
        tell: &mut Tell<'_>,
    ) -> Result<Option<Job>, PipelineError> {
        let stage = job.stage;
        let fingerprint = job.fingerprint();
        match self.store.shelf().find(stage, &fingerprint) {
            Found::Whole(entry) => {
                // A checkpoint is left if the training was killed right after its stage was stored.
                self.store.remove_checkpoint(&fingerprint)?;
                tell(RunEvent::StageSkipped { stage });
                done.entries.push(*entry);
                return Ok(None);
            }
            Found::Damaged { file } => {
                tracing::warn!(%stage, file, "a stored file is damaged; making it again");
            }
            Found::Nothing => {}
        }
        Ok(Some(job))
    }

    /// Executes a stage and stores its output in the cache.
    fn work(
        &self,
        job: Job,
        fetched: Option<&Fetched>,
        done: &mut Done,
        tell: &mut Tell<'_>,
    ) -> Result<(), PipelineError> {
        let stage = job.stage;
        let fingerprint = job.fingerprint();
        tell(RunEvent::StageStarted { stage });
        let written = self.store.stage_folder()?;
        let (result, seconds) = stages::timed(|| {
            self.call(&job, &fingerprint, (&done.entries, fetched), written.path(), tell)
        });
        let embedding_hash = result.map_err(PipelineError::at(stage))?;
        if stage == Stage::Ingest {
            self.refuse_changed(&job)?;
        }
        let record = StageRecord {
            stage,
            stage_version: job.stage_version,
            fingerprint,
            outputs: Store::outputs(written.path())?,
            config: job.config,
            seed: job.seed,
            inputs: job.inputs,
            embedding_hash,
            machine: machine::record(&self.options.program, seconds),
        };
        let entry = self.store.commit(written, record)?;
        self.store.remove_checkpoint(&fingerprint)?;
        tell(RunEvent::StageFinished { stage, seconds });
        done.entries.push(entry);
        done.unchanged = false;
        Ok(())
    }

    /// Compares the raw files with the hashes taken before they were read: a file that was replaced in between
    /// would be recorded with the hash of another.
    fn refuse_changed(&self, job: &Job) -> Result<(), PipelineError> {
        let now = self.run.job(Stage::Ingest, &self.plan.base, &BTreeMap::new())?.inputs;
        let changed = job.inputs.iter().find(|(name, hash)| now.get(*name) != Some(hash));
        changed.map_or(Ok(()), |(name, _)| {
            let source = StageError::ChangedInput { name: name.clone() };
            Err(PipelineError::at(Stage::Ingest)(source))
        })
    }

    fn call(
        &self,
        job: &Job,
        fingerprint: &ContentHash,
        (done, fetched): (&[Entry], Option<&Fetched>),
        out: &Path,
        tell: &mut Tell<'_>,
    ) -> Result<Option<ContentHash>, StageError> {
        let run = &self.run;
        let from = Artifacts(done.iter().map(|entry| entry.folder.clone()).collect());
        let provenance = run.provenance(job.stage, job.seed, *fingerprint);
        match job.stage {
            Stage::Ingest => {
                let base = &self.plan.base;
                stages::of(run.data_kind).ingest(out, &run.data, base, fetched, &provenance)?;
            }
            Stage::Split => {
                let splitting = Splitting {
                    config: &run.split,
                    seed: run.split_seed,
                    hard: &run.hard(),
                    files: run.split_files.as_ref(),
                    negatives: run.eval.negatives.files(),
                    data: &run.data,
                    base: &self.plan.base,
                };
                stages::of(run.data_kind).split(&from, out, &splitting, &provenance)?;
            }
            Stage::Train => {
                let own_epochs = run.eval.own_epochs.then_some(&run.eval);
                // A checkpoint does not contain the best epochs so far.
                let every = run.checkpoint_every.filter(|_| own_epochs.is_none());
                let training = Training {
                    config: &run.model,
                    seed: run.seed,
                    checkpoint: every.map(|every| (self.store.checkpoint(fingerprint), every)),
                    own_epochs,
                    cancelled: self.options.cancelled.as_deref(),
                };
                let embedding =
                    stages::of(run.data_kind).train(&from, out, &training, tell, &provenance)?;
                return Ok(embedding.map(|embedding| embedding.content_hash()));
            }
            Stage::Eval => stages::of(run.data_kind).eval(&from, out, &run.eval, &provenance)?,
            Stage::Export => stages::export(&from, out, &run.export, &provenance)?,
        }
        Ok(None)
    }

    /// Puts the run's files under their public names, and the manifest last: a run folder with a
    /// manifest is complete.
    fn publish(&self, folder: &Path, done: &[Entry]) -> Result<Manifest, PipelineError> {
        let run = &self.run;
        let manifest = Manifest {
            run: run.name.clone(),
            dataset: run.dataset.clone(),
            method: run.method.to_string(),
            method_chosen_for: match &run.choice {
                MethodChoice::Suits(data) => Some(data.clone()),
                MethodChoice::Named | MethodChoice::Open => None,
            },
            protocol: run.protocol,
            variant: run.variant.clone(),
            seed: run.seed,
            split_seed: run.split_seed,
            stages: done.iter().map(|entry| entry.record.clone()).collect(),
        };
        let before = Manifest::read(folder).ok();
        let is_same = before.as_ref() == Some(&manifest);
        if !is_same {
            // Between two runs the folder is a mixture, which nothing reads without a manifest.
            remove_outdated(&folder.join(names::MANIFEST))?;
        }
        for entry in done {
            for (name, file) in &entry.record.outputs {
                store::publish(&entry.folder.join(name), &folder.join(name), file)?;
            }
        }
        if is_same {
            return Ok(manifest);
        }
        // What the last run made and this one does not (the features of another graph, say) must not
        // stand beside this run's files. Names that no stage has are not removed, whatever a manifest says.
        let made =
            before.iter().flat_map(Manifest::files).filter_map(|(name, _)| names::find(name));
        for file in made.chain(names::read_files()) {
            if manifest.files().all(|(kept, _)| kept != file.name) {
                remove_outdated(&folder.join(file.name))?;
            }
        }
        manifest.write(folder)?;
        Ok(manifest)
    }
}

/// Removes a file of an earlier run, if it is there.
fn remove_outdated(path: &Path) -> Result<(), PipelineError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(PipelineError::io("remove the outdated", path)(source))
        }
        _ => Ok(()),
    }
}

fn outputs_of(done: &[Entry]) -> BTreeMap<String, String> {
    done.iter().flat_map(|entry| outputs(&entry.record)).collect()
}

/// The outputs of a stage by name, with their hashes, as later stages' jobs want them.
pub(crate) fn outputs(record: &StageRecord) -> impl Iterator<Item = (String, String)> + '_ {
    record.outputs.iter().map(|(name, file)| (name.clone(), file.hash.to_hex()))
}

impl RunPlan {
    /// Returns the inputs that decide the output of `stage`, given the outputs of earlier stages.
    pub(crate) fn job(
        &self,
        stage: Stage,
        base: &Path,
        available: &BTreeMap<String, String>,
    ) -> Result<Job, PipelineError> {
        Ok(self.job_with(stage, self.raw_inputs(stage, base)?, available))
    }

    /// Returns the raw files that a stage reads, with their hashes. A raw file with the name of an artifact, such as
    /// `edges.parquet`, is called `./edges.parquet`, since a stage may read both.
    fn raw_inputs(
        &self,
        stage: Stage,
        base: &Path,
    ) -> Result<BTreeMap<String, String>, PipelineError> {
        let distinct = |(name, hash): (String, String)| match names::find(&name) {
            Some(_) => (format!("./{name}"), hash),
            None => (name, hash),
        };
        Ok(self.raw_files(stage, base)?.into_iter().map(distinct).collect())
    }

    /// Returns the raw files that a stage reads by their path in the configuration, with their hashes.
    fn raw_files(
        &self,
        stage: Stage,
        base: &Path,
    ) -> Result<BTreeMap<String, String>, PipelineError> {
        match (stage, &self.split_files) {
            (Stage::Ingest, _) => {
                let inputs = vgae_ingest::inputs(&self.data, base);
                Ok(inputs.map_err(PipelineError::at(stage))?.into_iter().collect())
            }
            (Stage::Split, Some(files)) => {
                let files = vgae_ingest::split_inputs(files, base);
                let files = files.map_err(PipelineError::at(stage))?;
                let lists = self
                    .eval
                    .negatives
                    .files()
                    .into_iter()
                    .flat_map(vgae_eval::NegativeFiles::paths);
                let lists: Vec<&Path> = lists.map(|(_, path)| path).collect();
                let lists = vgae_ingest::negative_inputs(&lists, base);
                let lists = lists.map_err(PipelineError::at(stage))?;
                Ok(files.into_iter().chain(lists).collect())
            }
            // The times are not in the artifacts of ingest.
            (Stage::Split, None) if self.split.method() == SplitMethod::Time => {
                let tables = vgae_ingest::inputs(&self.data, base);
                Ok(tables.map_err(PipelineError::at(stage))?.into_iter().collect())
            }
            _ => Ok(BTreeMap::new()),
        }
    }

    /// Returns whether the split is made of raw files, not of the artifacts of ingest alone.
    pub(crate) fn splits_raw_files(&self) -> bool {
        self.split_files.is_some() || self.split.method() == SplitMethod::Time
    }

    /// Returns the inputs that decide the output of `stage`, given the raw files that it reads and the outputs
    /// of earlier stages.
    pub(crate) fn job_with(
        &self,
        stage: Stage,
        raw: BTreeMap<String, String>,
        available: &BTreeMap<String, String>,
    ) -> Job {
        let (config, seed) = match stage {
            Stage::Ingest => (value(&self.data), None),
            Stage::Split => {
                let mut config = value(&self.split);
                let hard = self.hard();
                if !hard.is_empty() {
                    config["hard_negatives"] = value(&hard);
                }
                if let Some(files) = &self.split_files {
                    config["files"] = value(files);
                }
                if let Some(files) = self.eval.negatives.files() {
                    config["negative_files"] = value(files);
                }
                (config, Some(self.split_seed))
            }
            Stage::Train => {
                let mut config = value(&self.model);
                if self.eval.own_epochs {
                    config["own_epochs"] = self.eval.mean_ranks.into();
                }
                (config, Some(self.seed))
            }
            Stage::Eval => match self.data_kind {
                // Each kind is judged by its own part, and stored results of one are not lost when the
                // other's changes.
                DataKind::Graph => {
                    let samples = SampleEvalConfig::default();
                    (value(&EvalConfig { samples, ..self.eval.clone() }), None)
                }
                DataKind::Samples => (value(&self.eval.samples), None),
            },
            Stage::Export => (value(&self.export), None),
        };
        let readers = |file: &names::File| match self.data_kind {
            DataKind::Graph => file.graph_readers,
            DataKind::Samples => file.sample_readers,
        };
        let names = names::FILES.iter().filter(|file| readers(file).contains(&stage));
        let wanted = names.map(|file| file.name).filter(|name| self.reads(stage, name));
        let stored =
            wanted.filter_map(|name| Some((name.to_owned(), available.get(name)?.clone())));
        let inputs = stored.chain(raw).collect();
        Job { stage, stage_version: stage.version(), config, inputs, seed }
    }

    /// The hard negatives that it will be judged by.
    pub(crate) fn hard(&self) -> Vec<NegativeSet> {
        let sets = self.eval.negatives.iter().filter(|set| set.kind() == NegativeKind::Hard);
        if self.data_kind == DataKind::Graph { sets.collect() } else { Vec::new() }
    }

    /// Whether an artifact that a stage can read has a say in what it makes of this run.
    fn reads(&self, stage: Stage, name: &str) -> bool {
        match (stage, name) {
            (Stage::Split, names::FEATURES) => !self.hard().is_empty(),
            (Stage::Train, names::HARD_NEGATIVES) | (Stage::Eval, names::OWN_EPOCHS) => {
                self.eval.own_epochs
            }
            (Stage::Eval, names::FEATURES) if self.data_kind == DataKind::Graph => {
                let scores_pairs = matches!(self.model.scoring(), Scoring::PairModel { .. });
                scores_pairs && self.model.reads_features()
            }
            (Stage::Eval, names::WEIGHTS) if self.data_kind == DataKind::Graph => {
                let predicts_weights = |model: &ModelConfig| model.weight_loss().is_some();
                predicts_weights(&self.model)
                    || self.model.encoders().into_iter().any(predicts_weights)
                    || matches!(
                        self.model.scoring(),
                        Scoring::Decoder
                            | Scoring::Relations
                            | Scoring::PairModel { decoder: true }
                    )
            }
            (Stage::Train, names::RELATIONS) => self.model.scoring() == Scoring::Relations,
            (_, names::FEATURES) => self.model.reads_features(),
            _ => true,
        }
    }

    /// Returns the provenance of what a stage writes, given the seed of its record and its fingerprint.
    pub(crate) fn provenance(
        &self,
        stage: Stage,
        seed: Option<Seed>,
        fingerprint: ContentHash,
    ) -> Provenance {
        let trained = stage >= Stage::Train;
        Provenance {
            dataset: Some(self.dataset.clone()),
            method: trained.then(|| self.method.to_string()),
            seed: if trained { Some(self.seed) } else { seed },
            fingerprint: Some(fingerprint),
            ..Provenance::of_stage(stage.to_string())
        }
    }
}

fn value<T: serde::Serialize>(config: &T) -> serde_json::Value {
    serde_json::to_value(config).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;
    use crate::{Loaded, PipelineConfig};

    /// The fingerprints of every stage, given inputs that all have the hash `00`.
    fn fingerprints(text: &str) -> String {
        let config = PipelineConfig::parse(text, Path::new("p.toml")).expect("parses");
        let plan = Plan::new(Loaded { config, base: ".".into() }).expect("runs");
        let every =
            names::run_files().map(|file| (file.name.to_owned(), "00".to_owned())).collect();
        let lines = plan.runs.iter().flat_map(|run| {
            Stage::VARIANTS
                .iter()
                .map(|&stage| {
                    let job = run.job(stage, Path::new("."), &every).expect("a job");
                    let inputs: Vec<&str> = job.inputs.keys().map(String::as_str).collect();
                    format!("{} {stage} {} {inputs:?}", run.name, job.fingerprint())
                })
                .collect::<Vec<_>>()
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
