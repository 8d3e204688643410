use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int8Array, Int64Array, ListArray, StringArray,
    TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type};
use proptest::prelude::*;
use tempfile::TempDir;
use vgae_artifacts::Pair;

use vgae_testing::{chain, write_parquet};

use super::read;
use crate::config::{EdgeTable, IngestConfig, NodeFeatures, NodeTable, UnknownNodes};
use crate::{IngestError, RawGraph};

/// A folder with `e.csv` and, if it is not empty, `n.csv`.
fn folder(edges: &str, nodes: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("e.csv"), edges).expect("write");
    if !nodes.is_empty() {
        std::fs::write(folder.path().join("n.csv"), nodes).expect("write");
    }
    folder
}

fn read_in(
    folder: &TempDir,
    edges: &EdgeTable,
    nodes: Option<&NodeTable>,
    unknown: UnknownNodes,
) -> Result<RawGraph, IngestError> {
    let config = IngestConfig { unknown_nodes: unknown, ..IngestConfig::default() };
    let nodes = nodes.map(std::slice::from_ref).unwrap_or_default();
    read(std::slice::from_ref(edges), nodes, folder.path(), config.rules())
}

/// Both tables with everything as by default.
fn read_csv(edges: &str, nodes: &str) -> Result<RawGraph, IngestError> {
    let table = NodeTable::new("n.csv");
    let nodes_table = (!nodes.is_empty()).then_some(&table);
    read_in(&folder(edges, nodes), &EdgeTable::new("e.csv"), nodes_table, UnknownNodes::Error)
}

fn pairs(raw: &RawGraph) -> Vec<(u32, u32)> {
    raw.edges.iter().map(|pair| (pair.src, pair.dst)).collect()
}

fn labels(raw: &RawGraph) -> Vec<Option<&str>> {
    raw.labels.iter().map(Option::as_deref).collect()
}

fn rows(raw: &RawGraph) -> Vec<Vec<(u32, f32)>> {
    let features = raw.features.as_ref().expect("features");
    (0..features.node_count()).map(|node| features.row(node).collect()).collect()
}

#[test]
fn edges_alone_name_their_nodes_in_order() {
    let raw = read_csv("a,b,when\n007,x,1\nx,7,2\nx,x,3\n", "").expect("a graph");
    assert_eq!(raw.ids, ["007", "x", "7"]);
    assert_eq!(pairs(&raw), [(0, 1), (1, 2), (1, 1)]);
    assert_eq!(labels(&raw), [None, None, None]);
    assert!(raw.features.is_none() && raw.weights.is_none());
}

#[test]
fn line_ends_blanks_quotes_and_a_byte_order_mark_do_not_matter() {
    let raw = read_csv("\u{feff}a, b\r\n1, 2\r\n\"x,y\", 2\r\n2,\"1\"", "").expect("a graph");
    assert_eq!(raw.ids[..2], ["1", "2"]);
    assert_eq!(pairs(&raw).last(), Some(&(1, 0)));
    let named =
        EdgeTable { src: Some("b".into()), dst: Some("a".into()), ..EdgeTable::new("e.csv") };
    let folder = folder("\u{feff}a, b\r\n1, 2\r\n", "");
    let raw = read_in(&folder, &named, None, UnknownNodes::Error).expect("a graph");
    assert_eq!(raw.ids, ["2", "1"]);
}

#[test]
fn tabs_and_missing_headers_are_read_when_told() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("e.tsv"), "1\t2\t0.5\n2\t3\t1.5\n").expect("write");
    let table = EdgeTable {
        header: Some(false),
        weight: Some("column_3".into()),
        ..EdgeTable::new("e.tsv")
    };
    let raw = read_in(&folder, &table, None, UnknownNodes::Error).expect("a graph");
    assert_eq!(pairs(&raw), [(0, 1), (1, 2)]);
    assert_eq!(raw.weights, Some(vec![0.5, 1.5]));
}

