use vgae_artifacts::{EdgeSplit, Pair, Part};

/// Parts that are evaluated.
pub(super) const JUDGED: [Part; 2] = [Part::Validation, Part::Test];

/// Returns the edges of a part.
pub(super) fn positives(split: &EdgeSplit, part: Part) -> &[Pair] {
    match part {
        Part::Train => split.train(),
        Part::Validation => &split.validation().positive,
        Part::Test => &split.test().positive,
    }
}
