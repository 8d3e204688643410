use std::path::PathBuf;
use std::time::Duration;

/// Options of fetching.
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
