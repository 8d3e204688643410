//! Splits of whole graphs: counts, certificates, bytes and errors.

use std::collections::HashSet;

use proptest::prelude::*;
use vgae_artifacts::{
    Certificate, EdgeSplit, Edges, LabelledPairs, NodeTypes, Pair, PairTypes, Seed,
};
use vgae_split::{
    CheckedSplitConfig, SplitConfig, SplitError, certify, split_edges, split_typed_edges,
};

fn fractions(validation: f64, test: f64) -> CheckedSplitConfig {
    SplitConfig { validation, test, ..SplitConfig::default() }
        .check()
        .expect("fractions that sum to less than 1")
}

fn defaults() -> CheckedSplitConfig {
    SplitConfig::default().check().expect("defaults are valid")
}

/// Returns a fixed graph with `edge_count` edges: node `i` is adjacent to `i + 1`, then `i + 2`, ...
fn circulant(node_count: u32, edge_count: usize) -> Edges {
    let pairs = (1..node_count / 2)
        .flat_map(|step| (0..node_count).map(move |node| (node, (node + step) % node_count)));
    let pairs = pairs.map(|(src, dst)| Pair::new(src, dst)).take(edge_count).collect();
    let edges = Edges::undirected(node_count as usize, pairs).expect("valid edges");
    assert_eq!(edges.pairs().len(), edge_count);
    edges
}

/// Returns the complete graph without its first `missing` pairs.
fn complete_without(node_count: u32, missing: usize) -> Edges {
    let all = (0..node_count).flat_map(|src| (src + 1..node_count).map(move |dst| (src, dst)));
    let pairs = all.skip(missing).map(|(src, dst)| Pair::new(src, dst)).collect();
    Edges::undirected(node_count as usize, pairs).expect("valid edges")
}

