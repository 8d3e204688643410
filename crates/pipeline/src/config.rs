//! The TOML file that describes one run, or a grid of runs.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vgae_artifacts::{DataKind, Seed, regular};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::{IngestConfig, SplitFiles};
use vgae_model::{Method, ModelError};
use vgae_split::SplitTable;

use crate::model_table::ModelTable;
use crate::{PipelineError, Protocol};

/// A pipeline as written. Every key has a default but the data; [`crate::Plan::new`] checks the values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineConfig {
    /// Name of the runs. Defaults to the file's name without its ending.
    pub name: Option<String>,
    /// Seed of all random numbers: split, initial weights, noise. The first seed of a grid.
    pub seed: Seed,
    /// Seed of the split. Defaults to the run's seed; given, all runs have one split, as in the paper.
    pub split_seed: Option<Seed>,
    /// Evaluation protocol. Defaults to `kipf`.
    pub protocol: Option<Protocol>,
    /// The dataset.
    pub data: IngestConfig,
    /// Shares of edges or samples to hold out, or files with the parts.
    pub split: SplitTable<SplitFiles>,
    /// The method and its hyper-parameters.
    pub model: ModelTable,
    /// Evaluation.
    pub eval: EvalConfig,
    /// Formats of the embedding files.
    pub export: ExportConfig,
    /// Execution; nothing here changes a result.
    pub run: RunConfig,
    /// A grid: several runs from one file.
    pub grid: Option<GridConfig>,
}

/// Execution of runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Epochs between two checkpoints; 0 for none. Defaults to 50 and, for samples, to 5.
    pub checkpoint_every: Option<u32>,
    /// Worker threads. Defaults to all cores; the result does not depend on it.
    pub threads: Option<NonZeroUsize>,
}

/// Datasets x protocols x methods x variants x seeds. An empty list stands for the value of a single run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GridConfig {
    /// Datasets.
    pub datasets: Vec<String>,
    /// Methods.
    pub methods: Vec<Method>,
    /// Evaluation protocols.
    pub protocols: Vec<Protocol>,
    /// A search: lists of values of options of `[model]`, of which all combinations run. Its tables show metrics of
    /// validation pairs only.
    pub vary: BTreeMap<String, Vec<Value>>,
    /// Runs per cell: the pipeline's seed and those that follow it.
    #[schemars(range(min = 1, max = 10_000))]
    pub runs: u64,
}

impl Default for GridConfig {
    fn default() -> Self {
        Self {
            datasets: Vec::new(),
            methods: Vec::new(),
            protocols: Vec::new(),
            vary: BTreeMap::new(),
            runs: 1,
        }
    }
}

impl PipelineConfig {
    /// Reads a pipeline file. Returns it with its name and the folder that its paths are relative to.
    ///
    /// # Errors
    /// When the file cannot be read or does not describe a pipeline; an unknown key is met with the
    /// nearest known one.
    pub fn read(path: &Path) -> Result<Loaded, PipelineError> {
        let text = regular::read_to_string(path)
            .map_err(|source| PipelineError::ReadConfig { path: path.to_owned(), source })?;
        let mut config = Self::parse(&text, path)?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        config.name = config.name.or(stem);
        let base = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        Ok(Loaded { config, base: base.unwrap_or_else(|| Path::new(".")).to_owned() })
    }

    /// Parses a pipeline; `origin` names it in errors.
    ///
    /// # Errors
    /// As [`PipelineConfig::read`].
    pub fn parse(text: &str, origin: &Path) -> Result<Self, PipelineError> {
        let fault = |key: String, error: &toml::de::Error| PipelineError::Config {
            path: origin.to_owned(),
            place: place(text, error, &key),
            message: with_suggestion(error.message()),
        };
        let deserializer =
            toml::Deserializer::parse(text).map_err(|error| fault(String::new(), &error))?;
        let config: Self = serde_path_to_error::deserialize(deserializer)
            .map_err(|error| fault(error.path().to_string(), error.inner()))?;
        config.models().map_err(|(method, error)| {
            let ModelError::Option(error) = error else { return PipelineError::from_model(error) };
            let own = method.map(|method| vec!["model", method.name(), &error.key]);
            let paths = own.into_iter().chain([vec!["model", &error.key]]);
            let line = paths.map(|path| line_of(text, &path)).find_map(|line| line);
            let line = line.map(|line| format!("line {line}, ")).unwrap_or_default();
            let place = format!("{line}key `model.{}`", error.key);
            PipelineError::Config { path: origin.to_owned(), place, message: error.problem }
        })?;
        Ok(config)
    }

