use vgae_artifacts::names;
use vgae_pipeline::query::{self, NewGraph};

use crate::args::InferArgs;
use crate::output;

/// `vgae infer`.
pub(crate) fn infer(args: &InferArgs) -> anyhow::Result<()> {
    let (edges, nodes) = (&args.edges, &args.nodes);
    let new = NewGraph { edges, nodes, features: args.features.as_deref() };
    let audit = query::infer(&args.folder, new, &args.out)?;
    output::result(&format!(
        "{} nodes, {} edges: {}",
        audit.nodes,
        audit.edges,
        args.out.join(names::EMBEDDINGS_PARQUET).display()
    ));
    output::result(&audit.notes.join("\n"));
    Ok(())
}
