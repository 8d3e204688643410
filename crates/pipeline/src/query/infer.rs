//! Embeddings of new nodes, or of a changed graph, by the encoder of a finished run.

use std::path::Path;

use vgae_artifacts::{
    Audit, EdgeSplit, Features, Kind, LabelledPairs, Nodes, Provenance, names, tensors,
};
use vgae_export::ExportConfig;
use vgae_ingest::{EdgeTable, IngestConfig, NodeTable};
use vgae_model::{Method, Weights};

use crate::manifest::Manifest;
use crate::solo::refuse_to_replace_input;
use crate::stages::graph;
use crate::{PipelineError, Stage};

/// Embeds the nodes of the graph in `edges` and `nodes` (tables, as ingest reads them) with the encoder of the
/// run in `folder`, which learns nothing from them, and writes what a run has of its graph and embedding into
/// `out`. Returns what was found in the tables.
///
/// The tables are read as those of the run were, by the same columns. Messages pass over all of `edges`, while
/// those of the run passed over its training edges only: for the run's own graph the embedding is another,
/// unless only its training edges are given.
///
/// # Errors
/// When `folder` is no run with an encoder that reads features, the tables cannot be read or have other
/// features than the run's, or `out` cannot be written or holds a run.
pub fn infer(
    folder: &Path,
    edges: &Path,
    nodes: &Path,
    out: &Path,
) -> Result<Audit, PipelineError> {
    let provenance = trained(folder)?;
    if out.join(names::MANIFEST).exists() {
        return Err(PipelineError::Usage {
            what: out.display().to_string(),
            expected: "a folder of its own".to_owned(),
            found: "the folder of a run: choose another with --out".to_owned(),
        });
    }
    let manifest = folder.join(names::MANIFEST).exists().then(|| Manifest::read(folder));
    let manifest = manifest.transpose()?;
    let known =
        Features::read(&folder.join(names::FEATURES), Nodes::count(&folder.join(names::NODES))?)?;
    let config = tables(manifest.as_ref(), &known, edges, nodes);
    std::fs::create_dir_all(out).map_err(PipelineError::io("create the folder", out))?;
    refuse_to_replace_input(out, &config)?;

    let (graph, audit) = vgae_ingest::load(&config, Path::new("."), None)
        .map_err(PipelineError::at(Stage::Ingest))?;
    let features = graph.features.as_ref().filter(|features| features.feature_count() > 0);
    let found = features.map_or(0, Features::feature_count);
    let Some(features) = features.filter(|_| found == known.feature_count()) else {
        return Err(PipelineError::Usage {
            what: nodes.display().to_string(),
            expected: format!(
                "the {} feature columns that `{}` was trained on{}",
                known.feature_count(),
                folder.display(),
                listed(&known)
            ),
            found: format!(
                "{found} columns of numbers{}",
                features.map(listed).unwrap_or_default()
            ),
        });
    };
    let weights =
        Weights::read(&folder.join(names::WEIGHTS)).map_err(PipelineError::at(Stage::Train))?;
    let pairs = graph.edges.undirected_pairs();
    let none = LabelledPairs::default;
    let all = EdgeSplit::new(graph.node_count(), pairs, none(), none())?;
    let embedding = vgae_model::encode(&weights, features, all.train_view())
        .map_err(PipelineError::at(Stage::Train))?;

    let inferred = (graph, audit);
    graph::write(&inferred, out, &provenance).map_err(PipelineError::at(Stage::Ingest))?;
    let (graph, audit) = inferred;
    embedding.write(&out.join(names::LATENT), &provenance)?;
    let export = record(manifest.as_ref(), Stage::Export).unwrap_or_else(ExportConfig::default);
    vgae_export::write_embeddings(out, &graph.nodes, &embedding, &export, &provenance)?;
    Ok(audit)
}

/// Where the weights of a run come from, if they are those of an encoder of features.
fn trained(folder: &Path) -> Result<Provenance, PipelineError> {
    let refused = |found: String| PipelineError::Usage {
        what: folder.display().to_string(),
        expected: "the folder of a run with method `gae` or `vgae`, whose encoder reads features"
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
    let why = match method {
        Method::Gae | Method::Vgae => {
            let stage = Provenance::of_stage("infer");
            let provenance = provenance.unwrap_or_else(|| stage.clone());
            // Not of the run's data; of its method, seed and fingerprint.
            let (program, stage) = (stage.program, stage.stage);
            return Ok(Provenance { program, stage, dataset: None, ..provenance });
        }
        Method::GaeStar | Method::VgaeStar => {
            "its first layer has one row for each node it was trained on, and none for others"
        }
        Method::Sc => {
            "its vectors are eigenvectors of the graph it was trained on, one number for each node there"
        }
        Method::Dw => {
            "it learned one vector for each node it was trained on, from walks past that node"
        }
        Method::Ae | Method::Vae => "it encodes images or rows of a table, not nodes of a graph",
    };
    Err(refused(format!("one with method `{method}`: {why}")))
}

/// The new tables, read as those of the run were.
fn tables(
    manifest: Option<&Manifest>,
    known: &Features,
    edges: &Path,
    nodes: &Path,
) -> IngestConfig {
    let before: IngestConfig = record(manifest, Stage::Ingest).unwrap_or_default();
    let edge_table = before.edges.unwrap_or_else(|| EdgeTable::new(edges));
    let node_table = before.nodes.unwrap_or_else(|| NodeTable::new(nodes));
    let features = known.names().map(<[String]>::to_vec).or(node_table.features);
    IngestConfig {
        dataset: None,
        table: None,
        edges: Some(EdgeTable { path: edges.to_owned(), ..edge_table }),
        nodes: Some(NodeTable { path: nodes.to_owned(), features, ..node_table }),
        ..before
    }
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
