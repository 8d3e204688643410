use vgae_artifacts::names;
use vgae_pipeline::query;

use crate::args::InferArgs;
use crate::output;

/// `vgae infer`.
pub(crate) fn infer(args: &InferArgs) -> anyhow::Result<()> {
    let audit = query::infer(&args.folder, &args.edges, &args.nodes, &args.out)?;
    output::result(&format!(
        "{} nodes, {} edges: {}",
        audit.nodes,
        audit.edges,
        args.out.join(names::EMBEDDINGS_PARQUET).display()
    ));
    output::result(&audit.notes.join("\n"));
    Ok(())
}
