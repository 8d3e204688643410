//! Embeddings of new nodes, or of a changed graph, by the encoder of a finished run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use vgae_artifacts::{Audit, Features, Graph, Kind, Nodes, Provenance, names, tensors};
use vgae_export::ExportConfig;
use vgae_ingest::{EdgeTable, FeatureTable, IngestConfig, NodeFeatures, NodeTable, UnknownNodes};
use vgae_model::{Method, Scoring, Weights};

use crate::single_stage::refuse_to_replace_input;
use crate::stages::graph;
use crate::{Manifest, PipelineError, Stage, store};

/// The files of a new graph, as ingest reads them.
#[derive(Debug, Clone, Copy)]
pub struct NewGraph<'a> {
    /// Its edges: as many tables as the run has, in the same order.
    pub edges: &'a [PathBuf],
    /// Its nodes, likewise.
    pub nodes: &'a [PathBuf],
    /// The nodes' features, if they stand in a file of their own.
    pub features: Option<&'a Path>,
}

/// Embeds the nodes of a graph with the encoder of the run in `folder`, which learns nothing from it, and writes
/// what a run has of its graph and embedding into `out`. Returns what was found in the files.
///
/// The files are read as those of the run were, by the same columns; features are found by name where they have
/// one, and others than the run's are left out. Messages pass over all of `edges`, while
/// those of the run passed over its training edges only: for the run's own graph the embedding is another,
/// unless only its training edges are given. Nodes of the run that `nodes` lacks have the run's features. `set`
/// changes the options by which the files are read.
///
/// # Errors
/// When `folder` is no run with an encoder that reads features, the files cannot be read or lack features of
/// the run's, or `out` cannot be written or holds a run.
pub fn infer<E: From<PipelineError>>(
    folder: &Path,
    new: NewGraph<'_>,
    set: impl FnOnce(&IngestConfig) -> Result<IngestConfig, E>,
    out: &Path,
) -> Result<Audit, E> {
    let provenance = trained(folder)?;
    if out.join(names::MANIFEST).exists() {
        return Err(PipelineError::Usage {
            what: out.display().to_string(),
            expected: "a folder of its own".to_owned(),
            found: "the folder of a run: choose another with --out".to_owned(),
        }
        .into());
    }
    store::refuse_unfinished(folder)?;
    let manifest = folder.join(names::MANIFEST).exists().then(|| Manifest::read(folder));
    let manifest = manifest.transpose().map_err(PipelineError::from)?;
    let run_nodes = Nodes::read(&folder.join(names::NODES)).map_err(PipelineError::from)?;
    let known = Features::read(&folder.join(names::FEATURES), run_nodes.len());
    let known = known.map_err(PipelineError::from)?;
    let config = set(&ingest_config(manifest.as_ref(), folder, new, &known)?)?;
    refuse_to_replace_input(out, &config)?;
    Ok(embed(folder, new, &config, (&run_nodes, &known), &provenance, out)?)
}

fn embed(
    folder: &Path,
    new: NewGraph<'_>,
    config: &IngestConfig,
    (run_nodes, known): (&Nodes, &Features),
    provenance: &Provenance,
    out: &Path,
) -> Result<Audit, PipelineError> {
    let (graph, audit) = vgae_ingest::load(config, Path::new("."), None)
        .map_err(PipelineError::at(Stage::Ingest))?;
    let features = fitting(graph.features.clone(), known, folder, new)?;
    let features = with_known(&features, &graph, &audit, (run_nodes, known))?;
    let (model, weights) =
        Weights::read(&folder.join(names::WEIGHTS)).map_err(PipelineError::at(Stage::Train))?;
    let all =
        vgae_split::hold_out_nothing(&graph.edges, matches!(model.scoring(), Scoring::Directed(_)))
            .map_err(PipelineError::at(Stage::Split))?;
    let embedding = model
        .infer(&weights, &features, all.train_view())
        .map_err(PipelineError::at(Stage::Train))?;

    std::fs::create_dir_all(out).map_err(PipelineError::io("create the folder", out))?;
    let inferred = (graph, audit);
    graph::write(&inferred, out, provenance).map_err(PipelineError::at(Stage::Ingest))?;
    let (graph, audit) = inferred;
    embedding.write(&out.join(names::LATENT), provenance)?;
    let manifest = folder.join(names::MANIFEST).exists().then(|| Manifest::read(folder));
    let manifest = manifest.transpose()?;
    let export = record(manifest.as_ref(), Stage::Export).unwrap_or_else(ExportConfig::default);
    vgae_export::write_embeddings(out, &graph.nodes, &embedding, &export, provenance)?;
    Ok(audit)
}

