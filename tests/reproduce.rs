//! `vgae reproduce` on the smallest graph.

use predicates::prelude::*;

use crate::common::vgae;

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
        .stdout(predicate::str::contains("GAE*"))
        .stdout(predicate::str::contains("84.3"))
        .stdout(predicate::str::contains("91.4"));
    let read = || -> serde_json::Value {
        let bytes = std::fs::read(out.join("table1.json")).expect("table1.json");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let table = read();
    let rows = table["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    for (row, method) in rows.iter().zip(["gae*", "vgae"]) {
        assert_eq!((row["dataset"].as_str(), row["method"].as_str()), (Some("cora"), Some(method)));
        assert_eq!(row["runs"], 2);
        assert!(row["seconds"].as_f64().expect("a number") > 0.0);
        for metric in ["auc", "ap"] {
            let cell = &row[metric];
            let number = |name: &str| cell[name].as_f64().unwrap_or_else(|| panic!("{cell}"));
            assert!((75.0..97.0).contains(&number("mean")), "{cell}");
            assert!((number("se") * 2.0f64.sqrt() - number("sd")).abs() < 1e-9);
            let within = (number("mean") - number("paper")).abs() <= 2.0 * number("sd");
            assert_eq!(cell["verdict"] == "reproduced", within, "{cell}");
        }
    }
    for name in ["table1.parquet", "table1.md", "summary.parquet"] {
        assert!(out.join(name).exists(), "{name}");
    }
    for run in ["cora-gae-star-s0", "cora-gae-star-s1", "cora-vgae-s0", "cora-vgae-s1"] {
        assert!(out.join("runs").join(run).join("metrics.json").exists(), "{run}");
    }
    vgae().arg("verify").arg(&out).assert().success();

    reproduce().stderr(predicate::str::contains("start").not());
    assert_eq!(read(), table);
}

#[test]
fn the_fixed_split_is_one_split() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("table");
    vgae()
        .args(["reproduce", "--datasets", "cora", "--methods", "gae", "--runs", "2"])
        .args(["--protocol", "fixed-split"])
        .arg("--out")
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains("one split"));
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
        .success()
        .stdout(predicate::str::contains("test pairs with a cold end"));
    let bytes = std::fs::read(out.join("table1.json")).expect("table1.json");
    let table: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let rows = table["rows"].as_array().expect("rows");
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or_else(|| panic!("{value}"));
    let cold = |at: usize| number(&rows[at]["cold"]["auc"]["mean"]);
    for (at, (method, published)) in
        [("sc", 84.6), ("dw", 83.1), ("gae", 91.0)].into_iter().enumerate()
    {
        let row = &rows[at];
        assert_eq!(row["method"], method);
        assert!((number(&row["auc"]["paper"]) - published).abs() < 1e-9, "{row}");
        assert!(number(&row["auc"]["mean"]) > 82.0, "{row}");
        assert!(number(&row["cold"]["positives"]) > 20.0, "{row}");
    }
    // Without features, nothing is known of a node without edges: a guess, give or take.
    assert!((35.0..65.0).contains(&cold(0)) && (35.0..65.0).contains(&cold(1)), "{rows:?}");
    assert!(cold(2) > 70.0, "{rows:?}");

    let text = std::fs::read_to_string(out.join("table1.md")).expect("table1.md");
    assert!(text.contains("cold AUC"), "{text}");
    for run in ["cora-sc-s0", "cora-dw-s1"] {
        let run = out.join("runs").join(run);
        vgae().arg("report").arg(&run).assert().success();
        let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
        assert!(page.contains("has no epochs") && page.contains("Map of the embedding"));
    }
}
