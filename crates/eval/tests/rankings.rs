//! Hits@K and reciprocal ranks against naive implementations, and the properties of each kind of negatives.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::RngExt;
use vgae_artifacts::{
    EdgeSplit, LabelledPairs, Metrics, NegativeKind, NegativeSet, NodeTypes, Pair, Part,
    RankedAmong, RankingMetrics, Scores, Seed, Stream,
};
use vgae_eval::{
    Candidates, EvalConfig, EvalError, EvalInput, HITS_AT, PairScorer, draw_candidates,
    evaluate_ranking, hits_at_k, mean_reciprocal_rank, roc_auc,
};

fn evaluate(
    scorer: &dyn PairScorer,
    split: &EdgeSplit,
    config: &EvalConfig,
) -> Result<(Metrics, Scores), EvalError> {
    let found = vgae_eval::evaluate(&EvalInput::new(scorer, split), config)?;
    Ok((found.metrics, found.scores))
}

/// Both sides sum at most some hundreds of terms in [0, 1].
const TOLERANCE: f64 = 1e-12;

/// Returns the hit rate, or the mean reciprocal rank, over all orders of the ties: every rank from just below
/// the better negatives to just above the worse ones has the same probability.
fn naive(positive: &[f32], lists: &[&[f32]], of_rank: impl Fn(usize) -> f64) -> f64 {
    let of_each = positive.iter().zip(lists).map(|(own, list)| {
        let above = list.iter().filter(|&other| other > own).count();
        let below = list.iter().filter(|&other| other < own).count();
        let tied = list.len() - above - below;
        (above + 1..=above + tied + 1).map(&of_rank).sum::<f64>() / (tied + 1) as f64
    });
    of_each.sum::<f64>() / positive.len() as f64
}

fn hit(k: u32) -> impl Fn(usize) -> f64 {
    move |rank| f64::from(u8::from(rank <= k as usize))
}

fn reciprocal(rank: usize) -> f64 {
    1.0 / rank as f64
}

/// Scores on a coarse grid, so that most are tied, or arbitrary ones.
fn scores(most: usize) -> impl Strategy<Value = Vec<f32>> {
    let tied =
        proptest::collection::vec((-3i8..=3).prop_map(|level| f32::from(level) / 2.0), 1..most);
    let free = proptest::collection::vec(-1e3f32..1e3, 1..most);
    let odd = proptest::sample::select(vec![0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY]);
    prop_oneof![3 => tied, 2 => free, 1 => proptest::collection::vec(odd, 1..most)]
}

proptest! {
    #[test]
    fn ranks_in_a_common_list_agree_with_the_definitions(
        positive in scores(40),
        negative in scores(150),
    ) {
        let lists = vec![negative.as_slice(); positive.len()];
        for k in HITS_AT {
            let found = hits_at_k(&positive, &negative, k);
            prop_assert_eq!(found.is_some(), negative.len() >= k as usize);
            if let Some(found) = found {
                prop_assert!((found - naive(&positive, &lists, hit(k))).abs() <= TOLERANCE);
            }
        }
        let found = mean_reciprocal_rank(&positive, &negative).expect("both kinds");
        prop_assert!((found - naive(&positive, &lists, reciprocal)).abs() <= TOLERANCE);
    }

    /// OGB's evaluator: the share of positives above the K-th best negative, so that a tie is a miss.
    #[test]
    fn hits_are_those_of_ogb_but_for_ties(positive in scores(40), negative in scores(150)) {
        let mut falling = negative.clone();
        falling.sort_by(|a, b| b.total_cmp(a));
        let tied = positive.iter().any(|own| negative.contains(own));
        for k in HITS_AT {
            let Some(found) = hits_at_k(&positive, &negative, k) else { continue };
            let bar = falling[k as usize - 1];
            let ogb = positive.iter().filter(|&&own| own > bar).count() as f64 / positive.len() as f64;
            prop_assert!(ogb <= found + TOLERANCE);
            prop_assert!(tied || (found - ogb).abs() <= TOLERANCE);
        }
    }

    #[test]
    fn the_order_of_pairs_changes_no_bit(positive in scores(40), negative in scores(150)) {
        let bits = |positive: &[f32], negative: &[f32]| {
            let hits = HITS_AT.map(|k| hits_at_k(positive, negative, k).map(f64::to_bits));
            (hits, mean_reciprocal_rank(positive, negative).map(f64::to_bits))
        };
        let reversed = |scores: &[f32]| scores.iter().rev().copied().collect::<Vec<_>>();
        prop_assert_eq!(bits(&positive, &negative), bits(&reversed(&positive), &reversed(&negative)));
    }
}

