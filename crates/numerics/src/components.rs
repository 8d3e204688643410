//! Connected components.

/// Connected components of a graph, direction ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// The component of each node. Components are numbered in the order of their first nodes.
    pub of: Vec<u32>,
    /// The number of nodes in each component.
    pub sizes: Vec<usize>,
}

impl Components {
    /// Finds the components of `nodes` nodes by union-find: Tarjan (1975), union by size with path halving.
    ///
    /// # Panics
    /// When an end of an edge is not below `nodes`.
    #[must_use]
    pub fn new(nodes: u32, edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        const NONE: u32 = u32::MAX;
        let mut forest = Forest { parent: (0..nodes).collect(), size: vec![1; nodes as usize] };
        for (src, dst) in edges {
            forest.join(src, dst);
        }
        let mut number = vec![NONE; nodes as usize];
        let (mut of, mut sizes) = (Vec::with_capacity(nodes as usize), Vec::new());
        for node in 0..nodes {
            let root = forest.root(node) as usize;
            if number[root] == NONE {
                // There are no more components than nodes.
                number[root] = u32::try_from(sizes.len()).unwrap_or(NONE);
                sizes.push(forest.size[root] as usize);
            }
            of.push(number[root]);
        }
        Self { of, sizes }
    }

    /// The number of components.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sizes.len()
    }

    /// The number of nodes in the largest component; 0 without nodes.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(0)
    }
}

struct Forest {
    parent: Vec<u32>,
    /// Meaningful at roots only.
    size: Vec<u32>,
}

impl Forest {
    fn root(&mut self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            let parent = self.parent[node as usize];
            self.parent[node as usize] = self.parent[parent as usize];
            node = self.parent[node as usize];
        }
        node
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let is_larger = self.size[a as usize] >= self.size[b as usize];
        let (large, small) = if is_larger { (a, b) } else { (b, a) };
        self.parent[small as usize] = large;
        self.size[large as usize] += self.size[small as usize];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The naive twin: spread the smallest label along edges until nothing changes.
    fn by_labels(nodes: u32, edges: &[(u32, u32)]) -> Components {
        let mut label: Vec<u32> = (0..nodes).collect();
        loop {
            let before = label.clone();
            for &(a, b) in edges {
                let least = label[a as usize].min(label[b as usize]);
                (label[a as usize], label[b as usize]) = (least, least);
            }
            if before == label {
                break;
            }
        }
        let mut first: Vec<u32> = label.clone();
        first.sort_unstable();
        first.dedup();
        let number = |label: &u32| first.binary_search(label).expect("a first node");
        let of: Vec<u32> = label.iter().map(|l| u32::try_from(number(l)).expect("few")).collect();
        let sizes = first.iter().map(|own| label.iter().filter(|l| *l == own).count()).collect();
        Components { of, sizes }
    }

    proptest! {
        #[test]
        fn agrees_with_its_naive_twin(edges in prop::collection::vec((0u32..12, 0u32..12), 0..20)) {
            prop_assert_eq!(Components::new(12, edges.iter().copied()), by_labels(12, &edges));
        }
    }

    #[test]
    fn no_nodes_have_no_component() {
        let none = Components::new(0, []);
        assert_eq!((none.count(), none.largest()), (0, 0));
    }
}
