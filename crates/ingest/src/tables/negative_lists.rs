//! Lists of negatives of single edges: arrays of numpy, Parquet files with a row of partners per edge, or tables with a
//! row per negative.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::Field;
use vgae_artifacts::{Pair, Part};

use super::columns::{Ids, parts};
use super::decision::{Role, Use};
use super::pairs::{Known, PairRows, further, open};
use crate::canonical::canonical_integer;
use crate::config::{EdgeTable, Rules, UnknownNodes};
use crate::files::{self, ColumnFile, Content};
use crate::numpy::Array;
use crate::{FormatError, IngestError};

/// Key of the configuration, for errors.
const KEY: &str = "eval.negatives";

/// File with lists of negatives.
#[derive(Debug, Clone, Copy)]
pub struct NegativeFile<'a> {
    /// Path of the file.
    pub path: &'a Path,
    /// Part of the edges.
    pub part: Part,
    /// Whether the file is a table that contains several parts, by a column `part`.
    pub has_parts: bool,
}

/// Reads one list per edge of `edges`, in their order and direction. `ids` are the ids of the graph's nodes.
pub(crate) fn read(
    file: NegativeFile<'_>,
    edges: &PairRows,
    ids: &[String],
    base: &Path,
    rules: Rules<'_>,
) -> Result<Vec<Vec<Pair>>, IngestError> {
    let name = file.path.display().to_string();
    if edges.left_out > 0 {
        let problem = format!(
            "{name} has a list per edge, but {} rows of the {} edges were left out: remove `unknown_nodes = \"drop\"`",
            edges.left_out, file.part
        );
        return Err(IngestError::config(KEY, problem));
    }
    let path = base.join(file.path);
    let is_array = file.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"));
    let columns = if is_array { None } else { list_columns(&path)? };
    if !is_array && columns.is_none() {
        return of_table(file, edges, ids, base, rules);
    }
    if file.has_parts {
        let problem = format!(
            "{name} has a list per edge of one part: set `validation` or `test` in place of `file`"
        );
        return Err(IngestError::config(KEY, problem));
    }
    if let Some(columns) = columns {
        return of_lists(&name, &columns, edges, ids);
    }
    let bytes = Content::open(&path)?.into_bytes(&path)?;
    Ok(of_array(&name, &Array::parse(&name, &bytes)?, edges, ids)?)
}

/// Name of a column of lists of partners of the first end.
const PARTNERS: &str = "partners";
/// Name of a column of lists of partners of the second end.
const PARTNERS_OF_DST: &str = "partners_of_dst";

/// Opens a Parquet file that has columns of lists of partners; `None` for other files.
fn list_columns(path: &Path) -> Result<Option<ColumnFile>, IngestError> {
    if !path.is_file() || Content::peek(path, 4)? != b"PAR1" {
        return Ok(None);
    }
    let file = ColumnFile::parquet(path, &[path.to_owned()])?;
    let is_list = |field: &Arc<Field>| {
        [PARTNERS, PARTNERS_OF_DST].contains(&field.name().as_str())
            && files::holds_lists(field.data_type())
    };
    let has_lists = file.fields().iter().any(is_list);
    Ok(has_lists.then_some(file))
}

/// Reads a row of partners per edge, as integer ids.
fn of_lists(
    name: &str,
    file: &ColumnFile,
    edges: &PairRows,
    ids: &[String],
) -> Result<Vec<Vec<Pair>>, IngestError> {
    if file.rows() != edges.pairs.len() {
        let expected = format!("a row for each of {} edges", edges.pairs.len());
        let found = format!("{} rows", file.rows());
        return Err(FormatError::whole(name, expected, found).into());
    }
    let nodes = integer_ids(ids);
    let mut lists = vec![Vec::new(); edges.pairs.len()];
    for (column, of_src) in [(PARTNERS, true), (PARTNERS_OF_DST, false)] {
        let position = file.fields().iter().position(|field| field.name() == column);
        let Some(position) = position else { continue };
        let rows = files::whole_lists(name, column, &file.lists(position)?)?;
        for (row, partners) in rows.into_iter().enumerate() {
            for id in partners {
                let node = nodes.get(&id).copied().ok_or_else(|| {
                    let expected = format!("integer ids that the graph has in column `{column}`");
                    FormatError::row(name, row, expected, format!("`{id}`"))
                })?;
                let Pair { src, dst } = edges.pairs[row];
                lists[row].push(if of_src { Pair::new(src, node) } else { Pair::new(node, dst) });
            }
        }
    }
    Ok(lists)
}

/// Returns the nodes whose ids are integers.
fn integer_ids(ids: &[String]) -> HashMap<i64, u32> {
    let number = |(node, id): (u32, &String)| Some((canonical_integer(id)?, node));
    (0..).zip(ids).filter_map(number).collect()
}