#[test]
fn what_ties_everything_is_as_good_as_chance() {
    let (positive, negative) = (vec![1.0; 7], vec![1.0; 99]);
    for k in [1, 3, 10, 20, 50] {
        let found = hits_at_k(&positive, &negative, k).expect("enough negatives");
        assert!((found - f64::from(k) / 100.0).abs() <= TOLERANCE, "{k}: {found}");
    }
    assert_eq!(hits_at_k(&positive, &negative, 100), None, "fewer than K negatives");
    let harmonic: f64 = (1..=100).map(reciprocal).sum();
    let found = mean_reciprocal_rank(&positive, &negative).expect("both kinds");
    assert!((found - harmonic / 100.0).abs() <= TOLERANCE);
}

#[test]
fn without_ties_hits_are_those_of_ogb() {
    // OGB: the share of positives above the K-th best negative.
    let (positive, negative) = ([9.0, 5.5, 0.5], [8.0, 6.0, 5.0, 1.0]);
    assert_eq!(hits_at_k(&positive, &negative, 1), Some(1.0 / 3.0));
    assert_eq!(hits_at_k(&positive, &negative, 3), Some(2.0 / 3.0));
    assert_eq!(hits_at_k(&positive, &negative, 4), Some(2.0 / 3.0));
    assert_eq!(hits_at_k(&positive, &negative, 5), None, "OGB would say 1");
    let mrr = mean_reciprocal_rank(&positive, &negative).expect("both kinds");
    assert!((mrr - (1.0 + 1.0 / 3.0 + 1.0 / 5.0) / 3.0).abs() <= TOLERANCE);
    assert_eq!(mean_reciprocal_rank(&positive, &[]), None);
    assert_eq!(mean_reciprocal_rank(&[], &negative), None);
    assert_eq!(mean_reciprocal_rank(&[f32::NAN], &negative), None);
}

/// Splits edges at random into parts, with a negative per held-out edge if one exists.
fn split(node_count: u32, mut edges: Vec<Pair>, seed: u64) -> EdgeSplit {
    let mut rng = Seed(seed).stream(Stream::Split, 0);
    for at in (1..edges.len()).rev() {
        edges.swap(at, rng.random_range(0..=at));
    }
    let known: BTreeSet<Pair> = edges.iter().copied().collect();
    let mut part = |positive: Vec<Pair>| {
        let mut negative = Vec::new();
        for _ in 0..20 * positive.len() {
            let (src, dst) = (rng.random_range(0..node_count), rng.random_range(0..node_count));
            let pair = Pair::new(src, dst).canonical();
            if negative.len() < positive.len() && src != dst && !known.contains(&pair) {
                negative.push(pair);
            }
        }
        LabelledPairs { positive, negative }
    };
    let test = edges.split_off(edges.len() - edges.len() / 10);
    let validation = edges.split_off(edges.len() - edges.len() / 20);
    let (validation, test) = (part(validation), part(test));
    EdgeSplit::new(node_count as usize, edges, validation, test).expect("a split")
}

/// Generates a scale-free graph: each new node is joined to random ends of existing edges.
fn scale_free(node_count: u32, each: usize, seed: u64) -> Vec<Pair> {
    let mut rng = Seed(seed).stream(Stream::GraphEdges, 0);
    let mut ends = vec![0, 1];
    let mut edges = BTreeSet::from([Pair::new(0, 1)]);
    for node in 2..node_count {
        for _ in 0..each {
            let other = ends[rng.random_range(0..ends.len())];
            if other != node && edges.insert(Pair::new(other, node).canonical()) {
                ends.extend([other, node]);
            }
        }
    }
    edges.into_iter().collect()
}

fn complete(node_count: u32) -> Vec<Pair> {
    (0..node_count)
        .flat_map(|src| (src + 1..node_count).map(move |dst| Pair::new(src, dst)))
        .collect()
}

fn set(text: &str) -> NegativeSet {
    text.parse().expect("a set of negatives")
}

const DRAWN: [NegativeKind; 3] =
    [NegativeKind::Uniform, NegativeKind::DegreeMatched, NegativeKind::Corrupt];

