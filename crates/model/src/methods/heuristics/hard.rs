//! Hard negatives after Li et al. 2023 (`HeaRT`; "Evaluating graph neural networks for link prediction:
//! current pitfalls and new benchmarking", arXiv 2306.10453, section 4).
//!
//! For a kept end of a positive, all other nodes are ranked three times: by resource allocation, by
//! personalised `PageRank` and by the cosine of their features. The rank of a node is the number of nodes
//! with an equal or higher score, so tied nodes share the worst rank; a score of 0 has no rank. Nodes are
//! ordered by the best of their ranks. This follows the released code (`--agg min`), with these differences:
//! features are weighted by TF-IDF; no edge of the whole graph is drawn, while the released code excludes
//! training edges and the positive itself; ties, and fillers if too few nodes have a score, are in random
//! order and pairs are distinct.

use std::sync::Arc;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use vgae_artifacts::{EdgeSplit, Features, Pair, PairTypes, Part, Seed, Stream, TrainView};

use super::neighbours::Common;
use super::push::Push;
use super::sparse_vector::SparseVector;
use super::table::PairScores;
use super::text::Postings;
use crate::ModelError;
use vgae_numerics::Adjacency;
use vgae_numerics::random::{draw, shuffle};

/// Returns the hard negatives of a part of a split: for each of its edges, the `per_positive` hardest pairs
/// that are not edges of any part. They depend on the split only, so that all methods are evaluated on the
/// same negatives.
///
/// # Errors
/// Returns an error when the number of nodes of the features differs from that of the split.
pub fn split_hard_negatives(
    split: &EdgeSplit,
    features: Option<&Features>,
    part: Part,
    per_positive: usize,
) -> Result<Vec<Vec<Pair>>, ModelError> {
    let known = split.rows().filter(|(_, positive, _)| *positive);
    let mut known: Vec<Pair> = known.map(|(.., pair)| pair).collect();
    known.sort_unstable();
    let positives = match part {
        Part::Train => split.train(),
        Part::Validation => &split.validation().positive,
        Part::Test => &split.test().positive,
    };
    let seed = Seed::of_content(&split.content_hash());
    hard_negatives(split.train_view(), features, &known, positives, per_positive, seed)
}

/// Returns, for each of `positives`, the `per_positive` hardest pairs over the training edges that share a
/// node with it: first those that keep its `src` (the larger half), then those that keep its `dst`, each from
/// the hardest, canonical.
///
/// The pairs exclude `known`, which should contain all edges of the whole graph, the positive itself and
/// self-loops, and are distinct within a list. There are fewer if a node has too few non-neighbours. The
/// ranking of a node is the same in all of its positives. `seed` orders ties and selects fillers for nodes
/// without ranked nodes.
///
/// Time per node among the positives: the nodes that share its features and about 10^5 steps over edges.
/// Memory: the returned pairs, and O(nodes) per thread. The result is bitwise equal for any number of
/// threads.
///
/// # Errors
/// Returns an error when the features have another number of nodes, or a pair is a self-loop or has a node
/// out of range.
pub fn hard_negatives(
    train: TrainView<'_>,
    features: Option<&Features>,
    known: &[Pair],
    positives: &[Pair],
    per_positive: usize,
    seed: Seed,
) -> Result<Vec<Vec<Pair>>, ModelError> {
    let scores = PairScores::new(train, features)?;
    scores.check(known)?;
    scores.check(positives)?;
    // One more than required, since the positive's other end may be among them.
    let most = per_positive.div_ceil(2) + 1;
    let ranking = Ranking::new(&scores, train.pair_types(), known, most, seed);

    let mut nodes: Vec<u32> = positives.iter().flat_map(|pair| [pair.src, pair.dst]).collect();
    nodes.par_sort_unstable();
    nodes.dedup();
    let hardest: Vec<Vec<u32>> = nodes
        .par_iter()
        .map_init(|| ranking.scratch(), |scratch, &node| ranking.hardest(node, scratch))
        .collect();
    let near = |node: u32, but: u32, count: usize| {
        let place = nodes.binary_search(&node).unwrap_or_else(|_| unreachable!("one of them"));
        let others = hardest[place].iter().filter(move |&&other| other != but);
        others.take(count).map(move |&other| Pair::new(node, other).canonical())
    };
    let of_pair = |pair: &Pair| {
        let source = near(pair.src, pair.dst, per_positive.div_ceil(2));
        source.chain(near(pair.dst, pair.src, per_positive / 2)).collect()
    };
    Ok(positives.iter().map(of_pair).collect())
}

