//! The edge table: two columns of ids, and weights if a column is named.

use std::path::Path;

use polars::prelude::{BooleanChunked, Column, NewChunkedArray};
use vgae_artifacts::{Features, Finding, Pair};

use super::columns::{Ids, no_id, not_finite, numbers};
use super::edge_roles::EdgeRoles;
use super::frame::Table;
use super::join::{Joined, Joiner};
use super::nodes::KnownNodes;
use super::rows::{data_row, whole_reals};
use super::{decision, node_features};
use crate::config::{EdgeTable, MissingValues, Rules, UnknownNodes};
use crate::findings::Tally;
use crate::{IngestError, RawGraph, printable};

pub(super) fn read(
    config: &EdgeTable,
    mut table: Table<'_>,
    known: Option<KnownNodes<'_>>,
    base: &Path,
    rules: Rules<'_>,
) -> Result<RawGraph, IngestError> {
    let EdgeRoles { ends, weight, kinds, uses, stated } = EdgeRoles::of(config, &table)?;

    let mut positions = ends.to_vec();
    positions.extend(weight);
    let columns = table.read(&positions, &ends)?;
    table.close();
    let mut raw = RawGraph::default();
    whole_reals(&table, &ends, &mut raw.warnings)?;
    raw.readings.push(decision::reading(&table, &uses, &stated));
    let mut entries = Entries::of(&table, &columns, rules.missing, &mut raw.findings)?;
    if let Some(kept) = &entries.rows {
        raw.incomplete_dropped = columns[0].len() - kept.len();
    }
    drop(columns);
    let columns = ends.map(|at| table.columns().nth(at).unwrap_or_default().to_owned());
    if rules.bipartite == Some(true) {
        entries.ends = entries.ends.of_kinds(&table, &kinds.clone().unwrap_or(columns.clone()))?;
    }
    raw.ids_are_text = entries.ends.are_text(&table);

    let Some(mut known) = known else {
        let (nodes, unknown) = ("the node table", UnknownNodes::Add);
        let joiner = Joiner { table: &table, rows: entries.rows.as_deref(), nodes, unknown };
        let are_whole = entries.ends.are_whole();
        let joined = joiner.join(entries.ends.0, &[])?;
        raw.edges = joined.pairs;
        if let (None, true, Some(kinds)) = (rules.bipartite, are_whole, &kinds) {
            refuse_shared_ids(&raw.edges, &joined.new, &columns, kinds)?;
        }
        raw.weights = entries.weights;
        raw.labels = vec![None; joined.new.len()];
        raw.ids = joined.new;
        return Ok(raw);
    };
    known.findings.append(&mut raw.findings);
    raw.ids = std::mem::take(&mut known.ids);
    raw.ids_are_text |= known.ids_are_text;
    raw.labels = std::mem::take(&mut known.labels);
    raw.warnings.append(&mut known.warnings);
    raw.readings.append(&mut known.readings);
    raw.findings = std::mem::take(&mut known.findings);
    let (rows, unknown) = (entries.rows.as_deref(), rules.unknown);
    let joined = Joiner { table: &table, rows, nodes: &known.name, unknown }
        .join(entries.ends.0, &raw.ids)?;
    raw.weights = entries.weights.map(|weights| without(weights, &joined.dropped));
    explain(&mut raw, &known.name, &joined);
    raw.edges = joined.pairs;
    raw.unknown_ends_dropped = joined.dropped.len();
    at_no_edge(&mut raw, &known.name, rules.strict)?;
    let added = joined.new.len();
    raw.added_nodes = added;
    raw.ids.extend(joined.new);
    raw.labels.resize(raw.ids.len(), None);
    raw.features = match &known.features {
        None => None,
        Some(node_features::Source::Read(features)) => Some(with_empty_rows(features, added)?),
        Some(node_features::Source::File(file)) => {
            let nodes = node_features::Owners {
                ids: &raw.ids,
                table: &known.name,
                table_rows: known.table_rows,
                rows: &known.rows,
            };
            Some(node_features::read(file, base, &nodes, rules, &mut raw.findings)?)
        }
    };
    Ok(raw)
}

/// The rows of an edge table, those that are repaired left out.
struct Entries {
    ends: Ends,
    weights: Option<Vec<f32>>,
    /// The row in the file of each entry, if any was left out.
    rows: Option<Vec<usize>>,
}

