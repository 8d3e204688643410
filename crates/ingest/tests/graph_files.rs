//! One graph in every file format of graphs that people have: the graph is the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int8Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int8Type;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use vgae_artifacts::{Audit, Graph};
use vgae_ingest::{IngestConfig, load};

/// Nodes by their ids with labels and features, and edges with weights.
#[derive(Debug, Clone, Default, PartialEq)]
struct Plain {
    nodes: BTreeMap<String, (Option<String>, Vec<f32>)>,
    edges: BTreeMap<(String, String), f32>,
}

impl Plain {
    fn of(graph: &Graph) -> Self {
        let (ids, labels) = (graph.nodes.ids(), graph.nodes.labels());
        let mut plain = Self::default();
        for (node, id) in ids.iter().enumerate() {
            let features = graph.features.as_ref().map_or(Vec::new(), |features| {
                let mut row = vec![0.0; features.feature_count()];
                features.row(node).for_each(|(at, value)| row[at as usize] = value);
                row
            });
            plain.nodes.insert(id.clone(), (labels[node].clone(), features));
        }
        for (at, pair) in graph.edges.pairs().iter().enumerate() {
            let weight = graph.edges.weights().map_or(1.0, |weights| weights[at]);
            let [a, b] = [pair.src, pair.dst].map(|node| ids[node as usize].clone());
            let ends = if graph.edges.is_directed() || a < b { (a, b) } else { (b, a) };
            plain.edges.insert(ends, weight);
        }
        plain
    }

    /// Without what not every format holds.
    fn bare(mut self) -> Self {
        self.nodes.values_mut().for_each(|facts| *facts = (None, Vec::new()));
        self
    }

    fn unweighted(mut self) -> Self {
        self.edges.values_mut().for_each(|weight| *weight = 1.0);
        self
    }

    fn without_isolated(mut self) -> Self {
        let ends = |id: &String| self.edges.keys().any(|(a, b)| a == id || b == id);
        self.nodes.retain(|id, _| ends(id));
        self
    }
}

/// Reads `data`, the `[data]` table of a pipeline, with these files beside it.
fn read(data: &str, files: &[(&str, Vec<u8>)]) -> Result<(Graph, Audit), String> {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("file");
    }
    let config: IngestConfig = toml::from_str(data).map_err(|error| error.to_string())?;
    load(&config, folder.path(), None).map_err(|error| {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            write!(text, ": {cause}").expect("a string");
            source = cause.source();
        }
        text.replace(&folder.path().display().to_string(), "FOLDER")
    })
}

fn read_one(name: &str, bytes: Vec<u8>) -> Result<Plain, String> {
    read(&format!("edges = \"{name}\""), &[(name, bytes)]).map(|(graph, _)| Plain::of(&graph))
}

fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/graphs");
    std::fs::read(folder.join(name)).expect("a golden file")
}

/// The graph of `tests/golden/make_graphs.py`.
fn expected(first: usize) -> Plain {
    let mut plain = Plain::default();
    for node in 0..5 {
        let facts = (Some(["a", "b"][node % 2].to_owned()), vec![[0.0, 0.5, 1.0, 1.5, 2.0][node]]);
        plain.nodes.insert((node + first).to_string(), facts);
    }
    for ([a, b], weight) in [[0, 1], [0, 2], [1, 2], [2, 3]].into_iter().zip([0.5, 1.5, 2.5, 3.5]) {
        plain.edges.insert(((a + first).to_string(), (b + first).to_string()), weight);
    }
    plain
}

