//! Splits whose parts come from another source: what is kept, left out, drawn and counted.

use std::collections::HashSet;

use proptest::prelude::*;
use vgae_artifacts::{
    EdgeSplit, Edges, GivenList, ListOrigin, Messages, NodeTypes, Overlap, Pair, Part, Seed,
};
use vgae_split::{
    Given, GivenPairs, GivenParts, SplitConfig, SplitError, SplitTable, certify, given_split,
    split_edges,
};

#[expect(clippy::unnecessary_wraps, reason = "a list of `GivenParts`, which may be absent")]
fn pairs(pairs: &[(u32, u32)]) -> Option<GivenPairs> {
    let pairs = pairs.iter().map(|&(src, dst)| Pair::new(src, dst)).collect();
    Some(GivenPairs { pairs, unknown: 0 })
}

/// Returns a ring of `nodes` nodes.
fn ring(nodes: u32) -> Edges {
    let pairs = (0..nodes).map(|node| Pair::new(node, (node + 1) % nodes)).collect();
    Edges::undirected(nodes as usize, pairs).expect("a ring")
}

fn given(edges: &Edges, parts: GivenParts) -> Given {
    given_split(edges, None, parts, Messages::Train, Seed(3)).expect("a split")
}

fn list(given: &Given, part: Part, positive: bool) -> &GivenList {
    let mut lists = given.record.lists.iter();
    lists.find(|list| (list.part, list.positive) == (part, positive)).expect("the list")
}

#[test]
fn a_drawn_split_that_is_given_holds_as_before() {
    let edges = ring(60);
    let config = SplitConfig::default().check().expect("defaults");
    let drawn = split_edges(&edges, &config, Seed(1)).expect("a split");
    let all = |pairs: &[Pair]| {
        // In the other direction, which must not matter.
        let pairs = pairs.iter().map(|pair| Pair::new(pair.dst, pair.src)).collect();
        Some(GivenPairs { pairs, unknown: 0 })
    };
    let parts = GivenParts {
        train: all(drawn.train()),
        validation: all(&drawn.validation().positive),
        test: all(&drawn.test().positive),
        validation_negative: all(&drawn.validation().negative),
        test_negative: all(&drawn.test().negative),
    };
    let given = given(&edges, parts);
    assert_eq!(given.split, drawn);
    assert!(certify(&edges, &given.split).holds());
    assert_eq!(given.record.findings(), Vec::<String>::new());
    assert_eq!(given.validation_rows, [0, 1, 2]);
}

#[test]
fn rows_that_cannot_be_edges_are_left_out_and_counted() {
    let parts = GivenParts {
        train: pairs(&[(1, 0), (0, 1), (2, 1), (1, 0), (3, 3), (3, 2)]),
        test: pairs(&[(5, 5), (5, 4), (4, 5), (5, 4), (4, 3)]),
        test_negative: pairs(&[(0, 3), (3, 0), (1, 4)]),
        ..GivenParts::default()
    };
    let given = given(&ring(6), parts);
    assert_eq!(given.split.train(), [Pair::new(0, 1), Pair::new(1, 2), Pair::new(2, 3)]);
    assert_eq!(given.split.test().positive, [Pair::new(4, 5), Pair::new(3, 4)]);
    assert_eq!(given.test_rows, [1, 4]);
    let counts = |list: &GivenList| {
        (list.rows, list.pairs, list.self_loops, list.duplicates, list.reversed_duplicates)
    };
    assert_eq!(counts(list(&given, Part::Train, true)), (6, 3, 1, 1, 1));
    assert_eq!(counts(list(&given, Part::Test, true)), (5, 2, 1, 1, 1));
    assert_eq!(counts(list(&given, Part::Test, false)), (3, 2, 0, 0, 1));
    assert_eq!(
        given.record.findings(),
        [
            "train: 1 self-loops left out",
            "train: 1 duplicates left out",
            "train: 1 reversed duplicates left out",
            "test: 1 self-loops left out",
            "test: 1 duplicates left out",
            "test: 1 reversed duplicates left out",
            "test negatives: 1 reversed duplicates left out",
            "1 edges of the graph are in no part",
        ]
    );
}

