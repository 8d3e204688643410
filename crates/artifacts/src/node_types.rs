use std::collections::BTreeSet;

use crate::{ArtifactError, Pair, Result};

/// Types of the nodes of a heterogeneous graph, such as `user` and `movie`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTypes {
    /// Names, sorted.
    names: Vec<String>,
    /// Index in `names` of each node's type.
    indices: Vec<u16>,
}

impl NodeTypes {
    /// Largest number of different types.
    pub const MOST: usize = 1000;

    /// Creates the node types from the type of each node.
    ///
    /// # Errors
    /// Returns an error when there are more than [`NodeTypes::MOST`] different types.
    pub fn new<T: AsRef<str>>(types: &[T]) -> Result<Self> {
        let names: BTreeSet<&str> = types.iter().map(AsRef::as_ref).collect();
        if names.len() > Self::MOST {
            let expected = format!("at most {} types of nodes", Self::MOST);
            return Err(ArtifactError::invalid("node types", expected, names.len().to_string()));
        }
        let names: Vec<&str> = names.into_iter().collect();
        let index = |name: &T| names.binary_search(&name.as_ref()).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "at most 1,000 types")]
        let indices = types.iter().map(|name| index(name) as u16).collect();
        Ok(Self { names: names.into_iter().map(str::to_owned).collect(), indices })
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.indices.len()
    }

    /// Checks that there is one type for each of `nodes` nodes.
    pub(crate) fn check(&self, nodes: usize) -> Result<()> {
        if self.node_count() == nodes {
            return Ok(());
        }
        let expected = format!("the types of {nodes} nodes");
        let found = format!("{} types", self.node_count());
        Err(ArtifactError::invalid("node types", expected, found))
    }

    /// Returns the names of the types, sorted.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the type of a node as an index into [`NodeTypes::names`].
    #[must_use]
    pub fn index(&self, node: u32) -> usize {
        self.indices[node as usize].into()
    }

    /// Returns the name of a node's type.
    #[must_use]
    pub fn name(&self, node: u32) -> &str {
        &self.names[self.index(node)]
    }
}

/// Pairs of nodes of a heterogeneous graph that may be edges: those whose two types are joined by an edge of
/// the graph. Negatives and predictions are restricted to these pairs. Pairs are unordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTypes {
    types: NodeTypes,
    /// Nodes of each type, sorted.
    members: Vec<Vec<u32>>,
    /// Joined types, the lower index first, sorted.
    joined: Vec<(usize, usize)>,
    /// Whether two types are joined, row-major.
    is_joined: Vec<bool>,
    /// Number of pairs before those of each entry of `joined`; the last entry is the total.
    starts: Vec<u64>,
}