#[test]
fn what_other_programs_write_is_read() {
    for name in ["nx.graphml", "nx.gexf", "nx.json", "links.json"] {
        assert_eq!(read_one(name, golden(name)), Ok(expected(0)), "{name}");
    }
    let bare = expected(0).bare();
    for name in ["nx.gml", "nx.net", "csr.npz", "csc.npz", "coo.npz", "dense.npy"] {
        assert_eq!(read_one(name, golden(name)), Ok(bare.clone()), "{name}");
    }
    for name in ["symmetric.mtx", "general.mtx"] {
        assert_eq!(read_one(name, golden(name)), Ok(expected(1).bare()), "{name}");
    }
    assert_eq!(read_one("nx.adjlist", golden("nx.adjlist")), Ok(bare.clone().unweighted()));
    let pairs = bare.unweighted().without_isolated();
    for name in ["edge_index.npy", "pairs.npy", "edge_index.npz"] {
        assert_eq!(read_one(name, golden(name)), Ok(pairs.clone()), "{name}");
    }
}

#[test]
fn ids_of_every_type_in_parquet_are_the_same_ids() {
    let pairs = expected(0).bare().unweighted().without_isolated();
    for name in [
        "decimal.parquet",
        "binary.parquet",
        "dictionary.parquet",
        "enum.parquet",
        "categorical.parquet",
        "duckdb-ubigint.parquet",
    ] {
        assert_eq!(read_one(name, golden(name)), Ok(pairs.clone()), "{name}");
    }
    let renamed = |id: &dyn Fn(&str) -> String| Plain {
        nodes: pairs.nodes.iter().map(|(node, facts)| (id(node), facts.clone())).collect(),
        edges: pairs.edges.iter().map(|((a, b), w)| ((id(a), id(b)), *w)).collect(),
    };
    let large = |id: &str| {
        let id: u64 = id.parse().expect("a number");
        (9_223_372_036_854_775_808 + id).to_string()
    };
    assert_eq!(read_one("uint64.parquet", golden("uint64.parquet")), Ok(renamed(&large)));
    let uuid = |id: &str| format!("00000000-0000-0000-0000-00000000000{id}");
    for name in ["uuid.parquet", "duckdb-uuid.parquet"] {
        assert_eq!(read_one(name, golden(name)), Ok(renamed(&uuid)), "{name}");
    }
}

/// A random graph whose nodes are numbered, with weights unless all are 1.
#[derive(Debug, Clone)]
struct Drawn {
    nodes: usize,
    edges: BTreeMap<(usize, usize), f32>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let pairs = prop::collection::btree_map((0usize..7, 0usize..7), 1u8..9, 1..12);
    (pairs, 7usize..10, any::<bool>()).prop_filter_map("no edge", |(pairs, nodes, weighted)| {
        let weight = |weight: u8| if weighted { f32::from(weight) / 4.0 } else { 1.0 };
        let edges = pairs.into_iter().filter(|((a, b), _)| a < b);
        let edges: BTreeMap<_, _> = edges.map(|(ends, it)| (ends, weight(it))).collect();
        (!edges.is_empty()).then_some(Drawn { nodes, edges })
    })
}

impl Drawn {
    fn plain(&self, id: impl Fn(usize) -> String) -> Plain {
        let nodes = (0..self.nodes).map(|node| (id(node), (None, Vec::new()))).collect();
        let edges = self.edges.iter().map(|(&(a, b), &weight)| {
            let (a, b) = (id(a), id(b));
            (if a < b { (a, b) } else { (b, a) }, weight)
        });
        Plain { nodes, edges: edges.collect() }
    }

    fn lines(&self, line: impl Fn(usize, usize, f32) -> String) -> String {
        self.edges.iter().map(|(&(a, b), &weight)| line(a, b, weight)).collect()
    }

    fn matrix(&self) -> Vec<Vec<f32>> {
        let mut rows = vec![vec![0.0; self.nodes]; self.nodes];
        for (&(a, b), &weight) in &self.edges {
            (rows[a][b], rows[b][a]) = (weight, weight);
        }
        rows
    }

    fn nodes(&self, line: impl Fn(usize) -> String) -> String {
        (0..self.nodes).map(line).collect()
    }

