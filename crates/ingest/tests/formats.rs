//! One little graph in every form that people keep theirs in: the artifacts are the same, byte for byte.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, FixedSizeListArray, Float32Array, Int32Array, Int64Array,
    LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray,
};
use arrow::datatypes::{Float32Type, Float64Type, Int32Type};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use vgae_artifacts::{Features, Kind, Provenance, json};
use vgae_ingest::{IngestConfig, load};

const ENDS: [(&str, &str, f32); 6] = [
    ("ann", "bob", 1.0),
    ("cid", "ann", 0.5),
    ("bob", "cid", 2.0),
    ("dan", "ann", 1.0),
    ("ann", "dan", 1.0),
    ("dan", "dan", 4.0),
];
const NODES: [(&str, &str); 4] = [("bob", "x"), ("ann", "y"), ("cid", "x"), ("dan", "y")];
/// As `tests/golden/make_numpy.py` has it.
const FEATURES: [[f32; 3]; 4] = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0; 3], [0.0, 1.0, 1.0]];

fn array(array: impl arrow::array::Array + 'static) -> ArrayRef {
    Arc::new(array)
}

fn lines(separator: &str) -> String {
    let line = |(src, dst, weight): &(&str, &str, f32)| {
        format!("{src}{separator}{dst}{separator}{weight}\n")
    };
    ENDS.iter().map(line).collect()
}

fn edge_batch(strings: impl Fn(Vec<&str>) -> ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter(vec![
        ("when", array(Int32Array::from_iter_values(0..6))),
        ("from", strings(ENDS.iter().map(|end| end.0).collect())),
        ("to", strings(ENDS.iter().map(|end| end.1).collect())),
        ("w", array(Float32Array::from_iter_values(ENDS.iter().map(|end| end.2)))),
    ])
    .expect("columns of one length")
}

fn node_batch(features: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let words = |words: Vec<&str>| array(StringArray::from(words));
    let mut columns = vec![
        ("id", words(NODES.iter().map(|node| node.0).collect())),
        ("label", words(NODES.iter().map(|node| node.1).collect())),
    ];
    columns.extend(features);
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn parquet(batch: &RecordBatch, compression: Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a writer");
    writer.write(batch).expect("written");
    writer.close().expect("closed");
    bytes
}

/// In two pieces, as large files are.
fn arrow_file(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = IpcWriteOptions::default().try_with_compression(compression).expect("options");
    let writer = FileWriter::try_new_with_options(&mut bytes, &batch.schema(), options);
    let mut writer = writer.expect("a writer");
    writer.write(&batch.slice(0, 1)).expect("written");
    writer.write(&batch.slice(1, batch.num_rows() - 1)).expect("written");
    writer.finish().expect("finished");
    drop(writer);
    bytes
}

fn arrow_stream(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a writer");
    writer.write(batch).expect("written");
    writer.finish().expect("finished");
    drop(writer);
    bytes
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("packed");
    packer.finish().expect("packed")
}

fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).expect("packed")
}

/// Raw files, by name.
type Files = Vec<(&'static str, Vec<u8>)>;

/// The files of a graph's folder, by name.
type Written = BTreeMap<&'static str, Vec<u8>>;

/// Reads `data`, the `[data]` table of a pipeline, with these files beside it.
fn artifacts(data: &str, files: &[(&str, Vec<u8>)]) -> Result<Written, String> {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("file");
    }
    let config: IngestConfig = toml::from_str(data).map_err(|error| error.to_string())?;
    let loaded = load(&config, folder.path(), None);
    let (graph, mut audit) = loaded.map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        text.replace(&folder.path().display().to_string(), "FOLDER")
    })?;
    // Of course each form is read in its own way.
    audit.readings.clear();
    let out = tempfile::tempdir().expect("temporary folder");
    let provenance = Provenance::of_stage("ingest");
    let at = |name: &str| out.path().join(name);
    graph.nodes.write(&at("nodes"), &provenance).expect("nodes");
    graph.edges.write(&at("edges"), &provenance).expect("edges");
    if let Some(features) = &graph.features {
        std::fs::write(at("feature names"), format!("{:?}", features.names())).expect("names");
        let (starts, columns) = (features.row_starts().to_vec(), features.columns().to_vec());
        let values = features.values().to_vec();
        let unnamed = Features::from_rows(features.feature_count(), starts, columns, values);
        unnamed.expect("features").write(&at("features"), &provenance).expect("features");
    }
    json::write(&at("audit"), Kind::Audit, &audit, &provenance).expect("audit");
    let read = |name| std::fs::read(at(name)).ok().map(|bytes| (name, bytes));
    Ok(["nodes", "edges", "features", "feature names", "audit"]
        .into_iter()
        .filter_map(read)
        .collect())
}

