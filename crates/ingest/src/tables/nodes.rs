//! The node table: ids, labels, features.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::{Features, Finding};

use super::columns::{self, Ids, Numbers, is_numeric, no_id, not_finite, numbers};
use super::edges::data_row;
use super::frame::Table;
use super::node_features::Source;
use crate::config::{
    DuplicateIds, EdgeTable, FileOptions, MissingValues, NodeFeatures, NodeTable, Rules,
};
use crate::findings::Tally;
use crate::{FormatError, IngestError};

/// What a node table says.
pub(super) struct KnownNodes<'a> {
    /// The file's name, for errors about edges.
    pub(super) name: String,
    pub(super) ids: Vec<String>,
    pub(super) ids_are_text: bool,
    pub(super) labels: Vec<Option<String>>,
    pub(super) features: Option<Source<'a>>,
    /// How many rows the table has, and the row of each node: some may have been left out.
    pub(super) table_rows: usize,
    pub(super) rows: Vec<usize>,
    pub(super) notes: Vec<String>,
    pub(super) findings: Vec<Finding>,
}

pub(super) fn read<'a>(
    config: &'a NodeTable,
    base: &Path,
    rules: Rules,
) -> Result<KnownNodes<'a>, IngestError> {
    let mut table = Table::open(&config.file(), base)?;
    let chosen = Chosen::of(config, &table)?;

    let mut text = vec![chosen.id];
    text.extend(chosen.label);
    let plain = chosen.features.iter().copied().filter(|&at| !table.has_lists(at));
    let positions: Vec<usize> = text.iter().copied().chain(plain).collect();
    let read = table.read(&positions, &text)?;
    let (described, measured) = read.split_at(text.len());
    let mut findings = Vec::new();
    let table_rows = described[0].len();
    let (ids_are_text, ids, rows) = ids(&table, &described[0], rules, &mut findings)?;
    let mut labels = match described.get(1) {
        Some(column) => columns::labels(&table, column)?,
        None => vec![None; table_rows],
    };
    let labels = rows.iter().map(|&row| labels[row].take()).collect();

    let mut notes = Vec::new();
    let features = if let Some(NodeFeatures::File(file)) = &config.features {
        Some(Source::File(file))
    } else {
        let mut measured = chosen.features.iter().scan(measured.iter(), |plain, &at| {
            let column = if table.has_lists(at) { None } else { plain.next() };
            Some((at, column))
        });
        let measured = if config.features.is_some() {
            measured.collect()
        } else {
            numeric(&table, &chosen, &mut measured, &mut notes)
        };
        let mut blocks = Vec::new();
        for (at, column) in measured {
            let (block, name) = match column {
                Some(column) => (numbers(&table, column)?, column.name().to_string()),
                None => {
                    (table.read_lists(at)?, table.columns().nth(at).unwrap_or_default().to_owned())
                }
            };
            blocks.push((name, block));
        }
        features(&table.name, &blocks, &rows, rules.missing, &mut findings)?.map(Source::Read)
    };
    table.close();
    Ok(KnownNodes {
        name: table.name,
        ids,
        ids_are_text,
        labels,
        features,
        table_rows,
        rows,
        notes,
        findings,
    })
}

/// The ids that stay, each once, and their rows.
fn ids(
    table: &Table,
    column: &Column,
    rules: Rules,
    findings: &mut Vec<Finding>,
) -> Result<(bool, Vec<String>, Vec<usize>), IngestError> {
    let (ids, missing) = Ids::and_missing(table, column)?;
    let are_text = ids.are_text(table);
    if let (MissingValues::Error, Some(&row)) = (rules.missing, missing.first()) {
        return Err(no_id(table, column, row).into());
    }
    let mut lacking = Tally::default();
    for &row in &missing {
        lacking.add(|| data_row(row));
    }
    lacking.file(findings, "rows of the node table without an id", "left out");

    let mut missing = missing.into_iter().peekable();
    let rows = (0..column.len()).filter(|row| missing.next_if_eq(row).is_none());
    let mut rows: Vec<usize> = rows.collect();
    let mut ids = ids.to_strings();
    if rules.duplicates == DuplicateIds::Error {
        each_once(&table.name, &ids, &rows)?;
        return Ok((are_text, ids, rows));
    }
    let mut repeated = Tally::default();
    let mut seen = HashSet::with_capacity(ids.len());
    let first: Vec<bool> = ids
        .iter()
        .map(|id| {
            let is_first = seen.insert(id.as_str());
            if !is_first {
                repeated.add(|| id.clone());
            }
            is_first
        })
        .collect();
    drop(seen);
    let mut keep = first.iter().copied();
    ids.retain(|_| keep.next().unwrap_or(true));
    let mut keep = first.iter().copied();
    rows.retain(|_| keep.next().unwrap_or(true));
    let what = "rows of the node table that repeat an id";
    repeated.file(findings, what, "left out; the first row of an id counts");
    Ok((are_text, ids, rows))
}

