//! Whole runs against a naive twin: sets of pairs, sorted lists and the stages of `vgae run`.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::needless_range_loop,
    reason = "small numbers, and formulas by their indices"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{Float32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use vgae_artifacts::{Edges, Pair, Seed};
use vgae_large::{LargeConfig, Outcome, run};
use vgae_split::{SplitConfig, certify, split_by_hash};
use vgae_testing::on_threads;

type Column = (&'static str, ArrayRef);

/// Writes a Parquet file with row groups of `group` rows.
fn write(path: &Path, columns: Vec<Column>, group: usize) {
    let batch = RecordBatch::try_from_iter(columns).expect("columns");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let file = std::fs::File::create(path).expect("a file");
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a file");
}

fn integers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn write_edges(folder: &Path, rows: &[(i64, i64)], group: usize) {
    let columns = vec![
        ("src", integers(rows.iter().map(|row| row.0))),
        ("dst", integers(rows.iter().map(|row| row.1))),
    ];
    write(&folder.join("edges.parquet"), columns, group);
}

fn config(folder: &Path, text: &str) -> LargeConfig {
    let path = folder.join("big.toml");
    std::fs::write(&path, text).expect("a file");
    LargeConfig::read(&path).expect("a configuration")
}

const FASTRP: &str = "seed = 5\n[data]\nedges = \"edges.parquet\"\n[split]\nvalidation = 0.1\ntest = 0.2\n\
                      [model]\nmethod = \"fastrp\"\ndimensions = 20\n";

/// Node, id and vector of each row of the part files.
fn embeddings(out: &Path) -> Vec<(i64, i64, Vec<f32>)> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(out.join("embeddings")).expect("a folder") {
        let file = std::fs::File::open(entry.expect("an entry").path()).expect("a file");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
        for batch in reader.expect("a reader") {
            let batch = batch.expect("rows");
            let [nodes, ids] =
                [0, 1].map(|at| batch.column(at).as_primitive::<Int64Type>().clone());
            for row in 0..batch.num_rows() {
                let values = batch.columns()[2..].iter();
                let values = values.map(|column| column.as_primitive::<Float32Type>().value(row));
                rows.push((nodes.value(row), ids.value(row), values.collect()));
            }
        }
    }
    rows.sort_by_key(|row| row.0);
    rows
}

/// Rows of edges with duplicates and self-loops: ids `from..from + 30`.
fn rows(from: i64) -> impl Strategy<Value = Vec<(i64, i64)>> {
    let id = move || (0i64..30).prop_map(move |id| from + id * id * 7);
    // A ring, so that there is always something to split.
    let ring = move |k: i64| (from + k * k * 7, from + (k + 1) % 30 * ((k + 1) % 30) * 7);
    prop::collection::vec((id(), id()), 0..80)
        .prop_map(move |drawn| (0..30).map(ring).chain(drawn).collect())
}

/// Numbers of the nodes by id, from the embedding's own rows.
fn numbered(rows: &[(i64, i64)], embeddings: &[(i64, i64, Vec<f32>)]) -> (Edges, usize, usize) {
    let number = |id: i64| {
        let row = embeddings.iter().find(|row| row.1 == id).expect("the id");
        u32::try_from(row.0).expect("a number")
    };
    let pairs = rows.iter().map(|&(a, b)| Pair::new(number(a), number(b)));
    let (loops, pairs): (Vec<Pair>, Vec<Pair>) = pairs.partition(|pair| pair.is_self_loop());
    let edges = Edges::undirected(embeddings.len(), pairs.clone()).expect("edges");
    let duplicates = pairs.len() - edges.pairs().len();
    (edges, loops.len(), duplicates)
}

fn check(outcome: &Outcome, rows: &[(i64, i64)], found: &[(i64, i64, Vec<f32>)]) {
    let ids: BTreeSet<i64> = rows.iter().flat_map(|&(a, b)| [a, b]).collect();
    assert_eq!(found.iter().map(|row| row.1).collect::<BTreeSet<_>>(), ids);
    assert!(found.iter().map(|row| row.0).eq(0..ids.len() as i64), "each number once");
    let (edges, loops, duplicates) = numbered(rows, found);
    let audit = &outcome.audit;
    assert_eq!(
        [audit.source_rows, audit.self_loops, audit.duplicates, audit.nodes, audit.edges],
        [rows.len(), loops, duplicates, ids.len(), edges.pairs().len()].map(|count| count as u64)
    );

    // The split is that of `split.method = "hash"`.
    let split = SplitConfig { validation: 0.1, test: 0.2, ..SplitConfig::default() };
    let split =
        split_by_hash(&edges, None, &split.check().expect("valid"), Seed(5)).expect("a split");
    let certificate = certify(&edges, &split);
    assert!(certificate.holds());
    assert_eq!(certificate.counts, outcome.certificate.counts);
    assert_eq!(certificate.cold_test_edges, outcome.certificate.cold_test_edges);

    // The metrics are those of the vectors on the held-out pairs.
    let score = |pairs: &[Pair]| -> Vec<f32> {
        let product = |pair: &Pair| {
            let (a, b) = (&found[pair.src as usize].2, &found[pair.dst as usize].2);
            a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>() as f32
        };
        pairs.iter().map(product).collect()
    };
    let test = split.test();
    let metrics =
        vgae_eval::link_metrics(&score(&test.positive), &score(&test.negative)).expect("scores");
    let [auc, ap] = [&metrics, &outcome.metrics.test]
        .map(|m| (m.auc, m.ap))
        .map(|(auc, ap)| (auc.expect("an AUC"), ap.expect("an AP")));
    assert!((auc.0 - ap.0).abs() < 1e-12 && (auc.1 - ap.1).abs() < 1e-8, "{auc:?} {ap:?}");

    // The vectors are unit sums of hops of the formula, in f64.
    let expected = naive(found.len(), split.train(), 20);
    for (row, expected) in found.iter().zip(expected) {
        for (found, expected) in row.2.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

/// `unit(unit(P^3 D^(1/2) R) + unit(P^4 D^(1/2) R))`, with dense matrices.
fn naive(nodes: usize, train: &[Pair], width: usize) -> Vec<Vec<f64>> {
    use vgae_artifacts::{HashPurpose, KeyedHash};
    let hash = KeyedHash::new(HashPurpose::Vectors, Seed(5));
    let mut adjacency = vec![vec![0.0; nodes]; nodes];
    for node in 0..nodes {
        adjacency[node][node] = 1.0;
    }
    for pair in train {
        adjacency[pair.src as usize][pair.dst as usize] = 1.0;
        adjacency[pair.dst as usize][pair.src as usize] = 1.0;
    }
    let degree: Vec<f64> = adjacency.iter().map(|row| row.iter().sum()).collect();
    let unit = |row: &[f64]| -> Vec<f64> {
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter().map(|x| if length > 0.0 { x / length } else { 0.0 }).collect()
    };
    let sign = |node: usize, k: usize| {
        1.0 - 2.0 * f64::from(hash.of(node as u32, k as u32 / 32) >> (k % 32) & 1)
    };
    let mut y: Vec<Vec<f64>> = (0..nodes)
        .map(|node| (0..width).map(|k| degree[node].sqrt() * sign(node, k)).collect())
        .collect();
    let mut sum = vec![vec![0.0; width]; nodes];
    for hop in 1..=4 {
        let mean = |node: usize, k: usize| {
            (0..nodes).map(|other| adjacency[node][other] * y[other][k]).sum::<f64>() / degree[node]
        };
        y = (0..nodes).map(|node| (0..width).map(|k| mean(node, k)).collect()).collect();
        if hop >= 3 {
            for (sum, y) in sum.iter_mut().zip(&y) {
                sum.iter_mut().zip(unit(y)).for_each(|(sum, y)| *sum += y);
            }
        }
    }
    sum.iter().map(|row| unit(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn runs_are_those_of_the_naive_twin(
        rows in prop_oneof![rows(0), rows(-100), rows((1 << 32) - 50)],
        group in 1usize..40,
        threads in 1usize..4,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        write_edges(folder.path(), &rows, group);
        let config = config(folder.path(), FASTRP);
        let out = folder.path().join("out");
        let outcome = on_threads(threads, || run(&config, &out, None)).expect("a run");
        check(&outcome, &rows, &embeddings(&out));
    }
}

#[test]
fn threads_and_row_groups_change_no_bit_and_folders_are_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<(i64, i64)> = (0..3000i64).map(|k| (k * k % 997, k * 31 % 1009)).collect();
    let config = config(folder.path(), FASTRP);
    let out = folder.path().join("out");
    let mut results = Vec::new();
    for (group, threads) in [(3000, 1), (100, 2), (7, 5)] {
        write_edges(folder.path(), &rows, group);
        let outcome = on_threads(threads, || run(&config, &out, None)).expect("a run");
        results.push((outcome, embeddings(&out)));
    }
    assert!(results[0] == results[1] && results[0] == results[2]);
}

#[test]
fn features_are_smoothed_and_nodes_without_edges_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<(i64, i64)> = (0..40).map(|k| (k, (k + 1) % 40)).collect();
    write_edges(folder.path(), &rows, 9);
    let nodes: Vec<Column> = vec![
        ("id", Arc::new(UInt32Array::from_iter_values(0..41))),
        ("x", Arc::new(Float64Array::from_iter_values((0..41).map(|k| f64::from(k) - 3.0)))),
        ("y", Arc::new(Float64Array::from_iter_values((0..41).map(|k| f64::from(k % 5))))),
    ];
    write(&folder.path().join("nodes.parquet"), nodes, 11);
    let text = "[data]\nedges = \"edges.parquet\"\nnodes = \"nodes.parquet\"\nfeatures = [\"x\", \"y\"]\n\
                [split]\ntest = 0.2\n[model]\nmethod = \"sgc\"\nhops = 2\n";
    let out = folder.path().join("out");
    let outcome = run(&config(folder.path(), text), &out, None).expect("a run");
    assert_eq!((outcome.audit.nodes, outcome.audit.edges), (41, 40));
    let found = embeddings(&out);
    // Node 40 has no edge: its own features, of length 1.
    let length = 37f64.hypot(0.0);
    assert!((f64::from(found[40].2[0]) - 37.0 / length).abs() < 1e-6, "{:?}", found[40]);
    assert!(found.iter().all(|row| row.2.iter().map(|x| x * x).sum::<f32>() > 0.99));
}

#[test]
fn faulty_tables_are_errors_that_say_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let out = path.join("out");
    let error = |text: &str| {
        let error = run(&config(path, text), &out, None).expect_err(text);
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    let found = error(FASTRP);
    assert!(found.contains("edges.parquet"), "{found}");

    write_edges(path, &[(0, 1), (1, 2), (2, 0)], 2);
    let found = error(&FASTRP.replace("[split]", "source = \"a\"\n[split]"));
    assert!(
        found.contains("expected the column `a` (`source` under [data]), found src, dst"),
        "{found}"
    );
    let found = error(FASTRP);
    assert!(found.contains("expected at least 10 edges for a fraction of 0.1, found 3"), "{found}");

    let text = FASTRP.replace("[split]", "nodes = \"nodes.parquet\"\n[split]");
    write(&path.join("nodes.parquet"), vec![("id", integers([0, 1]))], 9);
    let found = error(&text);
    assert!(found.contains("an edge from 1 to 2: add the nodes, or leave out `nodes`"), "{found}");
    write(&path.join("nodes.parquet"), vec![("id", integers([0, 1, 1, 2]))], 9);
    let found = error(&text);
    assert!(found.contains("each id once in column `id`, found 3 ids in 4 rows"), "{found}");

    let names: ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["a", "b"]));
    write(&path.join("edges.parquet"), vec![("src", Arc::clone(&names)), ("dst", names)], 9);
    let found = error(FASTRP);
    assert!(found.contains("use --engine local"), "{found}");
    let null: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    write(&path.join("edges.parquet"), vec![("src", integers([0, 1])), ("dst", null)], 9);
    let found = error(FASTRP);
    assert!(
        found.contains("a value in each row of column `dst`, found rows without (null)"),
        "{found}"
    );

    std::fs::write(path.join("edges.parquet"), b"PAR1 and no more").expect("a file");
    assert!(error(FASTRP).contains("edges.parquet"));
    std::fs::remove_file(path.join("edges.parquet")).expect("removed");
    std::fs::create_dir(path.join("edges.parquet")).expect("a folder");
    assert!(error(FASTRP).contains("expected .parquet files, found none"));
}
