//! Tables of pairs of known nodes: the parts of a split.

use std::path::Path;

use polars::prelude::Column;
use vgae_artifacts::{Pair, Part, TableReading};

use super::columns::{parts, truths};
use super::decision::{Role, Use, further};
use super::edges::EdgeRows;
use super::frame::Table;
use super::graph::Graph;
use super::join::Joiner;
use crate::config::{EdgeTable, FileOptions, Rules, SplitFiles, UnknownNodes};
use crate::{FormatError, IngestError, RawGraph};

/// Pairs of nodes in the order of their file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairRows {
    /// The pairs, in the direction of the file.
    pub pairs: Vec<Pair>,
    /// Row of each pair in the file, from 0.
    pub rows: Vec<usize>,
    /// Number of rows that were left out since an id is missing or unknown.
    pub left_out: usize,
}

/// Content of [`SplitFiles`]. A list is absent if no file contains it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitRows {
    /// Training edges.
    pub train: Option<PairRows>,
    /// Validation edges.
    pub validation: Option<PairRows>,
    /// Test edges.
    pub test: Option<PairRows>,
    /// Validation negatives.
    pub validation_negative: Option<PairRows>,
    /// Test negatives.
    pub test_negative: Option<PairRows>,
    /// Decisions on how the files were read.
    pub readings: Vec<TableReading>,
    /// Sentences on possible faults.
    pub warnings: Vec<String>,
}

/// Option that accepts ids which the graph lacks.
const REMEDY: &str = " (or `unknown_nodes = \"drop\"`)";

/// Reads the parts of a split. `ids` are the ids of the graph's nodes, by index.
pub(crate) fn read(
    files: &SplitFiles,
    ids: &[String],
    base: &Path,
    rules: Rules<'_>,
) -> Result<SplitRows, IngestError> {
    files.check()?;
    let rules = Rules { unknown: files.unknown_nodes, ..rules };
    let mut split = SplitRows::default();
    if let Some(table) = &files.table {
        read_parts(files, table, ids, base, rules, &mut split)?;
        return Ok(split);
    }
    for (key, file) in files.tables() {
        let table = open(key, file, base, rules)?;
        let Known { rows, reading, warnings, .. } =
            Known::read(&table.0, table.1, &[], (ids, REMEDY), rules)?;
        split.readings.push(reading);
        split.warnings.extend(warnings);
        *split.list_of_key(key) = Some(rows);
    }
    Ok(split)
}

impl SplitRows {
    fn list_of_key(&mut self, key: &str) -> &mut Option<PairRows> {
        match key.rsplit('.').next().unwrap_or_default() {
            "train" => &mut self.train,
            "validation" => &mut self.validation,
            "test" => &mut self.test,
            "validation_negative" => &mut self.validation_negative,
            _ => &mut self.test_negative,
        }
    }

    /// Returns the list of a part; nothing for training negatives, which a split has not.
    fn list(&mut self, part: Part, positive: bool) -> Option<&mut Option<PairRows>> {
        match (part, positive) {
            (Part::Train, true) => Some(&mut self.train),
            (Part::Train, false) => None,
            (Part::Validation, true) => Some(&mut self.validation),
            (Part::Validation, false) => Some(&mut self.validation_negative),
            (Part::Test, true) => Some(&mut self.test),
            (Part::Test, false) => Some(&mut self.test_negative),
        }
    }
}

