//! Which pairs are scored where a score costs more than an inner product.

use serde::Serialize;
use vgae_artifacts::{Edges, Pair};
use vgae_eval::{Among, RankedPair, all_pairs, top_pairs, top_scored};

use super::{Run, at_eval};
use crate::PipelineError;

/// Pairs up to which each is scored.
const MOST: u64 = 8_000_000;
/// Pairs with a direction up to which each is scored: their decoders cost little more than an inner product.
const MOST_DIRECTED: u64 = 2_000_000_000;
/// Pairs of a shortlist with the highest logits of the embedding, per requested pair.
const EACH: usize = 20;
/// The least number of them.
const LEAST: usize = 200_000;
/// Neighbours of a node that are paired with each other; of a hub's pairs nearly none are links.
const HUB: usize = 300;

/// The pairs that were scored where all were too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shortlist {
    /// How many.
    pub pairs: usize,
    /// How many there are in all.
    pub of: u64,
    /// Whether the pairs with the highest logits of the method's embedding are among them.
    pub by_embedding: bool,
}

impl Shortlist {
    /// Describes the scored pairs in a sentence.
    #[must_use]
    pub fn told(&self) -> String {
        let likeliest = if self.by_embedding {
            ", and those with the highest scores of the embedding alone"
        } else {
            ""
        };
        format!(
            "{} of {} pairs were scored: those with a common neighbour of at most {HUB} edges{likeliest}. \
             Other pairs may score higher.",
            self.pairs, self.of
        )
    }
}

/// Returns the `count` most probable pairs of a run that are not among `edges`.
pub(super) fn likeliest(
    run: &Run<'_>,
    edges: &Edges,
    among: Among<'_>,
    count: usize,
) -> Result<(Vec<RankedPair>, Option<Shortlist>), PipelineError> {
    if run.trained.pair_model.is_none()
        && let Some(embedding) = run.trained.embedding
    {
        return Ok((top_pairs(embedding, edges, among, count).map_err(at_eval)?, None));
    }
    let scorer = run.scorer()?;
    let nodes = u32::try_from(edges.node_count()).unwrap_or(u32::MAX);
    let of_each = u64::from(nodes.saturating_sub(1));
    let all = match (among.nodes, among.types) {
        (None, None) => u64::from(nodes) * of_each / 2,
        (None, Some(types)) => types.pair_count(),
        (Some(some), None) => some.len() as u64 * of_each,
        (Some(some), Some(types)) => {
            let partners = |&node: &u32| types.partners(node).map(|nodes| nodes.len() as u64);
            some.iter().flat_map(partners).sum()
        }
    };
    let (all, most) = if among.directed { (2 * all, MOST_DIRECTED) } else { (all, MOST) };
    if all <= most {
        let found = top_scored(&scorer, edges, among.directed, all_pairs(nodes, among), count);
        return Ok((found.map_err(at_eval)?, None));
    }

    let mut pairs = near(run, among);
    if among.directed {
        pairs.extend_from_within(..);
        let half = pairs.len() / 2;
        pairs[half..].iter_mut().for_each(|pair| *pair = Pair::new(pair.dst, pair.src));
    }
    // Inner products are the scores of no directed decoder.
    let embedding = run.trained.embedding.filter(|_| !among.directed);
    if let Some(embedding) = embedding {
        let most = count.saturating_mul(EACH).max(LEAST);
        let found = top_pairs(embedding, edges, among, most).map_err(at_eval)?;
        pairs.extend(found.into_iter().map(|found| found.pair));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let shortlist = Shortlist { pairs: pairs.len(), of: all, by_embedding: embedding.is_some() };
    let found = top_scored(&scorer, edges, among.directed, pairs, count).map_err(at_eval)?;
    Ok((found, Some(shortlist)))
}

/// Pairs with a common neighbour over training edges, `src < dst`, perhaps several times.
fn near(run: &Run<'_>, among: Among<'_>) -> Vec<Pair> {
    let nodes = run.edges.node_count();
    let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    for pair in run.split.train_view().messages().edges() {
        neighbours[pair.src as usize].push(pair.dst);
        neighbours[pair.dst as usize].push(pair.src);
    }
    let mut wanted = vec![among.nodes.is_none(); nodes];
    if let Some(some) = among.nodes {
        for &node in some {
            wanted[node as usize] = true;
        }
    }
    let (mut pairs, mut room) = (Vec::new(), 1 << 24);
    for around in neighbours.iter().filter(|around| around.len() <= HUB) {
        for (at, &one) in around.iter().enumerate() {
            let others = around[at + 1..].iter();
            let others = others.filter(|&&other| wanted[one as usize] || wanted[other as usize]);
            let near = others.map(|&other| Pair::new(one, other).canonical());
            pairs.extend(near.filter(|&pair| among.types.is_none_or(|types| types.allows(pair))));
        }
        if pairs.len() > room {
            pairs.sort_unstable();
            pairs.dedup();
            room = room.max(2 * pairs.len());
        }
    }
    pairs
}
