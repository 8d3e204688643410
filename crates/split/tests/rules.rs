//! Splits by time and by node: the rule, its certificate, and what is refused.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use vgae_artifacts::{Edges, NodeTypes, Pair, Seed};
use vgae_split::{
    CheckedSplitConfig, NodeSplit, SplitConfig, SplitError, SplitMethod, TimeSplit, certify,
    split_by_nodes, split_by_time,
};

fn config(validation: f64, test: f64) -> CheckedSplitConfig {
    SplitConfig { validation, test, ..SplitConfig::default() }.check().expect("fractions")
}

/// Returns a ring of `nodes` nodes with chords.
fn circulant(nodes: u32, steps: u32) -> Edges {
    let ring =
        (1..=steps).flat_map(|step| (0..nodes).map(move |node| (node, (node + step) % nodes)));
    let pairs = ring.map(|(src, dst)| Pair::new(src, dst)).collect();
    Edges::undirected(nodes as usize, pairs).expect("edges")
}

#[test]
fn training_edges_are_the_earliest_and_test_edges_the_latest() {
    let edges = circulant(20, 1);
    // The later an edge, the lower its number; the first one occurs again, later and reversed.
    let mut times: Vec<(Pair, u32)> = edges.pairs().iter().rev().copied().zip(0..).collect();
    let first = times[0].0;
    times.push((Pair::new(first.dst, first.src), 99));
    let TimeSplit { split, train_until, validation, test_from } =
        split_by_time(&edges, None, &times, &config(0.1, 0.2), Seed(0)).expect("a split");
    assert_eq!((train_until, validation, test_from), (13, Some([14, 15]), Some(16)));
    let at = |time: usize| times[time].0;
    assert_eq!(split.validation().positive, [at(14), at(15)]);
    assert_eq!(split.test().positive, [at(16), at(17), at(18), at(19)]);
    assert!(split.train().contains(&first), "an edge has its earliest time");
    assert!(certify(&edges, &split).holds());
}

#[test]
fn a_time_is_in_one_part() {
    let edges = circulant(20, 1);
    let in_years = |year: fn(usize) -> u32| -> Vec<(Pair, u32)> {
        edges.pairs().iter().enumerate().map(|(at, &pair)| (pair, year(at))).collect()
    };
    let split = |year, validation, test| {
        split_by_time(&edges, None, &in_years(year), &config(validation, test), Seed(0))
    };
    // Years of 12, 6 and 2 edges: the division nearest to 18 is that before the last year.
    let year = |at| {
        if at < 12 {
            1
        } else if at < 18 {
            2
        } else {
            3
        }
    };
    let found = split(year, 0.0, 0.2).expect("a split");
    assert_eq!((found.train_until, found.test_from), (2, Some(3)));
    assert_eq!((found.split.train().len(), found.split.test().positive.len()), (18, 2));
    // With validation edges the first division is theirs, whatever the fractions.
    let found = split(year, 0.05, 0.6).expect("a split");
    assert_eq!((found.train_until, found.validation, found.test_from), (1, Some([2, 2]), Some(3)));
    let error = split(|_| 7, 0.0, 0.1).expect_err("one time");
    assert!(matches!(error, SplitError::FewTimes { needed: 2, found: 1 }), "{error}");
    let error = split(|at| u32::from(at > 9), 0.1, 0.1).expect_err("two times");
    assert!(matches!(error, SplitError::FewTimes { needed: 3, found: 2 }), "{error}");
    let some = &in_years(year)[..18];
    let error = split_by_time(&edges, None, some, &config(0.1, 0.1), Seed(0)).expect_err("no time");
    assert!(matches!(error, SplitError::WithoutTime { edges: 20, missing: 2 }), "{error}");
}

#[test]
fn held_out_nodes_have_no_training_edges() {
    let edges = circulant(60, 4);
    let NodeSplit { split, validation, test } =
        split_by_nodes(&edges, None, &config(0.1, 0.2), Seed(5)).expect("a split");
    assert_eq!((validation.len(), test.len()), (6, 12));
    let certificate = certify(&edges, &split);
    assert!(certificate.holds());
    assert_eq!(certificate.cold_test_edges, split.test().positive.len(), "every test edge is cold");
    assert_eq!(split.test().negative.len(), split.test().positive.len());
    let again = split_by_nodes(&edges, None, &config(0.1, 0.2), Seed(5)).expect("a split");
    assert_eq!(again.split, split);
    let other = split_by_nodes(&edges, None, &config(0.1, 0.2), Seed(6)).expect("a split");
    assert_ne!(other.test, test);
}

#[test]
fn parts_without_edges_and_dense_graphs_are_refused() {
    let edges = circulant(10, 1);
    let error = split_by_nodes(&edges, None, &config(0.05, 0.2), Seed(0)).expect_err("no node");
    assert!(
        matches!(error, SplitError::EmptyNodePart { part: "validation", nodes: 10 }),
        "{error}"
    );
    let all = (0..8).flat_map(|src| (src + 1..8).map(move |dst| Pair::new(src, dst))).collect();
    let complete = Edges::undirected(8, all).expect("edges");
    let error = split_by_nodes(&complete, None, &config(0.0, 0.2), Seed(0)).expect_err("dense");
    assert!(matches!(error, SplitError::TooDense { available: 0, .. }), "{error}");
}

#[test]
fn a_column_of_times_belongs_to_a_split_by_time() {
    let check = |method, time: Option<&str>| {
        let time = time.map(str::to_owned);
        SplitConfig { method, time, ..SplitConfig::default() }.check()
    };
    check(Some(SplitMethod::Time), Some("year")).expect("both");
    check(Some(SplitMethod::Nodes), None).expect("no times");
    let error = check(Some(SplitMethod::Time), None).expect_err("no column");
    assert!(matches!(error, SplitError::NoTimeColumn), "{error}");
    for method in [None, Some(SplitMethod::Edges), Some(SplitMethod::Nodes)] {
        let error = check(method, Some("year")).expect_err("no use");
        assert!(matches!(error, SplitError::TimeColumn), "{error}");
    }
}

