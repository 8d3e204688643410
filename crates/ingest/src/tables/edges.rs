//! The edge table: two columns of ids, and weights if a column is named.

use std::path::Path;

use polars::prelude::{BooleanChunked, Column, NewChunkedArray};
use vgae_artifacts::{Features, Finding, Pair};

use super::columns::{Ids, no_id, not_finite, numbers};
use super::decision::{Role, Use};
use super::edge_roles::EdgeRoles;
use super::frame::Table;
use super::join::{Joined, Joiner};
use super::nodes::{KnownNodes, Source};
use super::owners::Owners;
use super::pairs::further;
use super::rows::{data_row, whole_reals};
use super::{decision, node_features, relations};
use crate::config::{EdgeTable, MissingValues, Rules, UnknownNodes};
use crate::findings::Tally;
use crate::{IngestError, RawGraph, printable};

pub(super) fn read(
    tables: Vec<(&EdgeTable, Table<'_>)>,
    known: Option<KnownNodes<'_>>,
    base: &Path,
    rules: Rules<'_>,
) -> Result<RawGraph, IngestError> {
    let mut raw = RawGraph::default();
    let (mut known, has_nodes) = match known {
        Some(known) => (known, true),
        None => (KnownNodes::default(), false),
    };
    raw.ids = std::mem::take(&mut known.ids);
    raw.labels = std::mem::take(&mut known.labels);
    raw.ids_are_text = known.ids_are_text;
    raw.findings = std::mem::take(&mut known.findings);
    let nodes = if has_nodes { known.name.as_str() } else { "the node table" };
    let unknown = if has_nodes { rules.unknown } else { UnknownNodes::Add };
    let listed = raw.ids.len();
    let mut types = Types::new(known.types.take());
    let is_one = tables.len() == 1;
    for (config, table) in tables {
        let relation = further(&table, Role::Relation, config.relation.as_ref(), &[])?;
        let uses: Vec<Use> = relation.into_iter().collect();
        let read = EdgeRows::read(config, table, &uses, rules, &mut raw)?;
        let EdgeRows { table, entries, further, columns, kinds, are_apart } = read;
        raw.ids_are_text |= entries.ends.are_text(&table);
        let are_whole = entries.ends.are_whole();
        let rows = entries.rows.as_deref();
        let joiner = Joiner { table: &table, rows, nodes, unknown, remedy: REMEDY };
        let joined = joiner.join(entries.ends.0, &raw.ids)?;
        let names = further.first().map(|column| relations::of_entries(&table, column, rows));
        let names = names.transpose()?.map(|names| without(names, &joined.dropped));
        relations::add(&mut raw, names, &table.name)?;
        let weights = entries.weights.map(|weights| without(weights, &joined.dropped));
        add_weights(&mut raw, weights, joined.pairs.len(), &table.name);
        if has_nodes {
            explain(&mut raw, nodes, &joined);
        }
        raw.ids.extend(joined.new);
        if are_apart {
            types.set(&joined.pairs, &kinds.unwrap_or(columns), raw.ids.len());
        } else if let (None, false, Some(kinds)) = (rules.bipartite, types.is_typed, &kinds)
            && !are_alike(kinds)
        {
            match shared_node(&joined.pairs, raw.ids.len()) {
                // A node table says which ids are one node.
                Some(node) if are_whole && !has_nodes => {
                    return Err(shared_id(&raw.ids[node as usize], &columns, kinds));
                }
                None if is_one => {
                    let inferred = Types::of_ends(&joined.pairs, kinds, raw.ids.len());
                    let [src, dst] = kinds;
                    if let Some(node) = inferred.untyped() {
                        let node = printable(&raw.ids[node]);
                        raw.warnings.push(format!(
                            "no id occurs in both columns, but nodes are not of two types, `{src}` and `{dst}`: {nodes} has \
                             node `{node}`, which no edge names; a column of types (`type_column`) settles it"
                        ));
                    } else {
                        raw.notes.push(format!(
                            "no id occurs in both columns, so nodes are of two types, `{src}` and `{dst}`, and negatives and \
                             predictions are pairs of both; `bipartite = false` makes nodes of one type"
                        ));
                        types = inferred;
                    }
                }
                _ => {}
            }
        }
        raw.edges.extend(joined.pairs);
        raw.unknown_ends_dropped += joined.dropped.len();
    }
    raw.warnings.append(&mut known.warnings);
    raw.readings.append(&mut known.readings);
    raw.added_nodes = if has_nodes { raw.ids.len() - listed } else { 0 };
    raw.labels.resize(raw.ids.len(), None);
    raw.types = types.finish(&raw.ids)?;
    if !has_nodes {
        return Ok(raw);
    }
    at_no_edge(&mut raw, nodes, listed, rules.strict)?;
    raw.features = match &known.features {
        None => None,
        Some(Source::Read(features)) => Some(with_empty_rows(features, raw.added_nodes)?),
        Some(Source::File(file)) => {
            let ids = std::mem::take(&mut raw.ids);
            let nodes = Owners {
                ids: &ids,
                table: &known.name,
                table_rows: known.table_rows,
                rows: &known.rows,
            };
            let features = node_features::read(file, base, &nodes, rules, &mut raw)?;
            raw.ids = ids;
            Some(features)
        }
    };
    Ok(raw)
}

/// Options that accept ids which the node table lacks.
const REMEDY: &str = " (or `unknown_nodes = \"drop\"` or `\"add\"`)";

/// An edge table that was read.
pub(super) struct EdgeRows<'a> {
    /// The table, closed: its name stays for errors.
    pub(super) table: Table<'a>,
    pub(super) entries: Entries,
    /// Further columns, with a value for each row of the file.
    pub(super) further: Vec<Column>,
    /// Names of the columns of ends.
    columns: [String; 2],
    /// Types of the ends, if they are configured or the names of their columns imply two.
    kinds: Option<[String; 2]>,
    /// Whether ids of different types are different nodes.
    are_apart: bool,
}

