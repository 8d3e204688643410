//! Split by keyed hash: the part of an edge depends on its two nodes, the seed and two thresholds.
//!
//! Edges are ordered by `(h(src, dst), src, dst)`. The first `floor(E * validation)` are validation edges, the next
//! `floor(E * test)` test edges, the others training edges. So nothing is shuffled, and any program with the same hash
//! ([`KeyedHash`]) can make the same split of the same graph: `vgae-scale` does, in SQL.

use rayon::prelude::*;
use vgae_artifacts::{
    EdgeSplit, Edges, HashPurpose, KeyedHash, LabelledPairs, NodeTypes, Pair, Part, Seed,
};
use vgae_numerics::Adjacency;

use crate::edges::{assemble, undirected};
use crate::parts::Draw;
use crate::{CheckedSplitConfig, SplitError};

/// Number of high bits of the hash that are counted to find a threshold.
const BIN_BITS: u32 = 16;
/// Largest number of candidates for negatives, which are hashed as 32-bit integers.
const MOST_CANDIDATES: u64 = 1 << 32;

/// Place of an edge in the order of a [`HashSplit`].
type Place = (u32, Pair);

/// Rule that assigns canonical pairs to parts by their keyed hash, with exact counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSplit {
    hash: KeyedHash,
    /// Last validation edge.
    validation_end: Option<Place>,
    /// Last held-out edge.
    held_out_end: Option<Place>,
}

impl HashSplit {
    /// Returns the rule that holds out exactly `validation` and `test` of the edges. `edges` is called twice and
    /// returns all edges of the graph, each once and canonical, in any order; there are at least as many as are held out.
    /// Memory: 512 KiB per thread, and the edges of two of 65,536 bins.
    #[must_use]
    pub fn new<I>(seed: Seed, validation: usize, test: usize, edges: impl Fn() -> I) -> Self
    where
        I: ParallelIterator<Item = Pair>,
    {
        let hash = KeyedHash::new(HashPurpose::Split, seed);
        let bin = |pair: Pair| (hash.of(pair.src, pair.dst) >> (u32::BITS - BIN_BITS)) as usize;
        let none = || vec![0u64; 1 << BIN_BITS];
        let count = |mut counts: Vec<u64>, pair| {
            counts[bin(pair)] += 1;
            counts
        };
        let add = |mut sum: Vec<u64>, counts: Vec<u64>| {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            sum
        };
        let counts = edges().fold(none, count).reduce(none, add);

        // For the last edge of a part: its bin, and how many edges of the bin come before it.
        let last = |end: usize| {
            let mut left = (end as u64).checked_sub(1)?;
            for (bin, &count) in counts.iter().enumerate() {
                if left < count {
                    return Some((bin, left));
                }
                left -= count;
            }
            None
        };
        let ends = [last(validation), last(validation + test)];
        let is_wanted =
            |pair: &Pair| ends.iter().flatten().any(|&(wanted, _)| wanted == bin(*pair));
        let mut places: Vec<Place> =
            edges().filter(is_wanted).map(|pair| (hash.of(pair.src, pair.dst), pair)).collect();
        places.par_sort_unstable();
        let [validation_end, held_out_end] = ends.map(|end| {
            let (wanted, before) = end?;
            let mut of_bin = places.iter().filter(|(_, pair)| bin(*pair) == wanted);
            of_bin.nth(usize::try_from(before).ok()?).copied()
        });
        Self { hash, validation_end, held_out_end }
    }

    /// Returns the part of a canonical pair.
    #[inline]
    #[must_use]
    pub fn part_of(&self, pair: Pair) -> Part {
        let place = Some(self.place(pair));
        if place <= self.validation_end {
            Part::Validation
        } else if place <= self.held_out_end {
            Part::Test
        } else {
            Part::Train
        }
    }

    /// Returns the place of a pair in the order.
    fn place(&self, pair: Pair) -> Place {
        (self.hash.of(pair.src, pair.dst), pair)
    }
}