#[test]
fn sizes_are_those_of_the_protocol() {
    let graphs = [
        (2_708, 5_278, (263, 527, 4_488)),
        (3_327, 4_552, (227, 455, 3_870)),
        (19_717, 44_324, (2_216, 4_432, 37_676)),
    ];
    for (nodes, edge_count, (validation, test, train)) in graphs {
        let edges = circulant(nodes, edge_count);
        let split = split_edges(&edges, &defaults(), Seed(0)).expect("split");
        let certificate = certify(&edges, &split);
        assert!(certificate.holds());
        let counts = &certificate.counts;
        assert_eq!((counts.validation, counts.test, counts.train), (validation, test, train));
        assert_eq!((counts.validation_negative, counts.test_negative), (validation, test));
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_everywhere() {
    // Pinned: a change here changes existing splits. Covers both methods of drawing negatives.
    let sparse = split_edges(&circulant(50, 100), &defaults(), Seed(42)).expect("sparse split");
    let dense = split_edges(&complete_without(12, 20), &defaults(), Seed(42)).expect("dense split");
    assert_eq!(
        sparse.content_hash().to_hex(),
        "8fdca6f040b982b38a03840f504070024ed90a2c00d2f987207043e4cb8b6555"
    );
    assert_eq!(
        dense.content_hash().to_hex(),
        "010d3d56f6cc9d91ff572087ffc5379847188613a660e9d0759e5fcabd718ac8"
    );
}

#[test]
fn seeds_differ() {
    let edges = circulant(50, 100);
    let hash = |seed| split_edges(&edges, &defaults(), Seed(seed)).expect("split").content_hash();
    assert_eq!(hash(1), hash(1));
    assert_eq!((0..50).map(hash).collect::<HashSet<_>>().len(), 50);
}

#[test]
fn every_edge_is_held_out_alike() {
    // Each of 40 edges is one of 4 test edges in a tenth of 4,000 seeds: 400 times, with a standard deviation
    // of 19. The bounds are five standard deviations either side.
    let edges = circulant(40, 40);
    let mut counts = vec![0u32; 40];
    for seed in 0..4_000 {
        let split = split_edges(&edges, &defaults(), Seed(seed)).expect("split");
        for pair in &split.test().positive {
            counts[edges.pairs().binary_search(pair).expect("an edge")] += 1;
        }
    }
    assert!(counts.iter().all(|count| (305..=495).contains(count)), "{counts:?}");
}

#[test]
fn both_directions_of_an_edge_stay_together() {
    let pairs = (0..30).flat_map(|node| {
        let next = (node + 1) % 30;
        [Pair::new(node, next), Pair::new(next, node)]
    });
    let directed = Edges::directed(30, pairs.collect()).expect("valid edges");
    let split = split_edges(&directed, &defaults(), Seed(3)).expect("split");
    let certificate = certify(&directed, &split);
    assert!(certificate.holds());
    assert_eq!((certificate.counts.train, certificate.counts.test), (26, 3));
}

#[test]
fn all_non_edges_can_be_asked_for() {
    // 45 pairs, 9 of them without an edge: 0.25 * 36 = 9 held out.
    let edges = complete_without(10, 9);
    let split = split_edges(&edges, &fractions(0.0, 0.25), Seed(0)).expect("just enough");
    assert!(certify(&edges, &split).holds());
    assert_eq!(split.test().negative.len(), 9);
}

#[test]
fn a_graph_that_is_too_dense_is_refused() {
    let error = split_edges(&complete_without(10, 3), &fractions(0.05, 0.1), Seed(0));
    let error = error.expect_err("6 negatives asked, 3 available");
    assert_eq!(
        error.to_string(),
        "split: expected 6 pairs without an edge (one for each held-out edge), found 3 in a graph of 10 \
         nodes and 42 edges; lower the fractions"
    );
}

#[test]
fn too_few_edges_are_refused_with_the_number_needed() {
    let error = split_edges(&circulant(19, 19), &defaults(), Seed(0)).expect_err("too few");
    assert_eq!(
        error.to_string(),
        "split: expected at least 20 edges, so that a validation fraction of 0.05 holds one, found 19; \
         raise the fraction, or set it to 0 to go without that part"
    );
    split_edges(&circulant(20, 20), &defaults(), Seed(0)).expect("20 edges are enough");
    let error = split_edges(&circulant(9, 9), &fractions(0.0, 0.1), Seed(0)).expect_err("too few");
    assert!(matches!(error, SplitError::TooFewEdges { part: "test", needed: 10, .. }), "{error}");
}

#[test]
fn a_graph_without_edges_leaves_nothing_to_train_on() {
    for nodes in [0, 1, 5] {
        let edges = Edges::undirected(nodes, Vec::new()).expect("no edges");
        let error = split_edges(&edges, &fractions(0.0, 0.0), Seed(0)).expect_err("nothing");
        assert!(matches!(error, SplitError::NothingToTrain { edges: 0, .. }), "{error}");
    }
}

#[test]
fn more_nodes_than_pairs_can_name_are_refused() {
    let edges = Edges::undirected(1 << 32, vec![Pair::new(0, 1)]).expect("valid edges");
    let error = split_edges(&edges, &fractions(0.0, 0.0), Seed(0)).expect_err("too many nodes");
    assert!(matches!(error, SplitError::TooManyNodes { .. }), "{error}");
}

#[test]
fn a_part_with_fraction_zero_is_empty() {
    let edges = circulant(40, 60);
    let split = split_edges(&edges, &fractions(0.0, 0.0), Seed(0)).expect("split");
    assert_eq!(split.train(), edges.pairs());
    assert_eq!(
        (split.validation(), split.test()),
        (&LabelledPairs::default(), &LabelledPairs::default())
    );
    let split = split_edges(&edges, &fractions(0.5, 0.0), Seed(0)).expect("split");
    assert_eq!((split.validation().positive.len(), split.test().positive.len()), (30, 0));
    assert!(certify(&edges, &split).holds());
}

/// A valid split of the path 0 - 1 - ... - 6, to be invalidated in one place.
struct Parts {
    train: Vec<Pair>,
    validation: LabelledPairs,
    test: LabelledPairs,
}

fn pairs<const N: usize>(ends: [(u32, u32); N]) -> Vec<Pair> {
    ends.map(|(src, dst)| Pair::new(src, dst)).to_vec()
}

fn certificate_after(break_it: impl FnOnce(&mut Parts)) -> Certificate {
    let graph = Edges::undirected(7, (0..6).map(|node| Pair::new(node, node + 1)).collect());
    let graph = graph.expect("a path");
    let mut parts = Parts {
        train: pairs([(0, 1), (1, 2), (2, 3), (3, 4)]),
        validation: LabelledPairs { positive: pairs([(4, 5)]), negative: pairs([(0, 2)]) },
        test: LabelledPairs { positive: pairs([(5, 6)]), negative: pairs([(0, 3)]) },
    };
    break_it(&mut parts);
    let split = EdgeSplit::new(7, parts.train, parts.validation, parts.test);
    certify(&graph, &split.expect("canonical pairs"))
}

#[test]
fn the_certificate_of_a_sound_split_holds() {
    let certificate = certificate_after(|_| {});
    assert!(certificate.holds());
    // Nodes 5 and 6 have no training edges.
    assert_eq!(certificate.cold_test_edges, 1);
    assert!(certificate.message_passing.starts_with("training edges only"));
}

#[test]
fn the_certificate_sees_each_kind_of_leak() {
    let proofs = |certificate: Certificate| {
        let Certificate {
            parts_disjoint, positives_cover_the_graph, no_negative_is_an_edge, ..
        } = certificate;
        (parts_disjoint, positives_cover_the_graph, no_negative_is_an_edge)
    };
    let after = |break_it: fn(&mut Parts)| proofs(certificate_after(break_it));
    // A test edge is also a training edge; a test edge is also a validation edge.
    assert_eq!(after(|parts| parts.train.push(Pair::new(5, 6))), (false, false, true));
    assert_eq!(
        after(|parts| parts.validation.positive.push(Pair::new(5, 6))),
        (false, false, true)
    );
    // An edge is missing; an edge is added.
    assert_eq!(after(|parts| parts.train.truncate(3)), (true, false, true));
    assert_eq!(after(|parts| parts.train.push(Pair::new(1, 6))), (true, false, true));
    // An edge is replaced by a pair that is not an edge.
    assert_eq!(after(|parts| parts.train[0] = Pair::new(1, 6)), (true, false, true));
    // A duplicate negative within one part, and across two parts.
    assert_eq!(after(|parts| parts.test.negative.push(Pair::new(0, 3))), (false, true, true));
    assert_eq!(after(|parts| parts.test.negative.push(Pair::new(0, 2))), (false, true, true));
    // A validation negative is a test edge: the defect of the published code.
    assert_eq!(after(|parts| parts.validation.negative[0] = Pair::new(5, 6)), (false, true, false));
    // A negative is an edge that is in no part.
    let lost = |parts: &mut Parts| parts.test.negative[0] = parts.train.pop().expect("an edge");
    assert_eq!(after(lost), (true, false, false));
}

#[test]
fn a_split_of_a_graph_of_another_size_covers_nothing() {
    let (small, large) = (circulant(40, 40), Edges::from_sorted);
    let large = large(41, false, small.pairs().to_vec(), None).expect("an isolated node more");
    let split = split_edges(&small, &defaults(), Seed(0)).expect("split");
    assert!(!certify(&large, &split).positives_cover_the_graph);
}

/// Random graphs of 2 to 24 nodes, from nearly empty to complete, directed and undirected.
fn graphs() -> impl Strategy<Value = Edges> {
    let sized = (2u32..24, 0u32..=100, any::<bool>());
    sized.prop_flat_map(|(nodes, density, directed)| {
        let all: Vec<Pair> = (0..nodes)
            .flat_map(|src| (0..nodes).map(move |dst| Pair::new(src, dst)))
            .filter(|pair| if directed { !pair.is_self_loop() } else { pair.src < pair.dst })
            .collect();
        let rolls = proptest::collection::vec(0u32..100, all.len());
        rolls.prop_map(move |rolls| {
            let kept = all.iter().zip(rolls).filter(|(_, roll)| *roll < density);
            let kept = kept.map(|(pair, _)| *pair).collect();
            let make = if directed { Edges::directed } else { Edges::undirected };
            make(nodes as usize, kept).expect("valid edges")
        })
    })
}

proptest! {
    #[test]
    fn a_split_holds_or_is_refused_for_the_stated_reason(
        edges in graphs(),
        percent in (0u32..50, 0u32..50),
        seed in any::<u64>(),
    ) {
        let config = fractions(f64::from(percent.0) / 100.0, f64::from(percent.1) / 100.0);
        let edge_count = edges.undirected_pairs().len();
        let share = |percent: u32| edge_count * percent as usize / 100;
        let (validation, test) = (share(percent.0), share(percent.1));
        let n = edges.node_count();
        let non_edges = n * (n - 1) / 2 - edge_count;
        match split_edges(&edges, &config, Seed(seed)) {
            Ok(split) => {
                let Certificate { counts, .. } = certify(&edges, &split);
                prop_assert!(certify(&edges, &split).holds());
                prop_assert_eq!((counts.validation, counts.test), (validation, test));
                prop_assert_eq!((counts.validation_negative, counts.test_negative), (validation, test));
                prop_assert_eq!(counts.train, edge_count - validation - test);
                prop_assert_eq!(split, split_edges(&edges, &config, Seed(seed)).expect("again"));
            }
            Err(SplitError::TooFewEdges { part, needed, .. }) => {
                let percent = if part == "test" { percent.1 } else { percent.0 };
                prop_assert!(percent > 0 && share(percent) == 0);
                prop_assert_eq!(needed, u128::from(100u32.div_ceil(percent)));
            }
            Err(SplitError::NothingToTrain { .. }) => prop_assert_eq!(edge_count, 0),
            Err(SplitError::TooDense { asked, available, .. }) => {
                prop_assert_eq!((asked, available), (validation + test, non_edges as u64));
                prop_assert!(non_edges < validation + test);
            }
            Err(other) => prop_assert!(false, "unexpected: {}", other),
        }
    }

    #[test]
    fn negatives_of_typed_graphs_join_types_that_edges_join(
        edges in graphs(),
        types in proptest::collection::vec(0usize..3, 24),
        seed in any::<u64>(),
    ) {
        let names = ["user", "movie", "tag"];
        let types: Vec<&str> = types[..edges.node_count()].iter().map(|&at| names[at]).collect();
        let types = NodeTypes::new(&types).expect("few types");
        let allowed = PairTypes::of_edges(types.clone(), edges.pairs()).expect("typed nodes");
        let asked = 2 * (edges.undirected_pairs().len() / 10);
        let available = allowed.pair_count() - edges.undirected_pairs().len() as u64;
        match split_typed_edges(&edges, Some(&types), &fractions(0.1, 0.1), Seed(seed)) {
            Ok(split) => {
                prop_assert!(certify(&edges, &split).holds());
                let negatives = [&split.validation().negative[..], &split.test().negative].concat();
                prop_assert_eq!(negatives.len(), asked);
                prop_assert!(negatives.iter().all(|&pair| allowed.allows(pair)));
                prop_assert_eq!(split.pair_types(), Some(&allowed));
            }
            Err(SplitError::TooDense { asked: found, available: left, .. }) => {
                prop_assert_eq!((found, left), (asked, available));
                prop_assert!(available < asked as u64);
            }
            Err(SplitError::TooFewEdges { .. } | SplitError::NothingToTrain { .. }) => {}
            Err(other) => prop_assert!(false, "unexpected: {}", other),
        }
    }

    #[test]
    fn nearly_complete_graphs_split_as_long_as_non_edges_last(
        nodes in 3u32..20,
        missing in 0usize..40,
        seed in any::<u64>(),
    ) {
        prop_assume!(missing < (nodes * (nodes - 1) / 2) as usize);
        let edges = complete_without(nodes, missing);
        let config = fractions(0.0, 0.2);
        let asked = edges.pairs().len() / 5;
        let outcome = split_edges(&edges, &config, Seed(seed));
        match outcome {
            Ok(split) => prop_assert!(asked <= missing && certify(&edges, &split).holds()),
            Err(error) => prop_assert!(asked > missing || asked == 0, "{}", error),
        }
    }
}

/// Returns a directed graph of `nodes` nodes.
fn directed(nodes: u32, ends: &[(u32, u32)]) -> Edges {
    let pairs = ends.iter().map(|&(src, dst)| Pair::new(src % nodes, dst % nodes));
    let pairs = pairs.filter(|pair| !pair.is_self_loop()).collect();
    Edges::directed(nodes as usize, pairs).expect("valid edges")
}

proptest! {
    /// Parts are the edges with their direction, and negatives are no edges in theirs; written files read back.
    #[test]
    fn directed_splits_are_certified_or_refused(
        nodes in 2u32..30,
        ends in prop::collection::vec((0u32..30, 0u32..30), 0..200),
        seed in 0u64..100,
    ) {
        let edges = directed(nodes, &ends);
        let config = SplitConfig { validation: 0.1, test: 0.2, directed: true, ..SplitConfig::default() };
        let config = config.check().expect("sound");
        match split_edges(&edges, &config, Seed(seed)) {
            Ok(split) => {
                prop_assert!(split.is_directed() && certify(&edges, &split).holds());
                let mut all: Vec<Pair> = split.rows().map(|(_, _, pair)| pair).collect();
                let count = all.len();
                all.sort_unstable();
                all.dedup();
                prop_assert_eq!(all.len(), count, "no pair twice");
                prop_assert_eq!(split.train_view().directed_edges(), Some(split.train()));
                prop_assert!(split.train_view().edges().iter().all(|pair| pair.src < pair.dst));
                let folder = tempfile::tempdir().expect("a folder");
                let path = folder.path().join("split.parquet");
                split.write(&path, &vgae_artifacts::Provenance::of_stage("split")).expect("written");
                prop_assert_eq!(EdgeSplit::read(&path, nodes as usize).expect("reads back"), split);
            }
            Err(SplitError::TooFewEdges { .. } | SplitError::TooDense { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_directed_split_needs_directed_edges_at_random() {
    let config = |change: fn(&mut SplitConfig)| {
        let mut config = SplitConfig { directed: true, ..SplitConfig::default() };
        change(&mut config);
        config.check()
    };
    let sound = config(|_| {}).expect("sound");
    let error = split_edges(&circulant(20, 40), &sound, Seed(1)).expect_err("undirected");
    assert!(error.to_string().contains("found undirected edges"), "{error}");
    for change in [
        |config: &mut SplitConfig| config.method = Some(vgae_split::SplitMethod::Nodes),
        |config: &mut SplitConfig| config.messages = vgae_artifacts::Messages::Everything,
    ] {
        let error = config(change).expect_err("refused");
        assert!(matches!(error, SplitError::DirectedRule { .. }), "{error}");
    }
}
