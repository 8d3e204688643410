use std::path::{Path, PathBuf};

use anyhow::Context;
use vgae_artifacts::text::count as grouped;
use vgae_artifacts::{Audit, Graph, IdType, atomic};
use vgae_ingest::{EdgeTable, Guess, IngestConfig, NodeTable, guess};
use vgae_model::Negatives;

use crate::args::{InitArgs, UsageError};
use crate::output;

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
    let own = match (&args.edges, &args.table) {
        (Some(edges), _) => {
            let path = |path: &Path| beside(&args.file, path);
            let nodes = args.nodes.as_deref().map(path).transpose()?;
            Own::Graph(Box::new(Found::look(&path(edges)?, nodes.as_deref())?))
        }
        (None, Some(table)) => Own::Table(beside(&args.file, table)?),
        (None, None) => Own::Nothing,
    };
    let text = template(&own);
    atomic::write(&args.file, text.as_bytes())
        .with_context(|| format!("cannot write the pipeline {}", args.file.display()))?;
    if let Own::Graph(found) = &own {
        output::result(&found.sentences().join("\n"));
    }
    output::result(&format!("Written: {0}\nRun it with: vgae run {0}", args.file.display()));
    Ok(())
}

/// A path as it has to stand in the pipeline: relative ones start at the pipeline's folder.
fn beside(pipeline: &Path, path: &Path) -> std::io::Result<PathBuf> {
    let is_here = pipeline.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    if is_here { Ok(path.to_owned()) } else { std::path::absolute(path) }
}

/// What of their own somebody has.
enum Own {
    Nothing,
    Graph(Box<Found>),
    Table(PathBuf),
}

/// What was found in the files of a graph.
struct Found {
    guess: Guess,
    /// What reading them by the guess came to, or why it failed.
    read: Result<(Facts, Audit), String>,
}

/// What the audit does not tell.
struct Facts {
    ids_are_whole: bool,
    is_weighted: bool,
}

impl Found {
    fn look(edges: &Path, nodes: Option<&Path>) -> anyhow::Result<Self> {
        let here = Path::new(".");
        let guess = guess(edges, nodes, here)?;
        let config = IngestConfig {
            edges: Some(guess.edges.clone()),
            nodes: guess.nodes.clone(),
            ..IngestConfig::default()
        };
        let read = vgae_ingest::load(&config, here, None);
        let read = read.map(|(graph, audit)| (Facts::of(&graph), audit));
        let read = read.map_err(|error| format!("{:#}", anyhow::Error::new(error)));
        Ok(Self { guess, read })
    }

    /// What a person should check, a line each.
    fn sentences(&self) -> Vec<String> {
        let Guess { edges, nodes, edge_columns, features } = &self.guess;
        let mut lines = vec![ends(edges, edge_columns)];
        if let Some(nodes) = nodes {
            lines.push(described(nodes, features));
        }
        match &self.read {
            Ok((facts, audit)) => {
                let ids = if facts.ids_are_whole { "whole numbers" } else { "text" };
                lines.push(format!(
                    "{} rows became {} edges between {} nodes, {} of them without any; ids are {ids}{}",
                    grouped(audit.raw_edge_entries),
                    grouped(audit.edges),
                    grouped(audit.nodes),
                    grouped(audit.isolated_nodes),
                    if facts.is_weighted { "; edges are weighted" } else { "" }
                ));
            }
            Err(error) => {
                let error = error.replace(['\n', '\r'], " ");
                lines.push(format!("They cannot be read so yet: {error}"));
            }
        }
        lines
    }

    fn has_features(&self) -> bool {
        match &self.read {
            Ok((_, audit)) => audit.features > 0,
            Err(_) => !self.guess.features.is_empty(),
        }
    }
}

impl Facts {
    fn of(graph: &Graph) -> Self {
        let ids_are_whole = graph.nodes.id_type() == IdType::Integer;
        Self { ids_are_whole, is_weighted: graph.edges.weights().is_some() }
    }
}

fn ends(table: &EdgeTable, columns: &[String]) -> String {
    let path = table.path.display();
    let (Some(src), Some(dst)) = (&table.src, &table.dst) else {
        let count = columns.len();
        return format!(
            "{path}: {count} columns without names; the first two are the ends of edges"
        );
    };
    let weight = match &table.weight {
        Some(weight) => format!(", {weight} the weight"),
        None => String::new(),
    };
    format!(
        "{path}: of the columns {}, {src} and {dst} are the ends of edges{weight}",
        columns.join(", ")
    )
}

