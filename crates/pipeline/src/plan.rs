//! From a pipeline as written to the runs it means, every value checked.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use vgae_artifacts::{DataKind, Messages, NegativeKind, NegativeSet, Seed, names};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::fetch::Registry;
use vgae_ingest::{IngestConfig, SplitFiles};
use vgae_model::{Choice, DataSize, Method, ModelConfig, Scoring};
use vgae_split::{CheckedSplitConfig, SplitConfig, SplitMethod};

use crate::config::{Loaded, PipelineConfig};
use crate::protocol::{self, Settings};
use crate::search::{self, Variant};
use crate::store::is_file_name;
use crate::{GridConfig, PipelineError, Protocol};

/// Upper bound of the runs of a plan; anything larger is assumed to be a typo.
const MOST_RUNS: u64 = 10_000;

/// Runs whose values are checked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The pipeline's name.
    pub name: String,
    /// Whether the runs go into folders of their own under `runs/`.
    pub is_grid: bool,
    /// In the order they start.
    pub runs: Vec<RunPlan>,
    /// The folder that relative paths of raw data start from.
    pub base: PathBuf,
    /// Worker threads, where the pipeline names a number.
    pub threads: Option<NonZeroUsize>,
    /// The pipeline that the runs are of.
    pub(crate) config: PipelineConfig,
}

/// Choice of the method of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodChoice {
    /// Named by the pipeline.
    Named,
    /// Left to the program, which chooses when the size of the data is known. Until then the run has the most accurate
    /// method that its settings allow.
    Open,
    /// Chosen by the program for data of this kind: `graphs without node features`.
    Suits(String),
}

/// One run of a plan.
#[derive(Debug, Clone)]
pub struct RunPlan {
    /// `cora-gae-s0`; also its folder's name in a grid.
    pub name: String,
    /// Name of the dataset.
    pub dataset: String,
    /// Whether it is a graph or samples.
    pub data_kind: DataKind,
    /// The method.
    pub method: Method,
    /// Choice of the method.
    pub choice: MethodChoice,
    /// Evaluation protocol, if the pipeline sets one.
    pub protocol: Option<Protocol>,
    /// Which values of a search it has: `latent = 64`.
    pub variant: Option<String>,
    /// Decides initial weights, noise and dropout.
    pub seed: Seed,
    /// Decides the split.
    pub split_seed: Seed,
    /// Share of the work, for the time left.
    pub weight: u64,
    /// Epochs between two checkpoints, if any are made.
    pub checkpoint_every: Option<u32>,
    pub(crate) data: IngestConfig,
    pub(crate) split: CheckedSplitConfig,
    /// Files with the parts of the split.
    pub(crate) split_files: Option<SplitFiles>,
    pub(crate) model: ModelConfig,
    pub(crate) eval: EvalConfig,
    pub(crate) export: ExportConfig,
}

impl Plan {
    /// Checks a pipeline and lays out its runs: datasets, then protocols, methods, variants, seeds.
    ///
    /// # Errors
    /// When a value does not make sense; nothing has been read or written by then.
    pub fn new(loaded: Loaded) -> Result<Self, PipelineError> {
        let Loaded { config, base } = loaded;
        let name = config.name.clone().unwrap_or_else(|| "pipeline".to_owned());
        if !is_file_name(&name) {
            return Err(PipelineError::Usage {
                what: "name".to_owned(),
                expected: "a name that a folder can have, for the output goes there".to_owned(),
                found: format!("{name:?}"),
            });
        }
        let grid = config.grid.clone().unwrap_or_default();
        let datasets = sources(&config, &grid);
        let named = config.methods().map_err(PipelineError::from_model)?;
        // None: to be chosen.
        let methods: Vec<Option<Method>> = match named.as_slice() {
            [] => vec![None],
            named => named.iter().copied().map(Some).collect(),
        };
        let protocols = match grid.protocols.as_slice() {
            [] => vec![config.protocol],
            some => some.iter().copied().map(Some).collect(),
        };
        let lists = [datasets.len(), protocols.len(), methods.len()];
        let values = grid.vary.values().map(Vec::len);
        let cells = lists.into_iter().chain(values).map(|count| count as u64);
        let count = cells.fold(grid.runs, u64::saturating_mul);
        if count > MOST_RUNS {
            return Err(PipelineError::Usage {
                what: "grid".to_owned(),
                expected: format!("at most {MOST_RUNS} runs in all"),
                found: format!("{count} (datasets x protocols x methods x variants x runs)"),
            });
        }
        if config.split.files.is_some() && datasets.len() > 1 {
            return Err(PipelineError::Usage {
                what: "split.files".to_owned(),
                expected: "one dataset, whose parts the files contain".to_owned(),
                found: format!("{} datasets", datasets.len()),
            });
        }
        if named.is_empty() && !grid.vary.is_empty() {
            return Err(PipelineError::Usage {
                what: "grid.vary".to_owned(),
                expected: "`method` in `[model]` or `methods` in `[grid]`, whose options vary"
                    .to_owned(),
                found: "neither".to_owned(),
            });
        }
        let variants = search::variants(&config.model, &named, &grid.vary)?;
        let mut runs = Vec::new();
        for data in &datasets {
            for &protocol in &protocols {
                for &method in &methods {
                    for variant in &variants {
                        for offset in 0..grid.runs {
                            let seed = Seed(config.seed.0.wrapping_add(offset));
                            let asked = Asked { data, variant, protocol, seed };
                            runs.push(match method {
                                Some(method) => {
                                    let choice = MethodChoice::Named;
                                    run_plan(&config, &name, asked, method, choice)?
                                }
                                None => open_run_plan(&config, &name, asked)?,
                            });
                        }
                    }
                }
            }
        }
        each_once(&runs)?;
        let (is_grid, threads) = (config.grid.is_some(), config.run.threads);
        Ok(Self { name, is_grid, runs, base, threads, config })
    }

