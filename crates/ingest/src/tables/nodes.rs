//! The node table: ids, labels, features.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::table::row_index;
use vgae_artifacts::{Features, Finding, TableReading};

use super::columns::{self, Ids, Numbers, no_id, not_finite, numbers, typed_id};
use super::decision;
use super::frame::Table;
use super::node_roles::NodeRoles;
use super::rows::{data_row, whole_reals};
use crate::config::{
    DuplicateIds, FeatureTable, FileOptions, MissingValues, NaValues, NodeFeatures, NodeTable,
    Rules,
};
use crate::findings::Tally;
use crate::{FormatError, IngestError, printable};

/// Where the features of a node table stand.
pub(super) enum Source<'a> {
    /// In the table itself; a row a node of it.
    Read(Features),
    /// In a file that is read when all nodes are known.
    File(&'a FeatureTable),
}

/// Content of one or several node tables.
#[derive(Default)]
pub(super) struct KnownNodes<'a> {
    /// The file's name, for errors about edges.
    pub(super) name: String,
    pub(super) ids: Vec<String>,
    pub(super) ids_are_text: bool,
    pub(super) labels: Vec<Option<String>>,
    /// Type of each node, if the table has types.
    pub(super) types: Option<Vec<String>>,
    pub(super) features: Option<Source<'a>>,
    /// How many rows the table has, and the row of each node: some may have been left out.
    pub(super) table_rows: usize,
    pub(super) rows: Vec<usize>,
    pub(super) readings: Vec<TableReading>,
    pub(super) warnings: Vec<String>,
    pub(super) findings: Vec<Finding>,
}

pub(super) fn read<'a>(
    config: &'a NodeTable,
    mut table: Table<'_>,
    is_one_of_several: bool,
    rules: Rules<'_>,
) -> Result<KnownNodes<'a>, IngestError> {
    let roles = NodeRoles::of(config, &table, is_one_of_several)?;
    let mut warnings = Vec::new();
    whole_reals(&table, &[roles.id], &mut warnings)?;

    let mut text = vec![roles.id];
    text.extend(roles.label);
    text.extend(roles.node_type);
    let positions = [&text[..], &plain(&table, &roles.features)].concat();
    let read = table.read(&positions, &text)?;
    let (described, measured) = read.split_at(text.len());
    let mut findings = Vec::new();
    let table_rows = described[0].len();
    let (ids_are_text, ids, rows) = ids(&table, &described[0], rules, &mut findings)?;
    let mut rest = described[1..].iter();
    let mut labels = match roles.label.and_then(|_| rest.next()) {
        Some(column) => columns::labels(&table, column)?,
        None => vec![None; table_rows],
    };
    let types = match (&config.node_type, rest.next()) {
        (Some(one), _) => Some(vec![one.clone(); rows.len()]),
        (None, Some(column)) => Some(types(&table, column, &rows)?),
        (None, None) => None,
    };
    let ids = match &config.node_type {
        Some(kind) => ids.into_iter().map(|id| typed_id(kind, &id)).collect(),
        None => ids,
    };
    let labels = rows.iter().map(|&row| labels[row].take()).collect();

    let features = if let Some(NodeFeatures::File(file)) = &config.features {
        Some(Source::File(file))
    } else {
        let blocks = blocks(&table, &roles.features, measured, &mut warnings)?;
        features(&table.name, &blocks, &rows, rules.missing, &mut findings)?.map(Source::Read)
    };
    let readings = vec![decision::reading(&table, &roles.uses, &roles.stated)];
    table.close();
    Ok(KnownNodes {
        name: table.name,
        ids,
        ids_are_text,
        labels,
        types,
        features,
        table_rows,
        rows,
        readings,
        warnings,
        findings,
    })
}

/// The types of the rows that stay; none may be missing.
fn types(table: &Table<'_>, column: &Column, rows: &[usize]) -> Result<Vec<String>, IngestError> {
    let mut types = columns::labels(table, column)?;
    let one = |&row: &usize| {
        types[row].take().ok_or_else(|| {
            let expected =
                format!("a type in column `{}` (or `type_column = \"none\"`)", column.name());
            FormatError::row(&table.name, row, expected, "a missing value").into()
        })
    };
    rows.iter().map(one).collect()
}

impl KnownNodes<'_> {
    /// Joins node tables, of which there is at least one: a feature is a column of the same name, 0 for nodes of
    /// tables without it.
    pub(super) fn join(tables: Vec<Self>) -> Result<Self, IngestError> {
        if tables.len() > 1 {
            unique_over(&tables)?;
        }
        let mut tables = tables.into_iter();
        let Some(mut all) = tables.next() else {
            return Err(IngestError::Empty("there are no node tables".to_owned()));
        };
        let mut features = vec![(all.features.take(), all.ids.len())];
        for mut table in tables {
            features.push((table.features, table.ids.len()));
            all.types = match (all.types, table.types) {
                (Some(mut types), Some(more)) => {
                    types.extend(more);
                    Some(types)
                }
                (None, None) => None,
                _ => {
                    let problem = "some node tables have types and others have not: give each `type` or `type_column`";
                    return Err(IngestError::config("nodes", problem));
                }
            };
            all.name = format!("{} and {}", all.name, table.name);
            all.ids_are_text |= table.ids_are_text;
            all.ids.append(&mut table.ids);
            all.labels.append(&mut table.labels);
            all.readings.append(&mut table.readings);
            all.warnings.append(&mut table.warnings);
            all.findings.append(&mut table.findings);
        }
        all.features = stacked(features)?;
        Ok(all)
    }
}