#[test]
fn a_node_table_gives_order_labels_and_features() {
    let nodes = "name,id,label,age,member, score\nAnn,b,x,3,true, 0.5\nBob,a,,0,false, 0\nCid,c,y,1,true, -2e1\n";
    let raw = read_csv("src,dst\na,b\n", nodes).expect("a graph");
    assert_eq!(raw.ids, ["b", "a", "c"]);
    assert_eq!(labels(&raw), [Some("x"), None, Some("y")]);
    let expected =
        [vec![(0, 3.0), (1, 1.0), (2, 0.5)], vec![], vec![(0, 1.0), (1, 1.0), (2, -20.0)]];
    assert_eq!(rows(&raw), expected);
    assert_eq!(pairs(&raw), [(1, 0)]);
    let unused = raw.readings[1].columns.last().expect("columns");
    assert_eq!((unused.part.as_str(), unused.why.as_str()), ("not used", "text"));
    assert_eq!(unused.columns.examples, ["name"]);
}

#[test]
fn named_columns_are_taken_in_the_order_they_are_named() {
    let nodes = NodeTable {
        id: Some("person".into()),
        label: Some("team".into()),
        features: Some(NodeFeatures::Columns(vec!["c".into(), "a".into()])),
        ..NodeTable::new("n.csv")
    };
    let folder = folder("src,dst\n1,2\n", "a,b,c,team,person\n1,2,3,7,1\n4,5,6,8,2\n");
    let raw = read_in(&folder, &EdgeTable::new("e.csv"), Some(&nodes), UnknownNodes::Error)
        .expect("a graph");
    assert_eq!(rows(&raw), [vec![(0, 3.0), (1, 1.0)], vec![(0, 6.0), (1, 4.0)]]);
    assert_eq!(labels(&raw), [Some("7"), Some("8")]);
}

#[test]
fn unknown_nodes_are_refused_dropped_or_added() {
    let folder = folder("src,dst,w\na,z,1\na,b,2\ny,z,3\n", "id,f\na,1\nb,2\n");
    let edges = EdgeTable { weight: Some("w".into()), ..EdgeTable::new("e.csv") };
    let read = |unknown| read_in(&folder, &edges, Some(&NodeTable::new("n.csv")), unknown);

    let error = read(UnknownNodes::Error).expect_err("z is unknown");
    insta::assert_snapshot!(error.to_string());

    let dropped = read(UnknownNodes::Drop).expect("a graph");
    assert_eq!(pairs(&dropped), [(0, 1)]);
    assert_eq!((dropped.unknown_ends_dropped, dropped.weights), (2, Some(vec![2.0])));

    let added = read(UnknownNodes::Add).expect("a graph");
    assert_eq!(added.ids, ["a", "b", "z", "y"]);
    assert_eq!(pairs(&added), [(0, 2), (0, 1), (3, 2)]);
    assert_eq!(rows(&added), [vec![(0, 1.0)], vec![(0, 2.0)], vec![], vec![]]);
    assert_eq!(added.labels.len(), 4);
}

