use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{NegativeSets, SliceBounds};

/// Evaluation of held-out pairs or samples. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvalConfig {
    /// Lower bounds of the slices by training degree whose metrics are reported separately.
    pub degree_slices: SliceBounds,
    /// Lower bounds of the slices by distance over training edges, beside the slice of unconnected pairs; an empty list
    /// for none of them.
    pub distance_slices: SliceBounds,
    /// Further negatives that held-out edges are ranked among, as KIND:NUMBER per edge. Kinds: `uniform`,
    /// `degree-matched`, `corrupt`, `hard`.
    pub negatives: NegativeSets,
    /// Whether the labels of nodes, where there are any, are predicted from the embedding.
    pub nodes: bool,
    /// Evaluation of runs over samples.
    pub samples: SampleEvalConfig,
}

impl Default for EvalConfig {
    /// Everything, with the negatives of the split alone.
    fn default() -> Self {
        Self {
            degree_slices: SliceBounds::of_degrees(),
            distance_slices: SliceBounds::of_distances(),
            negatives: NegativeSets::default(),
            nodes: true,
            samples: SampleEvalConfig::default(),
        }
    }
}

/// Evaluation of the code of held-out samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SampleEvalConfig {
    /// Nearest training samples that vote on the label of a test sample; 0 for no such metric.
    pub neighbours: usize,
    /// Whether a linear probe is fitted to the code.
    pub probe: bool,
    /// Whether a principal component analysis is evaluated beside the model.
    pub pca: bool,
}

impl Default for SampleEvalConfig {
    /// Everything; 10 neighbours.
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