/// Form of an array.
#[derive(Clone, Copy)]
enum Form {
    /// (E, K, 2): both ends of each negative.
    Pairs(usize),
    /// (E, 2, K): partners of the first end, then partners of the second end.
    BothEnds(usize),
    /// (E, K): partners of the first end.
    FirstEnd(usize),
}

fn of_array(
    name: &str,
    array: &Array<'_>,
    edges: &PairRows,
    ids: &[String],
) -> Result<Vec<Vec<Pair>>, FormatError> {
    let expected =
        "(E, K, 2) pairs, (E, 2, K) partners of both ends, or (E, K) partners of the first end";
    let (count, form) = match *array.shape() {
        [_, 2, 2] => {
            let found = "the shape (E, 2, 2), which may be pairs or partners: write a table";
            return Err(FormatError::whole(name, expected, found));
        }
        [count, many, 2] => (count, Form::Pairs(many)),
        [count, 2, many] => (count, Form::BothEnds(many)),
        [count, many] => (count, Form::FirstEnd(many)),
        _ => {
            let found = format!("the shape {:?}", array.shape());
            return Err(FormatError::whole(name, expected, found));
        }
    };
    if count != edges.pairs.len() {
        let expected = format!("a list for each of {} edges", edges.pairs.len());
        return Err(FormatError::whole(name, expected, format!("{count} lists")));
    }
    let nodes = integer_ids(ids);
    let node = |index: [usize; 3]| {
        let at = array.offset(&index[..array.shape().len()]);
        let id = array.whole(at);
        id.and_then(|id| nodes.get(&id).copied()).ok_or_else(|| {
            let found = id.map_or_else(|| format!("{:e}", array.float(at)), |id| format!("`{id}`"));
            FormatError::row(name, index[0], "integer ids that the graph has", found)
        })
    };
    let list = |(at, &edge): (usize, &Pair)| -> Result<Vec<Pair>, FormatError> {
        match form {
            Form::Pairs(many) => (0..many)
                .map(|place| Ok(Pair::new(node([at, place, 0])?, node([at, place, 1])?)))
                .collect(),
            Form::BothEnds(many) => {
                let first = (0..many).map(|place| Ok(Pair::new(edge.src, node([at, 0, place])?)));
                let second = (0..many).map(|place| Ok(Pair::new(node([at, 1, place])?, edge.dst)));
                first.chain(second).collect()
            }
            Form::FirstEnd(many) => {
                (0..many).map(|place| Ok(Pair::new(edge.src, node([at, place, 0])?))).collect()
            }
        }
    };
    edges.pairs.iter().enumerate().map(list).collect()
}

fn of_table(
    file: NegativeFile<'_>,
    edges: &PairRows,
    ids: &[String],
    base: &Path,
    rules: Rules<'_>,
) -> Result<Vec<Vec<Pair>>, IngestError> {
    let config = EdgeTable::new(file.path);
    let (config, table) = open(KEY, &config, base, rules)?;
    let column = |role, names: &[&str]| {
        further(&table, role, None, names)?.ok_or_else(|| {
            let expected = format!(
                "a column `{}`, beside two columns of ids of nodes",
                names.first().copied().unwrap_or_default()
            );
            IngestError::from(table.lacks(expected))
        })
    };
    let mut uses: Vec<Use> = vec![column(Role::Edge, &["edge"])?];
    if file.has_parts {
        uses.push(column(Role::Part, &["part", "split"])?);
    }
    let rules = Rules { unknown: UnknownNodes::Error, ..rules };
    let known = Known::read(&config, table, &uses, (ids, ""), rules)?;
    let part_of = known.further.get(1).map(|column| parts(&known.table, column)).transpose()?;
    let index = &known.further[0];
    let fault = |row: usize, found: String| {
        let expected = format!(
            "the index of one of {} {} edges (from 0) in column `{}`",
            edges.pairs.len(),
            file.part,
            index.name()
        );
        IngestError::from(FormatError::row(&known.table.name, row, expected, found))
    };
    let Ids::Whole(indices) = Ids::of(&known.table, index)? else {
        return Err(fault(0, "text".to_owned()));
    };
    let mut lists = vec![Vec::new(); edges.pairs.len()];
    for (&pair, &row) in known.rows.pairs.iter().zip(&known.rows.rows) {
        if part_of.as_ref().is_some_and(|parts| parts[row] != file.part) {
            continue;
        }
        let edge = indices.get(row).unwrap_or(-1);
        let list = usize::try_from(edge).ok().and_then(|edge| lists.get_mut(edge));
        list.ok_or_else(|| fault(row, edge.to_string()))?.push(pair);
    }
    Ok(lists)
}