/// Graph that negatives are drawn for.
#[derive(Debug, Clone, Copy)]
pub struct NonEdges {
    /// Number of nodes, `N`.
    pub nodes: u32,
    /// Number of pairs that may be drawn, at least the number that is asked for.
    pub available: u64,
}

impl NonEdges {
    /// Returns `asked` distinct canonical pairs, in the order drawn, of those for which `is_available`.
    ///
    /// Candidate `i = 0, 1, ...` is the pair of `u = (floor(w0 / 2) 2^32 + w1) mod N` and `v`, likewise of `w2` and `w3`,
    /// where `wj` is the hash of `(i, j)`. Pairs of a node with itself, pairs that are not available, and pairs that an
    /// earlier candidate has are left out. `None` if 2^32 candidates do not suffice, which takes a graph of almost
    /// all pairs.
    #[must_use]
    pub fn draw(
        self,
        seed: Seed,
        asked: usize,
        is_available: impl Fn(Pair) -> bool + Sync,
    ) -> Option<Vec<Pair>> {
        let hash = KeyedHash::new(HashPurpose::Negatives, seed);
        let nodes = u64::from(self.nodes);
        let node = |i: u32, word: u32| {
            let high = u64::from(hash.of(i, word) >> 1);
            #[expect(clippy::cast_possible_truncation, reason = "below the number of nodes")]
            let node = ((high << 32 | u64::from(hash.of(i, word + 1))) % nodes) as u32;
            node
        };
        let candidate = |i: u32| {
            let (u, v) = (node(i, 0), node(i, 2));
            let pair = Pair::new(u, v).canonical();
            (u != v && is_available(pair)).then_some((pair, i))
        };
        let mut drawn: Vec<(Pair, u32)> = Vec::new();
        let (mut from, mut to) = (0, self.first_count(asked));
        loop {
            let end = to.min(MOST_CANDIDATES);
            drawn.par_extend(
                (from..end).into_par_iter().filter_map(|i| candidate(u32::try_from(i).ok()?)),
            );
            drawn.par_sort_unstable();
            drawn.dedup_by_key(|&mut (pair, _)| pair);
            if drawn.len() >= asked {
                break;
            }
            if end == MOST_CANDIDATES {
                return None;
            }
            (from, to) = (end, 2 * end);
        }
        drawn.par_sort_unstable_by_key(|&(_, i)| i);
        drawn.truncate(asked);
        Some(drawn.into_iter().map(|(pair, _)| pair).collect())
    }

    /// Returns the number of candidates of the first attempt: a quarter more than expected to suffice.
    #[must_use]
    pub fn first_count(self, asked: usize) -> u64 {
        let all = f64::from(self.nodes) * f64::from(self.nodes);
        let usable = 2.0 * self.available as f64 / all;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let expected = (1.25 * asked as f64 / usable.max(1e-3)) as u64;
        expected + 64
    }
}

