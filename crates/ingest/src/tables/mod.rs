//! A person's own graph (a table of edges and, if there is one, a table of nodes) or numbers without one.
//!
//! `frame` reads files, `columns` checks values, `edges`, `nodes` and `join` put a graph together,
//! `samples` and `scale` rows of numbers. Ids are text: whole numbers and
//! words are both ids, and `7` in a Parquet column of integers is the `7` of a CSV. Blanks around an id
//! or a label do not count.

mod columns;
mod edges;
mod frame;
mod join;
mod nodes;
mod samples;
mod scale;

use std::path::Path;

use crate::config::{EdgeTable, NodeTable, UnknownNodes};
use crate::{IngestError, RawGraph};

/// Reads the tables that a configuration names; relative paths start at `base`.
///
/// # Errors
/// When a file cannot be read, a column is missing, an id is missing or stands twice in the node table,
/// a weight or feature is no finite number, or an edge names an unknown node (see `unknown`).
pub(crate) fn read(
    edges: &EdgeTable,
    nodes: Option<&NodeTable>,
    base: &Path,
    unknown: UnknownNodes,
) -> Result<RawGraph, IngestError> {
    let known = nodes.map(|nodes| nodes::read(nodes, base)).transpose()?;
    edges::read(edges, known, base, unknown)
}

pub use nodes::{IdColumn, read_ids};
pub(crate) use samples::read as read_samples;

#[cfg(test)]
mod sample_tests;
#[cfg(test)]
mod tests;
