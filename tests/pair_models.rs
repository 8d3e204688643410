//! Methods that score pairs by structure and text, alone or joined with an embedding, and how others judge them.

use std::path::{Path, PathBuf};

use predicates::prelude::*;
use serde_json::Value;

use crate::common::{fails_verify, json, run, timeless, vgae};

fn pipeline(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("pipeline.toml");
    std::fs::write(&path, text).expect("pipeline written");
    path
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// A hybrid on Cora whose encoder is trained for few epochs.
const HYBRID: &str = "[data]\ndataset = \"cora\"\n[model]\nmethod = \"hybrid\"\n\
                      encoder = { method = \"gnae\", latent = 32, epochs = 40 }\n";
/// Its encoder alone.
const ENCODER: &str =
    "[data]\ndataset = \"cora\"\n[model]\nmethod = \"gnae\"\nlatent = 32\nepochs = 40\n";

#[test]
fn a_hybrid_beats_its_encoder_and_says_by_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("hybrid");
    run(&pipeline(folder.path(), HYBRID), &out, &["--threads", "1"]);
    let alone = folder.path().join("gnae");
    run(&pipeline(folder.path(), ENCODER), &alone, &[]);
    let [joined, encoder] = [&out, &alone].map(|run| json(&run.join("metrics.json")));
    let (auc, before) = (number(&joined["test"]["auc"]), number(&encoder["test"]["auc"]));
    assert!(auc > before + 0.01 && auc > 0.95, "{auc} after {before}");

    let model = json(&out.join("pair-model.json"));
    assert_eq!(model["model"], "hybrid");
    let importances = joined["importances"].as_array().expect("a list");
    assert_eq!(importances.len(), 9, "two columns of the embedding, seven features");
    assert!(importances.iter().any(|column| number(&column["drop"]) > 0.005));
    let page = std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("sgc-cosine"), "the page names what is joined");

    // The same bits on more threads, and by single stages on its files.
    let again = folder.path().join("again");
    run(&pipeline(folder.path(), HYBRID), &again, &["--threads", "3"]);
    assert_eq!(timeless(&out), timeless(&again));
    let solo = folder.path().join("solo");
    std::fs::create_dir(&solo).expect("a folder");
    for name in ["nodes.parquet", "edges.parquet", "features.parquet", "split.parquet"] {
        std::fs::copy(out.join(name), solo.join(name)).expect("copied");
    }
    let mut train = vgae();
    train.arg("train").arg(&solo).args(["--method", "hybrid"]);
    train.args(["--encoder", "{ method = \"gnae\", latent = 32, epochs = 40 }"]);
    train.assert().success();
    vgae().arg("eval").arg(&solo).args(["--negatives", "hard:4"]).assert().success();
    let rankings = json(&solo.join("metrics.json"))["rankings"].clone();
    assert_eq!(rankings.as_array().map(Vec::len), Some(4), "{rankings}");
    assert_eq!(json(&solo.join("metrics.json"))["test"], joined["test"]);
    vgae().arg("verify").arg(&out).assert().success();

    // Another method in the same folder leaves nothing of this one.
    vgae().arg("train").arg(&solo).args(["--method", "katz"]).assert().success();
    assert!(
        !solo.join("latent.safetensors").exists() && !solo.join("weights.safetensors").exists()
    );
    vgae().arg("train").arg(&solo).args(["--method", "sc"]).assert().success();
    assert!(!solo.join("pair-model.json").exists());
}

#[test]
fn a_learned_decoder_scores_its_pairs_and_can_be_joined() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        "[data]\ndataset = \"cora\"\n[model]\nmethod = \"mlp-gae\"\nlatent = 32\nepochs = 30\n";
    let alone = folder.path().join("mlp");
    run(&pipeline(folder.path(), text), &alone, &["--threads", "1"]);
    assert_eq!(json(&alone.join("pair-model.json"))["model"], "mlp-decoder");
    let auc = number(&json(&alone.join("metrics.json"))["test"]["auc"]);
    assert!(auc > 0.9, "{auc}");
    let again = folder.path().join("again");
    run(&pipeline(folder.path(), text), &again, &["--threads", "3"]);
    assert_eq!(timeless(&alone), timeless(&again));
    vgae().arg("predict").arg(&alone).args(["--top", "3"]).assert().success();

    let text = "[data]\ndataset = \"cora\"\n[model]\nmethod = \"hybrid\"\nencoder = { latent = 32, epochs = 30 }\n";
    let joined = folder.path().join("joined");
    run(&pipeline(folder.path(), text), &joined, &[]);
    let columns = &json(&joined.join("metrics.json"))["importances"];
    let columns = columns.as_array().expect("a list");
    assert!(columns.iter().any(|column| column["name"] == "decoder"), "{columns:?}");
    assert!(number(&json(&joined.join("metrics.json"))["test"]["auc"]) > auc);
}

