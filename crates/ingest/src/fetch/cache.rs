use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use vgae_artifacts::{ArtifactError, atomic, regular};

use super::FetchError;
use super::registry::FileSpec;

/// The folder in which fetched files are kept: `ROOT/v1/DATASET/FILE`. `v1` is the version of this form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// Age at which leftovers are removed if it cannot be seen whether their process still runs.
const LEFTOVER_AGE: Duration = Duration::from_hours(24);

impl Cache {
    /// The cache under `root`, which need not exist yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the default folder of the cache: `$VGAE_CACHE`, else `$XDG_CACHE_HOME/vgae`, else
    /// `$HOME/.cache/vgae`.
    ///
    /// # Errors
    /// When none of the three is set.
    pub fn default_root() -> Result<PathBuf, FetchError> {
        Self::root_from(|name| std::env::var_os(name))
    }

    fn root_from(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, FetchError> {
        let folder = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        folder("VGAE_CACHE")
            // The XDG specification: a relative path is to be ignored.
            .or_else(|| {
                folder("XDG_CACHE_HOME").filter(|p| p.is_absolute()).map(|p| p.join("vgae"))
            })
            .or_else(|| folder("HOME").map(|home| home.join(".cache").join("vgae")))
            .ok_or(FetchError::NoCache)
    }

    /// The folder given to [`Cache::new`].
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file of a dataset lies, or would lie.
    #[must_use]
    pub fn path(&self, dataset: &str, file: &str) -> PathBuf {
        self.folder(dataset).join(file)
    }

    pub(super) fn folder(&self, dataset: &str) -> PathBuf {
        self.root.join("v1").join(dataset)
    }

    /// Makes the folder of a dataset and removes old leftovers from it.
    pub(super) fn prepare(&self, dataset: &str) -> Result<PathBuf, ArtifactError> {
        let folder = self.folder(dataset);
        std::fs::create_dir_all(&folder).map_err(ArtifactError::io("create", &folder))?;
        for folder in [folder.as_path(), &self.root.join("v1")] {
            remove_leftovers(folder);
        }
        Ok(folder)
    }

    /// Whether the file is there with the right size and hash. A file that cannot be read is not there.
    #[must_use]
    pub fn holds(&self, dataset: &str, file: &FileSpec) -> bool {
        let path = self.path(dataset, &file.name);
        let size = std::fs::metadata(&path).map(|data| data.len());
        size.is_ok_and(|size| size == file.bytes)
            && hash_file(&path).is_ok_and(|hash| hash == file.sha256)
    }
}

fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = regular::open(path)?;
    let mut hasher = Hasher::default();
    std::io::copy(&mut file, &mut hasher)?;
    Ok(hasher.hex())
}

/// Never fails: a leftover that cannot be removed does no harm.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_leftover = name.to_string_lossy().starts_with(atomic::TEMPORARY_PREFIX);
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .map(|then| SystemTime::now().duration_since(then).unwrap_or_default());
        let is_abandoned = atomic::is_abandoned(&name.to_string_lossy())
            .unwrap_or_else(|| age.is_ok_and(|age| age > LEFTOVER_AGE));
        if is_leftover && is_abandoned {
            let path = entry.path();
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            tracing::debug!(path = %path.display(), ok = removed.is_ok(), "removed a leftover");
        }
    }
}

/// SHA-256 as something to write to.
#[derive(Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

impl std::io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The SHA-256 of `bytes` as 64 hexadecimal digits.
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_follows_the_environment() {
        let root = |set: &[(&str, &str)]| {
            Cache::root_from(|name| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
            .ok()
        };
        let home = ("HOME", "/home/me");
        assert_eq!(root(&[home]), Some("/home/me/.cache/vgae".into()));
        assert_eq!(root(&[home, ("XDG_CACHE_HOME", "/x")]), Some("/x/vgae".into()));
        assert_eq!(root(&[home, ("XDG_CACHE_HOME", "x")]), Some("/home/me/.cache/vgae".into()));
        assert_eq!(
            root(&[home, ("XDG_CACHE_HOME", "/x"), ("VGAE_CACHE", "/v")]),
            Some("/v".into())
        );
        assert_eq!(root(&[home, ("VGAE_CACHE", "")]), Some("/home/me/.cache/vgae".into()));
        assert_eq!(root(&[]), None);
    }

    #[test]
    fn sha256_is_the_standard_one() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), abc);
    }

    #[test]
    fn only_old_leftovers_are_removed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cache = Cache::new(folder.path());
        let data = cache.prepare("d").expect("a folder");
        let (old, young, good) =
            (data.join(".vgae-unfinished-a"), data.join(".vgae-unfinished-b"), data.join("c"));
        for path in [&old, &young, &good] {
            std::fs::write(path, b"x").expect("write");
        }
        let long_ago = SystemTime::now() - Duration::from_hours(48);
        for path in [&old, &good] {
            let file = std::fs::File::options().write(true).open(path).expect("open");
            file.set_modified(long_ago).expect("set the time");
        }
        cache.prepare("d").expect("a folder");
        assert_eq!((old.exists(), young.exists(), good.exists()), (false, true, true));
    }
}