impl<'a> EdgeRows<'a> {
    /// Reads the table and the `further` columns. Findings, warnings and the record of the reading go to `raw`.
    pub(super) fn read(
        config: &EdgeTable,
        mut table: Table<'a>,
        further: &[Use],
        rules: Rules<'_>,
        raw: &mut RawGraph,
    ) -> Result<Self, IngestError> {
        let EdgeRoles { ends, weight, kinds, mut uses, stated } = EdgeRoles::of(config, &table)?;
        let mut positions = ends.to_vec();
        positions.extend(weight);
        for used in further {
            uses.retain(|other| other.part != Role::Unused || other.column != used.column);
            uses.push(*used);
        }
        let values = table.read(&positions, &ends)?;
        let column = |used: &Use| match used.part {
            Role::Time => table.read_times(used.column),
            _ => Ok(table.read(&[used.column], &[])?.swap_remove(0)),
        };
        let further = further.iter().map(column).collect::<Result<_, _>>()?;
        table.close();
        whole_reals(&table, &ends, &mut raw.warnings)?;
        raw.readings.push(decision::reading(&table, &uses, &stated));
        let mut entries = Entries::of(&table, &values, rules.missing, &mut raw.findings)?;
        if let Some(kept) = &entries.rows {
            raw.incomplete_dropped += values[0].len() - kept.len();
        }
        drop(values);
        let columns = ends.map(|at| table.columns().nth(at).unwrap_or_default().to_owned());
        let configured = config.src_type.clone().zip(config.dst_type.clone());
        let kinds = configured.map(|(src, dst)| [src, dst]).or(kinds);
        let are_apart = rules.bipartite == Some(true) || config.src_type.is_some();
        if are_apart {
            let kinds = kinds.as_ref().unwrap_or(&columns);
            entries.ends = entries.ends.of_kinds(&table, kinds)?;
        }
        Ok(Self { table, entries, further, columns, kinds, are_apart })
    }
}

/// Types of nodes, as tables name them.
struct Types {
    of: Vec<Option<String>>,
    is_typed: bool,
}

