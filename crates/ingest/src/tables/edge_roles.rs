//! The columns of an edge table: two ends, and a weight.

use std::collections::HashSet;

use super::builder::Kind;
use super::columns::Ids;
use super::decision::{Role, Stated, Use};
use super::frame::Table;
use crate::config::{ColumnRef, EdgeTable};
use crate::reading::names;
use crate::{FormatError, IngestError};

/// Fewer rows than this are no evidence of what a column is.
const FEW: usize = 3;

/// The part that each column of an edge table plays.
pub(super) struct EdgeRoles {
    pub(super) ends: [usize; 2],
    pub(super) weight: Option<usize>,
    /// Types of the ends, if the names of their columns imply two: `user` and `movie`.
    pub(super) kinds: Option<[String; 2]>,
    pub(super) uses: Vec<Use>,
    /// The options in full.
    pub(super) stated: EdgeTable,
}

/// The values that a column starts with.
struct Candidate {
    column: usize,
    values: HashSet<String>,
    rows: usize,
}

impl EdgeRoles {
    pub(super) fn of(config: &EdgeTable, table: &Table<'_>) -> Result<Self, IngestError> {
        let plain = table.plain_names();
        let place =
            |column: &Option<ColumnRef>| column.as_ref().map(|it| table.place(it)).transpose();
        let (ends, why) = match (place(&config.src)?, place(&config.dst)?) {
            (Some(src), Some(dst)) => ([src, dst], "as given"),
            (None, None) => find(table, &plain)?,
            (given, other) => {
                let found = find(table, &plain)?.0;
                let one = given.or(other).unwrap_or_default();
                let rest = if found[0] == one { found[1] } else { found[0] };
                (if given.is_some() { [one, rest] } else { [rest, one] }, "as given")
            }
        };
        if ends[0] == ends[1] {
            let name = table.columns().nth(ends[0]).unwrap_or_default();
            let problem = format!("`src` and `dst` are both column `{name}`: name two");
            return Err(IngestError::config("edges", problem));
        }
        let is_number =
            |at: &usize| matches!(table.kind(*at), Kind::Integer | Kind::Natural | Kind::Real);
        let (weight, weight_why) = match &config.weight {
            Some(ColumnRef::Name(name)) if name == "none" => (None, ""),
            Some(column) => (Some(table.place(column)?), "as given"),
            None => {
                let found = names::weight(&plain).filter(|at| !ends.contains(at));
                (found.filter(is_number), "by its name")
            }
        };
        let mut uses = vec![
            Use { column: ends[0], part: Role::Src, why },
            Use { column: ends[1], part: Role::Dst, why },
        ];
        uses.extend(weight.map(|column| Use { column, part: Role::Weight, why: weight_why }));
        let used: Vec<usize> = uses.iter().map(|used| used.column).collect();
        let unused = (0..table.columns().len()).filter(|at| !used.contains(at));
        uses.extend(unused.map(|column| Use { column, part: Role::Unused, why: "" }));

        let is_conventional = names::ends(&plain) == Some((ends[0], ends[1]));
        let kinds = (table.has_names() && !is_conventional).then(|| {
            let kind = |at: usize| names::kind(table.columns().nth(at).unwrap_or_default());
            [kind(ends[0]), kind(ends[1])]
        });
        let refer = |at| table.reference(at);
        let stated = EdgeTable {
            src: Some(refer(ends[0])),
            dst: Some(refer(ends[1])),
            weight: weight.map(refer).or_else(|| config.weight.clone()),
            src_type: config.src_type.clone(),
            dst_type: config.dst_type.clone(),
            ..EdgeTable::as_read(&config.path, Stated::of(table))
        };
        Ok(Self { ends, weight, kinds, uses, stated })
    }
}

/// The two columns that are ends.
fn find(table: &Table<'_>, plain: &[String]) -> Result<([usize; 2], &'static str), IngestError> {
    refuse_matrix(table)?;
    if let Some((src, dst)) = names::ends(plain) {
        return Ok(([src, dst], "by their names"));
    }
    let mut candidates = Vec::new();
    for column in 0..table.columns().len() {
        let is_whole = matches!(table.kind(column), Kind::Integer | Kind::Natural | Kind::Text)
            || table.has_whole_reals(column)?;
        let name = plain.get(column).map(String::as_str);
        let is_index = name.is_some_and(names::is_index)
            && (table.counts_rows(column)?
                || (name == Some("") && table.kind(column) == Kind::Integer));
        let is_about_edges = name.is_some_and(names::is_about_edges);
        if !table.is_foreign(column)
            && is_whole
            && !is_index
            && !is_about_edges
            && !table.has_lists(column)
        {
            let head = table.head(column)?;
            let rows = head.len();
            let values = head.into_iter().filter(|value| !value.is_empty()).collect();
            candidates.push(Candidate { column, values, rows });
        }
    }
    let positions: Vec<usize> = candidates.iter().map(|candidate| candidate.column).collect();
    match positions[..] {
        [] | [_] => Err(no_ends(table)),
        [src, dst] => Ok(([src, dst], "the only two that can be ids")),
        [src, dst, ..] => {
            let is_sure = by_values(table, &candidates)?;
            Ok((
                [src, dst],
                if is_sure { "the first two, which share ids" } else { "the first two" },
            ))
        }
    }
}

