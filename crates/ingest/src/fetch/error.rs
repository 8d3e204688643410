use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;

use vgae_artifacts::ArtifactError;

/// Why files could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The registry of datasets is not sound.
    #[error("the registry of datasets is not sound: {problem}")]
    Registry {
        /// The problem.
        problem: String,
        /// The parser's reason.
        source: Option<Box<toml::de::Error>>,
    },
    /// There is no such dataset.
    #[error("`{name}` is not a known dataset: there are {known}")]
    UnknownDataset {
        /// The name that was given.
        name: String,
        /// The known names.
        known: String,
    },
    /// Neither `VGAE_CACHE` nor a home folder says where the cache is.
    #[error("no folder for the cache: set VGAE_CACHE to one (XDG_CACHE_HOME and HOME are not set)")]
    NoCache,
    /// The cache cannot be read or written.
    #[error("the cache cannot be used")]
    Cache(#[from] ArtifactError),
    /// The extra root certificate cannot be used.
    #[error("the certificates in {} cannot be used: expected one or more in PEM form", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No source gave all files. The text lists every attempt.
    #[error("{}", describe(dataset, missing, attempts, *offline))]
    AllSourcesFailed {
        /// The dataset.
        dataset: String,
        /// The files that are still missing.
        missing: Vec<String>,
        /// Sources that were tried, in order.
        attempts: Vec<Attempt>,
        /// Whether only local sources were allowed.
        offline: bool,
    },
}

/// One source that did not give what was asked of it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The source: a folder, an address or a package.
    pub source: String,
    /// The file that was asked for; none if the source failed as a whole.
    pub file: Option<String>,
    /// Why it failed.
    pub reason: Arc<Reason>,
}

/// Why a source did not give a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no such file.
    #[error("no such file")]
    NotThere,
    /// A file could not be read.
    #[error("cannot read it: {0}")]
    Read(#[source] std::io::Error),
    /// The server answered with something other than the file.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The transfer failed.
    #[error("{}", in_words(.0))]
    Http(#[source] ureq::Error),
    /// Another number of bytes than the registry says.
    #[error("expected {expected} bytes, found {found}")]
    Size {
        /// The registry's size.
        expected: u64,
        /// The number of bytes that arrived, or "more".
        found: String,
    },
    /// Other bytes than the registry says.
    #[error("expected sha256 {expected}, found {found}")]
    Hash {
        /// The registry's hash.
        expected: String,
        /// The hash of what arrived.
        found: String,
    },
    /// A program that fetches packages is not installed.
    #[error("`{program}` is not installed")]
    NoClient {
        /// The program.
        program: String,
    },
    /// A program that fetches packages failed.
    #[error("`{program}` failed with {status}: {stderr}")]
    Client {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines it wrote to stderr.
        stderr: String,
    },
    /// A program that fetches packages did not end in time.
    #[error("`{program}` did not end within {seconds} s")]
    ClientTime {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// A program that fetches packages left no archive, or several, or one that is too large.
    #[error("expected one {form} archive of at most {max_bytes} bytes, found {found}")]
    Archive {
        /// `whl`, `tgz` or `deb`.
        form: &'static str,
        /// The limit.
        max_bytes: u64,
        /// The content that was found.
        found: String,
    },
    /// An archive cannot be read.
    #[error("the archive cannot be read: {0}")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An archive has no such member.
    #[error("the archive has no member `{0}`")]
    NoMember(String),
}

impl Reason {
    /// Whether it would be the same for every other file of this source.
    pub(super) fn concerns_the_whole_source(&self) -> bool {
        match self {
            // A transfer that breaks off may succeed for the next file.
            Self::Http(ureq::Error::Io(error)) => error.kind() != std::io::ErrorKind::UnexpectedEof,
            Self::Http(error) => matches!(
                error,
                ureq::Error::HostNotFound
                    | ureq::Error::ConnectionFailed
                    | ureq::Error::ConnectProxyFailed(_)
                    | ureq::Error::Timeout(_)
                    | ureq::Error::Tls(_)
                    | ureq::Error::Rustls(_)
            ),
            Self::NoClient { .. }
            | Self::Client { .. }
            | Self::ClientTime { .. }
            | Self::Archive { .. }
            | Self::Unreadable(_) => true,
            _ => false,
        }
    }
}

/// Returns ureq's error as a sentence that names the fix.
fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => {
            "the host is not found (no network, or a name server problem)".into()
        }
        ureq::Error::Timeout(what) => format!("it took too long ({what})"),
        ureq::Error::RequireHttpsOnly(uri) => format!("it leads to {uri}, which is not https"),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the connection ended before the file did".into()
        }
        ureq::Error::Io(error) => format!("the connection failed: {error}"),
        other => other.to_string(),
    }
}

fn describe(dataset: &str, missing: &[String], attempts: &[Attempt], offline: bool) -> String {
    let files = missing.join(", ");
    let mut text = if offline {
        format!("cannot fetch {dataset} offline: not in the cache: {files}")
    } else {
        format!("cannot fetch {dataset}: no source gave {files}")
    };
    for Attempt { source, file, reason } in attempts {
        text.push_str("\n  ");
        text.push_str(source);
        if let Some(file) = file {
            text.push_str(": ");
            text.push_str(file);
        }
        text.push_str(": ");
        text.push_str(&reason.to_string());
    }
    text.push_str("\nput the files into a folder and run `vgae fetch ");
    text.push_str(dataset);
    text.push_str(" --from DIR`");
    text
}
