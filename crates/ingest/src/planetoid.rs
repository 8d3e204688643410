//! The Planetoid format: eight files `ind.NAME.*`, six of them pickles (see [`crate::pickle`]).
//!
//! `allx` and `ally` hold the first nodes in order. `tx` and `ty` hold the test nodes: their row `k`
//! belongs to the node that line `k` of `test.index` names. Some test nodes may be missing there
//! (Citeseer: 15 numbers in the range of the index that no line names); they have no features and no
//! label. `x` and `y` repeat the rows of `allx` and `ally` that are labelled for training, so they add
//! nothing to a graph and are not read.

use vgae_artifacts::{Features, Pair};

use crate::fetch::Dataset;
use crate::pickle::{Csr, Pickle};
use crate::raw_formats::{File, RawFormat, Reader};
use crate::{FormatError, IngestError, RawGraph};

/// `planetoid`: `ind.NAME.*`.
pub(crate) const FORMAT: RawFormat = RawFormat {
    name: "planetoid",
    reader: Reader::Graph {
        read: read_dataset,
        has_direction: false,
        quoted: |entries| {
            format!(
                "half of the {entries} entries of its adjacency lists, which name edges from both ends"
            )
        },
    },
};

fn read_dataset(dataset: &Dataset, file: &File<'_>) -> Result<RawGraph, IngestError> {
    let names = ["allx", "ally", "tx", "ty", "graph", "test.index"]
        .map(|part| format!("ind.{}.{part}", dataset.name));
    let contents = names.iter().map(|name| file(name)).collect::<Result<Vec<_>, _>>()?;
    let file = |at: usize| (names[at].as_str(), contents[at].as_slice());
    read(&Files {
        allx: file(0),
        ally: file(1),
        tx: file(2),
        ty: file(3),
        graph: file(4),
        test_index: file(5),
    })
}

/// The files that make a graph: each its name (for errors) and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// Features of the first nodes, a CSR matrix.
    pub allx: (&'a str, &'a [u8]),
    /// Their labels, one-hot.
    pub ally: (&'a str, &'a [u8]),
    /// Features of the test nodes, a CSR matrix.
    pub tx: (&'a str, &'a [u8]),
    /// Their labels, one-hot.
    pub ty: (&'a str, &'a [u8]),
    /// Adjacency lists.
    pub graph: (&'a str, &'a [u8]),
    /// The node number of each test row, one a line.
    pub test_index: (&'a str, &'a [u8]),
}

/// Assembles the graph. Ids are node numbers, labels class numbers, both as text; an edge entry is one
/// entry of an adjacency list, so that an undirected edge is usually listed from both ends.
///
/// # Errors
/// When a file breaks its format, or the files do not fit together.
pub fn read(files: &Files<'_>) -> Result<RawGraph, IngestError> {
    let allx = Pickle::read(files.allx.0, files.allx.1)?.csr()?;
    let tx = Pickle::read(files.tx.0, files.tx.1)?.csr()?;
    let ally = labels(files.ally)?;
    let ty = labels(files.ty)?;
    let test = test_index(files.test_index, allx.rows())?;

    agree(files.ally.0, "rows", allx.rows(), ally.len())?;
    agree(files.ty.0, "rows", tx.rows(), ty.len())?;
    agree(files.test_index.0, "test nodes", tx.rows(), test.len())?;
    agree(files.tx.0, "columns", allx.cols, tx.cols)?;
    let node_count = test.iter().max().map_or(allx.rows(), |&last| last as usize + 1);
    // The number of nodes comes from a text file: it must not make us allocate what no file holds.
    let graph = Pickle::read(files.graph.0, files.graph.1)?.adjacency()?;
    agree(files.graph.0, "adjacency lists", node_count, graph.len())?;

    let mut row_of: Vec<Option<Row>> = vec![None; node_count];
    for (node, slot) in row_of.iter_mut().take(allx.rows()).enumerate() {
        *slot = Some(Row::Known(node));
    }
    for (row, &node) in test.iter().enumerate() {
        row_of[node as usize] = Some(Row::Test(row));
    }
    let labels = row_of
        .iter()
        .map(|row| match row {
            Some(Row::Known(row)) => ally[*row].clone(),
            Some(Row::Test(row)) => ty[*row].clone(),
            None => None,
        })
        .collect();
    Ok(RawGraph {
        ids: (0..node_count).map(|node| node.to_string()).collect(),
        labels,
        edges: edges(files.graph.0, &graph, node_count)?,
        features: Some(features(&row_of, &allx, &tx)?),
        ..RawGraph::default()
    })
}

