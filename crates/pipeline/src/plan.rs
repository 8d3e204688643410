//! From a pipeline as written to the runs it means, every value checked.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use vgae_artifacts::DataKind;
use vgae_artifacts::Seed;
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::Registry;
use vgae_model::{CheckedModelConfig, Method, ModelConfig, ModelOptions, Negatives};
use vgae_split::CheckedSplitConfig;

use crate::config::{Loaded, PipelineConfig};
use crate::error::data_kind_of_method;
use crate::protocol::{self, Settings};
use crate::search::{self, Variant};
use crate::store::is_file_name;
use crate::{GridConfig, PipelineError, Protocol};

/// More seeds a cell than this are a slip of the pen.
const MOST_RUNS: u64 = 10_000;

/// Runs that are ready to go: nobody checks their values again.
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
}

/// One run of a plan.
#[derive(Debug, Clone)]
pub struct RunPlan {
    /// `cora-gae-s0`; also its folder's name in a grid.
    pub name: String,
    /// What the data is called.
    pub dataset: String,
    /// Whether it is a graph or samples.
    pub data_kind: DataKind,
    /// The method.
    pub method: Method,
    /// As whom it is judged, if the pipeline says so.
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
    pub(crate) model: CheckedModelConfig,
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
        if !(1..=MOST_RUNS).contains(&grid.runs) {
            return Err(PipelineError::Usage {
                what: "grid.runs".to_owned(),
                expected: format!("1 to {MOST_RUNS}"),
                found: grid.runs.to_string(),
            });
        }
        let datasets = sources(&config, &grid);
        let methods =
            if grid.methods.is_empty() { vec![config.model.method] } else { grid.methods.clone() };

        let mut runs = Vec::new();
        let protocols = match grid.protocols.as_slice() {
            [] => vec![config.protocol],
            some => some.iter().copied().map(Some).collect(),
        };
        let variants = search::variants(&config.model, &grid.vary)?;
        for data in &datasets {
            for &protocol in &protocols {
                for &method in &methods {
                    for variant in &variants {
                        for offset in 0..grid.runs {
                            let seed = Seed(config.seed.0.wrapping_add(offset));
                            let asked = Asked { data, method, variant, protocol, seed };
                            runs.push(run_plan(&config, &name, asked)?);
                        }
                    }
                }
            }
        }
        each_once(&runs)?;
        Ok(Self { name, is_grid: config.grid.is_some(), runs, base, threads: config.run.threads })
    }

    /// The folder of a run, below the output folder.
    pub(crate) fn folder(&self, run: &RunPlan) -> PathBuf {
        if self.is_grid { Path::new("runs").join(&run.name) } else { PathBuf::new() }
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

/// What tells a run of a pipeline from the others.
struct Asked<'a> {
    data: &'a IngestConfig,
    method: Method,
    variant: &'a Variant,
    protocol: Option<Protocol>,
    seed: Seed,
}

fn run_plan(
    config: &PipelineConfig,
    pipeline: &str,
    Asked { data, method, variant, protocol, seed }: Asked<'_>,
) -> Result<RunPlan, PipelineError> {
    let fault = |source: Box<dyn std::error::Error + Send + Sync>| PipelineError::Check {
        pipeline: pipeline.to_owned(),
        source,
    };
    let data_kind = data.data_kind().map_err(|error| fault(error.into()))?;
    let mut model = ModelConfig::from(ModelOptions { method, ..variant.model });
    let dataset = data.dataset.clone().unwrap_or_else(|| pipeline.to_owned());
    if data_kind_of_method(method) != data_kind {
        return Err(PipelineError::Misfit { data: dataset, data_kind, method });
    }
    let (mut split, mut split_seed) = (config.split, config.split_seed);
    let mut eval = config.eval.clone();
    if let Some(protocol) = protocol {
        let (split, split_seed) = (&mut split, &mut split_seed);
        let settings = Settings { split, split_seed, eval: &mut eval, model: &mut model };
        protocol::apply(protocol, config.seed, settings)?;
    }
    let in_grid = config.grid.as_ref().is_some_and(|grid| !grid.protocols.is_empty());
    let judged = protocol.filter(|_| in_grid).map(|name| format!("-{name}")).unwrap_or_default();
    let checkpoint_every =
        config.run.checkpoint_every.unwrap_or_else(|| default_checkpoint(data_kind));
    Ok(RunPlan {
        name: format!("{dataset}-{}{judged}{}-s{seed}", folder_name(method), variant.folder),
        weight: weight(&model, data_kind, &dataset),
        dataset,
        data_kind,
        method,
        protocol,
        variant: variant.name.clone(),
        seed,
        split_seed: split_seed.unwrap_or(seed),
        checkpoint_every: Some(checkpoint_every).filter(|&every| every > 0),
        data: data.clone(),
        split: split.check().map_err(|error| fault(error.into()))?,
        model: model.check().map_err(|error| fault(error.into()))?,
        eval,
        export: config.export.clone(),
    })
}

/// How long a run takes by its number of nodes, roughly and with the default settings, in pairs of the
/// exact loss: it goes over all pairs, the baselines over nodes. Of samples their number times the epochs;
/// no grid has both.
fn weight(model: &ModelConfig, data_kind: DataKind, dataset: &str) -> u64 {
    if data_kind == DataKind::Samples {
        return expected_samples(dataset).saturating_mul(model.autoencoder.epochs.into()).max(1);
    }
    let nodes = expected_nodes(dataset);
    let a_node = match (model.method, model.negatives) {
        (Method::Sc, _) => 8_000,
        (Method::Dw, _) => 24_000,
        (Method::Smooth | Method::Pairs(_), _) => 500,
        (Method::Hybrid, _) => 4_000,
        (_, Negatives::All) => nodes,
        (_, Negatives::PerPositive(_)) => 1_000,
    };
    nodes.saturating_mul(a_node).max(1)
}

/// The number of nodes of a known dataset, for the time left. Grids of unknown graphs count each alike.
fn expected_nodes(dataset: &str) -> u64 {
    let counts = Registry::builtin().get(dataset).and_then(|dataset| dataset.counts.as_ref());
    counts.map_or(1000, |counts| counts.nodes as u64)
}

/// The number of samples of a known dataset, likewise.
fn expected_samples(dataset: &str) -> u64 {
    let counts = Registry::builtin().get(dataset).and_then(|dataset| dataset.samples.as_ref());
    counts.map_or(1000, |counts| (counts.train + counts.test) as u64)
}

/// Epochs between two checkpoints if the pipeline does not say: an epoch over samples has many steps.
const fn default_checkpoint(data_kind: DataKind) -> u32 {
    match data_kind {
        DataKind::Graph => 50,
        DataKind::Samples => 5,
    }
}

/// A method's name without the star, which shells and some file systems do not take.
fn folder_name(method: Method) -> String {
    method.to_string().replace('*', "-star")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(said[0], format!("{expected} cora-vgae-s0 twice"));
        assert_eq!(said[1], format!("{expected} cora-sc-s0 twice"));
    }
}
