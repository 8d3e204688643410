//! What a stranger's files seem to hold: how they are read, and which column is what.

use std::path::Path;

use super::columns::is_numeric;
use super::frame::Table;
use crate::IngestError;
use crate::config::{ColumnRef, EdgeTable, FileOptions, NodeTable, TableFormat};
use crate::files::Content;

/// How much of a file is looked at.
const START: usize = 1 << 16;

/// Names that people give to the two ends of an edge.
const ENDS: [(&str, &str); 20] = [
    ("src", "dst"),
    ("source", "target"),
    ("from", "to"),
    ("source", "destination"),
    ("src_id", "dst_id"),
    ("source_id", "target_id"),
    ("from_id", "to_id"),
    ("fromnodeid", "tonodeid"),
    ("node1", "node2"),
    ("node_1", "node_2"),
    ("node_a", "node_b"),
    ("id1", "id2"),
    ("id_1", "id_2"),
    ("u", "v"),
    ("head", "tail"),
    ("start", "end"),
    ("citing", "cited"),
    ("follower", "followee"),
    ("subject", "object"),
    ("a", "b"),
];
const WEIGHTS: [&str; 6] = ["weight", "w", "weights", "strength", "count", "value"];
const IDS: [&str; 6] = ["id", "node_id", "nodeid", "node", "key", "name"];
const LABELS: [&str; 8] =
    ["label", "class", "category", "community", "group", "team", "subject", "y"];

/// Tables as guessed from two files, to be shown to a person. Everything that was guessed is said in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// How the edges are read.
    pub edges: EdgeTable,
    /// How the nodes are read.
    pub nodes: Option<NodeTable>,
    /// The columns of the edge table.
    pub edge_columns: Vec<String>,
    /// The columns of the node table that become features.
    pub features: Vec<String>,
}

/// Looks at a file of edges and, if there is one, a file of nodes; relative paths start at `base`.
///
/// # Errors
/// When a file cannot be opened, or not be read as any form that is known.
pub fn guess(edges: &Path, nodes: Option<&Path>, base: &Path) -> Result<Guess, IngestError> {
    let mut guessed = EdgeTable::new(edges);
    let look = Look::at(&guessed.file(), base, 2)?;
    guessed.format = look.format;
    guessed.header = look.header;
    guessed.separator = look.separator;
    guessed.comment = look.comment;
    let table = Table::open(&guessed.file(), base)?;
    let edge_columns: Vec<String> = table.columns().map(str::to_owned).collect();
    if table.has_names() {
        let find = |wanted: &str| position(&table, wanted);
        let pair = |(src, dst)| Some((find(src)?, find(dst)?));
        if let Some((src, dst)) = ENDS.into_iter().find_map(pair) {
            guessed.src = Some(ColumnRef::Name(edge_columns[src].clone()));
            guessed.dst = Some(ColumnRef::Name(edge_columns[dst].clone()));
        } else if let [src, dst, ..] = edge_columns.as_slice() {
            guessed.src = Some(ColumnRef::Name(src.clone()));
            guessed.dst = Some(ColumnRef::Name(dst.clone()));
        }
        let weight = WEIGHTS.into_iter().find_map(find).map(|at| edge_columns[at].clone());
        let weight = weight.map(ColumnRef::Name);
        guessed.weight = weight.filter(|weight| {
            ![&guessed.src, &guessed.dst].into_iter().flatten().any(|end| end == weight)
        });
    }
    let (mut node_table, mut features) = (None, Vec::new());
    if let Some(nodes) = nodes {
        let mut guessed = NodeTable::new(nodes);
        let look = Look::at(&guessed.file(), base, 1)?;
        guessed.format = look.format;
        guessed.header = look.header;
        guessed.separator = look.separator;
        guessed.comment = look.comment;
        let table = Table::open(&guessed.file(), base)?;
        let find = |wanted: &str| position(&table, wanted);
        let names: Vec<&str> = table.columns().collect();
        let is_named = table.has_names();
        let id = IDS.into_iter().find_map(find).filter(|_| is_named).unwrap_or(0);
        let label = LABELS.into_iter().find_map(find).filter(|&at| is_named && at != id);
        if is_named {
            guessed.id = names.get(id).map(|&name| name.into());
            guessed.label = label.and_then(|at| names.get(at)).map(|&name| name.into());
        }
        features = numeric(&table, id, label)?;
        node_table = Some(guessed);
    }
    Ok(Guess { edges: guessed, nodes: node_table, edge_columns, features })
}

