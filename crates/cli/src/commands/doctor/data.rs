use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vgae_ingest::fetch::{Cache, Client, Dataset, FetchError, FetchOptions, Registry, Source};

use super::{Problem, size, write_to};

/// Where raw data is and would come from.
pub(super) struct Data {
    cache: PathBuf,
    bytes: u64,
    datasets: Vec<Known>,
    clients: Vec<Installed>,
}

/// A dataset of the registry.
struct Known {
    name: String,
    files: usize,
    /// Files that are not there, or not as the registry has them.
    missing: Vec<String>,
    missing_bytes: u64,
    /// Where they would come from, in order.
    sources: Vec<String>,
}

/// A program that fetches packages.
struct Installed {
    name: &'static str,
    program: String,
    version: Option<String>,
}

/// # Errors
/// When nothing says where the cache is.
pub(super) fn look(
    cache: Option<PathBuf>,
    problems: &mut Vec<Problem>,
) -> Result<Data, FetchError> {
    let cache = cache.map_or_else(Cache::default_root, Ok).map(Cache::new)?;
    let there = cache.root().ancestors().find(|folder| folder.exists());
    let there = there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = write_to(there) {
        let what = format!("the cache {} cannot be written to: {error}", cache.root().display());
        problems.push(Problem { what, mend: "set VGAE_CACHE to a folder of yours" });
    }
    let registry = Registry::builtin();
    let datasets = registry.datasets().iter().map(|dataset| known(registry, dataset, &cache));
    Ok(Data {
        bytes: bytes_below(cache.root()),
        datasets: datasets.collect(),
        clients: clients(&FetchOptions::default()),
        cache: cache.root().to_owned(),
    })
}

fn known(registry: &Registry, dataset: &Dataset, cache: &Cache) -> Known {
    let files = dataset.files.iter();
    let missing: Vec<_> = files.filter(|file| !cache.holds(&dataset.name, file)).collect();
    let source = |source: &Source| match source {
        Source::Https { https, .. } => https.clone(),
        Source::Package { package: name, .. } => {
            let package = registry.package(name);
            let client = package.map_or("package", |package| package.client.name());
            let version = package.and_then(|package| package.version.as_deref());
            format!("{client} package {name} {}", version.unwrap_or("of any version"))
        }
    };
    Known {
        name: dataset.name.clone(),
        files: dataset.files.len(),
        missing: missing.iter().map(|file| file.name.clone()).collect(),
        missing_bytes: missing.iter().map(|file| file.bytes).sum(),
        sources: dataset.sources.iter().map(source).collect(),
    }
}

fn clients(options: &FetchOptions) -> Vec<Installed> {
    let ask = |client: Client| {
        let (program, arguments): (_, &[&str]) = match client {
            // Isolated: a `pip.py` in the current folder is not run.
            Client::Pip => (&options.python, &["-I", "-m", "pip", "--version"]),
            Client::Npm => (&options.npm, &["--version"]),
            Client::Apt => (&options.apt, &["--version"]),
        };
        let output = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success());
        let first = output.and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().next().map(str::trim).map(str::to_owned)
        });
        // `pip 26.0 from /usr/lib/...`, `apt 2.8 (amd64)`, `11.2.0`
        let version = first.map(|line| {
            let number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
            line.split(' ').find(number).map(str::to_owned).unwrap_or(line)
        });
        Installed { name: client.name(), program: program.display().to_string(), version }
    };
    [Client::Pip, Client::Npm, Client::Apt].map(ask).into()
}

/// The bytes of all files below a folder; links are not followed.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_below(&entry.path()),
        Ok(data) => data.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

impl Data {
    pub(super) fn to_json(&self) -> Value {
        let datasets: Vec<Value> = self
            .datasets
            .iter()
            .map(|dataset| {
                json!({
                    "name": dataset.name,
                    "files": dataset.files,
                    "missing": dataset.missing,
                    "missing_bytes": dataset.missing_bytes,
                    "sources": dataset.sources,
                })
            })
            .collect();
        let clients: Vec<Value> = self
            .clients
            .iter()
            .map(|client| {
                json!({ "name": client.name, "program": client.program, "version": client.version })
            })
            .collect();
        json!({
            "cache": self.cache,
            "cache_bytes": self.bytes,
            "datasets": datasets,
            "clients": clients,
        })
    }

    pub(super) fn lines(&self, lines: &mut Vec<String>) {
        lines.push(format!("cache       {}, {}", self.cache.display(), size(self.bytes)));
        for dataset in &self.datasets {
            let Known { name, files, missing, missing_bytes, sources } = dataset;
            lines.push(if missing.is_empty() {
                format!("  {name:<14}there and verified, {files} files")
            } else {
                format!(
                    "  {name:<14}{} of {files} files would be fetched ({}) from {}",
                    missing.len(),
                    size(*missing_bytes),
                    sources.join(", else ")
                )
            });
        }
        for Installed { name, program, version } in &self.clients {
            let version = version.as_deref().unwrap_or("not found");
            lines.push(format!("{name:<12}{version} ({program})"));
        }
    }
}