    /// The file formats in which nodes have names, by the name of a file.
    fn named(&self, name: impl Fn(usize) -> String) -> Vec<(&'static str, String)> {
        let graphml = format!(
            "<?xml version='1.0'?><graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\
             <key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/><graph edgedefault=\"undirected\">\n\
             {}{}</graph></graphml>",
            self.nodes(|node| format!("<node id=\"{}\"/>\n", escaped(&name(node)))),
            self.lines(|a, b, weight| format!(
                "<edge source=\"{}\" target=\"{}\"><data key=\"w\">{weight}</data></edge>\n",
                escaped(&name(a)),
                escaped(&name(b))
            ))
        );
        let gexf = format!(
            "<gexf version=\"1.3\"><graph defaultedgetype=\"undirected\"><nodes>{}</nodes><edges>{}</edges></graph></gexf>",
            self.nodes(|node| format!("<node id=\"{0}\" label=\"{0}\"/>\n", escaped(&name(node)))),
            self.lines(|a, b, weight| format!(
                "<edge source=\"{}\" target=\"{}\" weight=\"{weight}\"/>\n",
                escaped(&name(a)),
                escaped(&name(b))
            ))
        );
        let gml = format!(
            "Creator \"a test\"\ngraph [\n  directed 0\n{}{}]\n",
            self.nodes(|node| {
                format!(
                    "  node [ id {} label \"{}\" graphics [ x 1.5 ] ]\n",
                    node + 3,
                    escaped(&name(node))
                )
            }),
            self.lines(|a, b, weight| {
                format!("  edge [\n source {}\n target {}\n weight {weight} ]\n", a + 3, b + 3)
            })
        );
        let pajek = format!(
            "% a test\n*Vertices {}\n{}*Edges\n{}",
            self.nodes,
            self.nodes(|node| format!("{} \"{}\" 0.1 0.2 ellipse\n", node + 1, name(node))),
            self.lines(|a, b, weight| format!("{} {} {weight}\n", a + 1, b + 1))
        );
        let quoted = |node: usize| serde_json::to_string(&name(node)).expect("text");
        let json = format!(
            "{{\"directed\": false, \"nodes\": [{}], \"links\": [{}]}}",
            self.nodes(|node| format!("{{\"id\": {}}},\n", quoted(node))).trim_end_matches(",\n"),
            self.lines(|a, b, weight| format!(
                "{{\"source\": {}, \"target\": {}, \"weight\": {weight}}},\n",
                quoted(a),
                quoted(b)
            ))
            .trim_end_matches(",\n")
        );
        let names = self.nodes(|node| format!(",{}", name(node)));
        let matrix = self.matrix();
        let matrix = format!(
            "{names}\n{}",
            self.nodes(|node| {
                let row: Vec<String> =
                    matrix[node].iter().map(|weight| format!(",{weight}")).collect();
                let row = row.concat();
                format!("{}{row}\n", name(node))
            })
        );
        vec![
            ("g.graphml", graphml),
            ("g.gexf", gexf),
            ("g.gml", gml),
            ("g.net", pajek),
            ("g.json", json),
            ("g.csv", matrix),
        ]
    }

