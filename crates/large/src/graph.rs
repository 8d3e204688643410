//! Edge tables to compressed rows.
//!
//! The tables are read three times (twice if a table of nodes is given): for the ids, for the degrees and for the
//! neighbours. Each time a few row groups are decoded in parallel, their edges are partitioned by ranges of nodes, and
//! then each range is written by one thread. So no list of pairs exists, and the largest memory is that of the compressed
//! rows, 8 bytes per row of the tables, and of the edges under way.

use arrow::datatypes::DataType;
use rayon::prelude::*;
use vgae_artifacts::{ArtifactError, Result};
use vgae_numerics::Adjacency;

use crate::config::DataConfig;
use crate::ids::{IdSet, Ids};
use crate::numbering::Numbering;
use crate::table::{RowGroup, SourceTable, is_text};

/// Rows of the tables that are decoded before they are written into the compressed rows.
const ROWS_UNDER_WAY: usize = 1 << 23;
/// Ranges of nodes are cut so that there are at most as many: 2 to this power.
const RANGE_BITS: u32 = 9;

/// Tables of a graph, opened.
#[derive(Debug)]
pub(crate) struct Tables {
    edges: SourceTable,
    nodes: Option<SourceTable>,
}

/// Graph with numbered nodes.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Undirected edges, each once in both directions.
    pub(crate) adjacency: Adjacency,
    /// Rows of the edge table.
    pub(crate) source_rows: u64,
    /// Rows whose ends are the same node.
    pub(crate) self_loops: u64,
}

impl Tables {
    /// Opens the tables and checks their columns.
    ///
    /// # Errors
    /// Returns an error when a table or column is missing, ids are no integers, or features are no numbers.
    pub(crate) fn open(data: &DataConfig) -> Result<Self> {
        let edges = SourceTable::open(&data.edges)?;
        check_ids(&edges, "source", &data.source)?;
        check_ids(&edges, "target", &data.target)?;
        let nodes = data.nodes.as_deref().map(SourceTable::open).transpose()?;
        if let Some(nodes) = &nodes {
            check_ids(nodes, "id", &data.id)?;
            for feature in &data.features {
                let found = nodes.column_type("features", feature)?;
                if !found.is_numeric() {
                    let expected = format!("numbers in column `{feature}`");
                    return Err(ArtifactError::form(nodes.path(), expected, found.to_string()));
                }
            }
        }
        Ok(Self { edges, nodes })
    }

    /// Returns the number of rows of the edge table.
    pub(crate) fn edge_rows(&self) -> u64 {
        self.edges.row_groups().iter().map(|group| group.rows as u64).sum()
    }

    /// Reads the ids and numbers them.
    ///
    /// # Errors
    /// Returns an error when a file is damaged, or an id is missing or repeated.
    pub(crate) fn number(&self, data: &DataConfig) -> Result<Numbering> {
        Numbering::new(match &self.nodes {
            Some(nodes) => ids_of_nodes(nodes, &data.id)?,
            None => ids_of_edges(&self.edges, [&data.source, &data.target])?,
        })
    }

    /// Reads the edges between numbered nodes.
    ///
    /// # Errors
    /// Returns an error when a file is damaged, or an edge joins a node that is not in the node table.
    pub(crate) fn read(&self, data: &DataConfig, numbering: &Numbering) -> Result<Graph> {
        let columns = [data.source.as_str(), data.target.as_str()];
        let reader = Reader { table: &self.edges, columns, numbering };
        let (adjacency, [source_rows, self_loops]) = reader.read()?;
        Ok(Graph { adjacency, source_rows, self_loops })
    }

