//! The edge table: two columns of ids, and weights if a column is named.

use std::collections::HashMap;
use std::path::Path;

use vgae_artifacts::{Features, Pair};

use super::columns::{Ids, numbers};
use super::frame::Table;
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
    let (src, dst) = (Ids::of(&table, &columns[0])?, Ids::of(&table, &columns[1])?);
    let weights = columns.get(2).map(|column| numbers(&table, column)).transpose()?;

    let rule = if known.is_some() { unknown } else { UnknownNodes::Add };
    let mut raw = RawGraph::default();
    let mut named_by = None;
    if let Some(known) = known {
        raw.ids = known.ids;
        raw.labels = known.labels;
        raw.features = known.features;
        raw.notes = known.notes;
        named_by = Some(known.name);
    }
    let known_count = raw.ids.len();
    let mut index: HashMap<String, usize> = raw.ids.iter().cloned().zip(0..).collect();
    let mut kept_weights = weights.as_ref().map(|_| Vec::new());

    for (row, (src, dst)) in src.iter().zip(dst.iter()).enumerate() {
        let node = |id: &str, index: &mut HashMap<String, usize>, ids: &mut Vec<String>| {
            if let Some(&node) = index.get(id) {
                return Ok(Some(node));
            }
            match rule {
                UnknownNodes::Add => {
                    index.insert(id.to_owned(), ids.len());
                    ids.push(id.to_owned());
                    Ok(Some(ids.len() - 1))
                }
                UnknownNodes::Drop => Ok(None),
                UnknownNodes::Error => Err(FormatError::row(
                    &table.name,
                    row,
                    format!(
                        "ids that {} has (or `unknown_nodes = \"drop\"` or `\"add\"`)",
                        named_by.as_deref().unwrap_or("the node table")
                    ),
                    format!("`{id}`"),
                )),
            }
        };
        let from = node(src, &mut index, &mut raw.ids)?;
        let to = node(dst, &mut index, &mut raw.ids)?;
        let (Some(from), Some(to)) = (from, to) else {
            raw.unknown_ends_dropped += 1;
            continue;
        };
        raw.edges.push(Pair::new(narrow(from)?, narrow(to)?));
        if let (Some(kept), Some(weights)) = (&mut kept_weights, &weights) {
            kept.push(weights[row]);
        }
    }
    raw.weights = kept_weights;
    let added = raw.ids.len() - known_count;
    raw.labels.resize(raw.ids.len(), None);
    raw.features = raw.features.map(|features| with_empty_rows(&features, added)).transpose()?;
    explain(&mut raw, named_by.as_deref(), added);
    Ok(raw)
}

fn narrow(node: usize) -> Result<u32, IngestError> {
    u32::try_from(node).map_err(|_| {
        let found = format!("node {node}");
        vgae_artifacts::ArtifactError::invalid("nodes", "at most 2^32 nodes", found).into()
    })
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
    Ok(Features::from_rows(features.feature_count(), starts, columns, values)?)
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
