//! Edges with relation types end to end: ingest, training, metrics by type, predictions.

use std::path::Path;

use serde_json::Value;

use crate::bad_input::says;
use crate::common::{json, run, timeless, vgae};

const NODES: usize = 120;

/// Writes a graph of four groups. Edges within a group are `likes` or `knows`, by group; those between groups are
/// `visits`; some pairs have two relations.
fn graph(folder: &Path) {
    let mut lines = vec!["head,relation,tail".to_owned()];
    for node in 0..NODES {
        for step in [4, 8, 12, 20, 28] {
            let relation = if node % 4 < 2 { "likes" } else { "knows" };
            let other = (node + step) % NODES;
            lines.push(format!("n{node},{relation},n{other}"));
            if step == 8 && node % 4 == 0 {
                // Written from the other end.
                lines.push(format!("n{other},knows,n{node}"));
            }
        }
        for step in [1, 5] {
            if node % 4 == 2 {
                lines.push(format!("n{node},visits,n{}", (node + step) % NODES));
            }
        }
    }
    std::fs::write(folder.join("facts.csv"), lines.join("\n") + "\n").expect("written");
}

const DATA: &str =
    "edges = { path = \"facts.csv\", src = \"head\", dst = \"tail\", relation = \"relation\" }";

fn pipeline(folder: &Path, name: &str, data: &str, model: &str) -> std::path::PathBuf {
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "[data]\n{data}\n[split]\nvalidation = 0.1\ntest = 0.2\n[model]\nmethod = \"gae*\"\nepochs = 200\n\
         learning_rate = 0.02\n{model}\n"
    );
    std::fs::write(&path, text).expect("a pipeline");
    path
}

/// Returns AUC of test edges of each relation type.
fn by_relation(out: &Path) -> Vec<(String, f64)> {
    let metrics = json(&out.join("metrics.json"));
    let slices = metrics["slices"].as_array().expect("slices").iter();
    let own = slices.filter(|slice| slice["by"] == "relation" && slice["part"] == "test");
    own.map(|slice| {
        let name = slice["name"].as_str().expect("a name").to_owned();
        (name, slice["auc"].as_f64().expect("a number"))
    })
    .collect()
}

const DISTMULT: &str = "decoder = \"distmult\"\nnegatives = 2";

/// Writes a graph and a pipeline that trains a form per relation type on it.
pub(crate) fn distmult(folder: &Path) -> std::path::PathBuf {
    graph(folder);
    pipeline(folder, "run", DATA, DISTMULT)
}

#[test]
fn a_form_per_relation_type_is_learned() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = distmult(folder.path());
    let out = folder.path().join("run");
    run(&path, &out, &[]);
    vgae().arg("verify").arg("--retrain").arg(&out).assert().success();
    let again = folder.path().join("again");
    run(&path, &again, &["--threads", "3"]);
    assert_eq!(timeless(&out), timeless(&again));
    assert_eq!(json(&out.join("audit.json"))["relations"], 3);

    let found = by_relation(&out);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["knows", "likes", "visits"]);
    assert!(found.iter().all(|(_, auc)| *auc > 0.75), "{found:?}");
    let metrics = json(&out.join("metrics.json"));
    assert!(metrics["definitions"]["relation"].is_string());

    // Proposals name the relation of their groups.
    let answer = vgae().args(["predict", "--top", "40", "--json"]).arg(&out).output().expect("ran");
    let answer: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
    let rows = answer["predictions"].as_array().expect("predictions");
    let group = |row: &Value, key: &str| {
        row[key].as_str().expect("an id")[1..].parse::<usize>().expect("a number") % 4
    };
    let right = rows.iter().filter(|row| {
        let (a, b) = (group(row, "src_id"), group(row, "dst_id"));
        let relation = row["relation"].as_str().expect("a relation");
        match relation {
            "likes" => a == b && a < 2,
            "knows" => a == b && (a >= 2 || a == 0),
            _ => a != b,
        }
    });
    let right = right.count();
    assert!(right >= 30, "{right} of {}: {answer}", rows.len());
    let text = vgae().args(["predict", "--top", "3"]).arg(&out).output().expect("ran").stdout;
    assert!(String::from_utf8_lossy(&text).contains("relation"));
    vgae()
        .args(["predict", "--top", "5", "--out"])
        .arg(folder.path().join("p.parquet"))
        .arg(&out)
        .assert()
        .success();
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains("By relation type"));

    // Other methods are measured by relation type too.
    let plain = pipeline(folder.path(), "plain", DATA, "");
    let out = folder.path().join("plain");
    run(&plain, &out, &[]);
    vgae().arg("verify").arg(&out).assert().success();
    assert_eq!(by_relation(&out).len(), 3);
}

#[test]
fn relations_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    graph(folder.path());
    let text = std::fs::read_to_string(folder.path().join("facts.csv")).expect("facts");
    std::fs::write(folder.path().join("holes.csv"), text.replacen(",likes,", ",,", 1))
        .expect("written");
    let refused = |name: &str, data: &str, model: &str| {
        let path = pipeline(folder.path(), name, data, model);
        let out = folder.path().join(name);
        let output = vgae().arg("run").arg(&path).arg("--out").arg(&out).output().expect("ran");
        assert!(!output.status.success(), "{name}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let holes = DATA.replace("facts.csv", "holes.csv");
    says(&refused("holes", &holes, DISTMULT), &["a relation type in column `relation`"]);
    let plain = DATA.replace(", relation = \"relation\"", "");
    says(&refused("plain", &plain, DISTMULT), &["edges with relation types"]);
    says(&refused("exact", DATA, "decoder = \"distmult\""), &["a number of negatives per edge"]);
    let missing = DATA.replace("relation = \"relation\"", "relation = \"verb\"");
    says(&refused("missing", &missing, DISTMULT), &["verb"]);
    let weights = format!("{DISTMULT}\nweight_loss = \"squared\"");
    says(&refused("weights", DATA, &weights), &["weight_loss"]);
}