#[test]
fn faults_say_where() {
    let named = |src: &str| EdgeTable { src: Some(src.into()), ..EdgeTable::new("e.csv") };
    let both = |end: &str| EdgeTable { dst: Some(end.into()), ..named(end) };
    let weighted = || EdgeTable { weight: Some("w".into()), ..EdgeTable::new("e.csv") };
    let featured = |names: &[&str]| NodeTable {
        features: Some(NodeFeatures::Columns(names.iter().map(|&name| name.into()).collect())),
        ..NodeTable::new("n.csv")
    };
    let plain = || EdgeTable::new("e.csv");
    let nodes = || NodeTable::new("n.csv");
    let good = "src,dst\na,b\n";
    let cases: Vec<(&str, &str, &str, EdgeTable, NodeTable)> = vec![
        ("no such file", "", "", EdgeTable::new("no.csv"), nodes()),
        ("another form", "", "", EdgeTable::new("e.xlsx"), nodes()),
        ("empty file", "", "", plain(), nodes()),
        ("one column", "a\n1\n", "", plain(), nodes()),
        ("names or an edge", "ann,bob\ncid,dan\n", "", plain(), nodes()),
        ("ragged", "src,dst\na,b,c\n", "", plain(), nodes()),
        ("missing column", good, "", named("from"), nodes()),
        ("one column twice", good, "", both("dst"), nodes()),
        ("missing id", "src,dst\na,b\n,b\n", "", plain(), nodes()),
        ("blank id", "src,dst\na,b\na,\"  \"\n", "", plain(), nodes()),
        ("weight missing", "src,dst,w\na,b,1\nb,c,\n", "", weighted(), nodes()),
        ("weight not finite", "src,dst,w\na,b,1\nb,c,inf\n", "", weighted(), nodes()),
        ("weight is text", "src,dst,w\na,b,1\nb,c,heavy\n", "", weighted(), nodes()),
        ("weight too large for f32", "src,dst,w\na,b,1e300\n", "", weighted(), nodes()),
        ("id twice", good, "id\na\nb\na\n", plain(), nodes()),
        ("id missing", good, "id,f\na,1\n,2\n", plain(), nodes()),
        ("feature missing", good, "id,f\na,1\nb,\n", plain(), nodes()),
        ("feature is NaN", good, "id,f\na,1\nb,NaN\n", plain(), nodes()),
        ("feature is infinite", good, "id,f\na,1\nb,-inf\n", plain(), nodes()),
        ("feature is text", good, "id,f\na,1\nb,two\n", plain(), featured(&["f"])),
        ("feature named twice", good, "id,f\na,1\nb,2\n", plain(), featured(&["f", "f"])),
        ("feature is the id", good, "id,f\na,1\nb,2\n", plain(), featured(&["id"])),
        ("no such feature", good, "id,f\na,1\nb,2\n", plain(), featured(&["g"])),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(what, edges, nodes, edge_table, node_table)| {
            let node_table = (!nodes.is_empty()).then_some(node_table);
            let folder = folder(edges, nodes);
            let error =
                read_in(&folder, edge_table, node_table, UnknownNodes::Error).expect_err(what);
            format!("{what}: {}", chain(&error))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn text_that_is_no_utf8_is_no_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("e.csv"), b"src,dst\n\xff\xfe,b\n").expect("write");
    let read = read_in(&folder, &EdgeTable::new("e.csv"), None, UnknownNodes::Error);
    assert!(read.is_err());
}

#[test]
fn a_header_alone_is_a_graph_without_edges() {
    let raw = read_csv("src,dst\n", "").expect("no rows");
    assert!(raw.ids.is_empty() && raw.edges.is_empty());
}

/// Every type that people's Parquet files have, also those that polars was built without.
fn motley(folder: &TempDir, name: &str) {
    let list =
        ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)]), Some([Some(2)])]);
    let decimal = Decimal128Array::from(vec![150, 250]).with_precision_and_scale(9, 2);
    let dictionary: DictionaryArray<Int32Type> = ["red", "blue"].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("when", Arc::new(TimestampMicrosecondArray::from(vec![1, 2]))),
        ("day", Arc::new(Date32Array::from(vec![1, 2]))),
        ("id", Arc::new(Int64Array::from(vec![7, 9]))),
        ("label", Arc::new(dictionary)),
        ("i8", Arc::new(Int8Array::from(vec![-1, 2]))),
        ("u8", Arc::new(UInt8Array::from(vec![200, 0]))),
        ("u16", Arc::new(UInt16Array::from(vec![0, 60000]))),
        ("f32", Arc::new(Float32Array::from(vec![0.5, 1.5]))),
        ("f64", Arc::new(Float64Array::from(vec![1.0, 2.0]))),
        ("bool", Arc::new(BooleanArray::from(vec![true, false]))),
        ("name", Arc::new(StringArray::from(vec!["Ann", "Bob"]))),
        ("blob", Arc::new(BinaryArray::from_vec(vec![b"\xff", b"y"]))),
        ("list", Arc::new(list)),
        ("price", Arc::new(decimal.expect("a decimal"))),
    ];
    write_parquet(&folder.path().join(name), columns);
}

