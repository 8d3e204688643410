//! Options as commented lines of TOML.

use serde_json::Value;

use crate::Field;

/// Columns before a comment, and of a line in all.
const COMMENT: usize = 32;
const WIDTH: usize = 100;

/// Returns a value as it is written in TOML; nothing for `null`.
#[must_use]
pub fn value(value: &Value) -> Option<String> {
    toml::Value::try_from(value).ok().map(|value| value.to_string())
}

/// Returns the line of an option, `KEY = VALUE # SUMMARY`, continued below where the summary is long. `given` is the
/// value to write; without it the line shows the default and is a comment.
#[must_use]
pub fn lines(field: &Field, given: Option<&Value>) -> String {
    let shown = given.and_then(value).or_else(|| field.shown_default());
    let start = if given.is_some() { "" } else { "# " };
    let assignment = format!("{start}{} = {}", field.key, shown.unwrap_or_else(|| example(field)));
    let mut about = field.summary().to_owned();
    if let Some(choices) = choices(&field.schema) {
        about = format!("{about}: {choices}");
    }
    commented(&assignment, &about)
}

/// Returns `assignment` and a comment beside it, continued below where it is long.
#[must_use]
pub fn commented(assignment: &str, comment: &str) -> String {
    let mut text = format!("{assignment:<COMMENT$}");
    let mut width = text.chars().count().max(COMMENT);
    let mut empty = true;
    for word in comment.split_whitespace() {
        let letters = word.chars().count();
        if !empty && width + 1 + letters > WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', COMMENT));
            (width, empty) = (COMMENT, true);
        }
        text.push_str(if empty { "# " } else { " " });
        text.push_str(word);
        width += letters + if empty { 2 } else { 1 };
        empty = false;
    }
    text.trim_end().to_owned()
}

/// What may stand in place of a value that has no default.
fn example(field: &Field) -> String {
    let kind = field.schema.get("type");
    let is = |name: &str| match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        kind => kind.is_some_and(|kind| kind == name),
    };
    match () {
        () if is("integer") => "1".to_owned(),
        () if is("number") => "1.0".to_owned(),
        () if is("boolean") => "true".to_owned(),
        () if is("array") => "[]".to_owned(),
        () => "\"...\"".to_owned(),
    }
}

/// The names among which an option chooses.
fn choices(schema: &Value) -> Option<String> {
    let consts = crate::check::alternatives(schema).is_some_and(|schemas| {
        schemas.iter().all(|schema| schema.get("const").is_some() || schema.get("enum").is_some())
    });
    (consts || schema.get("enum").is_some()).then(|| crate::expected(schema))
}