/// Scorer by a function of the pair.
struct Formula<F>(usize, F);

impl<F: Fn(Pair) -> f32 + Sync> PairScorer for Formula<F> {
    fn node_count(&self) -> usize {
        self.0
    }

    fn logits(&self, pairs: &[Pair]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(pairs.iter().map(|&pair| (self.1)(pair)).collect())
    }
}

/// A score that depends on both nodes and has ties.
fn mixed(pair: Pair) -> f32 {
    ((pair.src * 31 + pair.dst * 17) % 23) as f32
}

/// Checks the properties common to all kinds: lists of distinct pairs without edges and self-loops.
fn check(split: &EdgeSplit, part: Part, candidates: &Candidates) {
    let edges: BTreeSet<Pair> =
        split.rows().filter(|(_, positive, _)| *positive).map(|(.., pair)| pair).collect();
    let lists: Vec<Vec<Pair>> =
        (0..candidates.len()).map(|at| candidates.list(at).to_vec()).collect();
    for list in &lists {
        let distinct: BTreeSet<&Pair> = list.iter().collect();
        assert_eq!(distinct.len(), list.len(), "each once");
        for pair in list {
            assert!(pair.src < pair.dst && (pair.dst as usize) < split.node_count(), "{pair:?}");
            assert!(!edges.contains(pair), "{pair:?} is an edge");
            assert!(split.pair_types().is_none_or(|types| types.allows(*pair)), "{pair:?}");
        }
    }
    // The validating constructor accepts them and returns the same.
    assert_eq!(Candidates::from_lists(split, part, lists).expect("right"), *candidates);
}