/// Splits `edges` by keyed hash, with one negative per held-out edge. Parts and negatives are those of `vgae-scale`
/// and `vgae run --engine native` for the same numbers of the nodes, in the order drawn. With `types`, negatives are
/// pairs of types that edges join.
///
/// # Errors
/// As [`crate::split_edges`].
pub fn split_by_hash(
    edges: &Edges,
    types: Option<&NodeTypes>,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<EdgeSplit, SplitError> {
    let graph = undirected(edges);
    let draw = Draw::new(edges, &graph, types, config)?;
    let test = draw.held_out - draw.validation;
    let rule = HashSplit::new(seed, draw.validation, test, || graph.par_iter().copied());
    let held_out = |part| -> Vec<Pair> {
        let mut pairs: Vec<Pair> =
            graph.par_iter().copied().filter(|&pair| rule.part_of(pair) == part).collect();
        pairs.par_sort_unstable_by_key(|&pair| rule.place(pair));
        pairs
    };
    let adjacency = Adjacency::of_pairs(edges.node_count(), graph.iter());
    let is_available = |pair| {
        draw.types.as_ref().is_none_or(|types| types.allows(pair)) && !adjacency.contains(pair)
    };
    let non_edges = NonEdges { nodes: draw.nodes, available: draw.available };
    let Some(mut negative) = non_edges.draw(seed, draw.held_out, is_available) else {
        return Err(draw.too_dense(&graph));
    };
    let test = LabelledPairs {
        positive: held_out(Part::Test),
        negative: negative.split_off(draw.validation),
    };
    let validation = LabelledPairs { positive: held_out(Part::Validation), negative };
    assemble(edges, draw.types, config, validation, test)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{SplitConfig, certify};

    fn split(edges: &Edges, seed: u64) -> Result<EdgeSplit, SplitError> {
        let config = SplitConfig { validation: 0.1, test: 0.2, ..SplitConfig::default() };
        split_by_hash(edges, None, &config.check()?, Seed(seed))
    }

    /// Negatives by the definition, one candidate after another.
    fn naive_negatives(edges: &Edges, seed: Seed, asked: usize) -> Vec<Pair> {
        let hash = KeyedHash::new(HashPurpose::Negatives, seed);
        let nodes = edges.node_count() as u64;
        let mut drawn = Vec::new();
        for i in 0.. {
            if drawn.len() == asked {
                break;
            }
            let [w0, w1, w2, w3] = [0, 1, 2, 3].map(|word| u64::from(hash.of(i, word)));
            let u = ((w0 / 2) * (1 << 32) + w1) % nodes;
            let v = ((w2 / 2) * (1 << 32) + w3) % nodes;
            let pair =
                Pair::new(u32::try_from(u).unwrap_or(0), u32::try_from(v).unwrap_or(0)).canonical();
            if u != v && !edges.pairs().contains(&pair) && !drawn.contains(&pair) {
                drawn.push(pair);
            }
        }
        drawn
    }

    proptest! {
        #[test]
        fn parts_are_the_first_of_the_order_and_negatives_those_of_the_definition(
            ends in prop::collection::hash_set((0u32..40, 0u32..40), 30..200),
            seed in any::<u64>(),
        ) {
            let pairs = ends.into_iter().filter(|(src, dst)| src != dst);
            let edges = Edges::undirected(40, pairs.map(|(src, dst)| Pair::new(src, dst)).collect())
                .expect("edges");
            let split = split(&edges, seed).expect("a split");
            let certificate = certify(&edges, &split);
            prop_assert!(certificate.holds(), "{certificate:?}");

            let hash = KeyedHash::new(HashPurpose::Split, Seed(seed));
            let mut ordered = edges.pairs().to_vec();
            ordered.sort_by_key(|pair| (hash.of(pair.src, pair.dst), *pair));
            let (validation, test) = (ordered.len() / 10, ordered.len() / 5);
            prop_assert_eq!(&split.validation().positive, &ordered[..validation]);
            prop_assert_eq!(&split.test().positive, &ordered[validation..validation + test]);
            let negatives = naive_negatives(&edges, Seed(seed), validation + test);
            prop_assert_eq!(&split.validation().negative, &negatives[..validation]);
            prop_assert_eq!(&split.test().negative, &negatives[validation..]);
        }
    }

    #[test]
    fn seeds_hold_out_different_edges() {
        let ring = (0..100).map(|node| Pair::new(node, (node + 1) % 100)).collect();
        let edges = Edges::undirected(100, ring).expect("a ring");
        let test = |seed| -> HashSet<Pair> {
            split(&edges, seed).expect("a split").test().positive.iter().copied().collect()
        };
        assert_eq!((test(0).len(), test(0)), (20, test(0)));
        assert_ne!(test(0), test(1));
    }

    #[test]
    fn too_dense_graphs_are_an_error() {
        let all = (0..8).flat_map(|src| (src + 1..8).map(move |dst| Pair::new(src, dst)));
        let edges = Edges::undirected(8, all.collect()).expect("a complete graph");
        assert!(matches!(split(&edges, 0), Err(SplitError::TooDense { available: 0, .. })));
    }
}
