use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Negatives of the loss of a graph auto-encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawNegatives", into = "RawNegatives")]
pub enum Negatives {
    /// `"all"`: every pair, each epoch; the exact loss, as in the paper. Time grows with `N^2`.
    #[default]
    All,
    /// So many pairs a training edge, drawn anew each epoch: an estimate of the exact loss without bias.
    /// Time grows with the edges.
    PerPositive(NonZeroU32),
}

impl Negatives {
    /// Nodes up to which [`Negatives::All`] takes seconds an epoch on a few cores; beyond, more.
    pub const EXACT_NODES: usize = 50_000;

    /// Largest number of negatives per positive.
    const MOST: u32 = 1000;

    /// Negatives per training edge; 0 for all.
    #[must_use]
    pub fn per_positive(self) -> usize {
        match self {
            Self::All => 0,
            Self::PerPositive(count) => count.get() as usize,
        }
    }

    /// Whether every pair enters the loss.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"all\" or a whole number of pairs a training edge")]
enum RawNegatives {
    Count(u64),
    Text(String),
}

impl TryFrom<RawNegatives> for Negatives {
    type Error = String;

    fn try_from(raw: RawNegatives) -> Result<Self, String> {
        let (count, found) = match raw {
            RawNegatives::Text(text) if text == "all" => return Ok(Self::All),
            RawNegatives::Text(text) => (None, format!("{text:?}")),
            RawNegatives::Count(count) => (u32::try_from(count).ok(), count.to_string()),
        };
        let count = count.filter(|&count| count <= Self::MOST).and_then(NonZeroU32::new);
        count.map(Self::PerPositive).ok_or_else(|| {
            format!(
                "expected \"all\" or 1 to {} negatives per training edge, found {found}",
                Self::MOST
            )
        })
    }
}

impl From<Negatives> for RawNegatives {
    fn from(negatives: Negatives) -> Self {
        match negatives {
            Negatives::All => Self::Text("all".to_owned()),
            Negatives::PerPositive(count) => Self::Count(count.get().into()),
        }
    }
}

impl JsonSchema for Negatives {
    fn schema_name() -> Cow<'static, str> {
        "Negatives".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let count = json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MOST });
        json_schema!({ "anyOf": [{ "const": "all" }, count] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negatives_are_all_or_a_number() {
        let read = serde_json::from_str::<Negatives>;
        let two = Negatives::PerPositive(NonZeroU32::new(2).expect("not 0"));
        assert_eq!(read("\"all\"").expect("word"), Negatives::All);
        assert_eq!(read("2").expect("number"), two);
        assert_eq!(serde_json::to_string(&two).expect("JSON"), "2");
        for wrong in ["0", "1001", "4294967297", "-1", "1.5", "\"some\"", "\"2\""] {
            let error = read(wrong).expect_err(wrong).to_string();
            assert!(error.contains("\"all\" or "), "{error}");
        }
    }
}
