use vgae_artifacts::Pair;

/// Sorted edges with the place where each node's begin: to find one takes two looks at far memory, where a
/// binary search through all of them takes one a step.
pub(crate) struct Rows<'a> {
    edges: &'a [Pair],
    /// One entry a node, and the end.
    starts: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// Takes canonical edges, sorted, over `node_count` nodes.
    pub(crate) fn new(node_count: usize, edges: &'a [Pair]) -> Self {
        let mut starts = Vec::with_capacity(node_count + 1);
        let mut start = 0;
        for node in 0..node_count {
            starts.push(start);
            start += edges[start..].iter().take_while(|edge| edge.src as usize == node).count();
        }
        starts.push(start);
        Self { edges, starts }
    }

    /// Whether a canonical pair, of any nodes, is an edge.
    pub(crate) fn contains(&self, pair: Pair) -> bool {
        let src = pair.src as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(src), self.starts.get(src + 1)) else {
            return false;
        };
        self.edges[start..end].binary_search_by_key(&pair.dst, |edge| edge.dst).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vgae_artifacts::Edges;

    use super::*;

    proptest! {
        #[test]
        fn rows_find_what_a_search_through_all_edges_finds(
            ends in prop::collection::vec((0u32..9, 0u32..9), 0..30),
        ) {
            let ends = ends.into_iter().filter(|(src, dst)| src != dst);
            let pairs = ends.map(|(src, dst)| Pair::new(src, dst)).collect();
            let edges = Edges::undirected(9, pairs).expect("edges");
            let rows = Rows::new(9, edges.pairs());
            for src in 0..11 {
                for dst in src + 1..11 {
                    let pair = Pair::new(src, dst);
                    prop_assert_eq!(rows.contains(pair), edges.pairs().contains(&pair));
                }
            }
        }
    }
}