/// Returns the number of possible negatives of a kind for an edge; an upper bound for degree-matched ones.
fn possible(split: &EdgeSplit, edge: Pair, kind: NegativeKind) -> usize {
    let edges: BTreeSet<Pair> =
        split.rows().filter(|(_, positive, _)| *positive).map(|(.., pair)| pair).collect();
    let non_edges = complete(u32::try_from(split.node_count()).expect("few nodes"))
        .into_iter()
        .filter(|pair| split.pair_types().is_none_or(|types| types.allows(*pair)))
        .filter(|pair| !edges.contains(pair));
    let shares_an_end =
        |pair: &Pair| [pair.src, pair.dst].iter().any(|end| [edge.src, edge.dst].contains(end));
    non_edges.filter(|pair| kind != NegativeKind::Corrupt || shares_an_end(pair)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn negatives_are_what_they_promise_in_any_graph(
        nodes in 2u32..14,
        density in 0.0f64..=1.0,
        seed in any::<u64>(),
        asked in 1u32..40,
        types in 0u32..4,
    ) {
        let mut rng = Seed(seed).stream(Stream::GraphEdges, 0);
        let edges: Vec<Pair> =
            complete(nodes).into_iter().filter(|_| rng.random_bool(density)).collect();
        let mut split = split(nodes, edges, seed);
        if types > 0 {
            let names: Vec<String> = (0..nodes).map(|node| (node * 7 % types).to_string()).collect();
            let types = NodeTypes::new(&names).expect("few types");
            split = split.with_node_types(types).expect("a type for each node");
        }
        for kind in DRAWN {
            for part in [Part::Validation, Part::Test, Part::Train] {
                let drawn = draw_candidates(&split, part, NegativeSet::new(kind, asked).expect("a set"))
                    .expect("drawn");
                check(&split, part, &drawn);
                let edges: Vec<Pair> =
                    split.rows().filter(|row| (row.0, row.1) == (part, true)).map(|row| row.2).collect();
                prop_assert_eq!(drawn.len(), edges.len());
                for (at, &edge) in edges.iter().enumerate() {
                    let possible = possible(&split, edge, kind).min(asked as usize);
                    let found = drawn.list(at).len();
                    prop_assert!(found == possible || kind == NegativeKind::DegreeMatched && found < possible);
                }
            }
        }
    }
}

#[test]
fn a_complete_graph_has_no_negatives_and_no_metrics() {
    let split = split(30, complete(30), 1);
    for kind in DRAWN {
        let set = NegativeSet::new(kind, 10).expect("a set");
        let drawn = draw_candidates(&split, Part::Test, set).expect("drawn");
        assert_eq!((drawn.len(), drawn.pairs().len()), (43, 0));
        let found = evaluate_ranking(&Formula(30, mixed), &split, Part::Test, set, &drawn);
        let nothing = RankingMetrics {
            part: Part::Test,
            negatives: RankedAmong::Set(set),
            positives: 0,
            pairs: 0,
            auc: None,
            ap: None,
            mrr: None,
            hits: [].into(),
            mean_ranks: None,
        };
        assert_eq!(found.expect("nothing to rank"), nothing);
    }
}

#[test]
fn a_split_that_leaks_is_judged_too() {
    // The training part contains the test edges as well, one of them twice.
    let clean = split(12, complete(12)[..50].to_vec(), 7);
    let mut train = [clean.train(), &clean.test().positive].concat();
    train.push(clean.test().positive[0]);
    let leaking = EdgeSplit::new(12, train, clean.validation().clone(), clean.test().clone())
        .expect("a split");
    evaluate(&Formula(12, mixed), &leaking, &EvalConfig::default()).expect("metrics");
    for kind in DRAWN {
        let set = NegativeSet::new(kind, 100).expect("a set");
        let drawn = draw_candidates(&leaking, Part::Test, set).expect("drawn");
        check(&leaking, Part::Test, &drawn);
        for (at, &edge) in leaking.test().positive.iter().enumerate() {
            let (found, most) = (drawn.list(at).len(), possible(&leaking, edge, kind));
            assert!(found == most || kind == NegativeKind::DegreeMatched && found < most);
        }
    }
}

#[test]
fn negatives_hang_on_the_split_alone_and_more_begin_with_fewer() {
    let one = split(200, scale_free(200, 3, 1), 1);
    let other = split(200, scale_free(200, 3, 1), 2);
    for kind in DRAWN {
        let draw = |split, part, asked| {
            draw_candidates(split, part, NegativeSet::new(kind, asked).expect("a set"))
                .expect("drawn")
        };
        let (few, many) = (draw(&one, Part::Test, 5), draw(&one, Part::Test, 50));
        assert_eq!(few, draw(&one, Part::Test, 5));
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        assert_eq!(single.install(|| draw(&one, Part::Test, 50)), many);
        assert_ne!(few, draw(&other, Part::Test, 5));
        for at in 0..few.len() {
            assert_eq!(few.list(at), &many.list(at)[..5], "{kind:?} {at}");
        }
        assert_ne!(draw(&one, Part::Validation, 5).list(0), few.list(0));
    }
}

#[test]
fn the_first_draws_never_change() {
    // Pinned: a change here changes the negatives of existing runs.
    let path: Vec<Pair> = (0..29).map(|node| Pair::new(node, node + 1)).collect();
    let test = LabelledPairs { positive: vec![path[28]], negative: vec![Pair::new(0, 2)] };
    let split = EdgeSplit::new(30, path[..28].to_vec(), LabelledPairs::default(), test);
    let split = split.expect("a split");
    let first = |text: &str| {
        let drawn = draw_candidates(&split, Part::Test, set(text)).expect("drawn");
        drawn.list(0).iter().map(|pair| (pair.src, pair.dst)).collect::<Vec<_>>()
    };
    assert_eq!(
        ["uniform:3", "degree-matched:3", "corrupt:3"].map(first),
        [
            vec![(8, 11), (3, 25), (4, 14)],
            // Without other nodes of the same training degree (node 29 has none, 0 and 28 have one) there are
            // no other pairs.
            vec![(0, 29), (0, 28)],
            vec![(6, 28), (3, 29), (20, 28)],
        ]
    );
}

#[test]
fn corrupt_pairs_keep_both_ends_in_turn() {
    let split = split(300, scale_free(300, 3, 4), 4);
    let drawn = draw_candidates(&split, Part::Test, set("corrupt:8")).expect("drawn");
    for (at, edge) in split.test().positive.iter().enumerate() {
        for (place, pair) in drawn.list(at).iter().enumerate() {
            let kept = if place % 2 == 0 { edge.src } else { edge.dst };
            assert!(pair.src == kept || pair.dst == kept, "{edge:?} {pair:?}");
        }
    }
}

#[test]
fn what_knows_degrees_alone_is_as_good_as_chance_among_matched_negatives() {
    let split = split(3000, scale_free(3000, 2, 9), 9);
    let mut degrees = vec![0.0f32; 3000];
    for pair in split.train() {
        degrees[pair.src as usize] += 1.0;
        degrees[pair.dst as usize] += 1.0;
    }
    let by_degree = |pair: Pair| {
        (degrees[pair.src as usize] + 0.5).ln() + (degrees[pair.dst as usize] + 0.5).ln()
    };
    let auc = |text: &str| {
        let drawn = draw_candidates(&split, Part::Test, set(text)).expect("drawn");
        let scorer = Formula(3000, by_degree);
        let found = evaluate_ranking(&scorer, &split, Part::Test, set(text), &drawn);
        found.expect("ranked").auc.expect("both kinds")
    };
    let (uniform, matched) = (auc("uniform:50"), auc("degree-matched:50"));
    assert!(uniform > 0.6, "degrees tell much among uniform negatives: {uniform}");
    // With 600 edges the standard deviation of an AUC is about 0.012.
    assert!((matched - 0.5).abs() < 0.03, "{matched}");
}

#[test]
fn uniform_negatives_are_uniform() {
    // A path of five nodes has six pairs without an edge.
    let path: Vec<Pair> = (0..4).map(|node| Pair::new(node, node + 1)).collect();
    let mut counts = std::collections::BTreeMap::<Pair, u32>::new();
    for seed in 0..3000 {
        // Another number of negatives changes the content hash and thereby the seed.
        let test = LabelledPairs { positive: vec![path[3]], negative: vec![Pair::new(0, 2); seed] };
        let split = EdgeSplit::new(5, path[..3].to_vec(), LabelledPairs::default(), test);
        let drawn = draw_candidates(&split.expect("a split"), Part::Test, set("uniform:1"));
        *counts.entry(drawn.expect("drawn").list(0)[0]).or_default() += 1;
    }
    assert_eq!(counts.len(), 6, "{counts:?}");
    // 500 each; five standard deviations are 102.
    assert!(counts.values().all(|count| count.abs_diff(500) < 102), "{counts:?}");
}

#[test]
fn metrics_of_own_lists_agree_with_the_definitions() {
    let split = split(400, scale_free(400, 4, 3), 3);
    // Lists of all lengths, one of them empty.
    let drawn = draw_candidates(&split, Part::Test, set("uniform:60")).expect("drawn");
    let lists: Vec<Vec<Pair>> =
        (0..drawn.len()).map(|at| drawn.list(at)[..at.min(60)].to_vec()).collect();
    let scorer = Formula(400, mixed);
    let judged = |lists: Vec<Vec<Pair>>| {
        let candidates = Candidates::from_lists(&split, Part::Test, lists).expect("right");
        evaluate_ranking(&scorer, &split, Part::Test, set("hard:60"), &candidates).expect("ranked")
    };
    for lists in [lists.clone(), lists[..].iter().map(|_| drawn.list(0).to_vec()).collect()] {
        let found = judged(lists.clone());
        let ranked = split.test().positive.iter().zip(&lists).filter(|(_, list)| !list.is_empty());
        let (positive, negative): (Vec<f32>, Vec<Vec<f32>>) = ranked
            .map(|(&edge, list)| (mixed(edge), list.iter().map(|&pair| mixed(pair)).collect()))
            .unzip();
        let own: Vec<&[f32]> = negative.iter().map(Vec::as_slice).collect();
        let least = own.iter().map(|list| list.len()).min().expect("some");
        assert_eq!((found.positives, found.pairs), (own.len(), own.concat().len()));
        let same =
            |found: f64, naive: f64| assert!((found - naive).abs() <= TOLERANCE, "{found} {naive}");
        same(found.mrr.expect("ranks"), naive(&positive, &own, reciprocal));
        for k in HITS_AT {
            assert_eq!(found.hits.contains_key(&k), least >= k as usize, "{k}");
        }
        for (&k, &hits) in &found.hits {
            same(hits, naive(&positive, &own, hit(k)));
        }
        // Counting through the pool gives bitwise equal results.
        assert_eq!(found.auc, roc_auc(&positive, &own.concat()));
        assert_eq!(found.ap, vgae_eval::average_precision(&positive, &own.concat()));
    }
    assert_eq!(judged(lists.clone()).positives, split.test().positive.len() - 1);
}

#[test]
fn blocks_change_nothing() {
    // More pairs than fit into one block.
    let split = split(600, scale_free(600, 5, 5), 5);
    let drawn = draw_candidates(&split, Part::Test, set("uniform:2000")).expect("drawn");
    assert!(drawn.pairs().len() > 1 << 19);
    let scorer = Formula(600, mixed);
    let found =
        evaluate_ranking(&scorer, &split, Part::Test, set("uniform:2000"), &drawn).expect("ranked");
    let positive: Vec<f32> = split.test().positive.iter().map(|&pair| mixed(pair)).collect();
    let negative: Vec<f32> = drawn.pairs().iter().map(|&pair| mixed(pair)).collect();
    assert_eq!(found.auc, roc_auc(&positive, &negative));
    let own: Vec<&[f32]> = negative.chunks(2000).collect();
    let naive = naive(&positive, &own, reciprocal);
    assert!((found.mrr.expect("ranks") - naive).abs() <= TOLERANCE);
}

#[test]
fn every_run_ranks_among_the_negatives_of_the_split() {
    let split = split(400, scale_free(400, 4, 3), 3);
    let (metrics, scores) =
        evaluate(&Formula(400, mixed), &split, &EvalConfig::default()).expect("metrics");
    assert_eq!(metrics.rankings.len(), 2);
    for (found, part, link) in [
        (&metrics.rankings[0], Part::Validation, &metrics.validation),
        (&metrics.rankings[1], Part::Test, &metrics.test),
    ] {
        let (positive, negative) = scores.of_part(part);
        assert_eq!((found.part, found.negatives), (part, RankedAmong::Split));
        assert_eq!((found.positives, found.pairs), (link.positives, link.negatives));
        assert_eq!((found.auc, found.ap), (link.auc, link.ap));
        assert_eq!(found.mrr, mean_reciprocal_rank(&positive, &negative));
        for k in HITS_AT {
            assert_eq!(found.hits.get(&k).copied(), hits_at_k(&positive, &negative, k));
        }
    }
}

#[test]
fn what_cannot_be_ranked_is_an_error_that_says_why() {
    let path: Vec<Pair> = (0..4).map(|node| Pair::new(node, node + 1)).collect();
    let test = LabelledPairs { positive: vec![path[3]], negative: vec![Pair::new(0, 2)] };
    let split =
        EdgeSplit::new(5, path[..3].to_vec(), LabelledPairs::default(), test).expect("a split");
    let from = |list: Vec<Pair>| Candidates::from_lists(&split, Part::Test, vec![list]);
    for (pairs, expected) in [
        (vec![Pair::new(1, 2)], "no edge of any part"),
        (vec![Pair::new(4, 3)], "no edge of any part"),
        (vec![Pair::new(2, 2)], "two different nodes"),
        (vec![Pair::new(0, 5)], "nodes of the split"),
        (vec![Pair::new(0, 4), Pair::new(4, 0)], "each pair once"),
    ] {
        let found = pairs[pairs.len() - 1];
        let message = from(pairs).expect_err("no negative").to_string();
        let (src, dst) = (found.src, found.dst);
        assert_eq!(
            message,
            format!(
                "eval: expected {expected} as a negative of test edge (3, 4), found ({src}, {dst}); generate them \
                 for this split"
            )
        );
    }
    assert_eq!(from(vec![Pair::new(4, 0)]).expect("right").list(0), [Pair::new(0, 4)]);
    let error = Candidates::from_lists(&split, Part::Test, vec![]).expect_err("no lists");
    assert!(matches!(error, EvalError::CandidateLists { expected: 1, found: 0, .. }), "{error}");
    let error = draw_candidates(&split, Part::Test, set("hard:3")).expect_err("a model makes them");
    assert!(matches!(error, EvalError::NotDrawn { .. }), "{error}");

    let none =
        Candidates::from_lists(&split, Part::Validation, vec![]).expect("no edges, no lists");
    let judged = |nodes, candidates: &Candidates| {
        let scorer = Formula(nodes, |pair| if pair == Pair::new(0, 4) { f32::NAN } else { 1.0 });
        evaluate_ranking(&scorer, &split, Part::Test, set("uniform:1"), candidates)
            .expect_err("not to be ranked")
    };
    let one = from(vec![Pair::new(0, 4)]).expect("right");
    assert!(matches!(judged(5, &none), EvalError::CandidateLists { .. }));
    assert!(matches!(judged(4, &one), EvalError::NodeCount { .. }));
    assert!(matches!(judged(5, &one), EvalError::NanOfPair { part: Part::Test, .. }));
}