/// Checks that no id is in two tables.
fn unique_over(tables: &[KnownNodes<'_>]) -> Result<(), FormatError> {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for table in tables {
        for id in &table.ids {
            if let Some(owner) = owners.insert(id, &table.name) {
                let expected = format!("ids that {owner} has not");
                let found = format!("id `{id}`, which is there too");
                return Err(FormatError::whole(&table.name, expected, found));
            }
        }
    }
    Ok(())
}

/// Features of several tables below each other: a feature is a column of the same name.
fn stacked(
    mut tables: Vec<(Option<Source<'_>>, usize)>,
) -> Result<Option<Source<'_>>, IngestError> {
    if tables.len() == 1 {
        return Ok(tables.pop().and_then(|(features, _)| features));
    }
    let mut names: Vec<String> = Vec::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for (features, nodes) in tables {
        let features = match features {
            None => None,
            Some(Source::Read(features)) => Some(features),
            Some(Source::File(_)) => {
                let problem = "a file of features belongs to one node table, and there are several";
                return Err(IngestError::config("nodes", problem));
            }
        };
        let own = features.as_ref().and_then(Features::names).unwrap_or_default();
        let own: Vec<u32> = own
            .iter()
            .map(|name| {
                *numbers.entry(name.clone()).or_insert_with(|| {
                    names.push(name.clone());
                    row_index(names.len() - 1)
                })
            })
            .collect();
        for node in 0..nodes {
            let row = features.iter().flat_map(|features| features.row(node));
            let mut row: Vec<(u32, f32)> =
                row.map(|(column, value)| (own[column as usize], value)).collect();
            row.sort_unstable_by_key(|&(column, _)| column);
            indices.extend(row.iter().map(|&(column, _)| column));
            values.extend(row.iter().map(|&(_, value)| value));
            starts.push(values.len());
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let features = Features::from_rows(names.len(), starts, indices, values)?;
    Ok(Some(Source::Read(features.with_names(names)?)))
}

/// A column of numbers or of lists of numbers, with its name.
pub(super) type Block = (String, Numbers);

/// The positions that hold numbers one by one, not lists of them.
pub(super) fn plain(table: &Table<'_>, positions: &[usize]) -> Vec<usize> {
    positions.iter().copied().filter(|&at| !table.has_lists(at)).collect()
}

/// The features in the columns at `positions`, of which those that are [`plain`] have been read.
pub(super) fn blocks(
    table: &Table<'_>,
    positions: &[usize],
    read: &[Column],
    warnings: &mut Vec<String>,
) -> Result<Vec<Block>, IngestError> {
    let mut plain = read.iter();
    let block = |&at: &usize| {
        let name = table.columns().nth(at).unwrap_or_default().to_owned();
        let numbers = match if table.has_lists(at) { None } else { plain.next() } {
            Some(column) => numbers(table, column)?,
            None => table.read_lists(at)?,
        };
        Ok((name, numbers))
    };
    let blocks: Vec<Block> = positions.iter().map(block).collect::<Result<_, IngestError>>()?;
    scales(table, &blocks, warnings)?;
    Ok(blocks)
}

/// Features beyond this make sums overflow; those beyond its root dominate all others.
const HUGE: f32 = 1e9;

/// Refuses features of a scale that no training survives, and warns of large ones and of those that are all 0.
fn scales(
    table: &Table<'_>,
    blocks: &[Block],
    warnings: &mut Vec<String>,
) -> Result<(), IngestError> {
    let mut largest = (0.0f32, "");
    for (name, block) in blocks {
        let most = block.values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        if most > largest.0 {
            largest = (most, name);
        }
    }
    let (most, name) = largest;
    let name = printable(name);
    if most > HUGE {
        let expected = format!(
            "features of at most {HUGE:e} (scale column `{name}`, or leave it out by naming the others in `features`)"
        );
        return Err(FormatError::whole(&table.name, expected, format!("{most:e}")).into());
    }
    if most > HUGE.sqrt() {
        warnings.push(format!(
            "{}: the features are as large as {most} (column `{name}`): scale them, or training may diverge",
            table.name
        ));
    }
    if !blocks.is_empty() && most == 0.0 {
        warnings.push(format!(
            "{}: all features are 0, so methods that read features learn nothing from them",
            table.name
        ));
    }
    Ok(())
}

/// Whether ids are text, those that stay, each once, and their rows.
pub(super) fn ids(
    table: &Table<'_>,
    column: &Column,
    rules: Rules<'_>,
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

/// A list of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdColumn {
    /// Name of the column.
    pub column: String,
    /// The ids in the order of the table.
    pub ids: Vec<String>,
}

/// Reads the ids of a table of nodes.
///
/// # Errors
/// When the file cannot be read, or a row has no id.
pub fn read_ids(path: &Path) -> Result<IdColumn, IngestError> {
    let (config, na_values) = (NodeTable::new(path), NaValues::default());
    let options = FileOptions { key: "ids", ..config.file(&na_values) };
    let table = Table::open(options, Path::new("."), 1)?;
    let id = NodeRoles::of(&config, &table, false)?.id;
    let column = table.columns().nth(id).unwrap_or_default().to_owned();
    let read = table.read(&[id], &[id])?;
    Ok(IdColumn { column, ids: Ids::of(&table, &read[0])?.to_strings() })
}

/// Whether each id stands once; `rows` has the row of each.
pub fn each_once(name: &str, ids: &[String], rows: &[usize]) -> Result<(), FormatError> {
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
pub(super) fn features(
    file: &str,
    blocks: &[Block],
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
