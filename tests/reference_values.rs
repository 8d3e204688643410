//! Counts that were taken from the real files by other means, and the constants of the loss.

use vgae_artifacts::Seed;
use vgae_split::{SplitConfig, certify, split_edges};

use crate::common::graph;

struct Expected {
    name: &'static str,
    nodes: usize,
    edges: usize,
    features: usize,
    nonzeros: usize,
    /// Test, validation, train.
    parts: [usize; 3],
    positive_weight: f64,
    norm: f64,
}

const EXPECTED: [Expected; 3] = [
    Expected {
        name: "cora",
        nodes: 2708,
        edges: 5278,
        features: 1433,
        nonzeros: 49_216,
        parts: [527, 263, 4488],
        positive_weight: 815.9857,
        norm: 0.500_613,
    },
    Expected {
        name: "citeseer",
        nodes: 3327,
        edges: 4552,
        features: 3703,
        nonzeros: 105_165,
        parts: [455, 227, 3870],
        positive_weight: 1429.0942,
        norm: 0.500_350,
    },
    Expected {
        name: "pubmed",
        nodes: 19_717,
        edges: 44_324,
        features: 500,
        nonzeros: 988_031,
        parts: [4432, 2216, 37_676],
        positive_weight: 5158.2538,
        norm: 0.500_097,
    },
];

#[test]
fn graphs_have_their_canonical_counts() {
    for expected in &EXPECTED {
        let graph = graph(expected.name);
        assert_eq!(graph.node_count(), expected.nodes, "{}", expected.name);
        assert_eq!(graph.edges.pairs().len(), expected.edges, "{}", expected.name);
        let features = graph.features.expect("a citation graph has features");
        assert_eq!(features.feature_count(), expected.features, "{}", expected.name);
        assert_eq!(features.values().len(), expected.nonzeros, "{}", expected.name);
    }
}

#[test]
fn splits_and_the_losses_constants_are_the_papers() {
    for expected in &EXPECTED {
        let edges = graph(expected.name).edges;
        let config = SplitConfig::default().check().expect("defaults");
        let split = split_edges(&edges, &config, Seed(0)).expect("splits");
        let [test, validation, train] = expected.parts;
        assert_eq!(split.test().positive.len(), test);
        assert_eq!(split.test().negative.len(), test);
        assert_eq!(split.validation().positive.len(), validation);
        assert_eq!(split.validation().negative.len(), validation);
        assert_eq!(split.train().len(), train);
        assert!(certify(&edges, &split).holds());

        let scale = vgae_model::LossScale::new(expected.nodes, train);
        assert!((scale.pos_weight - expected.positive_weight).abs() < 5e-5, "{scale:?}");
        assert!((scale.norm - expected.norm).abs() < 5e-7, "{scale:?}");
    }
}

#[test]
fn the_directed_cora_keeps_every_citation() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let cora = folder.path().join("cora");
    crate::common::vgae()
        .args(["ingest", "--dataset", "cora", "--directed"])
        .arg(&cora)
        .assert()
        .success();
    let directed = vgae_artifacts::Edges::read(&cora.join("edges.parquet"), 2708).expect("edges");
    assert!(directed.is_directed());
    // 5,429 citations, among them 151 pairs that cite each other.
    assert_eq!(directed.pairs().len(), 5429);
    assert_eq!(directed.undirected_pairs().len(), 5278);
}