#[test]
fn edges_in_every_form_are_the_same_graph() {
    let text = |separator: &str| format!("from{0}to{0}w\n{1}", separator, lines(separator));
    let named = "src = \"from\", dst = \"to\", weight = \"w\"";
    let strings = |words: Vec<&str>| array(StringArray::from(words));
    let views = |words: Vec<&str>| array(StringViewArray::from(words));
    let large = |words: Vec<&str>| array(LargeStringArray::from(words));
    let dictionary =
        |words: Vec<&str>| array(words.into_iter().collect::<DictionaryArray<Int32Type>>());
    let snap = format!("# Nodes: 4 Edges: 6\n% w\n\n{}", lines(" \t ").replace("bob", "  bob"));
    let cases: Vec<(&str, Vec<u8>, String)> = vec![
        ("e.csv", text(",").into(), named.to_owned()),
        ("e.csv", text(",").into(), "src = 0, dst = 1, weight = 2".to_owned()),
        ("e.csv", lines(",").into(), "header = false, weight = 2".to_owned()),
        ("e.csv", lines(",").into(), "header = false, weight = \"column_3\"".to_owned()),
        ("e.csv", text(";").into(), format!("separator = \";\", {named}")),
        (
            "e.csv",
            format!("// mine\n{}", text("|")).into(),
            format!("separator = \"|\", comment = \"//\", {named}"),
        ),
        ("e.tsv", text("\t").into(), named.to_owned()),
        ("e.csv.gz", gzip(&text(",")), named.to_owned()),
        ("e.tsv.zst", zstd(&text("\t")), named.to_owned()),
        // Unpacked on the way, the name kept.
        ("e.csv.gz", text(",").into(), named.to_owned()),
        ("e.txt", snap.clone().into(), "weight = 2".to_owned()),
        ("e.edges", snap.replace('\n', "\r\n").into(), "weight = 2".to_owned()),
        ("e.edgelist.gz", gzip(&snap), "weight = 2".to_owned()),
        ("e.txt.zst", zstd(&snap), "weight = 2".to_owned()),
        ("e.txt", text(" ").into(), format!("header = true, {named}")),
        ("graph", snap.clone().into(), "format = \"text\", weight = 2".to_owned()),
        ("e.txt", text(",").into(), format!("format = \"csv\", {named}")),
        ("e.parquet", parquet(&edge_batch(strings), Compression::SNAPPY), named.to_owned()),
        (
            "e.parquet",
            parquet(&edge_batch(dictionary), Compression::UNCOMPRESSED),
            "src = 1, dst = 2, weight = 3".to_owned(),
        ),
        ("e.arrow", arrow_file(&edge_batch(strings), None), named.to_owned()),
        ("e.arrow", arrow_file(&edge_batch(views), Some(CompressionType::ZSTD)), named.to_owned()),
        (
            "e.feather",
            arrow_file(&edge_batch(large), Some(CompressionType::LZ4_FRAME)),
            named.to_owned(),
        ),
        (
            "e.arrow",
            arrow_stream(&edge_batch(dictionary)),
            "src = 1, dst = 2, weight = 3".to_owned(),
        ),
    ];
    let mut first: Option<Written> = None;
    for (name, bytes, columns) in cases {
        let data = format!("edges = {{ path = \"{name}\", {columns} }}");
        let written =
            artifacts(&data, &[(name, bytes)]).unwrap_or_else(|error| panic!("{data}: {error}"));
        assert_eq!(*first.get_or_insert_with(|| written.clone()), written, "{data}");
    }
    let audit = first.expect("cases").remove("audit").expect("an audit");
    insta::assert_snapshot!(String::from_utf8(audit).expect("text"));
}

