use serde_json::Value;

use crate::error::join;
use crate::schema::alternatives;
use crate::{OptionError, expected, found, nearest};

/// Checks a value against its schema.
///
/// # Errors
/// Names the first value, by its path, that the schema does not accept.
pub fn check(value: &Value, schema: &Value) -> Result<(), OptionError> {
    check_at(value, schema, "")
}

fn check_at(value: &Value, schema: &Value, path: &str) -> Result<(), OptionError> {
    // A table, possibly an optional one: the fault is in one of its values.
    let table = std::iter::once(schema)
        .chain(alternatives(schema).into_iter().flatten())
        .find_map(|schema| schema.get("properties")?.as_object().map(|fields| (schema, fields)));
    let (Some((schema, fields)), Some(values)) = (table, value.as_object()) else {
        return if fits(value, schema) {
            Ok(())
        } else {
            let error = OptionError::new(path, expected(schema), found(value));
            let guess = misspelled(value, schema);
            let guess = guess.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Err(OptionError { problem: error.problem + &guess, ..error })
        };
    };
    for (key, value) in values {
        let path = join(path, key);
        match fields.get(key) {
            Some(schema) => check_at(value, schema, &path)?,
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                let known = fields.keys().map(String::as_str).collect::<Vec<_>>();
                return Err(OptionError::new(path, format!("one of {}", known.join(", ")), key));
            }
            None => {}
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    match required.filter_map(Value::as_str).find(|key| !values.contains_key(*key)) {
        Some(key) => {
            let wanted = fields.get(key).map_or_else(|| "a value".to_owned(), expected);
            Err(OptionError::new(join(path, key), wanted, "none"))
        }
        None => Ok(()),
    }
}

/// The name that a text, or a text in a list, is probably a misspelling of.
fn misspelled(value: &Value, schema: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let of = |schema: &Value| schema.get("const").cloned();
            let named = alternatives(schema).into_iter().flatten().filter_map(of);
            let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
            let names: Vec<Value> = named.chain(listed.cloned()).collect();
            nearest(text, names.iter().filter_map(Value::as_str)).map(str::to_owned)
        }
        Value::Array(values) => {
            let items = schema.get("items")?;
            let mut wrong = values.iter().filter(|value| !fits(value, items));
            wrong.find_map(|value| misspelled(value, items))
        }
        _ => None,
    }
}

/// Whether `schema` accepts `value`.
pub(crate) fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(schemas) = alternatives(schema) {
        return schemas.iter().any(|schema| fits(value, schema));
    }
    let is = |key: &str, accepts: &dyn Fn(&Value) -> bool| schema.get(key).is_none_or(accepts);
    is("const", &|wanted| wanted == value)
        && is("enum", &|wanted| wanted.as_array().is_some_and(|values| values.contains(value)))
        && is("type", &|kind| match kind {
            Value::Array(kinds) => kinds.iter().any(|kind| is_of(value, kind)),
            kind => is_of(value, kind),
        })
        && value.as_f64().is_none_or(|number| in_range(number, schema))
        && value.as_array().is_none_or(|values| {
            is("items", &|items| values.iter().all(|value| fits(value, items)))
                && is("maxItems", &|most| {
                    most.as_u64().is_none_or(|most| values.len() as u64 <= most)
                })
        })
        && (!value.is_object() || check_at_object(value, schema))
}

fn check_at_object(value: &Value, schema: &Value) -> bool {
    schema.get("properties").is_none() || check_at(value, schema, "").is_ok()
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        _ => true,
    }
}

fn in_range(number: f64, schema: &Value) -> bool {
    let holds = |key: &str, compare: fn(f64, f64) -> bool| {
        schema.get(key).and_then(Value::as_f64).is_none_or(|bound| compare(number, bound))
    };
    // A type of Rust has a largest number that its schema does not state.
    let largest = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => f64::from(u32::MAX),
        _ => f64::INFINITY,
    };
    holds("minimum", |a, b| a >= b)
        && holds("maximum", |a, b| a <= b)
        && holds("exclusiveMinimum", |a, b| a > b)
        && holds("exclusiveMaximum", |a, b| a < b)
        && number <= largest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_outside_their_schema_are_named() {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "epochs": {"type": "integer", "format": "uint32", "minimum": 1},
            "rate": {"type": "number", "exclusiveMinimum": 0},
            "loss": {"oneOf": [{"type": "string", "const": "all"}, {"type": "integer", "minimum": 1, "maximum": 4}]},
            "widths": {"type": "array", "maxItems": 2, "items": {"type": "integer", "minimum": 1}},
            "of": {"anyOf": [{"type": "object", "properties": {"p": {"type": "number"}}, "required": ["p"]}, {"type": "null"}]},
        }});
        for fine in [
            json!({"epochs": 1, "rate": 0.1, "loss": "all", "widths": [1, 2], "of": {"p": 1}}),
            json!({"rate": 1, "loss": 4, "of": null}),
        ] {
            assert_eq!(check(&fine, &schema), Ok(()));
        }
        let cases = [
            (json!({"epochs": 0}), "epochs: expected an integer of at least 1, found 0"),
            (json!({"epochs": 1.5}), "epochs: expected an integer of at least 1, found 1.5"),
            (
                json!({"epochs": 1u64 << 32}),
                "epochs: expected an integer of at least 1, found 4294967296",
            ),
            (json!({"rate": 0}), "rate: expected a finite number above 0, found 0"),
            (
                json!({"rate": f64::NAN}),
                "rate: expected a finite number above 0, found a number that is not finite",
            ),
            (json!({"rate": "x"}), "rate: expected a finite number above 0, found \"x\""),
            (json!({"loss": "some"}), "loss: expected \"all\" or 1 to 4, found \"some\""),
            (
                json!({"widths": [1, 2, 3]}),
                "widths: expected a list of at most 2 values, each an integer of at least 1, found [1,2,3]",
            ),
            (json!({"of": {"p": "x"}}), "of.p: expected a finite number, found \"x\""),
            (json!({"of": {}}), "of.p: expected a finite number, found none"),
            (
                json!({"walks": 1}),
                "walks: expected one of epochs, loss, of, rate, widths, found walks",
            ),
        ];
        for (value, message) in cases {
            let error = check(&value, &schema).expect_err(message);
            assert_eq!(error.to_string(), message);
        }
    }
}