#[test]
fn questions_to_a_hybrid_are_answered_by_the_hybrid() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("hybrid");
    run(&pipeline(folder.path(), HYBRID), &out, &[]);
    let ask = |arguments: &[&str]| -> Value {
        let mut command = vgae();
        command.arg(arguments[0]).arg(&out).args(&arguments[1..]).arg("--json");
        let answer = command.assert().success().get_output().stdout.clone();
        serde_json::from_slice(&answer).expect("JSON")
    };
    let likeliest = ask(&["predict", "--top", "3"]);
    assert_eq!(likeliest["shortlist"], Value::Null, "all pairs of Cora are scored");
    let first = &likeliest["predictions"][0];
    let id = first["src_id"].to_string();
    let near = ask(&["neighbors", "--id", &id, "-k", "200"]);
    let rows = near["neighbors"].as_array().expect("a list");
    let other = rows.iter().find(|row| row["id"] == first["dst_id"]).expect("among the nearest");
    assert_eq!(other["logit"], first["logit"], "both ask the same model");

    let katz = folder.path().join("katz");
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"katz\"\n";
    run(&pipeline(folder.path(), text), &katz, &[]);
    let mut cosine = vgae();
    cosine.arg("neighbors").arg(&katz).args(["--id", "1", "--by", "cosine"]);
    cosine.assert().failure().stderr(predicate::str::contains("vectors"));
    vgae().arg("neighbors").arg(&katz).args(["--id", "1"]).assert().success();
    vgae().arg("predict").arg(&katz).assert().success();
}

#[test]
fn features_of_pairs_are_methods_without_vectors() {
    let folder = tempfile::tempdir().expect("a folder");
    for (method, least) in
        [("common-neighbours", 0.68), ("page-rank", 0.80), ("feature-cosine", 0.75)]
    {
        let out = folder.path().join(method);
        let text = format!("[data]\ndataset = \"cora\"\n[model]\nmethod = \"{method}\"\n");
        run(&pipeline(folder.path(), &text), &out, &[]);
        let metrics = json(&out.join("metrics.json"));
        assert!(number(&metrics["test"]["auc"]) > least, "{method}: {}", metrics["test"]);
        assert!(
            !out.join("embeddings.parquet").exists() && !out.join("latent.safetensors").exists()
        );
        assert_eq!(json(&out.join("pair-model.json"))["feature"], method);
        vgae().arg("verify").arg(&out).assert().success();
    }
    // Without node features, what reads them says what does without.
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"feature-cosine\"\n";
    let mut command = vgae();
    command
        .arg("run")
        .arg(pipeline(folder.path(), text))
        .arg("--out")
        .arg(folder.path().join("no"));
    command.assert().code(2).stderr(predicate::str::contains("use `resource-allocation`"));
}

#[test]
fn a_hybrid_of_a_graph_without_features_takes_another_encoder() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        "[data]\ndataset = \"karate\"\n[split]\nvalidation = 0.2\n[model]\nmethod = \"hybrid\"\n";
    let out = folder.path().join("default");
    run(&pipeline(folder.path(), text), &out, &[]);
    assert_eq!(json(&out.join("pair-model.json"))["encoder"], "fastrp");
    // Of several, the encoder is selected by validation pairs, and the run says which it is.
    let out = folder.path().join("selected");
    let several = format!("{text}encoders_without_features = [\"dw\", \"fastrp\"]\n");
    run(&pipeline(folder.path(), &several), &out, &[]);
    vgae().arg("verify").arg("--retrain").arg(&out).assert().success();
    let encoder = json(&out.join("pair-model.json"))["encoder"].clone();
    assert!(encoder == "dw" || encoder == "fastrp", "{encoder}");
    let (config, _) = vgae_model::Learned::read(&out.join("weights.safetensors")).expect("weights");
    assert_eq!(config.method().name(), encoder);
    // The validated encoder is the better one.
    let metric = |method: &str| {
        let out = folder.path().join(method);
        let text = text.replace("hybrid", method);
        run(&pipeline(folder.path(), &text), &out, &[]);
        let metrics = json(&out.join("metrics.json"));
        number(&metrics["validation"]["auc"]) + number(&metrics["validation"]["ap"])
    };
    let (dw, fastrp) = (metric("dw"), metric("fastrp"));
    assert_eq!(encoder, if dw >= fastrp { "dw" } else { "fastrp" }, "{dw} {fastrp}");

    let out = folder.path().join("out");
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"hybrid\"\n\
                encoder = { method = \"gae*\", epochs = 20 }\ncombiner = \"logistic\"\n";
    run(&pipeline(folder.path(), text), &out, &[]);
    let model = json(&out.join("pair-model.json"));
    let names = model["features"].as_array().expect("a list");
    assert!(names.iter().all(|name| name != "feature-cosine" && name != "sgc-cosine"), "{names:?}");
    for (table, said) in [
        ("encoder = \"katz\"", "embeds"),
        ("pair_features = [\"katz\", \"katz\"]", "duplicate katz"),
        ("pair_features = [\"katzz\"]", "did you mean `katz`"),
        ("encoders_without_features = [\"gnae\"]", "need no node features"),
        ("encoders_without_features = []", "at least"),
    ] {
        let text = format!("[data]\ndataset = \"karate\"\n[model]\nmethod = \"hybrid\"\n{table}\n");
        let mut command = vgae();
        command.arg("run").arg(pipeline(folder.path(), &text));
        command.assert().code(2).stderr(predicate::str::contains(said));
    }
}