/// Where a node's features and label stand.
#[derive(Debug, Clone, Copy)]
enum Row {
    Known(usize),
    Test(usize),
}

fn agree(name: &str, what: &str, expected: usize, found: usize) -> Result<(), FormatError> {
    if expected == found {
        return Ok(());
    }
    Err(FormatError::whole(name, format!("{expected} {what}"), found.to_string()))
}

/// One-hot rows to class numbers; a row of zeros is a node without a label.
fn labels((name, bytes): (&str, &[u8])) -> Result<Vec<Option<String>>, FormatError> {
    let pickle = Pickle::read(name, bytes)?;
    let rows = pickle.matrix()?.rows().unwrap_or_default();
    let class = |(index, row): (usize, Vec<f64>)| {
        let ones: Vec<usize> = (0..row.len()).filter(|&class| row[class] != 0.0).collect();
        match ones.as_slice() {
            [] => Ok(None),
            [class] => Ok(Some(class.to_string())),
            several => Err(FormatError::whole(
                name,
                format!("at most one class in row {index}"),
                format!("{} classes", several.len()),
            )),
        }
    };
    rows.into_iter().enumerate().map(class).collect()
}

/// The node of each test row: different numbers, none below the `known` nodes of `allx`.
fn test_index((name, bytes): (&str, &[u8]), known: usize) -> Result<Vec<u32>, FormatError> {
    let mut nodes: Vec<u32> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let node = std::str::from_utf8(line)
            .ok()
            .and_then(|text| text.parse::<u32>().ok())
            .filter(|&node| node as usize >= known && node < u32::MAX && seen.insert(node));
        let Some(node) = node else {
            let shown = line[..line.len().min(32)].escape_ascii();
            let expected = format!("a node number from {known} that no line above has");
            return Err(FormatError::line(name, index, expected, format!("`{shown}`")));
        };
        nodes.push(node);
    }
    Ok(nodes)
}

fn edges(
    name: &str,
    graph: &[(i64, Vec<i64>)],
    node_count: usize,
) -> Result<Vec<Pair>, FormatError> {
    let node = |number: i64| {
        u32::try_from(number).ok().filter(|&node| (node as usize) < node_count).ok_or_else(|| {
            let expected = format!("node numbers below {node_count}");
            FormatError::whole(name, expected, number.to_string())
        })
    };
    let mut pairs = Vec::with_capacity(graph.iter().map(|(_, list)| list.len()).sum());
    let mut listed = vec![false; node_count];
    for (from, list) in graph {
        let from = node(*from)?;
        if std::mem::replace(&mut listed[from as usize], true) {
            return Err(FormatError::whole(name, "each node once", format!("node {from} twice")));
        }
        for &to in list {
            pairs.push(Pair::new(from, node(to)?));
        }
    }
    Ok(pairs)
}

