//! Questions asked of a finished run: neighbours, missing links, other nodes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float32Type, Int64Type, UInt32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use predicates::prelude::*;
use vgae_artifacts::{EdgeSplit, Edges, Embedding, Nodes, Pair};

use crate::common::{hashes, karate, run, vgae};

fn rows(path: &Path) -> RecordBatch {
    let file = std::fs::File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
    let batches: Vec<RecordBatch> = reader.expect("readable").map(|b| b.expect("rows")).collect();
    let schema = batches.first().expect("rows").schema();
    arrow::compute::concat_batches(&Arc::clone(&schema), &batches).expect("one table")
}

fn u32s(batch: &RecordBatch, name: &str) -> Vec<u32> {
    batch[name].as_primitive::<UInt32Type>().values().to_vec()
}

fn f32s(batch: &RecordBatch, name: &str) -> Vec<f32> {
    batch[name].as_primitive::<Float32Type>().values().to_vec()
}

/// A finished run on the karate club.
fn karate_run(folder: &Path, method: &str) -> PathBuf {
    let out = folder.join("out");
    run(&karate(folder, method, 30), &out, &[]);
    out
}

fn command(name: &str, folder: &Path) -> assert_cmd::Command {
    let mut command = vgae();
    command.arg(name).arg(folder);
    command
}

#[test]
fn every_missing_link_is_ranked_and_no_edge_is() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = karate_run(folder.path(), "vgae*");
    let before = hashes(&out);
    let file = folder.path().join("links.parquet");
    command("predict", &out).args(["--top", "100000", "--out"]).arg(&file).assert().success();

    let nodes = Nodes::read(&out.join("nodes.parquet")).expect("nodes");
    let edges = Edges::read(&out.join("edges.parquet"), nodes.len()).expect("edges");
    let embedding = Embedding::read(&out.join("latent.safetensors")).expect("vectors");
    let found = rows(&file);
    assert_eq!(found.num_rows(), 34 * 33 / 2 - 78, "every pair but the edges");
    let (src, dst, logits) = (u32s(&found, "src"), u32s(&found, "dst"), f32s(&found, "logit"));
    assert!(logits.is_sorted_by(|a, b| a >= b));
    let mut seen = BTreeSet::new();
    for ((src, dst), logit) in src.iter().zip(&dst).zip(&logits) {
        assert!(src < dst && seen.insert((src, dst)));
        assert!(edges.pairs().binary_search(&Pair::new(*src, *dst)).is_err());
        assert_eq!(logit.to_bits(), embedding.logit(*src, *dst).to_bits());
    }
    let ids = found["src_id"].as_primitive::<Int64Type>();
    assert!((0..ids.len()).all(|row| ids.value(row).to_string() == nodes.ids()[src[row] as usize]));

    // The first ten are those of a question for ten, on one thread and on many.
    let few = folder.path().join("few.parquet");
    for threads in ["1", "5"] {
        let mut ask = command("predict", &out);
        ask.args(["--top", "10", "--out"]).arg(&few).env("RAYON_NUM_THREADS", threads);
        ask.assert().success();
        assert_eq!(rows(&few), found.slice(0, 10));
    }
    assert_eq!(before, hashes(&out), "the run's folder is left as it was");
    let own = command("predict", &out).arg("--out").arg(out.join("scores.parquet")).assert();
    own.code(2).stderr(predicate::str::contains("one of the run's files"));
    let other = command("predict", &out).args(["--out", "links.csv"]).assert();
    other.code(2).stderr(predicate::str::contains("ends in .parquet"));
}

