//! Splits that are not drawn edge by edge: from files, by time, by node; negatives per edge; whole pipelines.

use std::path::Path;

use serde_json::Value;

use crate::bad_input::says;
use crate::common::{run, timeless, vgae};

const NODES: usize = 40;

/// Writes edges with days, nodes with two features, the parts of the edges in files and in one table, and lists
/// of negatives.
fn data(folder: &Path) -> usize {
    let write = |name: &str, lines: Vec<String>| {
        std::fs::write(folder.join(name), lines.join("\n") + "\n").expect("written");
    };
    // Two rings, with chords of other lengths.
    let steps = [1, 3, 7, 11];
    let edges: Vec<(usize, usize)> = steps
        .iter()
        .flat_map(|step| (0..NODES).map(move |node| (node, (node + step) % NODES)))
        .collect();
    // An order that is not that of the steps.
    let order: Vec<usize> = (0..edges.len()).map(|at| at * 37 % edges.len()).collect();
    let edges: Vec<(usize, usize)> = order.into_iter().map(|at| edges[at]).collect();
    let day = |at: usize| format!("{}-06-{:02}", 2000 + at / 20, 1 + at % 20);
    let rows = edges.iter().enumerate().map(|(at, (src, dst))| format!("{src},{dst},{}", day(at)));
    write("edges.csv", std::iter::once("from,to,day".to_owned()).chain(rows).collect());
    let features = |node: usize| [(node as f64 * 0.7).sin(), (node as f64 * 1.3).cos()];
    let nodes = (0..NODES).map(|node| {
        let [x, y] = features(node);
        format!("{node},{x},{y}")
    });
    write("nodes.csv", std::iter::once("id,x,y".to_owned()).chain(nodes).collect());
    let cuts = [0, edges.len() * 7 / 10, edges.len() * 8 / 10, edges.len()];
    let mut table = vec!["from,to,split".to_owned()];
    for (part, range) in ["train", "valid", "test"].into_iter().zip(cuts.windows(2)) {
        let own = &edges[range[0]..range[1]];
        write(&format!("{part}.txt"), own.iter().map(|(a, b)| format!("{a}\t{b}")).collect());
        table.extend(own.iter().map(|(a, b)| format!("{a},{b},{part}")));
        let list = |at: usize| (1..=5).map(move |step| (at, step));
        let negatives = own.iter().enumerate().flat_map(|(at, _)| list(at));
        let negatives = negatives.map(|(at, step)| {
            let (src, _) = own[at];
            format!("{at},{src},{}", (src + 12 + step) % NODES)
        });
        write(
            &format!("{part}-lists.csv"),
            std::iter::once("edge,from,to".to_owned()).chain(negatives).collect(),
        );
    }
    write("parts.csv", table);
    edges.len()
}

/// Runs a pipeline over the data, verifies the run, and returns its certificate and metrics.
fn finished(folder: &Path, name: &str, start: &str, more: &str) -> (Value, Value) {
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "{start}\n[data]\nedges = {{ path = \"edges.csv\", weight = \"none\" }}\nnodes = \"nodes.csv\"\n{more}\n\
         [model]\nmethod = \"gae\"\nepochs = 15\nlatent = 4\nhidden = 8\n"
    );
    std::fs::write(&path, text).expect("a pipeline");
    let out = folder.join(name);
    run(&path, &out, &[]);
    vgae().arg("verify").arg("--retrain").arg(&out).assert().success();
    // The same on another number of threads, and nothing is left to do.
    run(&path, &out, &[]).stdout(predicates::str::contains("nothing to do"));
    let again = folder.join(format!("{name}-again"));
    run(&path, &again, &["--threads", "3"]);
    assert_eq!(timeless(&out), timeless(&again), "{name}");
    let json = |file: &str| {
        let bytes = std::fs::read(out.join(file)).expect("a file");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (json("certificate.json"), json("metrics.json"))
}

#[test]
fn parts_in_files_and_parts_in_a_table_are_the_same_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let edges = data(folder.path());
    let files =
        "[split.files]\ntrain = \"train.txt\"\nvalidation = \"valid.txt\"\ntest = \"test.txt\"";
    let (certificate, files) = finished(folder.path(), "files", "", files);
    let rows = |certificate: &Value| -> u64 {
        let lists = certificate["given"]["lists"].as_array().expect("lists");
        let edges = lists.iter().filter(|list| list["positive"] == true);
        edges.map(|list| list["pairs"].as_u64().expect("a count")).sum()
    };
    assert_eq!(rows(&certificate), edges as u64);
    assert_eq!(certificate["given"]["edges_in_no_part"], 0);
    let (other, table) =
        finished(folder.path(), "table", "", "[split.files]\ntable = \"parts.csv\"");
    assert_eq!(rows(&other), edges as u64);
    assert_eq!(files["test"], table["test"], "the same training and the same test pairs");
}

