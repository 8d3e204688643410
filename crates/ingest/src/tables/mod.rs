//! A person's own graph (a table of edges and, if there is one, a table of nodes) or numbers without one.
//!
//! `frame` opens a table, decides on its form ([`reading`](crate::reading)) and reads its columns; `edge_roles` and
//! `node_roles` decide what each column is; `columns` checks values; `edges`, `nodes`, `node_features`,
//! `feature_rows`, `owners`, `join` and `numbering` put a graph together, `samples` and `scale` rows of numbers. Columns are
//! those of polars. Ids are whole numbers or text: `7` in a Parquet column of integers is the `7` of a CSV. Which type
//! they have in the artifacts is decided at the end (`RawGraph::ids_are_text`). Blanks around an id or a label do not
//! count.

mod builder;
pub mod columns;
pub mod decision;
mod edge_roles;
mod edges;
mod feature_rows;
pub mod frame;
mod graph;
pub(crate) mod join;
pub(crate) mod negative_lists;
mod node_features;
mod node_roles;
mod nodes;
mod numbering;
mod owners;
pub(crate) mod pairs;
mod relations;
mod rows;
pub(crate) mod times;

use std::path::Path;

use crate::config::{EdgeTable, NodeTable, Rules};
use crate::{IngestError, RawGraph};
use frame::Table;
use graph::Graph;

/// Reads the tables that a configuration names; relative paths start at `base`.
///
/// # Errors
/// When a file cannot be read, a column is missing, a weight or feature is no finite number, or `rules` refuse
/// what the tables lack, repeat or contradict.
pub(crate) fn read(
    edges: &[EdgeTable],
    nodes: &[NodeTable],
    base: &Path,
    rules: Rules<'_>,
) -> Result<RawGraph, IngestError> {
    let graphs = edges.iter().map(|edges| Graph::open(&edges.file(rules.na_values), base));
    let graphs: Vec<Option<Graph>> = graphs.collect::<Result<_, _>>()?;
    for (edges, graph) in edges.iter().zip(&graphs) {
        if rules.directed && graph.as_ref().is_some_and(Graph::is_undirected) {
            let problem =
                format!("{} has edges without direction: remove `directed`", edges.path.display());
            return Err(IngestError::config("directed", problem));
        }
    }
    let both = || edges.iter().zip(&graphs);
    let own = |(edges, graph): (&EdgeTable, &Option<Graph>)| graph.as_ref()?.nodes(edges);
    let listed: Vec<NodeTable> =
        if nodes.is_empty() { both().filter_map(own).collect() } else { Vec::new() };
    let nodes = if nodes.is_empty() { &listed } else { nodes };
    let is_several = nodes.len() > 1;
    let known = nodes.iter().map(|nodes| {
        let options = nodes.file(rules.na_values);
        let table = match Graph::open(&options, base)? {
            Some(graph) => graph.node_table(options)?,
            None => Table::open(options, base, 1)?,
        };
        nodes::read(nodes, table, is_several, rules)
    });
    let known = known.collect::<Result<Vec<_>, _>>()?;
    let known = if known.is_empty() { None } else { Some(nodes::KnownNodes::join(known)?) };
    let configs: Vec<EdgeTable> = both()
        .map(|(edges, graph)| graph.as_ref().map_or_else(|| edges.clone(), |it| it.edges(edges)))
        .collect();
    let open = |(config, graph): (_, &Option<Graph>)| {
        let options = EdgeTable::file(config, rules.na_values);
        let table = match graph {
            Some(graph) => graph.edge_table(options),
            None => Table::open(options, base, 2)?,
        };
        Ok((config, table))
    };
    let tables = configs.iter().zip(&graphs).map(open).collect::<Result<Vec<_>, IngestError>>()?;
    edges::read(tables, known, base, rules)
}

pub use nodes::{IdColumn, each_once, read_ids};

#[cfg(test)]
mod tests;
