use std::path::{Path, PathBuf};

/// The result of reading, writing or checking an artifact.
pub type Result<T, E = ArtifactError> = std::result::Result<T, E>;

/// What can go wrong with an artifact: its file, its form, or its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was being done, as a verb: `read`, `write`, `rename`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not what its reader expects.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What the reader expects.
        expected: String,
        /// What the file holds.
        found: String,
    },
    /// The file cannot be decoded at all.
    #[error("{} is not a readable {form} file; it may be truncated or damaged: make it again or restore it", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// `Parquet`, `Arrow`, `JSON` or `safetensors`.
        form: &'static str,
        /// The decoder's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value could not be encoded.
    #[error("cannot encode {} as {form}", path.display())]
    Encode {
        /// The file to be written.
        path: PathBuf,
        /// `Parquet`, `Arrow`, `CSV`, `JSON` or `safetensors`.
        form: &'static str,
        /// The encoder's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The values contradict each other or a stated rule.
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        /// The value at fault.
        what: String,
        /// The rule.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A file holds values that contradict each other or a stated rule.
    #[error("{}: the content is not valid", path.display())]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// Which rule is broken.
        source: Box<ArtifactError>,
    },
}

impl ArtifactError {
    /// An [`ArtifactError::Io`] on `path`; meant for `map_err`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// An [`ArtifactError::Decode`] on `path`; meant for `map_err`.
    pub fn decode<E>(form: &'static str, path: &Path) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let path = path.to_owned();
        move |source| Self::Decode { path, form, source: Box::new(source) }
    }

    /// An [`ArtifactError::Encode`] on `path`, or an [`ArtifactError::Io`] where the encoder only passes on
    /// what the system said (a full disk, say); meant for `map_err`.
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

    /// An [`ArtifactError::Form`] on `path`.
    pub fn form(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Form { path: path.to_owned(), expected: expected.into(), found: found.into() }
    }

    /// An [`ArtifactError::Invalid`].
    pub fn invalid(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Invalid { what: what.into(), expected: expected.into(), found: found.into() }
    }

    /// Says in which file an [`ArtifactError::Invalid`] was found; other errors already name theirs.
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

/// The system's error at the bottom of a chain of causes.
fn system_error(error: &(dyn std::error::Error + 'static)) -> Option<std::io::Error> {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain
        .filter_map(|error| error.downcast_ref::<std::io::Error>()?.raw_os_error())
        .map(std::io::Error::from_raw_os_error)
        .last()
}