    /// The file formats in which nodes are numbered from 0.
    fn numbered(&self) -> Vec<(&'static str, Vec<u8>)> {
        let (a, b): (Vec<i64>, Vec<i64>) =
            self.edges.keys().map(|&(a, b)| (whole(a), whole(b))).unzip();
        let weights: Vec<f64> = self.edges.values().map(|&weight| f64::from(weight)).collect();
        let starts = |ends: &[i64]| -> Vec<i64> {
            let before = |node| whole(ends.iter().filter(|&&end| end < node).count());
            (0..=whole(self.nodes)).map(before).collect()
        };
        let shape = npy(&[2], &[whole(self.nodes); 2]);
        let data = || npy_floats(&[weights.len()], &weights);
        let length = [a.len()];
        let csr = npz(&[
            ("indices.npy", npy(&length, &b)),
            ("indptr.npy", npy(&[self.nodes + 1], &starts(&a))),
            ("format.npy", npy_text("csr")),
            ("shape.npy", shape.clone()),
            ("data.npy", data()),
        ]);
        let coo = npz(&[
            ("row.npy", npy(&length, &a)),
            ("col.npy", npy(&length, &b)),
            ("format.npy", npy_text("coo")),
            ("shape.npy", shape),
            ("data.npy", data()),
        ]);
        let dense: Vec<f64> = self.matrix().concat().into_iter().map(f64::from).collect();
        vec![("g.npz", csr), ("g.npz", coo), ("g.npy", npy_floats(&[self.nodes; 2], &dense))]
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).expect("small")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn array(descr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(|axis| format!("{axis}, ")).collect();
    let axes = axes.concat();
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({axes}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn npy(shape: &[usize], values: &[i64]) -> Vec<u8> {
    array("<i8", shape, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn npy_floats(shape: &[usize], values: &[f64]) -> Vec<u8> {
    array("<f8", shape, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn npy_text(text: &str) -> Vec<u8> {
    array(&format!("|S{}", text.len()), &[], text.as_bytes())
}

fn npz(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("a member");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_format_holds_the_same_graph(graph in drawn(), odd: bool) {
        let odd = |node: usize| {
            if odd { format!("n & \u{e9}<{node}> 'x'") } else { format!("{}", 10 + node) }
        };
        for (name, text) in graph.named(odd) {
            prop_assert_eq!(read_one(name, text.clone().into_bytes()), Ok(graph.plain(odd)), "{}\n{}", name, text);
        }
        for (name, bytes) in graph.numbered() {
            prop_assert_eq!(read_one(name, bytes), Ok(graph.plain(|node| node.to_string())), "{}", name);
        }
        let numbers = |node: usize| (node + 1).to_string();
        for symmetry in ["symmetric", "general"] {
            let mtx = format!(
                "%%MatrixMarket matrix coordinate real {symmetry}\n% a test\n{0} {0} {1}\n{2}",
                graph.nodes,
                graph.edges.len(),
                graph.lines(|a, b, weight| format!("{} {} {weight}\n", b + 1, a + 1))
            );
            prop_assert_eq!(read_one("g.mtx", mtx.into_bytes()), Ok(graph.plain(numbers)));
        }
        let list = graph.lines(|a, b, _| format!("{a} {b}\n")) + &graph.nodes(|node| format!("{node}\n"));
        prop_assert_eq!(
            read_one("g.adjlist", list.into_bytes()),
            Ok(graph.plain(|node| node.to_string()).unweighted())
        );
        let index: Vec<i64> = graph.edges.keys().map(|ends| whole(ends.0))
            .chain(graph.edges.keys().map(|ends| whole(ends.1))).collect();
        if graph.edges.len() != 2 {
            prop_assert_eq!(
                read_one("g.npy", npy(&[2, graph.edges.len()], &index)),
                Ok(graph.plain(|node| node.to_string()).unweighted().without_isolated())
            );
        }
    }
}

#[test]
fn a_folder_of_part_files_is_one_table() {
    let part = |ends: &[(i64, i64)]| {
        let column = |values: Vec<i64>| Arc::new(Int64Array::from(values)) as ArrayRef;
        let (a, b) = ends.iter().copied().unzip();
        parquet(&RecordBatch::try_from_iter([("src", column(a)), ("dst", column(b))]).expect("two"))
    };
    let expected = read_one("e.csv", b"src,dst\n0,1\n1,2\n2,3\n".to_vec());
    let files = [
        ("e.parquet/_SUCCESS", Vec::new()),
        ("e.parquet/.part-0.crc", b"x".to_vec()),
        ("e.parquet/part-1.parquet", part(&[(2, 3)])),
        ("e.parquet/part-0.parquet", part(&[(0, 1), (1, 2)])),
    ];
    let plain = |data: &str, files: &[(&str, Vec<u8>)]| {
        read(data, files).map(|(graph, _)| Plain::of(&graph))
    };
    assert_eq!(plain("edges = \"e.parquet\"", &files), expected);
    let texts = [
        ("e.csv/part-0.csv", b"src,dst\n0,1\n1,2".to_vec()),
        ("e.csv/part-1.csv", Vec::new()),
        ("e.csv/part-2.csv", b"src,dst\r\n2,3\r\n".to_vec()),
    ];
    assert_eq!(plain("edges = \"e.csv\"", &texts), expected);
    let bare = [("e/part-0", b"0 1\n1 2\n".to_vec()), ("e/part-1", b"2 3".to_vec())];
    assert_eq!(plain("edges = { path = \"e\", format = \"text\" }", &bare), expected);

    let other =
        RecordBatch::try_from_iter([("src", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    let mut differ = files.to_vec();
    differ.push(("e.parquet/part-2.parquet", parquet(&other.expect("one"))));
    let mut nested = files.to_vec();
    nested.push(("e.parquet/day=1/part-0.parquet", part(&[(0, 1)])));
    let mut header = texts.to_vec();
    header.push(("e.csv/part-3.csv", b"from,to\n4,5\n".to_vec()));
    let said = [
        plain("edges = \"e.parquet\"", &differ),
        plain("edges = \"e.parquet\"", &nested),
        plain("edges = \"e.parquet\"", &files[..2]),
        plain("edges = \"e.csv\"", &header),
    ]
    .map(|read| read.expect_err("refused"));
    insta::assert_snapshot!(said.join("\n"));
}

fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_page_size_limit(1 << 30)
        .set_data_page_size_limit(1 << 30);
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build()))
        .expect("a writer");
    writer.write(batch).expect("written");
    writer.close().expect("closed");
    bytes
}

#[test]
fn separators_packings_and_encodings_of_all_kinds() {
    let expected = read_one("e.csv", "src,dst\nZoë,José\nJosé,Ana\n".into());
    let same = |keys: &str, name: &str, bytes: Vec<u8>| {
        let data = format!("edges = {{ path = \"{name}\", {keys} }}");
        let found = read(&data, &[(name, bytes)]).map(|(graph, _)| Plain::of(&graph));
        assert_eq!(found, expected, "{data}");
    };
    let text = "src,dst\nZoë,José\nJosé,Ana\n";
    let latin =
        |text: &str| text.chars().map(|it| u8::try_from(u32::from(it)).expect("Latin-1")).collect();
    same("encoding = \"latin1\"", "e.csv", latin(text));
    same(
        "encoding = \"utf-16be\"",
        "e.csv",
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    );
    let marked = std::iter::once(0xfeff).chain(text.encode_utf16());
    same("header = true", "e.csv", marked.flat_map(u16::to_le_bytes).collect());
    same("header = true", "e.csv", text.replace('\n', "\r").into());
    same("header = true", "e.txt", text.replace(',', " ").replace('\n', "\r").into());
    same("separator = \"::\"", "e.csv", text.replace(',', "::").into());
    let lines = text.replace(',', " | ").replace("src | dst\n", "");
    same("format = \"csv\", header = false, separator = \"|\"", "e.dat", lines.into());
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip2.write_all(text.as_bytes()).expect("packed");
    same("header = true", "e.csv.bz2", bzip2.finish().expect("packed"));
    same("format = \"csv\"", "e.zip", npz(&[("inside/e.csv", text.into())]));

    let said = [
        read_one("e.csv", b"src,dst,name\n0,1,x\n1,2,Jos\xe9\n".to_vec()),
        read_one("e.txt", b"1 2\n3 \xff\n".to_vec()),
        read("edges = { path = \"e.csv\", encoding = \"latin-9000\" }", &[])
            .map(|_| Plain::default()),
        read("edges = { path = \"e.parquet\", encoding = \"latin1\" }", &[])
            .map(|_| Plain::default()),
        read("edges = { path = \"e.csv\", separator = \"\" }", &[]).map(|_| Plain::default()),
        read("edges = { path = \"e.csv\", format = \"excel\" }", &[]).map(|_| Plain::default()),
        read("edges = \"e.csv\"\nnodes = \"n.mtx\"", &[]).map(|_| Plain::default()),
        read_one("e.zip", npz(&[("a.csv", text.into()), ("b.csv", text.into())])),
        read_one("e.csv", b"PK\x03\x04".to_vec()),
        read_one("g.dot", b"graph { a -- b }".to_vec()),
        read_one("e.txt", b"0 1 2\n1 2 3\n2 3 4\n3 4 0\n4 0 1\n".to_vec()),
    ]
    .map(|read| read.expect_err("refused"));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn unsigned_numbers_beyond_63_bits_are_ids_numbers_or_left_alone() {
    let edges = ("e.csv", b"src,dst\n0,1\n1,2\n".to_vec());
    let nodes = "id,label,hash,x\n0,A,1,0.5\n1,B,10000000000000000003,1.5\n2,A,2,2.5\n";
    let data = "edges = \"e.csv\"\nnodes = \"n.csv\"";
    let (graph, _) = read(data, &[edges.clone(), ("n.csv", nodes.into())]).expect("a graph");
    assert_eq!(Plain::of(&graph).nodes["1"].1, [1.5]);
    let data = "edges = \"e.csv\"\nnodes = { path = \"n.csv\", features = [\"hash\", \"x\"] }";
    let error = read(data, &[edges.clone(), ("n.csv", nodes.into())]).expect_err("a huge number");
    assert!(error.contains("column `hash`") && error.contains("1e19"), "{error}");
    let data = "edges = \"e.csv\"\nnodes = { path = \"n.csv\", features = [\"x\"] }";
    let (graph, _) = read(data, &[edges, ("n.csv", nodes.into())]).expect("a graph");
    assert_eq!(Plain::of(&graph).nodes["1"].1, [1.5]);
    let ids = b"src,dst\n18446744073709551615,1\n1,7\n".to_vec();
    let found = read_one("e.csv", ids).expect("a graph");
    assert!(found.nodes.contains_key("18446744073709551615"));
}

#[test]
fn columns_that_expand_without_end_are_refused() {
    let rows = 18_000_000;
    let constant = || Arc::new(Int64Array::from_value(7, rows)) as ArrayRef;
    let runs = RecordBatch::try_from_iter([("src", constant()), ("dst", constant())]).expect("two");
    let word = StringArray::from(vec!["long".repeat(1 << 18)]);
    let keys = Int8Array::from_value(0, 300);
    let words = DictionaryArray::<Int8Type>::try_new(keys, Arc::new(word)).expect("a dictionary");
    let words = || Arc::new(words.clone()) as ArrayRef;
    let texts = RecordBatch::try_from_iter([("src", words()), ("dst", words())]).expect("two");
    for batch in [runs, texts] {
        let bytes = parquet(&batch);
        assert!(bytes.len() < 1_000_000, "{}", bytes.len());
        let error = read_one("e.parquet", bytes).expect_err("a bomb");
        assert!(error.contains("268435456"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_never_waited_for() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipe = folder.path().join("e.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let config = IngestConfig {
        edges: vec![vgae_ingest::EdgeTable::new("e.csv")],
        ..IngestConfig::default()
    };
    for error in [
        load(&config, folder.path(), None).map(|_| ()).expect_err("a pipe"),
        vgae_ingest::inputs(&config, folder.path()).map(|_| ()).expect_err("a pipe"),
    ] {
        let cause = std::error::Error::source(&error).expect("the system's reason").to_string();
        assert!(cause.contains("expected a regular file, found a pipe"), "{cause}");
    }
}
