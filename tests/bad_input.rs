//! Whatever is wrong with the input: one paragraph, exit code 1 or 2, no panic, nothing half-written.

use std::path::Path;

use crate::common::{karate, vgae};

/// Runs the binary and expects a refusal with `code`; returns what it said.
pub(crate) fn refuse(code: i32, arguments: &[&std::ffi::OsStr]) -> String {
    let output = vgae().args(arguments).output().expect("ran");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "one paragraph: {said}");
    errors[0].to_owned()
}

pub(crate) fn run(code: i32, pipeline: &Path, out: &Path) -> String {
    let said = refuse(
        code,
        &["run".as_ref(), pipeline.as_ref(), "--out".as_ref(), out.as_ref(), "--offline".as_ref()],
    );
    assert_nothing_half_written(out);
    said
}

/// Neither a temporary file anywhere, nor a manifest that would call the run complete.
fn assert_nothing_half_written(folder: &Path) {
    assert!(!folder.join("manifest.json").exists());
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.contains("unfinished"), "{} is left", entry.path().display());
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[track_caller]
pub(crate) fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

/// A folder with a pipeline over the given edges (and nodes), as CSV text.
fn tables(edges: &str, nodes: Option<&str>, model: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("edges.csv"), edges).expect("edges");
    let mut text = "[data]\nedges = \"edges.csv\"\n".to_owned();
    if let Some(nodes) = nodes {
        std::fs::write(folder.path().join("nodes.csv"), nodes).expect("nodes");
        text.push_str("nodes = \"nodes.csv\"\n");
    }
    text.push_str(model);
    std::fs::write(folder.path().join("p.toml"), text).expect("pipeline");
    folder
}

#[track_caller]
fn refuse_tables(code: i32, edges: &str, nodes: Option<&str>, model: &str) -> String {
    let folder = tables(edges, nodes, model);
    run(code, &folder.path().join("p.toml"), &folder.path().join("out"))
}

/// A ring of `n` nodes as CSV.
fn ring(n: usize) -> String {
    let rows: Vec<String> = (0..n).map(|node| format!("{node},{}", (node + 1) % n)).collect();
    format!("src,dst\n{}\n", rows.join("\n"))
}

const STAR: &str = "[model]\nmethod = \"gae*\"\nepochs = 2\n";

#[test]
fn a_missing_pipeline() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let said = run(2, &folder.path().join("none.toml"), &folder.path().join("out"));
    says(&said, &["none.toml", "No such file"]);
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "[data]\ndataset = \"karate\"\n[model]\nlerning_rate = 0.1\n")
        .expect("written");
    let said = run(2, &path, &folder.path().join("out"));
    says(&said, &["line 4", "lerning_rate", "did you mean `learning_rate`?"]);
}

#[test]
fn no_toml_at_all() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "this is not toml").expect("written");
    says(&run(2, &path, &folder.path().join("out")), &["p.toml", "line 1"]);
}

#[test]
fn an_unknown_dataset_and_an_unknown_method() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "[data]\ndataset = \"coral\"\n").expect("written");
    says(&run(2, &path, &folder.path().join("out")), &["coral", "cora"]);
    std::fs::write(&path, "[data]\ndataset = \"karate\"\n[model]\nmethod = \"vga\"\n")
        .expect("written");
    says(&run(2, &path, &folder.path().join("out")), &["line 4", "vga", "did you mean `vgae`?"]);
}

#[test]
fn fractions_that_do_not_fit() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    for (validation, test, named) in [
        ("0.5", "0.6", "fraction"),
        ("-0.1", "0.1", "split: validation: expected a number of at least 0, below 1, found -0.1"),
        ("0.05", "1.2", "split: test: expected a number of at least 0, below 1, found 1.2"),
        (
            "nan",
            "0.1",
            "split: validation: expected a number of at least 0, below 1, found a number that is not finite",
        ),
    ] {
        let text = format!(
            "[data]\ndataset = \"karate\"\n[split]\nvalidation = {validation}\ntest = {test}\n"
        );
        std::fs::write(&path, text).expect("written");
        says(&run(2, &path, &folder.path().join("out")), &[named]);
    }
}

