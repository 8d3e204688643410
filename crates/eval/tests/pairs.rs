//! Top pairs and nearest nodes against naive implementations; probabilities against scikit-learn.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use vgae_artifacts::{Edges, Embedding, Matrix, Pair};
use vgae_eval::{
    Among, Calibration, EvalError, RankedPair, Similarity, all_pairs, neighbours, top_pairs,
    top_scored,
};

fn embedding(nodes: usize, width: usize, value: impl FnMut(usize) -> f32) -> Embedding {
    let values = (0..nodes * width).map(value).collect();
    let mu = Matrix::from_row_major(nodes, width, values).expect("a matrix");
    Embedding::new(mu, None).expect("finite")
}

/// Scales vectors to length 1.
fn unit(of: &Embedding) -> Embedding {
    let mu = of.mu();
    let length = |row: usize| mu.row(row).iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-9);
    embedding(mu.rows(), mu.cols(), |at| mu.as_slice()[at] / length(at / mu.cols()))
}

/// Returns a deterministic function with values that look random.
fn scrambled(seed: usize) -> impl Fn(usize) -> usize {
    move |at| {
        let mixed = (at ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
    }
}

fn edges(nodes: usize, count: usize, seed: usize, directed: bool) -> Edges {
    let draw = scrambled(seed ^ 0x55);
    let node = |at: usize| u32::try_from(draw(at) % nodes).expect("small");
    let pairs = (0..count).map(|at| Pair::new(node(2 * at), node(2 * at + 1)));
    let pairs: Vec<Pair> = pairs.filter(|pair| !pair.is_self_loop()).collect();
    let edges = if directed { Edges::directed } else { Edges::undirected };
    edges(nodes, pairs).expect("edges")
}

/// Scores and sorts every pair.
fn naive(
    embedding: &Embedding,
    known: &Edges,
    with: Option<&[u32]>,
    count: usize,
) -> Vec<RankedPair> {
    let nodes = u32::try_from(embedding.mu().rows()).expect("small");
    let known = known.undirected_pairs();
    let all = (0..nodes).flat_map(|src| (src + 1..nodes).map(move |dst| Pair::new(src, dst)));
    let wanted = |pair: &Pair| {
        with.is_none_or(|with| with.contains(&pair.src) || with.contains(&pair.dst))
            && known.binary_search(pair).is_err()
    };
    let scored = all.filter(wanted);
    let mut scored: Vec<RankedPair> = scored
        .map(|pair| RankedPair { pair, logit: embedding.logit(pair.src, pair.dst) })
        .collect();
    scored.sort_by(|a, b| b.logit.total_cmp(&a.logit).then(a.pair.cmp(&b.pair)));
    scored.truncate(count);
    scored
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_likeliest_pairs_are_those_of_the_naive_twin(
        nodes in 2usize..700,
        // Wide vectors are rotated first.
        width in prop_oneof![1usize..20, 48usize..70],
        count in 1usize..3000,
        edge_count in 0usize..600,
        directed in any::<bool>(),
        // Few values produce ties, many produce none.
        values in prop_oneof![Just(3usize), Just(1 << 20)],
        seed in any::<usize>(),
        is_unit in any::<bool>(),
        with in prop::option::of(prop::collection::vec(any::<prop::sample::Index>(), 0..300)),
    ) {
        let draw = scrambled(seed);
        // A few nodes with long vectors, such as hubs; and columns of different sizes.
        let value = |at: usize| {
            let size = if (at / width).is_multiple_of(97) { 30.0 } else { 1.0 };
            let size = size / (1 + at % width / 8) as f32;
            size * ((draw(at) % values) as f32 / values as f32 - 0.4)
        };
        let mut embedding = embedding(nodes, width, value);
        if is_unit {
            embedding = unit(&embedding);
        }
        let known = edges(nodes, edge_count, seed, directed);
        let with: Option<Vec<u32>> = with.map(|with| {
            with.iter().map(|index| u32::try_from(index.index(nodes)).expect("small")).collect()
        });
        let expected = naive(&embedding, &known, with.as_deref(), count);
        let among = Among { nodes: with.as_deref(), types: None, directed: false };
        for threads in [1, 2, 5] {
            let found = on_threads(threads, || top_pairs(&embedding, &known, among, count));
            prop_assert_eq!(&found.expect("found"), &expected, "on {} threads", threads);
        }
    }

    #[test]
    fn pairs_that_are_each_asked_about_are_ranked_alike(
        nodes in 2u32..60,
        count in 1usize..300,
        edge_count in 0usize..90,
        values in prop_oneof![Just(3usize), Just(1 << 20)],
        seed in any::<usize>(),
        with in prop::option::of(prop::collection::vec(0u32..60, 0..9)),
    ) {
        let draw = scrambled(seed);
        let all = nodes as usize;
        let embedding = embedding(all, 3, |at| (draw(at) % values) as f32 / values as f32 - 0.4);
        let known = edges(all, edge_count, seed, false);
        let with: Option<Vec<u32>> =
            with.map(|with| with.into_iter().filter(|&node| node < nodes).collect());
        let among = Among { nodes: with.as_deref(), types: None, directed: false };
        let found = top_scored(&embedding, &known, false, all_pairs(nodes, among), count);
        let expected = top_pairs(&embedding, &known, among, count).expect("found");
        prop_assert_eq!(found.expect("found"), expected);
    }

    #[test]
    fn the_nearest_nodes_are_those_of_the_naive_twin(
        nodes in 1usize..200,
        width in 1usize..6,
        count in 0usize..20,
        values in prop_oneof![Just(3usize), Just(1 << 20)],
        seed in any::<usize>(),
    ) {
        let draw = scrambled(seed);
        let embedding = embedding(nodes, width, |at| (draw(at) % values) as f32 / values as f32 - 0.4);
        let node = u32::try_from(seed % nodes).expect("small");
        for by in [Similarity::Logit, Similarity::Cosine] {
            let found = neighbours(&embedding, Some(&embedding), node, by, count).expect("found");
            let all = neighbours(&embedding, Some(&embedding), node, by, nodes).expect("all");
            prop_assert_eq!(&found[..], &all[..count.min(nodes - 1)]);
            prop_assert_eq!(all.len(), nodes - 1);
            for other in &all {
                prop_assert_eq!(other.logit.to_bits(), embedding.logit(node, other.node).to_bits());
            }
            let value = |at: usize| match by {
                Similarity::Logit => f64::from(all[at].logit),
                Similarity::Cosine => all[at].cosine.expect("vectors"),
            };
            for at in 1..all.len() {
                let tie = all[at - 1].node < all[at].node;
                let order = (value(at - 1) + 0.0).total_cmp(&(value(at) + 0.0));
                prop_assert!(order.is_gt() || (order.is_eq() && tie));
            }
        }
    }
}

#[test]
fn vectors_beyond_the_range_of_products_are_ranked_too() {
    // Products of f32 overflow here, some within a sum whose result is small.
    let huge = [1e30f32, -1e30, 1e30, 1e30, 2.0, -3.0, 1e-30, 1e-30, 5e18, 5e18];
    let embedding = embedding(5, 2, |at| huge[at]);
    let known = Edges::undirected(5, vec![Pair::new(0, 1)]).expect("edges");
    for count in 1..10 {
        let found = top_pairs(&embedding, &known, Among::ALL, count).expect("found");
        assert_eq!(found, naive(&embedding, &known, None, count));
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let embedding = embedding(3, 2, |at| at as f32);
    let known = Edges::undirected(4, Vec::new()).expect("edges");
    let error = top_pairs(&embedding, &known, Among::ALL, 1).expect_err("four nodes");
    assert!(matches!(error, EvalError::OtherNodes { expected: 3, found: 4, .. }), "{error}");
    let known = Edges::undirected(3, Vec::new()).expect("edges");
    let error =
        top_pairs(&embedding, &known, Among { nodes: Some(&[3]), types: None, directed: false }, 1)
            .expect_err("no node 3");
    assert!(error.to_string().contains("a node below 3, found 3"), "{error}");
    neighbours(&embedding, Some(&embedding), 3, Similarity::Logit, 1).expect_err("no node 3");
    assert_eq!(top_pairs(&embedding, &known, Among::ALL, 0).expect("none"), []);
    assert_eq!(
        top_pairs(&embedding, &known, Among { nodes: Some(&[]), types: None, directed: false }, 5)
            .expect("none"),
        []
    );
}

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    positive: Vec<f32>,
    negative: Vec<f32>,
    slope: f64,
    intercept: f64,
}

/// scikit-learn stops its optimiser at a gradient of about 1e-6 of the scale; both parameters agree to 1e-4.
#[test]
fn probabilities_are_those_of_scikit_learn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/sklearn_platt.json");
    let text = std::fs::read_to_string(path).expect("the golden file");
    let golden: Golden = serde_json::from_str(&text).expect("golden cases");
    for Case { name, positive, negative, slope, intercept } in &golden.cases {
        let found = Calibration::fit(positive, negative).expect("both classes");
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-4 * b.abs().max(1.0);
        assert!(close(found.slope, *slope), "{name}: {found:?}, {slope}");
        assert!(close(found.intercept, *intercept), "{name}: {found:?}, {intercept}");
    }
}

