//! Random graphs by the binary: the tables, the pipeline beside them, and that it runs.

use std::path::Path;

use predicates::prelude::*;
use vgae_artifacts::{Edges, Nodes};
use vgae_pipeline::PipelineConfig;

use crate::common::{hashes, run, vgae};

const SBM: [&str; 8] = ["sbm", "--nodes", "300", "--edges", "2000", "--communities", "5", "--seed"];

fn generate(arguments: &[&str], seed: &str, out: &Path) -> assert_cmd::assert::Assert {
    vgae().arg("generate-graph").args(arguments).arg(seed).arg("--out").arg(out).assert()
}

#[test]
fn a_generated_graph_runs_by_the_command_that_is_printed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let graph = folder.path().join("graph");
    let pipeline = graph.join("pipeline.toml");
    let next = format!("vgae run {}", pipeline.display());
    generate(&SBM, "7", &graph).success().stdout(predicate::str::contains(next));

    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    let nodes = Nodes::read(&out.join("nodes.parquet")).expect("nodes");
    let edges = Edges::read(&out.join("edges.parquet"), nodes.len()).expect("edges");
    assert_eq!((nodes.len(), edges.pairs().len()), (300, 2000));
    let label = |node: u32| nodes.labels()[node as usize].as_deref().expect("a community");
    let inside = edges.pairs().iter().filter(|pair| label(pair.src) == label(pair.dst)).count();
    assert_eq!(inside, 1600, "the default share is 0.8");
    let metrics = vgae_artifacts::Metrics::read(&out.join("metrics.json")).expect("metrics");
    // Communities are what a block model has to learn: 0.8 of the edges lie in a fifth of the pairs.
    let auc = metrics.test.auc.expect("has both classes");
    assert!(auc > 0.7, "AUC {auc}");
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let rmat = ["rmat", "--nodes", "300", "--edges", "2000", "--seed"];
    for arguments in [&SBM[..], &rmat[..]] {
        let made = |seed: &str, name: &str| {
            let out = folder.path().join(arguments[0]).join(name).join("graph");
            generate(arguments, seed, &out).success();
            hashes(&out)
        };
        let first = made("1", "first");
        assert_eq!(first.len(), 3);
        assert_eq!(first, made("1", "again"));
        assert_ne!(first["edges.parquet"], made("2", "other")["edges.parquet"]);
    }
}

#[test]
fn a_large_graph_gets_a_pipeline_with_sampled_pairs() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let text = |nodes: &str| {
        let out = folder.path().join(nodes);
        generate(&["rmat", "--edges", "100", "--nodes", nodes, "--seed"], "0", &out).success();
        let pipeline = out.join("pipeline.toml");
        PipelineConfig::read(&pipeline).expect("a pipeline");
        std::fs::read_to_string(pipeline).expect("text")
    };
    assert!(!text("50000").contains("negatives"));
    assert!(text("50001").contains("negatives = 1"));
}

#[test]
fn nothing_is_replaced_and_no_impossible_graph_is_tried() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let graph = folder.path().join("graph");
    generate(&["sbm", "--nodes", "4", "--edges", "7", "--seed"], "0", &graph)
        .code(2)
        .stderr(predicate::str::contains("at most 6"));
    assert!(!graph.exists(), "nothing is written");
    generate(&SBM, "0", &graph).success();
    generate(&SBM, "0", &graph).code(2).stderr(predicate::str::contains("exists already"));
}
