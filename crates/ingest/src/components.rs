use vgae_artifacts::{ComponentCount, Pair};

/// Counts the connected components over `node_count` nodes by union-find, direction ignored.
///
/// Tarjan (1975), union by size with path halving.
pub(crate) fn count(node_count: usize, pairs: &[Pair]) -> ComponentCount {
    let mut forest = Forest { parent: (0..node_count).collect(), size: vec![1; node_count] };
    let mut count = node_count;
    for pair in pairs {
        count -= usize::from(forest.join(pair.src as usize, pair.dst as usize));
    }
    let largest = forest.size.iter().copied().max().unwrap_or(0);
    ComponentCount { count, largest }
}

struct Forest {
    parent: Vec<usize>,
    /// Meaningful at roots only; never larger elsewhere.
    size: Vec<usize>,
}

impl Forest {
    fn root(&mut self, mut node: usize) -> usize {
        while self.parent[node] != node {
            self.parent[node] = self.parent[self.parent[node]];
            node = self.parent[node];
        }
        node
    }

    /// Whether the two were apart.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return false;
        }
        let (large, small) = if self.size[a] >= self.size[b] { (a, b) } else { (b, a) };
        self.parent[small] = large;
        self.size[large] += self.size[small];
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The naive twin: spread the smallest label along edges until nothing changes.
    fn by_labels(node_count: usize, pairs: &[Pair]) -> ComponentCount {
        let mut label: Vec<usize> = (0..node_count).collect();
        loop {
            let before = label.clone();
            for pair in pairs {
                let (a, b) = (pair.src as usize, pair.dst as usize);
                let least = label[a].min(label[b]);
                (label[a], label[b]) = (least, least);
            }
            if before == label {
                break;
            }
        }
        let members = |of: usize| label.iter().filter(|&&found| found == of).count();
        let sizes: Vec<usize> = (0..node_count).map(members).filter(|&size| size > 0).collect();
        ComponentCount { count: sizes.len(), largest: sizes.into_iter().max().unwrap_or(0) }
    }

    proptest! {
        #[test]
        fn agrees_with_its_naive_twin(ends in prop::collection::vec((0u32..12, 0u32..12), 0..20)) {
            let pairs: Vec<Pair> = ends.into_iter().map(|(a, b)| Pair::new(a, b)).collect();
            prop_assert_eq!(count(12, &pairs), by_labels(12, &pairs));
        }
    }

    #[test]
    fn no_nodes_have_no_component() {
        assert_eq!(count(0, &[]), ComponentCount { count: 0, largest: 0 });
    }
}
