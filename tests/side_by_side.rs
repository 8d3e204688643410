//! Runs of a grid side by side: the same files as one by one, whatever happens on the way.

use std::path::{Path, PathBuf};

use predicates::prelude::*;
use vgae_pipeline::{Manifest, Stage};

use crate::bad_input::{refuse, says};
use crate::common::{run, run_through_deaths, timeless, vgae};

/// A grid over the karate club, which has no features.
pub(crate) fn grid(folder: &Path, methods: &str, epochs: u32, runs: u32) -> PathBuf {
    let path = folder.join("karate.toml");
    let text = format!(
        "[data]\ndataset = \"karate\"\n[model]\nepochs = {epochs}\n[model.sc]\ndimensions = 8\n[run]\ncheckpoint_every = 20\n\
         [grid]\nmethods = [{methods}]\nruns = {runs}\n"
    );
    std::fs::write(&path, text).expect("pipeline written");
    path
}

/// The threads that each training had.
fn threads(out: &Path) -> Vec<usize> {
    let folders = std::fs::read_dir(out.join("runs")).expect("runs");
    let of = |folder: PathBuf| {
        let manifest = Manifest::read(&folder).expect("manifest");
        manifest.stage(Stage::Train).expect("trained").machine.threads
    };
    folders.map(|entry| of(entry.expect("entry").path())).collect()
}

#[test]
fn side_by_side_and_one_by_one_write_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = grid(folder.path(), r#""gae*", "vgae*", "sc", "dw""#, 40, 2);
    let out = |threads: &str| folder.path().join(threads);
    let said = |threads| run(&pipeline, &out(threads), &["--threads", threads]);
    said("1")
        .stderr(predicate::str::contains("run 1 of 8 name=\"karate-gae-star-s0\""))
        .stderr(predicate::str::contains("run 8 of 8 done name=\"karate-dw-s1\" left="))
        .stderr(predicate::str::contains("run{name=\"karate-dw-s1\"}: random walks"));
    let expected = timeless(&out("1"));
    assert_eq!(std::fs::read_dir(out("1").join("runs")).expect("runs").count(), 8);
    assert_eq!(threads(&out("1")), [1; 8]);
    for several in ["2", "4"] {
        said(several);
        assert_eq!(timeless(&out(several)), expected, "{several} threads");
        let most = several.parse().expect("a number");
        let threads = threads(&out(several));
        assert!(threads.contains(&1) && threads.iter().all(|own| (1..=most).contains(own)));
    }

    // What is damaged is made again: what one run has, and what all share.
    let damaged = ["karate-sc-s1/latent.safetensors", "karate-gae-star-s0/nodes.parquet"];
    for file in damaged {
        std::fs::write(out("4").join("runs").join(file), b"no more").expect("damaged");
    }
    said("4").stderr(predicate::str::contains("damaged").count(2));
    assert_eq!(timeless(&out("4")), expected);
    said("4").stderr(predicate::str::contains("unchanged").count(8));
    vgae().arg("verify").arg(out("4")).assert().success();
}

#[test]
fn a_killed_grid_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = grid(folder.path(), r#""gae*", "vgae*""#, 400, 2);
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    run(&pipeline, &whole, &["--threads", "1"]);
    run_through_deaths(&pipeline, &killed, || {});
    assert_eq!(timeless(&killed), timeless(&whole));
}

#[test]
fn a_run_that_fails_is_named_and_the_finished_ones_stay() {
    let folder = tempfile::tempdir().expect("temporary folder");
    // More dimensions than the club has members.
    let pipeline = grid(folder.path(), r#""gae*", "sc", "vgae*""#, 200, 2);
    let text = std::fs::read_to_string(&pipeline).expect("pipeline");
    let text = text.replace("dimensions = 8", "dimensions = 80");
    std::fs::write(&pipeline, text).expect("pipeline written");
    let out = folder.path().join("out");
    let arguments = ["run".as_ref(), pipeline.as_ref(), "--out".as_ref(), out.as_os_str()];
    let said = refuse(1, &[&arguments[..], &["--threads".as_ref(), "2".as_ref()]].concat());
    says(&said, &["karate-sc-s0: train failed", "dimensions"]);
    for name in ["karate-gae-star-s0", "karate-gae-star-s1"] {
        assert!(out.join("runs").join(name).join("manifest.json").exists(), "{name}");
    }
    assert!(!out.join("runs/karate-sc-s0/manifest.json").exists());
    assert!(!out.join("runs/karate-vgae-star-s1").exists(), "no run starts after a failure");
    assert!(!out.join("summary.parquet").exists());
}
