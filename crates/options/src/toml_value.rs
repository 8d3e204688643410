use serde_json::Value;

/// Returns a value as it is written in TOML; nothing for `null`.
#[must_use]
pub fn toml_value(value: &Value) -> Option<String> {
    let Some(table) = value.as_object() else {
        return toml::Value::try_from(value).ok().map(|value| value.to_string());
    };
    // What names a table comes first.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| !matches!(key.as_str(), "path" | "method"));
    let entries = entries.into_iter();
    let entries =
        entries.filter_map(|(key, value)| Some(format!("{key} = {}", toml_value(value)?)));
    Some(format!("{{ {} }}", entries.collect::<Vec<_>>().join(", ")))
}
