use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Coefficient of `mean_i KL(q_i || N(0, I))` in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawKlWeight", into = "RawKlWeight")]
pub enum KlWeight {
    /// `"1/n"`: one over the number of nodes, as in the authors' code. The weight of the true KL per node is
    /// then `1 / N^2`.
    #[default]
    OneOverN,
    /// A fixed number, at least 0.
    Fixed(f64),
}

impl KlWeight {
    /// Returns the coefficient for a graph of `nodes` nodes.
    #[must_use]
    pub fn value(self, nodes: usize) -> f64 {
        match self {
            Self::OneOverN => 1.0 / nodes as f64,
            Self::Fixed(weight) => weight,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"1/n\" or a number")]
enum RawKlWeight {
    Number(f64),
    Text(String),
}

impl TryFrom<RawKlWeight> for KlWeight {
    type Error = String;

    fn try_from(raw: RawKlWeight) -> Result<Self, String> {
        match raw {
            RawKlWeight::Number(weight) => Ok(Self::Fixed(weight)),
            RawKlWeight::Text(text) if text == "1/n" => Ok(Self::OneOverN),
            RawKlWeight::Text(text) => Err(format!("expected \"1/n\" or a number, found {text:?}")),
        }
    }
}

impl From<KlWeight> for RawKlWeight {
    fn from(weight: KlWeight) -> Self {
        match weight {
            KlWeight::OneOverN => Self::Text("1/n".to_owned()),
            KlWeight::Fixed(weight) => Self::Number(weight),
        }
    }
}

impl JsonSchema for KlWeight {
    fn schema_name() -> Cow<'static, str> {
        "KlWeight".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "1/n" }, { "type": "number", "minimum": 0 }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kl_weight_is_a_word_or_a_number() {
        let read = serde_json::from_str::<KlWeight>;
        assert_eq!(read("\"1/n\"").expect("word"), KlWeight::OneOverN);
        assert_eq!(read("0.5").expect("number"), KlWeight::Fixed(0.5));
        assert_eq!(read("1").expect("integer"), KlWeight::Fixed(1.0));
        assert!(read("\"n\"").expect_err("neither").to_string().contains("1/n"));
        assert_eq!(serde_json::to_string(&KlWeight::OneOverN).expect("JSON"), "\"1/n\"");
    }
}