#[test]
fn features_in_every_form_are_the_same() {
    let strings = |words: Vec<&str>| array(StringArray::from(words));
    let ids = |more: &dyn Fn(usize) -> String, names: &str| {
        let row = |row: usize| format!("{},{}{}\n", NODES[row].0, NODES[row].1, more(row));
        format!("id,label{names}\n{}", (0..4).map(row).collect::<Vec<_>>().concat())
    };
    let bare: (&str, Vec<u8>) = ("n.csv", ids(&|_| String::new(), "").into());
    let columns = ids(&|row| FEATURES[row].map(|value| format!(",{value}")).concat(), ",a,b,c");
    let numbers = || FEATURES.iter().flatten().copied();
    let column =
        |at: usize| array(Float32Array::from_iter_values(FEATURES.iter().map(|row| row[at])));
    let fixed = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
        FEATURES.iter().map(|row| Some(row.map(Some))),
        3,
    );
    let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(
        FEATURES.iter().map(|row| Some(row.map(|value| Some(f64::from(value))))),
    );
    let whole = ListArray::from_iter_primitive::<arrow::datatypes::UInt8Type, _, _>(
        FEATURES.iter().map(|row| Some(row.map(|value| Some(u8::from(value > 0.0))))),
    );
    let fixed = || node_batch(vec![("embedding", array(fixed.clone()))]);
    let lists = || node_batch(vec![("embedding", array(lists.clone()))]);
    let whole = || node_batch(vec![("embedding", array(whole.clone()))]);
    let triplets: Vec<(&str, u32, f32)> = (0..4)
        .rev()
        .flat_map(|row| {
            (0u32..).zip(FEATURES[row]).map(move |(at, value)| (NODES[row].0, at, value))
        })
        .filter(|(_, at, value)| *value != 0.0 || *at == 2)
        .collect();
    let triplet_text: Vec<String> =
        triplets.iter().map(|(id, at, value)| format!("{id} {at} {value}\n")).collect();
    let triplet_text = triplet_text.concat();
    let triplet_batch = RecordBatch::try_from_iter(vec![
        ("value", array(Float32Array::from_iter_values(triplets.iter().map(|t| t.2)))),
        ("id", strings(triplets.iter().map(|t| t.0).collect())),
        ("feature", array(Int64Array::from_iter_values(triplets.iter().map(|t| i64::from(t.1))))),
    ])
    .expect("columns");
    let numpy = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/numpy");
        std::fs::read(folder.join(name)).expect("a golden file")
    };
    assert_eq!(numbers().count(), 12);

    let file = |features: &str| format!("{{ path = \"n.csv\", features = {features} }}");
    let cases: Vec<(String, Files)> = vec![
        ("\"n.csv\"".to_owned(), vec![("n.csv", columns.clone().into())]),
        (
            "{ path = \"n.csv.gz\", id = 0, label = 1, features = [2, \"b\", 4] }".to_owned(),
            vec![("n.csv.gz", gzip(&columns))],
        ),
        (
            "\"n.parquet\"".to_owned(),
            vec![(
                "n.parquet",
                parquet(
                    &node_batch(vec![("a", column(0)), ("b", column(1)), ("c", column(2))]),
                    Compression::SNAPPY,
                ),
            )],
        ),
        ("\"n.parquet\"".to_owned(), vec![("n.parquet", parquet(&fixed(), Compression::SNAPPY))]),
        (
            "{ path = \"n.parquet\", features = [\"embedding\"] }".to_owned(),
            vec![("n.parquet", parquet(&lists(), Compression::LZ4_RAW))],
        ),
        (
            "\"n.parquet\"".to_owned(),
            vec![("n.parquet", parquet(&whole(), Compression::UNCOMPRESSED))],
        ),
        (
            "\"n.arrow\"".to_owned(),
            vec![("n.arrow", arrow_file(&fixed(), Some(CompressionType::LZ4_FRAME)))],
        ),
        ("\"n.arrow\"".to_owned(), vec![("n.arrow", arrow_stream(&lists()))]),
        (file("\"f.txt\""), vec![bare.clone(), ("f.txt", triplet_text.clone().into())]),
        (file("\"f.txt.gz\""), vec![bare.clone(), ("f.txt.gz", gzip(&triplet_text))]),
        (
            file("{ path = \"f.parquet\", id = \"id\", feature = \"feature\", value = 0 }"),
            vec![bare.clone(), ("f.parquet", parquet(&triplet_batch, Compression::SNAPPY))],
        ),
        (file("\"f.npy\""), vec![bare.clone(), ("f.npy", numpy("fortran.npy"))]),
        (file("\"f.npy\""), vec![bare.clone(), ("f.npy", numpy("nb1.npy"))]),
        (file("\"f.npz\""), vec![bare, ("f.npz", numpy("csr.npz"))]),
    ];
    let mut first: Option<Written> = None;
    let plain = "Some([\"a\", \"b\", \"c\"])";
    let listed = "Some([\"embedding[0]\", \"embedding[1]\", \"embedding[2]\"])";
    let names = [[plain; 3].as_slice(), &[listed; 5], &["None"; 6]].concat();
    assert_eq!(names.len(), cases.len());
    for ((nodes, mut files), names) in cases.into_iter().zip(names) {
        files.push(("e.csv", format!("from,to,w\n{}", lines(",")).into()));
        let data = format!("edges = \"e.csv\"\nnodes = {nodes}");
        let mut written =
            artifacts(&data, &files).unwrap_or_else(|error| panic!("{data}: {error}"));
        assert_eq!(written.remove("feature names").expect("names"), names.as_bytes(), "{data}");
        assert_eq!(written.len(), 4);
        assert_eq!(*first.get_or_insert_with(|| written.clone()), written, "{data}");
    }
}

