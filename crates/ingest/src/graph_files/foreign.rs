//! Files that are recognised and not read: each by its name, with a line of Python that converts it.

use std::path::Path;

/// A format that is not read: what it starts with, its name, and how to convert it.
type Foreign = (&'static [u8], &'static str, &'static str);

const BY_CONTENT: [Foreign; 13] = [
    (b">>graph6<<", "graph6", "nx.write_edgelist(nx.read_graph6(FILE), \"edges.txt\", data=False)"),
    (
        b">>sparse6<<",
        "sparse6",
        "nx.write_edgelist(nx.read_sparse6(FILE), \"edges.txt\", data=False)",
    ),
    (b"LEDA.GRAPH", "LEDA", "nx.write_edgelist(nx.read_leda(FILE), \"edges.txt\", data=False)"),
    (
        b"\x80\x02",
        "a Python pickle",
        "nx.write_graphml(pickle.load(open(FILE, \"rb\")), \"graph.graphml\")",
    ),
    (
        b"\x80\x03",
        "a Python pickle",
        "nx.write_graphml(pickle.load(open(FILE, \"rb\")), \"graph.graphml\")",
    ),
    (
        b"\x80\x04",
        "a Python pickle",
        "nx.write_graphml(pickle.load(open(FILE, \"rb\")), \"graph.graphml\")",
    ),
    (
        b"\x80\x05",
        "a Python pickle",
        "nx.write_graphml(pickle.load(open(FILE, \"rb\")), \"graph.graphml\")",
    ),
    (
        b"MATLAB 5.0",
        "a MATLAB file",
        "scipy.sparse.save_npz(\"graph.npz\", scipy.io.loadmat(FILE)[NAME].tocsr())",
    ),
    (b"\x89HDF", "an HDF5 file", "pd.read_hdf(FILE).to_parquet(\"edges.parquet\")"),
    (
        b"SQLite format 3",
        "an SQLite database",
        "pd.read_sql(QUERY, sqlite3.connect(FILE)).to_parquet(\"edges.parquet\")",
    ),
    (b"ORC", "ORC", "pd.read_orc(FILE).to_parquet(\"edges.parquet\")"),
    (
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook",
        "pd.read_excel(FILE).to_csv(\"edges.csv\", index=False)",
    ),
    (
        b"Obj\x01",
        "Avro",
        "pd.DataFrame(fastavro.reader(open(FILE, \"rb\"))).to_parquet(\"edges.parquet\")",
    ),
];

/// A member of every Excel workbook, which is a ZIP archive.
const WORKBOOK: &[u8] = b"[Content_Types].xml";

const DOT: &str = "nx.write_graphml(nx.nx_pydot.read_dot(FILE), \"graph.graphml\")";

/// Whether a text is XML; a table may start with an id such as `<m>`.
fn is_xml(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().trim_end();
    let is_tag = first.ends_with('>') && first.matches('<').count() == 1;
    text.starts_with('<') && (is_tag || text.contains("</"))
}

/// Whether the first line that is no comment states a problem of DIMACS.
fn is_dimacs(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|line| *line != "c" && !line.starts_with("c "));
    let first: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    matches!(first[..], ["p", _, nodes, edges] if nodes.parse::<u64>().is_ok() && edges.parse::<u64>().is_ok())
}

/// The name of a format that is not read and the line of Python that converts such a file, by its name and first
/// bytes.
#[must_use]
pub fn foreign(path: &Path, start: &[u8]) -> Option<(&'static str, &'static str)> {
    if super::extension(path).as_deref() == Some("lgl") {
        return Some(("LGL", "igraph.Graph.Read_Lgl(FILE).write_graphml(\"graph.graphml\")"));
    }
    by_content(start)
}

/// As [`foreign`], by the first bytes alone.
pub(super) fn by_content(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let known = BY_CONTENT.into_iter().find(|(magic, ..)| start.starts_with(magic));
    if let Some((_, name, python)) = known {
        return Some((name, python));
    }
    if start.starts_with(super::arrays::ZIP)
        && start.get(30..).is_some_and(|rest| rest.starts_with(WORKBOOK))
    {
        return Some((
            "an Excel workbook",
            "pd.read_excel(FILE).to_csv(\"edges.csv\", index=False)",
        ));
    }
    let text = std::str::from_utf8(&start[..start.len().min(4096)]).unwrap_or_else(|error| {
        std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
    });
    let text = text.trim_start().to_ascii_lowercase();
    let first = text
        .split(|letter: char| letter.is_whitespace() || letter == '{')
        .next()
        .unwrap_or_default();
    match first {
        "graph" | "digraph" | "strict" if text.contains('{') => Some(("DOT of Graphviz", DOT)),
        "c" | "p" if is_dimacs(&text) => {
            Some(("DIMACS", "igraph.Graph.Read_DIMACS(FILE).write_graphml(\"graph.graphml\")"))
        }
        "dl" if text.contains("data") => {
            Some(("UCINET's DL", "igraph.Graph.Read_DL(FILE).write_graphml(\"graph.graphml\")"))
        }
        _ if is_xml(&text) => Some((
            "an XML file that is neither GraphML nor GEXF",
            "see its program for an export as GraphML",
        )),
        _ => None,
    }
}