#[test]
fn parquet_tables_of_many_types_are_read() {
    let folder = tempfile::tempdir().expect("temporary folder");
    motley(&folder, "n.parquet");
    let ends = |ids: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(ids)) };
    write_parquet(
        &folder.path().join("e.parquet"),
        vec![("a", ends(vec![7, 9])), ("b", ends(vec![9, 9]))],
    );
    let nodes = NodeTable::new("n.parquet");
    let raw = read_in(&folder, &EdgeTable::new("e.parquet"), Some(&nodes), UnknownNodes::Error)
        .expect("a graph");
    assert_eq!(raw.ids, ["7", "9"]);
    assert_eq!(labels(&raw), [Some("red"), Some("blue")]);
    assert_eq!(raw.edges, [Pair::new(0, 1), Pair::new(1, 1)]);
    let expected = [
        vec![(0, -1.0), (1, 200.0), (3, 0.5), (4, 1.0), (5, 1.0), (6, 1.0), (7, 1.5)],
        vec![(0, 2.0), (2, 60000.0), (3, 1.5), (4, 2.0), (6, 2.0), (7, 2.5)],
    ];
    assert_eq!(rows(&raw), expected);
    let nodes = serde_json::to_string_pretty(&raw.readings[1].columns).expect("JSON");
    insta::assert_snapshot!(nodes);
}

proptest! {
    /// Whole numbers are looked up by value, and a CSV's ids as text: the graph is the same, whether the
    /// numbers lie close together or far apart.
    #[test]
    fn whole_numbers_and_their_text_are_the_same_ids(
        ends in prop::collection::vec((-3i64..9, -3i64..9), 1..20),
        known in prop::collection::btree_set(-3i64..12, 0..12),
        stretch in prop::sample::select(vec![1, 1_000_000_007]),
        unknown in prop::sample::select(vec![
            UnknownNodes::Error, UnknownNodes::Drop, UnknownNodes::Add,
        ]),
    ) {
        let id = |number: i64| number * stretch;
        let folder = tempfile::tempdir().expect("temporary folder");
        let column = |ids: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(ids)) };
        let weights: Vec<f64> = (0u32..).take(ends.len()).map(f64::from).collect();
        write_parquet(&folder.path().join("e.parquet"), vec![
            ("src", column(ends.iter().map(|end| id(end.0)).collect())),
            ("dst", column(ends.iter().map(|end| id(end.1)).collect())),
            ("weight", Arc::new(Float64Array::from(weights.clone()))),
        ]);
        let rows = ends.iter().zip(&weights);
        let rows = rows.map(|((a, b), weight)| format!("{},{},{weight}", id(*a), id(*b)));
        let text = format!("src,dst,weight\n{}\n", rows.collect::<Vec<_>>().join("\n"));
        std::fs::write(folder.path().join("e.csv"), text).expect("write");
        let ids: Vec<String> = known.iter().map(|&number| id(number).to_string()).collect();
        std::fs::write(folder.path().join("n.csv"), format!("id\n{}\n", ids.join("\n"))).expect("write");

        let nodes = NodeTable::new("n.csv");
        let nodes = (!known.is_empty()).then_some(&nodes);
        let read = |name: &str| {
            let table = EdgeTable { weight: Some("weight".into()), ..EdgeTable::new(name) };
            let raw = read_in(&folder, &table, nodes, unknown).map_err(|error| error.to_string())?;
            Ok::<_, String>(RawGraph { readings: Vec::new(), ..raw })
        };
        let (whole, text) = (read("e.parquet"), read("e.csv"));
        let text = text.map_err(|error| error.replace("e.csv", "e.parquet"));
        prop_assert_eq!(whole, text);
    }
}

