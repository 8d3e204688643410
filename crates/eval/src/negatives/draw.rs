use std::collections::HashSet;

use rand::Rng;
use rayon::prelude::*;
use vgae_artifacts::table::row_index;
use vgae_artifacts::{EdgeSplit, NegativeKind, NegativeSet, Pair, PairTypes, Part, Seed, Stream};
use vgae_numerics::Adjacency;

use super::candidates::{Candidates, edges_of, whole_graph};
use super::degrees::ByDegree;
use super::directed;
use super::shuffled::{Shuffled, nth_without};
use crate::EvalError;

/// Number of consecutive draws without a new pair after which a list of degree-matched negatives ends.
const FRUITLESS: u32 = 1000;

/// Draws negatives for each edge of a part. They are not edges of any part and distinct within a list. If
/// fewer than requested exist, a list is shorter, or empty. A list of [`NegativeKind::DegreeMatched`] also
/// ends after 1000 consecutive draws without a new pair.
///
/// The draws depend only on the pairs of the split, so that all methods on the same split rank the same
/// pairs. A list of fewer negatives is a prefix of a list of more.
///
/// # Errors
/// Returns an error when [`NegativeKind::Hard`] or [`NegativeKind::Given`] is requested: a model generates the
/// former and a file contains the latter. [`Candidates::from_lists`] and [`Candidates::given`] accept them. Also
/// returns an error when [`NegativeKind::Reversed`] is requested of an undirected split, or another kind than it of a
/// directed split.
pub fn draw_candidates(
    split: &EdgeSplit,
    part: Part,
    set: NegativeSet,
) -> Result<Candidates, EvalError> {
    let edges = edges_of(split, part);
    if split.is_directed() || set.kind() == NegativeKind::Reversed {
        return directed::draw(split, edges, set);
    }
    let (graph, types) = (whole_graph(split), split.pair_types());
    let source = match set.kind() {
        NegativeKind::Uniform => match types {
            None => Source::Uniform(NonEdges::new(&graph)),
            Some(types) => Source::TypedUniform(types),
        },
        NegativeKind::DegreeMatched => {
            let train = Adjacency::of_pairs(split.node_count(), split.train());
            Source::DegreeMatched(ByDegree::new(&train, types, edges))
        }
        NegativeKind::Corrupt => Source::Corrupt,
        NegativeKind::Hard | NegativeKind::Given | NegativeKind::Reversed => {
            return Err(EvalError::NotDrawn { set });
        }
    };
    let seed = Seed::of_content(&split.content_hash());
    let stream = (set.kind() as u64) << 56 | (part as u64) << 48;
    let asked = set.per_positive() as usize;
    let lists: Vec<Vec<Pair>> = edges
        .par_iter()
        .enumerate()
        .map(|(at, &edge)| {
            let mut rng = seed.stream(Stream::Candidates, stream | at as u64);
            match &source {
                Source::Uniform(non_edges) => non_edges.draw(asked, &mut rng),
                Source::TypedUniform(types) => typed_uniform(types, &graph, asked, &mut rng),
                Source::DegreeMatched(nodes) => matched(nodes, &graph, edge, asked, &mut rng),
                Source::Corrupt => corrupt(&graph, types, edge, asked, &mut rng),
            }
        })
        .collect();
    Ok(Candidates::trusted(split, lists))
}

