//! A table of features that has a row per node.

use vgae_artifacts::{Features, TableReading};

use super::columns::Ids;
use super::decision::{self, Role, Stated, Use};
use super::frame::Table;
use super::node_roles::NodeRoles;
use super::nodes;
use super::owners::{self, Owners};
use crate::config::{ColumnRef, FeatureLayout, FeatureTable, MissingValues, NodeTable, Rules};
use crate::findings::Tally;
use crate::reading::names;
use crate::{FormatError, IngestError, RawGraph, printable};

/// How rows are assigned to nodes.
enum Keys {
    /// By the ids in a column, with the reason.
    Ids(usize, &'static str),
    /// By the order of the node table; a column that counts the rows is left out.
    Order { index: Option<usize> },
}

impl Keys {
    fn of(
        config: &FeatureTable,
        table: &Table<'_>,
        nodes: &Owners<'_>,
    ) -> Result<Self, IngestError> {
        if let Some(id) = &config.id {
            return Ok(Self::Ids(table.place(id)?, "as given"));
        }
        let plain = table.plain_names();
        let mut index = None;
        for at in (0..plain.len()).filter(|&at| names::is_index(&plain[at])) {
            if index.is_none() && table.counts_rows(at)? {
                index = Some(at);
            }
        }
        let named = names::id(&plain).filter(|&at| !table.is_foreign(at) && index != Some(at));
        if let Some(id) = named {
            return Ok(Self::Ids(id, "by its name"));
        }
        let first = index.unwrap_or(0);
        if table.is_foreign(first) || table.has_lists(first) {
            return Ok(Self::Order { index });
        }
        let read = table.read(&[first], &[first])?;
        let (ids, missing) = Ids::and_missing(table, &read[0])?;
        let ids = ids.to_strings();
        let node_of = nodes.by_id();
        let known = |id: &String| nodes.rows.get(*node_of.get(id.as_str())?).copied();
        let mut seen = vec![false; nodes.table_rows];
        let mut is_in_order = ids.len() == nodes.table_rows;
        let are_ids = missing.is_empty()
            && ids.iter().enumerate().all(|(row, id)| {
                known(id).is_some_and(|at| {
                    is_in_order &= at == row;
                    !std::mem::replace(&mut seen[at], true)
                })
            });
        match index {
            Some(index) if are_ids && !is_in_order => {
                let name = printable(table.columns().nth(index).unwrap_or_default());
                let by_id = format!("by the ids in column `{name}` (set `id = {index}`)");
                let by_order = format!(
                    "in the order of {}, `{name}` being the number of the row (remove the column)",
                    nodes.table
                );
                Err(table.options.ambiguous("the node of a row", &by_id, &by_order))
            }
            None if are_ids => Ok(Self::Ids(first, "its values are the ids of nodes")),
            _ => Ok(Self::Order { index }),
        }
    }
}

/// Reads the features of all nodes.
pub(super) fn read(
    config: &FeatureTable,
    table: &Table<'_>,
    nodes: &Owners<'_>,
    rules: Rules<'_>,
    raw: &mut RawGraph,
) -> Result<Features, IngestError> {
    match Keys::of(config, table, nodes)? {
        Keys::Ids(id, why) => by_id(config, table, (id, why), nodes, rules, raw),
        Keys::Order { index } => by_order(config, table, index, nodes, rules, raw),
    }
}

fn by_order(
    config: &FeatureTable,
    table: &Table<'_>,
    index: Option<usize>,
    nodes: &Owners<'_>,
    rules: Rules<'_>,
    raw: &mut RawGraph,
) -> Result<Features, IngestError> {
    nodes.check_rows(&table.name, table.rows())?;
    let columns: Vec<usize> = (0..table.columns().len()).filter(|&at| index != Some(at)).collect();
    let read = table.read(&nodes::plain(table, &columns), &[])?;
    let blocks = nodes::blocks(table, &columns, &read, &mut raw.warnings)?;
    let all: Vec<usize> = (0..table.rows()).collect();
    let read = nodes::features(&table.name, &blocks, &all, rules.missing, &mut raw.findings)?;
    let mut uses: Vec<Use> =
        columns.iter().map(|&column| Use { column, part: Role::Feature, why: "" }).collect();
    uses.extend(index.map(|column| Use { column, part: Role::Unused, why: "counts the rows" }));
    raw.readings.push(reading(config, table, None, &uses));
    let read = read.ok_or_else(|| no_features(table))?;
    nodes.features(&read, |node| nodes.rows.get(node).copied())
}

fn by_id(
    config: &FeatureTable,
    table: &Table<'_>,
    (id, why): (usize, &'static str),
    nodes: &Owners<'_>,
    rules: Rules<'_>,
    raw: &mut RawGraph,
) -> Result<Features, IngestError> {
    let none = || Some(ColumnRef::Name("none".to_owned()));
    // Columns are chosen as in a node table.
    let as_nodes = NodeTable {
        id: Some(table.reference(id)),
        label: none(),
        type_column: none(),
        ..NodeTable::new(config.path.clone())
    };
    let NodeRoles { features: columns, mut uses, .. } = NodeRoles::of(&as_nodes, table, false)?;
    for used in uses.iter_mut().filter(|used| used.part == Role::Id) {
        used.why = why;
    }
    raw.readings.push(reading(config, table, Some(table.reference(id)), &uses));
    let positions = [&[id][..], &nodes::plain(table, &columns)].concat();
    let read = table.read(&positions, &[id])?;
    let (_, ids, rows) = nodes::ids(table, &read[0], rules, &mut raw.findings)?;
    let blocks = nodes::blocks(table, &columns, &read[1..], &mut raw.warnings)?;
    let read = nodes::features(&table.name, &blocks, &rows, rules.missing, &mut raw.findings)?;
    let read = read.ok_or_else(|| no_features(table))?;

    let node_of = nodes.by_id();
    let mut row_of = vec![None; nodes.ids.len()];
    let mut unknown = Tally::default();
    for (at, (id, &row)) in ids.iter().zip(&rows).enumerate() {
        match node_of.get(id.as_str()) {
            Some(&node) => row_of[node] = Some(at),
            None => owners::unknown(table, row, id, rules, &mut unknown)?,
        }
    }
    unknown.file(&mut raw.findings, "rows of features of an unknown node", "left out");
    let mut without = Tally::default();
    let lacking = (0..nodes.rows.len()).filter(|&node| row_of[node].is_none());
    lacking.for_each(|node| without.add(|| nodes.ids[node].clone()));
    if without.count() > 0 && rules.missing == MissingValues::Error {
        let expected = format!(
            "a row for each node of {} (or `missing_values = \"repair\"`, which sets 0)",
            nodes.table
        );
        let found = format!("no row for {}", without.into_examples().join(", "));
        return Err(FormatError::whole(&table.name, expected, found).into());
    }
    without.file(&mut raw.findings, "nodes without a row of features", "features became 0");
    nodes.features(&read, |node| row_of[node])
}

fn no_features(table: &Table<'_>) -> FormatError {
    FormatError::whole(&table.name, "columns of numbers beside the ids", "none")
}

fn reading(
    config: &FeatureTable,
    table: &Table<'_>,
    id: Option<ColumnRef>,
    uses: &[Use],
) -> TableReading {
    let layout = Some(FeatureLayout::Rows);
    let form = FeatureTable::as_read(&config.path, Stated::of(table));
    decision::reading(table, uses, &FeatureTable { layout, id, ..form })
}
