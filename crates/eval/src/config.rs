use serde::{Deserialize, Serialize};

use crate::EvalError;

/// How held-out pairs, or held-out samples, are judged. Every value of this type is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvalConfig {
    /// The slices of training degree that are reported apart.
    pub degree_slices: DegreeSlices,
    /// Whether it is measured how well vectors tell the labels of nodes, where there are any. Not written
    /// where it is the default.
    #[serde(skip_serializing_if = "is_true")]
    pub nodes: bool,
    /// For runs over samples. Not written where it is the default, so that the fingerprints of runs over
    /// graphs do not hang on it.
    #[serde(skip_serializing_if = "SampleEvalConfig::is_default")]
    pub samples: SampleEvalConfig,
}

impl Default for EvalConfig {
    /// Everything.
    fn default() -> Self {
        Self {
            degree_slices: DegreeSlices::default(),
            nodes: true,
            samples: SampleEvalConfig::default(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_true(value: &bool) -> bool {
    *value
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

impl SampleEvalConfig {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Slices of degrees by their lower bounds, rising: `[0, 1, 2, 4, 8]` stands for 0, 1, 2-3, 4-7 and 8 or
/// more. Degrees below the first bound are in no slice; without bounds there are no slices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct DegreeSlices(Vec<u32>);

impl Default for DegreeSlices {
    /// Nodes without a training edge, with one, and then doubling.
    fn default() -> Self {
        Self(vec![0, 1, 2, 4, 8])
    }
}

impl DegreeSlices {
    /// Takes the lower bounds.
    ///
    /// # Errors
    /// When they do not rise.
    pub fn new(lower_bounds: Vec<u32>) -> Result<Self, EvalError> {
        match lower_bounds.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(EvalError::DegreeSlices { previous: pair[0], next: pair[1] }),
            None => Ok(Self(lower_bounds)),
        }
    }

    /// The slices from low to high; the last is open.
    pub fn iter(&self) -> impl Iterator<Item = DegreeSlice> + '_ {
        self.0.iter().enumerate().map(|(at, &from)| DegreeSlice {
            from,
            // The next bound is larger than this one, so it is at least 1.
            to: self.0.get(at + 1).map(|next| next - 1),
        })
    }
}

impl TryFrom<Vec<u32>> for DegreeSlices {
    type Error = EvalError;

    fn try_from(lower_bounds: Vec<u32>) -> Result<Self, EvalError> {
        Self::new(lower_bounds)
    }
}

impl From<DegreeSlices> for Vec<u32> {
    fn from(slices: DegreeSlices) -> Self {
        slices.0
    }
}

/// A range of degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DegreeSlice {
    /// The smallest degree in it.
    pub from: u32,
    /// The largest degree in it; absent when it is open.
    pub to: Option<u32>,
}

impl DegreeSlice {
    /// Whether `degree` is in it.
    #[must_use]
    pub fn contains(self, degree: u32) -> bool {
        self.from <= degree && self.to.is_none_or(|to| degree <= to)
    }

    /// `cold` for degree 0 alone, else the range: `1`, `2-3`, `8+`.
    #[must_use]
    pub fn name(self) -> String {
        match (self.from, self.to) {
            (0, Some(0)) => "cold".to_owned(),
            (from, Some(to)) if from == to => from.to_string(),
            (from, Some(to)) => format!("{from}-{to}"),
            (from, None) => format!("{from}+"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_slices_cover_every_degree_once() {
        let slices: Vec<DegreeSlice> = DegreeSlices::default().iter().collect();
        let names: Vec<String> = slices.iter().map(|slice| slice.name()).collect();
        assert_eq!(names, ["cold", "1", "2-3", "4-7", "8+"]);
        for degree in (0..100).chain([u32::MAX]) {
            let holding = slices.iter().filter(|slice| slice.contains(degree)).count();
            assert_eq!(holding, 1, "degree {degree}");
        }
    }

    #[test]
    fn bounds_must_rise() {
        for bad in [vec![0, 0], vec![0, 2, 1], vec![3, 3, 5]] {
            DegreeSlices::new(bad).expect_err("bounds that do not rise");
        }
        for good in [vec![], vec![5], vec![0, u32::MAX]] {
            DegreeSlices::new(good).expect("rising bounds");
        }
        let error = serde_json::from_str::<EvalConfig>(r#"{"degree_slices": [0, 4, 2]}"#);
        let message = error.expect_err("bounds that do not rise").to_string();
        assert!(message.contains("found 2 after 4"), "{message}");
    }

    #[test]
    fn a_config_reads_back_and_knows_its_keys() {
        let config = EvalConfig::default();
        let text = serde_json::to_string(&config).expect("serialises");
        assert_eq!(text, r#"{"degree_slices":[0,1,2,4,8]}"#);
        assert_eq!(serde_json::from_str::<EvalConfig>(&text).expect("reads back"), config);
        assert_eq!(serde_json::from_str::<EvalConfig>("{}").expect("defaults"), config);
        serde_json::from_str::<EvalConfig>(r#"{"degre_slices": []}"#).expect_err("unknown key");
        let text = r#"{"degree_slices":[],"samples":{"neighbours":5,"probe":true,"pca":true}}"#;
        let config: EvalConfig =
            serde_json::from_str(r#"{"degree_slices": [], "samples": {"neighbours": 5}}"#)
                .expect("a part of a table");
        assert_eq!(serde_json::to_string(&config).expect("serialises"), text);
    }
}
