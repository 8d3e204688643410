use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};
use vgae_artifacts::text::count as grouped;
use vgae_artifacts::{Audit, Graph, IdType, atomic};
use vgae_ingest::{EdgeTable, Guess, IngestConfig, NodeTable, guess};
use vgae_model::{Method, Negatives};
use vgae_pipeline::reference::{self, Filled};

use crate::args::{InitArgs, UsageError};
use crate::output;

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
    let text = template(&own, args.method)?;
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
fn template(own: &Own, method: Option<Method>) -> anyhow::Result<String> {
    let (notes, data, usual, nodes) = match own {
        Own::Nothing => (Vec::new(), vec![("dataset", json!("karate"))], "vgae*", 0),
        Own::Table(table) => {
            let table = json!({ "path": table.to_string_lossy(), "scale": "min-max" });
            (Vec::new(), vec![("table", table)], "vae", 0)
        }
        Own::Graph(found) => {
            let edges = ("edges", table(&found.guess.edges));
            let nodes = found.guess.nodes.as_ref().map(|nodes| ("nodes", table(nodes)));
            let data = [edges].into_iter().chain(nodes).collect();
            let count = found.read.as_ref().map_or(0, |(_, audit)| audit.nodes);
            let usual = if found.has_features() { "vgae" } else { "vgae*" };
            (found.sentences(), data, usual, count)
        }
    };
    let method = match method {
        Some(method) => method,
        None => usual.parse()?,
    };
    // The loss over all pairs of so many nodes would take too long.
    let samples = nodes > Negatives::EXACT_NODES && method.has("negatives");
    let model = samples.then_some(("negatives", json!(1))).into_iter().collect();
    Ok(reference::template(&Filled { notes, data, method, model }))
}

/// A table of configuration: its path alone, if there is nothing more to say.
fn table(table: &impl serde::Serialize) -> Value {
    let fields = serde_json::to_value(table).unwrap_or_default();
    let fields = fields.as_object().cloned().unwrap_or_default();
    let given: serde_json::Map<String, Value> =
        fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    match (given.len(), given.get("path")) {
        (1, Some(path)) => path.clone(),
        _ => Value::Object(given),
    }
}

#[cfg(test)]
mod tests {
    use vgae_pipeline::PipelineConfig;

    use super::*;

    fn parse(text: &str) -> PipelineConfig {
        PipelineConfig::parse(text, Path::new("template.toml")).expect("a pipeline")
    }

    fn found(edges: EdgeTable, nodes: Option<NodeTable>) -> Own {
        let (edge_columns, features) = (Vec::new(), vec!["x".to_owned()]);
        let guess = Guess { edges, nodes, edge_columns, features };
        Own::Graph(Box::new(Found { guess, read: Err("two\nlines".to_owned()) }))
    }

    #[test]
    fn strange_file_names_are_quoted() {
        let path = Path::new("a \"b\" \\ \n.csv");
        let config = parse(&template(&found(EdgeTable::new(path), None), None).expect("a method"));
        assert_eq!(config.data.dataset, None);
        assert_eq!(config.data.edges.expect("edges").path, path);
        let config = parse(&template(&Own::Table(path.to_owned()), None).expect("a method"));
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
        let config =
            parse(&template(&found(edges.clone(), Some(nodes.clone())), None).expect("a method"));
        assert_eq!((config.data.edges, config.data.nodes), (Some(edges), Some(nodes)));
        assert_eq!(config.model.method().expect("known").expect("named").name(), "vgae");
    }
}
