//! Shared by the tests: the binary, real graphs, run folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use vgae_artifacts::{ContentHash, Graph};
use vgae_ingest::IngestConfig;
use vgae_ingest::fetch::{Cache, FetchOptions, Registry, fetch};

/// The binary, with the caller's cache and nothing else from the environment.
pub(crate) fn vgae() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgae"));
    command.env_remove("VGAE_LOG").current_dir(root());
    command
}

/// The binary for tests that need to watch or kill it.
pub(crate) fn vgae_process() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vgae"));
    command.env_remove("VGAE_LOG").current_dir(root());
    command
}

/// Runs a pipeline into `out`, which must succeed.
pub(crate) fn run(pipeline: &Path, out: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    vgae().arg("run").arg(pipeline).arg("--out").arg(out).args(more).assert().success()
}

/// `vgae verify` must find a fault in `folder` and name it on standard output.
pub(crate) fn fails_verify(folder: &Path, fault: &str) {
    let verify = vgae().arg("verify").arg(folder).assert();
    verify.code(1).stdout(predicates::str::contains(fault.to_owned()));
}

/// A JSON file of a run.
pub(crate) fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Starts a pipeline again and again and kills it, until one ends. Ever longer lives, so that deaths fall
/// into every stage. Calls `dead` after each death, and demands a few of them.
pub(crate) fn run_through_deaths(pipeline: &Path, out: &Path, mut dead: impl FnMut()) {
    let mut deaths = 0;
    for life in (0..).map(|step| Duration::from_millis(2 + 7 * step)) {
        let mut run = vgae_process()
            .arg("run")
            .arg(pipeline)
            .arg("--out")
            .arg(out)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(life);
        if run.try_wait().expect("status").is_some_and(|status| status.success()) {
            break;
        }
        run.kill().expect("killed");
        run.wait().expect("reaped");
        deaths += 1;
        dead();
    }
    assert!(deaths > 3, "only {deaths} runs were killed: the pipeline is too short for this test");
    let left = std::fs::read_dir(out.join(".vgae/checkpoints")).expect("folder").count();
    assert_eq!(left, 0, "no checkpoint is left of a finished training");
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A real graph, fetched if need be, read once.
pub(crate) fn graph(name: &str) -> Graph {
    static READ: OnceLock<Mutex<BTreeMap<String, Graph>>> = OnceLock::new();
    // One download at a time, whatever the number of test threads.
    let mut read = READ.get_or_init(Mutex::default).lock().expect("no test panicked in here");
    read.entry(name.to_owned())
        .or_insert_with(|| {
            let cache = Cache::new(Cache::default_root().expect("a home folder"));
            let options = FetchOptions::default();
            let fetched = fetch(Registry::builtin(), name, &cache, &options, &mut ())
                .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let config = IngestConfig::dataset(name);
            let loaded = vgae_ingest::load(&config, Path::new("."), Some(&fetched));
            loaded.unwrap_or_else(|error| panic!("{name}: {error:?}")).0
        })
        .clone()
}

/// Every file of a run folder but the stored ones, by name, with its hash.
pub(crate) fn hashes(folder: &Path) -> BTreeMap<String, ContentHash> {
    std::fs::read_dir(folder)
        .expect("run folder")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().expect("file").to_string_lossy().into_owned();
            (name, ContentHash::of_file(&path).expect("readable"))
        })
        .collect()
}

/// The same without the files that hold or show wall-clock times. For the folder of a grid, those of every run, named
/// `runs/RUN/FILE`.
pub(crate) fn timeless(folder: &Path) -> BTreeMap<String, ContentHash> {
    if let Ok(runs) = std::fs::read_dir(folder.join("runs")) {
        let of_run = |run: std::fs::DirEntry| {
            let name = run.file_name().to_string_lossy().into_owned();
            let files = timeless(&run.path()).into_iter();
            files.map(move |(file, hash)| (format!("runs/{name}/{file}"), hash))
        };
        return runs.flat_map(|run| of_run(run.expect("entry"))).collect();
    }
    let mut all = hashes(folder);
    let timed = ["history.parquet", "manifest.json", "report.html"];
    all.retain(|name, _| !timed.contains(&name.as_str()));
    all
}

/// A pipeline file that trains `method` on the karate club for `epochs`.
pub(crate) fn karate(folder: &Path, method: &str, epochs: u32) -> PathBuf {
    let path = folder.join("karate.toml");
    let text = format!(
        "[data]\ndataset = \"karate\"\n[model]\nmethod = \"{method}\"\nepochs = {epochs}\n"
    );
    std::fs::write(&path, text).expect("pipeline written");
    path
}
