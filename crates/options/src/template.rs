//! Options as commented lines of TOML.

use serde_json::Value;

use crate::{Field, toml_value};

/// Columns before a comment, and of a line in all.
const COMMENT: usize = 32;
const WIDTH: usize = 100;
/// Longest assignment with a comment beside it.
const BESIDE: usize = 60;

/// Returns the line of an option, `KEY = VALUE # SUMMARY`, continued below where the summary is long. `given` is the
/// value to write; without it the line shows the default, or the examples, and is a comment.
#[must_use]
pub fn lines(field: &Field, given: Option<&Value>) -> String {
    let mut about = field.summary().to_owned();
    if let Some(choices) = choices(&field.schema) {
        about = format!("{about}: {choices}");
    }
    let key = &field.key;
    if let Some(given) = given.and_then(toml_value) {
        return commented(&format!("{key} = {given}"), &about);
    }
    let examples = field.examples().filter_map(toml_value).collect::<Vec<_>>();
    let shown = match field.shown_default() {
        Some(default) => vec![default],
        None if examples.is_empty() => vec![example(field)],
        None => examples,
    };
    let lines = shown.iter().enumerate().map(|(at, shown)| {
        commented(&format!("# {key} = {shown}"), if at == 0 { &about } else { "" })
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns `assignment` and a comment beside it, continued below where it is long; below it if the assignment is long.
#[must_use]
pub fn commented(assignment: &str, comment: &str) -> String {
    let mut text = format!("{assignment:<COMMENT$}");
    let mut width = text.chars().count();
    let mut empty = true;
    if width > BESIDE {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', COMMENT));
        width = COMMENT;
    } else if width > COMMENT || text.ends_with(|letter: char| !letter.is_whitespace()) {
        text.push_str("  ");
        width += 2;
    }
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

/// Returns a placeholder for a value that has no default.
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
    let consts = crate::schema::alternatives(schema).is_some_and(|schemas| {
        schemas.iter().all(|schema| schema.get("const").is_some() || schema.get("enum").is_some())
    });
    (consts || schema.get("enum").is_some()).then(|| crate::expected(schema))
}
