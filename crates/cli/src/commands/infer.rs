use vgae_artifacts::names;
use vgae_ingest::IngestConfig;
use vgae_pipeline::query::{self, NewGraph};

use crate::args::InferArgs;
use crate::commands::data;
use crate::output;

/// `vgae infer`.
pub(crate) fn infer(args: &InferArgs) -> anyhow::Result<()> {
    let (edges, nodes) = (&args.edges, &args.nodes);
    let new = NewGraph { edges, nodes, features: args.features.as_deref() };
    let set = |config: &IngestConfig| -> anyhow::Result<IngestConfig> {
        Ok(args.data.over(toml::Table::try_from(config)?)?)
    };
    let audit = query::infer(&args.folder, new, set, &args.out)?;
    let mut lines = data::graph(&audit);
    lines.push(args.out.join(names::EMBEDDINGS_PARQUET).display().to_string());
    output::result(&lines.join("\n"))
}
