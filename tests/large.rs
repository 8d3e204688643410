//! The engine `native`, and the split by hash of ordinary pipelines.

use std::fs;
use std::path::Path;

use predicates::str::contains;
use serde_json::Value;
use vgae_artifacts::{Kind, json, names};

use crate::common::{hashes, run, vgae};

const BIG: &str = "[data]\nedges = \"edges.parquet\"\nsource = \"source\"\ntarget = \"target\"\nnodes = \"nodes.parquet\"\n\
                   [model]\nmethod = \"fastrp\"\ndimensions = 24\n";

/// A random graph of 500 nodes with the pipeline file `big.toml`.
fn graph(folder: &Path, pipeline: &str) {
    let sizes = ["rmat", "--nodes", "500", "--edges", "3000"];
    vgae().arg("generate-graph").args(sizes).arg("--out").arg(folder).assert().success();
    fs::write(folder.join("big.toml"), pipeline).expect("written");
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn the_native_engine_makes_the_same_files_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let graph_folder = folder.path().join("graph");
    graph(&graph_folder, BIG);
    let results = ["1", "3"].map(|threads| {
        let out = folder.path().join(threads);
        let mut command = vgae();
        command.arg("run").arg(graph_folder.join("big.toml")).args(["--engine", "native"]);
        command.args(["--threads", threads]).arg("--out").arg(&out).assert().success().stdout(
            contains("500 nodes, 3000 edges from 3000 rows (0 duplicates, 0 self-loops dropped)"),
        );
        let mut files = hashes(&out);
        files.retain(|name, _| name != "run.json" && name != ".lock");
        files.extend(hashes(&out.join("embeddings")));
        files
    });
    assert_eq!(results[0], results[1]);
    let names: Vec<&String> = results[0].keys().collect();
    assert_eq!(names, ["audit.json", "certificate.json", "metrics.json", "part-00000.parquet"]);
    let metrics = read(&folder.path().join("1/metrics.json"));
    assert!(metrics["test"]["auc"].as_f64().expect("an AUC") > 0.55, "{metrics}");
}

#[test]
fn ordinary_pipelines_have_its_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let graph_folder = folder.path().join("graph");
    graph(&graph_folder, BIG);
    let native = folder.path().join("native");
    let mut command = vgae();
    command.arg("run").arg(graph_folder.join("big.toml")).args(["--engine", "native", "--out"]);
    command.arg(&native).assert().success();

    let pipeline = graph_folder.join("hash.toml");
    let text = "[data]\nedges = \"edges.parquet\"\nnodes = \"nodes.parquet\"\n[split]\nmethod = \"hash\"\n\
                [model]\nmethod = \"fastrp\"\n";
    fs::write(&pipeline, text).expect("written");
    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    let certificate: vgae_artifacts::Certificate =
        json::read(&out.join(names::CERTIFICATE), Kind::Certificate).expect("a certificate");
    assert!(certificate.holds());
    let same = read(&native.join("certificate.json"));
    assert_eq!(serde_json::to_value(certificate.counts).expect("JSON"), same["counts"]);
    assert_eq!(same["cold_test_edges"], certificate.cold_test_edges);
    vgae().arg("verify").arg(&out).assert().success();
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    graph(folder.path(), BIG);
    let fails = |text: &str, more: &[&str], expected: &str| {
        fs::write(folder.path().join("big.toml"), text).expect("written");
        let mut command = vgae();
        command
            .arg("run")
            .arg(folder.path().join("big.toml"))
            .args(["--engine", "native", "--out"]);
        command
            .arg(folder.path().join("out"))
            .args(more)
            .assert()
            .failure()
            .stderr(contains(expected));
    };
    fails(BIG, &["--", "--memory", "2GB"], "expected no arguments after `--`, found --memory");
    fails(&BIG.replace("fastrp", "gae"), &[], "unknown variant `gae`, expected `fastrp` or `sgc`");
    fails(&BIG.replace("24", "0"), &[], "`dimensions` under [model]: expected 1 to 1024, found 0");
    fails(&BIG.replace("\"source\"", "\"from\""), &[], "expected the column `from`");
    fails(&BIG.replace("edges.parquet", "nowhere.parquet"), &[], "nowhere.parquet");
}