    /// The folder of a run, below the output folder.
    pub(crate) fn folder(&self, run: &RunPlan) -> PathBuf {
        if self.is_grid { Path::new(names::RUNS).join(&run.name) } else { PathBuf::new() }
    }

    /// The work of all runs together.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.runs.iter().map(|run| run.weight).sum()
    }
}

/// A run that stands in a grid twice would count twice in its means, and two of them would write to one
/// folder at a time.
fn each_once(runs: &[RunPlan]) -> Result<(), PipelineError> {
    let mut names = BTreeSet::new();
    match runs.iter().find(|run| !names.insert(run.name.as_str())) {
        Some(twice) => Err(PipelineError::Usage {
            what: "grid".to_owned(),
            expected: "each dataset, each protocol and each method once".to_owned(),
            found: format!("{} twice", twice.name),
        }),
        None => Ok(()),
    }
}

/// The data of a grid; without a list, the one of the single run.
fn sources(config: &PipelineConfig, grid: &GridConfig) -> Vec<IngestConfig> {
    if grid.datasets.is_empty() {
        return vec![config.data.clone()];
    }
    let named = |name: &String| IngestConfig { dataset: Some(name.clone()), ..config.data.clone() };
    grid.datasets.iter().map(named).collect()
}

/// Properties that distinguish the runs of a method.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) data: &'a IngestConfig,
    pub(crate) variant: &'a Variant,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) seed: Seed,
}

/// Returns a run whose method is to be chosen, checked with the first method that its settings allow.
fn open_run_plan(
    config: &PipelineConfig,
    pipeline: &str,
    asked: Asked<'_>,
) -> Result<RunPlan, PipelineError> {
    let graph =
        |features| DataSize::Graph { nodes: 0, edges: 0, features, feature_values: features };
    let sizes = match asked.data.data_kind() {
        Ok(DataKind::Samples) => vec![DataSize::Samples { samples: 0, columns: 0 }],
        _ => vec![graph(1), graph(0)],
    };
    let suited = sizes.iter().flat_map(Method::suited_to).collect();
    first_allowed(suited, |Choice { method, .. }| {
        run_plan(config, pipeline, asked, method, MethodChoice::Open)
    })
}

/// Returns the first run that `plan` allows.
///
/// # Errors
/// The first of its errors, if it allows none.
pub(crate) fn first_allowed(
    suited: Vec<Choice>,
    mut plan: impl FnMut(Choice) -> Result<RunPlan, PipelineError>,
) -> Result<RunPlan, PipelineError> {
    let mut first = None;
    for choice in suited {
        match plan(choice) {
            Ok(run) => return Ok(run),
            Err(error) => {
                tracing::debug!(%error, "a method that does not suit");
                first.get_or_insert(error);
            }
        }
    }
    Err(first.unwrap_or_else(|| PipelineError::Usage {
        what: "model.method".to_owned(),
        expected: "a method".to_owned(),
        found: "none that suits the data".to_owned(),
    }))
}

