use serde_json::Value;

use crate::check::fits;
use crate::{OptionError, Options, expected, toml_value};

/// One option of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its key.
    pub key: String,
    /// Its documentation comment, on one line.
    pub about: String,
    /// Its JSON schema.
    pub schema: Value,
    /// Its default; `null` where there is none.
    pub default: Value,
}

/// Returns the options of a group in the order of their declaration; the group's values are their defaults.
#[must_use]
pub fn fields(options: &dyn Options) -> Vec<Field> {
    let schema = options.schema();
    let values = options.values().into_iter();
    values
        .map(|(key, default)| {
            let schema = schema["properties"].get(&key).cloned().unwrap_or_default();
            let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
            // A value that equals its default may be left out of files.
            let declared = || schema.get("default").cloned().unwrap_or_default();
            let default = if default.is_null() { declared() } else { default };
            Field { key, about, schema, default }
        })
        .collect()
}

impl Field {
    /// Describes the values that the option accepts.
    #[must_use]
    pub fn allowed(&self) -> String {
        expected(&self.schema)
    }

    /// Returns the first sentence of the documentation, without its full stop.
    #[must_use]
    pub fn summary(&self) -> &str {
        summary(&self.about)
    }

    /// Returns the default as it is written in TOML; nothing where there is none. Tables are shown by their example.
    #[must_use]
    pub fn shown_default(&self) -> Option<String> {
        let is_table = |value: &Value| value.is_object();
        let has_tables = is_table(&self.default)
            || self.default.as_array().is_some_and(|values| values.iter().any(is_table));
        let example = self.examples().next().filter(|_| has_tables);
        toml_value(example.unwrap_or(&self.default))
    }

    /// Returns the example values of its declaration.
    pub fn examples(&self) -> impl Iterator<Item = &Value> {
        self.schema.get("examples").and_then(Value::as_array).into_iter().flatten()
    }

    /// Returns the names that the option chooses among, each with its documentation.
    #[must_use]
    pub fn choices(&self) -> Vec<(String, String)> {
        let items = self.schema.get("items").unwrap_or(&self.schema);
        let schemas = crate::schema::alternatives(items).into_iter().flatten();
        let choice = |schema: &Value| {
            let name = schema.get("const")?.as_str()?.to_owned();
            let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            Some((name, about.split_whitespace().collect::<Vec<_>>().join(" ")))
        };
        schemas.filter_map(choice).collect()
    }

    /// Returns the value that `text`, from a command line, stands for: a number, `true` or `false`, text, values between
    /// commas, or an inline table of TOML, whichever the option accepts.
    ///
    /// # Errors
    /// When the option accepts none of these.
    pub fn parse(&self, text: &str) -> Result<Value, OptionError> {
        let items = self.schema.get("items");
        let list = items.map(|items| {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| scalar(part, items)).collect())
        });
        let table = text
            .trim_start()
            .starts_with('{')
            .then(|| toml::from_str::<toml::Table>(&format!("value = {text}")).ok())
            .flatten()
            .and_then(|table| serde_json::to_value(table.get("value")?).ok());
        let value = list.or(table).unwrap_or_else(|| scalar(text, &self.schema));
        if fits(&value, &self.schema) {
            return Ok(value);
        }
        Err(OptionError::new(&*self.key, self.allowed(), crate::found(&value)))
    }
}

/// The number, truth value or text of `text` that `schema` accepts; else the one that `text` looks like.
fn scalar(text: &str, schema: &Value) -> Value {
    let as_text = Value::from(text);
    let number = text.parse::<i64>().ok().map(Value::from);
    let number = number.or_else(|| text.parse::<f64>().ok().map(Value::from));
    let other = number.or_else(|| text.parse::<bool>().ok().map(Value::from));
    match other {
        Some(other) if fits(&other, schema) || !fits(&as_text, schema) => other,
        _ => as_text,
    }
}

/// Returns the first sentence of a documentation comment, without its full stop.
#[must_use]
pub fn summary(about: &str) -> &str {
    about.split_once(". ").map_or(about, |(first, _)| first).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(schema: Value) -> Field {
        let about = "Number of things. Two is common.".to_owned();
        Field { key: "things".to_owned(), about, schema, default: json!(2) }
    }

    #[test]
    fn values_of_a_command_line_have_the_type_of_the_option() {
        let either =
            json!({"anyOf": [{"const": "all"}, {"type": "integer", "minimum": 1, "maximum": 9}]});
        let whole = json!({"type": "integer", "minimum": 1});
        let cases = [
            (either.clone(), "all", json!("all")),
            (either.clone(), "7", json!(7)),
            (whole.clone(), "7", json!(7)),
            (json!({"type": "number"}), "1e-2", json!(0.01)),
            (json!({"type": "boolean"}), "true", json!(true)),
            (json!({"type": "string"}), "7", json!("7")),
            (json!({"type": "array", "items": whole}), "500,20", json!([500, 20])),
            (json!({"type": "object"}), "{ a = 1 }", json!({"a": 1})),
        ];
        for (schema, text, value) in cases {
            assert_eq!(field(schema).parse(text), Ok(value), "{text}");
        }
        let error = field(either).parse("10").expect_err("out of range").to_string();
        assert_eq!(error, "things: expected \"all\" or 1 to 9, found 10");
        assert_eq!(field(json!({})).summary(), "Number of things");
    }
}