fn graph() -> impl Strategy<Value = (Edges, Vec<u32>)> {
    let rows = prop::collection::btree_set((0u32..14, 0u32..14), 12..50);
    (rows, prop::collection::vec(0u32..9, 50)).prop_map(|(rows, times)| {
        let pairs = rows.into_iter().filter(|(a, b)| a != b).map(|(a, b)| Pair::new(a, b));
        (Edges::undirected(14, pairs.collect()).expect("edges"), times)
    })
}

proptest! {
    /// The naive twin: every division between two times is tried.
    #[test]
    fn divisions_are_the_nearest_to_the_fractions((edges, times) in graph(), test in 1u32..5) {
        // A tenth of fewer holds no edge.
        prop_assume!(edges.pairs().len() >= 10);
        let fraction = f64::from(test) / 10.0;
        let times: Vec<(Pair, u32)> = edges.pairs().iter().copied().zip(times).collect();
        let found = split_by_time(&edges, None, &times, &config(0.0, fraction), Seed(1));
        let count = times.len();
        let wanted = count - count * test as usize / 10;
        let before = |time: u32| times.iter().filter(|(_, own)| *own < time).count();
        let starts: BTreeSet<usize> =
            times.iter().map(|(_, time)| before(*time)).filter(|&start| start > 0).collect();
        let nearest = starts.iter().map(|start| start.abs_diff(wanted)).min();
        match found {
            Ok(found) => {
                let of: HashMap<Pair, u32> = times.iter().copied().collect();
                let latest = found.split.train().iter().map(|pair| of[pair]).max();
                let earliest = found.split.test().positive.iter().map(|pair| of[pair]).min();
                prop_assert!(latest < earliest, "the future begins after the past");
                prop_assert_eq!((latest, earliest), (Some(found.train_until), found.test_from));
                prop_assert_eq!(nearest, Some(found.split.train().len().abs_diff(wanted)));
                prop_assert!(certify(&edges, &found.split).holds());
            }
            Err(SplitError::FewTimes { .. }) => prop_assert!(starts.is_empty()),
            Err(error) => prop_assert!(matches!(error, SplitError::TooDense { .. }), "{}", error),
        }
    }

    #[test]
    fn pairs_of_a_part_have_a_node_of_it_and_none_of_a_later_one(
        (edges, _) in graph(),
        typed: bool,
        seed in 0u64..20,
    ) {
        let names: Vec<&str> = (0..14).map(|node| if node % 3 == 0 { "a" } else { "b" }).collect();
        let types = NodeTypes::new(&names).expect("types");
        let types = typed.then_some(&types);
        let found = split_by_nodes(&edges, types, &config(0.15, 0.2), Seed(seed));
        let NodeSplit { split, validation, test } = match found {
            Ok(found) => found,
            Err(SplitError::EmptyNodePart { .. } | SplitError::TooDense { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let is_of = |nodes: &[u32], pair: &Pair| nodes.contains(&pair.src) || nodes.contains(&pair.dst);
        let certificate = certify(&edges, &split);
        prop_assert!(certificate.holds());
        prop_assert!(split.train().iter().all(|pair| !is_of(&validation, pair) && !is_of(&test, pair)));
        let parts = [split.validation(), split.test()];
        for (pairs, is_right) in parts.into_iter().zip([
            &(|pair: &Pair| is_of(&validation, pair) && !is_of(&test, pair)) as &dyn Fn(&Pair) -> bool,
            &|pair: &Pair| is_of(&test, pair),
        ]) {
            prop_assert!(pairs.positive.iter().chain(&pairs.negative).all(is_right));
            prop_assert_eq!(pairs.positive.len(), pairs.negative.len());
        }
        if let Some(allowed) = split.pair_types() {
            prop_assert!(split.test().negative.iter().all(|&pair| allowed.allows(pair)));
        }
    }
}

#[test]
fn negatives_of_nodes_are_uniform_over_the_pairs_of_their_part() {
    // Rejection and a list of all pairs: a sparse graph and one of few nodes.
    for nodes in [40u32, 9] {
        let edges = circulant(nodes, 1);
        let mut both_unseen = (0u32, 0.0);
        for seed in 0..600 {
            let found = split_by_nodes(&edges, None, &config(0.0, 0.34), Seed(seed));
            let Ok(NodeSplit { split, test, .. }) = found else { continue };
            let is_test = |node: u32| test.contains(&node);
            let is_edge = |a: u32, b: u32| (a + 1) % nodes == b || (b + 1) % nodes == a;
            let all: Vec<(u32, u32)> = (0..nodes)
                .flat_map(|a| (a + 1..nodes).map(move |b| (a, b)))
                .filter(|&(a, b)| (is_test(a) || is_test(b)) && !is_edge(a, b))
                .collect();
            let both = all.iter().filter(|&&(a, b)| is_test(a) && is_test(b)).count();
            let negative = &split.test().negative;
            let drawn = negative.iter().filter(|pair| is_test(pair.src) && is_test(pair.dst));
            both_unseen.0 += u32::try_from(drawn.count()).expect("few");
            both_unseen.1 += negative.len() as f64 * both as f64 / all.len() as f64;
        }
        let (found, expected) = (f64::from(both_unseen.0), both_unseen.1);
        // At most the standard deviation of as many independent draws; five of them.
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{nodes}: {found}, {expected}");
    }
}