enum Source<'a> {
    Uniform(NonEdges<'a>),
    TypedUniform(&'a PairTypes),
    DegreeMatched(ByDegree<'a>),
    Corrupt,
}

/// Enumeration of all pairs that are not edges.
struct NonEdges<'a> {
    graph: &'a Adjacency,
    /// Number of pairs with a smaller `src` than each node; the last entry is the total.
    starts: Vec<u64>,
}

impl<'a> NonEdges<'a> {
    fn new(graph: &'a Adjacency) -> Self {
        let mut starts = vec![0];
        let mut sum = 0;
        for node in 0..graph.nodes() {
            let later = graph.nodes() - 1 - node;
            sum += (later - after(graph, row_index(node)).len()) as u64;
            starts.push(sum);
        }
        Self { graph, starts }
    }

    fn draw<R: Rng>(&self, asked: usize, rng: &mut R) -> Vec<Pair> {
        let mut shuffled = Shuffled::new(self.starts[self.graph.nodes()]);
        let pairs = std::iter::from_fn(|| shuffled.next(rng).map(|number| self.nth(number)));
        pairs.take(asked).collect()
    }

    fn nth(&self, number: u64) -> Pair {
        // The last node with at most `number` pairs before it.
        let src = node(self.starts.partition_point(|&start| start <= number) as u64 - 1);
        let within = number - self.starts[src as usize];
        Pair::new(src, node(nth_without(after(self.graph, src), src + 1, within)))
    }
}

/// Returns the neighbours of a node with a larger index.
fn after(graph: &Adjacency, node: u32) -> &[u32] {
    let neighbours = graph.neighbours(node as usize);
    &neighbours[neighbours.partition_point(|&neighbour| neighbour < node)..]
}

fn node(number: u64) -> u32 {
    u32::try_from(number).expect("a node of the graph")
}

/// Draws pairs of `src` and a node not adjacent to it, and of `dst` and a node not adjacent to it,
/// alternately; when one side is exhausted, from the other alone.
fn corrupt<R: Rng>(
    graph: &Adjacency,
    types: Option<&PairTypes>,
    edge: Pair,
    asked: usize,
    rng: &mut R,
) -> Vec<Pair> {
    let mut sides = [edge.src, edge.dst].map(|end| Side::new(graph, types, end));
    let mut pairs = Vec::with_capacity(asked);
    let mut turn = 0;
    while pairs.len() < asked {
        let before = pairs.len();
        for _ in 0..2 {
            let side = &mut sides[turn];
            turn = 1 - turn;
            if let Some(other) = side.next(rng) {
                pairs.push(Pair::new(side.end, other).canonical());
                break;
            }
        }
        if pairs.len() == before {
            break;
        }
    }
    pairs
}

/// A kept end, and the nodes not adjacent to it in random order.
struct Side<'a> {
    end: u32,
    others: Shuffled,
    pool: Pool<'a>,
}

enum Pool<'a> {
    /// All nodes except these.
    Without(Vec<u32>),
    /// Nodes of the types that edges join to the type of the end.
    Partners(Vec<&'a [u32]>, &'a Adjacency),
}

impl<'a> Side<'a> {
    fn new(graph: &'a Adjacency, types: Option<&'a PairTypes>, end: u32) -> Self {
        let (pool, count) = match types {
            None => {
                let mut without = graph.neighbours(end as usize).to_vec();
                without.insert(without.partition_point(|&neighbour| neighbour < end), end);
                let count = graph.nodes() - without.len();
                (Pool::Without(without), count)
            }
            Some(types) => {
                let partners: Vec<&[u32]> = types.partners(end).collect();
                let count = partners.iter().map(|nodes| nodes.len()).sum();
                (Pool::Partners(partners, graph), count)
            }
        };
        Self { end, others: Shuffled::new(count as u64), pool }
    }

    fn next<R: Rng>(&mut self, rng: &mut R) -> Option<u32> {
        loop {
            let number = self.others.next(rng)?;
            let (partners, graph) = match &self.pool {
                Pool::Without(without) => return Some(node(nth_without(without, 0, number))),
                Pool::Partners(partners, graph) => (partners, graph),
            };
            let mut at = usize::try_from(number).expect("a place in lists of nodes");
            let nodes = partners.iter().find(|nodes| {
                let is_in = at < nodes.len();
                at -= if is_in { 0 } else { nodes.len() };
                is_in
            });
            let other = nodes.map(|nodes| nodes[at])?;
            if other != self.end && !graph.contains(Pair::new(self.end, other)) {
                return Some(other);
            }
        }
    }
}

/// Draws pairs of allowed node types that are not edges.
fn typed_uniform<R: Rng>(
    types: &PairTypes,
    graph: &Adjacency,
    asked: usize,
    rng: &mut R,
) -> Vec<Pair> {
    let mut shuffled = Shuffled::new(types.pair_count());
    let pairs = std::iter::from_fn(|| shuffled.next(rng).map(|number| types.pair(number)));
    pairs.filter(|&pair| !graph.contains(pair)).take(asked).collect()
}

fn matched<R: Rng>(
    nodes: &ByDegree<'_>,
    graph: &Adjacency,
    edge: Pair,
    asked: usize,
    rng: &mut R,
) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(asked);
    let mut seen = HashSet::with_capacity(asked);
    let mut fruitless = 0;
    while pairs.len() < asked && fruitless < FRUITLESS {
        let pair = Pair::new(nodes.like(edge.src, rng), nodes.like(edge.dst, rng)).canonical();
        if pair.is_self_loop() || graph.contains(pair) || !seen.insert(pair) {
            fruitless += 1;
        } else {
            pairs.push(pair);
            fruitless = 0;
        }
    }
    pairs
}
