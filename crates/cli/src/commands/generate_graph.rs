use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use vgae_artifacts::{Seed, atomic, table};
use vgae_ingest::synthetic::{BlockModel, RMat, SyntheticGraph};
use vgae_model::Negatives;

use crate::args::{GraphArgs, GraphModel, UsageError};
use crate::output;

const EDGES: &str = "edges.parquet";
const NODES: &str = "nodes.parquet";
const PIPELINE: &str = "pipeline.toml";

/// `vgae generate-graph`.
pub(crate) fn generate_graph(model: &GraphModel) -> anyhow::Result<()> {
    let args = match model {
        GraphModel::Sbm(args) => &args.graph,
        GraphModel::Rmat(args) => &args.graph,
    };
    let (nodes, edges, seed) = (args.nodes, args.edges, Seed(args.seed));
    let pipeline = refuse_to_replace(&args.out)?;
    let (generated, command) = match model {
        GraphModel::Sbm(args) => {
            let (communities, within) = (args.communities, args.within);
            let options = format!("sbm{{}} --communities {communities} --within {within}");
            (BlockModel { nodes, edges, communities, within }.generate(seed), options)
        }
        GraphModel::Rmat(args) => {
            let (a, b, c) = (args.a, args.b, args.c);
            let options = format!("rmat{{}} --a {a} --b {b} --c {c}");
            (RMat { nodes, edges, a, b, c }.generate(seed), options)
        }
    };
    // Whatever a generator refuses is a request that makes no sense.
    let graph = generated.map_err(|error| UsageError(error.to_string()))?;
    let sizes = format!(" --nodes {nodes} --edges {edges} --seed {seed}");
    let command = command.replace("{}", &sizes);

    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot create the folder {}", args.out.display()))?;
    write(&graph, &args.out)?;
    // Last: where the pipeline is, the tables are.
    atomic::write(&pipeline, text(args, &command).as_bytes())?;
    output::result(&format!(
        "{nodes} nodes, {edges} edges: {}, {}\nRun it with: vgae run {}",
        args.out.join(EDGES).display(),
        args.out.join(NODES).display(),
        pipeline.display()
    ))?;
    Ok(())
}

/// The pipeline's path, if nothing that would be written is there already.
fn refuse_to_replace(folder: &Path) -> Result<PathBuf, UsageError> {
    let there = [EDGES, NODES, PIPELINE].map(|name| folder.join(name));
    match there.iter().find(|path| path.exists()) {
        Some(path) => {
            let path = path.display();
            let text = format!("{path} exists already: name another folder, or remove it first");
            Err(UsageError(text))
        }
        None => Ok(folder.join(PIPELINE)),
    }
}

/// `edges.parquet` (`source`, `target`) and `nodes.parquet` (`id` and, if there are communities, `label`),
/// every column u32: plain tables without provenance, like any user's.
fn write(graph: &SyntheticGraph, folder: &Path) -> anyhow::Result<()> {
    let column = |values: &mut dyn Iterator<Item = u32>| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(values))
    };
    let edges = [
        ("source", column(&mut graph.pairs.iter().map(|pair| pair.src))),
        ("target", column(&mut graph.pairs.iter().map(|pair| pair.dst))),
    ];
    let mut nodes = vec![("id", column(&mut (0..graph.node_count)))];
    if let Some(communities) = &graph.communities {
        nodes.push(("label", column(&mut communities.iter().copied())));
    }
    table::write_batch(&folder.join(NODES), &RecordBatch::try_from_iter(nodes)?)?;
    table::write_batch(&folder.join(EDGES), &RecordBatch::try_from_iter(edges)?)?;
    Ok(())
}

fn text(args: &GraphArgs, command: &str) -> String {
    let name = match args.out.file_name().map(|name| name.to_string_lossy()) {
        Some(name) => format!("name = {}\n", toml::Value::String(name.into_owned())),
        None => String::new(),
    };
    let loss = if args.nodes as usize > Negatives::EXACT_NODES {
        "negatives = 1                   # the loss over all pairs of nodes would take too long\n"
    } else {
        ""
    };
    format!(
        "# A random graph, made by\n#\n#     vgae generate-graph {command} --out DIR\n\n\
         {name}seed = {seed}\n\n\
         [data]\n\
         edges = \"{EDGES}\"         # source, target\n\
         nodes = \"{NODES}\"         # id and, of a block model, label: the community\n\n\
         [model]\n\
         method = \"gae*\"                 # the star: without features, for the graph has none\n\
         {loss}",
        seed = args.seed,
    )
}