/// The features with those of the run for nodes that the node table lacks and the run has.
fn with_known(
    features: &Features,
    graph: &Graph,
    audit: &Audit,
    (run_nodes, known): (&Nodes, &Features),
) -> Result<Features, PipelineError> {
    let first_added = graph.node_count() - audit.added_nodes;
    let rows: HashMap<&str, usize> = run_nodes.ids().iter().map(String::as_str).zip(0..).collect();
    let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for (node, id) in graph.nodes.ids().iter().enumerate() {
        let row: Vec<(u32, f32)> = if node < first_added {
            features.row(node).collect()
        } else if let Some(&row) = rows.get(id.as_str()) {
            known.row(row).collect()
        } else {
            return Err(PipelineError::Usage {
                what: "--nodes".to_owned(),
                expected: format!("the features of node `{id}`, which an edge names"),
                found: "none, there and in the run".to_owned(),
            });
        };
        for (column, value) in row {
            columns.push(column);
            values.push(value);
        }
        starts.push(values.len());
    }
    Ok(Features::from_rows(known.feature_count(), starts, columns, values)?)
}

/// Where the weights of a run come from, if they are those of an encoder of features.
fn trained(folder: &Path) -> Result<Provenance, PipelineError> {
    let refused = |found: String| PipelineError::Usage {
        what: folder.display().to_string(),
        expected: "the folder of a run with a method whose encoder reads features, such as `vgae`"
            .to_owned(),
        found,
    };
    let weights = folder.join(names::WEIGHTS);
    if !weights.exists() {
        return Err(refused(format!("no {}", names::WEIGHTS)));
    }
    let provenance = tensors::provenance(&weights, Kind::Weights)?;
    let method = provenance.as_ref().and_then(|known| known.method.as_deref());
    let Some(Ok(method)) = method.map(str::parse::<Method>) else {
        return Err(refused("weights that do not say by what method they were made".to_owned()));
    };
    if let Some(why) = method.default_config().transductive() {
        return Err(refused(format!("one with method `{method}`: {why}")));
    }
    // Not of the run's data; of its method, seed and fingerprint.
    let stage = Provenance::of_stage("infer");
    let provenance = provenance.unwrap_or_else(|| stage.clone());
    let (program, stage) = (stage.program, stage.stage);
    Ok(Provenance { program, stage, dataset: None, ..provenance })
}

/// How the new files are read: as those of the run were.
fn ingest_config(
    manifest: Option<&Manifest>,
    folder: &Path,
    new: NewGraph<'_>,
    known: &Features,
) -> Result<IngestConfig, PipelineError> {
    let before: IngestConfig = record(manifest, Stage::Ingest).unwrap_or_default();
    let edges = like(&before.edges, new.edges, "--edges", folder)?;
    let edges = edges.into_iter().map(|(table, path)| match table {
        Some(table) => EdgeTable { path, ..table },
        None => EdgeTable::new(path),
    });
    let nodes = like(&before.nodes, new.nodes, "--nodes", folder)?;
    let is_one = nodes.len() == 1;
    let nodes = nodes.into_iter().map(|(table, path)| {
        let table = table.unwrap_or_else(|| NodeTable::new(&path));
        let features = node_features(table.features.clone(), new, known, is_one, folder)?;
        // Labels are no part of what is inferred.
        Ok(NodeTable { path, label: None, features, ..table })
    });
    Ok(IngestConfig {
        dataset: None,
        table: None,
        edges: edges.collect(),
        nodes: nodes.collect::<Result<_, PipelineError>>()?,
        // Nodes of the run have its features; others are refused.
        unknown_nodes: UnknownNodes::Add,
        ..before
    })
}

