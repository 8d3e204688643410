//! Directed graphs end to end: splits with direction, decoders of directed edges, reversed negatives, predictions.

use std::path::Path;

use serde_json::Value;

use crate::bad_input::says;
use crate::common::{json, run, timeless, vgae};

const NODES: usize = 120;

/// Writes citations: each paper cites some of the earlier ones of its topic, mostly well-known ones.
fn citations(folder: &Path) {
    let mut lines = vec!["citing,cited".to_owned()];
    for paper in 4..NODES {
        let topic = paper % 4;
        for step in [1, 2, 3, 5] {
            let cited = (paper * step * 7 / 11) % paper / 3;
            let cited = cited - cited % 4 + topic;
            if cited < paper {
                lines.push(format!("{paper},{cited}"));
            }
        }
    }
    // A few that cite each other.
    lines.extend((8..24).step_by(4).map(|paper| format!("{},{paper}", paper + 40)));
    lines.extend((8..24).step_by(4).map(|paper| format!("{paper},{}", paper + 40)));
    std::fs::write(folder.join("citations.csv"), lines.join("\n") + "\n").expect("written");
}

fn pipeline(folder: &Path, name: &str, split: &str, model: &str) -> std::path::PathBuf {
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "[data]\nedges = \"citations.csv\"\ndirected = true\n[split]\nvalidation = 0.1\ntest = 0.2\n{split}\n\
         [model]\n{model}\n[eval]\nnegatives = [\"reversed:1\"]\n"
    );
    std::fs::write(&path, text).expect("a pipeline");
    path
}

/// Writes citations and a pipeline that trains a gravity-inspired decoder on them.
pub(crate) fn gravity(folder: &Path) -> std::path::PathBuf {
    citations(folder);
    let model = "method = \"vgae*\"\nepochs = 200\nlatent = 8\nhidden = 16\ndecoder = \"gravity\"";
    pipeline(folder, "gravity", "directed = true", model)
}

/// Returns AUC among reversed test edges.
fn direction(out: &Path) -> f64 {
    let metrics = json(&out.join("metrics.json"));
    let rankings = metrics["rankings"].as_array().expect("rankings");
    let own = rankings.iter().find(|own| own["part"] == "test" && own["negatives"] == "reversed:1");
    own.expect("a ranking")["auc"].as_f64().expect("a number")
}

#[test]
fn decoders_of_directed_edges_tell_the_direction_and_inner_products_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    citations(folder.path());
    let found = |name: &str, model: &str| {
        let path = pipeline(folder.path(), name, "directed = true", model);
        let out = folder.path().join(name);
        run(&path, &out, &[]);
        vgae().arg("verify").arg("--retrain").arg(&out).assert().success();
        let again = folder.path().join(format!("{name}-again"));
        run(&path, &again, &["--threads", "3"]);
        assert_eq!(timeless(&out), timeless(&again), "{name}");
        let certificate = json(&out.join("certificate.json"));
        for property in ["parts_disjoint", "positives_cover_the_graph", "no_negative_is_an_edge"] {
            assert_eq!(certificate[property], true, "{name}: {property}");
        }
        direction(&out)
    };
    let small = "epochs = 100\nlearning_rate = 0.1\nlatent = 8\nhidden = 16";
    let exact = |method: &str, decoder: &str| format!("method = \"{method}\"\n{small}\n{decoder}");
    let plain = found("plain", &exact("gae*", ""));
    assert!((plain - 0.5).abs() < 1e-9, "{plain}: an inner product has no direction");
    for (name, method, decoder) in [
        ("gravity", "gae*", "decoder = \"gravity\""),
        ("gravity-v", "vgae*", "decoder = \"gravity\"\ndistance_weight = 0.5"),
        ("halves", "gae*", "decoder = \"source-target\""),
        ("sampled", "gae*", "decoder = \"gravity\"\nnegatives = 2"),
    ] {
        let auc = found(name, &exact(method, decoder));
        assert!(auc > 0.75, "{name}: {auc}");
    }

    // Proposals have a direction, and none is an edge in its direction.
    let out = folder.path().join("gravity");
    let answer = vgae().args(["predict", "--top", "50", "--json"]).arg(&out).output().expect("ran");
    assert!(answer.status.success());
    let answer: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
    let edges = std::fs::read_to_string(folder.path().join("citations.csv")).expect("edges");
    let rows = answer["predictions"].as_array().expect("predictions");
    assert_eq!(rows.len(), 50);
    let id = |row: &Value, key: &str| row[key].as_u64().expect("an id");
    for row in rows {
        let line = format!("{},{}", id(row, "src_id"), id(row, "dst_id"));
        assert!(edges.lines().all(|edge| edge != line), "{line}");
    }
    assert!(rows.iter().any(|row| id(row, "src") > id(row, "dst")));
    vgae().args(["neighbors", "--id", "20"]).arg(&out).assert().success();
}

