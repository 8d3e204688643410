//! `vgae reproduce` on the smallest graph.

use std::path::Path;

use predicates::prelude::*;
use serde_json::Value;

use crate::common::vgae;

fn results(out: &Path) -> Value {
    let bytes = std::fs::read(out.join("results.json")).expect("results.json");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn cells_come_beside_the_papers_and_a_second_start_does_no_work() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("table");
    let reproduce = || {
        let mut command = vgae();
        command.args(["reproduce", "--datasets", "cora", "--methods", "gae*,vgae", "--runs", "2"]);
        command.arg("--out").arg(&out);
        command.assert().success()
    };
    reproduce()
        .stdout(predicate::str::contains("gae*"))
        .stdout(predicate::str::contains("? 84.3"))
        .stdout(predicate::str::contains("? 91.4"));
    let table = results(&out);
    let rows = table["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    for (row, method) in rows.iter().zip(["gae*", "vgae"]) {
        assert_eq!((row["dataset"].as_str(), row["method"].as_str()), (Some("cora"), Some(method)));
        assert_eq!(row["runs"].as_array().map(Vec::len), Some(2));
        assert!(row["seconds"].as_f64().expect("a number") > 0.0);
        for metric in ["test_auc", "test_ap"] {
            let cell = &row["metrics"][metric];
            let number = |name: &str| cell[name].as_f64().unwrap_or_else(|| panic!("{cell}"));
            assert!((75.0..97.0).contains(&number("mean")), "{cell}");
            assert!((number("se") * 2.0f64.sqrt() - number("sd")).abs() < 1e-9);
            // Two runs do not tell how far runs are apart.
            assert_eq!(row["published"][metric]["verdict"], "too-few-runs", "{row}");
        }
    }
    for name in ["results.parquet", "results.md", "summary.parquet"] {
        assert!(out.join(name).exists(), "{name}");
    }
    for run in ["cora-gae-star-s0", "cora-gae-star-s1", "cora-vgae-s0", "cora-vgae-s1"] {
        assert!(out.join("runs").join(run).join("metrics.json").exists(), "{run}");
    }
    vgae().arg("verify").arg(&out).assert().success();

    reproduce().stderr(predicate::str::contains("start").not());
    assert_eq!(results(&out), table);
}

#[test]
fn the_fixed_split_is_one_split() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("table");
    vgae()
        .args(["reproduce", "--datasets", "cora", "--methods", "gae", "--runs", "2"])
        .args(["--protocol", "kipf-fixed"])
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    let text = std::fs::read_to_string(out.join("results.md")).expect("results.md");
    assert!(text.contains("One split"), "{text}");
    let hash = |run: &str, name: &str| {
        let path = out.join("runs").join(run).join(name);
        vgae_artifacts::ContentHash::of_file(&path).expect("readable")
    };
    assert_eq!(hash("cora-gae-s0", "split.parquet"), hash("cora-gae-s1", "split.parquet"));
    assert_ne!(
        hash("cora-gae-s0", "weights.safetensors"),
        hash("cora-gae-s1", "weights.safetensors")
    );
}

#[test]
fn the_baselines_are_rows_and_cold_endpoints_are_beside() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("table");
    vgae()
        .args(["reproduce", "--datasets", "cora", "--methods", "sc,dw,gae", "--runs", "2"])
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    let table = results(&out);
    let rows = table["rows"].as_array().expect("rows");
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value}"));
    let cold = |at: usize| number(&rows[at]["metrics"]["test_cold_auc"]["mean"]);
    for (at, (method, published)) in
        [("sc", 84.6), ("dw", 83.1), ("gae", 91.0)].into_iter().enumerate()
    {
        let row = &rows[at];
        assert_eq!(row["method"], method);
        assert!((number(&row["published"]["test_auc"]["value"]) - published).abs() < 1e-9, "{row}");
        assert!(number(&row["metrics"]["test_auc"]["mean"]) > 82.0, "{row}");
    }
    // Without features, nothing is known of a node without edges: a guess, give or take.
    assert!((35.0..65.0).contains(&cold(0)) && (35.0..65.0).contains(&cold(1)), "{rows:?}");
    assert!(cold(2) > 70.0, "{rows:?}");

    for run in ["cora-sc-s0", "cora-dw-s1"] {
        let run = out.join("runs").join(run);
        vgae().arg("report").arg(&run).assert().success();
        let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
        assert!(page.contains("has no epochs") && page.contains("Map of the embedding"));
    }
}

#[test]
fn former_names_of_protocols_are_answered_with_the_new_ones() {
    for (old, new) in [("random-splits", "`kipf`"), ("fixed-split", "`kipf-fixed`")] {
        let mut command = vgae();
        command.args(["reproduce", "--protocol", old]);
        command.assert().code(2).stderr(predicate::str::contains(new));
    }
}

#[test]
fn a_table_fits_80_columns_and_is_whole_when_asked() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\nepochs = 2\n[grid]\nruns = 2\n\
                vary = { \"latent\" = [4, 8] }\n";
    std::fs::write(&path, text).expect("written");
    let show = |more: &[&str]| {
        let mut command = vgae();
        command.arg("run").arg(&path).arg("--out").arg(folder.path().join("out")).args(more);
        let output = command.assert().success().get_output().stdout.clone();
        let text = String::from_utf8(output).expect("text");
        let rows: Vec<String> = text.lines().take(4).map(str::to_owned).collect();
        (text, rows)
    };
    let (text, rows) = show(&[]);
    assert!(rows.iter().all(|row| row.chars().count() <= 80), "{text}");
    assert!(text.contains("best"), "{text}");
    let (wide, _) = show(&["--wide"]);
    assert!(wide.contains("protocol") && !wide.contains("--wide shows"), "{wide}");
}