#[test]
fn an_id_with_leading_zeros_is_not_the_number() {
    let folder = folder("", "id\n007\n7\n");
    let ends = |ids: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(ids)) };
    write_parquet(
        &folder.path().join("e.parquet"),
        vec![("a", ends(vec![7])), ("b", ends(vec![8]))],
    );
    let read = |columns: &EdgeTable| {
        read_in(&folder, columns, Some(&NodeTable::new("n.csv")), UnknownNodes::Add)
            .expect("a graph")
    };
    let raw = read(&EdgeTable::new("e.parquet"));
    assert_eq!((raw.ids.len(), pairs(&raw), raw.ids_are_text), (3, vec![(1, 2)], false));

    // One end in words: both are.
    let words: ArrayRef = Arc::new(StringArray::from(vec!["007"]));
    write_parquet(&folder.path().join("m.parquet"), vec![("a", ends(vec![7])), ("b", words)]);
    let raw = read(&EdgeTable::new("m.parquet"));
    assert_eq!((pairs(&raw), raw.ids_are_text), (vec![(1, 0)], true));

    // Beyond an i64 too.
    let large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX]));
    write_parquet(&folder.path().join("l.parquet"), vec![("a", ends(vec![7])), ("b", large)]);
    assert_eq!(read(&EdgeTable::new("l.parquet")).ids[2], u64::MAX.to_string());
}

#[test]
fn parquet_columns_of_the_wrong_type_are_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    motley(&folder, "e.parquet");
    let fault = |src: &str, weight: Option<&str>| {
        let table = EdgeTable {
            src: Some(src.into()),
            dst: Some("id".into()),
            weight: weight.map(Into::into),
            ..EdgeTable::new("e.parquet")
        };
        chain(&read_in(&folder, &table, None, UnknownNodes::Error).expect_err("a wrong type"))
    };
    let said = [
        fault("f32", None),
        fault("when", None),
        fault("list", None),
        fault("blob", None),
        fault("price", None),
        fault("name", Some("day")),
        fault("name", Some("name")),
        fault("name", Some("blob")),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_parquet_file_that_is_none_is_no_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    motley(&folder, "whole.parquet");
    let whole = std::fs::read(folder.path().join("whole.parquet")).expect("a file");
    let table = EdgeTable {
        src: Some("name".into()),
        dst: Some("id".into()),
        ..EdgeTable::new("e.parquet")
    };
    for end in [0, 3, 4, 8, 100, whole.len() / 2, whole.len() - 5] {
        std::fs::write(folder.path().join("e.parquet"), &whole[..end]).expect("write");
        assert!(read_in(&folder, &table, None, UnknownNodes::Error).is_err(), "cut at {end}");
    }
}

#[test]
fn a_damaged_parquet_file_is_no_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    motley(&folder, "whole.parquet");
    let whole = std::fs::read(folder.path().join("whole.parquet")).expect("a file");
    let nodes = [NodeTable::new("n.parquet")];
    let (edges, base) = ([EdgeTable::new("e.csv")], folder.path());
    std::fs::write(base.join("e.csv"), "src,dst\n7,9\n").expect("write");
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(base.join("n.parquet"), damaged).expect("write");
        drop(read(&edges, &nodes, base, IngestConfig::default().rules()));
    }
}

/// Reads a node table of ids with a file of features.
fn with_features(ids: &[&str], content: &str, options: &str) -> Result<RawGraph, IngestError> {
    let nodes = format!("id\n{}\n", ids.join("\n"));
    let folder = folder(&format!("src,dst\n{},{}\n", ids[0], ids[1]), &nodes);
    std::fs::write(folder.path().join("f.csv"), content).expect("write");
    let table: NodeTable =
        toml::from_str(&format!("path = \"n.csv\"\nfeatures = {{ path = \"f.csv\", {options} }}"))
            .expect("options");
    read_in(&folder, &EdgeTable::new("e.csv"), Some(&table), UnknownNodes::Error)
}

