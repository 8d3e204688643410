//! Whatever stands under a final name is whole: the watcher of tests that kill runs or fill the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vgae_artifacts::atomic::TEMPORARY_PREFIX;
use vgae_artifacts::{ContentHash, History};
use vgae_model::Checkpoint;
use vgae_pipeline::Manifest;

/// Reads every file below an output folder and demands that it is complete: those of a run with always the
/// same bytes by their hash, stored ones by their stage's record, others by their readers. Returns how many
/// it has read.
pub(crate) fn assert_whole(out: &Path, expected: &BTreeMap<String, ContentHash>) -> usize {
    let mut read = 0;
    for path in files(out) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let key = path.strip_prefix(out).expect("below").to_string_lossy().into_owned();
        match expected.get(&key) {
            Some(hash) => {
                let found = ContentHash::of_file(&path).expect("readable");
                assert_eq!(found, *hash, "{} is torn", path.display());
            }
            None => assert_readable(&path, &name),
        }
        read += 1;
    }
    for stage in entries(&out.join(".vgae/store/v1")) {
        assert_stage_whole(&stage);
    }
    read
}

/// Checks that a cached stage has its record and every file of it, with the bytes that were written.
fn assert_stage_whole(folder: &Path) {
    let record = std::fs::read(folder.join("stage.json")).expect("a stage has its record");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("a whole record");
    let outputs = record["outputs"].as_object().expect("outputs");
    // A method that only scores pairs has no vectors to export.
    let has_no_vectors =
        record["stage"] == "export" && record["inputs"]["latent.safetensors"].is_null();
    assert!(!outputs.is_empty() || has_no_vectors, "{}", folder.display());
    for (name, file) in outputs {
        let found = ContentHash::of_file(&folder.join(name)).expect("readable").to_hex();
        assert_eq!(file["hash"], found.as_str(), "{}/{name} is torn", folder.display());
    }
}

fn assert_readable(path: &Path, name: &str) {
    let shown = path.display();
    let text = || std::fs::read_to_string(path).expect("text");
    let is = |ending| path.extension().is_some_and(|found| found == ending);
    match name {
        "history.parquet" => assert!(History::read(path).is_ok(), "{shown} is torn"),
        "manifest.json" => {
            let folder = path.parent().expect("a folder");
            assert!(Manifest::read(folder).is_ok(), "{shown} is torn");
        }
        _ if is("html") => assert!(text().trim_end().ends_with("</html>"), "{shown}"),
        _ if is("svg") => assert!(text().trim_end().ends_with("</svg>"), "{shown}"),
        _ if path.parent().is_some_and(|folder| folder.ends_with("checkpoints")) => {
            let is_whole = Checkpoint::read(path).is_ok();
            assert!(is_whole, "{shown} is torn");
        }
        // Stored files are checked by their record; the lock holds a number or nothing.
        _ => {}
    }
}

/// Every file below a folder that stands under a final name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_final = |entry: &std::fs::DirEntry| {
        !entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX)
    };
    entries.filter(is_final).map(|entry| entry.path()).collect()
}
