//! A link in an output folder leads no write out of it, and a pipeline's name neither.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::bad_input::says;
use crate::common::{karate, run, timeless, vgae};

/// Content of a foreign folder.
const PRECIOUS: &str = "precious";

fn outside(folder: &Path) -> std::path::PathBuf {
    let outside = folder.join("outside");
    std::fs::create_dir(&outside).expect("folder");
    std::fs::write(outside.join("file"), PRECIOUS).expect("file");
    outside
}

/// The folder holds its one file, as it was.
#[track_caller]
fn assert_untouched(outside: &Path) {
    let names: Vec<_> = std::fs::read_dir(outside)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    assert_eq!(names, ["file"]);
    assert_eq!(std::fs::read_to_string(outside.join("file")).expect("file"), PRECIOUS);
}

#[test]
fn links_in_the_place_of_files_are_replaced_and_what_they_lead_to_stays() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (pipeline, outside) = (karate(folder.path(), "vgae*", 3), outside(folder.path()));
    let (plain, out) = (folder.path().join("plain"), folder.path().join("out"));
    run(&pipeline, &plain, &[]);
    run(&pipeline, &out, &[]);
    let file = outside.join("file");
    let store = out.join(".vgae/store/v1");
    let stage =
        std::fs::read_dir(&store).expect("store").next().expect("a stage").expect("entry").path();
    let stored =
        std::fs::read_dir(&stage).expect("stage").next().expect("a file").expect("entry").path();
    let plot =
        std::fs::read_dir(out.join("plots")).expect("plots").next().expect("one").expect("entry");
    let targets = [
        out.join("nodes.parquet"),
        out.join("metrics.json"),
        out.join("manifest.json"),
        out.join("report.html"),
        out.join(".vgae/lock"),
        plot.path(),
        stored,
    ];
    for target in &targets {
        std::fs::remove_file(target).expect("removed");
        // A page that is not ours is refused, so that one leads nowhere.
        let is_page = target.extension().is_some_and(|end| end == "html" || end == "svg");
        let to = if is_page { folder.path().join("nowhere") } else { file.clone() };
        symlink(to, target).expect("link");
    }
    // A link to the same bytes is still a foreign file.
    std::fs::remove_file(out.join("edges.parquet")).expect("removed");
    symlink(plain.join("edges.parquet"), out.join("edges.parquet")).expect("link");

    run(&pipeline, &out, &[]);
    assert_untouched(&outside);
    assert!(!folder.path().join("nowhere").exists());
    for target in targets.iter().chain([&out.join("edges.parquet")]) {
        let data = std::fs::symlink_metadata(target).expect("there");
        assert!(data.is_file(), "{} is still a link", target.display());
    }
    assert_eq!(timeless(&out), timeless(&plain));
}

#[test]
fn links_in_the_place_of_folders_are_refused_by_name() {
    for below in [".vgae", ".vgae/store", ".vgae/store/v1", ".vgae/checkpoints", "plots"] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (pipeline, outside) = (karate(folder.path(), "gae*", 2), outside(folder.path()));
        let out = folder.path().join("out");
        let link = out.join(below);
        std::fs::create_dir_all(link.parent().expect("a folder")).expect("folders");
        symlink(&outside, &link).expect("link");
        let output = vgae().arg("run").arg(&pipeline).arg("--out").arg(&out).output().expect("ran");
        assert_eq!(output.status.code(), Some(1), "{below}");
        let link = link.display().to_string();
        says(&String::from_utf8_lossy(&output.stderr), &[&link, "a link, which is not followed"]);
        assert_untouched(&outside);
    }
}

#[test]
fn a_link_in_the_place_of_a_run_of_a_grid_is_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let outside = outside(folder.path());
    let pipeline = folder.path().join("grid.toml");
    let text =
        "[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\nepochs = 2\n[grid]\nruns = 1\n";
    std::fs::write(&pipeline, text).expect("written");
    for below in ["runs", "runs/karate-gae-star-s0"] {
        let out = folder.path().join(below.replace('/', "-"));
        let link = out.join(below);
        std::fs::create_dir_all(link.parent().expect("a folder")).expect("folders");
        symlink(&outside, &link).expect("link");
        let output = vgae().arg("run").arg(&pipeline).arg("--out").arg(&out).output().expect("ran");
        assert_eq!(output.status.code(), Some(1), "{below}");
        says(&String::from_utf8_lossy(&output.stderr), &["a link, which is not followed"]);
        assert_untouched(&outside);
    }
}

#[test]
fn the_output_folder_itself_may_be_a_link() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = karate(folder.path(), "gae*", 2);
    let (disk, out) = (folder.path().join("large-disk"), folder.path().join("out"));
    std::fs::create_dir(&disk).expect("folder");
    symlink(&disk, &out).expect("link");
    run(&pipeline, &out, &[]);
    assert!(disk.join("manifest.json").is_file());
}

#[test]
fn a_pipelines_name_is_no_way_out() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = folder.path().join("p.toml");
    for name in ["../escaped", "/escaped", "..", "a/b", ""] {
        let text =
            format!("name = {name:?}\n[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\n");
        std::fs::write(&pipeline, text).expect("written");
        let output = vgae().arg("run").arg(&pipeline).output().expect("ran");
        assert_eq!(output.status.code(), Some(2), "{name:?}");
        says(&String::from_utf8_lossy(&output.stderr), &["a name that a folder can have"]);
    }
}

#[test]
fn a_hard_link_in_the_place_of_the_lock_is_not_emptied() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (pipeline, outside) = (karate(folder.path(), "gae*", 2), outside(folder.path()));
    let out = folder.path().join("out");
    run(&pipeline, &out, &[]);
    std::fs::remove_file(out.join(".vgae/lock")).expect("removed");
    std::fs::hard_link(outside.join("file"), out.join(".vgae/lock")).expect("link");
    run(&pipeline, &out, &[]);
    assert_untouched(&outside);
}

/// The folder is replaced by a link while the training runs.
#[test]
fn an_output_folder_that_is_replaced_during_the_run_is_not_written_through() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let outside = outside(folder.path());
    let (out, moved) = (folder.path().join("out"), folder.path().join("moved"));
    let pipeline = karate(folder.path(), "gae*", 20_000);
    let run = crate::common::vgae_process()
        .arg("run")
        .arg(&pipeline)
        .arg("--out")
        .arg(&out)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("started");
    let checkpoints = out.join(".vgae/checkpoints");
    while !std::fs::read_dir(&checkpoints).is_ok_and(|files| files.count() > 0) {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    std::fs::rename(&out, &moved).expect("moved");
    symlink(&outside, &out).expect("link");
    let output = run.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_untouched(&outside);
}