impl PairTypes {
    /// Determines the pairs of types that `edges` join.
    ///
    /// # Errors
    /// Returns an error when a node of an edge has no type.
    pub fn of_edges<'a>(
        types: NodeTypes,
        edges: impl IntoIterator<Item = &'a Pair>,
    ) -> Result<Self> {
        let count = types.names.len();
        let mut is_joined = vec![false; count * count];
        for pair in edges {
            if pair.src.max(pair.dst) as usize >= types.node_count() {
                return Err(ArtifactError::invalid(
                    "node types",
                    format!("a type for each node of edge ({}, {})", pair.src, pair.dst),
                    format!("types of {} nodes", types.node_count()),
                ));
            }
            let (src, dst) = (types.index(pair.src), types.index(pair.dst));
            is_joined[src * count + dst] = true;
            is_joined[dst * count + src] = true;
        }
        let mut members = vec![Vec::new(); count];
        for (node, &index) in (0u32..).zip(&types.indices) {
            members[usize::from(index)].push(node);
        }
        let all = (0..count).flat_map(|a| (a..count).map(move |b| (a, b)));
        let joined: Vec<(usize, usize)> = all.filter(|&(a, b)| is_joined[a * count + b]).collect();
        let mut starts = vec![0];
        for &(a, b) in &joined {
            let (first, second) = (members[a].len() as u64, members[b].len() as u64);
            let pairs = if a == b { first * first.saturating_sub(1) / 2 } else { first * second };
            starts.push(starts.last().copied().unwrap_or(0) + pairs);
        }
        Ok(Self { types, members, joined, is_joined, starts })
    }

    /// Returns the types of the nodes.
    #[must_use]
    pub fn types(&self) -> &NodeTypes {
        &self.types
    }

    /// Returns the nodes of a type, sorted.
    #[must_use]
    pub fn members(&self, index: usize) -> &[u32] {
        &self.members[index]
    }

    /// Returns whether two types are joined by an edge.
    #[must_use]
    pub fn joins(&self, a: usize, b: usize) -> bool {
        self.is_joined[a * self.types.names.len() + b]
    }

    /// Returns whether the types of a pair of nodes allow an edge.
    #[must_use]
    pub fn allows(&self, pair: Pair) -> bool {
        self.joins(self.types.index(pair.src), self.types.index(pair.dst))
    }

    /// Returns the number of unordered pairs of different nodes that are allowed.
    #[must_use]
    pub fn pair_count(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Returns the allowed pair at index `number`, canonical.
    ///
    /// # Panics
    /// Panics when `number` is not below [`PairTypes::pair_count`].
    #[must_use]
    pub fn pair(&self, number: u64) -> Pair {
        let at = self.starts.partition_point(|&start| start <= number) - 1;
        let (a, b) = self.joined[at];
        let within = number - self.starts[at];
        let (first, second) = (&self.members[a], &self.members[b]);
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        if a != b {
            let width = second.len() as u64;
            let (row, column) = (place(within / width), place(within % width));
            return Pair::new(first[row], second[column]).canonical();
        }
        // Rows of the lower triangle: row r starts at r (r - 1) / 2.
        let start = |row: u64| row * (row - 1) / 2;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a first guess, corrected below"
        )]
        let mut row = f64::midpoint(1.0, (1.0 + 8.0 * within as f64).sqrt()) as u64;
        while start(row) > within {
            row -= 1;
        }
        while start(row + 1) <= within {
            row += 1;
        }
        Pair::new(first[place(within - start(row))], first[place(row)]).canonical()
    }

    /// Returns the nodes that may be joined to `node`, by type, each list sorted. A list of the node's own type
    /// includes the node.
    pub fn partners(&self, node: u32) -> impl Iterator<Item = &[u32]> + Clone {
        let own = self.types.index(node);
        (0..self.members.len())
            .filter(move |&other| self.joins(own, other))
            .map(|other| self.members[other].as_slice())
    }

    /// Returns the joined types by name: `movie - user`.
    #[must_use]
    pub fn described(&self) -> String {
        let name = |at: usize| self.types.names[at].as_str();
        let pairs = self.joined.iter().map(|&(a, b)| format!("{} - {}", name(a), name(b)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn types(names: &[&str]) -> NodeTypes {
        NodeTypes::new(names).expect("few types")
    }

    #[test]
    fn users_and_movies_are_joined_and_neither_among_themselves() {
        let types = types(&["user", "movie", "user", "movie", "movie"]);
        assert_eq!(
            (types.names(), types.name(1)),
            (&["movie".to_owned(), "user".to_owned()][..], "movie")
        );
        let pairs = PairTypes::of_edges(types, &[Pair::new(0, 1)]).expect("nodes with types");
        assert_eq!((pairs.pair_count(), pairs.described().as_str()), (6, "movie - user"));
        assert!(pairs.allows(Pair::new(2, 4)) && pairs.allows(Pair::new(4, 2)));
        assert!(!pairs.allows(Pair::new(0, 2)) && !pairs.allows(Pair::new(1, 3)));
        assert_eq!(pairs.partners(2).collect::<Vec<_>>(), [&[1, 3, 4][..]]);
        let error = PairTypes::of_edges(pairs.types, &[Pair::new(0, 5)]).expect_err("no node");
        assert!(error.to_string().contains("a type for each node of edge (0, 5)"), "{error}");
    }

    proptest! {
        /// Indices correspond to a list of all allowed pairs.
        #[test]
        fn every_allowed_pair_has_one_number(
            names in prop::collection::vec(0usize..3, 1..14),
            edges in prop::collection::vec((0u32..14, 0u32..14), 0..6),
        ) {
            let count = u32::try_from(names.len()).expect("few");
            let names: Vec<&str> = names.into_iter().map(|at| ["a", "b", "c"][at]).collect();
            let edges: Vec<Pair> = edges.into_iter()
                .map(|(src, dst)| Pair::new(src % count, dst % count))
                .collect();
            let pairs = PairTypes::of_edges(types(&names), &edges).expect("sound");
            let all = (0..count).flat_map(|a| (a + 1..count).map(move |b| Pair::new(a, b)));
            let expected: Vec<Pair> = all.filter(|&pair| pairs.allows(pair)).collect();
            let mut found: Vec<Pair> = (0..pairs.pair_count()).map(|at| pairs.pair(at)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
