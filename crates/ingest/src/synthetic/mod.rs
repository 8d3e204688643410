//! Random graphs of a wished size: for scaling curves, for tests, and to try things on.
//!
//! [`BlockModel`] has communities, [`RMat`] a few nodes with very many edges. Both are simple (undirected,
//! no self-loops, no edge twice), have exactly as many edges as asked for, and give nodes their numbers in
//! random order, so that neither community nor degree can be read off a number.
//!
//! ```
//! use vgae_artifacts::Seed;
//! use vgae_ingest::synthetic::BlockModel;
//!
//! let model = BlockModel { nodes: 100, edges: 300, communities: 4, within: 0.9 };
//! let graph = model.generate(Seed(7))?;
//! let labels = graph.communities.expect("a block model has them");
//! let within = |pair: &&vgae_artifacts::Pair| labels[pair.src as usize] == labels[pair.dst as usize];
//! assert_eq!(graph.pairs.iter().filter(within).count(), 270);
//! # Ok::<(), vgae_ingest::synthetic::SyntheticError>(())
//! ```

mod distinct;
mod rmat;
mod sbm;

use rand::RngExt;
use rayon::prelude::*;
use vgae_artifacts::{Pair, Seed, Stream};

pub use rmat::RMat;
pub use sbm::BlockModel;

/// A graph that a generator made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticGraph {
    /// The number of nodes, some of which may have no edge.
    pub node_count: u32,
    /// The edges: `src < dst`, sorted, each once.
    pub pairs: Vec<Pair>,
    /// The community of each node, counted from 0, if the generator has communities.
    pub communities: Option<Vec<u32>>,
}

/// A request that no graph can meet.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntheticError {
    /// A number is out of its range.
    #[error("`{name}`: expected {expected}, found {found}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Its range.
        expected: String,
        /// The value that was given.
        found: String,
    },
    /// There are not as many pairs of nodes.
    #[error(
        "{wanted} edges {place} are too many: expected at most {available}, each pair of nodes once; ask for \
         fewer edges or more nodes"
    )]
    TooManyEdges {
        /// The pairs that are meant.
        place: &'static str,
        /// How many edges were asked for.
        wanted: usize,
        /// How many there can be.
        available: u64,
    },
    /// The same pairs come again and again.
    #[error(
        "{draws} draws gave only {found} different edges of the {wanted} asked for: ask for fewer edges or \
         more nodes, or bring a, b, c closer to 0.25"
    )]
    TooSkewed {
        /// How many edges were asked for.
        wanted: usize,
        /// How many different ones were found.
        found: usize,
        /// In how many draws.
        draws: u64,
    },
}

/// The number of unordered pairs of `n` different nodes.
fn pair_count(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// At least two nodes, and no more edges than pairs of them.
fn check_size(nodes: u32, edges: usize) -> Result<(), SyntheticError> {
    if nodes < 2 {
        let (name, expected) = ("nodes", "at least 2".to_owned());
        return Err(SyntheticError::Parameter { name, expected, found: nodes.to_string() });
    }
    if edges == 0 {
        let (name, expected) = ("edges", "at least 1".to_owned());
        return Err(SyntheticError::Parameter { name, expected, found: "0".to_owned() });
    }
    let available = pair_count(u64::from(nodes));
    if edges as u64 > available {
        return Err(SyntheticError::TooManyEdges { place: "in all", wanted: edges, available });
    }
    Ok(())
}

/// The numbers `0..count` in random order.
fn shuffled(count: u32, seed: Seed) -> Vec<u32> {
    let mut rng = seed.stream(Stream::GraphNodes, 0);
    let mut numbers: Vec<u32> = (0..count).collect();
    for last in (1..count).rev() {
        numbers.swap(last as usize, rng.random_range(0..=last) as usize);
    }
    numbers
}

/// Two different places as one number that sorts as their pair does.
fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

#[expect(clippy::cast_possible_truncation, reason = "halves of a key")]
fn ends(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// Edges between places to sorted edges between nodes: the node at place `p` is `nodes[p]`.
fn renumber(mut keys: Vec<u64>, nodes: &[u32]) -> Vec<Pair> {
    keys.par_iter_mut().for_each(|edge| {
        let (a, b) = ends(*edge);
        *edge = key(nodes[a as usize], nodes[b as usize]);
    });
    keys.par_sort_unstable();
    keys.into_par_iter()
        .map(|key| {
            let (src, dst) = ends(key);
            Pair::new(src, dst)
        })
        .collect()
}

#[cfg(test)]
mod tests;