#[test]
fn given_lists_are_ranked_by_both_definitions_and_at_own_epochs() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let more = "[split.files]\ntrain = \"train.txt\"\nvalidation = \"valid.txt\"\ntest = \"test.txt\"\n[eval]\n\
                negatives = { validation = \"valid-lists.csv\", test = \"test-lists.csv\" }";
    let (certificate, metrics) =
        finished(folder.path(), "official", "protocol = \"heart-official\"", more);
    let lists = certificate["given"]["negative_lists"].as_array().expect("lists");
    assert!(lists.iter().all(|list| list["set"] == "given:5"), "{lists:?}");
    let rankings = metrics["rankings"].as_array().expect("rankings");
    let given: Vec<&Value> =
        rankings.iter().filter(|ranking| ranking["negatives"] == "given:5").collect();
    assert_eq!(given.len(), 2, "validation and test");
    for ranking in rankings {
        let [own, mean] = [&ranking["mrr"], &ranking["mean_ranks"]["mrr"]];
        let [own, mean] = [own, mean].map(|value| value.as_f64().expect("a number"));
        assert!(mean <= own + 1e-12, "the reciprocal of a mean is at most the mean of reciprocals");
    }
    let epochs = metrics["own_epochs"].as_array().expect("own epochs");
    assert!(epochs.iter().any(|own| own["negatives"] == "given:5"), "{epochs:?}");
}

#[test]
fn the_future_is_tested_and_the_past_is_trained_on() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let more = "[split]\nmethod = \"time\"\ntime = \"day\"";
    let (certificate, _) = finished(folder.path(), "time", "", more);
    let rule = &certificate["rule"];
    let time = |value: &Value| value.as_str().expect("a time").to_owned();
    let [from, to] = [0, 1].map(|at| time(&rule["validation"][at]));
    assert!(time(&rule["train_until"]) < from && from <= to && to < time(&rule["test_from"]));
}

#[test]
fn unseen_nodes_are_tested_with_methods_that_read_features() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let (certificate, metrics) =
        finished(folder.path(), "nodes", "", "[split]\nmethod = \"nodes\"");
    assert_eq!(certificate["rule"]["test"], 4, "a tenth of the nodes");
    assert_eq!(certificate["cold_test_edges"], metrics["test"]["positives"]);
    let path = folder.path().join("nodes.toml");
    let text = std::fs::read_to_string(&path).expect("a pipeline");
    let model = text.find("[model]").expect("a model");
    std::fs::write(&path, format!("{}[model]\nmethod = \"dw\"\n", &text[..model]))
        .expect("written");
    let refused = vgae().arg("run").arg(&path).output().expect("ran");
    assert_eq!(refused.status.code(), Some(2));
    says(
        &String::from_utf8_lossy(&refused.stderr),
        &["split.method", "a method that reads features"],
    );
}

#[test]
fn the_protocol_ncn_has_its_own_fractions() {
    let folder = tempfile::tempdir().expect("a folder");
    let edges = data(folder.path());
    let (_, metrics) = finished(folder.path(), "ncn", "protocol = \"ncn\"", "");
    assert_eq!(metrics["test"]["positives"], edges * 2 / 10);
    assert_eq!(metrics["validation"]["positives"], edges / 10);
}

/// One's own table with the name of an artifact is another file than the artifact: a split by time reads both.
#[test]
fn a_table_with_the_name_of_an_artifact_is_another_file() {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use vgae_artifacts::{Kind, Manifest, Stage, json, names};

    let folder = tempfile::tempdir().expect("temporary folder");
    let ends = |step: i64| (0..40i64).map(move |node| (node + step) % 40);
    let column = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let batch = RecordBatch::try_from_iter([
        ("source", column(ends(0).chain(ends(0)).collect())),
        ("target", column(ends(1).chain(ends(7)).collect())),
        ("day", column((0..80).map(|at| at * 37 % 80).collect())),
    ]);
    vgae_artifacts::table::write_batch(
        &folder.path().join("edges.parquet"),
        &batch.expect("columns"),
    )
    .expect("written");
    let pipeline = folder.path().join("pipeline.toml");
    let text = "[data]\nedges = { path = \"edges.parquet\", weight = \"none\" }\n\
                [split]\nmethod = \"time\"\ntime = \"day\"\n[model]\nmethod = \"fastrp\"\n";
    std::fs::write(&pipeline, text).expect("a pipeline");
    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    vgae().arg("verify").arg(&out).assert().success();
    let manifest: Manifest =
        json::read(&out.join(names::MANIFEST), Kind::Manifest).expect("a manifest");
    let split =
        manifest.stages.iter().find(|record| record.stage == Stage::Split).expect("the split");
    let inputs: Vec<&String> = split.inputs.keys().collect();
    assert!(inputs.iter().any(|name| *name == "edges.parquet"), "{inputs:?}");
    assert!(inputs.iter().any(|name| *name == "./edges.parquet"), "{inputs:?}");
}