/// Checks the settings of a run.
pub(crate) fn run_plan(
    config: &PipelineConfig,
    pipeline: &str,
    Asked { data, variant, protocol, seed }: Asked<'_>,
    method: Method,
    choice: MethodChoice,
) -> Result<RunPlan, PipelineError> {
    let fault = |source: Box<dyn std::error::Error + Send + Sync>| PipelineError::Check {
        pipeline: pipeline.to_owned(),
        source,
    };
    let data_kind = data.data_kind().map_err(|error| fault(error.into()))?;
    let dataset = data.dataset.clone().unwrap_or_else(|| pipeline.to_owned());
    if method.data() != data_kind {
        return Err(PipelineError::Misfit { data: dataset, data_kind, method });
    }
    let mut model = variant.model.config(method).map_err(|error| fault(error.into()))?;
    let mut split_seed = config.split_seed;
    // Checked as written, before a protocol sets fractions.
    config.split.clone().check().map_err(|error| fault(error.into()))?;
    let (mut split, split_files) = config.split.clone().without_files();
    if let Some(files) = &split_files {
        files.check().map_err(|error| fault(error.into()))?;
        if data_kind == DataKind::Samples {
            return Err(PipelineError::Usage {
                what: "split.files".to_owned(),
                expected: "a graph, whose edges the files list".to_owned(),
                found: format!("{dataset}, which is samples: set `part` of `[data.table]`"),
            });
        }
    }
    let mut eval = config.eval.clone();
    if let Some(protocol) = protocol {
        let (split, split_seed) = (&mut split, &mut split_seed);
        let has_files = split_files.is_some();
        let settings = Settings { split, split_seed, eval: &mut eval, has_files };
        protocol::apply(protocol, config.seed, settings)?;
        if protocol::keeps_last_epoch(protocol) {
            model = model.to_the_last_epoch(None).map_err(|error| fault(error.into()))?;
        }
    }
    check_rule(&split, data_kind, data, &model)?;
    check_direction(&split, data_kind, data, &model, &eval)?;
    if eval.own_epochs && data_kind == DataKind::Graph {
        let is_product =
            matches!(model.scoring(), Scoring::InnerProduct | Scoring::PairModel { .. });
        if !is_product || split.messages == Messages::ValidationAtTest {
            return Err(PipelineError::Usage {
                what: "eval.own_epochs".to_owned(),
                expected: "a method without a learned decoder and the same messages for all parts"
                    .to_owned(),
                found: format!("method `{method}`, split.messages = \"{}\"", split.messages),
            });
        }
    }
    if eval.negatives.files().is_some() && split_files.is_none() {
        return Err(PipelineError::Usage {
            what: "eval.negatives".to_owned(),
            expected: "files of negatives beside `split.files`, whose edges they belong to"
                .to_owned(),
            found: "a split that is drawn".to_owned(),
        });
    }
    let in_grid = config.grid.as_ref().is_some_and(|grid| !grid.protocols.is_empty());
    let judged = protocol.filter(|_| in_grid).map(|name| format!("-{name}")).unwrap_or_default();
    let checkpoint_every =
        config.run.checkpoint_every.unwrap_or_else(|| default_checkpoint(data_kind));
    let shown = match choice {
        MethodChoice::Open => "auto".to_owned(),
        MethodChoice::Named | MethodChoice::Suits(_) => method.file_name(),
    };
    Ok(RunPlan {
        name: format!("{dataset}-{shown}{judged}{}-s{seed}", variant.folder),
        weight: model.cost(&expected_size(data_kind, &dataset)).max(1),
        dataset,
        data_kind,
        method,
        choice,
        protocol,
        variant: variant.name.clone(),
        seed,
        split_seed: split_seed.unwrap_or(seed),
        checkpoint_every: Some(checkpoint_every).filter(|&every| every > 0),
        data: data.clone(),
        split: split.check().map_err(|error| fault(error.into()))?,
        split_files,
        model,
        eval,
        export: config.export.clone(),
    })
}

/// Checks that data and method fit the rule that assigns edges to parts.
fn check_rule(
    split: &SplitConfig,
    data_kind: DataKind,
    data: &IngestConfig,
    model: &ModelConfig,
) -> Result<(), PipelineError> {
    let refuse = |expected: &str, found: String| {
        let (what, expected) = ("split.method".to_owned(), expected.to_owned());
        Err(PipelineError::Usage { what, expected, found })
    };
    match split.method {
        Some(SplitMethod::Hash | SplitMethod::Time | SplitMethod::Nodes)
            if data_kind == DataKind::Samples =>
        {
            refuse("a graph, or no `method`", "samples".to_owned())
        }
        Some(SplitMethod::Time) if data.edges.is_empty() => {
            let found = data.dataset.clone().unwrap_or_default();
            refuse("`edges` in `[data]` with a column of times", format!("dataset `{found}`"))
        }
        Some(SplitMethod::Nodes) if !model.reads_features() => {
            let expected = "a method that reads features, since test nodes have no training edges";
            refuse(expected, format!("method `{}`", model.method()))
        }
        _ => Ok(()),
    }
}