#[test]
fn the_rules_for_what_is_wrong_are_kept_and_counted() {
    let edges = "src,dst,w\na,b,1\n,b,1\na,c,\nb,a,3\na,z,1\nc,a,2\n";
    let nodes = "id,f\na,1\nb,\n,5\na,7\nlonely,2\nc,3\n";
    let files = || vec![("e.csv", edges.into()), ("n.csv", nodes.into())];
    let data = |rules: &str| {
        format!("{rules}\nedges = {{ path = \"e.csv\", weight = \"w\" }}\nnodes = \"n.csv\"\n")
    };
    let repair = "missing_values = \"repair\"\nduplicate_ids = \"first\"\n";
    let all = format!("{repair}unknown_nodes = \"drop\"\nduplicate_weights = \"first\"");
    let written = artifacts(&data(&all), &files()).expect("repaired");
    insta::assert_snapshot!("repaired", String::from_utf8_lossy(&written["audit"]));

    let refused = [
        "",
        "missing_values = \"repair\"",
        "duplicate_ids = \"first\"",
        repair,
        &format!("{repair}unknown_nodes = \"drop\""),
        &format!("{repair}strict = true\nunknown_nodes = \"drop\""),
    ]
    .map(|rules| artifacts(&data(rules), &files()).expect_err("refused"));
    insta::assert_snapshot!("refused", refused.join("\n"));

    let strict = |edges: &str| {
        let files = [("e.csv", edges.into()), ("n.csv", b"id\na\nb\nc\n".to_vec())];
        artifacts("strict = true\nedges = \"e.csv\"\nnodes = \"n.csv\"", &files)
    };
    assert!(strict("src,dst\na,b\nc,a\n").is_ok());
    let said =
        ["src,dst\na,b\n", "src,dst\na,b\nc,z\n"].map(|edges| strict(edges).expect_err("strict"));
    insta::assert_snapshot!("strict", said.join("\n"));
}