/// New files, each with the table of the run in whose place it is. A run over a dataset or a graph file has one
/// table of each kind.
fn like<T: Clone>(
    before: &[T],
    new: &[PathBuf],
    option: &str,
    folder: &Path,
) -> Result<Vec<(Option<T>, PathBuf)>, PipelineError> {
    if new.len() == before.len().max(1) {
        let tables = before.iter().cloned().map(Some).chain(std::iter::repeat(None));
        return Ok(tables.zip(new.iter().cloned()).collect());
    }
    Err(PipelineError::Usage {
        what: option.to_owned(),
        expected: format!(
            "{} files in the order of the tables of `{}`",
            before.len().max(1),
            folder.display()
        ),
        found: new.len().to_string(),
    })
}

/// Where the features of a table of new nodes are; `given` is where the run had them.
fn node_features(
    given: Option<NodeFeatures>,
    new: NewGraph<'_>,
    known: &Features,
    is_one: bool,
    folder: &Path,
) -> Result<Option<NodeFeatures>, PipelineError> {
    Ok(match (given, new.features) {
        (Some(NodeFeatures::File(file)), Some(path)) => {
            Some(NodeFeatures::File(FeatureTable { path: path.to_owned(), ..file }))
        }
        (Some(NodeFeatures::File(file)), None) => {
            return Err(PipelineError::Usage {
                what: folder.display().to_string(),
                expected: "a file of features for the new nodes: --features FILE".to_owned(),
                found: format!("none; the run read its own from {}", file.path.display()),
            });
        }
        (_, Some(path)) => Some(NodeFeatures::File(FeatureTable::new(path))),
        // Of several tables each has some of the features.
        (None, None) if is_one => columns(known),
        (columns, None) => columns,
    })
}

/// The columns that the run found by itself, if each is one feature.
fn columns(known: &Features) -> Option<NodeFeatures> {
    let names = known.names()?;
    let are_columns = !names.iter().any(|name| name.ends_with(']'));
    are_columns
        .then(|| NodeFeatures::Columns(names.iter().map(|name| name.as_str().into()).collect()))
}

/// The features of the new nodes under the numbers of those that the run was trained on.
fn fitting(
    features: Option<Features>,
    known: &Features,
    folder: &Path,
    new: NewGraph<'_>,
) -> Result<Features, PipelineError> {
    let file = new.features.or(match new.nodes {
        [one] => Some(one.as_path()),
        _ => None,
    });
    let refused = |found: String| PipelineError::Usage {
        what: file.map_or_else(|| "--nodes".to_owned(), |file| file.display().to_string()),
        expected: format!(
            "the {} features that `{}` was trained on{}",
            known.feature_count(),
            folder.display(),
            listed(known)
        ),
        found,
    };
    let Some(features) = features else { return Err(refused("none".to_owned())) };
    let found = format!("{} features{}", features.feature_count(), listed(&features));
    features.numbered_as(known).map_err(|missing| {
        let missing: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let without = if missing.is_empty() { "" } else { ", without " };
        refused(format!("{found}{without}{}", missing.join(", ")))
    })
}

/// The configuration that a stage of the run had.
fn record<T: serde::de::DeserializeOwned>(manifest: Option<&Manifest>, stage: Stage) -> Option<T> {
    serde_json::from_value(manifest?.stage(stage)?.config.clone()).ok()
}

/// The first few names of features, in brackets.
fn listed(features: &Features) -> String {
    const SHOWN: usize = 8;
    let Some(names) = features.names() else { return String::new() };
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!(" ({}{more})", names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "))
}
