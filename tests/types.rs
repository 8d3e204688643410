//! Graphs whose nodes have types: no negative and no prediction is a pair of types that edges do not join.

use std::fmt::Write as _;
use std::path::Path;

use predicates::prelude::*;
use vgae_artifacts::{EdgeSplit, Nodes, Pair, PairTypes};

use crate::common::vgae;

/// Users and the artists they listen to, in two groups of tastes; ids of both start at 1.
fn listened() -> String {
    let mut text = "userID,artistID\n".to_owned();
    for user in 0..40u32 {
        for turn in 0..6 {
            let artist = (user * 7 + turn * 5) % 15 * 2 + user % 2;
            writeln!(text, "{},{}", user + 1, artist + 1).expect("text");
        }
    }
    text
}

/// The keys of the node tables that `write_nodes` writes.
const NODES: &str = "nodes = [{ path = \"users.csv\", type = \"user\" }, { path = \"artists.csv\", type = \"artist\" }]";

fn write_nodes(folder: &Path, users: u32) {
    for (name, count) in [("users.csv", users), ("artists.csv", 30)] {
        let rows = (1..=count).map(|id| format!("{id},{}\n", id % 7));
        std::fs::write(folder.join(name), "id,x\n".to_owned() + &rows.collect::<String>())
            .expect("written");
    }
}

#[test]
fn users_and_artists_meet_and_users_among_themselves_do_not() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("listened.csv"), listened()).expect("written");
    for method in ["gae*", "vgae*", "page-rank", "mlp-gae", "hybrid", "dw"] {
        write_nodes(folder.path(), 40);
        let needs_features = matches!(method, "mlp-gae" | "hybrid");
        let pipeline = format!(
            "[data]\nedges = \"listened.csv\"\nbipartite = true\n{}\n[split]\nvalidation = 0.1\ntest = 0.2\n\
             [eval]\nnegatives = [\"uniform:20\", \"corrupt:20\", \"degree-matched:20\", \"hard:20\"]\n\
             [model]\nmethod = \"{method}\"\n",
            if needs_features { NODES } else { "" }
        );
        let file = folder.path().join("p.toml");
        std::fs::write(&file, pipeline).expect("written");
        let out = folder.path().join(method.replace('*', "-star"));
        let run = vgae().arg("run").arg(&file).arg("--out").arg(&out).assert().success();
        run.stdout(predicate::str::contains("edges join artist - user"));
        vgae().arg("verify").arg(&out).assert().success();

        let nodes = Nodes::read(&out.join("nodes.parquet")).expect("nodes");
        let types = nodes.types().expect("types").clone();
        assert_eq!(types.names(), ["artist", "user"]);
        let split = EdgeSplit::read(&out.join("split.parquet"), nodes.len()).expect("a split");
        let allowed = PairTypes::of_edges(types.clone(), split.train()).expect("typed");
        assert!(split.rows().all(|(.., pair)| allowed.allows(pair)), "{method}");
        assert_eq!(split.test().negative.len(), split.test().positive.len());

        let found = vgae().arg("predict").arg(&out).args(["--top", "2000", "--json"]).output();
        let found = found.expect("an answer");
        let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
        let pairs = found["predictions"].as_array().expect("pairs");
        assert_eq!(pairs.len() as u64, allowed.pair_count() - edges(&split) as u64, "{method}");
        for pair in pairs {
            let end =
                |key: &str| u32::try_from(pair[key].as_u64().expect("a node")).expect("a node");
            assert!(allowed.allows(Pair::new(end("src"), end("dst"))), "{method}: {pair}");
        }
    }
}

#[test]
fn new_users_are_embedded_by_tables_in_the_order_of_the_run() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name);
    write_nodes(folder.path(), 40);
    std::fs::write(path("listened.csv"), listened()).expect("written");
    let pipeline = format!(
        "[data]\nedges = \"listened.csv\"\nbipartite = true\n{NODES}\n[model]\nmethod = \"gnae\"\n"
    );
    std::fs::write(path("p.toml"), pipeline).expect("written");
    vgae().arg("run").arg(path("p.toml")).arg("--out").arg(path("out")).assert().success();

    write_nodes(folder.path(), 41);
    std::fs::write(path("more.csv"), listened() + "41,3\n41,5\n").expect("written");
    let infer = |tables: &[&str]| {
        let mut command = vgae();
        command.arg("infer").arg(path("out")).arg("--edges").arg(path("more.csv"));
        for table in tables {
            command.arg("--nodes").arg(path(table));
        }
        command.arg("--out").arg(path("inferred")).assert()
    };
    infer(&["users.csv", "artists.csv"]).success();
    let nodes = Nodes::read(&path("inferred").join("nodes.parquet")).expect("nodes");
    assert_eq!(nodes.len(), 71);
    assert!(nodes.ids().contains(&"user:41".to_owned()));
    let one = infer(&["users.csv"]).code(2);
    one.stderr(
        predicate::str::contains("`--nodes`: expected 2 files")
            .or(predicate::str::contains("--nodes: expected 2 files")),
    );
}

fn edges(split: &EdgeSplit) -> usize {
    split.rows().filter(|(_, positive, _)| *positive).count()
}