#[test]
fn a_leak_is_worth_seven_points_and_says_so_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("protocols");
    let mut compare = vgae();
    compare.args([
        "compare-protocols",
        "--runs",
        "2",
        "--protocols",
        "kipf,pyg,deezer,leaky",
        "--out",
    ]);
    let told = compare.arg(&out).assert().success();
    told.stdout(predicate::str::contains("LEAK:").and(predicate::str::contains("pyg")));
    let rows = json(&out.join("results.json"));
    let rows = rows["rows"].as_array().expect("rows");
    let auc = |at: usize| number(&rows[at]["metrics"]["test_auc"]["mean"]);
    assert!((88.0..94.0).contains(&auc(0)), "{}", auc(0));
    assert!(auc(1) > auc(0) - 0.5 && auc(1) < auc(0) + 2.0, "{} {}", auc(0), auc(1));
    assert_eq!(auc(2).to_bits(), auc(0).to_bits(), "GAE takes the last epoch anyway");
    assert!(auc(3) > 97.0, "the leak: {}", auc(3));
    assert!((number(&rows[3]["gain"]["test_auc"]["mean"]) - (auc(3) - auc(0))).abs() < 1e-9);
    assert!(rows[3]["warning"].as_str().is_some_and(|warning| warning.starts_with("LEAK")));

    let run = out.join("runs/cora-gae-leaky-s0");
    let metrics = json(&run.join("metrics.json"));
    assert!(metrics["warnings"][0].as_str().is_some_and(|warning| warning.starts_with("LEAK")));
    assert_eq!(json(&run.join("certificate.json"))["leaks"].as_array().map(Vec::len), Some(1));
    fails_verify(&run, "leaks: message passing over");
    let page = std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("LEAK"), "the page of the grid warns");
    vgae().arg("report").arg(&run).assert().success();
    let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
    assert!(page.contains("LEAK"), "the page of the run warns");
    vgae().arg("verify").arg(out.join("runs/cora-gae-pyg-s0")).assert().success();
}

#[test]
fn a_protocol_and_its_parts_do_not_stand_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\nepochs = 3\n";
    for (text, code, said) in [
        (
            format!("protocol = \"leaky\"\n{base}[split]\nmessages = \"everything\"\n"),
            2,
            "split.messages",
        ),
        (format!("protocol = \"hart\"\n{base}"), 2, "did you mean `heart`"),
        (format!("protocol = \"pyg\"\n{base}"), 1, "an encoder of features"),
        (format!("{base}[eval]\nnegatives = [\"hard\"]\n"), 2, "hard"),
    ] {
        let mut command = vgae();
        command.arg("run").arg(pipeline(folder.path(), &text));
        command.arg("--out").arg(folder.path().join("out"));
        command.assert().code(code).stderr(predicate::str::contains(said));
    }
}

#[test]
fn every_kind_of_negative_is_ranked_among_and_hard_ones_are_hard() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("bench");
    let mut bench = vgae();
    bench.args([
        "benchmark",
        "--datasets",
        "cora",
        "--methods",
        "resource-allocation,feature-cosine,hybrid",
    ]);
    bench.args(["--protocols", "heart", "--runs", "1"]);
    bench.args(["--negatives", "uniform:10,degree-matched:2,corrupt:20", "--out"]);
    bench.arg(&out).assert().success().stdout(predicate::str::contains("hard:500 MRR"));
    let table = json(&out.join("results.json"));
    let rows = table["rows"].as_array().expect("rows");
    let metric = |at: usize, name: &str| number(&rows[at]["metrics"][name]["mean"]);
    for (at, row) in rows.iter().enumerate() {
        let hard = metric(at, "test_hard_500_mrr");
        assert!(hard < metric(at, "test_corrupt_20_mrr"), "{at}");
        assert!((metric(at, "test_uniform_10_auc") - metric(at, "test_auc")).abs() < 4.0, "{at}");
        assert!(row["peak_memory_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20));
    }
    let hybrid = metric(2, "test_hard_500_mrr");
    assert!(hybrid > metric(0, "test_hard_500_mrr") && hybrid > metric(1, "test_hard_500_mrr"));

    // Made once for the split, and the same as those that evaluation makes where they are not kept.
    let run = out.join("runs/cora-feature-cosine-heart-s0");
    assert!(run.join("hard-negatives.parquet").exists());
    let page = std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("resource-allocation"));
}
