//! Commands that run one stage on the files of a folder.

use std::path::Path;

use vgae_artifacts::Seed;
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_ingest::{EdgeTable, IngestConfig, NodeTable};
use vgae_model::ModelConfig;
use vgae_pipeline::solo;
use vgae_split::SplitConfig;

use crate::args::{IngestArgs, SplitArgs, TrainArgs};
use crate::output;
use crate::progress::Progress;

/// `vgae ingest`.
pub(crate) fn ingest(args: IngestArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let config = IngestConfig {
        dataset: args.dataset,
        edges: args.edges.map(EdgeTable::new),
        nodes: args.nodes.map(NodeTable::new),
        directed: args.directed,
        ..IngestConfig::default()
    };
    let (cache, fetch) = (args.source.cache()?, args.source.options());
    let audit = solo::ingest(&args.folder, &config, &cache, &fetch, progress)?;
    progress.finish();
    output::result(&format!(
        "{} nodes, {} edges, {} features, {} components, {} isolated nodes",
        audit.nodes, audit.edges, audit.features, audit.components.count, audit.isolated_nodes
    ));
    output::result(&audit.notes.join("\n"));
    Ok(())
}

/// `vgae split`.
pub(crate) fn split(args: &SplitArgs) -> anyhow::Result<()> {
    let config = SplitConfig { validation: args.validation, test: args.test };
    Ok(solo::split(&args.folder, &config, Seed(args.seed))?)
}

/// `vgae train`.
pub(crate) fn train(args: &TrainArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let config = ModelConfig {
        method: args.method,
        hidden: args.hidden,
        latent: args.latent,
        epochs: args.epochs,
        learning_rate: args.learning_rate,
        dropout: args.dropout,
        kl_weight: args.kl_weight,
        ..ModelConfig::default()
    };
    solo::train(&args.folder, &config, Seed(args.seed), progress)?;
    progress.finish();
    Ok(())
}

/// `vgae eval`.
pub(crate) fn eval(folder: &Path) -> anyhow::Result<()> {
    let metrics = solo::eval(folder, &EvalConfig::default())?;
    output::result(&serde_json::to_string_pretty(&metrics)?);
    Ok(())
}

/// `vgae export`.
pub(crate) fn export(folder: &Path) -> anyhow::Result<()> {
    Ok(solo::export(folder, &ExportConfig::default())?)
}