/// Checks that decoder and negatives fit the direction of a split's edges.
fn check_direction(
    split: &SplitConfig,
    data_kind: DataKind,
    data: &IngestConfig,
    model: &ModelConfig,
    eval: &EvalConfig,
) -> Result<(), PipelineError> {
    let refuse = |what: &str, expected: &str, found: String| {
        let (what, expected) = (what.to_owned(), expected.to_owned());
        Err(PipelineError::Usage { what, expected, found })
    };
    if data_kind == DataKind::Samples {
        if split.directed {
            return refuse("split.directed", "a graph, or `false`", "samples".to_owned());
        }
        return Ok(());
    }
    if split.directed && !data.directed {
        let expected = "`directed = true` in `[data]` beside that in `[split]`";
        return refuse("data.directed", expected, "false".to_owned());
    }
    if matches!(model.scoring(), Scoring::Directed(_)) && !split.directed {
        let expected = "`directed = true` in `[split]` beside a `decoder` of directed edges";
        return refuse("split.directed", expected, "false".to_owned());
    }
    // An edge has one reverse.
    let is_wrong = |set: &NegativeSet| match set.kind() {
        NegativeKind::Reversed => !split.directed || set.per_positive() != 1,
        _ => split.directed,
    };
    match eval.negatives.iter().find(is_wrong) {
        Some(set) if split.directed => {
            let expected = "\"reversed:1\" or none with `directed = true` in `[split]`";
            refuse("eval.negatives", expected, format!("\"{set}\""))
        }
        Some(set) => {
            let expected = "`directed = true` in `[split]` beside reversed negatives";
            refuse("eval.negatives", expected, format!("\"{set}\" and an undirected split"))
        }
        None => Ok(()),
    }
}

/// The size of a known dataset, for the time left. Unknown ones count alike.
fn expected_size(data_kind: DataKind, dataset: &str) -> DataSize {
    const UNKNOWN: usize = 1000;
    let known = Registry::builtin().get(dataset);
    match data_kind {
        DataKind::Graph => {
            let counts = known.and_then(|dataset| dataset.counts.as_ref());
            DataSize::of_nodes(counts.map_or(UNKNOWN, |counts| counts.nodes))
        }
        DataKind::Samples => {
            let counts = known.and_then(|dataset| dataset.samples.as_ref());
            let samples = counts.map_or(UNKNOWN, |counts| counts.train + counts.test);
            DataSize::Samples { samples, columns: 0 }
        }
    }
}

/// Epochs between two checkpoints if the pipeline does not say: an epoch over samples has many steps.
const fn default_checkpoint(data_kind: DataKind) -> u32 {
    match data_kind {
        DataKind::Graph => 50,
        DataKind::Samples => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> PipelineError {
        let config = PipelineConfig::parse(text, "p.toml".as_ref()).expect("parses");
        Plan::new(Loaded { config, base: ".".into() }).expect_err("refused")
    }

    #[test]
    fn a_grid_of_too_many_runs_is_refused_before_it_is_built() {
        let many: Vec<String> = (1..=1000).map(|latent| latent.to_string()).collect();
        let many = many.join(", ");
        let text = format!(
            "[data]\ndataset = \"cora\"\n[grid]\nruns = 100\n[grid.vary]\nlatent = [{many}]\nhidden = [{many}]"
        );
        let error = refused(&text);
        assert!(error.is_usage() && error.to_string().contains("found 100000000"), "{error}");
        let error = refused("[data]\ndataset = \"cora\"\n[grid]\nruns = 27000000\n");
        assert!(error.is_usage() && error.to_string().contains("found 27000000"), "{error}");
    }

    #[test]
    fn a_run_that_stands_in_a_grid_twice_is_refused() {
        let said = ["datasets = [\"cora\", \"cora\"]", "methods = [\"sc\", \"gae\", \"sc\"]"].map(
            |list| {
                let text = format!("[data]\ndataset = \"cora\"\n[grid]\n{list}\n");
                let config = PipelineConfig::parse(&text, "p.toml".as_ref()).expect("parses");
                let error = Plan::new(Loaded { config, base: ".".into() }).expect_err("twice");
                assert!(error.is_usage());
                error.to_string()
            },
        );
        let expected = "grid: expected each dataset, each protocol and each method once, found";
        assert_eq!(said[0], format!("{expected} cora-auto-s0 twice"));
        assert_eq!(said[1], format!("{expected} cora-sc-s0 twice"));
    }
}
