//! Files of known datasets: from the first source that has them, verified, into a cache.
//!
//! A file that the cache holds with the right size and hash is never asked for again. Every other file
//! is downloaded beside its final name, hashed, synced and renamed, so that a file in the cache is whole
//! at every moment, two processes may fetch at once, and a bad file is replaced only when a good one has
//! arrived. Sources are tried in order: a local folder if one is given, then what the [`Registry`] lists.

mod cache;
mod error;
mod fetcher;
mod https;
mod package;
mod receive;
mod registry;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

pub use cache::Cache;
pub(crate) use cache::sha256;
pub use error::{Attempt, FetchError, Reason};
pub use registry::{
    Client, Counts, Dataset, FileSpec, Normalise, Package, Registry, SampleCounts, Source,
};
pub use watch::FetchWatch;

use fetcher::Fetcher;

/// How to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOptions {
    /// A folder that is tried first: it holds the files, or a folder named like the dataset with them.
    pub from: Option<PathBuf>,
    /// Use only the cache and `from`.
    pub offline: bool,
    /// How long to wait for a host, a connection, an answer, or the next bytes.
    pub timeout: Duration,
    /// Root certificates (PEM) to trust besides Mozilla's.
    pub ca_file: Option<PathBuf>,
    /// The Python that has pip.
    pub python: PathBuf,
    /// The npm program.
    pub npm: PathBuf,
    /// The program of Debian and its kin that downloads packages.
    pub apt: PathBuf,
    /// The program of Debian and its kin that opens packages.
    pub dpkg_deb: PathBuf,
    /// How long a package's client may take altogether.
    pub package_timeout: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        let windows = cfg!(windows);
        Self {
            from: None,
            offline: false,
            timeout: Duration::from_secs(30),
            ca_file: None,
            python: if windows { "python" } else { "python3" }.into(),
            npm: if windows { "npm.cmd" } else { "npm" }.into(),
            apt: "apt-get".into(),
            dpkg_deb: "dpkg-deb".into(),
            package_timeout: Duration::from_mins(10),
        }
    }
}

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

/// Makes sure that the cache holds every file of the dataset `name`.
///
/// # Errors
/// When there is no such dataset, the cache cannot be used, or no source gave what is missing; that error
/// lists every source with its reason.
pub fn fetch(
    registry: &Registry,
    name: &str,
    cache: &Cache,
    options: &FetchOptions,
    watch: &mut dyn FetchWatch,
) -> Result<Fetched, FetchError> {
    let mut fetcher = Fetcher::new(registry, cache, options, watch);
    fetcher.dataset(find(registry, name)?)
}

/// [`fetch`] for several datasets. A package that serves more than one is downloaded once, and a source
/// that cannot be reached is not asked again.
///
/// # Errors
/// As [`fetch`], at the first dataset that fails; those before it are in the cache.
pub fn fetch_all(
    registry: &Registry,
    names: &[&str],
    cache: &Cache,
    options: &FetchOptions,
    watch: &mut dyn FetchWatch,
) -> Result<Vec<Fetched>, FetchError> {
    // All names are checked before the first byte is asked for.
    let datasets = names.iter().map(|name| find(registry, name)).collect::<Result<Vec<_>, _>>()?;
    let mut fetcher = Fetcher::new(registry, cache, options, watch);
    datasets.into_iter().map(|dataset| fetcher.dataset(dataset)).collect()
}

fn find<'r>(registry: &'r Registry, name: &str) -> Result<&'r Dataset, FetchError> {
    registry.get(name).ok_or_else(|| {
        let known: Vec<&str> = registry.datasets().iter().map(|set| set.name.as_str()).collect();
        FetchError::UnknownDataset { name: name.to_owned(), known: known.join(", ") }
    })
}