    /// Returns the methods that the pipeline names, and for samples the default. Without any, one is chosen by the size of
    /// each graph (`Method::suited_to`).
    ///
    /// # Errors
    /// When there is no such method.
    pub fn methods(&self) -> Result<Vec<Method>, ModelError> {
        match &self.grid {
            Some(grid) if !grid.methods.is_empty() => Ok(grid.methods.clone()),
            _ => {
                let named = self.model.method()?;
                let is_samples = self.data.data_kind().is_ok_and(|kind| kind == DataKind::Samples);
                let default = is_samples.then(Method::of_samples);
                Ok(named.or(default).into_iter().collect())
            }
        }
    }

    /// Checks the options of all methods; an error comes with the method at fault.
    fn models(&self) -> Result<(), (Option<Method>, ModelError)> {
        let methods = self.methods().map_err(|error| (None, error))?;
        self.model.check(&methods)
    }
}

/// A pipeline and where it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The pipeline, named.
    pub config: PipelineConfig,
    /// The folder that its relative paths start from.
    pub base: PathBuf,
}

/// `line 7, key model.lr`.
fn place(text: &str, error: &toml::de::Error, key: &str) -> String {
    let line = error.span().map(|span| {
        let before = &text.as_bytes()[..span.start.min(text.len())];
        1 + before.split(|&byte| byte == b'\n').count().saturating_sub(1)
    });
    let line = line.map(|line| format!("line {line}"));
    let key =
        Some(key).filter(|key| !key.is_empty() && *key != ".").map(|key| format!("key `{key}`"));
    [line, key].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The line of a key in TOML, by its path.
fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let root = toml::de::DeTable::parse(text).ok()?;
    let (last, tables) = path.split_last()?;
    let mut table = root.get_ref();
    for key in tables {
        table = entry(table, key)?.1.get_ref().as_table()?;
    }
    let start = entry(table, last)?.0.span().start;
    Some(1 + text.get(..start)?.matches('\n').count())
}

/// A key of a table and its value.
fn entry<'a, 'i>(
    table: &'a toml::de::DeTable<'i>,
    key: &str,
) -> Option<(&'a toml::Spanned<toml::de::DeString<'i>>, &'a toml::Spanned<toml::de::DeValue<'i>>)> {
    table.iter().find(|(known, _)| known.get_ref() == key)
}

/// Adds the nearest known name to serde's "unknown field `x`, expected one of `a`, `b`" and to our own
/// "expected one of a, b, found "x"".
fn with_suggestion(message: &str) -> String {
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut quoted = message.split('`').skip(1).step_by(2);
    let own = message
        .split_once("expected one of ")
        .and_then(|(_, rest)| rest.trim_end_matches('"').split_once(", found \""));
    if message.contains("did you mean") {
        return message.to_owned();
    }
    let (found, known): (&str, Vec<&str>) = match (unknown.then(|| quoted.next()).flatten(), own) {
        (Some(found), _) => (found, quoted.collect()),
        (None, Some((known, found))) => (found, known.split(", ").collect()),
        (None, None) => return message.to_owned(),
    };
    match vgae_options::nearest(found, known) {
        Some(known) => format!("{message}; did you mean `{known}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = PipelineConfig::parse(text, Path::new("p.toml")).expect_err("not a pipeline");
        assert!(error.is_usage());
        error.to_string()
    }

    #[test]
    fn faults_name_the_place_and_the_nearest_known_word() {
        let said = [
            refused("sed = 1"),
            refused("[model]\nmethod = \"vgae\"\nlr = 0.1"),
            refused("[model]\nmethod = \"vga\""),
            refused("[model]\nmethod = \"gnae\"\nhidden = 8"),
            refused("[model]\nhidden = 0\nmethod = \"gae\""),
            refused("[model]\nhidden = 8"),
            refused("[grid]\nmethods = [\"gae\", \"gnae\"]\n[model.gnae]\nscale = \"long\""),
            refused("[grid]\nmethods = [\"smooth\"]"),
            refused("[model]\nmethod = \"sc\"\n[model.spectral]\ndimensions = 8"),
            refused("[split]\nvalidation = \"half\""),
            refused("[run]\nthreads = 0"),
            refused("seed = -1"),
            refused("seed = "),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn what_is_not_said_is_the_papers() {
        let config = PipelineConfig::parse("", Path::new("p.toml")).expect("defaults");
        assert_eq!(config, PipelineConfig::default());
        assert_eq!((config.split.validation, config.split.test), (0.05, 0.10));
        assert_eq!(config.methods().expect("none is named"), []);
        let model = config.model.config("vgae".parse().expect("a method")).expect("defaults");
        assert_eq!(
            (model.get("hidden"), model.get("latent")),
            (Some(&32.into()), Some(&16.into()))
        );
    }
}
