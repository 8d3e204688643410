//! Files with the parts of a split, in the forms that tables have.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use vgae_artifacts::Pair;
use vgae_ingest::{IngestConfig, IngestError, PairRows, SplitFiles, SplitRows, read_split};
use vgae_testing::write_parquet;

/// Reads the parts from `files`, whose ids are those of nodes `a` to `f`, or 10 to 15.
fn read(files: &[(&str, &str)], config: &str, ids: [&str; 6]) -> Result<SplitRows, IngestError> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let config: SplitFiles = toml::from_str(config).expect("a configuration");
    read_split(&config, &IngestConfig::default(), &ids.map(str::to_owned), folder.path())
}

const NUMBERS: [&str; 6] = ["10", "11", "12", "13", "14", "15"];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn pairs(rows: Option<&PairRows>) -> Vec<(u32, u32)> {
    let rows = rows.expect("a list");
    assert_eq!(rows.pairs.len(), rows.rows.len());
    rows.pairs.iter().map(|pair| (pair.src, pair.dst)).collect()
}

#[test]
fn a_file_per_part_in_any_form() {
    let files = [
        ("train.txt", "10\t11\n12\t11\n12\t12\n"),
        ("valid.csv", "source,target\n13,10\n"),
        ("test.tsv", "x\tto\tfrom\n0.5\t15\t14\n0.5\t10\t11\n"),
        ("neg.txt", "15 10\n"),
    ];
    let config = "train = \"train.txt\"\nvalidation = \"valid.csv\"\ntest = \"test.tsv\"\n\
                  test_negative = { path = \"neg.txt\", header = false }";
    let split = read(&files, config, NUMBERS).expect("reads");
    assert_eq!(pairs(split.train.as_ref()), [(0, 1), (2, 1), (2, 2)]);
    assert_eq!(pairs(split.validation.as_ref()), [(3, 0)]);
    assert_eq!(
        pairs(split.test.as_ref()),
        [(4, 5), (1, 0)],
        "in the direction of the columns' names"
    );
    assert_eq!(pairs(split.test_negative.as_ref()), [(5, 0)]);
    assert_eq!(split.validation_negative, None);
    let keys: Vec<&str> = split.readings.iter().map(|reading| reading.key.as_str()).collect();
    let of = |key: &str| format!("split.files.{key}");
    assert_eq!(keys, ["train", "validation", "test", "test_negative"].map(of));
}

#[test]
fn one_table_with_a_column_of_parts() {
    let table = "from,to,part,positive\na,b,train,1\nb,c,valid,true\nc,d,test,1\na,d,test,0\n\
                 a,e,val,False\nd,e,train,1\n";
    let split = read(&[("t.csv", table)], "table = \"t.csv\"", NAMES).expect("reads");
    assert_eq!(pairs(split.train.as_ref()), [(0, 1), (3, 4)]);
    assert_eq!(split.train.as_ref().expect("a list").rows, [0, 5]);
    assert_eq!(pairs(split.validation.as_ref()), [(1, 2)]);
    assert_eq!(pairs(split.test.as_ref()), [(2, 3)]);
    assert_eq!(pairs(split.test_negative.as_ref()), [(0, 3)]);
    assert_eq!(pairs(split.validation_negative.as_ref()), [(0, 4)]);
    let columns = &split.readings[0].columns;
    let uses: Vec<String> = columns
        .iter()
        .map(|used| format!("{} {} {}", used.part, used.columns.examples.join(" "), used.why))
        .collect();
    assert_eq!(
        uses,
        [
            "src from by their names",
            "dst to by their names",
            "part part by its name",
            "positive positive by its name"
        ]
    );

    let table = "from,to,fold,positive\na,b,train,no\nb,c,test,no\n";
    let config = "table = \"t.csv\"\npart = \"fold\"\npositive = \"none\"";
    let split = read(&[("t.csv", table)], config, NAMES).expect("reads");
    assert_eq!(
        (pairs(split.train.as_ref()), pairs(split.test.as_ref())),
        (vec![(0, 1)], vec![(1, 2)])
    );
}

#[test]
fn columns_of_parquet_and_arrays_of_numpy() {
    let folder = tempfile::tempdir().expect("a folder");
    let ends: [ArrayRef; 2] =
        [Arc::new(Int64Array::from(vec![10, 12])), Arc::new(Int64Array::from(vec![11, 15]))];
    let parts: ArrayRef = Arc::new(StringArray::from(vec!["train", "test"]));
    let [src, dst] = ends;
    let columns = vec![("src", src), ("dst", dst), ("split", parts)];
    write_parquet(&folder.path().join("t.parquet"), columns);
    let ids = NUMBERS.map(str::to_owned);
    let config: SplitFiles = toml::from_str("table = \"t.parquet\"").expect("a configuration");
    let split = read_split(&config, &IngestConfig::default(), &ids, folder.path());
    let split = split.expect("reads");
    assert_eq!(
        (pairs(split.train.as_ref()), pairs(split.test.as_ref())),
        (vec![(0, 1)], vec![(2, 5)])
    );

    // Three pairs of shape (3, 2), as OGB has them.
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    let mut header = "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 2), }".to_owned();
    while !(npy.len() + 2 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    npy.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    npy.extend(header.bytes());
    npy.extend([10i64, 11, 13, 12, 15, 14].into_iter().flat_map(i64::to_le_bytes));
    std::fs::write(folder.path().join("test.npy"), npy).expect("written");
    let config: SplitFiles = toml::from_str("test = \"test.npy\"").expect("a configuration");
    let split = read_split(&config, &IngestConfig::default(), &ids, folder.path());
    assert_eq!(pairs(split.expect("reads").test.as_ref()), [(0, 1), (3, 2), (5, 4)]);
}

#[test]
fn faults_name_file_row_and_id() {
    let said = |files: &[(&str, &str)], config: &str| {
        read(files, config, NUMBERS).expect_err("refused").to_string()
    };
    let test = [("test.csv", "source,target\n10,11\n12,99\n")];
    let table = |rows: &str| [("t.csv", format!("source,target,part,positive\n10,11,{rows}\n"))];
    let in_table = |rows: &str, config: &str| {
        let files = table(rows);
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        said(&files, &format!("table = \"t.csv\"\n{config}"))
    };
    let messages = [
        said(&test, "test = \"test.csv\""),
        said(&test, "train = \"test.csv\""),
        said(&test, "test = \"test.csv\"\nunknown_nodes = \"add\""),
        said(&test, "test = \"test.csv\"\ntable = \"test.csv\""),
        said(&test, "test = \"test.csv\"\npart = \"part\""),
        said(&test, "test = \"test.csv\"\nvalidation_negative = \"test.csv\""),
        said(&test, "test = { path = \"test.csv\", weight = \"w\" }"),
        said(&test, "table = \"test.csv\""),
        in_table("tets,1", ""),
        in_table(",1", ""),
        in_table("test,2", ""),
        in_table("train,0", ""),
        in_table("test,1", "part = \"fold\""),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn rows_with_unknown_ids_are_left_out_if_asked_for() {
    let test = [("test.csv", "source,target\n10,11\n12,99\n98,99\n14,15\n")];
    let config = "test = \"test.csv\"\nunknown_nodes = \"drop\"";
    let split = read(&test, config, NUMBERS).expect("reads");
    let test = split.test.expect("a list");
    assert_eq!(test.pairs, [Pair::new(0, 1), Pair::new(4, 5)]);
    assert_eq!((test.rows, test.left_out), (vec![0, 3], 2));
}
