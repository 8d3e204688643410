//! Parts of a JSON schema.

use serde_json::Value;

/// The schemas of which one must accept a value.
pub(crate) fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array())
}

/// Least and largest number, whether exclusive or not.
pub(crate) fn bounds(schema: &Value) -> (Option<serde_json::Number>, Option<serde_json::Number>) {
    let number = |keys: [&str; 2]| {
        keys.into_iter().find_map(|key| schema.get(key)).and_then(|bound| match bound {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        })
    };
    (number(["exclusiveMinimum", "minimum"]), number(["exclusiveMaximum", "maximum"]))
}
