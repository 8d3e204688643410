use serde::{Deserialize, Serialize};

use crate::ModelError;

/// How skip-gram is kept from a softmax over all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SkipGramObjective {
    /// Hierarchical softmax over a Huffman tree of the nodes, as `DeepWalk` has it (Perozzi, Al-Rfou &
    /// Skiena 2014, arXiv 1403.6652, section 4.2.2).
    #[default]
    HierarchicalSoftmax,
    /// A few nodes drawn for each context, with probability by count^0.75 (Mikolov et al. 2013, arXiv
    /// 1310.4546, section 2.2).
    NegativeSampling,
}

/// The table `[model.deepwalk]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeepWalkConfig {
    /// Width of the embedding.
    pub dimensions: usize,
    /// Walks that start at each node.
    pub walks: u32,
    /// Nodes in a walk.
    pub length: u32,
    /// Contexts are at most so far from the centre. As in word2vec, each centre draws its own reach,
    /// uniform in 1 to `window`, so near contexts count more.
    pub window: u32,
    /// Over all walks.
    pub passes: u32,
    /// At the start; falls linearly. word2vec has 0.025; docs/deepwalk.md has why half of it, or less, is
    /// better here.
    pub learning_rate: f64,
    /// At the end.
    pub least_learning_rate: f64,
    /// How skip-gram is trained.
    pub objective: SkipGramObjective,
    /// Nodes drawn a context, for negative sampling only; one drawn twice counts once.
    pub negatives: u32,
    /// node2vec's return parameter (Grover & Leskovec 2016, arXiv 1607.00653, section 3.2.2): going
    /// straight back has weight `1 / p`.
    pub p: f64,
    /// node2vec's in-out parameter: going where the last node has no edge has weight `1 / q`. With
    /// `p = q = 1`, walks are `DeepWalk`'s.
    pub q: f64,
}

impl Default for DeepWalkConfig {
    fn default() -> Self {
        Self {
            dimensions: 128,
            walks: 10,
            length: 80,
            window: 10,
            passes: 1,
            learning_rate: 0.01,
            least_learning_rate: 1e-4,
            objective: SkipGramObjective::default(),
            negatives: 5,
            p: 1.0,
            q: 1.0,
        }
    }
}

impl DeepWalkConfig {
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let weight = 1e-6..=1e6;
        let rules = [
            (
                "deepwalk.dimensions",
                (1..=1 << 16).contains(&self.dimensions),
                "1 to 65536",
                self.dimensions.to_string(),
            ),
            (
                "deepwalk.walks",
                (1..=10_000).contains(&self.walks),
                "1 to 10000",
                self.walks.to_string(),
            ),
            (
                "deepwalk.length",
                (2..=100_000).contains(&self.length),
                "2 to 100000",
                self.length.to_string(),
            ),
            (
                "deepwalk.window",
                (1..=1000).contains(&self.window),
                "1 to 1000",
                self.window.to_string(),
            ),
            (
                "deepwalk.passes",
                (1..=10_000).contains(&self.passes),
                "1 to 10000",
                self.passes.to_string(),
            ),
            (
                "deepwalk.learning_rate",
                self.learning_rate > 0.0 && self.learning_rate <= 1.0,
                "a number above 0, at most 1",
                self.learning_rate.to_string(),
            ),
            (
                "deepwalk.least_learning_rate",
                (0.0..=self.learning_rate).contains(&self.least_learning_rate),
                "0 to `learning_rate`",
                self.least_learning_rate.to_string(),
            ),
            (
                "deepwalk.negatives",
                (1..=1000).contains(&self.negatives),
                "1 to 1000",
                self.negatives.to_string(),
            ),
            ("deepwalk.p", weight.contains(&self.p), "1e-6 to 1e6", self.p.to_string()),
            ("deepwalk.q", weight.contains(&self.q), "1e-6 to 1e6", self.q.to_string()),
        ];
        match rules.into_iter().find(|(_, holds, ..)| !holds) {
            Some((key, _, expected, found)) => Err(ModelError::config(key, expected, found)),
            None => Ok(()),
        }
    }
}
