//! Embeddings: unit rows of weighted sums of propagated vectors.

use super::ingest::{IdKind, NODES};
use super::{OUTPUT, Step, count_where, integer, joined, listed, real, violations};

/// Embedding of each node: `node`, `id`, `embedding_0`, `embedding_1`, ...
pub(crate) const EMBEDDINGS: &str = "embeddings";

/// Propagated vectors and their weight in the sum.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    /// Dataset.
    pub(crate) dataset: String,
    /// Weight, above 0.
    pub(crate) weight: f64,
}

/// `unit(sum over hops of weight * unit(y))` for each node; rows of zeros remain zeros.
///
/// Fact: `empty_rows`.
pub(crate) fn embeddings(hops: &[Hop], ids: IdKind, nodes: u64, width: usize) -> Step {
    let each = |separator: &str, of: &dyn Fn(usize, &Hop) -> String| {
        hops.iter().enumerate().map(|(at, hop)| of(at, hop)).collect::<Vec<_>>().join(separator)
    };
    let copied = each(", ", &|at, _| listed(width, |k| format!("h{at}_{k}")));
    let read =
        each(", ", &|at, _| listed(width, |k| format!("CAST(h{at}.y{k} AS DOUBLE) AS h{at}_{k}")));
    let joins = each("\n", &|at, hop| match at {
        0 => format!("FROM {} AS h0", hop.dataset),
        _ => format!("JOIN {} AS h{at} ON h0.node = h{at}.node", hop.dataset),
    });
    let vectors = format!("SELECT h0.node AS node, {read}\n{joins}");
    let squares = each(", ", &|at, _| {
        format!("{} AS s{at}", joined(width, " + ", |k| format!("h{at}_{k} * h{at}_{k}")))
    });
    let squared = format!("SELECT node, {copied}, {squares}\nFROM ({vectors}) AS vectors");
    let factors = each(", ", &|at, hop| {
        let weight = format!("CAST({:?} AS DOUBLE)", hop.weight);
        format!(
            "CASE WHEN s{at} > 0 THEN {weight} / sqrt(s{at}) ELSE CAST(0 AS DOUBLE) END AS f{at}"
        )
    });
    let factored = format!("SELECT node, {copied}, {factors}\nFROM ({squared}) AS squared");
    let sums = listed(width, |k| {
        format!("{} AS z{k}", each(" + ", &|at, _| format!("h{at}_{k} * f{at}")))
    });
    let summed = format!("SELECT node, {sums}\nFROM ({factored}) AS factored");
    let names = listed(width, |k| format!("z{k}"));
    let square = joined(width, " + ", |k| format!("z{k} * z{k}"));
    let measured = format!("SELECT node, {names}, {square} AS square\nFROM ({summed}) AS summed");
    let factor = "CASE WHEN square > 0 THEN 1 / sqrt(square) ELSE CAST(0 AS DOUBLE) END";
    let scaled = format!("SELECT node, {names}, {factor} AS factor\nFROM ({measured}) AS measured");
    let unit = listed(width, |k| format!("CAST(z{k} * factor AS REAL) AS embedding_{k}"));
    let sql = format!(
        "SELECT scaled.node AS node, nodes.id AS id, {unit}\nFROM {NODES} AS nodes\n\
         JOIN ({scaled}) AS scaled ON nodes.node = scaled.node"
    );

    let length = joined(width, " + ", |k| {
        format!("CAST(embedding_{k} AS DOUBLE) * CAST(embedding_{k} AS DOUBLE)")
    });
    let check = format!(
        "SELECT {} AS rows_of_other_length, {} AS empty_rows FROM (SELECT {length} AS square FROM {OUTPUT}) AS lengths",
        violations("square = 0 OR abs(square - 1) < 1e-5"),
        count_where("square = 0"),
    );
    let values = (0..width).map(|k| real(format!("embedding_{k}")));
    let columns = [integer("node"), ids.column()].into_iter().chain(values).collect();
    let mut inputs: Vec<&str> = hops.iter().map(|hop| hop.dataset.as_str()).collect();
    inputs.push(NODES);
    Step::new(EMBEDDINGS, &inputs, sql, columns)
        .each_node_once(nodes)
        .check("unit rows", check)
        .equals("rows_of_other_length", 0)
}