#[test]
fn what_a_drawn_split_excludes_is_kept_and_counted() {
    let parts = GivenParts {
        train: pairs(&[(0, 1), (1, 2), (0, 2)]),
        validation: pairs(&[(2, 3), (1, 0)]),
        validation_negative: pairs(&[(0, 3), (2, 4)]),
        test: pairs(&[(3, 4)]),
        test_negative: pairs(&[(3, 0), (5, 0), (1, 2)]),
    };
    let edges = ring(6);
    let given = given(&edges, parts);
    let record = &given.record;
    let overlap = |first: &str, second: &str, pairs| Overlap {
        lists: [first.to_owned(), second.to_owned()],
        pairs,
    };
    assert_eq!(
        record.overlaps,
        [
            overlap("train", "val", 1),
            overlap("train", "test negatives", 1),
            overlap("val negatives", "test negatives", 1)
        ]
    );
    // (0, 5) is an edge of the graph that is in no part, (1, 2) a training edge.
    assert_eq!(record.negatives_that_are_edges, 2);
    assert_eq!((record.edges_outside_the_graph, record.edges_in_no_part), (1, 2));
    let certificate = certify(&edges, &given.split);
    assert!(!certificate.parts_disjoint && !certificate.holds());
    assert!(!certificate.positives_cover_the_graph && !certificate.no_negative_is_an_edge);
}

#[test]
fn absent_lists_are_derived_and_recorded() {
    let edges = ring(40);
    let parts = GivenParts {
        validation: pairs(&[(0, 1), (1, 2)]),
        test: pairs(&[(2, 3), (3, 4), (4, 5)]),
        validation_negative: pairs(&[(0, 9), (0, 10)]),
        ..GivenParts::default()
    };
    let given = given(&edges, parts.clone());
    assert_eq!(given.split.train().len(), 35);
    assert_eq!(list(&given, Part::Train, true).origin, ListOrigin::Rest);
    let drawn = list(&given, Part::Test, false);
    assert_eq!((drawn.origin, drawn.pairs), (ListOrigin::Drawn, 3));
    assert!(certify(&edges, &given.split).holds(), "drawn negatives are in no other list");
    let again = given_split(&edges, None, parts.clone(), Messages::Train, Seed(3));
    assert_eq!(again.expect("a split"), given);
    let other = given_split(&edges, None, parts, Messages::Train, Seed(4)).expect("a split");
    assert_ne!(other.split, given.split);
}

#[test]
fn negatives_of_typed_graphs_join_types_that_edges_join() {
    let node_types: Vec<&str> =
        (0..20).map(|node| if node % 2 == 0 { "user" } else { "movie" }).collect();
    let types = NodeTypes::new(&node_types).expect("types");
    let parts = GivenParts { test: pairs(&[(0, 1), (2, 3)]), ..GivenParts::default() };
    let given = given_split(&ring(20), Some(&types), parts, Messages::Train, Seed(0));
    let given = given.expect("a split");
    assert_eq!(given.split.test().negative.len(), 2);
    assert!(given.split.test().negative.iter().all(|pair| (pair.src + pair.dst) % 2 == 1));
}

#[test]
fn training_edges_have_the_weights_of_the_graph() {
    let pair = Pair::new;
    let edges = Edges::from_sorted(
        4,
        false,
        vec![pair(0, 1), pair(1, 2), pair(2, 3)],
        Some(vec![2.0, 3.0, 4.0]),
    );
    let parts = GivenParts {
        train: pairs(&[(2, 1), (0, 3), (1, 0)]),
        test: pairs(&[(2, 3)]),
        test_negative: pairs(&[(1, 3)]),
        ..GivenParts::default()
    };
    let given = given(&edges.expect("edges"), parts);
    assert_eq!(given.split.train(), [pair(0, 1), pair(0, 3), pair(1, 2)]);
    assert_eq!(given.split.train_view().weights(), Some(&[2.0, 1.0, 3.0][..]));
}

