//! Times of edges: numbers, dates, timestamps of Parquet.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, TimestampMillisecondArray};
use vgae_artifacts::Pair;
use vgae_ingest::{EdgeTimes, IngestConfig, IngestError, read_times};
use vgae_testing::write_parquet;

fn config(text: &str) -> IngestConfig {
    toml::from_str(text).expect("a configuration")
}

fn times(folder: &Path, text: &str, column: &str) -> Result<EdgeTimes, IngestError> {
    let ids: Vec<String> = (10..14).map(|id| id.to_string()).collect();
    read_times(&config(text), column, &ids, folder)
}

/// Reads edges 10-11, 11-12 and 13-12 with these values in column `when`.
fn read(values: [&str; 3]) -> Result<EdgeTimes, IngestError> {
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b, c] = values;
    let text = format!("source,target,when\n10,11,{a}\n11,12,{b}\n13,12,{c}\n");
    std::fs::write(folder.path().join("e.csv"), text).expect("written");
    times(folder.path(), "edges = \"e.csv\"", "when")
}

fn ranks(times: &EdgeTimes) -> Vec<u32> {
    times.entries.iter().map(|(_, rank)| *rank).collect()
}

#[test]
fn numbers_and_dates_are_ordered() {
    let found = read(["9", "10", "-1"]).expect("numbers");
    assert_eq!((ranks(&found), found.times.join(" ")), (vec![1, 2, 0], "-1 9 10".to_owned()));
    let pairs: Vec<Pair> = found.entries.iter().map(|(pair, _)| *pair).collect();
    assert_eq!(pairs, [Pair::new(0, 1), Pair::new(1, 2), Pair::new(3, 2)]);
    let found = read(["0.5", "0.25", "0.5"]).expect("numbers");
    assert_eq!(ranks(&found), [1, 0, 1]);
    let found = read(["2026-01-31", "2025-12-01", "2026-02-01"]).expect("dates");
    assert_eq!(ranks(&found), [1, 0, 2]);
    assert_eq!(found.times[0], "2025-12-01");
    let found = read(["2026-01-31T10:00:00Z", "2026-01-31T09:59:59Z", "2026-01-30T11:00:00Z"]);
    assert_eq!(ranks(&found.expect("times of day")), [2, 1, 0]);
}

#[test]
fn timestamps_of_parquet_are_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let ends = |ids: [i64; 2]| -> ArrayRef { Arc::new(Int64Array::from(ids.to_vec())) };
    let columns: [(&str, ArrayRef); 2] = [
        ("at", Arc::new(TimestampMillisecondArray::from(vec![5_000, 4_000]))),
        ("day", Arc::new(Date32Array::from(vec![3, 7]))),
    ];
    for (name, column) in columns {
        let table = vec![("src", ends([10, 11])), ("dst", ends([11, 13])), (name, column)];
        write_parquet(&folder.path().join("e.parquet"), table);
        let found = times(folder.path(), "edges = \"e.parquet\"", name).expect("times");
        let expected = if name == "at" { [1, 0] } else { [0, 1] };
        assert_eq!(ranks(&found), expected, "{name}");
    }
}

#[test]
fn times_of_several_tables_are_in_one_order_and_unknown_nodes_have_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("a.csv", "source,target,year\n10,11,2000\n10,99,2001\n");
    write("b.csv", "source,target,year\n12,11,1999\n");
    let data = "edges = [\"a.csv\", \"b.csv\"]\nunknown_nodes = \"add\"";
    let found = times(folder.path(), data, "year").expect("times");
    assert_eq!(found.entries, [(Pair::new(0, 1), 1), (Pair::new(2, 1), 0)]);
    assert_eq!(found.times, ["1999", "2000"]);
}

#[test]
fn what_is_no_time_is_refused_with_its_row() {
    let said = |values| read(values).expect_err("no time").to_string();
    let messages = [
        said(["2026-01-31", "2026-1-31", "2026-02-01"]),
        said(["31.01.2026", "30.01.2026", "29.01.2026"]),
        said(["soon", "later", "never"]),
        said(["1", "", "3"]),
        said(["2026-01-31", "", "2026-02-01"]),
        read_times(&IngestConfig::dataset("karate"), "year", &[], Path::new("."))
            .expect_err("no table")
            .to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}
