use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};
use vgae_artifacts::{Audit, SampleAudit, atomic};
use vgae_ingest::IngestConfig;
use vgae_model::{Choice, DataSize, FeatureScaling, Method, Negatives};
use vgae_pipeline::reference::{self, Filled};

use crate::args::{InitArgs, UsageError};
use crate::commands::data;
use crate::{output, pipes};

/// `vgae init`.
pub(crate) fn init(args: &InitArgs) -> anyhow::Result<()> {
    if args.file.exists() {
        let text = format!(
            "{} exists already: name another file, or remove it first",
            args.file.display()
        );
        return Err(UsageError(text).into());
    }
    let own = own(args)?;
    let (method, why) = own.method(args.method);
    atomic::write(&args.file, template(&own, method)?.as_bytes())
        .with_context(|| format!("cannot write the pipeline {}", args.file.display()))?;
    let mut lines = own.lines();
    lines.push(own.choice(method, &why));
    lines.push(format!("Written: {0}\nRun it with: vgae run {0}", args.file.display()));
    output::result(&lines.join("\n"))
}

/// Options with their values.
type Rules = Vec<(String, Value)>;

/// Data of one's own, as they were read.
enum Own {
    Nothing,
    /// With the scaling that the features need.
    Graph(Box<Audit>, Option<FeatureScaling>, Rules),
    Table(Box<SampleAudit>, Rules),
}

impl Own {
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Graph(audit, ..) => data::graph(audit),
            Self::Table(audit, _) => data::samples(audit),
        }
    }
}

/// The option of methods that scale features.
const SCALING: &str = "feature_scaling";

impl Own {
    /// Returns the method that is asked for, or the one that `run` would choose, and the reason for it.
    fn method(&self, asked: Option<Method>) -> (Method, String) {
        if let Some(method) = asked {
            return (method, "as given".to_owned());
        }
        let Choice { method, reason } = Method::best_for(&self.size());
        (method, format!("for {reason}"))
    }

    fn size(&self) -> DataSize {
        match self {
            // The built-in graph of the template.
            Self::Nothing => DataSize::of_nodes(0),
            Self::Graph(audit, ..) => (&**audit).into(),
            Self::Table(audit, _) => (&**audit).into(),
        }
    }

    /// Returns a line with the method and the reason for it.
    fn choice(&self, method: Method, why: &str) -> String {
        let scaling = match self.scaling(method) {
            Some(_) => {
                "; feature_scaling = \"standard\", since features have large or different scales"
            }
            None => "",
        };
        format!("method `{method}`, {why} (`vgae init --method NAME` sets another){scaling}")
    }

    /// Returns the scaling that the features need, if the method's default is none.
    fn scaling(&self, method: Method) -> Option<FeatureScaling> {
        let Self::Graph(_, scaling, _) = self else { return None };
        let fields = method.default_config().fields();
        let default = fields.into_iter().find(|field| field.key == SCALING)?.default;
        scaling.filter(|_| default == json!(FeatureScaling::AsGiven))
    }
}

/// Reads the files as `vgae run` does.
fn own(args: &InitArgs) -> anyhow::Result<Own> {
    let place = |key: &str, at, file: &Path| {
        let part = if at == 0 { key.to_owned() } else { format!("{key}-{}", at + 1) };
        kept(&args.file, &part, file)
    };
    let mut files = data::files(&args.edges, &args.nodes, args.table.as_ref(), place)?;
    if files.is_empty() {
        return Ok(Own::Nothing);
    }
    if let Some(path) = files.remove("table") {
        let scaled = [("path".to_owned(), path), ("scale".to_owned(), "min-max".into())];
        files.insert("table".to_owned(), toml::Table::from_iter(scaled).into());
    }
    let (config, here) = (args.data.over(files)?, Path::new("."));
    let rules = rules(&config)?;
    if args.table.is_some() {
        let (_, _, audit) = vgae_samples::load(&config, here, None)?;
        return Ok(Own::Table(Box::new(audit), rules));
    }
    let (graph, audit) = vgae_ingest::load(&config, here, None)?;
    let scaling = graph.features.as_ref().and_then(FeatureScaling::needed);
    Ok(Own::Graph(Box::new(audit), scaling, rules))
}

