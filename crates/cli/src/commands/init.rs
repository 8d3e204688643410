use std::path::{Path, PathBuf};

use anyhow::Context;
use vgae_artifacts::text::count as grouped;
use vgae_artifacts::{Audit, SampleAudit, atomic};
use vgae_ingest::IngestConfig;
use vgae_model::Negatives;

use crate::args::{InitArgs, UsageError};
use crate::commands::data;
use crate::{output, pipes};

const TEMPLATE: &str = include_str!("../template.toml");

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
    atomic::write(&args.file, template(&own).as_bytes())
        .with_context(|| format!("cannot write the pipeline {}", args.file.display()))?;
    let mut lines = own.lines();
    lines.push(format!("Written: {0}\nRun it with: vgae run {0}", args.file.display()));
    output::result(&lines.join("\n"))
}

/// Data of one's own, as they were read.
enum Own {
    Nothing,
    Graph(Box<Audit>, Vec<String>),
    Table(Box<SampleAudit>, Vec<String>),
}

impl Own {
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Graph(audit, _) => data::graph(audit),
            Self::Table(audit, _) => data::samples(audit),
        }
    }
}

/// Reads the files as `vgae run` does.
fn own(args: &InitArgs) -> anyhow::Result<Own> {
    let mut files = toml::Table::new();
    for (key, file) in [("edges", &args.edges), ("nodes", &args.nodes), ("table", &args.table)] {
        if let Some(file) = file {
            files.insert(key.to_owned(), data::path(&kept(&args.file, key, file)?)?);
        }
    }
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
        let (_, _, audit) = vgae_ingest::load_samples(&config, here, None)?;
        return Ok(Own::Table(Box::new(audit), rules));
    }
    let (_, audit) = vgae_ingest::load(&config, here, None)?;
    Ok(Own::Graph(Box::new(audit), rules))
}

/// The options that are not of one file, where they are not the default.
fn rules(config: &IngestConfig) -> anyhow::Result<Vec<String>> {
    let default = toml::Table::try_from(IngestConfig::default())?;
    let rules = toml::Table::try_from(config)?;
    let is_rule = |key: &str| !matches!(key, "dataset" | "edges" | "nodes" | "table");
    let rules =
        rules.iter().filter(|(key, value)| is_rule(key) && default.get(*key) != Some(value));
    Ok(rules.map(|(key, value)| format!("{key} = {value}")).collect())
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
fn template(own: &Own) -> String {
    let (readings, nodes, has_features, method, rules) = match own {
        Own::Nothing => return TEMPLATE.to_owned(),
        Own::Graph(audit, rules) => {
            (&audit.readings[..], audit.nodes, audit.features > 0, "vgae\" ", rules)
        }
        Own::Table(audit, rules) => (audit.reading.as_slice(), 0, true, "vae\"  ", rules),
    };
    let stated = |key: &str| {
        let reading = readings.iter().find(|reading| reading.key == key);
        reading.map(|reading| format!("{key} = {}", reading.stated))
    };
    let mut lines: Vec<String> = Vec::new();
    for line in TEMPLATE.lines() {
        let mut line = line.to_owned();
        if line.starts_with("dataset = ") {
            line = line.replace("dataset = \"karate\"", "# dataset = \"cora\"");
        } else if line.starts_with("# edges = \"") && stated("edges").is_some() {
            lines.extend(own.lines().into_iter().map(|line| format!("# {line}")));
            lines.extend(stated("edges"));
            lines.extend_from_slice(rules);
        } else if line.starts_with("# nodes = \"") && stated("nodes").is_some() {
            lines.extend(stated("nodes"));
        } else if line.starts_with("# table = \"") && stated("table").is_some() {
            lines.extend(own.lines().into_iter().map(|line| format!("# {line}")));
            lines.extend(stated("table"));
            lines.extend_from_slice(rules);
        } else if line.starts_with("method = ") && has_features {
            line = line.replace("vgae*\"", method);
        } else if line.starts_with("# negatives = \"all\"") && nodes > Negatives::EXACT_NODES {
            let why = "the loss over all pairs of them would take too long";
            lines
                .push(format!("negatives = 1                   # {} nodes: {why}", grouped(nodes)));
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use vgae_model::ModelConfig;
    use vgae_pipeline::PipelineConfig;

    use super::*;
    use crate::args::DataArgs;

    fn parse(text: &str) -> PipelineConfig {
        PipelineConfig::parse(text, Path::new("template.toml")).expect("a pipeline")
    }

    #[test]
    fn what_the_template_shows_as_default_is_the_default() {
        let (graph, rest) = TEMPLATE.split_once("[split]").expect("a section");
        let (rest, grid) = rest.split_once("# Several runs").expect("a section");
        assert!(graph.contains("[data]") && grid.contains("# [grid]"));
        let shown = rest.replace("\n# ", "\n").replace("method = \"vgae*\"", "method = \"vgae\"");
        let shown = parse(&format!("[split]{shown}"));
        let default = PipelineConfig::default();
        let model = ModelConfig::from;
        assert_eq!((shown.split, model(shown.model)), (default.split, model(default.model)));
        assert_eq!(shown.export, default.export);
        assert_eq!((shown.run.checkpoint_every, default.run.checkpoint_every), (Some(50), None));
        let rules = graph.lines().skip_while(|line| !line.starts_with("# directed"));
        let rules: Vec<&str> = rules.map(|line| line.trim_start_matches("# ")).collect();
        let shown = parse(&format!("[data]\n{}", rules.join("\n"))).data;
        assert_eq!(shown, default.data);
    }

    #[test]
    fn every_way_to_name_ones_tables_is_understood() {
        for line in TEMPLATE.lines().filter(|line| line.contains(" = {")) {
            let line = line.trim_start_matches("# ");
            let data = parse(&format!("[data]\n{line}")).data;
            let named = data.edges.is_some() || data.nodes.is_some() || data.table.is_some();
            assert!(named, "{line}");
        }
    }

    #[test]
    fn what_was_read_is_stated_and_means_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a \"b\" \\ .csv");
        std::fs::write(&path, "w;to;from\n0.5;2;1\n1.5;3;2\n2;1;3\n").expect("written");
        let args = InitArgs {
            file: folder.path().join("p.toml"),
            edges: Some(path.clone()),
            nodes: None,
            table: None,
            data: DataArgs::default(),
        };
        let own = own(&args).expect("a graph");
        let edges = parse(&template(&own)).data.edges.expect("edges");
        assert_eq!((edges.path, edges.separator), (path, Some(";".to_owned())));
        assert_eq!((edges.src, edges.dst), (Some("from".into()), Some("to".into())));
        assert_eq!((edges.weight, edges.header), (Some("w".into()), Some(true)));
    }
}