fn described(table: &NodeTable, features: &[String]) -> String {
    let id = table.id.as_ref().map_or("the first column".to_owned(), ToString::to_string);
    let label = table.label.as_ref().map_or("none".to_owned(), ToString::to_string);
    let shown = match features.len() {
        0 => "none".to_owned(),
        1..=8 => features.join(", "),
        count => format!("{}, ... ({count} columns)", features[..3].join(", ")),
    };
    format!("{}: id is {id}, label {label}, features {shown}", table.path.display())
}

/// The template with what was found filled in.
fn template(own: &Own) -> String {
    let found = match own {
        Own::Nothing => return TEMPLATE.to_owned(),
        Own::Graph(found) => found,
        Own::Table(table) => {
            let text = TEMPLATE.replace("dataset = \"karate\"", "# dataset = \"mnist\"");
            let path = toml::Value::String(table.to_string_lossy().into_owned());
            let own = format!("table = {{ path = {path}, scale = \"min-max\" }}");
            let text = text.replace("# table = \"table.csv\"", &own);
            return text.replace("method = \"vgae*\"", "method = \"vae\"");
        }
    };
    let nodes = found.read.as_ref().map_or(0, |(_, audit)| audit.nodes);
    let mut lines: Vec<String> = Vec::new();
    for line in TEMPLATE.lines() {
        let mut line = line.to_owned();
        if line.starts_with("dataset = ") {
            line = line.replace("dataset = \"karate\"", "# dataset = \"cora\"");
        } else if line.starts_with("# edges = \"") {
            // A file may be called anything; a comment is one line.
            let sentence = |text: String| format!("# {}", text.replace(char::is_control, " "));
            lines.extend(found.sentences().into_iter().map(sentence));
            lines.push(format!("edges = {}", inline(&found.guess.edges)));
        } else if let (true, Some(nodes)) = (line.starts_with("# nodes = \""), &found.guess.nodes) {
            lines.push(format!("nodes = {}", inline(nodes)));
        } else if line.starts_with("method = ") && found.has_features() {
            line = line.replace("\"vgae*\"", "\"vgae\" ");
        } else if line.starts_with("# negatives = \"all\"") && nodes > Negatives::EXACT_NODES {
            let why = "the loss over all pairs of them would take too long";
            lines
                .push(format!("negatives = 1                   # {} nodes: {why}", grouped(nodes)));
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

/// A table of configuration on one line: its path alone, if there is nothing more to say.
fn inline(table: &impl serde::Serialize) -> String {
    const ORDER: [&str; 10] =
        ["path", "format", "header", "separator", "comment", "src", "dst", "weight", "id", "label"];
    let table = toml::Table::try_from(table).unwrap_or_default();
    let fields: Vec<String> = ORDER
        .iter()
        .filter_map(|key| table.get(*key).map(|value| format!("{key} = {value}")))
        .collect();
    match &fields[..] {
        [path] => path.trim_start_matches("path = ").to_owned(),
        fields => format!("{{ {} }}", fields.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use vgae_model::ModelConfig;
    use vgae_pipeline::PipelineConfig;

    use super::*;

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

    fn found(edges: EdgeTable, nodes: Option<NodeTable>) -> Own {
        let (edge_columns, features) = (Vec::new(), vec!["x".to_owned()]);
        let guess = Guess { edges, nodes, edge_columns, features };
        Own::Graph(Box::new(Found { guess, read: Err("two\nlines".to_owned()) }))
    }

    #[test]
    fn strange_file_names_are_quoted() {
        let path = Path::new("a \"b\" \\ \n.csv");
        let config = parse(&template(&found(EdgeTable::new(path), None)));
        assert_eq!(config.data.dataset, None);
        assert_eq!(config.data.edges.expect("edges").path, path);
        let config = parse(&template(&Own::Table(path.to_owned())));
        assert_eq!(config.data.dataset, None);
        assert_eq!(config.data.table.expect("table").path, path);
    }

    #[test]
    fn what_was_guessed_is_written_and_read_back() {
        let edges = EdgeTable {
            separator: Some(';'),
            header: Some(false),
            src: Some(1.into()),
            dst: Some(0.into()),
            ..EdgeTable::new("e.csv")
        };
        let nodes = NodeTable {
            id: Some("who".into()),
            label: Some("team".into()),
            ..NodeTable::new("n.parquet")
        };
        let config = parse(&template(&found(edges.clone(), Some(nodes.clone()))));
        assert_eq!((config.data.edges, config.data.nodes), (Some(edges), Some(nodes)));
        assert_eq!(config.model.method.to_string(), "vgae");
    }
}
