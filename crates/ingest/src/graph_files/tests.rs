use std::path::Path;

use arrow::array::AsArray as _;
use proptest::prelude::*;

use super::*;

/// The message of a file that is refused.
fn fault(format: GraphFormat, content: impl AsRef<[u8]>) -> String {
    format.read("g", content.as_ref()).expect_err("refused").to_string()
}

#[test]
fn files_that_break_their_format_say_where() {
    use GraphFormat::{
        AdjacencyList, AdjacencyMatrix, Gexf, Gml, GraphMl, MatrixMarket, NodeLink, Npy, Npz, Pajek,
    };
    let mtx = |header: &str, rest: &str| {
        fault(MatrixMarket, format!("%%MatrixMarket matrix {header}\n{rest}"))
    };
    let graphml = |inside: &str| fault(GraphMl, format!("<graphml>\n{inside}</graphml>"));
    let said = [
        fault(MatrixMarket, ""),
        mtx("array real general", "2 2\n1\n0\n0\n1\n"),
        mtx("coordinate complex general", ""),
        mtx("coordinate real skew-symmetric", ""),
        mtx("coordinate real general", "% nothing\n"),
        mtx("coordinate real general", "3 3\n"),
        mtx("coordinate real general", "3 3 1\n4 1 1.5\n"),
        mtx("coordinate real general", "3 3 1\n0 1 1.5\n"),
        mtx("coordinate real general", "3 3 1\n1 1\n"),
        mtx("coordinate pattern general", "3 3 1\n1 1 7\n"),
        mtx("coordinate pattern general", "3 3 2\n1 2\n"),
        mtx("coordinate pattern general", "99999999999 99999999999 1\n1 2\n"),
        graphml("<graph>\n<node/></graph>"),
        graphml("<graph><node id=\"a\"/>\n<node id=\"a\"/></graph>"),
        graphml("<graph><node id=\"a\"><data key=\"d0\">1</data></node></graph>"),
        graphml("<graph/><graph/>"),
        graphml("<graph><hyperedge/></graph>"),
        graphml("<graph><node id=\"&lol;\"/></graph>"),
        graphml(""),
        fault(GraphMl, "<graphml><graph>"),
        fault(GraphMl, "<graphml><graph></graphml>"),
        fault(GraphMl, "<a>".repeat(100)),
        fault(Gexf, "<gexf></gexf>"),
        fault(Gexf, "<gexf><graph mode=\"dynamic\"/></gexf>"),
        fault(
            Gexf,
            "<gexf><graph><nodes><node id=\"1\"><attvalues><attvalue for=\"0\" value=\"1\"/>",
        ),
        fault(Gml, "graph [ node [ label \"a\" ] ]"),
        fault(Gml, "graph [ node [ id 1 ] node [ id 1 ] ]"),
        fault(Gml, "graph [ edge [ source 1 ] ]"),
        fault(Gml, "graph [\n node [ id 1"),
        fault(Gml, "graph [\n node [ id \"1"),
        fault(Gml, "a [ ".repeat(100)),
        fault(Gml, "node 1"),
        fault(Pajek, "1 2\n"),
        fault(Pajek, "*Vertices many\n"),
        fault(Pajek, "*Vertices 99999999999\n"),
        fault(Pajek, "*Vertices 2\n1 \"a\"\n3 \"b\"\n"),
        fault(Pajek, "*Vertices 2\n*Edges\n1 3\n"),
        fault(Pajek, "*Vertices 2\n*Matrix\n0 1 0\n"),
        fault(Pajek, "*Vertices 2\n*Triangles\n"),
        fault(NodeLink, "{\"nodes\": []}"),
        fault(NodeLink, "{\"nodes\": [{\"id\": [1]}], \"edges\": []}"),
        fault(NodeLink, "{\"nodes\": [], \"edges\": [{\"source\": 1}]}"),
        fault(NodeLink, "{\"adjacency\": [], \"nodes\": []}"),
        fault(NodeLink, "{\"elements\": {}}"),
        fault(NodeLink, "{\"nodes\":\n[1]}"),
        fault(Npy, b""),
        fault(Npz, b""),
        fault(AdjacencyList, ",b\n"),
        fault(AdjacencyMatrix, ""),
        fault(AdjacencyMatrix, "a,b,c\n1,2,3\n"),
        fault(AdjacencyMatrix, ",a,b\na,0,1\nc,1,0\n"),
        fault(AdjacencyMatrix, "a,b\n0,x\n1,0\n"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn formats_are_recognised_by_content_before_name() {
    let detect = |name: &str, start: &str| GraphFormat::detect(Path::new(name), start.as_bytes());
    assert_eq!(detect("g.txt", "%%matrixmarket matrix"), Some(GraphFormat::MatrixMarket));
    assert_eq!(detect("g.txt", "\u{feff}<?xml ?>\n<graphml>"), Some(GraphFormat::GraphMl));
    assert_eq!(detect("g.xml", "<gexf>"), Some(GraphFormat::Gexf));
    assert_eq!(detect("g", "Creator \"x\"\nVersion 1\ngraph\n[\n"), Some(GraphFormat::Gml));
    assert_eq!(detect("g.txt", "*vertices 3\n"), Some(GraphFormat::Pajek));
    assert_eq!(detect("g.json.gz", ""), Some(GraphFormat::NodeLink));
    assert_eq!(detect("g.adjlist", "0 1 2\n"), Some(GraphFormat::AdjacencyList));
    for (name, start) in [("g.txt", "% KONECT\n1 2\n"), ("g.csv", "graph,b\n1,2\n"), ("g", "")] {
        assert_eq!(detect(name, start), None, "{name}");
    }
}

#[test]
fn what_is_not_read_is_named() {
    let named = |start: &[u8]| foreign(Path::new("g.txt"), start).map(|(name, _)| name);
    assert_eq!(named(b"digraph G {\n a -> b }"), Some("DOT of Graphviz"));
    assert_eq!(named(b"graph{a--b}"), Some("DOT of Graphviz"));
    assert_eq!(named(b">>graph6<<DQc"), Some("graph6"));
    assert_eq!(named(b"\x80\x04\x95"), Some("a Python pickle"));
    assert_eq!(named(b"dl n=4\ndata:\n"), Some("UCINET's DL"));
    assert_eq!(named(b"<html>"), Some("an XML file that is neither GraphML nor GEXF"));
    for start in [&b"src,dst\n1,2\n"[..], b"graph,node\n1,2\n", b"dl 1\n", b""] {
        assert_eq!(named(start), None);
    }
}

#[test]
fn a_matrix_is_told_from_edges() {
    assert!(looks_like_matrix(",a,b,c\na,0,1,0\nb,1,0,2\nc,0,2,0\n"));
    assert!(looks_like_matrix("a\tb\tc\na\t0\t1\t0\nb\t1\t0\t2\nc\t0\t2\t0\n"));
    assert!(looks_like_matrix(&"0 1 0 0 1\n".repeat(5)));
    assert!(!looks_like_matrix("0 1 5\n1 2 5\n2 0 5\n"));
    assert!(!looks_like_matrix("src,dst,weight\n0,1,1\n1,2,1\n2,0,1\n"));
    assert!(!looks_like_matrix("a,b\n"));
    assert!(is_small_matrix("0 1 2\n1 0 3\n2 3 0\n") && !is_small_matrix("0 1 5\n1 2 5\n2 0 5\n"));
    assert!(!is_small_matrix(&"0 1 0 0 1\n".repeat(5)) && !is_small_matrix("0 1\n1 0\n"));
}

#[test]
fn rows_and_columns_of_a_rectangle_are_nodes_of_two_kinds() {
    let text = "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 4\n2 3 0\n2 1 1\n";
    let file = GraphFormat::MatrixMarket.read("g.mtx", text.as_bytes()).expect("a rectangle");
    assert!(file.bipartite);
    insta::assert_debug_snapshot!(file);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is wrong with a file, it ends in a value or an error.
    #[test]
    fn damaged_files_are_no_panic(
        name in prop::sample::select(vec![
            "nx.graphml", "nx.gexf", "nx.gml", "nx.net", "nx.json", "nx.adjlist", "general.mtx", "csr.npz",
            "csc.npz", "coo.npz", "dense.npy", "pairs.npy", "edge_index.npz",
        ]),
        at: prop::sample::Index,
        with: u8,
        cut: prop::sample::Index,
    ) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/graphs");
        let mut bytes = std::fs::read(folder.join(name)).expect("a golden file");
        let format = GraphFormat::detect(Path::new(name), &bytes).expect(name);
        let place = at.index(bytes.len());
        bytes[place] ^= with;
        drop(format.read(name, &bytes));
        bytes.truncate(cut.index(bytes.len()));
        drop(format.read(name, &bytes));
    }
}

#[test]
fn labels_and_neighbours_are_what_other_programs_write() {
    let pajek =
        "*Vertices 4\n1 #a 0.0 0.0 ellipse\n2 o\"p\n3 \"q&#34;r\"\n4 \"s t\"\n*Edges\n1 2\n";
    let file = GraphFormat::Pajek.read("g.net", pajek.as_bytes()).expect("a graph");
    let ids = file.nodes.expect("nodes");
    let ids = ids.column(0).as_string::<i64>().iter().flatten().collect::<Vec<_>>();
    assert_eq!(ids, ["#a", "o\"p", "q\"r", "s t"]);

    let list = |text: &str| GraphFormat::AdjacencyList.read("g.adjlist", text.as_bytes());
    assert!(
        list("a b\nc\nb c\n").is_ok() && list("a,b c\n").is_err() && list("a,\"b c\"\n").is_ok()
    );
    assert!(
        list("#a.py\n# b\na b\n").is_ok()
            && list("a b\n# c\n").is_ok()
            && list("a b\n%c d\n").is_err()
    );
    let multiline = fault(GraphFormat::AdjacencyList, "a 2\nb {'weight': 1.0}\nc {}\n");
    assert!(multiline.contains("read_multiline_adjlist"), "{multiline}");
    let lgl = foreign(Path::new("g.lgl"), b"# a\nb 1.0\n").map(|(name, _)| name);
    let dimacs = foreign(Path::new("g.txt"), b"c a problem\np max 4 5\na 1 2 1\n");
    assert_eq!((lgl, dimacs.map(|(name, _)| name)), (Some("LGL"), Some("DIMACS")));
    assert_eq!(foreign(Path::new("g.csv"), b"<m>,<n>\n<n>,<o>\n"), None);
}
