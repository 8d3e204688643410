use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Kind of negatives.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum NegativeKind {
    /// Pairs that are not edges of the whole graph, drawn uniformly.
    Uniform,
    /// Pairs of nodes with training degrees similar to those of the edge, so that a model based on degrees
    /// alone is at chance level.
    DegreeMatched,
    /// Pairs of one end of the edge and any node not adjacent to it; both ends alternately.
    Corrupt,
    /// Pairs of one end of the edge and the nodes most likely to be adjacent to it by structural and feature
    /// heuristics.
    Hard,
    /// Lists that were given in files.
    Given,
    /// The edge in the other direction, unless that is an edge too; directed splits only.
    Reversed,
}

/// Kind of negatives and their number per edge; written as `uniform:10`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct NegativeSet {
    kind: NegativeKind,
    per_positive: u32,
}

/// Error of parsing a [`NegativeSet`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected negatives as KIND:N, such as \"uniform:10\", with KIND one of uniform, degree-matched, corrupt, \
     hard and reversed, and N from 1 to {most}, found {found:?}",
    most = NegativeSet::MOST
)]
pub struct InvalidNegatives {
    found: String,
}

impl NegativeSet {
    /// Maximum number of negatives per edge.
    pub const MOST: u32 = 10_000;

    /// Creates a set of `per_positive` negatives per edge.
    ///
    /// # Errors
    /// Returns an error when the number is 0 or more than [`NegativeSet::MOST`].
    pub fn new(kind: NegativeKind, per_positive: u32) -> Result<Self, InvalidNegatives> {
        let set = Self { kind, per_positive };
        if (1..=Self::MOST).contains(&per_positive) {
            Ok(set)
        } else {
            Err(InvalidNegatives { found: set.to_string() })
        }
    }

    /// Creates a set of hard negatives.
    #[must_use]
    pub const fn hard<const PER_POSITIVE: u32>() -> Self {
        const { assert!(PER_POSITIVE >= 1 && PER_POSITIVE <= Self::MOST, "1 to MOST") };
        Self { kind: NegativeKind::Hard, per_positive: PER_POSITIVE }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(self) -> NegativeKind {
        self.kind
    }

    /// Returns the number of negatives per edge; fewer are used if fewer exist.
    #[must_use]
    pub const fn per_positive(self) -> u32 {
        self.per_positive
    }
}

impl fmt::Display for NegativeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.per_positive)
    }
}

impl FromStr for NegativeSet {
    type Err = InvalidNegatives;

    fn from_str(text: &str) -> Result<Self, InvalidNegatives> {
        let fault = || InvalidNegatives { found: text.to_owned() };
        let (name, number) = text.split_once(':').ok_or_else(fault)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match (name.parse(), number.parse()) {
            (Ok(kind), Ok(number)) if digits => Self::new(kind, number).map_err(|_| fault()),
            _ => Err(fault()),
        }
    }
}

impl TryFrom<String> for NegativeSet {
    type Error = InvalidNegatives;

    fn try_from(text: String) -> Result<Self, InvalidNegatives> {
        text.parse()
    }
}

impl From<NegativeSet> for String {
    fn from(set: NegativeSet) -> Self {
        set.to_string()
    }
}

/// Negatives that edges are ranked among; written as `split`, or as a [`NegativeSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RankedAmong {
    /// The negatives of the split: one list common to all edges.
    Split,
    /// A separate list for each edge.
    Set(NegativeSet),
}

impl RankedAmong {
    const SPLIT: &str = "split";

    /// Returns the set, if each edge has its own list.
    #[must_use]
    pub const fn set(self) -> Option<NegativeSet> {
        match self {
            Self::Split => None,
            Self::Set(set) => Some(set),
        }
    }
}

impl fmt::Display for RankedAmong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Split => f.write_str(Self::SPLIT),
            Self::Set(set) => set.fmt(f),
        }
    }
}

impl TryFrom<String> for RankedAmong {
    type Error = InvalidNegatives;

    fn try_from(text: String) -> Result<Self, InvalidNegatives> {
        if text == Self::SPLIT { Ok(Self::Split) } else { text.parse().map(Self::Set) }
    }
}

impl From<RankedAmong> for String {
    fn from(among: RankedAmong) -> Self {
        among.to_string()
    }
}

impl JsonSchema for RankedAmong {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RankedAmong".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for text in ["uniform:1", "degree-matched:10", "corrupt:100", "hard:10000", "reversed:1"] {
            let set: NegativeSet = text.parse().expect("a set");
            assert_eq!(set.to_string(), text);
            assert_eq!(serde_json::to_string(&set).expect("text"), format!("{text:?}"));
            assert_eq!(RankedAmong::try_from(text.to_owned()), Ok(RankedAmong::Set(set)));
        }
        assert_eq!(RankedAmong::try_from("split".to_owned()), Ok(RankedAmong::Split));
        for text in [
            "",
            "uniform",
            "uniform:",
            "uniform:0",
            "uniform:10001",
            "uniform:+1",
            "Uniform:1",
            "hard:1:1",
        ] {
            let message = text.parse::<NegativeSet>().expect_err("no set").to_string();
            assert!(message.ends_with(&format!("from 1 to 10000, found {text:?}")), "{message}");
        }
    }
}
