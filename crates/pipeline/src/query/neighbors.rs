//! The nodes most like one.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float32Array, Float64Array, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};
use serde::Serialize;
use vgae_artifacts::{Kind, Pair, Provenance, table};
use vgae_eval::Similarity;

use super::{NodeId, Probabilities, Stored, at_eval, check_out, id_column};
use crate::PipelineError;

/// The nodes most like one, from most to least.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Neighbors {
    /// The node asked about, by its own id.
    pub id: NodeId,
    /// Its label.
    pub label: Option<String>,
    /// How probabilities came about; absent where there were no validation pairs to learn them from.
    pub probabilities: Option<Probabilities>,
    /// The others.
    pub neighbors: Vec<NeighborRow>,
}

/// A node beside the one asked about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeighborRow {
    /// Its index.
    pub node: u32,
    /// Its own id.
    pub id: NodeId,
    /// Its label.
    pub label: Option<String>,
    /// Logit of an edge; for vectors their inner product.
    pub logit: f32,
    /// The cosine of the angle between the vectors, if nodes have any.
    pub cosine: Option<f64>,
    /// How likely an edge is, among as many non-edges as edges.
    pub probability: Option<f64>,
    /// Whether there is one in the graph, learned from or held out; of a directed decoder, from the node to this one.
    pub edge: bool,
}

/// The `count` nodes most like the one whose id is `id`, in the run of `folder`; written to `out` if that is
/// given.
///
/// # Errors
/// When `folder` is no run over a graph, there is no such id (the nearest spellings are named), or a file cannot
/// be read or written.
pub fn neighbors(
    folder: &Path,
    id: &str,
    by: Similarity,
    count: usize,
    out: Option<&Path>,
) -> Result<Neighbors, PipelineError> {
    out.map_or(Ok(()), |out| check_out(folder, out))?;
    let stored = Stored::open(folder)?;
    let run = stored.run()?;
    let node = run.find("--id", &[id.to_owned()])?[0];
    let directed = run.scores_directions();
    let known = if directed { run.edges.pairs().to_vec() } else { run.edges.undirected_pairs() };
    let listed = |pair: Pair| if directed { pair } else { pair.canonical() };
    let probabilities = stored.probabilities();
    let found = vgae_eval::neighbours(&run.scorer()?, run.trained.embedding, node, by, count)
        .map_err(at_eval)?;
    let rows = found.into_iter().map(|found| NeighborRow {
        node: found.node,
        id: run.node_id(found.node),
        label: run.label(found.node).map(str::to_owned),
        logit: found.logit,
        cosine: found.cosine,
        probability: probabilities.map(|known| known.of(found.logit)),
        edge: known.binary_search(&listed(Pair::new(node, found.node))).is_ok(),
    });
    let neighbors = Neighbors {
        id: run.node_id(node),
        label: run.label(node).map(str::to_owned),
        probabilities,
        neighbors: rows.collect(),
    };
    out.map_or(Ok(()), |out| neighbors.write(out))?;
    Ok(neighbors)
}

impl Neighbors {
    /// `node` u32, `id` int64 or utf8, `label` utf8, `logit` f32, `cosine`, `probability` f64, `edge` bool; whose neighbours
    /// they are stands in the metadata.
    fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let rows = || self.neighbors.iter();
        let (id_type, ids) = id_column(rows().map(|row| &row.id));
        let fields = vec![
            Field::new("node", DataType::UInt32, false),
            Field::new("id", id_type, false),
            Field::new("label", DataType::Utf8, true),
            Field::new("logit", DataType::Float32, false),
            Field::new("cosine", DataType::Float64, true),
            Field::new("probability", DataType::Float64, true),
            Field::new("edge", DataType::Boolean, false),
        ];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows().map(|row| row.node))),
            ids,
            Arc::new(rows().map(|row| row.label.as_deref()).collect::<StringArray>()),
            Arc::new(Float32Array::from_iter_values(rows().map(|row| row.logit))),
            Arc::new(rows().map(|row| row.cosine).collect::<Float64Array>()),
            Arc::new(rows().map(|row| row.probability).collect::<Float64Array>()),
            Arc::new(rows().map(|row| Some(row.edge)).collect::<BooleanArray>()),
        ];
        let facts = [("neighbors_of", self.id.to_string())];
        let provenance = Provenance::of_stage("neighbors");
        table::write_parquet(path, Kind::Neighbors, fields, columns, &facts, &provenance)?;
        Ok(())
    }
}
