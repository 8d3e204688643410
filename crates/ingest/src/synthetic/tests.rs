use proptest::prelude::*;

use super::*;

/// Every rule of a simple graph, counted from scratch.
fn check_simple(graph: &SyntheticGraph, nodes: u32, edges: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(graph.node_count, nodes);
    prop_assert_eq!(graph.pairs.len(), edges);
    prop_assert!(graph.pairs.iter().all(|pair| pair.src < pair.dst && pair.dst < nodes));
    prop_assert!(graph.pairs.is_sorted_by(|a, b| a < b), "sorted, each once");
    Ok(())
}

fn degrees(graph: &SyntheticGraph) -> Vec<u32> {
    let mut degrees = vec![0; graph.node_count as usize];
    for pair in &graph.pairs {
        degrees[pair.src as usize] += 1;
        degrees[pair.dst as usize] += 1;
    }
    degrees
}

/// How many edges lie inside a community.
fn inside(graph: &SyntheticGraph) -> usize {
    let labels = graph.communities.as_ref().expect("communities");
    let is_inside = |pair: &&Pair| labels[pair.src as usize] == labels[pair.dst as usize];
    graph.pairs.iter().filter(is_inside).count()
}

/// So many thousandths of the pairs that there are, at least one.
fn part_of_all(nodes: u32, mille: usize) -> usize {
    (nodes as usize * (nodes as usize - 1) / 2 * mille / 1000).max(1)
}

proptest! {
    /// Any number of edges that there can be, from one to the complete graph.
    #[test]
    fn a_block_model_is_simple_and_exact(
        nodes in 2u32..60,
        communities in 1u32..8,
        mille in 0usize..=1000,
        within in 0.0f64..=1.0,
        seed: u64,
    ) {
        let edges = part_of_all(nodes, mille);
        let model = BlockModel { nodes, edges, communities, within };
        match model.generate(Seed(seed)) {
            Ok(graph) => {
                check_simple(&graph, nodes, edges)?;
                prop_assert!((inside(&graph) as f64 - edges as f64 * within).abs() <= 0.5);
                let labels = graph.communities.expect("communities");
                let size = |of: u32| labels.iter().filter(|&&label| label == of).count();
                let sizes: Vec<usize> = (0..communities).map(size).collect();
                let (least, most) = (sizes.iter().min(), sizes.iter().max());
                prop_assert_eq!(sizes.iter().sum::<usize>(), nodes as usize);
                prop_assert!(most.expect("some") - least.expect("some") <= 1);
            }
            Err(SyntheticError::TooManyEdges { wanted, available, .. }) => {
                prop_assert!(wanted as u64 > available);
            }
            Err(error) => prop_assert!(communities > nodes, "{}", error),
        }
    }

    /// Graph500's probabilities at any density: the complete graph too is found.
    #[test]
    fn a_recursive_matrix_is_simple_and_exact(nodes in 2u32..100, mille in 0usize..=1000, seed: u64) {
        let edges = part_of_all(nodes, mille);
        let graph = RMat::graph500(nodes, edges).generate(Seed(seed)).expect("a graph");
        check_simple(&graph, nodes, edges)?;
    }

    #[test]
    fn strange_probabilities_are_met_or_refused(
        nodes in 2u32..40,
        edges in 1usize..300,
        a in 0.0f64..=1.0,
        b in 0.0f64..=1.0,
        c in 0.0f64..=1.0,
    ) {
        if let Ok(graph) = (RMat { nodes, edges, a, b, c }).generate(Seed(0)) {
            check_simple(&graph, nodes, edges)?;
        }
    }
}

#[test]
fn a_seed_decides_the_graph_and_the_number_of_threads_does_not() {
    // More than one piece of draws, and a round of its own for what repeats.
    let sbm = BlockModel { nodes: 3_000, edges: 150_000, communities: 7, within: 0.7 };
    let rmat = RMat::graph500(5_000, 150_000);
    let both = |seed| {
        let seed = Seed(seed);
        [sbm.generate(seed).expect("a graph"), rmat.generate(seed).expect("a graph")]
    };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| both(7))
    };
    let one = on(1);
    assert_eq!(one, on(3));
    for (a, b) in one.iter().zip(both(8)) {
        let shared = a.pairs.iter().filter(|pair| b.pairs.binary_search(pair).is_ok()).count();
        assert!(shared < a.pairs.len() / 10, "{shared} edges are the same");
    }
}

#[test]
fn all_pairs_of_a_block_are_alike() {
    // Each node's edges inside its community of 50: hypergeometric with mean 24 and variance
    // 24 * (1 - 600 / 1225) * 48 / 49, so chi-square over 50 nodes; the seed is fixed.
    let model = BlockModel { nodes: 100, edges: 1_200, communities: 2, within: 1.0 };
    let graph = model.generate(Seed(3)).expect("a graph");
    let spread = degrees(&graph).iter().map(|&d| (f64::from(d) - 24.0).powi(2) / 12.0).sum::<f64>();
    assert!((60.0..145.0).contains(&spread), "{spread}");
}

#[test]
fn the_degrees_of_a_recursive_matrix_are_skewed_and_say_nothing_of_the_number() {
    let (nodes, edges) = (4_096, 40_000);
    let skewed = degrees(&RMat::graph500(nodes, edges).generate(Seed(1)).expect("a graph"));
    let quarter = RMat { nodes, edges, a: 0.25, b: 0.25, c: 0.25 };
    let even = degrees(&quarter.generate(Seed(1)).expect("a graph"));
    let most = |degrees: &[u32]| degrees.iter().copied().max().expect("some");
    // The mean is 20; of a uniform graph no degree is far from it.
    assert!(most(&even) < 50, "{}", most(&even));
    assert!(most(&skewed) > 300, "{}", most(&skewed));
    let isolated = |degrees: &[u32]| degrees.iter().filter(|&&degree| degree == 0).count();
    assert!(isolated(&even) == 0 && isolated(&skewed) > 200, "{}", isolated(&skewed));

    // Unshuffled, the lower half of the numbers would have three quarters of all ends.
    let lower: u32 = skewed[..2_048].iter().sum();
    assert!((32_000..48_000).contains(&lower), "{lower}");
}

#[test]
fn what_cannot_be_is_refused() {
    let sbm = BlockModel { nodes: 10, edges: 20, communities: 5, within: 0.5 };
    let rmat = RMat::graph500(10, 20);
    let many = RMat { nodes: 100_000, edges: 5_000, a: 1.0, b: 0.0, c: 0.0 };
    let sbm = |change: fn(&mut BlockModel)| {
        let mut model = sbm;
        change(&mut model);
        model.generate(Seed(0)).expect_err("refused").to_string()
    };
    let rmat = |change: fn(&mut RMat)| {
        let mut model = rmat;
        change(&mut model);
        model.generate(Seed(0)).expect_err("refused").to_string()
    };
    let said = [
        sbm(|model| model.nodes = 1),
        sbm(|model| model.edges = 0),
        sbm(|model| model.edges = 46),
        sbm(|model| model.communities = 0),
        sbm(|model| model.communities = 11),
        sbm(|model| model.within = f64::NAN),
        sbm(|model| model.within = 1.0),
        sbm(|model| model.communities = 1),
        rmat(|model| model.edges = 46),
        rmat(|model| model.a = -0.1),
        rmat(|model| model.b = 0.5),
        rmat(|model| (model.b, model.c) = (0.0, 0.43)),
        many.generate(Seed(0)).expect_err("refused").to_string(),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
