use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{NegativeSets, SliceBounds};

/// Evaluation of held-out pairs or samples. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvalConfig {
    /// Lower bounds of the slices by training degree whose metrics are reported separately.
    pub degree_slices: SliceBounds,
    /// Lower bounds of the slices by distance over training edges, in addition to the slice of unconnected
    /// pairs; an empty list disables both.
    pub distance_slices: SliceBounds,
    /// Further negatives to rank held-out edges among, as KIND:NUMBER per edge. Kinds: `uniform`,
    /// `degree-matched`, `corrupt`, `hard`; `reversed:1` with a directed split. A table with files (`validation`, `test`, or `file`) has a list per edge
    /// of `[split] files`.
    pub negatives: NegativeSets,
    /// Whether to report MRR and Hits@K a second time with the mean of the ranks that a tie can have as the rank,
    /// as published `HeaRT` tables do.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("default" = false))]
    pub mean_ranks: bool,
    /// Whether to report each test metric a second time at the epoch that is best by the same metric on validation
    /// pairs, as published `HeaRT` tables do. Methods that train in epochs only.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("default" = false))]
    pub own_epochs: bool,
    /// Whether to predict node labels, if present, from the embedding.
    pub nodes: bool,
    /// Evaluation of runs over samples.
    pub samples: SampleEvalConfig,
}

impl Default for EvalConfig {
    /// Returns a configuration that measures everything, with the negatives of the split only.
    fn default() -> Self {
        Self {
            degree_slices: SliceBounds::of_degrees(),
            distance_slices: SliceBounds::of_distances(),
            negatives: NegativeSets::default(),
            mean_ranks: false,
            own_epochs: false,
            nodes: true,
            samples: SampleEvalConfig::default(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Evaluation of the codes of held-out samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SampleEvalConfig {
    /// Number of nearest training samples that vote on the label of a test sample; 0 disables the metric.
    pub neighbours: usize,
    /// Whether to fit a linear probe to the codes.
    pub probe: bool,
    /// Whether to evaluate a principal component analysis in addition to the model.
    pub pca: bool,
}

impl Default for SampleEvalConfig {
    /// Returns a configuration that measures everything, with 10 neighbours.
    fn default() -> Self {
        Self { neighbours: 10, probe: true, pca: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_reads_back_and_knows_its_keys() {
        let config = EvalConfig::default();
        let text = serde_json::to_string(&config).expect("serialises");
        assert_eq!(serde_json::from_str::<EvalConfig>(&text).expect("reads back"), config);
        assert_eq!(serde_json::from_str::<EvalConfig>("{}").expect("defaults"), config);
        serde_json::from_str::<EvalConfig>(r#"{"degre_slices": []}"#).expect_err("unknown key");
        let text = r#"{"degree_slices":[],"distance_slices":[1,2],"negatives":["uniform:10","hard:100"],"nodes":true,"samples":{"neighbours":5,"probe":true,"pca":true}}"#;
        let config: EvalConfig = serde_json::from_str(text).expect("other slices and negatives");
        assert_eq!(serde_json::to_string(&config).expect("serialises"), text);
        let part = r#"{"degree_slices": [], "distance_slices":[1,2], "negatives":["uniform:10","hard:100"], "samples": {"neighbours": 5}}"#;
        assert_eq!(serde_json::from_str::<EvalConfig>(part).expect("a part of a table"), config);
    }
}
