use std::path::{Path, PathBuf};

/// Result of reading, writing or validating an artifact.
pub type Result<T, E = ArtifactError> = std::result::Result<T, E>;

/// Error of an artifact: its file, its format, or its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// A system call failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// Failed operation, as a verb: `read`, `write`, `rename`.
        action: &'static str,
        /// File or folder.
        path: PathBuf,
        /// System error.
        source: std::io::Error,
    },
    /// The file does not have the format that its reader expects.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Expected format.
        expected: String,
        /// Format found in the file.
        found: String,
    },
    /// The file cannot be decoded.
    #[error("{} is not a readable {form} file; it may be truncated or damaged: recreate or restore it", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// `Parquet`, `Arrow`, `JSON` or `safetensors`.
        form: &'static str,
        /// Error of the decoder.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value could not be encoded.
    #[error("cannot encode {} as {form}", path.display())]
    Encode {
        /// File to be written.
        path: PathBuf,
        /// `Parquet`, `Arrow`, `CSV`, `JSON` or `safetensors`.
        form: &'static str,
        /// Error of the encoder.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Values contradict each other or violate a documented rule.
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        /// Invalid value.
        what: String,
        /// Rule.
        expected: String,
        /// Value found.
        found: String,
    },
    /// A file contains values that contradict each other or violate a documented rule.
    #[error("{}: the content is not valid", path.display())]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// Violated rule.
        source: Box<ArtifactError>,
    },
}

impl ArtifactError {
    /// Returns a function that converts a system error on `path` to [`ArtifactError::Io`], for `map_err`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Returns a function that converts an error to [`ArtifactError::Decode`] on `path`, for `map_err`.
    pub fn decode<E>(form: &'static str, path: &Path) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let path = path.to_owned();
        move |source| Self::Decode { path, form, source: Box::new(source) }
    }

    /// Returns a function that converts an error to [`ArtifactError::Encode`] on `path`, or to
    /// [`ArtifactError::Io`] if a system error caused it (a full disk, for example), for `map_err`.
    pub fn encode<E>(form: &'static str, path: &Path) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let path = path.to_owned();
        move |source| match system_error(&source) {
            Some(source) => Self::Io { action: "write", path, source },
            None => Self::Encode { path, form, source: Box::new(source) },
        }
    }

    /// Creates an [`ArtifactError::Form`] on `path`.
    pub fn form(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Form { path: path.to_owned(), expected: expected.into(), found: found.into() }
    }

    /// Creates an [`ArtifactError::Invalid`].
    pub fn invalid(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Invalid { what: what.into(), expected: expected.into(), found: found.into() }
    }

    /// Adds the file to an [`ArtifactError::Invalid`]; other errors already contain theirs.
    #[must_use]
    pub fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Invalid { .. } => {
                Self::InvalidFile { path: path.to_owned(), source: Box::new(self) }
            }
            other => other,
        }
    }
}

/// Returns the innermost system error of a chain of causes.
fn system_error(error: &(dyn std::error::Error + 'static)) -> Option<std::io::Error> {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain
        .filter_map(|error| error.downcast_ref::<std::io::Error>()?.raw_os_error())
        .map(std::io::Error::from_raw_os_error)
        .last()
}
