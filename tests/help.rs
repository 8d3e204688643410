//! Help texts, as snapshots.

use predicates::str::contains;

use crate::common::vgae;

fn stdout(arguments: &[&str]) -> String {
    let output = vgae().args(arguments).env_remove("VGAE_CACHE").output().expect("ran");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn help_says_what_there_is() {
    insta::assert_snapshot!("help", stdout(&["--help"]));
    let commands =
        "reproduce run fetch train export generate-graph inspect predict neighbors infer";
    for command in commands.split(' ') {
        insta::assert_snapshot!(format!("help-{command}"), stdout(&[command, "--help"]));
    }
}

#[test]
fn completions_and_the_manual_are_printed() {
    assert!(stdout(&["completions", "bash"]).contains("_vgae"));
    assert!(stdout(&["man"]).contains(".TH vgae 1"));
    assert!(stdout(&["man", "run"]).contains(".TH vgae-run 1"));
    let folder = tempfile::tempdir().expect("temporary folder");
    vgae().arg("man").arg("--dir").arg(folder.path()).assert().success();
    for page in ["vgae", "vgae-run", "vgae-generate-graph-sbm"] {
        let text = std::fs::read_to_string(folder.path().join(format!("{page}.1"))).expect(page);
        assert!(text.contains(&format!(".TH {page} 1")), "{page}");
    }
    vgae().args(["man", "rnu"]).assert().code(2).stderr(contains("did you mean `run`?"));
}

#[test]
fn a_mistyped_command_is_answered_with_the_nearest() {
    for (typed, meant) in [("rnu", "run"), ("predcit", "predict"), ("neighbours", "neighbors")] {
        vgae().arg(typed).assert().code(2).stderr(contains(format!("'{meant}'")));
    }
}

#[test]
fn init_writes_a_pipeline_that_runs_and_never_overwrites() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("mine.toml");
    vgae().arg("init").arg(&file).assert().success();
    vgae().arg("init").arg(&file).assert().code(2);
    let out = folder.path().join("out");
    vgae().arg("run").arg(&file).arg("--out").arg(&out).assert().success();
    assert!(out.join("embeddings.parquet").exists());
}

#[test]
fn init_for_ones_own_tables_runs_from_where_it_is_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let edges: Vec<String> = (0..60).map(|n| format!("n{n},n{}", (n * 7 + 1) % 60)).collect();
    let edges = edges.join("\n");
    let label = |n: usize| if n.is_multiple_of(2) { "a" } else { "b" };
    let nodes: Vec<String> =
        (0..60).map(|n| format!("n{n},{},{}", label(n), n as f64 / 3.0)).collect();
    let nodes = nodes.join("\n");
    std::fs::write(folder.path().join("e.csv"), format!("from,to\n{edges}")).expect("edges");
    std::fs::write(folder.path().join("n.csv"), format!("id,label,x\n{nodes}")).expect("nodes");
    let in_folder = || {
        let mut command = vgae();
        command.current_dir(folder.path());
        command
    };
    let init = ["init", "g.toml", "--edges", "e.csv", "--nodes", "n.csv"];
    in_folder().args(init).assert().success();
    in_folder().args(["run", "g.toml"]).assert().success();
    let table = folder.path().join("out/g/nodes.parquet");
    let nodes = vgae_artifacts::Nodes::read(&table).expect("nodes");
    assert_eq!(nodes.ids()[3], "n3");
    assert_eq!(nodes.labels()[3].as_deref(), Some("b"));
}