#[test]
fn a_forged_decoder_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    citations(folder.path());
    let model = "method = \"gae*\"\nepochs = 5\nlatent = 4\nhidden = 8\ndecoder = \"gravity\"";
    let path = pipeline(folder.path(), "run", "directed = true", model);
    let out = folder.path().join("run");
    run(&path, &out, &[]);
    let file = out.join("pair-model.json");
    let text = std::fs::read_to_string(&file).expect("a model");
    assert!(text.contains("1.0"), "{text}");
    std::fs::remove_file(&file).expect("a link");
    std::fs::write(&file, text.replace("1.0", "2.0")).expect("written");
    vgae().arg("verify").arg(&out).assert().failure();
}

#[test]
fn settings_that_do_not_fit_a_direction_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    citations(folder.path());
    let refused = |name: &str, split: &str, model: &str, replace: (&str, &str)| {
        let path = pipeline(folder.path(), name, split, model);
        let text = std::fs::read_to_string(&path).expect("a pipeline");
        std::fs::write(&path, text.replace(replace.0, replace.1)).expect("written");
        let out = folder.path().join(name);
        vgae().arg("run").arg(&path).arg("--out").arg(&out).output().expect("ran")
    };
    let gravity = "method = \"gae*\"\ndecoder = \"gravity\"";
    let none = ("negatives = [\"reversed:1\"]", "");
    let says = |output: &std::process::Output, text: &str| {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        says(&String::from_utf8_lossy(&output.stderr), &[text]);
    };
    says(&refused("a", "", gravity, none), "`directed = true` in `[split]`");
    says(&refused("b", "", "method = \"gae*\"", ("", "")), "beside reversed negatives");
    let hard = ("reversed:1", "hard:5");
    says(&refused("c", "directed = true", "method = \"gae*\"", hard), "found \"hard:5\"");
    let two = ("reversed:1", "reversed:2");
    says(&refused("i", "directed = true", "method = \"gae*\"", two), "found \"reversed:2\"");
    let rule = "directed = true\nmethod = \"nodes\"";
    says(&refused("d", rule, "method = \"gae*\"", none), "found method = \"nodes\"");
    let undirected = ("directed = true\n[split]", "[split]");
    says(&refused("e", "directed = true", gravity, undirected), "`directed = true` in `[data]`");
    let odd = "method = \"gae*\"\nlatent = 5\ndecoder = \"source-target\"";
    says(&refused("f", "directed = true", odd, none), "an even number");
    let weight = "method = \"gae*\"\ndistance_weight = 2.0";
    says(&refused("g", "directed = true", weight, none), "`decoder = \"gravity\"` beside it");
    let hybrid = "method = \"hybrid\"\nencoder = { method = \"gae*\", decoder = \"gravity\" }";
    says(&refused("h", "directed = true", hybrid, none), "a method of undirected edges");
}
