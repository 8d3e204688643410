//! One's own graph: looked at, described, run.

use std::io::Write;
use std::path::Path;

use crate::bad_input::{refuse, says};
use crate::common::{root, vgae};

/// Runs the binary in `folder`, which must succeed; returns what it printed.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = vgae().current_dir(folder).args(arguments).output().expect("ran");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// A SNAP-like edge list, packed, of 60 nodes in a ring with chords.
fn snap(folder: &Path) {
    let steps = (0..60).flat_map(|node| [1, 7, 20].map(|step| (node, (node + step) % 60)));
    let lines: Vec<String> = steps.map(|(src, dst)| format!("{src}\t{dst}\r\n")).collect();
    let text = format!("# Nodes: 60 Edges: 180\n# FromNodeId\tToNodeId\n{}", lines.concat());
    let file = std::fs::File::create(folder.join("ring.txt.gz")).expect("a file");
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("packed");
    packer.finish().expect("packed");
}

#[test]
fn a_packed_snap_list_is_looked_at_inspected_and_run() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let here = folder.path();
    snap(here);
    insta::assert_snapshot!("init", printed(here, &["init", "g.toml", "--edges", "ring.txt.gz"]));
    let by_file = printed(here, &["inspect", "ring.txt.gz"]);
    insta::assert_snapshot!("inspect", by_file);
    // The pipeline states what was decided: the same graph, for another reason.
    let found = |text: &str| text[text.find("60 nodes").expect("counts")..].to_owned();
    let by_file = found(&by_file);
    assert_eq!(found(&printed(here, &["inspect", "g.toml", "--offline"])), by_file);
    printed(here, &["run", "g.toml", "--offline"]);
    assert_eq!(found(&printed(here, &["inspect", "out/g"])), by_file);
    let json = printed(here, &["inspect", "out/g", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["audit"]["edges"], 180);
    assert_eq!(json["degrees"]["quantiles"][6]["degree"], 6);
}

#[test]
fn strange_columns_are_found_and_large_graphs_get_a_sampled_loss() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let here = folder.path();
    let rows: Vec<String> =
        (0..50_001).map(|n| format!("{n};0.5;{}\n", (n + 1) % 50_001)).collect();
    std::fs::write(here.join("e.csv"), format!("target;w;source\n{}", rows.concat()))
        .expect("edges");
    let nodes: Vec<String> = (0..50_001).map(|n| format!("n,{n},{}\n", n % 7)).collect();
    std::fs::write(here.join("n.csv"), format!("kind,node,x\n{}", nodes.concat())).expect("nodes");
    printed(here, &["init", "p.toml", "--edges", "e.csv", "--nodes", "n.csv"]);
    let text = std::fs::read_to_string(here.join("p.toml")).expect("a pipeline");
    let set: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    insta::assert_snapshot!("pipeline", set.join("\n"));
    let looked: Vec<&str> = text.lines().filter(|line| line.contains(".csv (")).collect();
    insta::assert_snapshot!("looked", looked.join("\n"));
}

#[test]
fn standard_input_and_pipes_are_read_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let here = folder.path();
    let ring: Vec<String> = (0..30).map(|node| format!("{node},{}\n", (node + 1) % 30)).collect();
    let text = format!("src,dst\n{}", ring.concat());
    std::fs::write(here.join("ring.csv"), &text).expect("a file");
    let found = |text: &str| text[text.find("30 nodes").expect("counts")..].to_owned();
    let expected = found(&printed(here, &["inspect", "ring.csv"]));
    let piped = |arguments: &[&str]| {
        let mut command = vgae();
        let output = command.current_dir(here).args(arguments).write_stdin(text.as_str()).output();
        let output = output.expect("ran");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(found(&piped(&["inspect", "-"])), expected);
    assert!(piped(&["ingest", "graph", "--edges", "-"]).contains("30 nodes, 30 edges"));
    piped(&["init", "g.toml", "--edges", "-"]);
    assert_eq!(std::fs::read_to_string(here.join("g-edges")).expect("a copy"), text);
    assert_eq!(found(&printed(here, &["inspect", "g.toml", "--offline"])), expected);

    let pipeline = "[data]\nedges = { path = \"pipe\", format = \"csv\" }\n";
    std::fs::write(here.join("p.toml"), pipeline).expect("a pipeline");
    let pipe = std::process::Command::new("mkfifo").arg(here.join("pipe")).status();
    if pipe.is_ok_and(|status| status.success()) {
        let path = here.join("p.toml");
        says(
            &refuse(1, &["run".as_ref(), path.as_ref()]),
            &["expected a regular file, found a pipe"],
        );
    }
}

#[test]
fn graph_files_are_looked_at_and_read() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let here = folder.path();
    for name in ["nx.graphml", "csr.npz", "nx.net"] {
        std::fs::copy(root().join("tests/golden/graphs").join(name), here.join(name))
            .expect("a file");
        let pipeline = format!("{name}.toml");
        let init = printed(here, &["init", &pipeline, "--edges", name]);
        for printed in [init, printed(here, &["inspect", &pipeline, "--offline"])] {
            assert!(printed.contains("5 nodes, 4 edges"), "{printed}");
            assert!(printed.contains("GraphML, undirected") || name != "nx.graphml", "{printed}");
        }
    }
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = folder.path().join("p.toml");
    let none = folder.path().join("none.csv");
    let init = |edges: &Path| {
        refuse(1, &["init".as_ref(), pipeline.as_ref(), "--edges".as_ref(), edges.as_ref()])
    };
    says(&init(&none), &["none.csv", "No such file"]);
    assert!(!pipeline.exists());
    says(&refuse(1, &["inspect".as_ref(), none.as_ref()]), &["none.csv", "No such file"]);
    says(&refuse(1, &["inspect".as_ref(), folder.path().as_ref()]), &["nodes.parquet"]);
    std::fs::write(&pipeline, "[data]\n").expect("a pipeline");
    says(&refuse(2, &["inspect".as_ref(), pipeline.as_ref()]), &["no data is named"]);
}