#[test]
fn links_of_some_nodes_only() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = karate_run(folder.path(), "gae*");
    let ids = folder.path().join("ids.csv");
    std::fs::write(&ids, "id\n17\n1\n").expect("ids");
    let asked = command("predict", &out).args(["--top", "9", "--json", "--for"]).arg(&ids).output();
    let text = asked.expect("ran").stdout;
    let answer: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let rows = answer["predictions"].as_array().expect("rows");
    assert_eq!(rows.len(), 9);
    for row in rows {
        assert!([17, 1].iter().any(|id| row["src_id"] == *id || row["dst_id"] == *id), "{row}");
    }
    let reason = answer["no_probabilities"].as_str().expect("few validation edges");
    assert!(reason.starts_with("the split has 3 validation edges"), "{reason}");

    std::fs::write(&ids, "id\n17\n99\n").expect("ids");
    let refused = command("predict", &out).arg("--for").arg(&ids).assert().code(2);
    refused.stderr(predicate::str::contains("found `99`; spelled most like it: `19`,"));
    // A file without a header is a list of ids as well.
    std::fs::write(&ids, "17\n1\n").expect("ids");
    command("predict", &out).arg("--for").arg(&ids).assert().success();
}

#[test]
fn neighbours_are_shown_and_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = karate_run(folder.path(), "vgae*");
    let table = command("neighbors", &out).args(["--id", "34", "--k", "5"]).assert().success();
    let text = String::from_utf8(table.get_output().stdout.clone()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let heads: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(heads, ["id", "label", "logit", "cosine", "probability", "edge"]);
    // Heads, a rule, five rows.
    assert_eq!(lines.iter().take_while(|line| !line.is_empty()).count(), 7);

    let file = folder.path().join("near.parquet");
    let cosine = ["--id", "34", "-k", "100", "--by", "cosine", "--out"];
    command("neighbors", &out).args(cosine).arg(&file).assert().success();
    let found = rows(&file);
    assert_eq!(found.num_rows(), 33, "all others");
    let edge = found["edge"].as_boolean();
    assert_eq!(
        edge.values().count_set_bits(),
        17,
        "the degree of node 34, held-out edges included"
    );
    let cosines = found["cosine"].as_primitive::<arrow::datatypes::Float64Type>().values().to_vec();
    assert!(cosines.is_sorted_by(|a, b| a >= b));

    let unknown = command("neighbors", &out).args(["--id", "3a"]).assert().code(2);
    unknown.stderr(predicate::str::contains(
        "--id: expected the id of a node of the run, found `3a`; spelled most like it: `3`,",
    ));
    let nowhere = command("neighbors", &folder.path().join("none")).args(["--id", "3"]).assert();
    nowhere.code(2).stderr(predicate::str::contains("no such folder"));
}

/// A graph of one's own, with features: `n0` to `n59`.
struct Own {
    folder: tempfile::TempDir,
    /// Rows of the node table without its head.
    nodes: Vec<[String; 4]>,
}

impl Own {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let edges: Vec<String> =
            (0..120).map(|n| format!("n{},n{}", n % 60, (n * 7 + n / 60 + 1) % 60)).collect();
        let nodes = (0..60).map(|n| {
            let x = (f64::from(n) * 0.37).sin();
            let label = if n % 2 == 0 { "even" } else { "odd" };
            [format!("n{n}"), label.to_owned(), format!("{x}"), format!("{}", n % 5)]
        });
        let own = Self { nodes: nodes.collect(), folder };
        own.write("e.csv", "from,to", &edges);
        own.write_nodes("n.csv", [0, 1, 2, 3]);
        let text = "[data]\nedges = \"e.csv\"\nnodes = \"n.csv\"\n[model]\nmethod = \"METHOD\"\n";
        for method in ["gae", "vgae", "gae*", "sc", "dw", "gnae", "linear-vgae", "deep-gae", "sgc"]
        {
            let name = format!("{method}.toml").replace('*', "-star");
            let options = match method {
                "sc" => "dimensions = 8\n",
                "dw" | "sgc" => "",
                _ => "epochs = 20\n",
            };
            let text = text.replace("METHOD", method) + options;
            std::fs::write(own.path(&name), text).expect("a pipeline");
        }
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, head: &str, rows: &[String]) {
        std::fs::write(self.path(name), format!("{head}\n{}\n", rows.join("\n"))).expect("a table");
    }

    /// The node table with its columns in some order.
    fn write_nodes(&self, name: &str, order: [usize; 4]) {
        let line = |cells: [&str; 4]| order.map(|at| cells[at]).join(",");
        let rows: Vec<String> =
            self.nodes.iter().map(|cells| line(cells.each_ref().map(String::as_str))).collect();
        self.write(name, &line(["id", "label", "x", "y"]), &rows);
    }

    fn run(&self, method: &str) -> PathBuf {
        let (pipeline, out) = (self.path(&format!("{method}.toml")), self.path(method));
        run(&pipeline, &out, &[]);
        out
    }

    fn infer(&self, run: &Path, edges: &str, nodes: &str) -> assert_cmd::assert::Assert {
        let mut command = command("infer", run);
        command.arg("--edges").arg(self.path(edges)).arg("--nodes").arg(self.path(nodes));
        command.arg("--out").arg(self.path("inferred")).assert()
    }
}