/// A column of ids, labels or numbers by its name, whatever its capitals.
fn position(table: &Table, wanted: &str) -> Option<usize> {
    let at = table.columns().position(|name| name.eq_ignore_ascii_case(wanted))?;
    (!table.is_foreign(at)).then_some(at)
}

/// The columns that a node table's features are, by the reader's own rule.
fn numeric(table: &Table, id: usize, label: Option<usize>) -> Result<Vec<String>, IngestError> {
    let left = (0..table.columns().len()).filter(|&at| at != id && Some(at) != label);
    let (plain, other): (Vec<usize>, Vec<usize>) = left.partition(|&at| !table.is_foreign(at));
    let columns = table.read(&plain, &[])?;
    let numeric = columns.iter().filter(|column| is_numeric(column));
    let names: Vec<String> = numeric.map(|column| column.name().trim().to_owned()).collect();
    let lists: Vec<usize> = other.into_iter().filter(|&at| table.has_lists(at)).collect();
    Ok(match lists[..] {
        [only] if names.is_empty() => {
            table.columns().nth(only).map(str::to_owned).into_iter().collect()
        }
        _ => names,
    })
}

/// What has to be said so that a file is read; what goes without saying is left out.
#[derive(Default)]
struct Look {
    format: Option<TableFormat>,
    header: Option<bool>,
    separator: Option<char>,
    comment: Option<String>,
}

impl Look {
    /// Looks at the start of a file whose first `ids` columns hold ids.
    fn at(file: &FileOptions<'_>, base: &Path, ids: usize) -> Result<Self, IngestError> {
        let named = TableFormat::of(file.path);
        let path = base.join(file.path);
        let start = Content::open(&path)?.start(&path, START)?;
        let by_content = [(&b"PAR1"[..], TableFormat::Parquet), (b"ARROW1", TableFormat::Arrow)];
        let by_content = by_content.into_iter().find(|(magic, _)| start.starts_with(magic));
        if let Some((_, format)) = by_content {
            let format = (named != Some(format)).then_some(format);
            return Ok(Self { format, ..Self::default() });
        }
        if named.is_some_and(|named| !named.is_text()) {
            return Ok(Self::default());
        }
        let text = String::from_utf8_lossy(&start);
        let text = text.trim_start_matches('\u{feff}');
        // What stands behind the last line end may be half a line.
        let text = match text.rsplit_once('\n') {
            Some((whole, _)) if start.len() == START => whole,
            _ => text,
        };
        Ok(Self::of(text, named, ids))
    }

