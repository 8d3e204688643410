//! Files of known datasets: from the first source that has them, verified, into a cache.
//!
//! A file that the cache holds with the right size and hash is never asked for again. Every other file
//! is downloaded beside its final name, hashed, synced and renamed, so that a file in the cache is whole
//! at every moment, two processes may fetch at once, and a bad file is replaced only when a good one has
//! arrived. Sources are tried in order: a local folder if one is given, then what the [`Registry`] lists.

mod cache;
mod error;
mod fetched;
mod fetcher;
mod https;
mod options;
mod package;
mod receive;
mod registry;
mod watch;

pub use cache::Cache;
pub(crate) use cache::sha256;
pub use error::{Attempt, FetchError, Reason};
pub use fetched::{Fetched, FetchedFile};
pub use options::FetchOptions;
pub use registry::{
    Client, Counts, Dataset, FileSpec, Normalise, Package, Registry, SampleCounts, Source,
};
pub use watch::FetchWatch;

use fetcher::Fetcher;

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