#[test]
fn inferred_from_the_training_edges_the_embedding_is_that_of_the_run_bit_for_bit() {
    let own = Own::new();
    for method in ["gae", "vgae", "gnae", "linear-vgae", "deep-gae", "sgc"] {
        let out = own.run(method);
        let nodes = Nodes::read(&out.join("nodes.parquet")).expect("nodes");
        let split = EdgeSplit::read(&out.join("split.parquet"), nodes.len()).expect("a split");
        let id = |node: u32| &nodes.ids()[node as usize];
        let train: Vec<String> =
            split.train().iter().map(|pair| format!("{},{}", id(pair.src), id(pair.dst))).collect();
        own.write("train.csv", "from,to", &train);
        // Columns are found by name.
        own.write_nodes("turned.csv", [3, 1, 0, 2]);
        own.infer(&out, "train.csv", "turned.csv").success();
        let latent = |folder: &Path| {
            Embedding::read(&folder.join("latent.safetensors")).expect("vectors").content_hash()
        };
        let inferred = own.path("inferred");
        assert_eq!(latent(&inferred), latent(&out), "{method}");

        // All edges are another graph. What comes out answers questions as a run does.
        own.infer(&out, "e.csv", "n.csv").success();
        assert_ne!(latent(&inferred), latent(&out), "{method}");
        for name in ["embeddings.parquet", "embeddings.arrow", "nodes.parquet", "audit.json"] {
            assert!(inferred.join(name).exists(), "{name}");
        }
        command("predict", &inferred).args(["--top", "3"]).assert().success();
        command("neighbors", &inferred).args(["--id", "n7"]).assert().success();
    }
}

#[test]
fn new_nodes_are_embedded_and_other_columns_refused() {
    let own = Own::new();
    let out = own.run("vgae");
    own.write("new.csv", "from,to", &["a,b".to_owned(), "b,c".to_owned()]);
    let rows = ["a,0.5,1", "b,0.25,2", "c,-1,0"].map(str::to_owned);
    own.write("three.csv", "id,x,y", &rows);
    own.infer(&out, "new.csv", "three.csv").success();
    let found = rows_of(&own.path("inferred/embeddings.parquet"));
    assert_eq!(found, ["a", "b", "c"]);

    own.write("other.csv", "id,x,z", &rows);
    own.infer(&out, "new.csv", "other.csv")
        .failure()
        .stderr(predicate::str::contains("expected a column `y`, found the columns id, x, z"));
    let onto_itself = command("infer", &out)
        .arg("--edges")
        .arg(own.path("new.csv"))
        .arg("--nodes")
        .arg(own.path("three.csv"))
        .arg("--out")
        .arg(&out)
        .assert();
    onto_itself.code(2).stderr(predicate::str::contains("the folder of a run"));
}

fn rows_of(path: &Path) -> Vec<String> {
    let found = rows(path);
    found["id"].as_string::<i32>().iter().map(|id| id.expect("an id").to_owned()).collect()
}

