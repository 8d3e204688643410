//! The edge table: two columns of ids, and weights if a column is named.

use std::path::Path;

use vgae_artifacts::Features;

use super::columns::{Ids, numbers};
use super::frame::Table;
use super::join::Joiner;
use super::nodes::KnownNodes;
use crate::config::{EdgeTable, UnknownNodes};
use crate::{FormatError, IngestError, RawGraph};

pub(super) fn read(
    config: &EdgeTable,
    known: Option<KnownNodes>,
    base: &Path,
    unknown: UnknownNodes,
) -> Result<RawGraph, IngestError> {
    let table = Table::open(&config.path, base, config.header, "edges")?;
    let ends = ends(config, &table)?;
    let weight = config.weight.as_deref().map(|name| table.position(name)).transpose()?;

    let mut positions = ends.to_vec();
    positions.extend(weight);
    let columns = table.read(&positions, &ends)?;
    let ids = (Ids::of(&table, &columns[0])?, Ids::of(&table, &columns[1])?);
    let weights = columns.get(2).map(|column| numbers(&table, column)).transpose()?;
    drop(columns);

    let unknown = if known.is_some() { unknown } else { UnknownNodes::Add };
    let mut raw = RawGraph::default();
    let mut named_by = None;
    if let Some(known) = known {
        raw.ids = known.ids;
        raw.labels = known.labels;
        raw.features = known.features;
        raw.notes = known.notes;
        named_by = Some(known.name);
    }
    let nodes = named_by.as_deref().unwrap_or("the node table");
    let joined = Joiner { table: &table, nodes, unknown }.join(ids, &raw.ids)?;

    raw.edges = joined.pairs;
    raw.unknown_ends_dropped = joined.dropped.len();
    raw.weights = weights.map(|weights| without(weights, &joined.dropped));
    let added = joined.new.len();
    raw.ids.extend(joined.new);
    raw.labels.resize(raw.ids.len(), None);
    raw.features = raw.features.map(|features| with_empty_rows(&features, added)).transpose()?;
    explain(&mut raw, named_by.as_deref(), added);
    Ok(raw)
}

/// The values of the rows that stay; `dropped` rises.
fn without(mut values: Vec<f32>, dropped: &[usize]) -> Vec<f32> {
    let (mut row, mut dropped) = (0, dropped.iter().peekable());
    values.retain(|_| {
        let goes = dropped.next_if_eq(&&row).is_some();
        row += 1;
        !goes
    });
    values
}

fn ends(config: &EdgeTable, table: &Table) -> Result<[usize; 2], IngestError> {
    let count = table.columns().len();
    let column = |named: &Option<String>, position: usize| match named {
        Some(name) => table.position(name),
        None if position < count => Ok(position),
        None => {
            let names: Vec<&str> = table.columns().collect();
            Err(FormatError::whole(
                &table.name,
                "two columns of ids (commas between them in .csv, tabs in .tsv)",
                format!("one column, `{}`", names.join(", ")),
            ))
        }
    };
    let ends = [column(&config.src, 0)?, column(&config.dst, 1)?];
    if ends[0] == ends[1] {
        let name = table.columns().nth(ends[0]).unwrap_or_default();
        let problem = format!("`src` and `dst` are both column `{name}`: name two");
        return Err(IngestError::config("edges", problem));
    }
    if config.src.is_none() && config.dst.is_none() && table.lost_header(&ends) {
        return Err(lost_header(&table.name, "edges"));
    }
    Ok(ends)
}

/// The first line holds numbers where names are expected: reading on would lose a row without a word.
pub(super) fn lost_header(name: &str, key: &'static str) -> IngestError {
    let problem = format!(
        "the first line of {name} holds numbers, not column names: set `header = false` \
         ({key} = {{ path = \"{name}\", header = false }})"
    );
    IngestError::config(key, problem)
}

fn with_empty_rows(features: &Features, added: usize) -> Result<Features, IngestError> {
    let mut starts = features.row_starts().to_vec();
    starts.resize(starts.len() + added, features.values().len());
    let (columns, values) = (features.columns().to_vec(), features.values().to_vec());
    let extended = Features::from_rows(features.feature_count(), starts, columns, values)?;
    Ok(match features.names() {
        Some(names) => extended.with_names(names.to_vec())?,
        None => extended,
    })
}

fn explain(raw: &mut RawGraph, named_by: Option<&str>, added: usize) {
    let Some(nodes) = named_by else { return };
    if added > 0 {
        raw.notes.push(format!("{added} nodes that {nodes} lacks were added from the edges"));
    }
    if raw.unknown_ends_dropped > 0 {
        raw.notes.push(format!(
            "{} edge entries name a node that {nodes} lacks and were left out",
            raw.unknown_ends_dropped
        ));
    }
}
