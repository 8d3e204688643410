//! Prediction of edge weights end to end: training, metrics, predictions, verification.

use std::path::Path;

use serde_json::Value;

use crate::bad_input::says;
use crate::common::{fails_verify, json, run, timeless, vgae};

const NODES: usize = 150;

/// Writes a graph of three groups, whose edges are strong within the first group and weak elsewhere.
fn graph(folder: &Path) {
    let mut lines = vec!["src,dst,weight".to_owned()];
    for node in 0..NODES {
        for step in [3, 6, 9, 15, 21] {
            let other = (node + step) % NODES;
            let weight = if node % 3 == 0 { 8 + (node / 3 + step) % 3 } else { 1 + step % 2 };
            lines.push(format!("{node},{other},{weight}"));
        }
        if node % 5 == 0 {
            lines.push(format!("{node},{},1", (node + 7) % NODES));
        }
    }
    std::fs::write(folder.join("edges.csv"), lines.join("\n") + "\n").expect("written");
}

fn pipeline(folder: &Path, name: &str, data: &str, model: &str) -> std::path::PathBuf {
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "[data]\n{data}\n[split]\nvalidation = 0.1\ntest = 0.2\n[model]\nepochs = 150\nlearning_rate = 0.02\n\
         {model}\n"
    );
    std::fs::write(&path, text).expect("a pipeline");
    path
}

const DATA: &str =
    "edges = { path = \"edges.csv\", src = \"src\", dst = \"dst\", weight = \"weight\" }";

#[test]
fn weights_are_predicted_beside_edges() {
    let folder = tempfile::tempdir().expect("a folder");
    graph(folder.path());
    for (name, model) in [
        ("squared", "method = \"gae*\"\nweight_loss = \"squared\""),
        ("poisson", "method = \"gae*\"\nweight_loss = \"poisson\""),
        ("variational", "method = \"vgae*\"\nweight_loss = \"squared\"\nkeep_best = true"),
        ("sampled", "method = \"gae*\"\nweight_loss = \"squared\"\nnegatives = 2"),
    ] {
        let path = pipeline(folder.path(), name, DATA, model);
        let out = folder.path().join(name);
        run(&path, &out, &[]);
        vgae().arg("verify").arg("--retrain").arg(&out).assert().success();
        let again = folder.path().join(format!("{name}-again"));
        run(&path, &again, &["--threads", "3"]);
        assert_eq!(timeless(&out), timeless(&again), "{name}");

        let metrics = json(&out.join("metrics.json"));
        let found = |key: &str| metrics["test_weights"][key].as_f64().expect("a number");
        assert!(found("rmse") < 0.6 * found("deviation"), "{name}: {metrics}");
        assert!(found("spearman") > 0.6, "{name}: {metrics}");
        assert!(metrics["validation_weights"]["edges"].as_u64() > Some(20), "{name}");
        assert!(metrics["definitions"]["weight_rmse"].is_string(), "{name}");

        let answer = vgae().args(["predict", "--top", "9", "--json"]).arg(&out).output();
        let answer: Value = serde_json::from_slice(&answer.expect("ran").stdout).expect("JSON");
        let rows = answer["predictions"].as_array().expect("predictions");
        assert!(rows.iter().all(|row| row["weight"].is_number()), "{name}: {answer}");
        let text = vgae().args(["predict", "--top", "3"]).arg(&out).output().expect("ran").stdout;
        assert!(String::from_utf8_lossy(&text).contains("weight"), "{name}");
        vgae().arg("report").arg(&out).assert().success();
    }
}

#[test]
fn forged_weights_of_test_edges_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    graph(folder.path());
    let model = "method = \"gae*\"\nweight_loss = \"squared\"";
    let path = pipeline(folder.path(), "run", DATA, model);
    let out = folder.path().join("run");
    run(&path, &out, &[]);
    let file = out.join("metrics.json");
    let text = std::fs::read_to_string(&file).expect("metrics");
    let forged = text.replacen("\"spearman\": 0.", "\"spearman\": 0.9", 1);
    assert_ne!(text, forged);
    std::fs::remove_file(&file).expect("a link");
    std::fs::write(&file, forged).expect("written");
    fails_verify(&out, "metrics.json");
}

#[test]
fn a_loss_of_weights_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    graph(folder.path());
    let edges = std::fs::read_to_string(folder.path().join("edges.csv")).expect("edges");
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("signed.csv", edges.replacen(",1\n", ",-1\n", 40));
    let ends = edges.lines().map(|line| line.rsplit_once(',').expect("three columns").0);
    write("plain.csv", ends.collect::<Vec<_>>().join("\n") + "\n");
    let refused = |name: &str, data: &str, model: &str| {
        let path = pipeline(folder.path(), name, data, model);
        let out = folder.path().join(name);
        let output = vgae().arg("run").arg(&path).arg("--out").arg(&out).output().expect("ran");
        assert!(!output.status.success(), "{name}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let poisson = "method = \"gae*\"\nweight_loss = \"poisson\"";
    let of = |file: &str| DATA.replace("edges.csv", file);
    let text = refused("signed", &of("signed.csv"), poisson).replace('\n', " ");
    says(&text, &["weight_loss", "weights that are not negative", "-1"]);
    let plain = "edges = { path = \"plain.csv\", src = \"src\", dst = \"dst\" }";
    says(&refused("plain", plain, poisson), &["edges with weights"]);
    let directed = "method = \"gae*\"\nweight_loss = \"poisson\"\ndecoder = \"gravity\"";
    says(&refused("directed", DATA, directed), &["weight_loss"]);
    let name = "method = \"gae*\"\nweight_loss = \"poison\"";
    says(&refused("name", DATA, name), &["\"squared\" or \"poisson\""]);
}
