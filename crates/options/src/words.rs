//! Schemas and values in words, for errors, help texts and references.

use serde_json::Value;

use crate::schema::{alternatives, bounds};

/// Describes the values that `schema` accepts: `1 to 65536`, `"all" or 1 to 1000`.
#[must_use]
pub fn expected(schema: &Value) -> String {
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return choice(&values.iter().map(Value::to_string).collect::<Vec<_>>());
    }
    if let Some(schemas) = alternatives(schema) {
        let wanted = schemas.iter().filter(|schema| !is_null(schema));
        return choice(&wanted.map(expected).collect::<Vec<_>>());
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let words = kinds.into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
        "integer" => range(schema, "an integer"),
        "number" => range(schema, "a finite number"),
        "boolean" => "true or false".to_owned(),
        "string" => "text".to_owned(),
        "array" => list(schema),
        _ => "a table".to_owned(),
    });
    choice(&words.collect::<Vec<_>>())
}

/// Describes a value as it was found.
#[must_use]
pub fn found(value: &Value) -> String {
    match value {
        // TOML has no null: only a number that JSON cannot hold becomes one.
        Value::Null => "a number that is not finite".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        value => value.to_string(),
    }
}

/// Returns the name of `known` that `text` is probably a misspelling of.
#[must_use]
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances =
        known.into_iter().map(|known| (strsim::damerau_levenshtein(text, known), known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance < text.len().max(3) && distance <= 2 + nearest.len() / 3).then_some(nearest)
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

fn choice(words: &[String]) -> String {
    match words {
        [] => "any value".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        several => format!("one of {}", several.join(", ")),
    }
}

fn range(schema: &Value, kind: &str) -> String {
    let exclusive = |key: &str| schema.get(key).is_some();
    let is_integer = kind == "an integer";
    match bounds(schema) {
        (Some(low), Some(high)) => {
            let (low_open, high_open) =
                (exclusive("exclusiveMinimum"), exclusive("exclusiveMaximum"));
            match (low_open, high_open) {
                (false, false) => format!("{low} to {high}"),
                (true, true) => format!("a number above {low} and below {high}"),
                (true, false) => format!("a number above {low}, at most {high}"),
                (false, true) => format!("a number of at least {low}, below {high}"),
            }
        }
        (Some(low), None) if exclusive("exclusiveMinimum") => format!("{kind} above {low}"),
        (Some(low), None) if is_integer => format!("an integer of at least {low}"),
        (Some(low), None) => format!("{kind} of at least {low}"),
        (None, Some(high)) => format!("{kind} of at most {high}"),
        (None, None) => kind.to_owned(),
    }
}

fn list(schema: &Value) -> String {
    let items = schema.get("items").map_or_else(|| "any value".to_owned(), expected);
    match schema.get("maxItems").and_then(Value::as_u64) {
        Some(most) => format!("a list of at most {most} values, each {items}"),
        None => format!("a list of values, each {items}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_described_in_words() {
        let cases = [
            (json!({"type": "integer", "minimum": 1, "maximum": 9}), "1 to 9"),
            (
                json!({"type": "integer", "format": "uint32", "minimum": 1}),
                "an integer of at least 1",
            ),
            (json!({"type": "number", "exclusiveMinimum": 0}), "a finite number above 0"),
            (
                json!({"type": "number", "minimum": 0, "exclusiveMaximum": 1}),
                "a number of at least 0, below 1",
            ),
            (json!({"type": ["integer", "null"], "minimum": 1, "maximum": 2}), "1 to 2"),
            (
                json!({"anyOf": [{"const": "all"}, {"type": "integer", "minimum": 1, "maximum": 3}]}),
                "\"all\" or 1 to 3",
            ),
            (json!({"type": "string", "enum": ["a", "b", "c"]}), "one of \"a\", \"b\", \"c\""),
            (
                json!({"type": "array", "maxItems": 6, "items": {"type": "integer", "minimum": 1, "maximum": 2}}),
                "a list of at most 6 values, each 1 to 2",
            ),
        ];
        for (schema, words) in cases {
            assert_eq!(expected(&schema), words);
        }
        assert_eq!(found(&json!(f64::NAN)), "a number that is not finite");
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let known = ["hidden", "latent", "learning_rate"];
        assert_eq!(nearest("latnt", known), Some("latent"));
        assert_eq!(nearest("walks", known), None);
    }
}