#[test]
fn widths_and_rates_that_make_no_sense() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    for line in ["hidden = 0", "latent = 0", "epochs = 0", "learning_rate = nan", "dropout = 1.0"] {
        let key = line.split(' ').next().expect("key");
        std::fs::write(
            &path,
            format!("[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\n{line}\n"),
        )
        .expect("written");
        says(&run(2, &path, &folder.path().join("out")), &[key]);
    }
}

#[test]
fn features_asked_of_a_graph_without() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "gae", 5);
    says(&run(2, &pipeline, &folder.path().join("out")), &["features", "gae*"]);
}

#[test]
fn a_missing_edge_list() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "[data]\nedges = \"nowhere.csv\"\n").expect("written");
    says(&run(1, &path, &folder.path().join("out")), &["nowhere.csv", "No such file"]);
}

#[test]
fn graphs_that_are_none() {
    says(&refuse_tables(1, "src,dst\n", None, STAR), &["no nodes"]);
    says(&refuse_tables(1, "", None, STAR), &["edges.csv"]);
    says(&refuse_tables(1, "src,dst\n1,1\n2,2\n", None, STAR), &["join a node to itself"]);
    says(&refuse_tables(1, "src\n1\n2\n", None, STAR), &["column"]);
}

#[test]
fn a_graph_too_small_to_split() {
    says(&refuse_tables(1, &ring(5), None, STAR), &["edges"]);
}

#[test]
fn a_graph_too_dense_for_negatives() {
    let pairs = (0..12).flat_map(|a| (a + 1..12).map(move |b| format!("{a},{b}")));
    let complete = format!("src,dst\n{}\n", pairs.collect::<Vec<_>>().join("\n"));
    says(&refuse_tables(1, &complete, None, STAR), &["pairs without an edge", "found 0"]);
}

#[test]
fn nodes_that_contradict_the_edges() {
    let nodes = "id,x\n0,1.0\n1,2.0\n";
    says(&refuse_tables(1, &ring(40), Some(nodes), STAR), &["edges.csv", "2"]);
    let twice = "id,x\n0,1.0\n0,2.0\n";
    says(&refuse_tables(1, &ring(40), Some(twice), STAR), &["nodes.csv", "0"]);
}

#[test]
fn features_that_are_no_numbers() {
    let rows: Vec<String> =
        (0..40).map(|node| format!("{node},{}", if node == 7 { "NaN" } else { "1.5" })).collect();
    let nodes = format!("id,x\n{}\n", rows.join("\n"));
    says(&refuse_tables(1, &ring(40), Some(&nodes), STAR), &["nodes.csv", "x"]);
}

#[test]
fn raw_files_that_are_damaged_or_hostile() {
    // A local folder in place of the network: what it holds is checked as any source's is.
    for (name, content) in [
        ("truncated", b"\x80\x02cscipy".as_slice()),
        ("hostile", b"cos\nsystem\n(S'touch /tmp/owned'\ntR.".as_slice()),
        ("wrong magic", b"PK\x03\x04".as_slice()),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let raw = folder.path().join("raw");
        std::fs::create_dir(&raw).expect("folder");
        std::fs::write(raw.join("ind.citeseer.x"), content).expect("file");
        let cache = folder.path().join("cache");
        let said = refuse(
            1,
            &[
                "fetch".as_ref(),
                "citeseer".as_ref(),
                "--offline".as_ref(),
                "--from".as_ref(),
                raw.as_ref(),
                "--cache".as_ref(),
                cache.as_ref(),
            ],
        );
        says(&said, &["ind.citeseer.x"]);
        assert!(!cache.join("v1/citeseer/ind.citeseer.x").exists(), "{name}");
    }
}