impl Types {
    fn new(known: Option<Vec<String>>) -> Self {
        let is_typed = known.is_some();
        Self { of: known.into_iter().flatten().map(Some).collect(), is_typed }
    }

    /// The types of the ends of edges.
    fn of_ends(pairs: &[Pair], kinds: &[String; 2], nodes: usize) -> Self {
        let mut types = Self::new(None);
        types.set(pairs, kinds, nodes);
        types
    }

    /// A node without a type.
    fn untyped(&self) -> Option<usize> {
        self.of.iter().position(Option::is_none)
    }

    /// Gives the ends of edges their types, unless they have one already.
    fn set(&mut self, pairs: &[Pair], [src, dst]: &[String; 2], nodes: usize) {
        self.is_typed = true;
        self.of.resize(nodes, None);
        for pair in pairs {
            self.of[pair.src as usize].get_or_insert_with(|| src.clone());
            self.of[pair.dst as usize].get_or_insert_with(|| dst.clone());
        }
    }

    fn finish(mut self, ids: &[String]) -> Result<Option<Vec<String>>, IngestError> {
        if !self.is_typed {
            return Ok(None);
        }
        self.of.resize(ids.len(), None);
        if let Some(node) = self.untyped() {
            let problem = format!(
                "node `{}` has no type: add it to a node table, or set `type_column = \"none\"`",
                printable(&ids[node])
            );
            return Err(IngestError::config("nodes", problem));
        }
        Ok(Some(self.of.into_iter().flatten().collect()))
    }
}

/// Adds the weights of a table's entries. In tables without weights each entry has weight 1.
fn add_weights(raw: &mut RawGraph, weights: Option<Vec<f32>>, entries: usize, table: &str) {
    let before = raw.edges.len();
    if before > 0 && raw.weights.is_some() != weights.is_some() {
        raw.warnings.push(format!(
            "{table}: some edge tables have weights and others have not; edges without one have weight 1"
        ));
    }
    if raw.weights.is_none() && weights.is_none() {
        return;
    }
    let all = raw.weights.get_or_insert_with(|| vec![1.0; before]);
    all.extend(weights.unwrap_or_else(|| vec![1.0; entries]));
}

/// The rows of an edge table, those that are repaired left out.
pub(super) struct Entries {
    pub(super) ends: Ends,
    weights: Option<Vec<f32>>,
    /// The row in the file of each entry, if any was left out.
    pub(super) rows: Option<Vec<usize>>,
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
pub(super) struct Ends(pub(super) (Ids, Ids));

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

/// Whether two types may be one under two names: `user` and `other user`.
fn are_alike([src, dst]: &[String; 2]) -> bool {
    src.contains(dst.as_str()) || dst.contains(src.as_str())
}

/// Returns a node that is the first end of an edge and the second end of another.
fn shared_node(pairs: &[Pair], nodes: usize) -> Option<u32> {
    let mut is_src = vec![false; nodes];
    for pair in pairs {
        is_src[pair.src as usize] = true;
    }
    pairs.iter().map(|pair| pair.dst).find(|&node| is_src[node as usize])
}

/// The error of integers in both columns whose names imply two types of nodes.
fn shared_id(id: &str, columns: &[String; 2], [src, dst]: &[String; 2]) -> IngestError {
    IngestError::config(
        "bipartite",
        format!(
            "the columns `{}` and `{}` share ids, {id} for one: set `bipartite = true` if they are of two kinds \
             (`{src}:{id}` and `{dst}:{id}`), `bipartite = false` if of one",
            printable(&columns[0]),
            printable(&columns[1])
        ),
    )
}

/// The values of the rows that stay; `dropped` rises.
fn without<T>(mut values: Vec<T>, dropped: &[usize]) -> Vec<T> {
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
fn at_no_edge(
    raw: &mut RawGraph,
    nodes: &str,
    listed: usize,
    strict: bool,
) -> Result<(), IngestError> {
    let mut is_named = vec![false; listed];
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