/// Reads a table with all parts into the lists of `split`.
fn read_parts(
    files: &SplitFiles,
    config: &EdgeTable,
    ids: &[String],
    base: &Path,
    rules: Rules<'_>,
    split: &mut SplitRows,
) -> Result<(), IngestError> {
    let (config, table) = open("split.files.table", config, base, rules)?;
    let Some(part) = further(&table, Role::Part, files.part.as_ref(), &["part", "split"])? else {
        return Err(table.lacks("a column `part` or `split` (name another with `part`)").into());
    };
    let positive = further(&table, Role::Positive, files.positive.as_ref(), &["positive"])?;
    let uses: Vec<Use> = std::iter::once(part).chain(positive).collect();
    let known = Known::read(&config, table, &uses, (ids, REMEDY), rules)?;
    let part_of = parts(&known.table, &known.further[0])?;
    let truth_of = known.further.get(1).map(|column| truths(&known.table, column)).transpose()?;
    let is_edge = |row: usize| truth_of.as_ref().is_none_or(|truths| truths[row]);
    let mut add = |row: usize, pair: Option<Pair>| {
        let (part, positive) = (part_of[row], is_edge(row));
        let Some(list) = split.list(part, positive) else {
            let expected = "training edges only (remove the negatives of part `train`)";
            let found = "a training negative";
            return Err(FormatError::row(&known.table.name, row, expected, found));
        };
        let list = list.get_or_insert_default();
        match pair {
            Some(pair) => {
                list.pairs.push(pair);
                list.rows.push(row);
            }
            None => list.left_out += 1,
        }
        Ok(())
    };
    let mut pairs = known.rows.rows.iter().zip(&known.rows.pairs).peekable();
    for row in 0..part_of.len() {
        let pair = pairs.next_if(|(of, _)| **of == row).map(|(_, &pair)| pair);
        add(row, pair)?;
    }
    split.readings.push(known.reading);
    split.warnings.extend(known.warnings);
    Ok(())
}

/// Opens a table of pairs. Returns it with the options that it is read with: those of a graph file name its
/// columns.
pub(super) fn open<'a>(
    key: &'static str,
    config: &'a EdgeTable,
    base: &Path,
    rules: Rules<'a>,
) -> Result<(EdgeTable, Table<'a>), IngestError> {
    let options = || FileOptions { key, ..config.file(rules.na_values) };
    let no_weight =
        |config: &EdgeTable| EdgeTable { weight: Some("none".into()), ..config.clone() };
    Ok(match Graph::open(&options(), base)? {
        Some(graph) => (no_weight(&graph.edges(config)), graph.edge_table(options())),
        None => (no_weight(config), Table::open(options(), base, 2)?),
    })
}

/// A table of pairs of known nodes that was read.
pub(super) struct Known<'a> {
    /// The table, closed: its name stays for errors.
    pub(super) table: Table<'a>,
    pub(super) rows: PairRows,
    /// Further columns, with a value for each row of the file.
    pub(super) further: Vec<Column>,
    pub(super) reading: TableReading,
    pub(super) warnings: Vec<String>,
}

impl<'a> Known<'a> {
    /// Reads the table and looks up the ids among `ids`; `remedy` is that of [`Joiner`].
    pub(super) fn read(
        config: &EdgeTable,
        table: Table<'a>,
        further: &[Use],
        (ids, remedy): (&[String], &str),
        rules: Rules<'_>,
    ) -> Result<Self, IngestError> {
        let mut raw = RawGraph::default();
        let read = EdgeRows::read(config, table, further, rules, &mut raw)?;
        let EdgeRows { table, entries, further, .. } = read;
        let rows = entries.rows.as_deref();
        let unknown = match rules.unknown {
            UnknownNodes::Drop => UnknownNodes::Drop,
            UnknownNodes::Error | UnknownNodes::Add => UnknownNodes::Error,
        };
        let joiner = Joiner { table: &table, rows, nodes: "the graph", unknown, remedy };
        let joined = joiner.join(entries.ends.0, ids)?;
        let count = joined.pairs.len() + joined.dropped.len();
        let mut dropped = joined.dropped.iter().peekable();
        let kept = (0..count).filter(|entry| dropped.next_if_eq(&entry).is_none());
        let rows: Vec<usize> = kept.map(|entry| rows.map_or(entry, |rows| rows[entry])).collect();
        let left_out = raw.incomplete_dropped + joined.dropped.len();
        Ok(Self {
            rows: PairRows { pairs: joined.pairs, rows, left_out },
            table,
            further,
            reading: raw.readings.pop().ok_or_else(|| {
                IngestError::Empty("a table was read without a record of it".to_owned())
            })?,
            warnings: raw.warnings,
        })
    }
}
