//! Held-out edges and negatives.

use rayon::prelude::*;
use vgae_artifacts::{ArtifactError, HashPurpose, KeyedHash, Pair, Part, Result, Seed};
use vgae_numerics::Adjacency;
use vgae_split::{Fraction, HashSplit, NonEdges};

use crate::config::SplitFractions;
use crate::metrics::MOST_PAIRS;
use crate::outcome::PartDigest;

/// Held-out pairs of a part.
#[derive(Debug)]
pub(crate) struct HeldOut {
    pub(crate) positive: Vec<Pair>,
    pub(crate) negative: Vec<Pair>,
}

/// A split: the training graph and the held-out pairs.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) train: Adjacency,
    pub(crate) validation: HeldOut,
    pub(crate) test: HeldOut,
    /// Digests of the parts in the order of [`crate::SPLIT_PARTS`].
    pub(crate) digests: [PartDigest; 5],
}

/// Splits the edges of a graph by keyed hash, with as many negatives as held-out edges, and verifies the split.
///
/// # Errors
/// Returns an error when a part would be empty, or there are too few pairs without an edge.
pub(crate) fn split(graph: Adjacency, fractions: SplitFractions, seed: Seed) -> Result<Split> {
    let edges = graph.edges();
    let [validation, test] = held_out_sizes(edges, fractions)?;
    let held_out = validation + test;
    let non_edges = non_edges(graph.nodes() as u64, edges as u64, held_out)?;

    let rule = HashSplit::new(seed, validation, test, || edges_of(&graph));
    let of_part = |part| -> Vec<Pair> {
        edges_of(&graph).filter(|&pair| rule.part_of(pair) == part).collect()
    };
    let (validation_edges, test_edges) = (of_part(Part::Validation), of_part(Part::Test));
    let is_available = |pair| !graph.contains(pair);
    let Some(mut negative) = non_edges.draw(seed, held_out, is_available) else {
        return Err(too_few(held_out, non_edges.available));
    };
    let test = HeldOut { positive: test_edges, negative: negative.split_off(validation) };
    let validation = HeldOut { positive: validation_edges, negative };

    let all = digest(edges_of(&graph));
    let train = graph.retain(|pair| rule.part_of(pair) == Part::Train);
    let of = |pairs: &[Pair]| digest(pairs.par_iter().copied());
    let digests = [
        digest(edges_of(&train)),
        of(&validation.positive),
        of(&validation.negative),
        of(&test.positive),
        of(&test.negative),
    ];
    let together = add(add(digests[0], digests[1]), digests[3]);
    if together != all {
        return Err(ArtifactError::invalid(
            "the split",
            format!("parts that are together the edges of the graph ({all:?})"),
            format!("{together:?}; please report this defect"),
        ));
    }
    Ok(Split { train, validation, test, digests })
}

/// Returns the pairs without an edge that negatives are drawn from.
///
/// # Errors
/// Returns an error when there are fewer than `asked`, or more than `u32::MAX` nodes.
pub fn non_edges(nodes: u64, edges: u64, asked: usize) -> Result<NonEdges> {
    let expected = || format!("at most {} nodes", u32::MAX);
    let nodes = u32::try_from(nodes)
        .map_err(|_| ArtifactError::invalid("the graph", expected(), nodes.to_string()))?;
    let pairs = u64::from(nodes) * u64::from(nodes).saturating_sub(1) / 2;
    let available = pairs - edges;
    if available < asked as u64 {
        return Err(too_few(asked, available));
    }
    Ok(NonEdges { nodes, available })
}

fn too_few(asked: usize, available: u64) -> ArtifactError {
    let expected = format!("{asked} pairs without an edge, as negatives");
    ArtifactError::invalid("[split]", expected, format!("{available}: lower the fractions"))
}

/// Returns the numbers of validation and test edges: the exact floor of each fraction of `edges`.
///
/// # Errors
/// Returns an error when a part with a fraction above zero would be empty, or too many edges would be held out.
pub fn held_out_sizes(edges: usize, fractions: SplitFractions) -> Result<[usize; 2]> {
    let validation = size("validation", fractions.validation, edges)?;
    let test = size("test", fractions.test, edges)?;
    let held_out = validation + test;
    if held_out >= edges {
        let expected = format!("fewer than {edges} held-out edges");
        let found = format!("{held_out}: lower the fractions");
        return Err(ArtifactError::invalid("[split]", expected, found));
    }
    Ok([validation, test])
}

/// Returns the exact floor of a fraction of the edges.
fn size(part: &str, fraction: f64, edges: usize) -> Result<usize> {
    let fraction = Fraction::new(fraction);
    let size = fraction.floor_of(edges);
    let what = || format!("`{part}` under [split]");
    if size == 0 && fraction.is_positive() {
        let expected = format!(
            "at least {} edges for a fraction of {}",
            fraction.smallest_count(),
            fraction.value()
        );
        return Err(ArtifactError::invalid(what(), expected, edges.to_string()));
    }
    if size as u64 >= MOST_PAIRS {
        let expected = format!("fewer than {MOST_PAIRS} held-out edges");
        return Err(ArtifactError::invalid(
            what(),
            expected,
            format!("{size}: lower the fraction"),
        ));
    }
    Ok(size)
}

/// Returns the edges, canonical and each once.
fn edges_of(graph: &Adjacency) -> impl ParallelIterator<Item = Pair> {
    (0..u32::try_from(graph.nodes()).unwrap_or(u32::MAX)).into_par_iter().flat_map_iter(|node| {
        let neighbours = graph.neighbours(node as usize);
        let after = neighbours.partition_point(|&other| other <= node);
        neighbours[after..].iter().map(move |&other| Pair::new(node, other))
    })
}

/// Returns the digest of pairs, which does not depend on their order. Its keys do not depend on the seed.
fn digest(pairs: impl ParallelIterator<Item = Pair>) -> PartDigest {
    let [first, second] = [HashPurpose::DigestFirst, HashPurpose::DigestSecond]
        .map(|purpose| KeyedHash::new(purpose, Seed(0)));
    let of_pair = |pair: Pair| PartDigest {
        pairs: 1,
        words: [first, second].map(|hash| hash.of(pair.src, pair.dst).into()),
    };
    pairs.map(of_pair).reduce(PartDigest::default, add)
}

fn add(a: PartDigest, b: PartDigest) -> PartDigest {
    let words = [a.words[0] + b.words[0], a.words[1] + b.words[1]];
    PartDigest { pairs: a.pairs + b.pairs, words }
}
