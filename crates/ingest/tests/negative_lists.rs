//! Lists of negatives of single edges, as arrays of numpy and as tables.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, RecordBatch};
use arrow::datatypes::Int64Type;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use vgae_artifacts::{Pair, Part};
use vgae_ingest::{IngestConfig, IngestError, NegativeFile, PairRows, read_negatives};

/// Edges of nodes 10 to 15, in the direction of their file.
fn edges() -> PairRows {
    let pairs = vec![Pair::new(4, 1), Pair::new(0, 2), Pair::new(5, 3)];
    PairRows { rows: (0..pairs.len()).collect(), pairs, left_out: 0 }
}

fn read_as(
    name: &str,
    bytes: &[u8],
    edges: &PairRows,
    has_parts: bool,
) -> Result<Vec<Vec<(u32, u32)>>, IngestError> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), bytes).expect("written");
    let ids: Vec<String> = (10..16).map(|id| id.to_string()).collect();
    let file = NegativeFile { path: Path::new(name), part: Part::Test, has_parts };
    let lists = read_negatives(file, edges, &IngestConfig::default(), &ids, folder.path())?;
    let plain = |list: Vec<Pair>| list.iter().map(|pair| (pair.src, pair.dst)).collect();
    Ok(lists.into_iter().map(plain).collect())
}

fn read(name: &str, bytes: &[u8]) -> Result<Vec<Vec<(u32, u32)>>, IngestError> {
    read_as(name, bytes, &edges(), false)
}

/// A `.npy` file of these values in C or Fortran order.
fn npy(descr: &str, shape: &[usize], fortran: bool, values: &[i64]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(|axis| format!("{axis},")).collect();
    let order = if fortran { "True" } else { "False" };
    let mut header = format!(
        "{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({}), }}",
        axes.join(" ")
    );
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    bytes.extend(header.bytes());
    for value in values {
        match descr {
            "<u2" => bytes.extend(u16::try_from(*value).expect("small").to_le_bytes()),
            _ => bytes.extend(value.to_le_bytes()),
        }
    }
    bytes
}

#[test]
fn pairs_and_partners_are_told_by_the_shape() {
    // Three edges with three pairs each.
    let ends = [10, 11, 11, 12, 10, 10, 12, 13, 13, 14, 14, 15, 15, 10, 15, 11, 15, 12];
    let found = read("a.npy", &npy("<i8", &[3, 3, 2], false, &ends)).expect("reads");
    assert_eq!(found[0], [(0, 1), (1, 2), (0, 0)]);
    assert_eq!(found[2], [(5, 0), (5, 1), (5, 2)]);
    // Partners of both ends: (4, x) and (x, 1) for the first edge.
    let found = read("a.npy", &npy("<u2", &[3, 2, 3], false, &ends)).expect("reads");
    assert_eq!(found[0], [(4, 0), (4, 1), (4, 1), (2, 1), (0, 1), (0, 1)]);
    assert_eq!(found[1], [(0, 2), (0, 3), (0, 3), (4, 2), (4, 2), (5, 2)]);
    // Partners of the first end.
    let found = read("a.npy", &npy("<i8", &[3, 6], false, &ends)).expect("reads");
    assert_eq!(found[2], [(5, 5), (5, 0), (5, 5), (5, 1), (5, 5), (5, 2)]);
}

proptest! {
    #[test]
    fn the_order_of_storage_does_not_matter(
        shape in prop::sample::select(vec![[3usize, 4, 2], [3, 2, 5], [3, 1, 2]]),
        values in prop::collection::vec(10i64..16, 30),
    ) {
        let [edges, rows, columns] = shape;
        let values = &values[..edges * rows * columns];
        let mut reordered = Vec::new();
        for column in 0..columns {
            for row in 0..rows {
                reordered.extend((0..edges).map(|edge| values[(edge * rows + row) * columns + column]));
            }
        }
        let c = read("a.npy", &npy("<i8", &shape, false, values)).expect("reads");
        let fortran = read("a.npy", &npy("<i8", &shape, true, &reordered)).expect("reads");
        prop_assert_eq!(c, fortran);
    }
}

