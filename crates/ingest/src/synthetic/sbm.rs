use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::Seed;

use super::distinct::draw_distinct;
use super::{SyntheticError, SyntheticGraph, check_size, key, pair_count, renumber, shuffled};

/// A stochastic block model (Holland, Laskey and Leinhardt 1983, "Stochastic blockmodels: first steps") with
/// communities of one size and two densities, one inside and one between them; also known as the planted
/// partition. The counts are exact (the microcanonical form): of all graphs with so many edges inside and
/// so many between communities, each is as likely as the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockModel {
    /// Nodes, at least 2.
    pub nodes: u32,
    /// Edges, exactly.
    pub edges: usize,
    /// Communities, 1 to `nodes`; their sizes differ by one at most.
    pub communities: u32,
    /// The share of edges inside communities, 0 to 1; `edges` times this, rounded, lie inside.
    pub within: f64,
}

impl BlockModel {
    /// Draws a graph. The same values and seed give the same graph at any number of threads.
    ///
    /// Time O(E log E + N) and memory O(E + N).
    ///
    /// # Errors
    /// When a value is out of its range, or there are fewer pairs inside or between communities than
    /// edges are wanted there.
    pub fn generate(&self, seed: Seed) -> Result<SyntheticGraph, SyntheticError> {
        check_size(self.nodes, self.edges)?;
        let parameter = |name, expected: String, found: String| {
            Err(SyntheticError::Parameter { name, expected, found })
        };
        if !(1..=self.nodes).contains(&self.communities) {
            let expected = format!("1 to {} (the number of nodes)", self.nodes);
            return parameter("communities", expected, self.communities.to_string());
        }
        if !(0.0..=1.0).contains(&self.within) {
            return parameter("within", "a share from 0 to 1".to_owned(), self.within.to_string());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count, rounded"
        )]
        let inside = ((self.edges as f64 * self.within).round() as usize).min(self.edges);

        let blocks = Blocks::new(self.nodes, self.communities);
        let mut keys = blocks.choose(&blocks.inside, inside, "inside communities", seed)?;
        let outside = self.edges - inside;
        keys.extend(blocks.choose(&blocks.between, outside, "between communities", seed)?);

        let nodes = shuffled(self.nodes, seed);
        let mut communities = vec![0; nodes.len()];
        for (community, bounds) in (0..).zip(blocks.starts.windows(2)) {
            for place in bounds[0]..bounds[1] {
                communities[nodes[place as usize] as usize] = community;
            }
        }
        let pairs = renumber(keys, &nodes);
        Ok(SyntheticGraph { node_count: self.nodes, pairs, communities: Some(communities) })
    }
}

/// Communities as ranges of places, and their pairs in an order in which each has a number.
struct Blocks {
    /// Community `k` has the places from `starts[k]` to `starts[k + 1]`.
    starts: Vec<u32>,
    inside: Numbering,
    between: Numbering,
}

/// Pairs of places, numbered community by community of the lower place.
struct Numbering {
    section: u64,
    /// How many pairs come before those of each community; last, how many there are.
    before: Vec<u64>,
    /// The pair with number `rest` among those of the community from `start` to `end`, of `nodes` places.
    pair: fn(rest: u64, start: u32, end: u32, nodes: u32) -> u64,
}

impl Blocks {
    fn new(nodes: u32, communities: u32) -> Self {
        let (size, larger) = (nodes / communities, nodes % communities);
        let starts: Vec<u32> = (0..=communities).map(|k| k * size + k.min(larger)).collect();
        let numbering = |section, pairs: fn(u64, u64) -> u64, pair| {
            let mut before = vec![0];
            for bounds in starts.windows(2) {
                let (size, after) = (bounds[1] - bounds[0], nodes - bounds[1]);
                before.push(before[before.len() - 1] + pairs(size.into(), after.into()));
            }
            Numbering { section, before, pair }
        };
        let inside = numbering(0, |size, _| pair_count(size), triangle);
        let between = numbering(1, |size, after| size * after, rectangle);
        Self { starts, inside, between }
    }

    /// A uniform choice of `wanted` different pairs of a numbering.
    fn choose(
        &self,
        numbering: &Numbering,
        wanted: usize,
        place: &'static str,
        seed: Seed,
    ) -> Result<Vec<u64>, SyntheticError> {
        let available = numbering.before[numbering.before.len() - 1];
        if wanted as u64 > available {
            return Err(SyntheticError::TooManyEdges { place, wanted, available });
        }
        // Of a dense choice, those left out are drawn: no more than every second draw repeats itself.
        let left_out = available - wanted as u64;
        let dense = left_out < wanted as u64;
        let drawn = if dense { usize::try_from(left_out).unwrap_or(wanted) } else { wanted };
        let draw = |rng: &mut _| Some(RngExt::random_range(rng, 0..available));
        let drawn = draw_distinct(drawn, seed, numbering.section, draw).map_err(|gave_up| {
            SyntheticError::TooSkewed { wanted, found: gave_up.found, draws: gave_up.draws }
        })?;
        let pair = |number| self.pair(numbering, number);
        if dense {
            let mut left_out = drawn.into_iter().peekable();
            let kept = (0..available).filter(|number| left_out.next_if_eq(number).is_none());
            Ok(kept.map(pair).collect())
        } else {
            Ok(drawn.into_par_iter().map(pair).collect())
        }
    }

    fn pair(&self, numbering: &Numbering, number: u64) -> u64 {
        let community = numbering.before.partition_point(|&before| before <= number) - 1;
        let (start, end) = (self.starts[community], self.starts[community + 1]);
        let nodes = self.starts[self.starts.len() - 1];
        (numbering.pair)(number - numbering.before[community], start, end, nodes)
    }
}

/// Pairs inside a community in the order (0, 1), (0, 2), (1, 2), (0, 3), ...
#[expect(clippy::cast_possible_truncation, reason = "places of a community")]
fn triangle(rest: u64, start: u32, _end: u32, _nodes: u32) -> u64 {
    let root = (2 * rest).isqrt();
    let higher = if root * (root + 1) <= 2 * rest { root + 1 } else { root };
    let lower = rest - pair_count(higher);
    key(start + lower as u32, start + higher as u32)
}

/// Pairs of a place in a community with one after it, row by row.
#[expect(clippy::cast_possible_truncation, reason = "places of the graph")]
fn rectangle(rest: u64, start: u32, end: u32, nodes: u32) -> u64 {
    let after = u64::from(nodes - end);
    key(start + (rest / after) as u32, end + (rest % after) as u32)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_pair_has_one_number() {
        for (nodes, communities) in [(2, 1), (7, 3), (9, 9), (10, 2), (11, 4)] {
            let blocks = Blocks::new(nodes, communities);
            assert_eq!(blocks.starts.last(), Some(&nodes));
            let all: BTreeSet<u64> = [&blocks.inside, &blocks.between]
                .into_iter()
                .flat_map(|numbering| {
                    let count = *numbering.before.last().expect("not empty");
                    let blocks = &blocks;
                    (0..count).map(move |number| blocks.pair(numbering, number))
                })
                .collect();
            let expected: BTreeSet<u64> =
                (0..nodes).flat_map(|a| (a + 1..nodes).map(move |b| key(a, b))).collect();
            assert_eq!(all, expected, "{nodes} nodes, {communities} communities");
        }
    }

    #[test]
    fn the_last_pair_of_the_largest_community_is_found() {
        let last = pair_count(u32::MAX.into()) - 1;
        assert_eq!(triangle(last, 0, u32::MAX, u32::MAX), key(u32::MAX - 2, u32::MAX - 1));
    }
}
