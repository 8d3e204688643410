//! Facts about the build for `vgae --version` and `vgae doctor`: commit, compiler, target and libraries.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries that decide results and files.
const LIBRARIES: [&str; 10] = [
    "arrow",
    "faer",
    "parquet",
    "polars-core",
    "pulp",
    "rand_chacha",
    "rayon",
    "rustls",
    "safetensors",
    "ureq",
];

/// The files of the workspace that a binary or a wheel is made of, besides those of its crates.
const SHARED: [&str; 2] = ["Cargo.toml", "Cargo.lock"];
/// The files and folders of a crate that a binary or a wheel is made of.
const OF_CRATES: [&str; 6] = ["src", "data", "pipelines", "python", "build.rs", "Cargo.toml"];

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let rustc = run(Command::new(variable("RUSTC")).arg("--version"));
    println!("cargo::rustc-env=VGAE_RUSTC={}", rustc.unwrap_or_default());
    println!("cargo::rustc-env=VGAE_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=VGAE_PROFILE={}", variable("PROFILE"));

    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let root = package.join("../..");
    // At the root of the workspace, in the package, or in the source package for Python.
    let locks = ["../../Cargo.lock", "Cargo.lock", "../python/Cargo.lock"];
    let locks = locks.map(|path| package.join(path));
    let lock = locks.iter().find(|lock| lock.exists()).unwrap_or(&locks[1]);
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
    let text = std::fs::read_to_string(lock).unwrap_or_default();
    println!("cargo::rustc-env=VGAE_LIBRARIES={}", libraries(&text).join(", "));

    println!("cargo::rerun-if-env-changed=VGAE_COMMIT");
    // For builds without the clone, as in a container.
    let given = std::env::var("VGAE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.map(|commit| shown(&commit, false));
    let commit = commit.or_else(|| commit_of_package(&package)).or_else(|| commit_of_clone(&root));
    let version = variable("CARGO_PKG_VERSION");
    let version = match &commit {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo::rustc-env=VGAE_COMMIT={}", commit.unwrap_or_default());
    println!("cargo::rustc-env=VGAE_VERSION={version}");
}

/// Returns the commit that `cargo package` recorded, of a package from a registry.
fn commit_of_package(package: &Path) -> Option<String> {
    let text = std::fs::read_to_string(package.join(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let sha = rest.split('"').nth(1).filter(|sha| sha.len() >= SHORT)?;
    Some(shown(sha, text.contains("\"dirty\": true")))
}

/// Returns the commit of the clone that `root` is, `None` without git, in an unpacked archive, and where the sources are a
/// folder of another repository. Cargo calls this program again after a commit, and when a file of the build changes.
fn commit_of_clone(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| run(Command::new("git").arg("-C").arg(root).args(arguments));
    let top = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?);
    if top.canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    git(&["ls-files", "--error-unmatch", "crates/cli/build.rs"])?;
    let sha = git(&["rev-parse", "HEAD"])?;

    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        // Cargo takes a file that is not there for one that has changed.
        let path = root.join(git(&["rev-parse", "--git-path", name])?);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let mut built: Vec<String> = SHARED.map(str::to_owned).to_vec();
    for entry in std::fs::read_dir(root.join("crates")).ok()?.flatten() {
        let name = entry.file_name();
        built.extend(OF_CRATES.map(|inner| format!("crates/{}/{inner}", name.to_string_lossy())));
    }
    built.retain(|path| root.join(path).exists());
    for path in &built {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    let mut status = vec!["--no-optional-locks", "status", "--porcelain", "--"];
    status.extend(built.iter().map(String::as_str));
    Some(shown(&sha, !git(&status)?.is_empty()))
}

/// Digits of a commit that are shown.
const SHORT: usize = 12;

/// Returns the first digits of a commit, with `-dirty` if the sources differ from it.
fn shown(sha: &str, is_dirty: bool) -> String {
    let dirty = if is_dirty { "-dirty" } else { "" };
    format!("{}{dirty}", sha.get(..SHORT).unwrap_or(sha))
}

/// Returns the standard output of a command without blanks around it, or `None` if it fails.
fn run(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `name version` of each library in a lock file, where a package's version follows its name.
fn libraries(lock: &str) -> Vec<String> {
    let lines: Vec<&str> = lock.lines().collect();
    let value = |line: &str, key: &str| {
        Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
    };
    let packages = lines.windows(2).filter_map(|pair| {
        let (name, version) = (value(pair[0], "name")?, value(pair[1], "version")?);
        LIBRARIES.contains(&name.as_str()).then(|| format!("{name} {version}"))
    });
    packages.collect()
}