#[test]
fn offline_with_an_empty_cache() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "[data]\ndataset = \"cora\"\n").expect("written");
    let output = vgae()
        .arg("run")
        .arg(&path)
        .arg("--out")
        .arg(folder.path().join("out"))
        .arg("--offline")
        .arg("--cache")
        .arg(folder.path().join("cache"))
        .output()
        .expect("ran");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    says(&said, &["cora", "--from"]);
}

#[test]
fn a_damaged_artifact_of_an_earlier_stage() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let solo = folder.path().join("solo");
    vgae().args(["ingest", "--dataset", "karate"]).arg(&solo).assert().success();
    let edges = solo.join("edges.parquet");
    let whole = std::fs::read(&edges).expect("edges");
    let refuse_split = |code| refuse(code, &["split".as_ref(), solo.as_ref()]);

    for (what, bytes) in [
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("no Parquet", b"hello, this is not a table at all".to_vec()),
    ] {
        std::fs::write(&edges, bytes).expect("written");
        let said = refuse_split(1);
        says(&said, &["edges.parquet"]);
        assert!(!solo.join("split.parquet").exists(), "{what}");
    }
    // Another artifact under its name.
    std::fs::copy(solo.join("nodes.parquet"), &edges).expect("copied");
    says(&refuse_split(1), &["edges.parquet", "kind `edges`", "kind `nodes`"]);
    // Every single damaged byte: refused, or harmless, but never a panic.
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&edges, bytes).expect("written");
        let output = vgae().arg("split").arg(&solo).output().expect("ran");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "byte {at}: {said}");
        assert!(!said.contains("panicked"), "byte {at}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "gae*", 2);
    // A file where the folder should be: root may write anywhere else.
    let out = folder.path().join("file");
    std::fs::write(&out, b"").expect("written");
    let said = refuse(1, &["run".as_ref(), pipeline.as_ref(), "--out".as_ref(), out.as_ref()]);
    says(&said, &["cannot create the folder"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "gae*", 2);
    // /dev/full refuses every byte; as the log target of nothing it cannot serve, so limit the size of
    // files instead: the kernel then refuses writes as it does on a full disk.
    let out = folder.path().join("out");
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' run '{}' --out '{}'",
        env!("CARGO_BIN_EXE_vgae"),
        pipeline.display(),
        out.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().expect("bash");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    says(&said, &["error: ", "cannot write"]);
    assert_nothing_half_written(&out);
    // With room again the run goes through.
    vgae().arg("run").arg(&pipeline).arg("--out").arg(&out).assert().success();
}

#[test]
fn arguments_that_make_no_sense() {
    for arguments in [
        vec!["run"],
        vec!["fly"],
        vec!["reproduce", "--quick", "--runs", "3"],
        vec!["reproduce", "--methods", "gcn"],
        vec!["demo", "--threads", "0"],
    ] {
        let output = vgae().args(&arguments).output().expect("ran");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_folder_without_a_run() {
    let folder = tempfile::tempdir().expect("temporary folder");
    says(&refuse(1, &["verify".as_ref(), folder.path().as_ref()]), &["manifest.json"]);
}

#[test]
fn a_persons_own_file_is_never_replaced() {
    let folder = tables(&ring(60), None, STAR);
    let own = folder.path().join("edges.parquet");
    std::fs::write(&own, b"precious").expect("written");
    let pipeline = folder.path().join("p.toml");
    let here = folder.path();
    let said = refuse(2, &["run".as_ref(), pipeline.as_ref(), "--out".as_ref(), here.as_ref()]);
    says(&said, &["edges.parquet", "--out"]);
    assert_eq!(std::fs::read(&own).expect("still there"), b"precious");
    assert!(!here.join(".vgae").exists());

    // Nor by a stage alone that is given its own input's folder.
    let solo = folder.path().join("solo");
    vgae().args(["ingest", "--dataset", "karate"]).arg(&solo).assert().success();
    let edges = solo.join("edges.parquet");
    let before = std::fs::read(&edges).expect("edges");
    let said = refuse(2, &["ingest".as_ref(), solo.as_ref(), "--edges".as_ref(), edges.as_ref()]);
    says(&said, &["edges.parquet"]);
    assert_eq!(std::fs::read(&edges).expect("still there"), before);
}

/// A pipe in place of a stored file waits for a writer for ever, and a device has no end.
#[test]
#[cfg(unix)]
fn pipes_and_devices_in_place_of_stored_files_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipe = folder.path().join("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("ran").success());
    for pipeline in [pipe.as_path(), Path::new("/dev/zero")] {
        let said = run(2, pipeline, &folder.path().join("none"));
        says(&said, &["expected a regular file"]);
    }
    let out = folder.path().join("out");
    crate::common::run(&karate(folder.path(), "vgae*", 3), &out, &[]);
    let commands: [(&str, &[&str], &str); 5] = [
        ("verify", &[], "manifest.json"),
        ("report", &[], "manifest.json"),
        ("predict", &[], "latent.safetensors"),
        ("neighbors", &["--id", "1"], "nodes.parquet"),
        ("eval", &[], "split.parquet"),
    ];
    for (command, more, name) in commands {
        for target in [pipe.as_path(), Path::new("/dev/zero")] {
            let path = out.join(name);
            let kept = std::fs::read(&path).expect("there");
            std::fs::remove_file(&path).expect("removed");
            std::os::unix::fs::symlink(target, &path).expect("link");
            let run = vgae().arg(command).arg(&out).args(more).output().expect("ran");
            let said = String::from_utf8_lossy(&run.stderr).into_owned();
            assert!(
                !run.status.success() && !said.contains("panicked"),
                "{command} {name}: {said}"
            );
            std::fs::remove_file(&path).expect("removed");
            std::fs::write(&path, kept).expect("restored");
        }
    }
}

#[test]
fn requests_that_do_not_fit_are_refused_with_the_option_to_lower() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("out");
    let refused = |model: &str, expected: &[&str]| {
        let path = folder.path().join("p.toml");
        std::fs::write(&path, format!("[data]\ndataset = \"karate\"\n{model}")).expect("written");
        says(&run(2, &path, &out), expected);
    };
    refused("[model]\nmethod = \"gae*\"\nepochs = 1000000000\n", &["epochs", "1000000"]);
    refused("[run]\nthreads = 100000\n", &["threads: expected at most 4096, found 100000"]);
}

/// 69 GB of weights, in an address space of 16 GB.
#[test]
#[cfg(target_os = "linux")]
fn a_training_that_does_not_fit_into_memory_is_refused_before_it_starts() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\nhidden = 65536\nlatent = 65536\n";
    std::fs::write(folder.path().join("p.toml"), text).expect("written");
    let vgae = env!("CARGO_BIN_EXE_vgae");
    let command = format!("ulimit -v 16000000 && exec {vgae} run p.toml --out out --threads 2");
    let mut shell = std::process::Command::new("sh");
    let run = shell.args(["-c", &command]).current_dir(folder.path()).output().expect("ran");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{said}");
    says(&said, &["memory of karate-gae-star-s0", "needs at least 68.8 GB"]);
    says(&said, &["lower `hidden` (now 65536) or `latent` (now 65536)"]);
}

#[test]
fn a_run_on_files_of_ones_own_needs_no_folder_for_a_cache() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut command = vgae();
    for name in ["HOME", "XDG_CACHE_HOME", "VGAE_CACHE"] {
        command.env_remove(name);
    }
    let out = folder.path().join("out");
    command.arg("run").arg(karate(folder.path(), "vgae*", 3)).arg("--out").arg(&out);
    command.assert().success();
    let mut fetch = vgae();
    for name in ["HOME", "XDG_CACHE_HOME", "VGAE_CACHE"] {
        fetch.env_remove(name);
    }
    let refused = fetch.arg("fetch").arg("cora").assert().failure();
    refused.stderr(predicates::str::contains("set VGAE_CACHE"));
}
