//! A person's own graph (a table of edges and, if there is one, a table of nodes) or numbers without one.
//!
//! `frame` reads tables, through polars or, where polars would cost much to build, through `ipc` and
//! [`files`](crate::files), which also unpacks; `columns` checks values; `edges`, `nodes`, `node_features` and
//! `join` put a graph together, `samples` and `scale` rows of numbers. Ids are text here: whole numbers and
//! words are both ids, and `7` in a Parquet column of integers is the `7` of a CSV. Which type they have in
//! the artifacts is decided at the end (`RawGraph::ids_are_text`). Blanks around an id or a label do not count.

mod builder;
mod columns;
mod edges;
mod frame;
mod guess;
mod join;
mod node_features;
mod nodes;
mod samples;
mod scale;

use std::path::Path;

use crate::config::{EdgeTable, NodeTable, Rules};
use crate::{IngestError, RawGraph};

/// Reads the tables that a configuration names; relative paths start at `base`.
///
/// # Errors
/// When a file cannot be read, a column is missing, a weight or feature is no finite number, or `rules` refuse
/// what the tables lack, repeat or contradict.
pub(crate) fn read(
    edges: &EdgeTable,
    nodes: Option<&NodeTable>,
    base: &Path,
    rules: Rules,
) -> Result<RawGraph, IngestError> {
    let known = nodes.map(|nodes| nodes::read(nodes, base, rules)).transpose()?;
    edges::read(edges, known, base, rules)
}

pub use guess::{Guess, guess};
pub use nodes::{IdColumn, read_ids};
pub(crate) use samples::read as read_samples;

#[cfg(test)]
mod sample_tests;
#[cfg(test)]
mod tests;
