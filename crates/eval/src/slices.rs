use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EvalError;

/// Slices of an integer, such as a degree, by increasing lower bounds: `[0, 1, 2, 4, 8]` means 0, 1, 2-3, 4-7
/// and 8 or more. Numbers below the first bound are in no slice; an empty list has no slices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
#[schemars(with = "Vec<u32>")]
pub struct SliceBounds(Vec<u32>);

impl SliceBounds {
    /// Checks the lower bounds.
    ///
    /// # Errors
    /// Returns an error when they do not increase.
    pub fn new(lower_bounds: Vec<u32>) -> Result<Self, EvalError> {
        match lower_bounds.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(EvalError::SliceBounds { previous: pair[0], next: pair[1] }),
            None => Ok(Self(lower_bounds)),
        }
    }

    /// Returns the default slices by degree: nodes without training edges, with one, and then doubling.
    #[must_use]
    pub fn of_degrees() -> Self {
        Self(vec![0, 1, 2, 4, 8])
    }

    /// Returns the default slices by distance: 1 (which only a leaking split holds out), 2, 3, 4-5, and 6 or
    /// more.
    #[must_use]
    pub fn of_distances() -> Self {
        Self(vec![1, 2, 3, 4, 6])
    }

    /// Returns the slices in ascending order; the last has no upper bound.
    pub fn iter(&self) -> impl Iterator<Item = SliceRange> + '_ {
        self.0.iter().enumerate().map(|(at, &from)| SliceRange {
            from,
            // The next bound is larger than this one, so it is at least 1.
            to: self.0.get(at + 1).map(|next| next - 1),
        })
    }

    /// Returns the lower bound of the last slice; `None` without slices.
    pub(crate) fn last(&self) -> Option<u32> {
        self.0.last().copied()
    }
}

impl TryFrom<Vec<u32>> for SliceBounds {
    type Error = EvalError;

    fn try_from(lower_bounds: Vec<u32>) -> Result<Self, EvalError> {
        Self::new(lower_bounds)
    }
}

impl From<SliceBounds> for Vec<u32> {
    fn from(bounds: SliceBounds) -> Self {
        bounds.0
    }
}

/// Inclusive range of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceRange {
    /// Smallest number.
    pub from: u32,
    /// Largest number; `None` if the range has no upper bound.
    pub to: Option<u32>,
}

impl SliceRange {
    /// Returns whether `number` is in the range.
    #[must_use]
    pub fn contains(self, number: u32) -> bool {
        self.from <= number && self.to.is_none_or(|to| number <= to)
    }

    /// Formats the range: `1`, `2-3`, `8+`.
    #[must_use]
    pub fn name(self) -> String {
        match (self.from, self.to) {
            (from, Some(to)) if from == to => from.to_string(),
            (from, Some(to)) => format!("{from}-{to}"),
            (from, None) => format!("{from}+"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EvalConfig;

    #[test]
    fn the_default_slices_cover_every_number_once() {
        let names =
            |bounds: &SliceBounds| -> Vec<String> { bounds.iter().map(SliceRange::name).collect() };
        let (degrees, distances) = (SliceBounds::of_degrees(), SliceBounds::of_distances());
        assert_eq!(names(&degrees), ["0", "1", "2-3", "4-7", "8+"]);
        assert_eq!(names(&distances), ["1", "2", "3", "4-5", "6+"]);
        for (bounds, first) in [(degrees, 0), (distances, 1)] {
            for number in (first..100).chain([u32::MAX]) {
                let holding = bounds.iter().filter(|slice| slice.contains(number)).count();
                assert_eq!(holding, 1, "number {number}");
            }
        }
    }

    #[test]
    fn bounds_must_rise() {
        for bad in [vec![0, 0], vec![0, 2, 1], vec![3, 3, 5]] {
            SliceBounds::new(bad).expect_err("bounds that do not rise");
        }
        for good in [vec![], vec![5], vec![0, u32::MAX]] {
            SliceBounds::new(good).expect("rising bounds");
        }
        for key in ["degree_slices", "distance_slices"] {
            let error = serde_json::from_str::<EvalConfig>(&format!(r#"{{"{key}": [0, 4, 2]}}"#));
            let message = error.expect_err("bounds that do not rise").to_string();
            assert!(message.contains("found 2 after 4"), "{message}");
        }
    }
}
