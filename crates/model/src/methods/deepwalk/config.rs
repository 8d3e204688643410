use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_artifacts::{Embedding, Seed};
use vgae_options::{OptionError, Options};

use crate::method::Entry;
use crate::{
    Callback, DataSize, Estimator, FeatureUse, FitInput, FitOptions, FittedModel, Learned,
    ModelError, Needs,
};

/// Approximation of the softmax over all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SkipGramObjective {
    /// Hierarchical softmax over a Huffman tree of the nodes, as in `DeepWalk` (Perozzi, Al-Rfou & Skiena
    /// 2014, arXiv 1403.6652, section 4.2.2).
    #[default]
    HierarchicalSoftmax,
    /// Negative sampling: a few nodes drawn per context, with probability proportional to count^0.75 (Mikolov
    /// et al. 2013, arXiv 1310.4546, section 2.2).
    NegativeSampling,
}

/// Hyper-parameters of `DeepWalk` and node2vec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeepWalkConfig {
    /// Width of the embedding.
    #[schemars(range(min = 1, max = 65536))]
    pub dimensions: usize,
    /// Number of random walks that start at each node.
    #[schemars(range(min = 1, max = 10_000))]
    pub walks_per_node: u32,
    /// Number of nodes per walk.
    #[schemars(range(min = 2, max = 100_000))]
    pub walk_length: u32,
    /// Largest distance between centre and context. As in word2vec, the distance is drawn per centre,
    /// uniformly from 1 to `window`, so that near contexts have more weight.
    #[schemars(range(min = 1, max = 1000))]
    pub window: u32,
    /// Number of passes over all walks.
    #[schemars(range(min = 1, max = 10_000))]
    pub passes: u32,
    /// Initial learning rate; decreases linearly.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub learning_rate: f64,
    /// Final learning rate, at most `learning_rate`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_learning_rate: f64,
    /// Approximation of the softmax over all nodes.
    pub objective: SkipGramObjective,
    /// Negatives per context, for negative sampling; duplicates among them are ignored.
    #[schemars(range(min = 1, max = 1000))]
    pub context_negatives: u32,
    /// Return parameter of node2vec (Grover & Leskovec 2016, arXiv 1607.00653, section 3.2.2): a step back to
    /// the previous node has weight `1 / p`.
    #[schemars(range(min = 0.000_001, max = 1_000_000.0))]
    pub p: f64,
    /// In-out parameter of node2vec: a step to a node that is not adjacent to the previous node has weight `1
    /// / q`. With `p = q = 1`, walks are those of `DeepWalk`.
    #[schemars(range(min = 0.000_001, max = 1_000_000.0))]
    pub q: f64,
}

impl Default for DeepWalkConfig {
    fn default() -> Self {
        Self {
            dimensions: 128,
            walks_per_node: 10,
            walk_length: 80,
            window: 10,
            passes: 1,
            learning_rate: 0.01,
            final_learning_rate: 1e-4,
            objective: SkipGramObjective::default(),
            context_negatives: 5,
            p: 1.0,
            q: 1.0,
        }
    }
}

/// Method in the registry.
pub(crate) const METHODS: &[Entry] = &[Entry {
    name: "dw",
    about: "DeepWalk or, with other p and q, node2vec: skip-gram over random walks; reads no features",
    default: || Box::new(DeepWalkConfig::default()),
}];

impl Estimator for DeepWalkConfig {
    fn groups(&mut self) -> Vec<&mut dyn Options> {
        vec![self]
    }

    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(*self)
    }

    fn check(&self) -> Result<(), OptionError> {
        if self.final_learning_rate > self.learning_rate {
            let (key, found) = ("final_learning_rate", self.final_learning_rate);
            return Err(OptionError::new(key, "0 to `learning_rate`", found));
        }
        Ok(())
    }

    fn needs(&self) -> Needs {
        Needs::graph(FeatureUse::Ignored)
    }

    fn fit(
        &self,
        input: FitInput<'_>,
        seed: Seed,
        _: FitOptions,
        callback: &mut dyn Callback,
    ) -> Result<FittedModel, ModelError> {
        Ok(super::fit(input, self, seed, callback)?.into())
    }

    /// Returns the learned vectors of the nodes, which are the embedding.
    fn embed_again(
        &self,
        learned: &Learned,
        _: FitInput<'_>,
        _: Seed,
    ) -> Result<Embedding, ModelError> {
        let Learned::DeepWalk { w_in, .. } = learned else {
            return Err(ModelError::ForeignWeights { method: METHODS[0].name });
        };
        Ok(Embedding::new(w_in.clone(), None)?)
    }

    fn uses_edge_weights(&self) -> bool {
        false
    }

    fn transductive(&self) -> Option<&'static str> {
        Some("its vectors are learned per training node, from walks through that node")
    }

    fn memory(&self, data: &DataSize) -> usize {
        data.training_memory(self.dimensions, false)
    }

    fn least_memory(&self, data: &DataSize) -> usize {
        data.least_vectors(self.dimensions)
    }

    fn cost(&self, data: &DataSize) -> u64 {
        data.linear_cost(24_000)
    }
}
