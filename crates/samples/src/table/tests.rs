//! Tables of numbers without a graph.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, UInt8Array,
};
use vgae_artifacts::{Nodes, Part, PartCounts, SampleAudit, SampleValues, Samples};

use vgae_ingest::{IngestConfig, IngestError, Missing, SampleTable, Scale};
use vgae_testing::{chain, write_parquet};

type Loaded = Result<(Nodes, Samples, SampleAudit), IngestError>;

fn load(text: &str, change: impl FnOnce(&mut SampleTable)) -> Loaded {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("t.csv"), text).expect("write");
    load_in(&folder, "t.csv", change)
}

fn load_in(
    folder: &tempfile::TempDir,
    name: &str,
    change: impl FnOnce(&mut SampleTable),
) -> Loaded {
    let mut table = SampleTable::new(name);
    change(&mut table);
    let config = IngestConfig { table: Some(table), ..IngestConfig::default() };
    crate::load(&config, folder.path(), None)
}

#[expect(clippy::unnecessary_wraps, reason = "as a field of the configuration")]
fn some(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "as a field of the configuration")]
fn columns(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

fn rows(samples: &Samples) -> Vec<Vec<f32>> {
    let SampleValues::Reals(matrix) = samples.values() else { panic!("a table holds reals") };
    (0..matrix.rows()).map(|row| matrix.row(row).to_vec()).collect()
}

#[test]
fn a_plain_table_gives_ids_labels_and_every_numeric_column() {
    let text = "id,name,height, weight,member,label\n007,Ann,1.5, 60,true,x\n8,Bob,2,80,false,\n";
    let (nodes, samples, audit) = load(text, |_| {}).expect("samples");
    assert_eq!(nodes.ids(), ["007", "8"]);
    assert_eq!(nodes.labels(), [some("x"), None]);
    assert_eq!(rows(&samples), [[1.5, 60.0, 1.0], [2.0, 80.0, 0.0]]);
    assert_eq!((samples.image(), samples.given_parts()), (None, None));
    assert_eq!(
        (audit.samples, audit.columns, audit.classes, audit.unlabelled_samples),
        (2, 3, 1, 1)
    );
    assert_eq!(audit.notes, ["t.csv: columns that are not numeric were left out: name"]);
    assert!(audit.scaling.is_empty() && audit.missing.values == 0);
    assert!((audit.minimum - 0.0).abs() < f32::EPSILON && (audit.maximum - 80.0).abs() < 1e-6);
}

#[test]
fn rows_without_ids_are_called_by_their_number() {
    let (nodes, samples, _) = load("a,b\n1,2\n3,4\n", |_| {}).expect("samples");
    assert_eq!(nodes.ids(), ["row-0", "row-1"]);
    assert_eq!(rows(&samples), [[1.0, 2.0], [3.0, 4.0]]);
}

#[test]
fn named_columns_come_in_the_order_they_are_named() {
    let text = "label,id,a,b,c\n5,6,1,2,x\n7,8,3,4,y\n";
    let (nodes, samples, audit) = load(text, |table| {
        table.columns = columns(&["b", "label", "id"]);
        table.label = some("c");
    })
    .expect("samples");
    assert_eq!(rows(&samples), [[2.0, 5.0, 6.0], [4.0, 7.0, 8.0]]);
    assert_eq!(nodes.ids()[1], "row-1");
    assert_eq!(nodes.labels(), [some("x"), some("y")]);
    assert!(audit.notes.is_empty(), "{:?}", audit.notes);
}

#[test]
fn given_parts_are_read_and_statistics_leave_the_test_rows_out() {
    let text = "set,x,k\ntrain,0,5\ntest,9,7\nvalidation,4,5\nval,2,5\n";
    let (_, samples, audit) = load(text, |table| {
        table.part = some("set");
        table.scale = Scale::MinMax;
    })
    .expect("samples");
    let parts = [Part::Train, Part::Test, Part::Validation, Part::Validation];
    assert_eq!(samples.given_parts(), Some(parts.as_slice()));
    assert_eq!(rows(&samples), [[0.0, 0.0], [2.25, 0.0], [1.0, 0.0], [0.5, 0.0]]);
    assert_eq!(audit.given_parts, Some(PartCounts { train: 1, validation: 2, test: 1 }));
    let scaling: Vec<_> =
        audit.scaling.iter().map(|s| (s.column.as_str(), s.offset, s.divisor)).collect();
    assert_eq!(scaling, [("x", 0.0, 4.0), ("k", 5.0, 0.0)]);
    assert_eq!(
        audit.notes,
        [
            "values of test rows outside of 0 to 1, the range of the other rows: 1",
            "1 of 2 columns hold one number in every row and teach a model nothing: k",
        ]
    );
}

#[test]
fn missing_values_become_the_mean_of_rows_that_are_not_for_the_test() {
    let text = "set,x,y\ntrain,1,1\ntrain,,2\ntrain,3,3\ntest,100,\n";
    let fill = |table: &mut SampleTable| {
        table.part = some("set");
        table.missing = Missing::Mean;
    };
    let (_, samples, audit) = load(text, fill).expect("samples");
    assert_eq!(rows(&samples), [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [100.0, 2.0]]);
    assert_eq!((audit.missing.values, audit.missing.columns.count), (2, 2));
    assert!(audit.missing.action.contains("mean"), "{}", audit.missing.action);
    assert!(audit.notes.is_empty());
    let (_, samples, audit) = load("x,k\n1,7\n,7\n5,7\n", |table| {
        table.missing = Missing::Mean;
        table.scale = Scale::Standard;
    })
    .expect("samples");
    let x: Vec<f32> = rows(&samples).iter().map(|row| row[0]).collect();
    // Mean 3, deviation 2 over the values that are there.
    assert_eq!(x, [-1.0, 0.0, 1.0]);
    assert!(audit.notes[0].contains("over all rows"), "{:?}", audit.notes);
}

#[test]
fn whole_numbers_that_f32_rounds_are_counted() {
    let (_, samples, audit) =
        load("x,y\n16777216,16777217\n33554432,3\n", |_| {}).expect("samples");
    assert_eq!(rows(&samples), [[16_777_216.0, 16_777_216.0], [33_554_432.0, 3.0]]);
    assert_eq!(
        audit.notes,
        ["whole numbers beyond 16,777,216 that were rounded, as values are stored as f32: 1"]
    );
}

#[test]
fn names_of_columns_are_told_from_data() {
    let iris = "5.1,3.5,1.4,0.2,0.2,setosa\n4.9,3.0,1.4,0.2,0.1,setosa\n";
    let (_, samples, _) = load(iris, |_| {}).expect("samples");
    assert_eq!((samples.len(), samples.values().columns()), (2, 5));
    for text in ["0,1,2\n5,6,7\n", "1,2,3,label\n5,6,7,a\n"] {
        let (_, samples, _) = load(text, |_| {}).expect("pandas calls columns so");
        assert_eq!(rows(&samples), [[5.0, 6.0, 7.0]]);
    }
}

#[test]
fn faults_say_where() {
    type Change = fn(&mut SampleTable);
    let same: Change = |_| {};
    let part: Change = |table| table.part = some("set");
    let x: Change = |table| table.columns = columns(&["x"]);
    let cases: Vec<(&str, &str, Change)> = vec![
        ("empty file", "", same),
        ("no rows", "a,b\n", same),
        ("no numbers", "a,b\nx,y\n", same),
        ("only an id", "id\n1\n", same),
        ("missing value", "x,y\n1,2\n,3\n,4\n", same),
        ("missing text", "x,y\n 1,2\n\" \",3\n", x),
        ("NaN", "x,y\n1,2\n3,NaN\n", same),
        ("infinite", "x,y\n1,2\n-inf,1\n", same),
        ("too large for f32", "x\n1e300\n2\n", same),
        ("text in a named column", "x\n1\nNA\n", x),
        ("nothing to take a mean of", "set,x\ntrain,\ntest,3\n", |table| {
            table.part = some("set");
            table.missing = Missing::Mean;
        }),
        ("no such column", "a\n1\n", x),
        ("no such id", "a\n1\n", |table| table.id = some("who")),
        ("named twice", "x\n1\n", |table| table.columns = columns(&["x", "x"])),
        ("id among the numbers", "x,y\n1,2\n", |table| {
            table.id = some("x");
            table.columns = columns(&["x"]);
        }),
        ("part is the label", "x,y\n1,2\n", |table| {
            table.part = some("y");
            table.label = some("y");
        }),
        ("no columns named", "x\n1\n", |table| table.columns = columns(&[])),
        ("another part", "set,x\ntrain,1\nlater,2\n", part),
        ("no part", "set,x\ntrain,1\n,2\n", part),
        ("nothing to train on", "set,x\ntest,1\nval,2\n", part),
        ("id twice", "id,x\na,1\na,2\n", same),
        ("no id", "id,x\na,1\n,2\n", same),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(what, text, change)| {
            format!("{what}: {}", chain(&load(text, change).expect_err(what)))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn parquet_tables_are_read_and_damaged_ones_are_no_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![7, 9]))),
        ("day", Arc::new(Date32Array::from(vec![1, 2]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(200), None]))),
        ("f64", Arc::new(Float64Array::from(vec![0.5, 1.5]))),
        ("bool", Arc::new(BooleanArray::from(vec![true, false]))),
        ("set", Arc::new(StringArray::from(vec!["train", "test"]))),
    ];
    write_parquet(&folder.path().join("t.parquet"), columns);
    let change = |table: &mut SampleTable| {
        table.part = some("set");
        table.missing = Missing::Mean;
    };
    let (nodes, samples, audit) = load_in(&folder, "t.parquet", change).expect("samples");
    assert_eq!(nodes.ids(), ["7", "9"]);
    assert_eq!(rows(&samples), [[200.0, 0.5, 1.0], [200.0, 1.5, 0.0]]);
    assert_eq!(audit.notes[0], "t.parquet: columns that are not numeric were left out: day");
    let whole = std::fs::read(folder.path().join("t.parquet")).expect("a file");
    for at in (0..whole.len()).step_by(5) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(folder.path().join("d.parquet"), damaged).expect("write");
        drop(load_in(&folder, "d.parquet", change));
    }
}
