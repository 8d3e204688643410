//! Adjacency lists (a node and its neighbours in each line) and adjacency matrices as text.

use super::GraphFile;
use super::tables::{Attributes, Kind, Named};
use crate::FormatError;

type Result<T, E = FormatError> = std::result::Result<T, E>;

/// Fewer nodes make a square by chance.
const LEAST_NODES: usize = 5;
/// Fewer nodes make a symmetric square by chance.
const LEAST_SYMMETRIC: usize = 3;

/// The lines that hold data, and their numbers from 0.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).enumerate();
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(['#', '%']))
}

/// Returns the separator of the values, by the first line.
fn separator(line: &str) -> Option<char> {
    ['\t', ',', ';', '|'].into_iter().find(|&mark| line.contains(mark))
}

/// The values of a line: between `separator`, or else whitespace-separated.
fn values(line: &str, separator: Option<char>) -> Vec<&str> {
    match separator {
        Some(mark) => line.split(mark).map(unquoted).collect(),
        None => line.split_whitespace().map(unquoted).collect(),
    }
}

/// A value without blanks and quotes around it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inside.unwrap_or(value)
}

/// Reads lines of a node and its neighbours, as `networkx.write_adjlist` writes them.
pub(super) fn list(name: &str, text: &str) -> Result<GraphFile> {
    let mut graph = Named::default();
    let (first, mark) = lines(text).next().map_or((0, None), |(at, line)| (at, separator(line)));
    for (at, line) in text.lines().enumerate().skip(first) {
        let is_letter = |letter: char| letter.is_alphanumeric();
        if line.strip_prefix(['#', '%']).is_some_and(|rest| rest.starts_with(is_letter)) {
            let expected = "comments above the lists alone, or a blank behind their mark";
            return Err(FormatError::line(name, at, expected, format!("`{line}`")));
        }
    }
    for (at, line) in lines(text) {
        let values = values(line, mark);
        check(name, at, line, &values, mark)?;
        let Some((node, neighbours)) = values.split_first().filter(|(node, _)| !node.is_empty())
        else {
            return Err(FormatError::line(
                name,
                at,
                "a node and its neighbours",
                format!("`{line}`"),
            ));
        };
        graph.add(node);
        for neighbour in neighbours.iter().filter(|neighbour| !neighbour.is_empty()) {
            graph.add(neighbour);
            graph.connect(node, neighbour);
        }
    }
    let tables = graph.finish(name, text.len())?;
    Ok(GraphFile {
        edges: tables.edges,
        nodes: Some(tables.nodes),
        directed: None,
        weight: None,
        bipartite: false,
        description: "adjacency list".to_owned(),
    })
}

/// Refuses a line that has more than nodes, or may be cut in two ways.
fn check(name: &str, at: usize, line: &str, values: &[&str], mark: Option<char>) -> Result<()> {
    let fault = |expected, found| Err(FormatError::line(name, at, expected, found));
    if values.iter().any(|value| value.starts_with('{')) {
        let python = "nx.write_adjlist(nx.read_multiline_adjlist(FILE), \"graph.adjlist\")";
        return fault(
            "a node and its neighbours".to_owned(),
            format!(
                "attributes of edges: a multiline adjacency list, which is not read; in Python: {python}"
            ),
        );
    }
    let is_doubtful = |value: &&str| value.contains(char::is_whitespace);
    match (mark, values.iter().find(|value| is_doubtful(value))) {
        (Some(mark), Some(value)) if mark != '\t' && !line.contains('"') => fault(
            format!(
                "nodes between `{mark}` or between blanks (with quotes around values that have the other)"
            ),
            format!("`{value}`, which may be one node or several"),
        ),
        _ => Ok(()),
    }
}

/// Reads a square table of weights, with names in the first line and the first column or without.
pub(super) fn matrix(name: &str, text: &str) -> Result<GraphFile> {
    let grid = Grid::of(name, text)?;
    let (mut graph, mut weights) = (Named::default(), Attributes::default());
    for id in &grid.names {
        if graph.add(id).is_none() {
            return Err(FormatError::whole(name, "each node once", format!("`{id}` again")));
        }
    }
    let column = weights.column("weight", Kind::Any);
    for (source, (at, row)) in grid.names.iter().zip(&grid.rows) {
        for (target, value) in grid.names.iter().zip(row) {
            let weight: f64 = if value.is_empty() { Ok(0.0) } else { value.parse() }
                .map_err(|_| FormatError::line(name, *at, "numbers", format!("`{value}`")))?;
            if weight != 0.0 {
                let edge = graph.connect(source, target);
                weights.set(column, edge, *value);
            }
        }
    }
    graph.edges = weights;
    let shape = format!("{0} x {0}", grid.names.len());
    let tables = graph.finish(name, text.len())?;
    Ok(GraphFile {
        edges: tables.edges,
        nodes: Some(tables.nodes),
        directed: None,
        weight: tables.weight,
        bipartite: false,
        description: format!("adjacency matrix, {shape}"),
    })
}