fn features(row_of: &[Option<Row>], allx: &Csr, tx: &Csr) -> Result<Features, IngestError> {
    let stored = allx.values.len() + tx.values.len();
    let mut row_starts = Vec::with_capacity(row_of.len() + 1);
    let (mut columns, mut values) = (Vec::with_capacity(stored), Vec::with_capacity(stored));
    row_starts.push(0);
    for row in row_of {
        let from = match *row {
            Some(Row::Known(row)) => Some((allx, row)),
            Some(Row::Test(row)) => Some((tx, row)),
            None => None,
        };
        if let Some((matrix, row)) = from {
            let range = matrix.row_starts[row]..matrix.row_starts[row + 1];
            columns.extend_from_slice(&matrix.columns[range.clone()]);
            values.extend_from_slice(&matrix.values[range]);
        }
        row_starts.push(columns.len());
    }
    Ok(Features::from_rows(allx.cols, row_starts, columns, values)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pickle::make::{adjacency, array, csr, i32s, pickle};

    /// Two known nodes (0, 1), test nodes 4 and 2 in this order, and a gap at 3.
    struct Small {
        allx: Vec<u8>,
        ally: Vec<u8>,
        tx: Vec<u8>,
        ty: Vec<u8>,
        graph: Vec<u8>,
        test_index: Vec<u8>,
    }

    impl Small {
        fn new() -> Self {
            let labels = |rows: i32, values: &[i32]| {
                pickle(&array("i4", "<", &[rows, 3], false, &i32s(values)))
            };
            Self {
                allx: pickle(&csr((2, 3), &[0, 1, 2], &[0, 1], &[1.0, 2.0])),
                ally: labels(2, &[1, 0, 0, 0, 1, 0]),
                tx: pickle(&csr((2, 3), &[0, 1, 3], &[2, 0, 1], &[4.0, 5.0, 6.0])),
                ty: labels(2, &[0, 0, 1, 0, 0, 0]),
                graph: pickle(&adjacency(&[
                    (0, &[1, 4]),
                    (1, &[0]),
                    (2, &[2]),
                    (3, &[4]),
                    (4, &[0, 3, 3]),
                ])),
                test_index: b"4\r\n2\n".to_vec(),
            }
        }

        fn read(&self) -> Result<RawGraph, IngestError> {
            read(&Files {
                allx: ("allx", &self.allx),
                ally: ("ally", &self.ally),
                tx: ("tx", &self.tx),
                ty: ("ty", &self.ty),
                graph: ("graph", &self.graph),
                test_index: ("index", &self.test_index),
            })
        }
    }

    #[test]
    fn test_rows_go_to_their_nodes_and_gaps_stay_empty() {
        let raw = Small::new().read().expect("files that fit");
        assert_eq!(raw.ids, ["0", "1", "2", "3", "4"]);
        let labels: Vec<Option<&str>> = raw.labels.iter().map(Option::as_deref).collect();
        assert_eq!(labels, [Some("0"), Some("1"), None, None, Some("2")]);
        let features = raw.features.expect("features");
        let row = |node| features.row(node).collect::<Vec<_>>();
        assert_eq!((row(0), row(1)), (vec![(0, 1.0)], vec![(1, 2.0)]));
        assert_eq!((row(2), row(3)), (vec![(0, 5.0), (1, 6.0)], vec![]));
        assert_eq!(row(4), [(2, 4.0)]);
        assert_eq!(raw.edges.len(), 8);
        assert_eq!(raw.edges[1], Pair::new(0, 4));
    }

    #[test]
    fn files_that_do_not_fit_are_refused() {
        let fault = |change: &dyn Fn(&mut Small)| {
            let mut small = Small::new();
            change(&mut small);
            small.read().expect_err("they do not fit").to_string()
        };
        let said = [
            fault(&|small| small.test_index = b"4\n2\n3\n".to_vec()),
            fault(&|small| small.test_index = b"4\n4\n".to_vec()),
            fault(&|small| small.test_index = b"4\n1\n".to_vec()),
            fault(&|small| small.test_index = b"4\nx\n".to_vec()),
            fault(&|small| small.test_index = b"4294967294\n2\n".to_vec()),
            fault(&|small| small.tx = pickle(&csr((2, 4), &[0, 0, 0], &[], &[]))),
            fault(&|small| small.ty.clone_from(&small.tx)),
            fault(&|small| small.ally = pickle(&array("i4", "<", &[1, 1], false, &i32s(&[1])))),
            fault(&|small| {
                small.ally = pickle(&array("i4", "<", &[2, 2], false, &i32s(&[1, 1, 0, 1])));
            }),
            fault(&|small| small.graph = pickle(&adjacency(&[(0, &[1])]))),
            fault(&|small| {
                small.graph =
                    pickle(&adjacency(&[(0, &[]), (1, &[]), (2, &[]), (3, &[9]), (4, &[])]));
            }),
            fault(&|small| {
                small.graph =
                    pickle(&adjacency(&[(0, &[]), (1, &[]), (2, &[]), (3, &[]), (3, &[])]));
            }),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }
}