#[test]
fn files_that_are_wrong_say_how() {
    let strings = |words: Vec<&str>| array(StringArray::from(words));
    let arrow = arrow_file(&edge_batch(strings), None);
    let packed = gzip(&lines(","));
    let edges = |path: &str, more: &str| format!("edges = {{ path = \"{path}\"{more} }}");
    let with = |features: &str| {
        format!("edges = \"e.csv\"\nnodes = {{ path = \"n.csv\", features = {features} }}")
    };
    let graph = || vec![("e.csv", b"src,dst\na,b\n".to_vec()), ("n.csv", b"id\na\nb\n".to_vec())];
    let and = |name, text: &str| {
        let mut files = graph();
        files.push((name, text.as_bytes().to_vec()));
        files
    };
    let uneven = ListArray::from_iter_primitive::<Float32Type, _, _>([
        Some(vec![Some(1.0)]),
        Some(vec![Some(1.0), Some(2.0)]),
        None,
        Some(vec![None]),
    ]);
    let uneven = parquet(&node_batch(vec![("f", array(uneven))]), Compression::SNAPPY);
    let four = np_rows(4);
    let cases: Vec<(String, Files)> = vec![
        (edges("e.csv.gz", ""), vec![("e.csv.gz", packed[..packed.len() / 2].to_vec())]),
        (edges("e.parquet", ""), vec![("e.parquet", packed.clone())]),
        (edges("e.arrow", ""), vec![("e.arrow", arrow[..arrow.len() / 2].to_vec())]),
        (edges("e.arrow", ""), vec![("e.arrow", b"FEA1".to_vec())]),
        (edges("e.arrow", ""), vec![("e.arrow", Vec::new())]),
        (edges("e.arrow", ", header = true"), vec![]),
        (edges("e.txt", ", separator = \",\""), vec![]),
        (edges("e.csv", ", separator = \"\u{e9}\""), vec![]),
        (edges("e.csv", ", comment = \"\""), vec![]),
        (edges("e.csv", ", src = 7"), graph()),
        (edges("e.csv", ", src = -1"), graph()),
        (edges("e.txt", ""), vec![("e.txt", b"# x\n1 2\n1 2 3\n".to_vec())]),
        (edges("e.txt", ""), vec![("e.txt", b"# nothing\n".to_vec())]),
        (with("{ path = \"f.txt\", layout = \"triplets\" }"), and("f.txt", "a 0 1\nz 0 1\n")),
        (with("{ path = \"f.txt\", layout = \"triplets\" }"), and("f.txt", "a 0 1\na 0 1\n")),
        (with("{ path = \"f.txt\", layout = \"triplets\" }"), and("f.txt", "a 99999999999 1\n")),
        (with("{ path = \"f.txt\", layout = \"triplets\" }"), and("f.txt", "a 0\n")),
        (with("{ path = \"f.csv\", value = \"v\" }"), and("f.csv", "i,f,v\na,0,x\n")),
        (with("{ path = \"f.npy\", id = 0 }"), graph()),
        (with("\"f.npy\""), {
            let mut files = graph();
            files.push(("f.npy", four));
            files
        }),
        (
            "edges = \"e.csv\"\nnodes = \"n.parquet\"".to_owned(),
            vec![("e.csv", b"src,dst\nann,bob\n".to_vec()), ("n.parquet", uneven)],
        ),
    ];
    let said: Vec<String> =
        cases.into_iter().map(|(data, files)| artifacts(&data, &files).expect_err(&data)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

fn np_rows(rows: usize) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows}, 1), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(vec![1; rows]);
    bytes
}

#[test]
fn damaged_arrow_files_are_no_panic() {
    let strings =
        |words: Vec<&str>| array(words.into_iter().collect::<DictionaryArray<Int32Type>>());
    let batch = edge_batch(strings);
    for whole in [arrow_file(&batch, Some(CompressionType::LZ4_FRAME)), arrow_stream(&batch)] {
        for at in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            drop(artifacts(
                "edges = { path = \"e.arrow\", src = 1, dst = 2 }",
                &[("e.arrow", damaged)],
            ));
        }
    }
}

#[test]
fn damaged_parquet_files_are_no_panic() {
    let batch = edge_batch(|words: Vec<&str>| array(StringArray::from(words)));
    for codec in [Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let whole = parquet(&batch, codec);
        for at in (0..whole.len()).step_by(2) {
            for change in [0x55, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                let data = "edges = { path = \"e.parquet\", src = 1, dst = 2 }";
                drop(artifacts(data, &[("e.parquet", damaged)]));
            }
        }
    }
}