struct Ranking<'a> {
    adjacency: &'a Adjacency,
    known: Adjacency,
    allocation: Common<'a>,
    text: Option<Postings<'a>>,
    /// Pairs that may be drawn, if nodes have types.
    types: Option<&'a PairTypes>,
    /// Number of requested nodes.
    most: usize,
    seed: Seed,
}

struct Scratch {
    push: Push,
    scores: SparseVector,
    /// Nodes that may not be drawn; all false between calls.
    barred: Vec<bool>,
    /// Nodes of one ranking.
    list: Vec<(f64, u32)>,
    /// Leading nodes of all rankings.
    ranks: Vec<(u32, usize)>,
}

impl<'a> Ranking<'a> {
    fn new(
        scores: &'a PairScores,
        types: Option<&'a Arc<PairTypes>>,
        known: &[Pair],
        most: usize,
        seed: Seed,
    ) -> Self {
        let adjacency = &scores.adjacency;
        Self {
            adjacency,
            known: Adjacency::of_pairs(adjacency.nodes(), known),
            allocation: Common::new(adjacency, |degree| 1.0 / degree),
            text: scores.text.as_ref().map(Postings::new),
            types: types.map(AsRef::as_ref),
            most: most.min(adjacency.nodes()),
            seed,
        }
    }

    /// Returns the nodes whose types are not joined to the type of `node`.
    fn of_other_types(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let own = self.types.map(|types| (types, types.types().index(node)));
        let members = own.into_iter().flat_map(|(types, own)| {
            let all = 0..types.types().names().len();
            all.filter(move |&other| !types.joins(own, other)).map(|other| types.members(other))
        });
        members.flatten().copied()
    }

    fn scratch(&self) -> Scratch {
        let nodes = self.adjacency.nodes();
        Scratch {
            push: Push::new(nodes),
            scores: SparseVector::new(nodes),
            barred: vec![false; nodes],
            list: Vec::new(),
            ranks: Vec::new(),
        }
    }

    /// Returns the hardest non-neighbours of `node`, from the hardest.
    fn hardest(&self, node: u32, scratch: &mut Scratch) -> Vec<u32> {
        let mut rng = self.seed.stream(Stream::HardNegatives, node.into());
        let ties = TieOrder(rng.next_u64());
        let Scratch { push, scores, barred, list, ranks } = scratch;
        barred[node as usize] = true;
        let mut free = barred.len() - 1;
        for other in self.of_other_types(node) {
            free -= usize::from(!barred[other as usize]);
            barred[other as usize] = true;
        }
        for &other in self.known.neighbours(node as usize) {
            free -= usize::from(!barred[other as usize]);
            barred[other as usize] = true;
        }

        ranks.clear();
        push.run(self.adjacency, node);
        lead(&push.kept, barred, self.most, ties, list, ranks);
        self.allocation.all(node as usize, scores);
        lead(scores, barred, self.most, ties, list, ranks);
        if let Some(text) = &self.text {
            text.cosines(node as usize, scores);
            lead(scores, barred, self.most, ties, list, ranks);
        }
        ranks.sort_unstable();
        ranks.dedup_by_key(|(other, _)| *other);
        ranks.sort_unstable_by_key(|&(other, rank)| (rank, ties.of(other)));
        let mut chosen: Vec<u32> = ranks.iter().take(self.most).map(|&(other, _)| other).collect();

        for &other in &chosen {
            barred[other as usize] = true;
        }
        let missing = self.most.min(free) - chosen.len();
        fill(missing, free - chosen.len(), &mut rng, barred, &mut chosen);
        for &other in chosen.iter().chain(self.known.neighbours(node as usize)).chain([&node]) {
            barred[other as usize] = false;
        }
        for other in self.of_other_types(node) {
            barred[other as usize] = false;
        }
        chosen
    }
}