    /// Calls `each` with the features of every node, by number.
    ///
    /// # Errors
    /// Returns an error when a file is damaged, or a feature is missing or not finite.
    pub(crate) fn features(
        &self,
        data: &DataConfig,
        numbering: &Numbering,
        mut each: impl FnMut(u32, &[f64]),
    ) -> Result<()> {
        let Some(nodes) = &self.nodes else { return Ok(()) };
        let columns: Vec<&str> = data.features.iter().map(String::as_str).collect();
        let mut row = vec![0.0; columns.len()];
        for group in nodes.row_groups() {
            let [ids] = nodes.integers(group, [&data.id])?;
            let values = nodes.reals(group, &columns)?;
            for (at, &id) in ids.iter().enumerate() {
                for (value, column) in row.iter_mut().zip(&values) {
                    *value = column[at];
                }
                if let Some(column) = row.iter().position(|value| !value.is_finite()) {
                    let expected = format!("finite numbers in column `{}`", columns[column]);
                    return Err(ArtifactError::form(
                        nodes.path(),
                        expected,
                        row[column].to_string(),
                    ));
                }
                if let Some(number) = numbering.number(id) {
                    each(number, &row);
                }
            }
        }
        Ok(())
    }
}

fn check_ids(table: &SourceTable, key: &str, column: &str) -> Result<()> {
    let found = table.column_type(key, column)?;
    if found.is_integer() {
        return Ok(());
    }
    let expected = format!("integers in column `{column}` (`{key}` under [data])");
    let found = if is_text(found) {
        "text: the engine `native` reads integers only; use --engine local".to_owned()
    } else {
        DataType::to_string(found)
    };
    Err(ArtifactError::form(table.path(), expected, found))
}

fn ids_of_nodes(nodes: &SourceTable, column: &str) -> Result<Ids> {
    let set = IdSet::new();
    let groups = nodes.row_groups();
    let rows = groups.par_iter().map(|&group| {
        let [ids] = nodes.integers(group, [column])?;
        set.extend(&ids);
        Ok(ids.len())
    });
    let rows: usize = rows.sum::<Result<usize>>()?;
    let ids = set.finish();
    if ids.len() != rows {
        let expected = format!("each id once in column `{column}`");
        let found = format!("{} ids in {rows} rows", ids.len());
        return Err(ArtifactError::form(nodes.path(), expected, found));
    }
    Ok(ids)
}

fn ids_of_edges(edges: &SourceTable, columns: [&str; 2]) -> Result<Ids> {
    let set = IdSet::new();
    let groups = edges.row_groups();
    groups.par_iter().try_for_each(|&group| {
        for ids in edges.integers(group, columns)? {
            set.extend(&ids);
        }
        Result::Ok(())
    })?;
    Ok(set.finish())
}

/// Reader of an edge table with numbered nodes.
struct Reader<'a> {
    table: &'a SourceTable,
    columns: [&'a str; 2],
    numbering: &'a Numbering,
}

/// Entries of an adjacency matrix, ordered by range of rows.
struct Entries {
    /// First entry of each range, and the number of entries.
    starts: Vec<usize>,
    /// Row and column of each.
    places: Vec<(u32, u32)>,
    /// Rows of the table, and those that are self-loops.
    counts: [u64; 2],
}

impl Entries {
    fn of_range(&self, range: usize) -> &[(u32, u32)] {
        &self.places[self.starts[range]..self.starts[range + 1]]
    }
}