#[test]
fn a_table_of_features_has_rows_or_triplets() {
    let dense = [vec![(0, 1.0)], vec![(1, 2.0)], vec![(0, 3.0), (1, 4.0), (2, 5.0), (3, 6.0)]];
    let ids = ["c", "a", "b"];
    for (content, options) in [
        // By ids in any order, with or without names, or in the order of the node table.
        ("b,3,4,5,6\nc,1,0,0,0\na,0,2,0,0\n", ""),
        ("p,q,id,r,s\n3,4,b,5,6\n1,0,c,0,0\n0,2,a,0,0\n", ""),
        ("p,q,r,s,of\n3,4,5,6,b\n1,0,0,0,c\n0,2,0,0,a\n", "id = \"of\""),
        ("1,0,0,0\n0,2,0,0\n3,4,5,6\n", "header = false"),
        (",p,q,r,s\n0,1,0,0,0\n1,0,2,0,0\n2,3,4,5,6\n", ""),
        ("p,q,r,s\n1,0,0,0\n0,2,0,0\n3,4,5,6\n", ""),
        ("c,0,1\na,1,2\nb,0,3\nb,1,4\nb,2,5\nb,3,6\n", ""),
        ("node,word,count\nc,0,1\na,1,2\nb,0,3\nb,1,4\nb,2,5\nb,3,6\n", ""),
        ("n,v,w\nc,1,0\na,2,1\nb,3,0\nb,4,1\nb,5,2\nb,6,3\n", "feature = \"w\", value = \"v\""),
    ] {
        let raw = with_features(&ids, content, options)
            .unwrap_or_else(|error| panic!("{content:?}, {options}: {error}"));
        assert_eq!(rows(&raw), dense, "{content:?}, {options}");
        assert_eq!(raw.readings.last().map(|it| it.key.as_str()), Some("features"));
    }
}

#[test]
fn features_that_can_be_read_in_two_ways_are_refused() {
    let numbers = ["1", "0", "2"];
    for (content, options, problem) in [
        // Three columns are triplets or rows.
        ("1,0,1\n0,1,1\n2,2,1\n", "", "layout = \"rows\""),
        ("x,y,z\n1,0,1\n0,1,1\n2,2,1\n", "", "layout = \"triplets\""),
        // The numbers of rows are ids in another order.
        (",p,q,r\n0,1,0,0\n1,0,2,0\n2,3,4,5\n", "", "set `id = 0`"),
        // Neither ids nor a row for each node; no row for a node; an unknown one; a node twice.
        ("5,1,0,0\n7,0,2,0\n", "", "3 rows, one for each of n.csv"),
        ("id,p,q,r\n1,1,0,0\n0,0,2,0\n", "", "no row for 2"),
        ("id,p,q,r\n1,1,0,0\n0,0,2,0\n2,1,1,1\n3,1,1,1\n", "", "found `3`"),
        ("id,p,q,r\n1,1,0,0\n0,0,2,0\n0,1,1,1\n", "", "each id once"),
        ("id,p,q,r\n1,1,0,0\n0,0,,0\n2,1,1,1\n", "", "found nothing"),
        ("id,p\n1,one\n0,two\n2,three\n", "", "columns of numbers"),
        ("1,0,1,1\n0,1,x,1\n2,2,1,1\n", "layout = \"triplets\"", "`x`"),
    ] {
        let error = with_features(&numbers, content, options)
            .err()
            .unwrap_or_else(|| panic!("read: {content:?}, {options}"));
        assert!(error.to_string().contains(problem), "{content:?}: {error}");
    }
    let config: Result<IngestConfig, _> = toml::from_str(
        "edges = \"e\"\nnodes = { path = \"n\", features = { path = \"f.csv\", layout = \"rows\", value = 2 } }",
    );
    let error = config.expect("a configuration").check().expect_err("rows have no value");
    assert!(error.to_string().contains("triplets"), "{error}");
}