#[test]
fn a_table_has_a_row_per_negative() {
    let table = "edge,src,dst,part\n0,10,11,test\n2,15,12,test\n0,11,10,test\n1,10,13,val\n";
    let found = read_as("l.csv", table.as_bytes(), &edges(), true).expect("reads");
    assert_eq!(found, [vec![(0, 1), (1, 0)], vec![], vec![(5, 2)]]);
    let found = read("l.csv", table.as_bytes()).expect("reads");
    assert_eq!(found[1], [(0, 3)], "the column `part` does not count for a file of one part");
}

/// A Parquet file with a column of lists.
fn lists(columns: &[(&str, [Option<Vec<i64>>; 3])]) -> Vec<u8> {
    let column = |(name, rows): &(&str, [Option<Vec<i64>>; 3])| {
        let rows = rows.iter().map(|list| {
            list.as_ref().map(|list| list.iter().copied().map(Some).collect::<Vec<_>>())
        });
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>(rows);
        (name.to_string(), Arc::new(list) as ArrayRef)
    };
    let batch = RecordBatch::try_from_iter(columns.iter().map(column)).expect("a table");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

#[test]
fn a_parquet_file_has_a_row_of_partners_per_edge() {
    let first = [Some(vec![10, 11]), None, Some(vec![12])];
    let second = [Some(vec![15]), Some(vec![13, 13]), Some(Vec::new())];
    let file = lists(&[("partners", first.clone()), ("partners_of_dst", second)]);
    let found = read("l.parquet", &file).expect("reads");
    assert_eq!(found, [vec![(4, 0), (4, 1), (5, 1)], vec![(3, 2), (3, 2)], vec![(5, 2)]]);
    let said = |bytes: &[u8]| read("l.parquet", bytes).expect_err("refused").to_string();
    let unknown = [Some(vec![10]), Some(vec![99]), None];
    let error = said(&lists(&[("partners", unknown)]));
    assert!(error.contains("`99`") && error.contains("partners"), "{error}");
    let error = read_as("l.parquet", &lists(&[("partners", first)]), &edges(), true);
    assert!(error.expect_err("two parts").to_string().contains("`validation` or `test`"));
    let fewer = PairRows { pairs: edges().pairs[..2].to_vec(), rows: vec![0, 1], left_out: 0 };
    let error = read_as("l.parquet", &lists(&[("partners", [None, None, None])]), &fewer, false);
    assert!(error.expect_err("a row more").to_string().contains("each of 2 edges"));
}

#[test]
fn faults_name_file_row_and_id() {
    let said = |name: &str, bytes: &[u8], has_parts: bool| {
        read_as(name, bytes, &edges(), has_parts).expect_err("refused").to_string()
    };
    let some_left_out = PairRows { left_out: 1, ..edges() };
    let messages = [
        said("a.npy", &npy("<i8", &[3, 2, 2], false, &[10; 12]), false),
        said("a.npy", &npy("<i8", &[2, 3, 2], false, &[10; 12]), false),
        said("a.npy", &npy("<i8", &[12], false, &[10; 12]), false),
        said("a.npy", &npy("<i8", &[3, 1], false, &[10, 16, 10]), false),
        said("a.npy", &npy("<i8", &[3, 1], false, &[10, 11, 10]), true),
        said("a.npy", b"edge,src,dst", false),
        said("l.csv", b"edge,src,dst\n0,10,11\n3,10,11\n", false),
        said("l.csv", b"edge,src,dst\n0,10,11\n-1,10,11\n", false),
        said("l.csv", b"edge,src,dst\n0,10,11\n0,10,99\n", false),
        said("l.csv", b"edge,src,dst\nx,10,11\ny,10,12\n", false),
        said("l.csv", b"src,dst\n10,11\n10,12\n", false),
        said("l.csv", b"edge,src,dst\n0,10,11\n", true),
        read_as("l.csv", b"edge,src,dst\n", &some_left_out, false)
            .expect_err("refused")
            .to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}
