//! Splits by node.

use std::collections::HashSet;

use rand::{Rng, RngExt};
use vgae_artifacts::table::row_index;
use vgae_artifacts::{EdgeSplit, Edges, LabelledPairs, NodeTypes, Pair, PairTypes, Seed, Stream};
use vgae_numerics::Adjacency;

use crate::edges::{assemble, undirected};
use crate::parts::node_count;
use crate::{CheckedSplitConfig, SplitError, shuffle_front};

/// Split by nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSplit {
    /// The split.
    pub split: EdgeSplit,
    /// Validation nodes, sorted.
    pub validation: Vec<u32>,
    /// Test nodes, sorted.
    pub test: Vec<u32>,
}

/// Part that a node belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Train,
    Validation,
    Test,
}

/// Splits `edges` by nodes: of N nodes with edges, `floor(N * validation)` and `floor(N * test)` are drawn. An
/// edge of a test node is a test edge, another edge of a validation node a validation edge, and the rest are
/// training edges, so that held-out nodes have no training edges.
///
/// The negatives of a part are as many as its edges, and drawn uniformly from the pairs without an edge that
/// would belong to the part if they were edges: otherwise a pair with a node without training edges would be a
/// positive more often than not.
///
/// # Errors
/// Returns an error when a part with a fraction above zero or the training part would be empty, the graph has
/// too few pairs without an edge, or the graph has more than `u32::MAX` nodes.
pub fn split_by_nodes(
    edges: &Edges,
    types: Option<&NodeTypes>,
    config: &CheckedSplitConfig,
    seed: Seed,
) -> Result<NodeSplit, SplitError> {
    let nodes = node_count(edges)?;
    let graph = undirected(edges);
    let adjacency = Adjacency::of_pairs(edges.node_count(), graph.iter());
    let mut linked: Vec<u32> =
        (0..nodes).filter(|&node| adjacency.degree(node as usize) > 0).collect();
    let count = linked.len();
    let sizes = [config.validation(), config.test()].map(|fraction| fraction.floor_of(count));
    let mut rng = seed.stream(Stream::Split, 0);
    shuffle_front(&mut rng, &mut linked, sizes[0] + sizes[1]);
    let mut groups = vec![Group::Train; edges.node_count()];
    let (validation, rest) = linked.split_at_mut(sizes[0]);
    let test = &mut rest[..sizes[1]];
    for (group, own) in [(Group::Validation, &mut *validation), (Group::Test, &mut *test)] {
        own.sort_unstable();
        for &node in own.iter() {
            groups[node as usize] = group;
        }
    }
    let group = |pair: &Pair| groups[pair.src as usize].max(groups[pair.dst as usize]);
    let of_group =
        |wanted| graph.iter().copied().filter(|pair| group(pair) == wanted).collect::<Vec<_>>();
    let types = types.map(|types| PairTypes::of_edges(types.clone(), graph.iter())).transpose()?;
    let parts = [
        ("training", true, Group::Train),
        ("validation", config.validation().is_positive(), Group::Validation),
        ("test", config.test().is_positive(), Group::Test),
    ];
    for (part, is_wanted, own) in parts {
        if is_wanted && of_group(own).is_empty() {
            return Err(SplitError::EmptyNodePart { part, nodes: count });
        }
    }
    let mut part = |own: &[u32], wanted: Group| -> Result<LabelledPairs, SplitError> {
        let positive = of_group(wanted);
        let others: Vec<u32> = (0..nodes).filter(|&node| groups[node as usize] <= wanted).collect();
        let pool = Pool { own, others: &others, groups: &groups, wanted, types: types.as_ref() };
        let asked = positive.len();
        let available = pool.count() - positive.len() as u64;
        if available < asked as u64 {
            let edges = graph.len();
            return Err(SplitError::TooDense { asked, available, nodes, edges });
        }
        let negative = pool.draw(&mut rng, &adjacency, asked, available);
        Ok(LabelledPairs { positive, negative })
    };
    let held_out = [part(validation, Group::Validation)?, part(test, Group::Test)?];
    let (validation, test) = (validation.to_vec(), test.to_vec());
    let [validation_pairs, test_pairs] = held_out;
    let split = assemble(edges, types, config, validation_pairs, test_pairs)?;
    Ok(NodeSplit { split, validation, test })
}

/// Pairs that belong to a part: at least one node of its own, and no node of a later part.
struct Pool<'a> {
    own: &'a [u32],
    /// Nodes of the part and of those before it, sorted.
    others: &'a [u32],
    groups: &'a [Group],
    wanted: Group,
    types: Option<&'a PairTypes>,
}

impl Pool<'_> {
    fn allows(&self, pair: Pair) -> bool {
        self.types.is_none_or(|types| types.allows(pair))
    }

    /// Returns the number of pairs, edges included.
    fn count(&self) -> u64 {
        let before: Vec<u32> = self
            .others
            .iter()
            .copied()
            .filter(|&node| self.groups[node as usize] < self.wanted)
            .collect();
        self.pairs_among(self.others) - self.pairs_among(&before)
    }

    /// Returns the number of allowed pairs among `nodes`.
    fn pairs_among(&self, nodes: &[u32]) -> u64 {
        let pairs = |count: u64| count * count.saturating_sub(1) / 2;
        let Some(types) = self.types else { return pairs(nodes.len() as u64) };
        let mut counts = vec![0u64; types.types().names().len()];
        for &node in nodes {
            counts[types.types().index(node)] += 1;
        }
        let kinds = 0..counts.len();
        let joined = kinds.clone().flat_map(|a| (a..counts.len()).map(move |b| (a, b)));
        let joined = joined.filter(|&(a, b)| types.joins(a, b));
        joined.map(|(a, b)| if a == b { pairs(counts[a]) } else { counts[a] * counts[b] }).sum()
    }

    /// Draws `asked` different pairs without an edge, of which `available` exist. As for other negatives, the
    /// counts select rejection or a list of all.
    fn draw<R: Rng>(
        &self,
        rng: &mut R,
        graph: &Adjacency,
        asked: usize,
        available: u64,
    ) -> Vec<Pair> {
        let tried = self.own.len() as u64 * self.others.len() as u64;
        if (available - asked as u64).saturating_mul(4) < tried {
            let mut all = self.all(graph);
            shuffle_front(rng, &mut all, asked);
            all.truncate(asked);
            return all;
        }
        let mut drawn = Vec::with_capacity(asked);
        let mut seen = HashSet::with_capacity(asked);
        while drawn.len() < asked {
            let own = self.own[rng.random_range(0..row_index(self.own.len())) as usize];
            let other = self.others[rng.random_range(0..row_index(self.others.len())) as usize];
            // A pair of two own nodes is drawn from both sides; one of them counts.
            let is_twice = self.groups[other as usize] == self.wanted;
            if own == other || (is_twice && own > other) {
                continue;
            }
            let pair = Pair::new(own, other).canonical();
            if self.allows(pair) && !graph.contains(pair) && seen.insert(pair) {
                drawn.push(pair);
            }
        }
        drawn
    }

    /// Returns all pairs without an edge.
    fn all(&self, graph: &Adjacency) -> Vec<Pair> {
        let pairs = self.own.iter().flat_map(|&own| {
            let is_once = move |other: &u32| {
                let is_twice = self.groups[*other as usize] == self.wanted;
                own != *other && !(is_twice && own > *other)
            };
            let others = self.others.iter().copied().filter(is_once);
            others.map(move |other| Pair::new(own, other).canonical())
        });
        pairs.filter(|&pair| self.allows(pair) && !graph.contains(pair)).collect()
    }
}
