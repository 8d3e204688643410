//! Huffman tree of hierarchical softmax (Mikolov et al. 2013, arXiv 1310.4546, section 2.1): frequently
//! visited nodes have short paths. The probability of a node is the product of the branch probabilities along
//! its path.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Paths from the root to all nodes.
#[derive(Debug)]
pub(super) struct Tree {
    starts: Vec<usize>,
    /// Inner nodes, `0..N - 1`, the root first.
    inner: Vec<u32>,
    /// 1 if the path takes the child that was merged first, else 0.
    labels: Vec<f32>,
}

impl Tree {
    /// Builds the tree from the visits of at least two nodes. Ties are resolved in favour of the lower index.
    pub(super) fn new(visits: &[u64]) -> Self {
        let leaves = visits.len();
        let mut heap: BinaryHeap<Reverse<(u64, usize)>> =
            visits.iter().enumerate().map(|(leaf, &count)| Reverse((count, leaf))).collect();
        let mut parent = vec![(0usize, 0.0f32); 2 * leaves - 1];
        for merged in leaves..2 * leaves - 1 {
            let mut total = 0;
            for label in [1.0, 0.0] {
                if let Some(Reverse((count, child))) = heap.pop() {
                    parent[child] = (merged, label);
                    total += count;
                }
            }
            heap.push(Reverse((total, merged)));
        }
        let root = 2 * leaves - 2;
        let (mut starts, mut inner, mut labels) = (vec![0], Vec::new(), Vec::new());
        for leaf in 0..leaves {
            let (first, mut node) = (inner.len(), leaf);
            while node != root {
                let (above, label) = parent[node];
                // The root is row 0, followed by nodes near it, so that frequently used rows are adjacent in
                // memory.
                inner.push(u32::try_from(root - above).unwrap_or(u32::MAX));
                labels.push(label);
                node = above;
            }
            inner[first..].reverse();
            labels[first..].reverse();
            starts.push(inner.len());
        }
        Self { starts, inner, labels }
    }

    /// Returns the inner nodes on the path to `node`, and the branch taken at each.
    pub(super) fn path(&self, node: usize) -> (&[u32], &[f32]) {
        let range = self.starts[node]..self.starts[node + 1];
        (&self.inner[range.clone()], &self.labels[range])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_begins_another_and_often_visited_nodes_are_near() {
        let visits = [5, 1, 1, 20, 8, 0, 3];
        let tree = Tree::new(&visits);
        let code = |node: usize| -> Vec<bool> {
            tree.path(node).1.iter().map(|&label| label > 0.5).collect()
        };
        for a in 0..visits.len() {
            assert_eq!(tree.path(a).0[0], 0, "from the root");
            for b in 0..visits.len() {
                assert!(a == b || !code(b).starts_with(&code(a)));
                assert!(visits[a] <= visits[b] || code(a).len() <= code(b).len());
            }
        }
        // Kraft's equality: the tree is full.
        let sum: f64 = (0..visits.len()).map(|node| 0.5f64.powf(code(node).len() as f64)).sum();
        assert!((sum - 1.0).abs() < 1e-15);
        assert_eq!(Tree::new(&[1, 1]).path(1), (&[0][..], &[0.0][..]));
    }
}