/// The options that are not of one file, where they are not the default.
fn rules(config: &IngestConfig) -> anyhow::Result<Rules> {
    let default = serde_json::to_value(IngestConfig::default())?;
    let rules = serde_json::to_value(config)?;
    let is_rule = |key: &str| !matches!(key, "dataset" | "edges" | "nodes" | "table");
    let rules = rules.as_object().cloned().unwrap_or_default().into_iter();
    Ok(rules.filter(|(key, value)| is_rule(key) && default.get(key) != Some(value)).collect())
}

/// A file as it has to stand in the pipeline. What comes out of a pipe is kept beside the pipeline, which is going
/// to read it again.
fn kept(pipeline: &Path, part: &str, path: &Path) -> anyhow::Result<PathBuf> {
    if !pipes::is_pipe(path) {
        return Ok(beside(pipeline, path)?);
    }
    let stem = pipeline.file_stem().unwrap_or_default().to_string_lossy();
    let copy = pipeline.with_file_name(format!("{stem}-{part}"));
    pipes::copy(path, &copy)?;
    Ok(beside(pipeline, &copy)?)
}

/// A path as it has to stand in the pipeline: relative ones start at the pipeline's folder.
fn beside(pipeline: &Path, path: &Path) -> std::io::Result<PathBuf> {
    let is_here = pipeline.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    if is_here { Ok(path.to_owned()) } else { std::path::absolute(path) }
}

/// The template with the data that were read filled in.
fn template(own: &Own, method: Method) -> anyhow::Result<String> {
    let (readings, nodes, rules) = match own {
        Own::Nothing => (&[][..], 0, &[][..]),
        Own::Graph(audit, _, rules) => (&audit.readings[..], audit.nodes, &rules[..]),
        Own::Table(audit, rules) => (audit.reading.as_slice(), 0, &rules[..]),
    };
    let mut data = Rules::new();
    for key in ["edges", "nodes", "table"] {
        let tables = readings.iter().filter(|reading| reading.key == key);
        let tables = tables.map(|reading| {
            let stated: toml::Table = toml::from_str(&format!("value = {}", reading.stated))?;
            Ok(serde_json::to_value(&stated["value"])?)
        });
        let tables = data::one_or_list(tables.collect::<anyhow::Result<Vec<Value>>>()?);
        data.extend(tables.map(|tables| (key.to_owned(), tables)));
    }
    if data.is_empty() {
        data.push(("dataset".to_owned(), json!("karate")));
    }
    data.extend(rules.iter().cloned());
    // The loss over all pairs of so many nodes would take too long.
    let samples = nodes > Negatives::EXACT_NODES && method.has("negatives");
    let mut model: Rules =
        samples.then_some(("negatives".to_owned(), json!(1))).into_iter().collect();
    if let Some(scaling) = own.scaling(method) {
        model.push((SCALING.to_owned(), serde_json::to_value(scaling)?));
    }
    Ok(reference::template(&Filled { notes: own.lines(), data, method, model }))
}

#[cfg(test)]
mod tests {
    use vgae_pipeline::PipelineConfig;

    use super::*;
    use crate::args::DataArgs;

    fn parse(text: &str) -> PipelineConfig {
        PipelineConfig::parse(text, Path::new("template.toml")).expect("a pipeline")
    }

    #[test]
    fn what_was_read_is_stated_and_means_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a \"b\" \\ .csv");
        std::fs::write(&path, "w;to;from\n0.5;2;1\n1.5;3;2\n2;1;3\n").expect("written");
        let args = InitArgs {
            file: folder.path().join("p.toml"),
            edges: vec![path.clone()],
            nodes: Vec::new(),
            table: None,
            method: None,
            data: DataArgs::default(),
        };
        let own = own(&args).expect("a graph");
        let edges =
            parse(&template(&own, own.method(None).0).expect("a template")).data.edges.remove(0);
        assert_eq!((edges.path, edges.separator), (path, Some(";".to_owned())));
        assert_eq!((edges.src, edges.dst), (Some("from".into()), Some("to".into())));
        assert_eq!((edges.weight, edges.header), (Some("w".into()), Some(true)));
    }
}