/// Names of nodes and the values between them.
struct Grid<'a> {
    names: Vec<String>,
    /// Whether the names stand in the file.
    has_names: bool,
    /// Whether they stand before the rows.
    has_row_names: bool,
    /// The line of each row, and its values.
    rows: Vec<(usize, Vec<&'a str>)>,
}

impl<'a> Grid<'a> {
    fn of(name: &str, text: &'a str) -> Result<Self> {
        let mark = lines(text).next().and_then(|(_, line)| separator(line));
        let mut rows: Vec<(usize, Vec<&str>)> =
            lines(text).map(|(at, line)| (at, values(line, mark))).collect();
        let Some((_, first)) = rows.first() else {
            return Err(FormatError::whole(name, "a square table", "nothing"));
        };
        let is_bare = first.len() == rows.len() && first.iter().all(|it| it.parse::<f64>().is_ok());
        if is_bare {
            let names = (0..rows.len()).map(|node| node.to_string()).collect();
            return Self { names, has_names: false, has_row_names: false, rows }.checked(name);
        }
        let (header_line, mut names) = rows.remove(0);
        let count = rows.len();
        // The corner above the names of rows is empty, named or left out.
        if names.len() == count + 1 {
            names.remove(0);
        }
        let has_row_names = rows.iter().all(|(_, row)| row.len() == count + 1);
        if has_row_names {
            for ((at, row), column) in rows.iter_mut().zip(&names) {
                let found = row.remove(0);
                if found != *column {
                    let expected =
                        format!("`{column}` before the row, as in line {}", header_line + 1);
                    return Err(FormatError::line(name, *at, expected, format!("`{found}`")));
                }
            }
        }
        let names = names.into_iter().map(str::to_owned).collect();
        Self { names, has_names: true, has_row_names, rows }.checked(name)
    }

    fn has_numbers(&self) -> bool {
        let is_number = |value: &&str| value.is_empty() || value.parse::<f64>().is_ok();
        self.rows.iter().flat_map(|(_, row)| row).all(is_number)
    }

    /// Whether the table is square.
    fn checked(self, name: &str) -> Result<Self> {
        let count = self.names.len();
        let expected = format!("a square table, {count} rows of {count} numbers");
        if self.rows.len() != count {
            return Err(FormatError::whole(name, expected, format!("{} rows", self.rows.len())));
        }
        match self.rows.iter().find(|(_, row)| row.len() != count) {
            Some((at, row)) => Err(FormatError::line(name, *at, expected, row.len().to_string())),
            None => Ok(self),
        }
    }
}

/// Whether text looks like an adjacency matrix rather than a table of edges: square, of numbers, and named on both
/// sides or with at least five nodes.
#[must_use]
pub fn looks_like_matrix(text: &str) -> bool {
    let Some((_, first)) = lines(text).next() else { return false };
    let width = values(first, separator(first)).len();
    // A square has as many lines as columns: counting stops at the first line too many.
    if width < 3 || lines(text).nth(width + 1).is_some() {
        return false;
    }
    Grid::of("", text).is_ok_and(|grid| {
        (grid.has_row_names || grid.names.len() >= LEAST_NODES) && grid.has_numbers()
    })
}

/// Whether text is as likely a small adjacency matrix as a table of edges: square, symmetric, of numbers without names.
pub(crate) fn is_small_matrix(text: &str) -> bool {
    if lines(text).nth(LEAST_NODES).is_some() {
        return false;
    }
    Grid::of("", text).is_ok_and(|grid| {
        let count = grid.names.len();
        let is_symmetric = |at: usize| (0..at).all(|to| grid.rows[at].1[to] == grid.rows[to].1[at]);
        count >= LEAST_SYMMETRIC
            && !grid.has_names
            && grid.has_numbers()
            && (0..count).all(is_symmetric)
    })
}