#[test]
fn parts_that_cannot_be_a_split_are_refused() {
    let refused = |parts| {
        let split = given_split(&ring(6), None, parts, Messages::Train, Seed(0));
        split.expect_err("refused").to_string()
    };
    let message = refused(GivenParts { train: pairs(&[(1, 1)]), ..GivenParts::default() });
    assert!(message.contains("found none besides 1 rows"), "{message}");
    let message = refused(GivenParts { test: pairs(&[(0, 6)]), ..GivenParts::default() });
    assert!(message.contains("do not form a valid split"), "{message}");
    let edges = (0..6).flat_map(|src| (src + 1..6).map(move |dst| (src, dst)));
    let all: Vec<(u32, u32)> = edges.collect();
    let parts =
        GivenParts { train: pairs(&all[2..]), test: pairs(&all[..2]), ..GivenParts::default() };
    let message = refused(parts);
    assert!(message.contains("expected 2 pairs without an edge"), "{message}");
}

#[test]
fn fractions_beside_files_are_refused() {
    let table = |validation| SplitTable { validation, files: Some(()), ..SplitTable::default() };
    table(0.05).check().expect("the default");
    let error = table(0.1).check().expect_err("both");
    assert!(matches!(error, SplitError::FilesAndFractions), "{error}");
}

fn rows(nodes: u32) -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..nodes, 0..nodes), 1..40)
}

proptest! {
    /// The naive twin of every count.
    #[test]
    fn counts_are_those_of_sets(
        graph in rows(9),
        train in rows(9),
        test in rows(9),
        negative in rows(9),
    ) {
        let plain = |rows: &[(u32, u32)]| -> HashSet<(u32, u32)> {
            let plain = rows.iter().map(|&(a, b)| (a.min(b), a.max(b)));
            plain.filter(|(a, b)| a != b).collect()
        };
        let [graph_set, train_set, test_set, negative_set] =
            [&graph, &train, &test, &negative].map(|rows| plain(rows));
        prop_assume!(!train_set.is_empty());
        let edges = graph_set.iter().map(|&(src, dst)| Pair::new(src, dst)).collect();
        let edges = Edges::undirected(9, edges).expect("edges");
        let parts = GivenParts {
            train: pairs(&train),
            test: pairs(&test),
            test_negative: pairs(&negative),
            ..GivenParts::default()
        };
        let given = given(&edges, parts);
        for (part, positive, rows, set) in [
            (Part::Train, true, &train, &train_set),
            (Part::Test, true, &test, &test_set),
            (Part::Test, false, &negative, &negative_set),
        ] {
            let list = list(&given, part, positive);
            let loops = rows.iter().filter(|(a, b)| a == b).count();
            let distinct: HashSet<_> = rows.iter().filter(|(a, b)| a != b).collect();
            prop_assert_eq!((list.rows, list.pairs, list.self_loops), (rows.len(), set.len(), loops));
            prop_assert_eq!(list.duplicates, rows.len() - loops - distinct.len());
            prop_assert_eq!(list.reversed_duplicates, distinct.len() - set.len());
        }
        let common = |a: &HashSet<(u32, u32)>, b: &HashSet<(u32, u32)>| a.intersection(b).count();
        let overlap = |names: [&str; 2]| {
            let mut overlaps = given.record.overlaps.iter();
            overlaps.find(|overlap| overlap.lists == names).map_or(0, |overlap| overlap.pairs)
        };
        prop_assert_eq!(overlap(["train", "test"]), common(&train_set, &test_set));
        prop_assert_eq!(overlap(["train", "test negatives"]), common(&train_set, &negative_set));
        prop_assert_eq!(overlap(["test", "test negatives"]), common(&test_set, &negative_set));
        let positives: HashSet<_> = train_set.union(&test_set).copied().collect();
        let known: HashSet<_> = positives.union(&graph_set).copied().collect();
        prop_assert_eq!(given.record.negatives_that_are_edges, common(&negative_set, &known));
        prop_assert_eq!(
            given.record.edges_outside_the_graph,
            positives.difference(&graph_set).count()
        );
        prop_assert_eq!(given.record.edges_in_no_part, graph_set.difference(&positives).count());
        // Kept in the order of the file.
        let first: Vec<Pair> =
            given.test_rows.iter().map(|&row| Pair::new(test[row].0, test[row].1).canonical()).collect();
        let split: &EdgeSplit = &given.split;
        prop_assert_eq!(&split.test().positive, &first);
    }
}
