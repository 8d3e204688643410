use serde::{Deserialize, Serialize};

use crate::{NegativeSets, SliceBounds};

/// How held-out pairs, or held-out samples, are judged. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvalConfig {
    /// The slices of training degree that are reported apart.
    pub degree_slices: SliceBounds,
    /// The slices of distance over training edges that are reported apart, besides that of pairs that no path
    /// joins; without bounds, neither.
    pub distance_slices: SliceBounds,
    /// The negatives that held-out edges are ranked among, besides those of the split.
    pub negatives: NegativeSets,
    /// Whether embeddings are evaluated on node labels, where there are any.
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

/// How the code of held-out samples is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SampleEvalConfig {
    /// How many nearest training samples vote on a test sample's label; 0 for no such metric.
    pub neighbours: usize,
    /// Whether a linear classifier of the code is fitted and judged.
    pub probe: bool,
    /// Whether a principal component analysis is reconstructed from beside the model.
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