#[test]
fn types_of_two_columns_hold_beside_a_node_table() {
    let edges = "user,movie\nu1,m1\nu2,m1\nu1,m2\n";
    let raw = read_csv(edges, "id,age\nm1,1\nu2,2\nu1,3\nm2,4\n").expect("a graph");
    let types = raw.types.expect("types");
    assert_eq!(types, ["movie", "user", "user", "movie"]);
    let raw = read_csv(edges, "id,age\nm1,1\nu2,2\nu1,3\nm2,4\nm3,5\n").expect("a graph");
    assert!(raw.types.is_none() && raw.warnings[0].contains("m3"), "{:?}", raw.warnings);
    // With a node table, equal ids are one node.
    let raw = read_csv("userId,movieId\n1,2\n2,3\n", "id,age\n1,1\n2,2\n3,3\n").expect("a graph");
    assert!(raw.types.is_none());
}

#[test]
fn single_quotes_are_quotes_where_they_enclose_a_column() {
    for (edges, ids) in [
        ("'a b','c'\n'c','d''s'\n", ["a b", "c", "d's"]),
        ("'source','target'\n'a b','c'\n'c','d''s'\n", ["a b", "c", "d's"]),
        ("'source','target','note'\na b,c,\nc,d's,\n", ["a b", "c", "d's"]),
        ("source,target\n'tis,c\nc,o'd\n", ["'tis", "c", "o'd"]),
        ("source,target,w\n'a',c,\"x, y\"\n'c',d,\"z\"\n", ["'a'", "c", "'c'"]),
    ] {
        let raw = read_csv(edges, "").expect("a graph");
        assert_eq!(raw.ids[..3], ids, "{edges}");
    }
}

#[test]
fn what_other_programs_write_otherwise_is_refused_or_read_right() {
    // A quote with a backslash outside of quotes, from Python; also far behind the lines that decide the form.
    let far = "a,b\n".repeat(20_000);
    for edges in
        ["source,target\na,o\\\"p\nb,c\n".to_owned(), format!("source,target\n{far}b,o\\\"p\n")]
    {
        let error = read_csv(&edges, "").expect_err("another id").to_string();
        assert!(error.contains("backslash"), "{error}");
    }
    // Rows that are counted, beside ids of the same range.
    let counted = (0..8)
        .fold(String::new(), |text, row| format!("{text}{row},{},{}\n", row % 5, (row + 2) % 7));
    let error = read_csv(&counted, "").expect_err("two readings").to_string();
    assert!(error.contains("can be read in two ways"), "{error}");
    let lines: Vec<&str> = counted.lines().collect();
    let shuffled = (0..8).fold(String::new(), |text, at| format!("{text}{}\n", lines[at * 3 % 8]));
    let error = read_csv(&shuffled, "").expect_err("two readings").to_string();
    assert!(error.contains("can be read in two ways"), "{error}");
    // A first line over numbers that has an id of the others is an edge.
    let raw = read_csv("x y,007\n007,g\n007,h\n", "").expect("a graph");
    assert_eq!((raw.ids.len(), raw.edges.len()), (4, 3));
}

#[test]
fn the_index_of_shuffled_rows_is_no_feature() {
    let mut nodes = ",id,size\n".to_owned();
    let mut edges = "source,target\n".to_owned();
    for row in 0..12 {
        let number = (row * 5 + 3) % 12;
        writeln!(nodes, "{number},n{number},{}", row * 2).expect("written");
        writeln!(edges, "n{row},n{}", (row + 1) % 12).expect("written");
    }
    let raw = read_csv(&edges, &nodes).expect("a graph");
    let features = raw.features.expect("features");
    assert_eq!(features.names(), Some(&["size".to_owned()][..]));
}
