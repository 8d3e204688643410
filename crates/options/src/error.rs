/// Error of a value that its option does not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct OptionError {
    /// Path of the option, with dots.
    pub key: String,
    /// Expected and found values.
    pub problem: String,
}

impl OptionError {
    /// Creates the error `KEY: expected EXPECTED, found FOUND`.
    #[must_use]
    pub fn new(
        key: impl Into<String>,
        expected: impl std::fmt::Display,
        found: impl std::fmt::Display,
    ) -> Self {
        Self { key: key.into(), problem: format!("expected {expected}, found {found}") }
    }

    /// Prefixes the key with that of the table around it.
    #[must_use]
    pub fn within(self, table: &str) -> Self {
        Self { key: join(table, &self.key), problem: self.problem }
    }
}

/// The path of `key` in the table `path`.
pub(crate) fn join(path: &str, key: &str) -> String {
    match (path, key) {
        ("", key) => key.to_owned(),
        (path, "") => path.to_owned(),
        (path, key) => format!("{path}.{key}"),
    }
}