/// Of the columns left those that hold numbers; if there is none, the one column of lists.
fn numeric<'c>(
    table: &Table,
    chosen: &Chosen,
    measured: &mut dyn Iterator<Item = (usize, Option<&'c Column>)>,
    notes: &mut Vec<String>,
) -> Vec<(usize, Option<&'c Column>)> {
    let (lists, plain): (Vec<_>, Vec<_>) = measured.partition(|(_, column)| column.is_none());
    let mut kept: Vec<(usize, Option<&Column>)> =
        plain.into_iter().filter(|(_, column)| column.is_some_and(is_numeric)).collect();
    if kept.is_empty() && lists.len() == 1 {
        kept = lists;
    }
    let used: HashSet<usize> = kept.iter().map(|(at, _)| *at).collect();
    let is_used = |at: &usize| *at == chosen.id || Some(*at) == chosen.label || used.contains(at);
    let unused = table.columns().enumerate().filter(|(at, _)| !is_used(at));
    let unused: Vec<&str> = unused.map(|(_, name)| name).collect();
    if !unused.is_empty() {
        notes.push(format!(
            "{}: columns that are not numeric are no features: {}",
            table.name,
            unused.join(", ")
        ));
    }
    kept
}

/// A list of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdColumn {
    /// What the column is called.
    pub column: String,
    /// The ids in the order of the table.
    pub ids: Vec<String>,
}

/// Reads the column `id` of a table, or else its first, as ids.
///
/// # Errors
/// When the file cannot be read, or a row has no id.
pub fn read_ids(path: &Path) -> Result<IdColumn, IngestError> {
    let file = EdgeTable::new(path);
    let table = Table::open(&FileOptions { key: "ids", ..file.file() }, Path::new("."))?;
    let id = table.columns().position(|name| name == "id").unwrap_or(0);
    let column = table.columns().nth(id).unwrap_or_default().to_owned();
    let read = table.read(&[id], &[id])?;
    Ok(IdColumn { column, ids: Ids::of(&table, &read[0])?.to_strings() })
}

/// Which column plays which part, by position.
struct Chosen {
    id: usize,
    label: Option<usize>,
    /// Columns that were named, or that may hold numbers or lists of them; none if a file has the features.
    features: Vec<usize>,
}

impl Chosen {
    fn of(config: &NodeTable, table: &Table) -> Result<Self, IngestError> {
        let named = |wanted: &str| table.columns().position(|name| name == wanted);
        let id = match &config.id {
            Some(wanted) => table.place(wanted)?,
            None => named("id").unwrap_or(0),
        };
        if config.id.is_none() && table.lost_header(&[id]) {
            return Err(super::edges::lost_header(&table.name, "nodes"));
        }
        let label = match &config.label {
            Some(wanted) => Some(table.place(wanted)?),
            None => named("label"),
        };
        if label == Some(id) {
            let problem = "`id` and `label` are the same column: name two";
            return Err(IngestError::config("nodes", problem));
        }
        let features: Vec<usize> = match &config.features {
            Some(NodeFeatures::File(_)) => Vec::new(),
            Some(NodeFeatures::Columns(wanted)) => {
                let mut places = Vec::new();
                for column in wanted {
                    let place = table.place(column)?;
                    if places.contains(&place) {
                        let problem = format!("`features` names {column} twice");
                        return Err(IngestError::config("nodes", problem));
                    }
                    places.push(place);
                }
                places
            }
            None => (0..table.columns().len())
                .filter(|&at| at != id && Some(at) != label)
                .filter(|&at| !table.is_foreign(at) || table.has_lists(at))
                .collect(),
        };
        if let Some(at) = features.iter().find(|&&at| at == id || Some(at) == label) {
            let name = table.columns().nth(*at).unwrap_or_default();
            let problem = format!("column `{name}` cannot be a feature: it is the id or the label");
            return Err(IngestError::config("nodes", problem));
        }
        Ok(Self { id, label, features })
    }
}

/// Whether each id stands once; `rows` has the row of each.
pub(super) fn each_once(name: &str, ids: &[String], rows: &[usize]) -> Result<(), FormatError> {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(ids.len());
    for (id, &row) in ids.iter().zip(rows) {
        if let Some(first) = seen.insert(id, row) {
            let expected = format!("each id once (data row {} has it too)", first + 1);
            return Err(FormatError::row(name, row, expected, format!("id `{id}`")));
        }
    }
    Ok(())
}

/// Columns of numbers to sparse rows, for the `rows` that stay: zeros are not stored.
fn features(
    file: &str,
    blocks: &[(String, Numbers)],
    rows: &[usize],
    rule: MissingValues,
    findings: &mut Vec<Finding>,
) -> Result<Option<Features>, IngestError> {
    if blocks.is_empty() {
        return Ok(None);
    }
    let mut lacking = Tally::default();
    for (name, block) in blocks {
        for &row in block.missing.iter().filter(|row| rows.binary_search(row).is_ok()) {
            if rule == MissingValues::Error {
                return Err(not_finite(file, name, row, "nothing"));
            }
            lacking.add(|| format!("{}, column `{name}`", data_row(row)));
        }
    }
    lacking.file(findings, "missing features", "became 0");
    let count = blocks.iter().map(|(_, block)| block.width).sum();
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for &row in rows {
        let numbers = blocks
            .iter()
            .flat_map(|(_, block)| &block.values[row * block.width..(row + 1) * block.width]);
        for (feature, &value) in (0u32..).zip(numbers).filter(|(_, value)| **value != 0.0) {
            indices.push(feature);
            values.push(value);
        }
        starts.push(values.len());
    }
    let names = blocks.iter().flat_map(|(name, block)| {
        let name = name.trim();
        let one = (block.width == 1).then(|| name.to_owned());
        let many = if one.is_some() { 0 } else { block.width };
        one.into_iter().chain((0..many).map(move |place| format!("{name}[{place}]")))
    });
    let names = names.collect();
    Ok(Some(Features::from_rows(count, starts, indices, values)?.with_names(names)?))
}
