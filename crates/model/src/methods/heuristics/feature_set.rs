use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PairFeature;
use crate::ModelError;

/// Different pair features, in the order of [`PairFeature::ALL`]; written as a list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(try_from = "Vec<PairFeature>", into = "Vec<PairFeature>")]
pub struct PairFeatures(u16);

impl PairFeatures {
    /// No more than a bit a feature.
    const FITS: () = assert!(PairFeature::ALL.len() <= 16, "a bit a feature");

    /// Those of a list.
    ///
    /// # Errors
    /// When one stands there twice.
    pub fn new(features: &[PairFeature]) -> Result<Self, ModelError> {
        let mut set = Self(0);
        for &feature in features {
            let bit = Self::bit(feature);
            if set.0 & bit != 0 {
                let found = format!("{feature} twice");
                return Err(ModelError::config("hybrid.features", "each feature once", found));
            }
            set.0 |= bit;
        }
        Ok(set)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = PairFeature> {
        PairFeature::ALL.into_iter().filter(move |&feature| self.0 & Self::bit(feature) != 0)
    }

    fn bit(feature: PairFeature) -> u16 {
        let () = Self::FITS;
        let place = PairFeature::ALL.into_iter().position(|other| other == feature);
        1 << place.unwrap_or_default()
    }
}

impl TryFrom<Vec<PairFeature>> for PairFeatures {
    type Error = ModelError;

    fn try_from(features: Vec<PairFeature>) -> Result<Self, ModelError> {
        Self::new(&features)
    }
}

impl From<PairFeatures> for Vec<PairFeature> {
    fn from(features: PairFeatures) -> Self {
        features.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_list_in_one_order() {
        let (katz, text) = (PairFeature::Katz, PairFeature::Text);
        let set = PairFeatures::new(&[text, katz]).expect("two features");
        assert_eq!(set.iter().collect::<Vec<_>>(), [katz, text]);
        let all = PairFeatures::new(&PairFeature::ALL).expect("all features");
        assert_eq!(Vec::from(all), PairFeature::ALL);
        let json = serde_json::to_string(&set).expect("JSON");
        assert_eq!(json, r#"["katz","text"]"#);
        assert_eq!(serde_json::from_str::<PairFeatures>(&json).expect("reads back"), set);
        let error = serde_json::from_str::<PairFeatures>(r#"["katz","katz"]"#).expect_err("twice");
        assert!(error.to_string().contains("found katz twice"), "{error}");
    }
}