/// Whether the first two of more than two candidates share ids; an error if others are ends just as well.
fn by_values(table: &Table<'_>, candidates: &[Candidate]) -> Result<bool, IngestError> {
    let [first, second, third, ..] = candidates else { return Ok(true) };
    let share = |a: &Candidate, b: &Candidate| {
        let both = a.values.intersection(&b.values).count();
        both as f64 / (a.values.len() + b.values.len() - both).max(1) as f64
    };
    let ambiguous = |other: [&Candidate; 2], what: &str| {
        let option = |at: usize| match table.reference(at) {
            ColumnRef::Name(name) => format!("\"{name}\""),
            ColumnRef::Position(position) => position.to_string(),
        };
        let ends = |[src, dst]: [&Candidate; 2]| {
            format!("edges (set `src = {}`, `dst = {}`)", option(src.column), option(dst.column))
        };
        let other = format!("{what}{}", ends(other));
        table.options.ambiguous("the columns", &ends([first, second]), &other)
    };
    let (own, rest) = (share(first, second), &candidates[2..]);
    let others = rest.iter().map(|other| share(first, other).max(share(second, other)));
    let most = others.fold(0.0, f64::max);
    let is_unique = first.values.len() == first.rows && first.rows >= FEW;
    if !table.has_names() && is_unique {
        // A line for each node, with its neighbours behind it; or rows that are counted.
        let are_neighbours = rest.iter().all(|other| share(first, other) > 0.5);
        if are_neighbours && own > 0.5 {
            return Err(ambiguous(
                [first, third],
                "lists of neighbours (set `format = \"adjacency-list\"`), or ",
            ));
        }
        if share(second, third) > own / 2.0 && numbers_rows(table, first.column)? {
            return Err(ambiguous([second, third], "counted rows of "));
        }
    }
    if own >= most / 2.0 && own > 0.0 {
        return Ok(true);
    }
    let pairs = rest.iter().flat_map(|other| [[first, other], [second, other]]);
    let best = pairs.max_by(|a, b| share(a[0], a[1]).total_cmp(&share(b[0], b[1])));
    if let Some(best) = best.filter(|_| most > 0.0) {
        return Err(ambiguous(best, ""));
    }
    let is_text = |candidate: &Candidate| table.kind(candidate.column) == Kind::Text;
    let rest_are_numbers = !rest.iter().any(is_text);
    if rest_are_numbers && (table.has_names() || (is_text(first) && is_text(second))) {
        return Ok(false);
    }
    Err(ambiguous([first, third], ""))
}

/// Whether the values of a column are the numbers of the rows, from 0 or 1, in any order.
fn numbers_rows(table: &Table<'_>, column: usize) -> Result<bool, IngestError> {
    if table.counts_rows(column)? {
        return Ok(true);
    }
    if table.kind(column) != Kind::Integer {
        return Ok(false);
    }
    let read = table.read(&[column], &[column])?;
    let Ids::Whole(numbers) = Ids::and_missing(table, &read[0])?.0 else { return Ok(false) };
    let distinct: HashSet<i64> = numbers.iter().flatten().collect();
    let (least, most) = (distinct.iter().min(), distinct.iter().max());
    Ok(least.zip(most).is_some_and(|(&least, &most)| {
        let count = usize::try_from(most.saturating_sub(least).saturating_add(1));
        (0..=1).contains(&least) && distinct.len() == table.rows() && count == Ok(table.rows())
    }))
}

/// Refuses an adjacency matrix with names in its first line and column.
fn refuse_matrix(table: &Table<'_>) -> Result<(), IngestError> {
    let names: Vec<&str> = table.columns().collect();
    if !table.has_names() || names.len() <= FEW {
        return Ok(());
    }
    let first = table.head(0)?;
    let columns = &names[1..];
    if first.len() >= FEW && columns.iter().zip(&first).all(|(column, row)| column == row) {
        let expected = "a row for each edge (in Python: `pandas.read_csv(FILE, index_col=0).stack()` \\
                        has the entries of a matrix, of which those that are not 0 are edges; or set \
                        `format = \"adjacency-matrix\"`)";
        return Err(FormatError::whole(&table.name, expected, "an adjacency matrix").into());
    }
    Ok(())
}

fn no_ends(table: &Table<'_>) -> IngestError {
    let names: Vec<String> =
        table.columns().map(|name| crate::printable(name).into_owned()).collect();
    let expected = "two columns of ids (name them with `src` and `dst`, or set `separator`)";
    FormatError::whole(&table.name, expected, format!("the columns {}", names.join(", "))).into()
}