    fn of(text: &str, named: Option<TableFormat>, ids: usize) -> Self {
        let lines = || text.lines().filter(|line| !line.trim().is_empty());
        let first = lines().next().unwrap_or_default();
        let comment = ["#", "%", "//"].into_iter().find(|mark| first.starts_with(mark));
        let is_data = |line: &&str| comment.is_none_or(|mark| !line.starts_with(mark));
        let data: Vec<&str> = lines().filter(is_data).collect();
        let first = data.first().copied().unwrap_or_default();

        let found = [',', ';', '|']
            .into_iter()
            .max_by_key(|&mark| (first.matches(mark).count(), mark == ','));
        let found = found.filter(|&mark| first.contains(mark));
        let (format, separator) = match (named, found) {
            (Some(TableFormat::Csv), None) if first.contains('\t') => {
                (TableFormat::Csv, Some('\t'))
            }
            (Some(TableFormat::Tsv), _) if first.contains('\t') => (TableFormat::Tsv, None),
            (_, Some(mark)) => (TableFormat::Csv, Some(mark).filter(|&mark| mark != ',')),
            (Some(TableFormat::Csv), None) => (TableFormat::Csv, None),
            _ => (TableFormat::Text, None),
        };
        let fields = |line: &str| -> Vec<String> {
            let clean = |field: &str| field.trim().trim_matches('"').to_owned();
            match (format, separator) {
                (TableFormat::Text, _) => line.split_whitespace().map(clean).collect(),
                (TableFormat::Tsv, _) => line.split('\t').map(clean).collect(),
                (_, separator) => line.split(separator.unwrap_or(',')).map(clean).collect(),
            }
        };
        let default = format != TableFormat::Text;
        let header = header(&data.iter().map(|line| fields(line)).collect::<Vec<_>>(), ids);
        let is_usual = format == TableFormat::Text && matches!(comment, Some("#" | "%"));
        Self {
            format: (named != Some(format)).then_some(format),
            header: header.filter(|&header| header != default),
            separator,
            comment: comment.filter(|_| !is_usual).map(str::to_owned),
        }
    }
}

/// Whether the first row holds names, if that can be told.
fn header(rows: &[Vec<String>], ids: usize) -> Option<bool> {
    let (first, rest) = rows.split_first()?;
    let ids_of = |row: &'_ [String]| row[..row.len().min(ids)].to_vec();
    let is_number = |field: &String| field.parse::<f64>().is_ok();
    let known = |field: &String| {
        let names = ENDS.into_iter().flat_map(|(src, dst)| [src, dst]);
        names.chain(IDS).chain(LABELS).chain(WEIGHTS).any(|name| field.eq_ignore_ascii_case(name))
    };
    let first_ids = ids_of(first);
    if first_ids.iter().all(is_number) {
        return Some(false);
    }
    if first.iter().any(known) {
        return Some(true);
    }
    // Words above numbers are names; a word that comes again is an id.
    if rest.iter().any(|row| ids_of(row).iter().all(is_number)) {
        return Some(true);
    }
    let comes_again = |row: &Vec<String>| ids_of(row).iter().any(|id| first_ids.contains(id));
    rest.iter().any(comes_again).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(
        name: &str,
        text: &str,
    ) -> (Option<TableFormat>, Option<bool>, Option<char>, Option<String>) {
        let look = Look::of(text, TableFormat::of(Path::new(name)), 2);
        (look.format, look.header, look.separator, look.comment)
    }

    #[test]
    fn what_goes_without_saying_is_not_said() {
        let nothing = (None, None, None, None);
        assert_eq!(look("e.csv", "from,to\n1,2\n"), nothing);
        assert_eq!(look("e.tsv", "a\tb\nx\ty\n"), nothing);
        assert_eq!(look("e.txt", "# SNAP\n# from to\n1\t2\n2 3\n"), nothing);
        assert_eq!(look("e.edges", "% KONECT\n1 2\n"), nothing);
    }

    #[test]
    fn what_is_strange_is_said() {
        assert_eq!(look("e.csv", "1;2\n2;3\n"), (None, Some(false), Some(';'), None));
        assert_eq!(look("e.csv", "a\tb\nx\ty\n"), (None, None, Some('\t'), None));
        assert_eq!(look("e.txt", "a,b\n1,2\n"), (Some(TableFormat::Csv), None, None, None));
        assert_eq!(look("e", "1 2\n2 3\n"), (Some(TableFormat::Text), None, None, None));
        assert_eq!(
            look("e.csv", "// by me\nann,bob\nbob,cid\n"),
            (None, Some(false), None, Some("//".to_owned()))
        );
        assert_eq!(look("e.txt", "who whom\n1 2\n"), (None, Some(true), None, None));
    }
}
