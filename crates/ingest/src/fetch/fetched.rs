use std::path::PathBuf;

/// A dataset whose files are all in the cache, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The dataset.
    pub dataset: String,
    /// Its files, in the order of the registry.
    pub files: Vec<FetchedFile>,
}

/// A verified file in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}