impl Reader<'_> {
    fn read(&self) -> Result<(Adjacency, [u64; 2])> {
        let nodes = self.numbering.nodes() as usize;
        // Nodes per range: a power of two.
        let shift = (usize::BITS - nodes.leading_zeros()).saturating_sub(RANGE_BITS);
        let mut degrees = vec![0u32; nodes];
        let counts = self.pass(
            shift,
            |range, entries| {
                for &(row, _) in entries {
                    range[row as usize & ((1 << shift) - 1)] += 1;
                }
            },
            degrees.chunks_mut(1 << shift).collect(),
        )?;
        tracing::info!(rows = counts[0], "counted the neighbours");

        let mut row_starts = Vec::with_capacity(nodes + 1);
        let mut total = 0;
        row_starts.push(0);
        for &degree in &degrees {
            total += degree as usize;
            row_starts.push(total);
        }
        let mut neighbours = vec![0u32; total];
        {
            let mut ranges = Vec::new();
            let mut rest = neighbours.as_mut_slice();
            for (range, left) in degrees.chunks_mut(1 << shift).enumerate() {
                let first = range << shift;
                let starts = &row_starts[first..=first + left.len()];
                let (own, others) = rest.split_at_mut(starts[left.len()] - starts[0]);
                ranges.push((left, starts, own));
                rest = others;
            }
            self.pass(
                shift,
                |(left, starts, own), entries| {
                    for &(row, column) in entries {
                        let at = row as usize & ((1 << shift) - 1);
                        left[at] -= 1;
                        own[starts[at] - starts[0] + left[at] as usize] = column;
                    }
                },
                ranges,
            )?;
        }
        drop(degrees);
        let adjacency = Adjacency::of_unsorted_rows(row_starts, neighbours);
        tracing::info!(edges = adjacency.edges(), "read the edges");
        Ok((adjacency, counts))
    }

    /// Reads all edges and calls `put` for each range of nodes with its part of `ranges` and its entries, several times.
    /// Returns the numbers of rows and of self-loops.
    fn pass<R: Send>(
        &self,
        shift: u32,
        put: impl Fn(&mut R, &[(u32, u32)]) + Sync,
        mut ranges: Vec<R>,
    ) -> Result<[u64; 2]> {
        let mut counts = [0; 2];
        let range_count = ranges.len();
        for groups in batches(&self.table.row_groups()) {
            let decoded = groups.par_iter().map(|&group| self.entries(group, shift, range_count));
            // All of them first, so that the error is that of the first faulty row group.
            let decoded = decoded.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>>>()?;
            for entries in &decoded {
                counts[0] += entries.counts[0];
                counts[1] += entries.counts[1];
            }
            ranges.par_iter_mut().enumerate().for_each(|(at, range)| {
                for entries in &decoded {
                    put(range, entries.of_range(at));
                }
            });
        }
        Ok(counts)
    }

    /// Decodes a row group and partitions its entries by a counting sort.
    fn entries(&self, group: RowGroup, shift: u32, ranges: usize) -> Result<Entries> {
        let [sources, targets] = self.table.integers(group, self.columns)?;
        let mut self_loops = 0;
        let mut pairs = Vec::with_capacity(sources.len());
        for (&source, &target) in sources.iter().zip(&targets) {
            let (Some(a), Some(b)) = (self.numbering.number(source), self.numbering.number(target))
            else {
                return Err(ArtifactError::form(
                    self.table.path(),
                    "ids of the node table (`nodes` under [data])",
                    format!(
                        "an edge from {source} to {target}: add the nodes, or leave out `nodes`"
                    ),
                ));
            };
            if a == b {
                self_loops += 1;
            } else {
                pairs.push((a, b));
            }
        }
        let range = |node: u32| node as usize >> shift;
        let mut starts = vec![0; ranges + 1];
        for &(a, b) in &pairs {
            starts[range(a) + 1] += 1;
            starts[range(b) + 1] += 1;
        }
        for range in 0..ranges {
            starts[range + 1] += starts[range];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0); 2 * pairs.len()];
        let mut put = |row: u32, column: u32| {
            let place = &mut next[range(row)];
            places[*place] = (row, column);
            *place += 1;
        };
        for &(a, b) in &pairs {
            put(a, b);
            put(b, a);
        }
        Ok(Entries { starts, places, counts: [sources.len() as u64, self_loops] })
    }
}

/// Groups consecutive row groups that have [`ROWS_UNDER_WAY`] rows together.
fn batches(groups: &[RowGroup]) -> Vec<&[RowGroup]> {
    let mut batches = Vec::new();
    let (mut first, mut rows) = (0, 0);
    for (at, group) in groups.iter().enumerate() {
        rows += group.rows;
        if rows >= ROWS_UNDER_WAY || at + 1 == groups.len() {
            batches.push(&groups[first..=at]);
            (first, rows) = (at + 1, 0);
        }
    }
    batches
}
