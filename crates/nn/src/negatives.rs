use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// Which pairs without an edge the loss of a graph auto-encoder sees.
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

    /// More a positive than anybody needs, and few enough to be counted.
    const MOST: u32 = 1000;

    fn new(count: u64) -> Result<Self, ConfigError> {
        let wanted = u32::try_from(count).ok().filter(|&count| count <= Self::MOST);
        let wanted = wanted.and_then(NonZeroU32::new).map(Self::PerPositive);
        wanted.ok_or_else(|| Self::refuse(count.to_string()))
    }

    fn refuse(found: String) -> ConfigError {
        let most = Self::MOST;
        let expected = format!("\"all\" or a number of pairs a training edge, 1 to {most}");
        ConfigError::new("negatives", expected, found)
    }

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

impl FromStr for Negatives {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text.parse() {
            _ if text == "all" => Ok(Self::All),
            Ok(count) => Self::new(count),
            Err(_) => Err(Self::refuse(format!("{text:?}"))),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"all\" or a whole number of pairs a training edge")]
enum RawNegatives {
    Count(u64),
    Text(String),
}

impl TryFrom<RawNegatives> for Negatives {
    type Error = ConfigError;

    fn try_from(raw: RawNegatives) -> Result<Self, ConfigError> {
        match raw {
            RawNegatives::Count(count) => Self::new(count),
            RawNegatives::Text(text) if text == "all" => Ok(Self::All),
            RawNegatives::Text(text) => Err(Self::refuse(format!("{text:?}"))),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negatives_are_all_or_a_number() {
        let read = serde_json::from_str::<Negatives>;
        let two = Negatives::PerPositive(NonZeroU32::new(2).expect("not 0"));
        assert_eq!(read("\"all\"").expect("word"), Negatives::All);
        assert_eq!(read("2").expect("number"), two);
        assert_eq!("2".parse::<Negatives>().expect("number"), two);
        assert_eq!("all".parse::<Negatives>().expect("word"), Negatives::All);
        assert_eq!(serde_json::to_string(&two).expect("JSON"), "2");
        for wrong in ["0", "1001", "4294967297", "-1", "1.5", "\"some\"", "\"2\""] {
            let error = read(wrong).expect_err(wrong).to_string();
            assert!(error.contains("\"all\" or a"), "{error}");
        }
        assert!("0".parse::<Negatives>().is_err() && "few".parse::<Negatives>().is_err());
    }
}