#[test]
fn probabilities_rise_with_logits() {
    let positive: Vec<f32> = (0..50).map(|at| at as f32 / 8.0).collect();
    let negative: Vec<f32> = (0..50).map(|at| at as f32 / 8.0 - 2.5).collect();
    let found = Calibration::fit(&positive, &negative).expect("both classes");
    assert!(found.slope > 0.0);
    // Halfway between both means, by symmetry.
    let halfway = 1.8125;
    assert!((found.probability(halfway) - 0.5).abs() < 1e-9, "{}", found.probability(halfway));
    assert!(found.probability(1e30) <= 1.0 && found.probability(-1e30) >= 0.0);

    let bins = found.reliability(&positive, &negative, 10);
    assert_eq!(bins.iter().map(|bin| bin.pairs).sum::<usize>(), 100);
    assert_eq!(bins.iter().map(|bin| bin.positives).sum::<usize>(), 50);
    for bin in bins {
        let within = |mean: f64| (bin.from..=bin.to).contains(&mean);
        assert!(bin.predicted.is_none_or(within), "{bin:?}");
    }
}

#[test]
fn pairs_told_apart_wholly_or_not_at_all_still_have_probabilities() {
    let apart = Calibration::fit(&[5.0, 6.0], &[-5.0, -6.0]).expect("both classes");
    // Platt's targets avoid 0 and 1: 3/4 and 1/4.
    assert!(apart.slope.is_finite() && (0.7..0.8).contains(&apart.probability(5.5)), "{apart:?}");
    let same = Calibration::fit(&[2.0; 30], &[2.0; 10]).expect("both classes");
    assert!((same.probability(2.0) - (30.0 * 31.0 / 32.0 + 10.0 / 12.0) / 40.0).abs() < 1e-6);
    assert_eq!(Calibration::fit(&[], &[1.0]), None);
    assert_eq!(Calibration::fit(&[1.0], &[f32::INFINITY]), None);
}