impl Entries {
    fn of(
        table: &Table<'_>,
        columns: &[Column],
        rule: MissingValues,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, IngestError> {
        let (src, no_src) = Ids::and_missing(table, &columns[0])?;
        let (dst, no_dst) = Ids::and_missing(table, &columns[1])?;
        let weights = columns.get(2).map(|column| numbers(table, column)).transpose()?;
        let no_weight = weights.as_ref().map_or(&[][..], |weights| weights.missing.as_slice());
        if no_src.is_empty() && no_dst.is_empty() && no_weight.is_empty() {
            let weights = weights.map(|weights| weights.values);
            return Ok(Self { ends: Ends((src, dst)), weights, rows: None });
        }
        if rule == MissingValues::Error {
            if let Some(&row) = no_src.first() {
                return Err(no_id(table, &columns[0], row).into());
            }
            if let Some(&row) = no_dst.first() {
                return Err(no_id(table, &columns[1], row).into());
            }
            let (row, name) = (no_weight[0], columns[2].name());
            return Err(not_finite(&table.name, name, row, "nothing"));
        }
        let mut kept = vec![true; columns[0].len()];
        let mut ends = Tally::default();
        for row in no_src.into_iter().chain(no_dst) {
            if std::mem::replace(&mut kept[row], false) {
                ends.add(|| data_row(row));
            }
        }
        let mut lacking = Tally::default();
        for &row in no_weight {
            if std::mem::replace(&mut kept[row], false) {
                lacking.add(|| data_row(row));
            }
        }
        ends.file(findings, "edge entries without an id at an end", "left out");
        lacking.file(findings, "edge entries without a weight", "left out");
        let mask = BooleanChunked::from_slice("kept".into(), &kept);
        let keep = |ids: Ids| ids.keep(&mask);
        let rows: Vec<usize> = (0..kept.len()).filter(|&row| kept[row]).collect();
        let weights = weights.map(|weights| rows.iter().map(|&row| weights.values[row]).collect());
        Ok(Self { ends: Ends((keep(src)?, keep(dst)?)), weights, rows: Some(rows) })
    }
}

/// The ids of both ends.
struct Ends((Ids, Ids));

impl Ends {
    fn are_text(&self, table: &Table<'_>) -> bool {
        self.0.0.are_text(table) || self.0.1.are_text(table)
    }

    fn are_whole(&self) -> bool {
        matches!(self.0, (Ids::Whole(_), Ids::Whole(_)))
    }

    /// The ids with what they are of in front: `user:5`.
    fn of_kinds(self, table: &Table<'_>, [src, dst]: &[String; 2]) -> Result<Self, IngestError> {
        Ok(Self((self.0.0.of_kind(table, src)?, self.0.1.of_kind(table, dst)?)))
    }
}

/// Refuses whole numbers that stand in both columns, if the columns' names tell two kinds of nodes.
fn refuse_shared_ids(
    pairs: &[Pair],
    ids: &[String],
    columns: &[String; 2],
    kinds: &[String; 2],
) -> Result<(), IngestError> {
    let [src, dst] = kinds;
    if src == dst || src.contains(dst.as_str()) || dst.contains(src.as_str()) {
        return Ok(());
    }
    let mut is_src = vec![false; ids.len()];
    for pair in pairs {
        is_src[pair.src as usize] = true;
    }
    let Some(shared) = pairs.iter().find(|pair| is_src[pair.dst as usize]) else { return Ok(()) };
    let id = &ids[shared.dst as usize];
    Err(IngestError::config(
        "bipartite",
        format!(
            "the columns `{}` and `{}` share ids, {id} for one: set `bipartite = true` if they are of two kinds \
             (`{src}:{id}` and `{dst}:{id}`), `bipartite = false` if of one",
            printable(&columns[0]),
            printable(&columns[1])
        ),
    ))
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

fn explain(raw: &mut RawGraph, nodes: &str, joined: &Joined) {
    let (added, dropped) = (joined.new.len(), joined.dropped.len());
    if added > 0 {
        raw.notes.push(format!("{added} nodes that {nodes} lacks were added from the edges"));
        let mut tally = Tally::default();
        joined.new.iter().for_each(|id| tally.add(|| id.clone()));
        tally.file(&mut raw.findings, "nodes of edges that the node table lacks", "added");
    }
    if dropped > 0 {
        raw.notes.push(format!(
            "{dropped} edge entries name a node that {nodes} lacks and were left out"
        ));
        let what = "edge entries with an end that the node table lacks";
        joined.unknown.clone().file(&mut raw.findings, what, "left out");
    }
}

/// Nodes of the table that no entry names: refused if `strict`, else kept and counted.
fn at_no_edge(raw: &mut RawGraph, nodes: &str, strict: bool) -> Result<(), IngestError> {
    let mut is_named = vec![false; raw.ids.len()];
    for end in raw.edges.iter().flat_map(|pair| [pair.src, pair.dst]) {
        // Added nodes follow those of the table.
        if let Some(named) = is_named.get_mut(end as usize) {
            *named = true;
        }
    }
    let mut tally = Tally::default();
    for (id, _) in raw.ids.iter().zip(is_named).filter(|(_, named)| !named) {
        tally.add(|| id.clone());
    }
    if strict && tally.count() > 0 {
        let (nodes, count) = (nodes.to_owned(), tally.count());
        return Err(IngestError::NotAtAnyEdge { nodes, count, examples: tally.into_examples() });
    }
    let what = "nodes of the node table at no edge";
    tally.file(&mut raw.findings, what, "kept, without edges");
    Ok(())
}