#[test]
fn models_without_features_say_why_they_cannot() {
    let own = Own::new();
    for (method, why) in [
        ("gae-star", "its first layer has one row per training node"),
        ("sc", "eigenvectors of the training graph"),
        ("dw", "its vectors are learned per training node"),
    ] {
        let out = own.run(method);
        own.infer(&out, "e.csv", "n.csv").code(2).stderr(predicate::str::contains(why));
    }
}

/// Format widths have 16 bits.
#[test]
fn ids_and_labels_of_any_length_are_shown() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (long, label) = ("x".repeat(70_000), "y".repeat(66_000));
    let ring = (0..30).map(|at| format!("{at},{}\n{at},{}", (at + 1) % 30, (at + 7) % 30));
    let edges: Vec<String> = ring.chain((1..4).map(|at| format!("{long},{at}"))).collect();
    let edges = format!("src,dst\n{}\n", edges.join("\n"));
    let others: Vec<String> = (0..30).map(|at| format!("{at},z")).collect();
    let nodes = format!("id,label\n{long},{label}\n{}\n", others.join("\n"));
    std::fs::write(folder.path().join("edges.csv"), edges).expect("edges");
    std::fs::write(folder.path().join("nodes.csv"), nodes).expect("nodes");
    let pipeline = folder.path().join("p.toml");
    let text = "[data.edges]\npath = \"edges.csv\"\n[data.nodes]\npath = \"nodes.csv\"\nid = \"id\"\n\
                label = \"label\"\n[model]\nmethod = \"sc\"\ndimensions = 4\n";
    std::fs::write(&pipeline, text).expect("a pipeline");
    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    for wide in [&[][..], &["--wide"]] {
        command("predict", &out).args(["--top", "400"]).args(wide).assert().success();
        command("neighbors", &out).args(["--id", "1", "--k", "30"]).args(wide).assert().success();
        command("neighbors", &out).args(["--id", &long]).args(wide).assert().success();
    }
}

#[test]
fn probabilities_are_expected_shares_of_missing_edges() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = folder.path().join("p.toml");
    let text = "[data]\ndataset = \"karate\"\n[split]\nvalidation = 0.3\n[model]\nmethod = \"sc\"\n\
                dimensions = 4\n";
    std::fs::write(&pipeline, text).expect("a pipeline");
    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    let predicted = |more: &[&str]| -> serde_json::Value {
        let found = command("predict", &out).arg("--json").args(more).output().expect("ran");
        serde_json::from_slice(&found.stdout).expect("JSON")
    };
    let found = predicted(&[]);
    let validation = found["estimate"]["validation_edges"].as_u64().expect("a number");
    assert_eq!(found["estimate"]["missing_edges"].as_u64(), Some(validation));
    assert_eq!(validation, 23);
    let share = |row: &serde_json::Value, key: &str| row[key].as_f64().expect("a share");
    let rows = found["predictions"].as_array().expect("links");
    assert_eq!(rows.len(), 100);
    for two in rows.windows(2) {
        assert!(share(&two[0], "probability") >= share(&two[1], "probability"));
        assert!(two[0]["logit"].as_f64() >= two[1]["logit"].as_f64());
    }
    // Half as many missing edges are half as likely each, where no bound is met.
    let halved = predicted(&["--missing", "1", "--top", "5"]);
    assert_eq!(halved["estimate"]["missing_edges"], 1);
    for (row, all) in halved["predictions"].as_array().expect("links").iter().zip(rows) {
        let (one, all) = (share(row, "precision"), share(all, "precision"));
        assert!((one * 23.0 - all).abs() < 1e-9 || (all - 1.0).abs() < 1e-9, "{one} {all}");
    }
    // Too few validation edges: no probability, and the reason.
    let few = folder.path().join("few");
    run(&karate(folder.path(), "vgae*", 3), &few, &[]);
    let found = command("predict", &few).arg("--json").output().expect("ran");
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert!(found["estimate"].is_null() && found["predictions"][0]["probability"].is_null());
    let reason = found["no_probabilities"].as_str().expect("a reason");
    assert!(reason.contains("validation edges, and an estimate needs at least 20"), "{reason}");
}