/// Random order of nodes, for tie-breaking.
#[derive(Clone, Copy)]
struct TieOrder(u64);

impl TieOrder {
    /// Returns the sort key of a node, different for each node. Steele, Lea & Flood's `SplitMix64` (2014).
    fn of(self, node: u32) -> u64 {
        let mut z = self.0.wrapping_add(u64::from(node).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Adds to `ranks` the `most` nodes with the highest of `scores`, each with the number of nodes with an equal
/// or higher score. Other nodes cannot be among the `most` best of several such rankings, since `most` nodes
/// precede them here.
fn lead(
    scores: &SparseVector,
    barred: &[bool],
    most: usize,
    ties: TieOrder,
    list: &mut Vec<(f64, u32)>,
    ranks: &mut Vec<(u32, usize)>,
) {
    list.clear();
    #[expect(clippy::cast_possible_truncation, reason = "nodes are u32")]
    list.extend(
        scores
            .entries()
            .filter(|&(node, score)| score > 0.0 && !barred[node])
            .map(|(node, score)| (score, node as u32)),
    );
    let order = |a: &(f64, u32), b: &(f64, u32)| {
        b.0.total_cmp(&a.0).then_with(|| ties.of(a.1).cmp(&ties.of(b.1)))
    };
    let most = most.min(list.len());
    if most == 0 {
        return;
    }
    list.select_nth_unstable_by(most - 1, order);
    let (leading, rest) = list.split_at_mut(most);
    leading.sort_unstable_by(order);
    let mut rank = 0;
    for equal in leading.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        rank += equal.len();
        if rank == most {
            rank += rest.iter().filter(|other| other.0.total_cmp(&equal[0].0).is_eq()).count();
        }
        ranks.extend(equal.iter().map(|&(_, node)| (node, rank)));
    }
}

/// Adds `missing` random nodes of the `free` ones that are not barred to `chosen`, and bars them.
fn fill(
    missing: usize,
    free: usize,
    rng: &mut ChaCha8Rng,
    barred: &mut [bool],
    chosen: &mut Vec<u32>,
) {
    // At least one draw in four succeeds.
    if 4 * (free - missing) >= barred.len() {
        let wanted = chosen.len() + missing;
        while chosen.len() < wanted {
            let node = draw(rng, barred.len());
            if !std::mem::replace(&mut barred[node], true) {
                chosen.extend(u32::try_from(node));
            }
        }
    } else if missing > 0 {
        let mut others: Vec<u32> =
            (0..).zip(&*barred).filter(|(_, barred)| !**barred).map(|(node, _)| node).collect();
        shuffle(rng, &mut others);
        for &node in &others[..missing] {
            barred[node as usize] = true;
        }
        chosen.extend(&others[..missing]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::PairFeature;
    use crate::methods::heuristics::page_rank::RETURN;
    use crate::methods::heuristics::push::EPSILON;
    use vgae_artifacts::NodeTypes;
    use vgae_testing::{features, on_threads, ring, split_of};

    const SEED: Seed = Seed(3);

    /// Naive implementation: all nodes with a score, best first, by sorting.
    fn ranked(
        scores: &PairScores,
        may_be: impl Fn(Pair) -> bool,
        node: u32,
        with_text: bool,
    ) -> Vec<u32> {
        let nodes = scores.node_count();
        let pair = |other| Pair::new(node, other).canonical();
        let others: Vec<u32> =
            (0..).take(nodes).filter(|&other| other != node && may_be(pair(other))).collect();
        let pairs: Vec<Pair> = others.iter().map(|&other| pair(other)).collect();
        let score = |feature| scores.score(feature, &pairs).expect("sound pairs");
        let mut push = Push::new(nodes);
        push.run(&scores.adjacency, node);
        let pushed = others.iter().map(|&other| push.kept.get(other as usize)).collect();
        let mut lists = vec![pushed, score(PairFeature::ResourceAllocation)];
        if with_text {
            lists.push(score(PairFeature::FeatureCosine));
        }
        let ties = TieOrder(SEED.stream(Stream::HardNegatives, node.into()).next_u64());
        let rank = |list: &Vec<f64>, at: usize| {
            let above = list.iter().filter(|&&other| other >= list[at]).count();
            (list[at] > 0.0).then_some(above)
        };
        let mut best: Vec<(usize, u64, u32)> = (0..others.len())
            .filter_map(|at| {
                let rank = lists.iter().filter_map(|list| rank(list, at)).min()?;
                Some((rank, ties.of(others[at]), others[at]))
            })
            .collect();
        best.sort_unstable();
        best.into_iter().map(|(.., other)| other).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_hardest_are_those_of_a_full_sort(
            nodes in 2u32..30,
            chosen in prop::collection::vec(0u8..16, 435),
            per_positive in 0usize..24,
            with_text in any::<bool>(),
            types in 0u32..3,
        ) {
            let all = (0..nodes).flat_map(|u| (u + 1..nodes).map(move |v| (u, v)));
            let of = |wanted: &[u8]| -> Vec<(u32, u32)> {
                let drawn = all.clone().zip(&chosen).filter(|(_, class)| wanted.contains(class));
                drawn.map(|(pair, _)| pair).collect()
            };
            let mut split = split_of(nodes as usize, &of(&[0, 1]));
            if types > 0 {
                let names: Vec<String> = (0..nodes).map(|node| (node % types).to_string()).collect();
                let types = NodeTypes::new(&names).expect("few types");
                split = split.with_node_types(types).expect("a type for each node");
            }
            let allows = |pair: Pair| split.pair_types().is_none_or(|types| types.allows(pair));
            let pairs = |list: Vec<(u32, u32)>| -> Vec<Pair> {
                list.into_iter().map(|(u, v)| Pair::new(u, v)).collect()
            };
            let known = pairs(of(&[0, 1, 2]));
            // Positives need not be known.
            let positives = pairs(of(&[2, 3]));
            let features = features(nodes, 9);
            let features = with_text.then_some(&features);
            let draw = || {
                hard_negatives(split.train_view(), features, &known, &positives, per_positive, SEED)
                    .expect("sound")
            };
            let lists = on_threads(1, draw);
            prop_assert_eq!(&lists, &on_threads(3, draw));

            let scores = PairScores::new(split.train_view(), features).expect("one graph");
            let known: HashSet<Pair> = known.into_iter().collect();
            for (positive, list) in positives.iter().zip(&lists) {
                let unique: HashSet<Pair> = list.iter().copied().collect();
                prop_assert_eq!(unique.len(), list.len());
                prop_assert!(!unique.contains(positive) && unique.is_disjoint(&known));
                let mut rest = &list[..];
                let halves = [
                    (positive.src, positive.dst, per_positive.div_ceil(2)),
                    (positive.dst, positive.src, per_positive / 2),
                ];
                for (node, other, wanted) in halves {
                    let pair = |&other: &u32| Pair::new(node, other).canonical();
                    let may_be = |other: u32| {
                        let pair = Pair::new(node, other).canonical();
                        other != node && !known.contains(&pair) && pair != *positive && allows(pair)
                    };
                    let free = (0..nodes).filter(|&other| may_be(other)).count();
                    let (own, others) = rest.split_at(wanted.min(free));
                    rest = others;
                    let may_be = |pair: Pair| !known.contains(&pair) && allows(pair);
                    let mut expected = ranked(&scores, may_be, node, with_text);
                    expected.retain(|&at| at != other);
                    for (found, expected) in own.iter().zip(expected.iter().map(pair)) {
                        prop_assert_eq!(*found, expected);
                    }
                    prop_assert!(own.iter().all(|pair| pair.src == node || pair.dst == node));
                }
                prop_assert!(rest.is_empty());
            }
        }

        #[test]
        fn pushing_loses_less_than_it_may(
            nodes in 2u32..40,
            ends in prop::collection::vec((0u32..40, 0u32..40), 1..120),
        ) {
            let edges: HashSet<Pair> = ends
                .into_iter()
                .map(|(u, v)| Pair::new(u % nodes, v % nodes).canonical())
                .filter(|pair| !pair.is_self_loop())
                .collect();
            let adjacency = Adjacency::of_pairs(nodes as usize, &edges.iter().copied().collect::<Vec<_>>());
            let mut push = Push::new(nodes as usize);
            for source in 0..nodes {
                // The exact walk, step by step; its remainder is far below the error bound of the push
                // method.
                let (mut walk, mut exact) = (vec![0.0; nodes as usize], vec![0.0; nodes as usize]);
                walk[source as usize] = 1.0;
                for _ in 0..200 {
                    let mut next = vec![0.0; nodes as usize];
                    for node in 0..nodes as usize {
                        exact[node] += RETURN * walk[node];
                        let neighbours = adjacency.neighbours(node);
                        for &other in neighbours {
                            next[other as usize] +=
                                (1.0 - RETURN) * walk[node] / neighbours.len() as f64;
                        }
                    }
                    walk = next;
                }
                push.run(&adjacency, source);
                for (node, exact) in exact.iter().enumerate() {
                    let lost = exact - push.kept.get(node);
                    let most = EPSILON * adjacency.neighbours(node).len() as f64;
                    prop_assert!(lost > -1e-12 && lost <= most + 1e-12, "{lost} of {exact}, not {most}");
                }
            }
        }
    }

    #[test]
    fn where_nothing_is_near_random_nodes_are_drawn_evenly() {
        let split = split_of(200, &[(0, 1)]);
        let positives: Vec<Pair> = (1..100).map(|at| Pair::new(2 * at, 2 * at + 1)).collect();
        let lists = hard_negatives(split.train_view(), None, &[], &positives, 40, SEED);
        let mut counts = [0usize; 4];
        for pair in lists.expect("sound").into_iter().flatten() {
            counts[pair.src as usize / 50] += 1;
            counts[pair.dst as usize / 50] += 1;
        }
        // 99 x 40 pairs have two ends; five standard deviations of a quarter of them are about 190.
        assert_eq!(counts.iter().sum::<usize>(), 7920);
        assert!(counts.iter().all(|&count| count.abs_diff(1980) < 200), "{counts:?}");
    }

    #[test]
    fn pairs_that_are_none_are_refused() {
        let split = ring(9);
        let of = |known: Pair, positive: Pair| {
            hard_negatives(split.train_view(), None, &[known], &[positive], 4, SEED)
        };
        let sound = Pair::new(0, 4);
        of(sound, sound).expect("sound");
        for wrong in [Pair::new(3, 3), Pair::new(0, 9)] {
            assert!(matches!(of(wrong, sound), Err(ModelError::NoSuchPair { .. })));
            assert!(matches!(of(sound, wrong), Err(ModelError::NoSuchPair { .. })));
        }
        let other = features(8, 3);
        assert!(hard_negatives(split.train_view(), Some(&other), &[], &[], 4, SEED).is_err());
    }
}
